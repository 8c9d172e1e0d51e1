"""The months: how many applied through each channel, and how many of them came to an interview."""

import datetime as dt
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _, number, whole_month
from app.reports.answers import Monthly, MonthlyCell, MonthlyRow
from app.reports.export import monthly_csv
from app.reports.monthly import report_monthly
from app.web.pages.administering import tell_export
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)


@router.get("/monthly")
def monthly(request: Request) -> Response:
    """The grid; small counts are shown to those alone who may see them."""
    return answer(request, lambda visit: visit.page("monthly.html", monthly_view(visit, _ask(visit))))


@router.get("/monthly.csv")
def monthly_file(request: Request) -> Response:
    """The same grid as a file."""

    def make(visit: Visit) -> Response:
        found = _ask(visit)
        tell_export(visit, "monthly.csv")
        headers = {"Content-Disposition": 'attachment; filename="monthly.csv"', "Cache-Control": "no-store"}
        return Response(monthly_csv(found), media_type="text/csv", headers=headers)

    return answer(request, make)


def _ask(visit: Visit) -> Monthly:
    return report_monthly(visit.session, visit.scope(), exact=visit.sees_small_counts)


def monthly_view(visit: Visit, found: Monthly) -> dict[str, Any]:
    """All that the page shows, the latest month first."""
    return {
        "title": _("How many applied, month by month"),
        "finding": _finding(found),
        "exact": found.exact,
        "channels": [channel.label for channel in found.channels],
        "rows": [_row(row, visit.today) for row in reversed(found.rows)],
        "totals": _row(found.totals, visit.today),
        "csv": visit.address("/monthly.csv"),
    }


def _finding(found: Monthly) -> str:
    if not found.rows:
        return _("Nobody has applied yet. The first month stands here with the first application.")
    total = found.totals.total
    if total.applications is None or total.reached is None:
        return _("So few have applied that their number is not shown here.")
    return _(
        "%(applied)s have applied, and %(reached)s of them came to an interview.",
        applied=number(total.applications), reached=number(total.reached),
    )  # fmt: skip


def _row(row: MonthlyRow, today: dt.date) -> dict[str, Any]:
    return {
        "unfinished": row.month == f"{today:%Y-%m}",
        "month": whole_month(dt.date.fromisoformat(f"{row.month}-01")) if row.month else _("All months"),
        "cells": [_cell(cell) for cell in (*row.cells, row.total)],
    }


def _cell(cell: MonthlyCell) -> tuple[str | None, str | None]:
    shown = (None if count is None else number(count) for count in (cell.applications, cell.reached))
    return next(shown), next(shown)
