"""A number that opens what it counts: its address, how an address names it, and what it counts in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from app.errors import Invalid, Problem
from app.funnel.stage import STAGES, Stage
from app.i18n import _, number
from app.measurement.credit import Rule
from app.reports.funnel_split import Split
from app.reports.listing import Cell, CreditCell, Odd, OddCell, Part, PartOfStage, PathCell, RowCell, StageCell
from app.reports.names import came_to_stage, model_name, stage_name
from app.reports.paths import Touches
from app.web.pages.visit import Visit

T = TypeVar("T")

ROWS = {kind: kind for kind in ("known", "unknown", "partly_traced", "unmatched")}
KINDS = {**ROWS, **{kind: kind for kind in ("untraced", "fitting", "unexplained", "nameless")}}
OF_THE_CELL = ("row", "key", "part", "at", "rest", "way", "credit", "odd", "observed", "seen", "sort", "first",
               "beside", "split", "columns")  # fmt: skip
"""What an address says of the number and of the list; the rest is the report's question."""


UNSEEN = "…"


@dataclass(frozen=True, slots=True)
class Counted:
    """A number, and where the applications stand that it counts."""

    n: str
    address: str | None


def counted_address(visit: Visit, cell: Cell, **limits: object) -> str:
    """Where the applications are listed that this number of the page's report counts; `limits` are what it is limited
    by besides what the page is, and `seen` the report that it stands in where the cell does not say."""
    asked = {name: said for name, said in visit.asked.items() if name not in OF_THE_CELL}
    return visit.address("/applications", **{**asked, **limits, **name_cell(cell)})


def count_cell(visit: Visit, n: int, cell: Cell, **limits: object) -> Counted:
    """A number that opens what it counts; none opens nothing. Whoever may not see small counts sees none."""
    if not visit.sees_small_counts:
        return Counted(UNSEEN, None)
    return Counted(number(n), counted_address(visit, cell, **limits) if n else None)


def name_cell(cell: Cell) -> dict[str, str]:
    """A cell as an address names it."""
    match cell:
        case RowCell():
            return {"row": cell.kind or "", "key": cell.key, "part": cell.part.value}
        case StageCell():
            return {"at": cell.at.slug, "part": cell.part.value, "rest": cell.unknown.value if cell.unknown else ""}
        case PathCell():
            return {"way": cell.way, "touches": cell.touches.value, "part": cell.part.value}
        case CreditCell():
            return {"credit": cell.rule.value, "touches": cell.touches.value, "row": cell.kind, "key": cell.key}
        case OddCell():
            return {"odd": cell.odd.value, "observed": cell.observed}


def read_cell(asked: Mapping[str, str]) -> Cell:
    """The cell that an address names. Raises Invalid, naming each word that is none of ours."""
    problems: list[Problem] = []

    def read(name: str, known: Mapping[str, T], otherwise: T) -> T:
        text = asked.get(name)
        if text is not None and text not in known:
            wrong = _("“%(text)s” is none of %(known)s.", text=text, known=", ".join(known))
            problems.append(Problem(name, wrong))
        return otherwise if text is None else known.get(text, otherwise)

    cell = _read_cell(asked, read)
    if problems:
        raise Invalid(problems)
    return cell


def _read_cell(asked: Mapping[str, str], read: Callable[..., Any]) -> Cell:
    parts, touches = {part.value: part for part in Part}, {one.value: one for one in Touches}
    if "odd" in asked:
        return OddCell(read("odd", {odd.value: odd for odd in Odd}, Odd.CODE), asked.get("observed", ""))
    if "credit" in asked:
        rule = read("credit", {rule.value: rule for rule in Rule}, Rule.ANY)
        return CreditCell(
            rule, read("touches", touches, Touches.STAGE), read("row", ROWS, "known"), asked.get("key", "")
        )
    if "way" in asked:
        return PathCell(asked["way"], read("touches", touches, Touches.STAGE), read("part", parts, Part.APPLIED))
    if "at" in asked:
        of_stage = {part.value: part for part in PartOfStage}
        unknown = read("rest", {split.value: split for split in Split}, None)
        return StageCell(read("at", STAGES, Stage.APPLIED), read("part", of_stage, PartOfStage.REACHED), unknown)
    return RowCell(read("part", parts, Part.APPLIED), read("row", KINDS, None), asked.get("key", ""))


def way_back(visit: Visit, cell: Cell) -> tuple[str, str]:
    """The report that the number stands in, as it was asked."""
    asked = {name: said for name, said in visit.asked.items() if name not in OF_THE_CELL}
    match visit.asked.get("seen") or _report_of(cell):
        case "today":
            return _("Today"), visit.address("/")
        case "checks":
            return _("Are the numbers in order?"), visit.address("/checks")
        case "sources":
            return _("Sources"), visit.address("/data/sources")
        case "vacancy":
            return _("Vacancy"), visit.address(f"/jobs/{asked.get('vacancy', '')}")
        case "monthly":
            return _("Months"), visit.address("/monthly")
        case "forecasts":
            return _("Forecasts"), visit.address("/forecasts", by=asked.get("by"), stage=asked.get("stage"))
        case "unknown":
            return _("Not known"), visit.address("/unknown", **asked)
        case "funnel":
            return _("Funnel"), visit.address("/funnel", **asked)
        case "paths":
            return _("Paths"), visit.address("/paths", **asked)
        case _:
            return _("Verdicts"), visit.address("/verdicts", **asked)


def _report_of(cell: Cell) -> str:
    return {StageCell: "funnel", PathCell: "paths", CreditCell: "paths", OddCell: "today"}.get(type(cell), "verdicts")


def counted_words(cell: Cell, stage: Stage, n: int) -> str:
    """What a number of applications did, as far as it is why they are counted."""
    return _("%(n)s %(did)s.", n=number(n), did=_did(cell, stage))


def _did(cell: Cell, stage: Stage) -> str:
    match cell:
        case StageCell():
            return _did_at_stage(cell.part, cell.at)
        case CreditCell():
            return _("%(came)s and met it on the way, as “%(model)s” counts",
                     came=came_to_stage(stage), model=model_name(cell.rule.value))  # fmt: skip
        case OddCell():
            return {
                Odd.CODE: _("came with a code that no placement has"),
                Odd.LABEL: _("name a source that has no meaning yet"),
                Odd.HOST: _("came from a site that has no meaning yet"),
                Odd.UNMAPPED: _("were in a stage whose meaning nobody has given"),
            }[cell.odd]
        case RowCell() | PathCell():
            return _did_before(cell.part, stage)


def _did_before(part: Part, at: Stage) -> str:
    name = stage_name(at)
    return {
        Part.APPLIED: came_to_stage(Stage.APPLIED),
        Part.REACHED: came_to_stage(at),
        Part.OUT: _("went out before “%(stage)s”", stage=name),
        Part.PENDING: _("neither came to “%(stage)s” nor went out so far", stage=name),
    }[part]


def _did_at_stage(part: PartOfStage, at: Stage) -> str:
    name = stage_name(at)
    return {
        PartOfStage.REACHED: came_to_stage(at),
        PartOfStage.PASSED: _("came to “%(stage)s” and went on from there", stage=name),
        PartOfStage.PENDING: _("came to “%(stage)s” and neither moved on nor went out so far", stage=name),
        PartOfStage.WITHDRAWN: _("withdrew at “%(stage)s”", stage=name),
        PartOfStage.REJECTED: _("were rejected at “%(stage)s”", stage=name),
        PartOfStage.ARRIVED: _("came to “%(stage)s” and did not go out", stage=name),
    }[part]
