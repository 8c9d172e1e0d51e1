"""The part of the funnel that shows what share had come to each stage, by days after applying."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.funnel.stage import STAGES, Stage
from app.i18n import _, number
from app.reports.answers import Funnel, IncidencePoint, StageRow
from app.reports.figures import point_at, share_words_at
from app.reports.funnel import report_funnel
from app.reports.names import stage_name
from app.reports.scope import View
from app.reports.wording import why_words
from app.reports.workbook import Sheet
from app.web.pages.data_line import data_line
from app.web.pages.files import sheet_file, sheet_notes
from app.web.pages.filters import filter_bar
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)

TABLE_DAYS = (30, 60, 90, 120, 180)


@router.get("/funnel/shares.csv")
def shares_file(request: Request) -> Response:
    """What share had come to each stage by each day, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "shares.csv", shares_sheet(visit)))


@router.get("/funnel/shares.xlsx")
def shares_workbook(request: Request) -> Response:
    """The same as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "shares.xlsx", shares_sheet(visit)))


def shares_sheet(visit: Visit) -> Sheet:
    """A line for each stage and day; none where the page does not count by the date of application."""
    scope = visit.question()
    found = report_funnel(visit.session, scope)
    share = _("Share")
    return Sheet(
        title=_("Share by days after applying"),
        notes=sheet_notes([], data_line(visit, found.data, scope), filter_bar(visit, scope).limits),
        heads=[_("Stage"), _("Days since applying"), share, *(f"{share}, {end}" for end in (_("low"), _("high"))),
               _("Applications that old"), _("of these still waiting")],
        rows=[
            [stage_name(STAGES[row.stage]), day, *_cells(row, day)]
            for row in (list_told(found) if scope.view is View.COHORT else [])
            for day in TABLE_DAYS
        ],
        shares=frozenset({2, 3, 4}),
    )  # fmt: skip


def _cells(row: StageRow, day: int) -> list[float | int | None]:
    shown, counted = point_at(row.incidence, day), _point(row, day)
    share = [None] * 3 if shown is None else [shown.estimate, shown.low, shown.high]
    return [*share, *((counted.followed, counted.at_risk) if counted else (None, None))]


def _point(row: StageRow, day: int) -> IncidencePoint | None:
    return next((one for one in row.incidence if one.day == day), None)


def list_told(found: Funnel) -> list[StageRow]:
    """The stages after the first that some system speaks of."""
    return [row for row in found.stages if row.stage != Stage.APPLIED.slug and not is_unheard(row)]


def is_unheard(row: StageRow) -> bool:
    """Whether no system ever speaks of the stage."""
    return row.conversion_from_start.why == "not_recorded"


def share_table(found: Funnel) -> list[tuple[str, list[tuple[str, str]]]]:
    """For each stage the share that had come to it by each day, or why that cannot be told, and how many applications
    are so old and still wait."""
    return [(stage_name(STAGES[row.stage]), [_share_at(row, day) for day in TABLE_DAYS]) for row in list_told(found)]


def _share_at(row: StageRow, day: int) -> tuple[str, str]:
    of = (one for one in row.incidence if one.day == day)
    so_old = next(
        (_("of %(n)s, %(waiting)s wait", n=number(one.followed), waiting=number(one.at_risk)) for one in of), ""
    )
    point = point_at(row.incidence, day)
    return why_words("too_early") if point is None else share_words_at(point), so_old
