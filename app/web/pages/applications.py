"""What a number counts: the pseudonymous applications behind one cell of a report."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.errors import Invalid, Problem
from app.funnel.stage import STAGES, Stage
from app.i18n import _, date, ngettext, number
from app.reports.export import listing_csv
from app.reports.listing import Cell, Listed, Listing, list_counted
from app.reports.names import not_recorded_words, quotable, specialty_name, stage_name
from app.reports.scope import Scope
from app.reports.workbook import Sheet
from app.spreadsheets import marks_for
from app.web.pages.counted import counted_words, read_cell, way_back
from app.web.pages.data_line import data_line
from app.web.pages.files import file_links, sheet_file, sheet_notes, text_file
from app.web.pages.filters import filter_bar
from app.web.pages.sorting import Head
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)

LATER = [stage for stage in Stage if stage > Stage.APPLIED]
A_PAGE = 100
KEY_SHOWN = 12
"""Digits of a record's key on the page; the file has all of them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One application, every cell in words."""

    key: str
    applied: str
    days: Sequence[str]
    out: str
    stands: str
    specialty: str
    source: str
    address: str | None
    part: str


@router.get("/applications")
def applications(request: Request) -> Response:
    """The page."""

    def make(visit: Visit) -> Response:
        scope, cell = visit.question(), read_cell(visit.asked)
        found = list_counted(visit.session, scope, cell)
        return visit.page("applications.html", applications_view(visit, scope, cell, found))

    return answer(request, make)


@router.get("/applications.csv")
def applications_file(request: Request) -> Response:
    """The same applications, all of them, as a file."""

    def make(visit: Visit) -> Response:
        found = list_counted(visit.session, visit.question(), read_cell(visit.asked))
        ordered = sort_listed(found.applications, visit.asked.get("sort", "applied"))
        text = listing_csv(found.model_copy(update={"applications": ordered}), marks_for(visit.language))
        return text_file(visit, "applications.csv", text)

    return answer(request, make)


@router.get("/applications.xlsx")
def applications_workbook(request: Request) -> Response:
    """The same applications, all of them, as a spreadsheet in the order of the page."""

    def make(visit: Visit) -> Response:
        scope, cell = visit.question(), read_cell(visit.asked)
        found = list_counted(visit.session, scope, cell)
        return sheet_file(visit, "applications.xlsx", applications_sheet(visit, scope, cell, found))

    return answer(request, make)


def applications_view(visit: Visit, scope: Scope, cell: Cell, found: Listing) -> dict[str, Any]:
    """All that the page shows."""
    sort = visit.asked.get("sort", "applied")
    listed = sort_listed(found.applications, sort)
    first, parted = _first(visit.asked.get("first"), len(listed)), _is_parted(found)
    stages = [stage for stage in LATER if stage.slug not in found.not_recorded]
    back = way_back(visit, cell)
    return {
        "title": ngettext("%(n)s application", "%(n)s applications", len(listed)),
        "finding": _finding(scope, cell, found),
        "data_line": data_line(visit, found.data, scope),
        "back": back,
        "within": urlsplit(back[1]).path,
        "limits": filter_bar(visit, scope).limits,
        "heads": _heads(visit, sort, stages),
        "not_recorded": not_recorded_words(found.not_recorded),
        "parted": parted,
        "lines": [_line(visit, one, stages) for one in listed[first : first + A_PAGE]],
        "shown": _shown(first, len(listed)),
        "before": visit.same_address(first=max(0, first - A_PAGE) or None) if first else None,
        "after": visit.same_address(first=first + A_PAGE) if first + A_PAGE < len(listed) else None,
        "files": file_links(visit, "/applications"),
    }


def _finding(scope: Scope, cell: Cell, found: Listing) -> str:
    said = [counted_words(cell, scope.stage, len(found.applications))]
    if not found.applications:
        said.append(_("Nobody is counted here. If a number led you here, the data has changed since it was shown."))
    elif found.label:
        said.append(_("They are counted in the row “%(label)s”.", label=quotable(found.label)))
    if _is_parted(found):
        total = sum(one.part for one in found.applications)
        said.append(_("It gets a part of each; together the parts are %(total)s.", total=number(total, 1)))
    if scope.as_of is not None:
        said.append(_("As it stood on %(day)s.", day=date(scope.as_of)))
    return " ".join(said)


def _is_parted(found: Listing) -> bool:
    """Whether the number is made of parts of applications."""
    return any(one.part < 1 for one in found.applications)


def applications_sheet(visit: Visit, scope: Scope, cell: Cell, found: Listing) -> Sheet:
    """The list as a table, a day in each cell of a stage that has one; the keys of records in full."""
    listed = sort_listed(found.applications, visit.asked.get("sort", "applied"))
    return Sheet(
        title=ngettext("%(n)s application", "%(n)s applications", len(listed)),
        notes=sheet_notes([_finding(scope, cell, found)], data_line(visit, found.data, scope),
                          filter_bar(visit, scope).limits),
        heads=[_("Record"), _("Applied"), *(stage_name(stage) for stage in LATER), _("Out"), _("Outcome"),
               _("Stands at"), _("Specialty"), _("Source"), *([_("Its part")] if _is_parted(found) else [])],
        rows=[
            [one.record, one.applied, *(one.stages.get(stage.slug, "") or _implied(one, stage) for stage in LATER),
             one.out, _outcome(one.outcome) if one.outcome else None,
             stage_name(STAGES[one.current]) if one.current else None,
             specialty_name(one.specialty) if one.specialty else None, one.label,
             *([one.part] if _is_parted(found) else [])]
            for one in listed
        ],
    )  # fmt: skip


def _implied(one: Listed, stage: Stage) -> str | None:
    return "·" if stage.slug in one.stages else None


def _first(text: str | None, count: int) -> int:
    wanted = int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
    return wanted // A_PAGE * A_PAGE if wanted < count else 0


def _shown(first: int, count: int) -> str:
    if count <= A_PAGE:
        return ""
    last = min(first + A_PAGE, count)
    return _("%(first)s–%(last)s of %(all)s", first=number(first + 1), last=number(last), all=number(count))


def sort_listed(listed: Sequence[Listed], sort: str) -> list[Listed]:
    """In the order asked: by `applied`, a stage, `out`, `stands`, `specialty` or `source`, the largest first after a
    minus. What has none comes last either way; what is equal keeps the order of applying."""
    name = sort.removeprefix("-")
    keys: dict[str, Callable[[Listed], Any]] = {
        "applied": lambda one: one.applied,
        "out": lambda one: one.out,
        "stands": lambda one: STAGES[one.current] if one.current else None,
        "specialty": lambda one: one.specialty and specialty_name(one.specialty),
        "source": lambda one: (one.row != "known", one.label.casefold()),
        **{stage.slug: _day_of(stage.slug) for stage in LATER},
    }
    if name not in keys:
        wrong = _("“%(text)s” is none of %(known)s.", text=sort, known=", ".join(keys))
        raise Invalid([Problem("sort", wrong)])
    key = keys[name]
    told = sorted((one for one in listed if key(one) is not None), key=key, reverse=sort.startswith("-"))
    return [*told, *(one for one in listed if key(one) is None)]


def _day_of(stage: str) -> Callable[[Listed], dt.date | None]:
    return lambda one: one.stages.get(stage)


def _heads(visit: Visit, sort: str, stages: Sequence[Stage]) -> list[Head]:
    names = [("applied", _("Applied")), *((stage.slug, stage_name(stage)) for stage in stages), ("out", _("Out")),
             ("stands", _("Stands at")), ("specialty", _("Specialty")), ("source", _("Source"))]  # fmt: skip
    return [_head(visit, name, title, sort) for name, title in names]


def _head(visit: Visit, name: str, title: str, sort: str) -> Head:
    follows = f"-{name}" if sort == name else name
    state = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
    return Head(name, title, visit.same_address(sort=follows, first=None), state, numeric=False)


def _line(visit: Visit, one: Listed, stages: Sequence[Stage]) -> Line:
    out = "" if one.out is None else f"{date(one.out)} {_outcome(one.outcome)}"
    return Line(
        key=one.record[:KEY_SHOWN], applied=date(one.applied), days=[_day(one, stage.slug) for stage in stages],
        out=out,
        stands=stage_name(STAGES[one.current]) if one.current else "",
        specialty=specialty_name(one.specialty) if one.specialty else "", source=one.label,
        address=visit.address(f"/placements/{one.key}", stage=visit.asked.get("stage")) if one.key else None,
        part=number(one.part, 2),
    )  # fmt: skip


def _day(one: Listed, stage: str) -> str:
    """When it came to the stage; a dot where a later one implies it, without a day."""
    if stage not in one.stages:
        return ""
    day = one.stages[stage]
    return "·" if day is None else date(day)


def _outcome(outcome: str | None) -> str:
    return _("withdrew") if outcome == "withdrawn" else _("rejected")
