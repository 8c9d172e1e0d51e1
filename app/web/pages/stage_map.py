"""The stage map of a connection: what its stages mean, those first that wait for somebody."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.access.token import Role
from app.errors import Invalid, Problem
from app.funnel.stage import Stage
from app.i18n import _, moment, ngettext, number, unhyphenated
from app.intake.connection import Connection
from app.intake.stage_map import (
    NO_STAGE,
    NamedStage,
    Remapped,
    change_stage_map,
    read_stage_map,
    undo_stage_map,
)
from app.intake.vendors import get_connection
from app.reports.names import stage_name
from app.web.pages.administering import Form, read_pairs
from app.web.pages.door import go_to, read_id
from app.web.pages.meanwhile import merge_rows, require_agreed, require_whole
from app.web.pages.visit import Make, Visit, answer, change

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage name as the page shows it, with what may be said of it; `theirs` is what somebody else has said
    meanwhile, where the visitor says something different."""

    key: str
    name: str
    jobs: str
    events: str
    waits: bool
    note: str
    options: tuple[tuple[str, str, bool], ...]
    now: str
    theirs: str
    meaning: str


Sent = Annotated[Form, Depends(read_pairs)]


@router.get("/data/{connection_id}/stages")
def stages(request: Request, connection_id: str) -> Response:
    """The map, and for administrators the form to change it."""
    return answer(request, lambda visit: _page(visit, read_id(connection_id)))


@router.post("/data/{connection_id}/stages")
def save(request: Request, connection_id: str, sent: Sent) -> Response:
    """Keep what was said of the stages, and count anew what was in them."""

    def do(visit: Visit) -> Response:
        connection = _to_change(visit, connection_id)
        found = read_stage_map(visit.session, connection.system)
        given = _read_given(found.stages, sent)
        done = change_stage_map(visit.session, connection.system, given, revision=found.revision, now=visit.now)
        return _go_back(visit, connection, done)

    return _change(request, connection_id, do, sent)


@router.post("/data/{connection_id}/stages/undo")
def undo(request: Request, connection_id: str, sent: Sent) -> Response:
    """Take the last change back."""

    def do(visit: Visit) -> Response:
        connection = _to_change(visit, connection_id)
        done = undo_stage_map(visit.session, connection.system, revision=_revision(sent), now=visit.now)
        return _go_back(visit, connection, done)

    return _change(request, connection_id, do)


def _change(request: Request, connection_id: str, do: Make, sent: Form | None = None) -> Response:
    return change(request, do, lambda visit, problems: _page(visit, read_id(connection_id), problems, sent))


def _to_change(visit: Visit, connection_id: str) -> Connection:
    visit.require((Role.ADMINISTRATOR,))
    return get_connection(visit.session, read_id(connection_id))


def _go_back(visit: Visit, connection: Connection, done: Remapped) -> Response:
    return go_to(visit.address(f"/data/{connection.id}/stages", changed=done.stages, anew=str(done.applications)))


def _revision(sent: Form) -> int:
    text = sent.get("revision", [""])[0]
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid([Problem("revision", _("Part of the form is missing; open the page and send it again."))])
    return int(text)


def _read_given(stages: Sequence[NamedStage], sent: Form) -> dict[str, str | None]:
    """What is said of stages and was not said before; to confirm is to say what is proposed."""
    require_whole(sent, "name", "stage")
    said, known = dict(zip(sent.get("name", []), sent.get("stage", []), strict=True)), {one.key: one for one in stages}
    changes = require_agreed(merge_rows(_now(stages), sent, "name", "stage"))
    given = {name: choice or None for name, choice in said.items() if name in changes or name not in known}
    if "confirm" in sent:
        proposed = [known[name] for name, choice in said.items() if name in known and not choice]
        given |= {one.key: one.proposed.slug for one in proposed if _is_open(one) and one.proposed is not None}
    return given


def _is_open(stage: NamedStage) -> bool:
    """Whether nobody has said what it means, and a proposal stands."""
    return not stage.waits and not _chosen(stage)


def _now(stages: Sequence[NamedStage]) -> dict[str, str]:
    return {stage.key: _chosen(stage) for stage in stages}


def _chosen(stage: NamedStage) -> str:
    """What the form shows as chosen; nothing while a stage is left to the proposal."""
    if stage.decided_by == "proposal" or stage.several:
        return ""
    return NO_STAGE if stage.stage is None else stage.stage.slug


def _page(visit: Visit, connection_id: uuid.UUID, problems: Sequence[str] = (), sent: Form | None = None) -> Response:
    connection = get_connection(visit.session, connection_id)
    view = stages_view(visit, connection, problems, sent or {})
    return visit.page("stages.html", view, 422 if problems else 200)


def stages_view(visit: Visit, connection: Connection, problems: Sequence[str], sent: Form) -> dict[str, Any]:
    """All that the page shows; what was chosen in a form that was refused stays chosen."""
    found = read_stage_map(visit.session, connection.system)
    waiting = [stage for stage in found.stages if stage.waits]
    return {
        "title": _("What the stages of %(name)s mean", name=unhyphenated(connection.name)),
        "name": connection.name,
        "back": visit.address(f"/data/{connection.id}"),
        "action": visit.address(f"/data/{connection.id}/stages"),
        "finding": _finding(found.stages, waiting),
        "said": _said(visit),
        "problems": problems,
        "revision": found.revision,
        "stages": list_rows(found.stages, sent),
        "proposals": any(not stage.waits and stage.decided_by == "proposal" for stage in found.stages),
        "undo": visit.address(f"/data/{connection.id}/stages/undo") if found.undoes_from else "",
        "undoes_from": moment(found.undoes_from, visit.organisation.zone) if found.undoes_from else "",
    }


def list_rows(stages: Sequence[NamedStage], sent: Form) -> list[StageRow]:
    """A row for each stage, beside what a form says of it that was refused."""
    now = _now(stages)
    merged = merge_rows(now, sent, "name", "stage")
    chosen = {**now, **merged.changes}
    return [_row(stage, chosen[stage.key], stage.key in merged.clashes) for stage in stages]


def _finding(stages: Sequence[NamedStage], waiting: Sequence[NamedStage]) -> str:
    if not stages:
        return _("No stage has been seen yet; they come with the first synchronisation.")
    if not waiting:
        return _finding_of_said(stages)
    names = ngettext("%(n)s stage waits for its meaning", "%(n)s stages wait for their meaning", len(waiting))
    events = sum(stage.events for stage in waiting)
    if not events:
        return f"{names}."
    return f"{names}; " + ngettext("%(n)s event waits there.", "%(n)s events wait there.", events)


def _finding_of_said(stages: Sequence[NamedStage]) -> str:
    """Whose word it is that says what each stage means: a person's, or as yet only a proposal."""
    proposed = sum(stage.decided_by == "proposal" for stage in stages)
    if not proposed:
        return ngettext("%(n)s stage has its meaning.", "All %(n)s stages have their meaning.", len(stages))
    return ngettext(
        "%(n)s stage means what Kutsu proposes until somebody confirms it.",
        "%(n)s stages mean what Kutsu proposes until somebody confirms them.",
        proposed,
    )


def _said(visit: Visit) -> str:
    """What the change did that the visitor comes from."""
    anew = visit.asked.get("anew", "")
    if not (anew.isascii() and anew.isdecimal() and len(anew) < 12):
        return ""
    if visit.asked.get("changed", "0") == "0":
        return _("Nothing was to be changed.")
    return ngettext("Kept. %(n)s application was counted anew.", "Kept. %(n)s applications were counted anew.",
                    int(anew))  # fmt: skip


def _row(stage: NamedStage, chosen: str, clashes: bool) -> StageRow:
    proposed = (
        _("Proposed: %(stage)s", stage=stage_name(stage.proposed)) if stage.proposed is not None and not stage.waits
        else _("Not said yet")
    )  # fmt: skip
    options = [("", proposed), *((one.slug, stage_name(one)) for one in Stage), (NO_STAGE, _("None of our stages"))]
    return StageRow(
        key=stage.key,
        name=stage.name or _("without a name (%(key)s)", key=stage.key),
        jobs=ngettext("in %(n)s job", "in %(n)s jobs", len(stage.refs)) if len(stage.refs) > 1 else "",
        events=number(stage.events),
        waits=stage.waits,
        note=_note(stage),
        options=tuple((value, text, value == chosen) for value, text in options),
        now=_chosen(stage),
        theirs=dict(options)[_chosen(stage)] if clashes else "",
        meaning=_meaning(stage),
    )


def _meaning(stage: NamedStage) -> str:
    if stage.passed_over:
        return _("None of our stages")
    return _("Not said yet") if stage.stage is None else stage_name(stage.stage)


def _note(stage: NamedStage) -> str:
    if stage.several:
        return _("Stages of this name have different meanings. Choose one meaning for all of them.")
    if stage.waits:
        return _("counts nowhere until somebody says what it means")
    return _("decided") if stage.decided_by == "person" else _("counts as its name proposes, until somebody decides")
