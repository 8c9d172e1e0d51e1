"""Observations from a file, a sheet of applications above all: tried or read in, with a file of what was refused."""

import base64
import csv
import datetime as dt
import io
import itertools
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.access.audit import Action, record
from app.access.organisation import Organisation
from app.access.token import LONGEST_SYSTEM, check_system
from app.errors import Conflict, Invalid, Problem, TryLater
from app.funnel.stage import STAGES, Stage
from app.i18n import _, current_language, number
from app.intake.application_table import OUTCOMES
from app.intake.observations import Observation
from app.intake.observations_file import (
    FileItems,
    describe_counts,
    describe_unread,
    read_items,
    rejects_file,
    take_in_numbered,
)
from app.intake.observe import MOST_ITEMS, Receipt, Rejection
from app.planning.problem import refuse
from app.reports.names import stage_name
from app.spreadsheets import marks_for
from app.web.pages.administering import changing, require_administrator
from app.web.pages.door import require_own_form
from app.web.pages.start import find_done
from app.web.pages.visit import Visit, answer, problems_of
from app.web.uploads import Upload, read_upload, require_file

router = APIRouter(include_in_schema=False)

HERE = "/data/observations"
MOST_SHOWN = 50
LONGEST_LINK = 1_400_000
"""Bytes of refused rows that a link holds: browsers take addresses of two million signs, and base64 makes four of
three."""
TYPES = {"csv": "text/csv", "ndjson": "application/x-ndjson"}
SYSTEM = "file"
OF_THE_PLAN = ("employer", "personas", "campaign", "live")
"""The steps of the first hour that a file does not do."""
EXAMPLE = """\
{"id": "a1", "kind": "application", "at": "2026-03-02T10:00:00Z", "person": "p1", "application": "x1", "job": "j1", \
"source": {"url": "https://jobs.example.org/doctors?utm_content=h7k2mq"}}
{"id": "a2", "kind": "stage_change", "at": "2026-03-09T08:00:00Z", "application": "x1", "stage": "interview"}
{"id": "a3", "kind": "outcome", "at": "2026-04-01T08:00:00Z", "application": "x1", "outcome": "rejected"}
"""
"""Somebody applies, comes to an interview, is rejected."""
SHEET = (
    ("application", "person", "applied", "job", "specialty", "source", "code", "interview", "offer", "hired",
     "rejected"),
    ("x1", "p1", "2026-03-02", "j1", "general practice", "", "h7k2mq", "2026-03-09", "", "", "2026-04-01"),
    ("x2", "p2", "2026-03-05", "j1", "general practice", "a colleague", "", "2026-03-12", "2026-04-02", "2026-04-20",
     ""),
)  # fmt: skip
"""Two applications: one by an ad, which came to an interview and was rejected, and one that ended in a hire."""
File = Annotated[Upload | None, Depends(read_upload)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file's rows, or would become of them: the counts, and the first of those refused."""

    name: str
    tried: bool
    is_empty: bool
    """Whether nothing of it is here."""
    counts: str
    unread: str
    """Which columns of a sheet were passed over."""
    conflict: int
    refused: int
    shown: Sequence[Rejection]
    rejects: str
    """The refused rows as a file, held in its link."""
    ending: str
    """What the name of that file ends with."""
    cut: bool
    """Whether the link holds the first of them only."""
    remarks: Sequence[tuple[int, str]]
    """What is to be said of rows that were read all the same: the first of them."""
    remarked: int


@router.get(HERE)
def observations(request: Request) -> Response:
    """The form that takes a file, and what such a file holds."""

    def make(visit: Visit) -> Response:
        require_administrator(visit)
        return _page(visit)

    return answer(request, make)


@router.get(f"{HERE}/example.ndjson")
def example(request: Request) -> Response:
    """Three observations to begin from."""

    def make(visit: Visit) -> Response:
        require_administrator(visit)
        headers = {"Content-Disposition": 'attachment; filename="observations.ndjson"'}
        return Response(EXAMPLE, media_type="application/x-ndjson", headers=headers)

    return answer(request, make)


@router.get(f"{HERE}/example.csv")
def example_sheet(request: Request) -> Response:
    """Two applications as a sheet to begin from."""

    def make(visit: Visit) -> Response:
        require_administrator(visit)
        marks, lines = marks_for(visit.language), io.StringIO()
        csv.writer(lines, delimiter=marks.between).writerows(SHEET)
        headers = {"Content-Disposition": 'attachment; filename="applications.csv"'}
        return Response(marks.begins + lines.getvalue(), media_type="text/csv", headers=headers)

    return answer(request, make)


@router.post(HERE)
def upload(request: Request, file: File) -> Response:
    """Read a file in, or only say what would happen; a row that is refused is named and the others are kept."""

    def make(visit: Visit) -> Response:
        require_administrator(visit)
        require_own_form(request)
        try:
            given = require_file(file)
            outcome = _take(visit, given, tried=given.texts.get("do") == "try")
        except (Invalid, Conflict, TryLater) as error:
            return _page(visit, file, problems_of(error))
        return _page(visit, file, outcome=outcome)

    return answer(request, make)


def _take(visit: Visit, file: Upload, *, tried: bool) -> Outcome:
    """Take in the file's rows in one transaction, as one call to the API would."""
    system, state = file.texts.get("system", SYSTEM), visit.request.app.state
    refuse(list(check_system(system)))
    found = read_whole(file, visit.organisation, visit.now)
    opened: AbstractContextManager[Session] = (
        state.database.rehearsing(visit.organisation.id) if tried else changing(visit)
    )
    with opened as session:
        receipt = take_in_numbered(session, system, found, secret=state.pseudonym_key, now=visit.now)
        if receipt.accepted:
            told = (f"accepted:{receipt.accepted}", f"refused:{len(receipt.rejected)}")
            record(session, Action.CREATED, "observations", system, told)
    return _outcome(file.name, receipt, tried=tried)


def read_whole(file: Upload, organisation: Organisation, now: dt.datetime) -> FileItems:
    """The items of a file of at most as many as one call takes. Raises Invalid."""
    found = read_items(io.BytesIO(file.data), file.name, organisation, now)
    items = list(itertools.islice(found.items, MOST_ITEMS + 1))
    if not items:
        raise Invalid(
            [Problem("file", _("This file has no observations; take the example to see what one looks like."))]
        )
    if len(items) > MOST_ITEMS:
        problem = _("More than %(n)s observations are in this file: send it in parts, or read it in with "
                    "`kutsu import observations FILE`.", n=number(MOST_ITEMS))  # fmt: skip
        raise Invalid([Problem("file", problem)])
    return replace(found, items=items)


def _outcome(name: str, receipt: Receipt, *, tried: bool) -> Outcome:
    ending, lines = rejects_file(receipt)
    sizes = itertools.accumulate(len(line.encode()) for line in lines)
    held = "".join(line for line, size in zip(lines, sizes, strict=True) if size <= LONGEST_LINK)
    return Outcome(
        name, tried, not receipt.accepted + receipt.duplicate,
        describe_counts(receipt.accepted, receipt.duplicate, receipt.conflict, len(receipt.rejected), receipt.sheet),
        describe_unread(receipt.unread), receipt.conflict, len(receipt.rejected), receipt.rejected[:MOST_SHOWN],
        f"data:{TYPES[ending]};base64,{base64.b64encode(held.encode()).decode()}", ending,
        len(held) < sum(map(len, lines)), receipt.remarks[:MOST_SHOWN], len(receipt.remarks),
    )  # fmt: skip


def _page(
    visit: Visit, file: Upload | None = None, problems: Sequence[str] = (), outcome: Outcome | None = None
) -> Response:
    view = observations_view(visit, file.texts if file else {}, problems, outcome)
    return visit.page("observations.html", view, 422 if problems else 200)


def observations_view(
    visit: Visit, typed: dict[str, str], problems: Sequence[str], outcome: Outcome | None
) -> dict[str, Any]:
    """All that the page shows."""
    return {
        "title": files_name(),
        "finding": outcome.counts if outcome else _("What happened to applications, from any system that can write "
                                                    "it down. Nobody's name is kept."),
        "problems": problems,
        "outcome": outcome,
        "ways": list_ways(visit) if outcome and not outcome.tried and not outcome.is_empty else [],
        "action": visit.address(HERE),
        "most": number(MOST_ITEMS),
        "system": typed.get("system", SYSTEM),
        "longest_system": LONGEST_SYSTEM,
        "sheet": SHEET,
        "columns": list_columns(),
        "sheet_at": visit.address(f"{HERE}/example.csv"),
        "example": EXAMPLE,
        "example_at": visit.address(f"{HERE}/example.ndjson"),
        "kinds": list_kinds(),
    }  # fmt: skip


def files_name() -> str:
    """What leads to the form."""
    return _("A sheet of applications, or other observations from a file")


def list_ways(visit: Visit) -> list[tuple[str, str]]:
    """Where to go on to from what was read: the numbers, what its sources mean, and the first hour while it lasts."""
    done = find_done(visit)
    left = not all(done[one] for one in OF_THE_PLAN)
    return [
        *([(_("Funnel"), visit.address("/funnel"))] if visit.sees_small_counts else []),
        (_("What sources are called"), visit.address("/data/sources")),
        *([(_("The first hour"), visit.address("/start"))] if left else []),
    ]


def list_columns() -> list[tuple[str, str, str]]:
    """Each column that a sheet may have, as it is called in English and in the reader's language, and what stands in
    it."""
    return [(names, _own_words(names), says) for names, says in _say_columns()]


def _own_words(names: str) -> str:
    """The names of columns in the reader's language, each with a capital; nothing in English."""
    if current_language() == "en":
        return ""
    return ", ".join(column_word(one) for one in names.split(", "))


def column_word(name: str) -> str:
    """What a column may be called in the reader's language."""
    if name in STAGES and name != Stage.APPLIED.slug:
        return stage_name(STAGES[name])
    return {
        "application": _("Application number"), "applied": _("Applied on"), "person": _("Applicant"),
        "rejected": _("Rejected on"), "withdrawn": _("Withdrawn on"), "code": _("Code"), "link": _("Link"),
        "source": _("Source"), "job": _("Job"), "job title": _("Job title"), "specialty": _("Specialty"),
        "unit": _("Unit"),
    }[name]  # fmt: skip


def _say_columns() -> list[tuple[str, str]]:
    reached = ", ".join(stage for stage in STAGES if stage != Stage.APPLIED.slug)
    return [
        ("application", _("The application's own key or number. Needed.")),
        ("applied", _("The day it was made. Needed.")),
        (
            "person",
            _(
                "The applicant's key, the same in all their applications. Without it, each application counts as "
                "another person."
            ),
        ),
        (reached, _("The day they came to that stage; empty where they have not.")),
        (", ".join(OUTCOMES), _("The day it ended so.")),
        (
            "code, link, source",
            _("Where they came from: an ad's code, the address they came by, or a word for it."),
        ),
        ("job, job title, specialty, unit", _("What they applied for.")),
    ]


def list_kinds() -> list[tuple[str, str, str]]:
    """Each kind of observation: the fields it must have beside id, kind and at, and those that it may have."""
    common = {"id", "kind", "at"}
    found = []
    for model in get_args(get_args(Observation)[0]):
        fields = {name: field for name, field in model.model_fields.items() if name not in common}
        must = [name for name, field in fields.items() if field.is_required()]
        found.append((get_args(model.model_fields["kind"].annotation)[0], ", ".join(must),
                      ", ".join(name for name in fields if name not in must)))  # fmt: skip
    return found
