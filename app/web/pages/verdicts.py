"""Verdicts: after which ads doctors went further, row by row, with what is unknown always in sight."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.funnel.stage import Stage
from app.i18n import _, ngettext, number, percent
from app.reports.answers import Effectiveness, Row
from app.reports.brought_words import brought_words
from app.reports.cost_words import CostSum, sum_by_currency, total_cost
from app.reports.effectiveness import report_effectiveness
from app.reports.figures import forest
from app.reports.hire_words import find_at_hire, hire_finding
from app.reports.listing import Part, RowCell
from app.reports.names import by_name, persona_says, quotable
from app.reports.ordering import order_rows
from app.reports.question import PARAMETERS
from app.reports.reason_words import reason_sentence
from app.reports.scope import By, Scope
from app.reports.tally import tally, unsteady_words
from app.reports.tracing_words import traced_finding, untraced_among_chosen
from app.reports.wording import (
    Verdict,
    cost_per_words,
    one_sided_words,
    question,
    verdict_words,
    verdicts_finding,
    whole_range,
    why_words,
)
from app.reports.workbook import Sheet
from app.web.pages.asking import with_bar
from app.web.pages.beside import beside_notes, beside_select, beside_view, set_beside
from app.web.pages.chart import make_chart
from app.web.pages.columns import column_form, go_to_chosen
from app.web.pages.counted import Counted, count_cell
from app.web.pages.data_line import data_line, partial_says
from app.web.pages.files import file_links, sheet_file, sheet_notes
from app.web.pages.filters import FilterBar, by_select, filter_bar, stage_select
from app.web.pages.interval import Interval, lift_interval, share_interval
from app.web.pages.row_pages import row_address, why_address
from app.web.pages.sorting import Head, find_order, sort_head
from app.web.pages.verdict_columns import HIRED, Kind, choose_kinds, kinds
from app.web.pages.verdicts_before import Before, before_cells, before_heads, before_says, before_words, find_before
from app.web.pages.visit import Visit, answer
from app.web.waiting import with_waiting

router = APIRouter(include_in_schema=False)

MOST_NAMED = 4
ROWS = "rows"
"""Where the table stands on its page."""
VERDICTS = ("moved", "cannot_tell", "did_not_move", None)


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One line of the table, every cell in words."""

    label: str
    address: str | None
    code: str | None
    traced: bool
    costs: Sequence[CostSum]
    cost_note: str
    applied: Counted
    reached: Counted
    pending: Counted | None
    out: Counted | None
    hired: Counted | None
    in_the_end: str
    foreseen: bool
    share: Interval | None
    change: Interval | None
    one_sided: str
    why: str
    """Where it is explained; empty for what is not judged."""
    per_reached: str
    verdict: Verdict
    reason: str
    brought: str
    brought_why: str
    before: str
    """The same row in what the question is set beside."""
    idle: bool


@router.get("/verdicts")
def verdicts(request: Request) -> Response:
    """After which ads doctors went further."""

    def make(visit: Visit) -> Response:
        scope = visit.question()
        if chosen := go_to_chosen(visit, kinds(scope)):
            return chosen
        found = with_waiting(visit.session, report_effectiveness(visit.session, scope))
        beside = set_beside(visit, scope)
        view = verdicts_view(visit, scope, found, find_before(visit, beside))
        view["beside"] = beside_view(visit, beside)
        view["hires"] = hire_finding(found, find_at_hire(visit.session, scope, found))
        return visit.page("verdicts.html", view)

    return answer(request, with_bar(make, _bar))


@router.get("/verdicts.csv")
def verdicts_file(request: Request) -> Response:
    """What the page shows, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "verdicts.csv", _sheet(visit)))


@router.get("/verdicts.xlsx")
def verdicts_workbook(request: Request) -> Response:
    """What the page shows, as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "verdicts.xlsx", _sheet(visit)))


def _sheet(visit: Visit) -> Sheet:
    scope = visit.question()
    found = report_effectiveness(visit.session, scope)
    beside = set_beside(visit, scope)
    before = find_before(visit, beside)
    sheet = verdicts_sheet(visit, scope, found, hire_finding(found, find_at_hire(visit.session, scope, found)), before)
    return replace(sheet, notes=[*sheet.notes, *beside_notes(beside)])


def verdicts_view(visit: Visit, scope: Scope, found: Effectiveness, before: Before | None = None) -> dict[str, Any]:
    """All that the page shows."""
    sort = visit.asked.get("sort")
    columns = choose_kinds(scope, visit.asked.get("columns"))
    finding = verdicts_finding(found, scope.by, scope.stage)
    chosen = {kind.name for kind in columns}
    rows = [_row(visit, scope, row, chosen, before) for row in sort_rows(found, sort)]
    idle = [row for row in rows if row.idle]
    costs, costs_say = total_cost(found)
    return {
        "title": question(scope.by, scope.stage),
        "findings": [finding, movers_finding(found), unsteady_words(found), traced_finding(found)],
        "moved": moved_says(),
        "data_line": data_line(visit, found.data, scope),
        "partial": partial_says(found.data),
        "bar": _bar(visit, scope),
        "beside": None,
        "before": before_says(before, found),
        "label": sort_head(visit, "label", by_name(scope.by), numeric=False, at=ROWS),
        "heads": [_head(visit, kind) for kind in columns],
        "columns": column_form(visit, kinds(scope), columns),
        "known": [row for row in rows if row.traced and not row.idle],
        "idle": idle,
        "idle_says": idle_says(found, len(idle)),
        "rest": [row for row in rows if not row.traced],
        "level": percent(scope.level),
        "totals": _totals(visit, found),
        "total_cost": costs,
        "total_says": costs_say,
        "total_expected": _expected_in_all(found),
        "hires": "",
        "at_hire": visit.same_address(stage=Stage.HIRED.slug),
        "cost_says": cost_says(scope),
        "one_ad": one_ad_says(scope, found),
        "beside_funnel": beside_funnel_says(scope),
        "overlap": _overlap(found),
        "any_of_them": untraced_among_chosen(found),
        "forecasts": visit.address("/forecasts", stage=visit.asked.get("stage")),
        "paths": visit.address("/paths", **_asked(visit)),
        "unknown": visit.address("/unknown", **visit.asked_again()),
        "files": file_links(visit, "/verdicts"),
        "chart": make_chart("forest", forest(found, forest_title(found)), finding, "rows", found.totals.applications),
    }


def beside_funnel_says(scope: Scope) -> str:
    """Why the funnel may say another thing of the same row, and whom a persona's row counts."""
    said = _("The funnel sets each row beside all applicants as they are. A verdict sets it beside comparable "
             "applicants of other ads, so the two can differ.")  # fmt: skip
    return f"{persona_says()} {said}" if scope.by is By.PERSONA else said


def one_ad_says(scope: Scope, found: Effectiveness) -> str:
    """Why a row of one ad can show another change than that ad among the placements; empty where there is none."""
    alone = [row.label for row in found.rows if row.placements == 1 and row.lift and row.lift.estimate is not None]
    if scope.by is By.PLACEMENT or not alone:
        return ""
    return _("A row of one ad only, such as “%(name)s”, can show another change here than that ad has among the "
             "placements, for nearly the same applicants: each list draws results toward what its own rows show.",
             name=quotable(alone[0]))  # fmt: skip


def idle_says(found: Effectiveness, n: int) -> str:
    """What stands over the rows that did not run: those that ran at other times, or are yet to run."""
    if any(row.begun for row in found.rows if row.is_idle):
        return _("Did not run in this period: %(n)s", n=number(n))
    return _("Planned, not run yet: %(n)s", n=number(n))


def cost_says(scope: Scope) -> str:
    """Which cost is meant where a period is asked about; empty where none is."""
    if scope.from_ is None and scope.to is None:
        return ""
    return _("Costs are those of the days in this period: each cost is spread over the days that its placement "
             "runs. Whoever applied in the period may have met an ad that ran before it.")  # fmt: skip


def _asked(visit: Visit) -> dict[str, str]:
    return {name: said for name, said in visit.asked.items() if name in PARAMETERS}


def _bar(visit: Visit, scope: Scope) -> FilterBar:
    own = (by_select(scope), stage_select(visit, scope))
    return filter_bar(visit, scope, *own, last=[beside_select(visit)], keep=["sort", "columns"])


def verdicts_sheet(visit: Visit, scope: Scope, found: Effectiveness, hires: str, before: Before | None = None) -> Sheet:
    """The table as it is seen: its columns, its order, and above it what it says and what was asked."""
    columns = choose_kinds(scope, visit.asked.get("columns"))
    shares = [kind.shares for kind in columns for _head in kind.heads]
    shares += [head == 2 for head in range(len(before_heads(before)))]
    finding = verdicts_finding(found, scope.by, scope.stage)
    said = [
        finding,
        unsteady_words(found),
        moved_says(),
        hires,
        traced_finding(found),
        _overlap(found),
        cost_says(scope),
    ]
    return Sheet(
        title=question(scope.by, scope.stage),
        notes=sheet_notes(said, data_line(visit, found.data, scope), _bar(visit, scope).limits),
        heads=[by_name(scope.by), *(head for kind in columns for head in kind.heads), *before_heads(before)],
        rows=[
            [row.label, *(cell for kind in columns for cell in kind.cells(row)), *before_cells(before, row)]
            for row in sort_rows(found, visit.asked.get("sort"))
        ],
        shares=frozenset(number for number, share in enumerate(shares, 1) if share),
    )


def moved_says() -> str:
    """What the word of the question says, and what it leaves open."""
    return _("“Moved” means that applicants who met an ad went further than comparable applicants of other ads. "
             "Whether the ad caused that, only an experiment shows.")  # fmt: skip


def movers_finding(found: Effectiveness) -> str:
    """Which rows moved people, by name, the surest first."""
    movers = [row for row in found.rows if row.verdict == "moved"]
    movers.sort(key=lambda row: -(row.lift.probability_better or 0) if row.lift else 0)
    names = ", ".join(_("“%(name)s”", name=quotable(row.label)) for row in movers[:MOST_NAMED])
    if len(movers) > MOST_NAMED:
        return _("Among them %(names)s.", names=names)
    return _("Moved: %(names)s.", names=names) if movers else ""


def forest_title(found: Effectiveness) -> str:
    """The finding over the forest plot."""
    counts = tally(found)
    if not counts.moved and not counts.did_not_move:
        return _("No verdict stands yet: every bar is still too wide")
    stand = counts.moved + counts.did_not_move
    if stand == counts.judged:
        return ngettext("The only verdict stands", "Each of the %(n)s verdicts stands", stand)
    return _(
        "%(n)s of %(all)s verdicts stand; the wide bars are still open", n=number(stand), all=number(counts.judged)
    )


def sort_rows(found: Effectiveness, sort: str | None) -> list[Row]:
    """The rows in the order asked, else by verdict and applicants; what cannot be traced comes after what can, and what
    did not run stays last."""
    if sort is not None:
        return sorted(order_rows(found, sort).rows, key=lambda row: row.is_idle)
    return sorted(
        found.rows,
        key=lambda row: (row.is_idle, row.row != "known", VERDICTS.index(row.verdict), -row.applications),
    )


def _head(visit: Visit, kind: Kind) -> Head:
    if kind.name == "verdict":
        order = "" if visit.asked.get("sort") else "other"
        return Head(kind.name, kind.title, f"{visit.same_address(sort=None)}#{ROWS}", order, kind.numeric)
    address, order = ("", "") if kind.sort is None else find_order(visit, kind.sort)
    return Head(kind.name, kind.title, f"{address}#{ROWS}" if address else None, order, kind.numeric)


def _row(visit: Visit, scope: Scope, row: Row, shown: Collection[str], before: Before | None) -> VerdictRow:
    """A line of the table; what is costly to say is said of the columns that are shown."""
    expected = row.expected_reached
    foreseen = expected.estimate is not None
    return VerdictRow(
        label=row.label,
        address=row_address(visit, scope.by, row.row, row.key),
        code=row.code,
        traced=row.row == "known",
        costs=sum_by_currency(row.costs),
        cost_note="" if row.in_period or row.is_idle else _("did not run in this period"),
        applied=_counted(visit, row, row.applications, Part.APPLIED),
        reached=_counted(visit, row, row.reached, Part.REACHED),
        pending=_counted(visit, row, row.pending, Part.PENDING) if "pending" in shown else None,
        out=_counted(visit, row, row.out, Part.OUT) if "out" in shown else None,
        hired=_hired(visit, row) if HIRED in shown else None,
        in_the_end="" if row.is_idle else whole_range(expected) if foreseen else why_words(expected.why),
        foreseen=foreseen,
        share=share_interval(row.conversion, row.applications, row.pending) if "share" in shown else None,
        change=None if row.is_idle else lift_interval(row.lift, row.verdict, row.reason.code if row.reason else None),
        one_sided=one_sided_words(row.lift, row.verdict, row.reason.code if row.reason else None),
        why=why_address(visit, scope.by, row.key) if row.row == "known" else "",
        per_reached=cost_per_words(row.cost_per_reached) if "per_reached" in shown else "",
        verdict=verdict_words(row),
        reason=reason_sentence(row.reason.code, row.reason.params, scope.stage, row.lift)
        if row.reason and not row.is_idle
        else "",
        brought=brought_words(row.brought) if "brought" in shown else "",
        brought_why=row.brought.reason.text if row.brought.reason else "",
        before=before_words(before, row),
        idle=row.is_idle,
    )


def _counted(visit: Visit, row: Row, n: int, part: Part) -> Counted:
    return count_cell(visit, n, RowCell(part, row.row, row.key or ""))


def _hired(visit: Visit, row: Row) -> Counted | None:
    """How many were hired, opened as those who reached that stage; none where no system speaks of hires."""
    if row.hired is None:
        return None
    return count_cell(visit, row.hired, RowCell(Part.REACHED, row.row, row.key or ""), stage=Stage.HIRED.slug)


def _totals(visit: Visit, found: Effectiveness) -> dict[str, Counted]:
    totals = found.totals
    counts = {"applied": (totals.applications, Part.APPLIED), "reached": (totals.reached, Part.REACHED),
              "pending": (totals.pending, Part.PENDING), "out": (totals.out, Part.OUT)}  # fmt: skip
    cells = {name: count_cell(visit, n, RowCell(part)) for name, (n, part) in counts.items()}
    if totals.hired is not None:
        cells[HIRED] = count_cell(visit, totals.hired, RowCell(Part.REACHED), stage=Stage.HIRED.slug)
    return cells


def _expected_in_all(found: Effectiveness) -> str:
    expected = found.expected_reached
    if expected is None:
        return ""
    return why_words(expected.why) if expected.estimate is None else whole_range(expected)


def _overlap(found: Effectiveness) -> str:
    """What it means for the numbers that some belong to several rows; of those rows one may be left out by a filter,
    and then the others add up."""
    if not found.shared:
        return ""
    came = (
        ngettext("%(n)s application came through an ad for several of these.",
                 "%(n)s applications came through ads for several of these.", found.shared)
        if found.scope.get("by") == By.PERSONA
        else ngettext("%(n)s application came through an ad that carries several of these.",
                      "%(n)s applications came through ads that carry several of these.", found.shared)
    )  # fmt: skip
    total = found.totals.applications
    twice = _("Each is counted in every row that its ad belongs to, so rows share applicants and do not add up to the "
              "total of %(total)s.", total=number(total))  # fmt: skip
    alone = _("The verdicts leave these out, since nobody can be compared with themselves: they rest on fewer people "
              "than the rows count.")  # fmt: skip
    adds_up = sum(row.applications for row in found.rows) == total
    return " ".join([came, alone] if adds_up else [came, twice, alone])
