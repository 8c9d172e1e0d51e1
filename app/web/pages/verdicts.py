"""Verdicts: which ads moved doctors, row by row, with what is unknown always in sight."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.funnel.stage import Stage
from app.i18n import _, number, percent
from app.reports.answers import Cost, Effectiveness, Row
from app.reports.effectiveness import report_effectiveness
from app.reports.export import effectiveness_csv
from app.reports.figures import forest
from app.reports.listing import Part, RowCell
from app.reports.names import by_name, stage_name
from app.reports.ordering import order_rows
from app.reports.scope import By, Scope
from app.reports.wording import (
    Verdict,
    amount_words,
    question,
    reason_sentence,
    tally,
    traced_finding,
    verdict_words,
    verdicts_finding,
    whole_range,
    why_words,
)
from app.web.pages.administering import tell_export
from app.web.pages.applications import Counted, count_cell
from app.web.pages.beside import beside_select, beside_view, set_beside
from app.web.pages.chart import make_chart
from app.web.pages.data_line import data_line
from app.web.pages.filters import Select, filter_bar, stage_select
from app.web.pages.interval import Interval, lift_interval
from app.web.pages.visit import Visit, answer
from app.web.waiting import with_waiting

router = APIRouter(include_in_schema=False)

VERDICTS = ("moved", "cannot_tell", "did_not_move", None)


@dataclass(frozen=True, slots=True)
class CostLine:
    """What a row cost in one currency, and on what that rests where it is no invoice."""

    amount: str
    basis: str


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One line of the table, every cell in words."""

    label: str
    address: str | None
    code: str | None
    traced: bool
    costs: Sequence[CostLine]
    applications: Counted
    reached: Counted
    in_the_end: str
    foreseen: bool
    change: Interval | None
    verdict: Verdict
    reason: str
    brought: str


@dataclass(frozen=True, slots=True)
class Column:
    """A head of the table that sorts by it when followed."""

    title: str
    address: str
    chosen: bool
    numeric: bool


@router.get("/verdicts")
def verdicts(request: Request) -> Response:
    """Which ads moved doctors."""

    def make(visit: Visit) -> Response:
        scope = visit.question()
        found = with_waiting(visit.session, report_effectiveness(visit.session, scope))
        beside = beside_view(set_beside(visit, scope))
        return visit.page("verdicts.html", verdicts_view(visit, scope, found, beside))

    return answer(request, make)


@router.get("/verdicts.csv")
def verdicts_file(request: Request) -> Response:
    """The same question as the page's, answered as a file."""

    def make(visit: Visit) -> Response:
        found = report_effectiveness(visit.session, visit.question())
        tell_export(visit, "effectiveness.csv")
        headers = {"Content-Disposition": 'attachment; filename="verdicts.csv"', "Cache-Control": "no-store"}
        return Response(effectiveness_csv(found), media_type="text/csv", headers=headers)

    return answer(request, make)


def verdicts_view(
    visit: Visit, scope: Scope, found: Effectiveness, beside: dict[str, Any] | None = None
) -> dict[str, Any]:
    """All that the page shows."""
    sort = visit.asked.get("sort")
    rows = [_row(visit, scope, row) for row in sort_rows(found, sort)]
    title = question(scope.by, scope.stage)
    finding = verdicts_finding(found, scope.by, scope.stage)
    parameters = {name: value for name, value in visit.asked.items() if name != "lang"}
    return {
        "title": title,
        "findings": [finding, traced_finding(found)],
        "data_line": data_line(visit, found.data, scope),
        "bar": filter_bar(
            visit, scope, by_select(scope), stage_select(scope), last=[beside_select(visit)], keep=["sort"]
        ),
        "beside": beside,
        "columns": _columns(visit, scope, sort),
        "known": [row for row in rows if row.traced],
        "rest": [row for row in rows if not row.traced],
        "level": percent(scope.level),
        "total": _total(visit, found),
        "overlap": _overlap(found),
        "forecasts": visit.address("/forecasts", stage=visit.asked.get("stage")),
        "paths": visit.address("/paths", stage=visit.asked.get("stage")),
        "csv": visit.address("/verdicts.csv", **parameters),
        "chart": make_chart("forest", forest(found, forest_title(found)), finding),
    }


def by_select(scope: Scope) -> Select:
    """What the rows stand for."""
    return Select("by", _("Compare"), [(by.value, by_name(by)) for by in By], scope.by.value)


def forest_title(found: Effectiveness) -> str:
    """The finding over the forest plot."""
    counts = tally(found)
    if not counts.moved and not counts.did_not_move:
        return _("No verdict stands yet: every bar is still too wide")
    return _("%(n)s of %(all)s verdicts stand; the wide bars are still open",
             n=number(counts.moved + counts.did_not_move), all=number(counts.judged))  # fmt: skip


def sort_rows(found: Effectiveness, sort: str | None) -> list[Row]:
    """The rows in the order asked, else by verdict and applicants; what cannot be traced stays last."""
    if sort is not None:
        return order_rows(found, sort).rows
    return sorted(found.rows, key=lambda row: (row.row != "known", VERDICTS.index(row.verdict), -row.applications))


def _columns(visit: Visit, scope: Scope, sort: str | None) -> list[Column]:
    heads = (
        ("label", by_name(scope.by), False),
        ("-cost", _("Cost"), True),
        ("-applications", stage_name(Stage.APPLIED), True),
        ("-reached", stage_name(scope.stage), True),
        ("-expected_reached", _("In the end"), True),
        ("-lift", _("Against comparable"), False),
        (None, _("Verdict"), False),
    )
    return [Column(title, visit.same_address(sort=key), key == sort, numeric) for key, title, numeric in heads]


def _row(visit: Visit, scope: Scope, row: Row) -> VerdictRow:
    expected = row.expected_reached
    return VerdictRow(
        label=row.label,
        address=row_address(visit, scope.by, row),
        code=row.code,
        traced=row.row == "known",
        costs=[CostLine(amount_words(cost.amount, cost.currency), basis_words(cost)) for cost in row.costs],
        applications=count_cell(visit, row.applications, RowCell(Part.APPLIED, row.row, row.key or "")),
        reached=count_cell(visit, row.reached, RowCell(Part.REACHED, row.row, row.key or "")),
        in_the_end=whole_range(expected) if expected.estimate is not None else why_words(expected.why),
        foreseen=expected.estimate is not None,
        change=lift_interval(row.lift, row.verdict),
        verdict=verdict_words(row),
        reason=reason_sentence(row.reason.code, row.reason.params, scope.stage) if row.reason else "",
        brought=row.brought.reason.text if row.brought.reason else "",
    )


def basis_words(cost: Cost) -> str:
    """What an amount rests on; an invoice needs no word."""
    return {"booked": _("booked"), "planned": _("planned")}.get(cost.basis, "")


def row_address(visit: Visit, by: By, row: Row) -> str | None:
    """Where a row opens, if there is a page for what it stands for."""
    pages = {By.PLACEMENT: "/placements/", By.PERSONA: "/personas/"}
    if row.row != "known" or by not in pages or row.key is None:
        return None
    return visit.address(pages[by] + row.key)


def _total(visit: Visit, found: Effectiveness) -> tuple[Counted, Counted]:
    totals = found.totals
    return (
        count_cell(visit, totals.applications, RowCell(Part.APPLIED)),
        count_cell(visit, totals.reached, RowCell(Part.REACHED)),
    )


def _overlap(found: Effectiveness) -> str:
    if not found.overlapping:
        return ""
    return _(
        "An ad may carry several of these, so rows share applicants and do not add up to the total of %(total)s.",
        total=number(found.totals.applications),
    )
