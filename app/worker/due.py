"""What is put in the queue by itself, and when: decided from what was last asked for, so it does not matter which
process looks, nor how many do."""

import datetime as dt
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.organisation import Organisation
from app.database import Database, lock, to_micros
from app.intake.connection import Connection, SyncRun
from app.intake.inbox import PROJECT, InboxRow
from app.intake.inbox import State as Waiting
from app.intake.schemes import SENDERS
from app.tasks.task import OPEN, Task, enqueue
from app.worker.handlers import RECONCILE, RETENTION, SYNC

SYNC_EVERY = dt.timedelta(hours=1)
RECONCILE_EVERY = dt.timedelta(days=1)
RETENTION_EVERY = dt.timedelta(days=1)
SPREAD = 0.1
"""Which share of an interval is added to it at most, so that not all connections ask at the same minute."""
SOON = 10
"""The priority of what somebody waits for, and of the first pull of a connection."""

Last: TypeAlias = Mapping[tuple[str, str], dt.datetime]


@dataclass(frozen=True, slots=True)
class Due:
    """A task that is to be put in an organisation's queue."""

    organisation_id: uuid.UUID
    kind: str
    subject: str
    priority: int = 0


def enqueue_due(database: Database, clock: Callable[[], dt.datetime]) -> int:
    """Put what is due in the queues; returns how many tasks there are more now. Whoever was held up since it looked
    looks again, when nobody else can put anything there: what was due may have been asked for and done meanwhile."""
    with database.reading() as session:
        organisations = sorted({one.organisation_id for one in find_due(session, clock())})
    count = 0
    for organisation_id in organisations:
        with database.writing(organisation_id) as session:
            lock(session, f"schedule {organisation_id}")
            now = clock()
            due = [one for one in find_due(session, now) if one.organisation_id == organisation_id]
            for one in due:
                enqueue(session, one.kind, one.subject, now=now, priority=one.priority)
            count += len(due)
    return count


def find_due(session: Session, now: dt.datetime) -> Iterator[Due]:
    """What is due of all organisations that the session sees and not in a queue."""
    is_open = {(one.organisation_id, one.kind, one.subject) for one in session.scalars(_OPEN_TASKS)}
    last = {(organisation, kind, subject): at for organisation, kind, subject, at in session.execute(_LAST_TASKS)}
    pulled = {row.connection_id: row.at for row in session.execute(_LAST_PULLS)}
    read = (Connection.base_url.is_(None), Connection.paused_at.is_(None), Connection.disconnected_at.is_(None))
    asked = Connection.vendor.not_in(SENDERS)  # which sends, and cannot be asked for anything
    for connection in session.scalars(select(Connection).where(*read, asked).order_by(Connection.id)):
        key = (connection.organisation_id, SYNC, str(connection.id))
        begun = max((at for at in (last.get(key), pulled.get(connection.id)) if at is not None), default=None)
        if key not in is_open and _is_due(begun, _spread(SYNC_EVERY, key), now):
            yield Due(*key, priority=SOON if begun is None else 0)
        key = (connection.organisation_id, RECONCILE, str(connection.id))
        # What was never pulled has nothing to compare yet.
        if begun is not None and key not in is_open and _is_due(last.get(key), _spread(RECONCILE_EVERY, key), now):
            yield Due(*key)
    for organisation in session.scalars(select(Organisation.id).order_by(Organisation.id)):
        key = (organisation, RETENTION, "")
        if key not in is_open and _is_due(last.get(key), _spread(RETENTION_EVERY, key), now):
            yield Due(*key)

    for organisation in session.scalars(_WAITING_DELIVERIES.where(InboxRow.due_at <= to_micros(now))):
        key = (organisation, PROJECT, "")
        if key not in is_open:
            yield Due(*key, priority=SOON)


_WAITING_DELIVERIES = select(InboxRow.organisation_id).where(InboxRow.state == Waiting.RECEIVED.value).distinct()
_OPEN_TASKS = select(Task).where(Task.state.in_(OPEN))
_LAST_TASKS = select(Task.organisation_id, Task.kind, Task.subject, func.max(Task.created_at)).group_by(
    Task.organisation_id, Task.kind, Task.subject
)

_LAST_PULLS = select(SyncRun.connection_id, func.max(SyncRun.started_at).label("at")).group_by(SyncRun.connection_id)


def _is_due(last: dt.datetime | None, every: dt.timedelta, now: dt.datetime) -> bool:
    """A last time that is a whole interval ahead is from before the clock was set back; nobody waits for it."""
    return last is None or abs(now - last) >= every


def _spread(every: dt.timedelta, key: tuple[uuid.UUID, str, str]) -> dt.timedelta:
    """The interval of one task, longer than the plain one by what is its own and always the same."""
    return every * (1 + SPREAD * (zlib.crc32(repr(key).encode()) % 1000) / 1000)
