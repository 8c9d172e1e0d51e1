"""Funnel: where our doctors are and where they stop, a bar for each stage."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.funnel.stage import STAGES, Stage
from app.i18n import _, ngettext, number, percent
from app.measurement.incidence import FEWEST_FOR_NORMAL
from app.reports.answers import DaysToStage, Funnel, StageRow
from app.reports.figures import incidence
from app.reports.funnel import report_funnel
from app.reports.funnel_split import Split
from app.reports.listing import PartOfStage, StageCell
from app.reports.names import came_to_stage, not_recorded_words, stage_name, view_name
from app.reports.scope import Scope, View
from app.reports.wording import funnel_finding
from app.reports.workbook import Sheet, Value
from app.web.pages.asking import with_bar
from app.web.pages.beside import beside_notes, beside_select, beside_view, find_other_stages, set_beside, stages_beside
from app.web.pages.chart import counted_words, make_chart
from app.web.pages.columns import go_to_chosen
from app.web.pages.counted import Counted, count_cell
from app.web.pages.data_line import data_line, partial_says
from app.web.pages.files import file_links, sheet_file, sheet_notes
from app.web.pages.filters import FilterBar, filter_bar, stage_select
from app.web.pages.funnel_shares import TABLE_DAYS, is_unheard, share_table
from app.web.pages.funnel_split import read_split, split_columns, split_select, split_sheet, split_view
from app.web.pages.interval import Interval, share_interval
from app.web.pages.sorting import SORT
from app.web.pages.visit import Visit, answer
from app.web.waiting import with_waiting

router = APIRouter(include_in_schema=False)

STAYED = (PartOfStage.PENDING, PartOfStage.WITHDRAWN, PartOfStage.REJECTED)
Count: TypeAlias = Callable[[int, StageCell], Counted]
KINDS = ("passed", "pending", "withdrawn", "rejected")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar: from where to where, in per cent of the longest."""

    kind: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage: how many came, what became of them, and what share of those before came."""

    name: str
    count: Counted
    summary: str
    parts: Sequence[Part]
    cells: Sequence[Counted]
    conversion: Interval | None
    wait: str


@dataclass(frozen=True, slots=True)
class Switch:
    """One way of counting, and where it is shown."""

    name: str
    address: str
    chosen: bool


@router.get("/funnel")
def funnel(request: Request) -> Response:
    """Where doctors are and where they stop."""

    def make(visit: Visit) -> Response:
        scope = visit.question()
        if chosen := go_to_chosen(visit, split_columns(visit)):
            return chosen
        found = with_waiting(visit.session, report_funnel(visit.session, scope))
        beside = set_beside(visit, scope)
        split = split_view(visit, scope, read_split(visit)) if scope.view is View.COHORT else None
        view = funnel_view(visit, scope, found) | {
            "beside": beside_view(visit, beside),
            "stages_beside": stages_beside(visit, beside, found),
            "split": split,
            "split_first": visit.asked.get("split", Split.PERSONA.value) != Split.PERSONA.value,
        }
        if split:
            view["findings"].append(split["finding"])
        return visit.page("funnel.html", view)

    return answer(request, with_bar(make, lambda visit, scope: _filters(visit, scope, Split.PERSONA)))


@router.get("/funnel.csv")
def funnel_file(request: Request) -> Response:
    """What the page shows of the stages, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "funnel.csv", _sheet(visit)))


@router.get("/funnel.xlsx")
def funnel_workbook(request: Request) -> Response:
    """What the page shows of the stages, as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "funnel.xlsx", _sheet(visit)))


@router.get("/funnel/split.csv")
def split_file(request: Request) -> Response:
    """Where each persona, or whatever else is chosen, stops, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "split.csv", split_sheet(visit, visit.question())))


@router.get("/funnel/split.xlsx")
def split_workbook(request: Request) -> Response:
    """The same as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "split.xlsx", split_sheet(visit, visit.question())))


def _sheet(visit: Visit) -> Sheet:
    scope = visit.question()
    sheet = funnel_sheet(visit, scope, report_funnel(visit.session, scope))
    beside = set_beside(visit, scope)
    sheet = replace(sheet, notes=[*sheet.notes, *beside_notes(beside)])
    return _with_other(sheet, *other) if (other := find_other_stages(visit, beside)) else sheet


def _with_other(sheet: Sheet, name: str, other: Mapping[str, StageRow]) -> Sheet:
    """The same with the other side's numbers in columns of their own."""
    came, share = f"{_('Came')}: {name}", f"{_('Of those before')}: {name}"
    first, stages = len(sheet.heads), {stage_name(STAGES[slug]): row for slug, row in other.items()}
    ends = (_("low"), _("high"))
    return replace(
        sheet,
        heads=[*sheet.heads, came, share, *(f"{share}, {end}" for end in ends)],
        rows=[[*row, *_other_cells(stages[str(row[0])])] for row in sheet.rows],
        shares=sheet.shares | {first + 1, first + 2, first + 3},
    )


def _other_cells(row: StageRow) -> list[Value]:
    before = row.conversion_from_previous
    is_first = row.stage == Stage.APPLIED.slug
    return [row.reached, *([None] * 3 if is_first else [before.estimate, before.low, before.high])]


def funnel_sheet(visit: Visit, scope: Scope, found: Funnel) -> Sheet:
    """The stages that some system speaks of, with the share of those before who came."""
    share, days = _("Of those before"), _("Days since applying")
    ends, heads = (_("low"), _("high")), _heads(scope.view)
    first = len(heads)
    return Sheet(
        title=_("How far do our applicants come?"),
        notes=sheet_notes([*_findings(found, scope), view_says(scope.view)], data_line(visit, found.data, scope),
                          filter_bar(visit, scope).limits),
        heads=[*heads, share, *(f"{share}, {end}" for end in ends), days, *(f"{days}, {end}" for end in ends)],
        rows=[_sheet_row(row, scope.view) for row in found.stages if not is_unheard(row)],
        shares=frozenset({first, first + 1, first + 2}),
    )  # fmt: skip


def _heads(view: View) -> list[str]:
    """What is counted of a stage. Those who came in a period and those who went out in it need not be the same people,
    so nothing is left over that could be called going on."""
    if view is View.ACTIVITY:
        return [_("Stage"), _("Came"), _("Pending since"), _("Withdrew in the period"), _("Rejected in the period")]
    return [_("Stage"), _("Came"), _("Went on or arrived"), _("Pending"), _("Withdrew"), _("Rejected")]


def _sheet_row(row: StageRow, view: View) -> list[Value]:
    counts = [stage_name(STAGES[row.stage]), row.reached, *(split(row)[1:] if view is View.ACTIVITY else split(row))]
    if view is not View.COHORT:
        return [*counts, *[None] * 6]
    first, before, days = row.stage == Stage.APPLIED.slug, row.conversion_from_previous, row.days_to_stage
    shares = [None] * 3 if first else [before.estimate, before.low, before.high]
    return [*counts, *shares, days.median, days.low, days.high]


def _findings(found: Funnel, scope: Scope) -> list[str]:
    if scope.view is not View.COHORT:
        return [view_finding(found, scope)]
    return [funnel_finding(found, scope.stage, scope.horizon_days)]


def funnel_view(visit: Visit, scope: Scope, found: Funnel) -> dict[str, Any]:
    """All that the page shows."""
    finding = funnel_finding(found, scope.stage, scope.horizon_days)
    cohort = scope.view is View.COHORT
    curve = incidence(found, scope.stage) if cohort else None
    return {
        "title": _("How far do our applicants come?"),
        "findings": _findings(found, scope),
        "data_line": data_line(visit, found.data, scope),
        "partial": partial_says(found.data),
        "views": [
            Switch(view_name(view), visit.same_address(view=view.value), view is scope.view) for view in View
        ],
        "view_says": view_says(scope.view),
        "unfinished": scope.view is View.ACTIVITY and (scope.to is None or scope.to >= visit.today),
        "bar": _filters(visit, scope, read_split(visit)),
        "beside": None,
        "split": None,
        "split_first": False,
        "bars": bars_of_view(found, partial(count_cell, visit), scope.view),
        "told": any(row.conversion_from_previous.estimate is not None for row in found.stages[1:]),
        "heads": _heads(scope.view),
        "cohort": cohort,
        "activity": scope.view is View.ACTIVITY,
        "unheard": unheard_says(found),
        "counted": counted_words(found.totals.applications),
        "empty": not any(row.reached for row in found.stages),
        "unread": not found.data.through,
        "chart": make_chart("incidence", curve, finding, "shares", found.totals.applications),
        "files": file_links(visit, "/funnel"),
        "days": TABLE_DAYS,
        "shares": share_table(found) if curve else [],
        "share_files": file_links(visit, "/funnel/shares"),
        "level": percent(scope.level),
    }  # fmt: skip


def _filters(visit: Visit, scope: Scope, split: Split) -> FilterBar:
    own = (stage_select(visit, scope), split_select(split))
    return filter_bar(visit, scope, *own, last=[beside_select(visit)], keep=["view", "columns", SORT])


def view_finding(found: Funnel, scope: Scope) -> str:
    """What an activity report or a snapshot says of the stage asked about."""
    row = next((row for row in found.stages if row.stage == scope.stage.slug), None)
    if row is not None and is_unheard(row):
        return not_recorded_words([row.stage])
    n = row.reached if row else 0
    if scope.view is View.SNAPSHOT:
        hired = next((row.reached for row in found.stages if row.stage == Stage.HIRED.slug), 0)
        if scope.stage < Stage.HIRED and hired:
            return ngettext("%(n)s open application stands at “%(stage)s” or beyond it now, and %(hired)s more are "
                            "hired.",
                            "%(n)s open applications stand at “%(stage)s” or beyond it now, and %(hired)s more are "
                            "hired.",
                            n - hired, stage=stage_name(scope.stage), hired=number(hired))  # fmt: skip
        return ngettext("%(n)s open application stands at “%(stage)s” or beyond it now.",
                        "%(n)s open applications stand at “%(stage)s” or beyond it now.",
                        n, stage=stage_name(scope.stage))  # fmt: skip
    return _("%(n)s %(came)s in this period.", n=number(n), came=came_to_stage(scope.stage))


def view_says(view: View) -> str:
    """What the way of counting means, in a sentence."""
    return {
        View.COHORT: _("Everybody who applied in the period, followed until now."),
        View.ACTIVITY: _("What happened in the period, whenever those people applied."),
        View.SNAPSHOT: _("Who is in the process or hired now, and how far they have come."),
    }[view]


def make_bars(found: Funnel, count: Count) -> list[Bar]:
    """A bar for each stage, all drawn to the longest; few are not drawn as many."""
    heard = [row for row in found.stages if not is_unheard(row)]
    longest = max(FEWEST_FOR_NORMAL, *(row.reached for row in heard))
    before = _before(found)
    return [_bar(row, longest, count, before.get(row.stage, ()), is_goal=row is heard[-1]) for row in heard]


def _before(found: Funnel) -> dict[str, tuple[int, int]]:
    """How many of the cohort had come to the stage before each, and wait there; other views count others than their
    shares are of."""
    if found.scope.get("view") != View.COHORT:
        return {}
    heard = [row for row in found.stages if not is_unheard(row)]
    return {row.stage: (earlier.reached, earlier.pending) for earlier, row in pairwise(heard)}


def bars_of_view(found: Funnel, count: Count, view: View) -> list[Bar]:
    """The bars; neither share nor days are told but of a cohort, for they are of all who applied in the period. What
    happened in a period is drawn as those who came in it, and told of those who went out in it."""
    bars = make_bars(found, count)
    if view is View.COHORT:
        return bars
    bars = [replace(bar, conversion=None, wait="") for bar in bars]
    if view is View.SNAPSHOT:
        return bars
    rows = [row for row in found.stages if not is_unheard(row)]
    longest = max((row.reached for row in rows), default=0) or 1
    return [replace(bar, cells=bar.cells[1:], summary=_activity_summary(row),
                    parts=_parts((row.reached - row.pending, row.pending), longest))
            for bar, row in zip(bars, rows, strict=True)]  # fmt: skip


def _activity_summary(row: StageRow) -> str:
    return _(
        "%(n)s %(came)s in the period, and %(pending)s of them are pending there; %(withdrawn)s withdrew and "
        "%(rejected)s were rejected in it, whenever they came",
        n=number(row.reached), came=came_to_stage(STAGES[row.stage]), pending=number(row.pending),
        withdrawn=number(row.out.withdrawn), rejected=number(row.out.rejected),
    )  # fmt: skip


def unheard_says(found: Funnel) -> str:
    """Which stages are left out, and why."""
    return not_recorded_words(row.stage for row in found.stages if is_unheard(row))


def _bar(row: StageRow, longest: int, count: Count, before: Sequence[int], *, is_goal: bool) -> Bar:
    """The bar of a stage; whoever came to the last that is recorded has arrived and waits for nothing."""
    stage, counts = STAGES[row.stage], split(row)
    parts = (PartOfStage.ARRIVED if is_goal else PartOfStage.PASSED, *STAYED)
    return Bar(
        name=stage_name(stage),
        count=count(row.reached, StageCell(stage, PartOfStage.REACHED)),
        summary=_summary(stage, row, counts, is_goal=is_goal),
        parts=_parts(counts, longest),
        cells=[count(n, StageCell(stage, part)) for n, part in zip(counts, parts, strict=True)],
        conversion=None if stage is Stage.APPLIED else share_interval(row.conversion_from_previous, *before),
        wait=days_words(row.days_to_stage),
    )


def split(row: StageRow) -> tuple[int, int, int, int]:
    """Those who came to a stage as passed on (or arrived), pending, withdrawn and rejected; together they are all of
    them, but of what happened in a period, where those who went out may have come before it."""
    stayed = row.pending + row.out.withdrawn + row.out.rejected
    return row.reached - stayed, row.pending, row.out.withdrawn, row.out.rejected


def _parts(counts: Sequence[int], longest: int) -> list[Part]:
    parts, start = [], 0.0
    for kind, n in zip(KINDS, counts, strict=False):  # of a period only those who came are drawn
        width = round(100 * n / longest, 2)
        if n:
            parts.append(Part(kind, round(start, 2), width))
        start += width
    return parts


def _summary(stage: Stage, row: StageRow, counts: Sequence[int], *, is_goal: bool) -> str:
    passed, pending, withdrawn, rejected = (number(n) for n in counts)
    if is_goal:
        return _("%(n)s %(came)s: %(arrived)s arrived, %(withdrawn)s withdrew, %(rejected)s rejected",
                 n=number(row.reached), came=came_to_stage(stage), arrived=passed, withdrawn=withdrawn,
                 rejected=rejected)  # fmt: skip
    return _(
        "%(n)s %(came)s: %(passed)s went on, %(pending)s pending, %(withdrawn)s withdrew, %(rejected)s rejected",
        n=number(row.reached), came=came_to_stage(stage), passed=passed, pending=pending, withdrawn=withdrawn,
        rejected=rejected,
    )  # fmt: skip


def days_words(days: DaysToStage) -> str:
    """`after 34 days (29–41)`: the median, since applying."""
    if days.median is None:
        return ""
    text = ngettext("after %(n)s day", "after %(n)s days", round(days.median))
    if days.low is None or days.high is None:
        return text
    return f"{text} ({number(days.low)}–{number(days.high)})"
