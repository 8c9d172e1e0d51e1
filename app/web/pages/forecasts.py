"""Forecasts: what was foretold half a year ago, row by row, beside what has come since."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _, ngettext, number, percent
from app.reports.figures import expected_against_realised
from app.reports.forecasts import Forecast, Forecasts, check_forecasts, forecasts_finding
from app.reports.listing import Part, RowCell
from app.reports.names import by_name, stage_name
from app.reports.scope import Scope
from app.reports.workbook import Sheet
from app.web.pages.chart import make_chart
from app.web.pages.counted import Counted, count_cell
from app.web.pages.data_line import data_line
from app.web.pages.files import file_links, sheet_file, sheet_notes
from app.web.pages.filters import by_select, stage_select
from app.web.pages.row_pages import row_address
from app.web.pages.sorting import SORT, sort_head, sort_lines
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """What was foretold of one row, and what came; every cell in words."""

    label: str
    address: str | None
    applied: Counted
    so_far: Counted
    foretold: str
    came: Counted
    held: str


VALUES: Mapping[str, Callable[[Forecast], Any]] = MappingProxyType(
    {
        "label": lambda row: row.label.casefold(),
        "applied": lambda row: row.applications,
        "so_far": lambda row: row.so_far,
        "foretold": lambda row: (row.low, row.high),
        "came": lambda row: row.came,
        "held": lambda row: row.held,
    }
)
"""What the table can be sorted by."""


@router.get("/forecasts")
def forecasts(request: Request) -> Response:
    """How our own intervals have done."""

    def make(visit: Visit) -> Response:
        scope = visit.question()
        return visit.page("forecasts.html", forecasts_view(visit, scope, check_forecasts(visit.session, scope)))

    return answer(request, make)


@router.get("/forecasts.csv")
def forecasts_file(request: Request) -> Response:
    """What the page shows, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "forecasts.csv", forecasts_sheet(visit)))


@router.get("/forecasts.xlsx")
def forecasts_workbook(request: Request) -> Response:
    """What the page shows, as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "forecasts.xlsx", forecasts_sheet(visit)))


def forecasts_sheet(visit: Visit) -> Sheet:
    """Each row with the ends of what was foretold in cells of their own."""
    scope = visit.question()
    found = check_forecasts(visit.session, scope)
    label, applied, had_come, foretold, goal, held = titles(scope)
    return Sheet(
        title=_("What we foretold, and what came"),
        notes=sheet_notes([forecasts_finding(found)], data_line(visit, found.data, scope)),
        heads=[label, applied, had_come, *(f"{foretold}, {end}" for end in (_("low"), _("high"))), goal, held],
        rows=[
            [row.label, row.applications, row.so_far, row.low, row.high, row.came, held_words(row)]
            for row in sort_lines(visit, found.rows, VALUES)
        ],
    )


def titles(scope: Scope) -> list[str]:
    """The heads of the table, in the order of `VALUES`."""
    return [by_name(scope.by), _("Applied"), _("Had come"), _("Foretold"), stage_name(scope.stage), _("Held")]


def held_words(row: Forecast) -> str:
    """Whether what came lies within what was foretold."""
    return _("yes") if row.held else _("no")


def forecasts_view(visit: Visit, scope: Scope, found: Forecasts) -> dict[str, Any]:
    """All that the page shows."""
    finding = forecasts_finding(found)
    by = by_select(scope)
    drawn = [(row.label, row.low, row.high, row.came, row.held) for row in found.rows]
    return {
        "title": _("What we foretold, and what came"),
        "finding": finding,
        "data_line": data_line(visit, found.data, scope),
        "address": visit.request.url.path,
        "selects": [by, stage_select(visit, scope)],
        "sort": visit.asked.get(SORT),
        "heads": [
            sort_head(visit, name, title, numeric=name not in ("label", "held"), at="forecast-table")
            for name, title in zip(VALUES, titles(scope), strict=True)
        ],
        "rows": [_row(visit, scope, row, found.made_on) for row in sort_lines(visit, found.rows, VALUES)],
        "level": percent(scope.level),
        "files": file_links(visit, "/forecasts"),
        "chart": make_chart(
            "forecasts",
            expected_against_realised(drawn, _drawn_words(found)),
            finding,
            "forecast-table",
            sum(row.applications for row in found.rows),
        ),
    }


def _drawn_words(found: Forecasts) -> str:
    off = len(found.rows) - found.held
    if not off:
        return _("Every mark lies on its bar")
    return ngettext("%(n)s mark lies off its bar", "%(n)s marks lie off their bars", off)


def _row(visit: Visit, scope: Scope, row: Forecast, made_on: dt.date) -> ForecastRow:
    def count(n: int, part: Part, as_of: dt.date | None) -> Counted:
        cell = RowCell(part, row.row, row.key or "")
        return count_cell(visit, n, cell, seen="forecasts", **{"from": None}, to=made_on, as_of=as_of, known_at=None)

    return ForecastRow(
        label=row.label,
        address=row_address(visit, scope.by, row.row, row.key),
        applied=count(row.applications, Part.APPLIED, made_on),
        so_far=count(row.so_far, Part.REACHED, made_on),
        foretold=number(row.low) if row.low == row.high else f"{number(row.low)}–{number(row.high)}",
        came=count(row.came, Part.REACHED, None),
        held=held_words(row),
    )
