"""Forecasts: what was foretold half a year ago, row by row, beside what has come since."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _, number, percent
from app.reports.figures import expected_against_realised
from app.reports.forecasts import Forecast, Forecasts, check_forecasts, forecasts_finding
from app.reports.names import by_name, stage_name
from app.reports.scope import By, Scope
from app.web.pages.chart import make_chart
from app.web.pages.data_line import data_line
from app.web.pages.filters import Select, stage_select
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)


@router.get("/forecasts")
def forecasts(request: Request) -> Response:
    """How our own intervals have done."""

    def make(visit: Visit) -> Response:
        scope = visit.question()
        return visit.page("forecasts.html", forecasts_view(visit, scope, check_forecasts(visit.session, scope)))

    return answer(request, make)


def forecasts_view(visit: Visit, scope: Scope, found: Forecasts) -> dict[str, Any]:
    """All that the page shows."""
    finding = forecasts_finding(found)
    by = Select("by", _("Compare"), [(by.value, by_name(by)) for by in By], scope.by.value)
    drawn = [(row.label, row.low, row.high, row.came, row.held) for row in found.rows]
    return {
        "title": _("What we foretold, and what came"),
        "finding": finding,
        "data_line": data_line(visit, found.data, scope),
        "address": visit.request.url.path,
        "selects": [by, stage_select(scope)],
        "by": by_name(scope.by),
        "goal": stage_name(scope.stage),
        "rows": [_row(row) for row in found.rows],
        "level": percent(scope.level),
        "chart": make_chart("forecasts", expected_against_realised(drawn, finding), finding),
    }


def _row(row: Forecast) -> tuple[str, str, str, str, str, str]:
    foretold = number(row.low) if row.low == row.high else f"{number(row.low)}–{number(row.high)}"
    held = _("yes") if row.held else _("no")
    return row.label, number(row.applications), number(row.so_far), foretold, number(row.came), held
