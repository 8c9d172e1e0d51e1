"""The months: how many applied through each channel, and how many of them came to an interview."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.funnel.stage import Stage
from app.i18n import _, number, whole_month
from app.reports.listing import Part, RowCell, Whom
from app.reports.monthly import report_monthly
from app.reports.monthly_answers import Monthly, MonthlyCell, MonthlyRow
from app.reports.names import stage_name
from app.reports.question import PARAMETERS
from app.reports.scope import By
from app.reports.workbook import Sheet
from app.web.pages.columns import Column, choose_columns, column_form, go_to_chosen
from app.web.pages.counted import Counted, count_cell
from app.web.pages.data_line import read_to_day, through_words
from app.web.pages.files import file_links, sheet_file, sheet_notes
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)

SHOWN = (Stage.APPLIED, Stage.INTERVIEW)
"""What each cell counts."""


@router.get("/monthly")
def monthly(request: Request) -> Response:
    """The grid; small counts are shown to those alone who may see them."""

    def make(visit: Visit) -> Response:
        found = _ask(visit)
        return go_to_chosen(visit, channel_columns(found)) or visit.page("monthly.html", monthly_view(visit, found))

    return answer(request, make)


@router.get("/monthly.csv")
def monthly_file(request: Request) -> Response:
    """The grid as it is seen, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "monthly.csv", monthly_sheet(visit, _ask(visit))))


@router.get("/monthly.xlsx")
def monthly_workbook(request: Request) -> Response:
    """The grid as it is seen, as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "monthly.xlsx", monthly_sheet(visit, _ask(visit))))


def _ask(visit: Visit) -> Monthly:
    return report_monthly(visit.session, visit.scope(), exact=visit.sees_small_counts)


def channel_columns(found: Monthly) -> list[Column]:
    """Every channel is a column that can be chosen, and before them all together: the first to be read, and never out
    of sight."""
    channels = [Column(one.key or "unknown", one.label) for one in found.channels]
    return [Column("all", _("All channels")), *channels]


def monthly_view(visit: Visit, found: Monthly) -> dict[str, Any]:
    """All that the page shows, the latest month first."""
    every = channel_columns(found)
    columns = choose_columns(every, visit.asked.get("columns"))
    return {
        "title": _("How many applied, month by month"),
        "finding": _finding(found),
        "exact": found.exact,
        "channels": [(column.title, _channel_address(visit, column.name)) for column in columns],
        "columns": column_form(visit, every, columns),
        "rows": [_row(visit, found, row, columns) for row in reversed(found.rows)],
        "totals": _row(visit, found, found.totals, columns),
        "files": file_links(visit, "/monthly"),
        "unread": not found.through,
    }


def _channel_address(visit: Visit, column: str) -> str | None:
    """The page of a channel, for whoever may open it."""
    if not visit.sees_small_counts or column in ("unknown", "all"):
        return None
    return visit.address(f"/channels/{column}")


def monthly_sheet(visit: Visit, found: Monthly) -> Sheet:
    """The grid as it is seen: who applied, beside them who of these came to an interview; hidden counts are empty."""
    columns = choose_columns(channel_columns(found), visit.asked.get("columns"))
    names = [column.name for column in columns]
    hidden = "" if found.exact else _("Counts under ten are left out, and so are counts that could give them away.")
    return Sheet(
        title=_("How many applied, month by month"),
        notes=sheet_notes([_finding(found), hidden], through_words(found.through, visit)),
        heads=[_("Month"), *(f"{column.title}: {stage_name(stage)}" for column in columns for stage in SHOWN)],
        rows=[
            [_month_name(row), *(n for cell in _pick(found, row, names) for n in (cell.applications, cell.reached))]
            for row in (*reversed(found.rows), found.totals)
        ],
    )


def _pick(found: Monthly, row: MonthlyRow, names: Sequence[str]) -> list[MonthlyCell]:
    """The cells of the columns of these names."""
    cells = dict(zip((column.name for column in channel_columns(found)), (row.total, *row.cells), strict=True))
    return [cells[name] for name in names]


def _month_name(row: MonthlyRow) -> str:
    return whole_month(dt.date.fromisoformat(f"{row.month}-01")) if row.month else _("All months")


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


def _row(visit: Visit, found: Monthly, row: MonthlyRow, columns: Sequence[Column]) -> dict[str, Any]:
    names = [column.name for column in columns]
    read_to = _read_to(visit, found)
    asked = {**dict.fromkeys(PARAMETERS), "seen": "monthly", **_days_of(row)}
    return {
        "note": _note(row, read_to, visit.scope().horizon_days),
        "unfinished": row.month is not None and _days_of(row)["to"] >= read_to,
        "month": _month_name(row),
        "cells": [
            _cell(visit, found, cell, name, asked) for name, cell in zip(names, _pick(found, row, names), strict=True)
        ],
    }


def _read_to(visit: Visit, found: Monthly) -> dt.date:
    return min(visit.today, read_to_day(found.through, visit) or visit.today)


def _note(row: MonthlyRow, read_to: dt.date, horizon_days: int) -> str:
    """Why the numbers of a month will grow, if they will: it was not read to its end, or not all have had the time."""
    last = _days_of(row).get("to")
    if last is None or last < read_to - dt.timedelta(days=horizon_days):
        return ""
    return _("not over yet") if last >= read_to else _("interviews may still come")


def _days_of(row: MonthlyRow) -> dict[str, dt.date]:
    """The first and the last day of a month, as a question gives them; nothing for all months."""
    if row.month is None:
        return {}
    first = dt.date.fromisoformat(f"{row.month}-01")
    return {"from": first, "to": (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)}


def _cell(
    visit: Visit, found: Monthly, cell: MonthlyCell, column: str, asked: Mapping[str, object]
) -> list[Counted | None]:
    """Who applied and who came to an interview; a count is none where it is hidden, and opens where all are shown."""
    whose: tuple[Whom | None, str] = {"all": (None, ""), "unknown": ("untraced", "")}.get(column, ("known", column))
    asked = asked if column == "all" else {**asked, "by": By.CHANNEL}
    counts = ((cell.applications, Part.APPLIED), (cell.reached, Part.REACHED))
    return [_count(visit, n, RowCell(part, *whose), asked, opens=found.exact) for n, part in counts]


def _count(visit: Visit, n: int | None, cell: RowCell, asked: Mapping[str, object], *, opens: bool) -> Counted | None:
    if n is None:
        return None
    return count_cell(visit, n, cell, **asked) if opens else Counted(number(n), None)
