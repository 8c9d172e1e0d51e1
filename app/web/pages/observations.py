"""Observations from a file: tried or read in, row by row, with a file of what was refused."""

import base64
import io
import itertools
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.access.audit import Action, record
from app.access.token import LONGEST_SYSTEM, check_system
from app.errors import Conflict, Invalid, Problem, TryLater
from app.funnel.fact import Origin
from app.i18n import _, number
from app.intake.observations import Observation
from app.intake.observations_file import describe_counts, read_items, rejects_as_lines
from app.intake.observe import MOST_ITEMS, Receipt, Rejection, take_in
from app.planning.problem import refuse
from app.web.pages.administering import changing, require_administrator
from app.web.pages.door import require_own_form
from app.web.pages.visit import Visit, answer, problems_of
from app.web.uploads import Upload, read_upload, require_file

router = APIRouter(include_in_schema=False)

HERE = "/data/observations"
MOST_SHOWN = 50
LONGEST_LINK = 1_400_000
"""Bytes of refused rows that a link holds: browsers take addresses of two million signs, and base64 makes four of
three."""
SYSTEM = "file"
EXAMPLE = """\
{"id": "a1", "kind": "application", "at": "2026-03-02T10:00:00Z", "person": "p1", "application": "x1", "job": "j1", \
"source": {"url": "https://jobs.example.org/doctors?utm_content=h7k2mq"}}
{"id": "a2", "kind": "stage_change", "at": "2026-03-09T08:00:00Z", "application": "x1", "stage": "interview"}
{"id": "a3", "kind": "outcome", "at": "2026-04-01T08:00:00Z", "application": "x1", "outcome": "rejected"}
"""
"""Somebody applies, comes to an interview, is rejected."""
File = Annotated[Upload | None, Depends(read_upload)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file's rows, or would become of them: the counts, and the first of those refused."""

    name: str
    tried: bool
    counts: str
    conflict: int
    refused: int
    shown: Sequence[Rejection]
    rejects: str
    """The refused rows as a file, held in its link."""
    cut: bool
    """Whether the link holds the first of them only."""


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
    items = read_whole(file.data)
    opened: AbstractContextManager[Session] = (
        state.database.rehearsing(visit.organisation.id) if tried else changing(visit)
    )
    with opened as session:
        receipt = take_in(session, system, items, secret=state.pseudonym_key, now=visit.now, origin=Origin.FILE)
        if receipt.accepted:
            told = (f"accepted:{receipt.accepted}", f"refused:{len(receipt.rejected)}")
            record(session, Action.CREATED, "observations", system, told)
    return _outcome(file.name, receipt, tried=tried)


def read_whole(content: bytes) -> list[Any]:
    """The items of a file of at most as many as one call takes. Raises Invalid."""
    items = list(itertools.islice(read_items(io.BytesIO(content)), MOST_ITEMS + 1))
    if not items:
        raise Invalid([Problem("file", _("No observation is in this file; take the example to see how one looks."))])
    if len(items) > MOST_ITEMS:
        problem = _("More than %(n)s observations are in this file: send it in parts, or read it in with "
                    "`kutsu import observations FILE`.", n=number(MOST_ITEMS))  # fmt: skip
        raise Invalid([Problem("file", problem)])
    return items


def _outcome(name: str, receipt: Receipt, *, tried: bool) -> Outcome:
    lines = rejects_as_lines(receipt).encode()
    held = lines[: lines.rfind(b"\n", 0, LONGEST_LINK) + 1]
    return Outcome(
        name, tried, describe_counts(receipt.accepted, receipt.duplicate, receipt.conflict, len(receipt.rejected)),
        receipt.conflict, len(receipt.rejected), receipt.rejected[:MOST_SHOWN],
        f"data:application/x-ndjson;base64,{base64.b64encode(held).decode()}", len(held) < len(lines),
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
        "title": _("Observations from a file"),
        "finding": outcome.counts if outcome else _("What happened to applications, from any system that can write it "
                                                    "down; no name of anybody is kept."),
        "problems": problems,
        "outcome": outcome,
        "action": visit.address(HERE),
        "most": number(MOST_ITEMS),
        "system": typed.get("system", SYSTEM),
        "longest_system": LONGEST_SYSTEM,
        "example": EXAMPLE,
        "example_at": visit.address(f"{HERE}/example.ndjson"),
        "kinds": list_kinds(),
    }  # fmt: skip


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
