"""Paths: on which ways people came to a stage, and every way of sharing credit for it side by side."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.errors import Invalid, Problem
from app.i18n import _, number
from app.measurement.credit import Rule
from app.reports.answers import ModelCredit, PathsAnswer
from app.reports.credit_words import hastening_words, leaders_finding, sharing_words, untraced_words
from app.reports.export import paths_csv
from app.reports.figures import credit_by_model
from app.reports.names import by_name, model_name, stage_name
from app.reports.paths import Touches, report_paths
from app.reports.scope import Scope
from app.reports.wording import paths_finding, why_words
from app.reports.workbook import Sheet
from app.web.pages.chart import make_chart
from app.web.pages.data_line import data_line
from app.web.pages.files import file_links, sheet_notes, text_file, workbook_file
from app.web.pages.filters import FilterBar, Select, by_select, filter_bar, stage_select
from app.web.pages.visit import Visit, answer
from app.web.waiting import with_waiting

router = APIRouter(include_in_schema=False)


@router.get("/paths")
def paths(request: Request) -> Response:
    """The ways of sharing credit, side by side."""

    def make(visit: Visit) -> Response:
        scope, touches = visit.question(), _touches(visit)
        found = with_waiting(visit.session, report_paths(visit.session, scope, touches))
        return visit.page("paths.html", paths_view(visit, scope, touches, found))

    return answer(request, make)


@router.get("/paths.csv")
def paths_file(request: Request) -> Response:
    """The same question answered as a file."""

    def make(visit: Visit) -> Response:
        found = report_paths(visit.session, visit.question(), _touches(visit))
        return text_file(visit, "paths.csv", paths_csv(found))

    return answer(request, make)


@router.get("/paths.xlsx")
def paths_workbook(request: Request) -> Response:
    """The table of credit as the page shows it, as a spreadsheet."""

    def make(visit: Visit) -> Response:
        scope, touches = visit.question(), _touches(visit)
        found = report_paths(visit.session, scope, touches)
        return workbook_file(visit, "paths.xlsx", paths_sheet(visit, scope, touches, found))

    return answer(request, make)


def paths_sheet(visit: Visit, scope: Scope, touches: Touches, found: PathsAnswer) -> Sheet:
    """A row's credit under every way of sharing; empty where too few came to share anything by that way."""
    findings = list_findings(scope, found, leaders_finding(found))
    return Sheet(
        title=found.heading,
        notes=sheet_notes(findings, data_line(visit, found.data, scope), _bar(visit, scope, touches).limits),
        heads=[by_name(scope.by), *(model_name(name) for name in found.models)],
        rows=[[line[0].label, *(one.credit for one in line)] for line in credit_lines(found)],
    )


def _bar(visit: Visit, scope: Scope, touches: Touches) -> FilterBar:
    return filter_bar(visit, scope, by_select(scope), stage_select(scope), _touches_select(touches))


def _touches(visit: Visit) -> Touches:
    asked = visit.asked.get("touches", Touches.STAGE.value)
    if asked not in set(Touches):
        known = ", ".join(Touches)
        raise Invalid([Problem("touches", _("“%(text)s” is none of %(known)s.", text=asked, known=known))])
    return Touches(asked)


def paths_view(visit: Visit, scope: Scope, touches: Touches, found: PathsAnswer) -> dict[str, Any]:
    """All that the page shows."""
    leaders = leaders_finding(found)
    return {
        "title": found.heading,
        "findings": list_findings(scope, found, leaders),
        "data_line": data_line(visit, found.data, scope),
        "bar": _bar(visit, scope, touches),
        "by": by_name(scope.by),
        "goal": stage_name(scope.stage),
        "models": [model_name(name) for name in found.models],
        "rows": list_credit(found),
        "untouched": number(found.untouched) if touches is Touches.BETWEEN and found.untouched else "",
        "ways": [
            (path.steps, number(path.applications), number(path.reached), number(path.unresolved))
            for path in found.paths
        ],
        "files": file_links(visit, "/paths"),
        "chart": make_chart("credit", credit_by_model(found, leaders), leaders),
    }


def list_findings(scope: Scope, found: PathsAnswer, leaders: str) -> list[str]:
    """What is said above the table; of what there is nothing to say, an empty text."""
    return [paths_finding(found), untraced_words(found), leaders, sharing_words(scope.by), hastening_words(found)]


def list_credit(found: PathsAnswer) -> list[tuple[str, list[str]]]:
    """Each line of the table in words, a cell for each way of sharing."""
    return [(line[0].label, [_cell(one) for one in line]) for line in credit_lines(found)]


def credit_lines(found: PathsAnswer) -> list[tuple[ModelCredit, ...]]:
    """A line for every row that some way of sharing gives something: known rows by what equal parts give them, then
    those of no placement."""
    lines = [line for line in zip(*found.models.values(), strict=True) if any(one.credit for one in line)]
    equal = list(found.models).index(Rule.LINEAR)
    return sorted(
        lines, key=lambda line: (line[0].row != "known", -(line[equal].credit or 0) if line[0].row == "known" else 0)
    )


def _cell(one: ModelCredit) -> str:
    return why_words(one.why) if one.credit is None else number(one.credit, 1)


def _touches_select(touches: Touches) -> Select:
    options = [
        (Touches.STAGE.value, _("all up to the stage")),
        (Touches.BETWEEN.value, _("only after the stage before")),
    ]
    return Select("touches", _("What was met"), options, touches.value)
