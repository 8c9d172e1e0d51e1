"""Paths: on which ways people came to a stage, and every way of sharing credit for it side by side."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.errors import Invalid, Problem
from app.i18n import _, number
from app.measurement.credit import Rule
from app.reports.answers import ModelCredit, PathsAnswer, PathTaken
from app.reports.credit_words import (
    alike_words,
    credit_digits,
    hastening_words,
    leaders_finding,
    sharing_words,
    untraced_words,
)
from app.reports.figures import credit_by_model
from app.reports.listing import CreditCell, Part, PathCell
from app.reports.names import by_name, model_name, stage_name
from app.reports.paths import MODELS, Touches, report_paths
from app.reports.scope import Scope
from app.reports.wording import paths_finding, why_words
from app.reports.workbook import Sheet
from app.web.pages.asking import with_bar
from app.web.pages.chart import make_chart
from app.web.pages.columns import Column, choose_columns, column_form, go_to_chosen
from app.web.pages.counted import Counted, count_cell, counted_address
from app.web.pages.data_line import data_line, partial_says
from app.web.pages.files import file_links, sheet_file, sheet_notes
from app.web.pages.filters import FilterBar, Select, by_select, filter_bar, stage_select
from app.web.pages.row_pages import row_address
from app.web.pages.sorting import SORT, sort_head, sort_lines
from app.web.pages.visit import Visit, answer
from app.web.waiting import with_waiting

router = APIRouter(include_in_schema=False)


CreditLine: TypeAlias = Sequence[tuple[str, ModelCredit]]
USUAL = frozenset({Rule.FIRST.value, Rule.LAST.value, Rule.LINEAR.value, Rule.ANY.value})
"""The ways of sharing that are shown unless others are asked for: most of the eight say nearly the same."""
OVER_ALL = "all"
WAYS = "ways"
"""What the address calls the order of the ways."""
WAY_VALUES: Mapping[str, Callable[[PathTaken], Any]] = MappingProxyType(
    {
        "steps": lambda path: [step.casefold() for step in path.steps],
        "applied": lambda path: path.applications,
        "reached": lambda path: path.reached,
        "open": lambda path: path.unresolved,
    }
)


@dataclass(frozen=True, slots=True)
class CreditRow:
    """What each way of sharing gives one row."""

    label: str
    address: str | None
    credits: Sequence[Counted]


@dataclass(frozen=True, slots=True)
class WayTaken:
    """One of the ways most travelled: its steps, and how many took it, came to the stage and are open."""

    steps: Sequence[str]
    counts: Sequence[Counted]


@router.get("/paths")
def paths(request: Request) -> Response:
    """The ways of sharing credit, side by side."""

    def make(visit: Visit) -> Response:
        scope, touches = visit.question(), _touches(visit)
        if chosen := go_to_chosen(visit, model_columns()):
            return chosen
        found = with_waiting(visit.session, report_paths(visit.session, scope, touches))
        return visit.page("paths.html", paths_view(visit, scope, touches, found))

    return answer(request, with_bar(make, lambda visit, scope: _bar(visit, scope, Touches.STAGE)))


@router.get("/paths.csv")
def paths_file(request: Request) -> Response:
    """The table of credit as the page shows it, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "paths.csv", _sheet(visit)))


@router.get("/paths.xlsx")
def paths_workbook(request: Request) -> Response:
    """The table of credit as the page shows it, as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "paths.xlsx", _sheet(visit)))


@router.get("/paths/ways.csv")
def ways_file(request: Request) -> Response:
    """The ways most travelled, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "ways.csv", ways_sheet(visit)))


@router.get("/paths/ways.xlsx")
def ways_workbook(request: Request) -> Response:
    """The ways most travelled, as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "ways.xlsx", ways_sheet(visit)))


def ways_sheet(visit: Visit) -> Sheet:
    """Each way with how many took it, came to the stage by it, and are open."""
    scope, touches = visit.question(), _touches(visit)
    found = report_paths(visit.session, scope, touches)
    limits = _bar(visit, scope, touches).limits
    return Sheet(
        title=_("The ways most travelled"),
        notes=sheet_notes([paths_finding(found)], data_line(visit, found.data, scope), limits),
        heads=way_titles(scope),
        rows=[
            [" → ".join(path.steps) or _("met nothing in between"), path.applications, path.reached, path.unresolved]
            for path in sort_lines(visit, found.paths, WAY_VALUES, word=WAYS)
        ],
    )


def _sheet(visit: Visit) -> Sheet:
    scope, touches = visit.question(), _touches(visit)
    return paths_sheet(visit, scope, touches, report_paths(visit.session, scope, touches))


def model_columns() -> list[Column]:
    """Every way of sharing is a column that can be chosen, and the least and most that any of them gives: that stands
    for the ways that are not usually shown."""
    ways = [Column(model, model_name(model), model in USUAL) for model in MODELS]
    return [*ways, Column(OVER_ALL, _("Over all ways"))]


def find_range(line: CreditLine) -> tuple[float, float] | None:
    """The least and the most that any way gives a row; none where none gives anything that can be told."""
    credits = [one.credit for _model, one in line if one.credit is not None]
    return (min(credits), max(credits)) if credits else None


def range_words(line: CreditLine, digits: int) -> str:
    """`41.5–46.0`, or one number where all ways agree as far as they are written."""
    found = find_range(line)
    if found is None:
        return why_words("too_few")
    low, high = (number(one, digits) for one in found)
    return low if low == high else f"{low}–{high}"


def paths_sheet(visit: Visit, scope: Scope, touches: Touches, found: PathsAnswer) -> Sheet:
    """A row's credit under every way of sharing; empty where too few came to share anything by that way."""
    columns = choose_columns(model_columns(), visit.asked.get("columns"))
    findings, digits = list_findings(found, leaders_finding(found)), list_digits(found)
    return Sheet(
        title=found.heading,
        notes=sheet_notes(findings, data_line(visit, found.data, scope), _bar(visit, scope, touches).limits),
        heads=[by_name(scope.by), *(head for column in columns for head in _sheet_heads(column))],
        rows=[
            [line[0][1].label, *(cell for column in columns for cell in _sheet_cells(column, line, digits))]
            for line in sort_credit(visit, found)
        ],
    )


def _sheet_heads(column: Column) -> list[str]:
    if column.name != OVER_ALL:
        return [column.title]
    return [f"{column.title}, {end}" for end in (_("low"), _("high"))]


def _sheet_cells(column: Column, line: CreditLine, digits: Mapping[str, int]) -> Sequence[float | None]:
    """What a column gives a row; applications that it gives whole are whole numbers."""
    found = (find_range(line) or (None, None)) if column.name == OVER_ALL else [dict(line)[column.name].credit]
    return [one if one is None or digits[column.name] else round(one) for one in found]


def list_digits(found: PathsAnswer) -> dict[str, int]:
    """How many decimals each column is written with."""
    digits = {model: credit_digits(credits) for model, credits in found.models.items()}
    return {**digits, OVER_ALL: max(digits.values())}


def _bar(visit: Visit, scope: Scope, touches: Touches) -> FilterBar:
    own = (by_select(scope), stage_select(visit, scope), _touches_select(touches))
    return filter_bar(visit, scope, *own, keep=["columns", SORT, WAYS])


def _touches(visit: Visit) -> Touches:
    asked = visit.asked.get("touches", Touches.STAGE.value)
    if asked not in set(Touches):
        known = ", ".join(Touches)
        raise Invalid([Problem("touches", _("“%(text)s” is none of %(known)s.", text=asked, known=known))])
    return Touches(asked)


def paths_view(visit: Visit, scope: Scope, touches: Touches, found: PathsAnswer) -> dict[str, Any]:
    """All that the page shows."""
    leaders, digits = leaders_finding(found), list_digits(found)
    columns = choose_columns(model_columns(), visit.asked.get("columns"))
    return {
        "title": found.heading,
        "findings": list_findings(found, leaders),
        "data_line": data_line(visit, found.data, scope),
        "partial": partial_says(found.data),
        "bar": _bar(visit, scope, touches),
        "heads": [
            sort_head(visit, "label", by_name(scope.by), numeric=False, at="credit-table"),
            *(sort_head(visit, column.name, column.title, at="credit-table") for column in columns),
        ],
        "columns": column_form(visit, model_columns(), columns),
        "rows": [_row(visit, scope, touches, line, columns, digits) for line in sort_credit(visit, found)],
        "opens": opening_words({column.name for column in columns}),
        "alike": alike_words(followed=visit.follows_people),
        "untouched": number(found.untouched) if touches is Touches.BETWEEN and found.untouched else "",
        "way_heads": [
            sort_head(visit, name, title, numeric=name != "steps", word=WAYS, at="ways")
            for name, title in zip(WAY_VALUES, way_titles(scope), strict=True)
        ],
        "ways": [_way(visit, touches, path) for path in sort_lines(visit, found.paths, WAY_VALUES, word=WAYS)],
        "files": file_links(visit, "/paths"),
        "unread": not found.data.through,
        "ways_files": file_links(visit, "/paths/ways"),
        "chart": make_chart(
            "credit",
            credit_by_model(found, leaders, {column.name for column in columns}),
            leaders,
            "credit-table",
            found.totals.applications,
        ),
    }


def opening_words(shown: Collection[str]) -> str:
    """What a number opens; of Markov it is told only where that is shown."""
    said = _("Choose a number to see the applications it comes from.")
    if "markov" not in shown:
        return said
    return f"{said} " + _("Markov compares all paths at once, so its numbers open no list.")


def list_findings(found: PathsAnswer, leaders: str) -> list[str]:
    """What is said above the table; of what there is nothing to say, an empty text."""
    return [paths_finding(found), untraced_words(found), leaders, sharing_words(found), hastening_words(found)]


def _row(
    visit: Visit, scope: Scope, touches: Touches, line: CreditLine, columns: Sequence[Column], digits: Mapping[str, int]
) -> CreditRow:
    (_model, first), *_others = line
    credit = dict(line)
    return CreditRow(
        first.label,
        row_address(visit, scope.by, first.row, first.key),
        [
            _over_all(visit, touches, line, digits[OVER_ALL])
            if column.name == OVER_ALL
            else _credit(visit, touches, column.name, credit[column.name], digits[column.name])
            for column in columns
        ],
    )


def _over_all(visit: Visit, touches: Touches, line: CreditLine, digits: int) -> Counted:
    """What all ways give a row; where they agree, that opens what equal parts are shared out of."""
    words = range_words(line, digits)
    least, most = find_range(line) or (0.0, 0.0)
    if not most or number(least, digits) != number(most, digits):
        return Counted(words, None)
    one = dict(line)[Rule.LINEAR.value]
    return Counted(words, counted_address(visit, CreditCell(Rule.LINEAR, touches, one.row, one.key or "")))


def _credit(visit: Visit, touches: Touches, model: str, one: ModelCredit, digits: int) -> Counted:
    """What a way of sharing gives the row, which opens those it is shared out of. Markov has no such: it compares all
    ways with each other."""
    words = why_words(one.why) if one.credit is None else number(one.credit, digits)
    if not one.credit or model not in set(Rule):
        return Counted(words, None)
    return Counted(words, counted_address(visit, CreditCell(Rule(model), touches, one.row, one.key or "")))


def _way(visit: Visit, touches: Touches, path: PathTaken) -> WayTaken:
    counts = ((path.applications, Part.APPLIED), (path.reached, Part.REACHED), (path.unresolved, Part.PENDING))
    return WayTaken(path.steps, [count_cell(visit, n, PathCell(path.key, touches, part)) for n, part in counts])


def credit_lines(found: PathsAnswer) -> list[list[tuple[str, ModelCredit]]]:
    """A line for every row that some way of sharing gives something, with what each way gives it: known rows by what
    equal parts give them, then those of no placement."""
    lines = [list(zip(found.models, line, strict=True)) for line in zip(*found.models.values(), strict=True)]
    equal = list(found.models).index(Rule.LINEAR)
    return sorted(
        (line for line in lines if any(one.credit for _model, one in line)), key=lambda line: _place(line[equal][1])
    )


def sort_credit(visit: Visit, found: PathsAnswer) -> list[list[tuple[str, ModelCredit]]]:
    """The lines of credit as the address asks for them; those of no placement stay last."""
    values: dict[str, Callable[[CreditLine], Any]] = {
        "label": lambda line: line[0][1].label.casefold(),
        **{model: partial(_credit_by, model) for model in MODELS},
        OVER_ALL: lambda line: (find_range(line) or (None, None))[1],
    }
    lines = credit_lines(found)
    known = sort_lines(visit, [line for line in lines if line[0][1].row == "known"], values)
    return [*known, *(line for line in lines if line[0][1].row != "known")]


def _credit_by(model: str, line: CreditLine) -> float | None:
    return dict(line)[model].credit


def way_titles(scope: Scope) -> list[str]:
    """The heads of the table of ways."""
    return [_("Steps"), _("Applied"), stage_name(scope.stage), _("Open")]


def _place(equal: ModelCredit) -> tuple[bool, float]:
    return equal.row != "known", -(equal.credit or 0) if equal.row == "known" else 0


def _touches_select(touches: Touches) -> Select:
    options = [
        (Touches.STAGE.value, _("all up to the stage")),
        (Touches.BETWEEN.value, _("only after the stage before")),
    ]
    return Select("touches", _("What was met"), options, touches.value)
