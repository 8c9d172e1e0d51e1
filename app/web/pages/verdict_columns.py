"""The columns of the verdicts, words before numbers: which are shown, what each sorts by, what files hold of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.funnel.stage import Stage
from app.i18n import _, number
from app.reports.answers import Row
from app.reports.names import stage_name
from app.reports.reason_words import reason_sentence
from app.reports.scope import Scope
from app.reports.wording import verdict_words
from app.reports.workbook import Value
from app.web.pages.columns import SEPARATOR, choose_columns


@dataclass(frozen=True, slots=True)
class Kind:
    """What there is to know of a column. `sort` is its order when first followed; in a file it has a column for each
    of `heads`, filled from a row by `cells`."""

    name: str
    title: str
    sort: str | None
    numeric: bool
    heads: Sequence[str]
    cells: Callable[[Row], Sequence[Value]]
    shares: bool = False
    """Whether its numbers are shares."""
    usual: bool = True


HIRED = "hired"


def kinds(scope: Scope) -> list[Kind]:
    """Every column that the verdicts can show, in their order; who was hired is no second column of its own stage."""
    return [kind for kind in _every(scope) if kind.name != HIRED or scope.stage is not Stage.HIRED]


def choose_kinds(scope: Scope, asked: str | None) -> list[Kind]:
    """The columns that an address asks for. Raises Invalid for one that is not there."""
    if asked and scope.stage is Stage.HIRED:
        asked = SEPARATOR.join("reached" if name == HIRED else name for name in asked.split(SEPARATOR))
    return choose_columns(kinds(scope), asked)


def _every(scope: Scope) -> list[Kind]:
    stage, range_ = stage_name(scope.stage), (_("low"), _("high"))
    cost = _("Cost in the period") if scope.from_ or scope.to else _("Cost")
    return [
        Kind("verdict", _("Verdict"), None, False, [_("Verdict"), _("Why"), _("One application would turn it")],
             lambda row: _verdict(row, scope.stage)),
        Kind("cost", cost, "-cost", True, [cost, _("Currency")], cost_cells),
        Kind("applied", stage_name(Stage.APPLIED), "-applications", True, [stage_name(Stage.APPLIED)],
             lambda row: [row.applications]),
        Kind("reached", stage, "-reached", True, [stage], lambda row: [row.reached]),
        Kind("pending", _("Pending"), "-pending", True, [_("Pending")], lambda row: [row.pending], usual=False),
        Kind("out", _("Out"), "-out", True, [_("Out")], lambda row: [row.out], usual=False),
        Kind("expected", _("In the end"), "-expected_reached", True, _ranged(_("In the end"), range_),
             lambda row: _range(row.expected_reached)),
        Kind(HIRED, stage_name(Stage.HIRED), "-hired", True, [stage_name(Stage.HIRED)], lambda row: [row.hired]),
        Kind("share", _("Share within %(days)s days", days=number(scope.horizon_days)), "-conversion", False,
             _ranged(_("Share within %(days)s days", days=number(scope.horizon_days)), range_),
             lambda row: _range(row.conversion), shares=True, usual=False),
        Kind("change", _("Against comparable applicants"), "-lift", False,
             _ranged(_("Against comparable applicants"), range_),
             lambda row: _range(row.lift) if row.lift else [None] * 3, shares=True),
        Kind("brought", _("More than without it"), None, True, _ranged(_("More than without it"), range_),
             lambda row: _range(row.brought), usual=False),
        Kind("per_reached", _("Attributed cost of each"), "-cost_per_reached", True,
             _ranged(_("Attributed cost of each"), range_), _cost_per, usual=False),
    ]  # fmt: skip


def _ranged(title: str, ends: Sequence[str]) -> list[str]:
    return [title, *(f"{title}, {end}" for end in ends)]


def _range(one: object) -> list[Value]:
    return [getattr(one, name) for name in ("estimate", "low", "high")]


def cost_cells(row: Row) -> list[Value]:
    """The amount, where it is in one currency; several are written beside each other."""
    if len(row.costs) == 1:
        return [float(row.costs[0].amount), row.costs[0].currency]
    return [" + ".join(cost.amount for cost in row.costs) or None, " + ".join(cost.currency for cost in row.costs)]


def _cost_per(row: Row) -> list[Value]:
    per = row.cost_per_reached
    return [None if amount is None else float(amount) for amount in (per.estimate, per.low, per.high)]


def _verdict(row: Row, stage: Stage) -> list[Value]:
    why = reason_sentence(row.reason.code, row.reason.params, stage, row.lift) if row.reason else ""
    turned = (_("yes") if row.turned_by_one else _("no")) if row.verdict in ("moved", "did_not_move") else None
    return [str(verdict_words(row)), why, turned]
