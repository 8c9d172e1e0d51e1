"""What does each kind of task. A handler may be begun anew at any point: what it did before changes nothing then."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from sqlalchemy import delete, func, select

from app.access.ended import forget_what_ended
from app.database import Database, to_micros
from app.errors import KutsuError, Missing
from app.files.store import NOWHERE, FileStore
from app.funnel.application import Application
from app.funnel.replay import A_STEP, Place, count_steps, replay_step
from app.i18n import _
from app.intake.ad_totals.keeping import HELD_FOR, forget_held, forget_replaced
from app.intake.bringing import bring_missing
from app.intake.hook_source import drop_keys
from app.intake.inbox import PROJECT, day_of
from app.intake.inbox_projection import project_inbox
from app.intake.observations_file import import_file, rejects_file
from app.intake.reconcile import reconcile_connection
from app.intake.sealing import Sealer
from app.intake.sync import FAILED, ClientFor, SyncReport, sync_connection
from app.intake.vendors import open_account
from app.planning.filing import sweep_files
from app.tasks.running import Running
from app.tasks.task import OPEN, Task

SYNC, RECONCILE, BRING = "sync", "reconcile", "bring"
MOST_REMARKS = 50
REPLAY, RETENTION, OBSERVATIONS = "replay", "retention", "import observations"
TASKS_ARE_KEPT = dt.timedelta(days=30)
BODIES_ARE_KEPT = dt.timedelta(days=60)
"""How long what a webhook brought can be read again."""


@dataclass(frozen=True, slots=True)
class Work:
    """What handlers work with: the store, what people's references are made with, what opens credentials."""

    database: Database
    secret: bytes
    sealer: Sealer
    clock: Callable[[], dt.datetime]
    client_for: ClientFor = open_account
    files: FileStore = NOWHERE


Handler: TypeAlias = Callable[[Work, Running], Mapping[str, Any]]


def sync(work: Work, running: Running) -> Mapping[str, Any]:
    """Pull what is new at one connection, page by page."""

    def show(report: SyncReport) -> None:
        running.progress(report.read, message=report.describe())

    report = sync_connection(
        running.database, running.claim.organisation_id, uuid.UUID(running.claim.subject), work.secret,
        sealer=work.sealer, clock=work.clock, client_for=work.client_for, on_progress=show,
    )  # fmt: skip
    if report.state == FAILED:
        raise KutsuError(report.describe())
    return {"read": report.read, "stored": report.stored, "text": report.describe()}


def reconcile(work: Work, running: Running) -> Mapping[str, Any]:
    """Compare what one connection's vendor counts by day with what is here."""
    found = reconcile_connection(
        running.database, running.claim.organisation_id, uuid.UUID(running.claim.subject), work.secret,
        sealer=work.sealer, clock=work.clock, client_for=work.client_for,
    )  # fmt: skip
    return {
        "theirs": sum(check.theirs for check in found.checks),
        "ours": sum(check.ours for check in found.checks),
        "missing": len(found.missing),
    }


def bring(work: Work, running: Running) -> Mapping[str, Any]:
    """Read by their keys the applications that one connection's vendor has and that are not here."""
    brought = bring_missing(
        running.database, running.claim.organisation_id, uuid.UUID(running.claim.subject), work.secret,
        sealer=work.sealer, clock=work.clock, client_for=work.client_for, on_progress=running.progress,
    )  # fmt: skip
    return {"lacking": brought.lacking, "left": brought.left, "text": brought.describe()}


def replay(_work: Work, running: Running) -> Mapping[str, Any]:
    """Compute the whole record anew from its facts, step by step."""
    organisation_id = running.claim.organisation_id
    with running.database.reading(organisation_id) as session:
        total = count_steps(session)
    place: Place | None = Place.of_json(running.claim.cursor)
    while place is not None:
        running.progress(place.done, total)
        with running.database.writing(organisation_id) as session:
            place = replay_step(session, place, A_STEP)
            running.remember(session, place.to_json() if place else {})
    with running.database.reading(organisation_id) as session:
        return {"applications": session.scalar(select(func.count()).select_from(Application)) or 0}


def retain(work: Work, running: Running) -> Mapping[str, Any]:
    """Forget what has outlived its time: ended tasks, bodies of webhooks, ads' totals that others took the place of,
    files that no asset has any more, and what opened a door once."""
    now = work.clock()
    old = delete(Task).where(Task.state.not_in(OPEN), Task.finished_at < now - TASKS_ARE_KEPT)
    with running.database.writing(running.claim.organisation_id) as session:
        tasks = session.execute(old).rowcount  # type: ignore[attr-defined]
        keys = drop_keys(session, day_of(to_micros(now - BODIES_ARE_KEPT)))
        forget_replaced(session, now)
        forget_held(session, now - HELD_FOR)
        swept = sweep_files(session, work.files, now)
    with work.database.writing() as session:
        ended = forget_what_ended(session, now)
    return {"tasks": tasks, "keys": keys, "ended": ended, "files": swept.unnamed}


def project(work: Work, running: Running) -> Mapping[str, Any]:
    """Turn the deliveries that wait in the inbox into facts."""
    projected = project_inbox(
        running.database, running.claim.organisation_id, work.secret,
        sealer=work.sealer, clock=work.clock, client_for=work.client_for,
    )  # fmt: skip
    return {"taken": projected.taken, **projected.ended, "text": projected.describe()}


def import_observations(work: Work, running: Running) -> Mapping[str, Any]:
    """Take in a file of observations that lies on this machine, some thousands at a time; what is refused is
    written beside it."""
    file = Path(running.claim.params["file"])
    if not file.is_file():
        raise Missing(_("The file %(file)s is not there; import it again from where it lies.", file=file))
    receipt = import_file(
        running.database, running.claim.organisation_id, running.claim.params["system"], file,
        secret=work.secret, now=work.clock(), on_progress=running.progress,
    )  # fmt: skip
    ending, lines = rejects_file(receipt)
    rejects = file.with_name(f"{file.name}.rejected.{ending}")
    if receipt.rejected:
        rejects.write_text("".join(lines), newline="")
    return {
        "accepted": receipt.accepted,
        "duplicate": receipt.duplicate,
        "conflict": receipt.conflict,
        "rejected": len(receipt.rejected),
        "rejects": str(rejects),
        "unread": list(receipt.unread),
        "remarks": [list(one) for one in receipt.remarks[:MOST_REMARKS]],
        "sheet": receipt.sheet,
    }


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        SYNC: sync,
        PROJECT: project,
        RECONCILE: reconcile,
        BRING: bring,
        REPLAY: replay,
        RETENTION: retain,
        OBSERVATIONS: import_observations,
    }
)
