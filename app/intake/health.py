"""How each connection is: whether what it should bring has come, since when it has not, and why."""

import datetime as dt
import enum
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import from_micros
from app.funnel.fact import FactRow, Origin
from app.intake.connection import Connection, ConnectionState, SyncCursor, SyncRun
from app.intake.connectors.unread import list_unread
from app.intake.inbox import InboxRow
from app.intake.stage_map import count_waiting_events
from app.intake.vendors import VENDORS

LATE_AFTER = dt.timedelta(hours=36)
AHEAD, MICROSECOND = dt.timedelta(minutes=5), dt.timedelta(microseconds=1)
"""How far clocks may differ before what happened is said to lie in the future: as much as signed deliveries may."""
MOST_RUNS = 20
DONE, FAILED = "done", "failed"


class Condition(enum.StrEnum):
    """How a connection is, the worst first."""

    BROKEN = "broken"
    LATE = "late"
    NEW = "new"
    PAUSED = "paused"
    FRESH = "fresh"
    DISCONNECTED = "disconnected"


ORDER = list(Condition)


@dataclass(frozen=True, slots=True)
class Health:
    """A connection's condition, since when, what its last failure said; what came of its runs and what waits.

    `through` is when the last good run began: all before it has been read. `codes` counts the applications of the
    last run by the field that held their code, `unread` the records that are asked for again at each run since they
    cannot be read, by why. `ahead` counts the facts that were heard of before they are said to have happened: they are
    kept as they were told, for a clock runs ahead there.
    """

    connection: Connection
    condition: Condition
    since: dt.datetime | None
    error: str | None
    through: dt.datetime | None
    last_fact_at: dt.datetime | None
    facts: int
    waiting_stages: int
    waiting_events: int
    runs: tuple[SyncRun, ...]
    codes: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)
    ahead: int = 0

    @property
    def is_asked(self) -> bool:
        """Whether Kutsu asks the system by itself, or only hears of it."""
        return bool(VENDORS[self.connection.vendor].secrets)

    @property
    def last_run(self) -> SyncRun | None:
        """The last run that ended."""
        return next((run for run in self.runs if run.finished_at is not None), None)


def read_health(session: Session, connection: Connection, now: dt.datetime) -> Health:
    """How a connection is."""
    runs = session.scalars(
        select(SyncRun)
        .where(SyncRun.connection_id == connection.id)
        .order_by(SyncRun.started_at.desc(), SyncRun.id.desc())
        .limit(MOST_RUNS)
    ).all()
    done = SyncRun.state == DONE
    of_connection = SyncRun.connection_id == connection.id
    through = session.scalar(select(func.max(SyncRun.started_at)).where(of_connection, done))
    condition, since, error = _judge(session, connection, through, now)
    # What a connection sends as observations is told of by the name that the API gives its senders.
    of_system = FactRow.system.in_((connection.system, f"system:{connection.system}"))
    is_ahead = FactRow.occurred_at > FactRow.observed_at + AHEAD // MICROSECOND
    counted = select(func.count(), func.max(FactRow.observed_at), func.count().filter(is_ahead)).where(of_system)
    facts, last, ahead = session.execute(counted).one()
    names, events = count_waiting_events(session, connection.system)
    codes = next((run.codes for run in runs if run.state == DONE and run.codes), {})
    return Health(
        connection, condition, since, error, through, from_micros(last) if facts and last else None, facts, names,
        events, tuple(runs), dict(codes), _count_unread(session, connection), ahead,
    )  # fmt: skip


def _count_unread(session: Session, connection: Connection) -> Mapping[str, int]:
    """Why how many records wait to be read; one that two streams met is one."""
    rows = session.scalars(select(SyncCursor).where(SyncCursor.connection_id == connection.id))
    return Counter(one.reason for one in {one for row in rows for one in list_unread(row.cursor)})


def _judge(
    session: Session, connection: Connection, through: dt.datetime | None, now: dt.datetime
) -> tuple[Condition, dt.datetime | None, str | None]:
    if connection.state is ConnectionState.DISCONNECTED:
        return Condition.DISCONNECTED, connection.disconnected_at, None
    if connection.state is ConnectionState.PAUSED:
        return Condition.PAUSED, connection.paused_at, None
    if not VENDORS[connection.vendor].secrets:
        heard = session.scalar(select(func.max(InboxRow.received_at)).where(InboxRow.connection_id == connection.id))
        return (Condition.NEW, None, None) if heard is None else (Condition.FRESH, from_micros(heard), None)
    failed = select(SyncRun).where(SyncRun.connection_id == connection.id, SyncRun.state == FAILED)
    if through is not None:
        failed = failed.where(SyncRun.started_at > through)
    failures = session.scalars(failed.order_by(SyncRun.started_at)).all()
    if failures:
        return Condition.BROKEN, failures[0].started_at, failures[-1].error
    if through is None:
        return Condition.NEW, None, None
    if now - through > LATE_AFTER:
        return Condition.LATE, through, None
    return Condition.FRESH, through, None


def comes_by_files(session: Session, system: str) -> bool:
    """Whether all that is known of a system was read from files: it comes when somebody brings it, and is never
    late."""
    sent = select(FactRow.key).where(FactRow.system == system, FactRow.origin != int(Origin.FILE)).limit(1)
    return system.startswith("system:") and session.scalar(sent) is None


def list_health(session: Session, now: dt.datetime) -> list[Health]:
    """Every connection, those that need somebody first."""
    connections = session.scalars(select(Connection).order_by(Connection.name))
    found = [read_health(session, connection, now) for connection in connections]
    return sorted(found, key=lambda one: (ORDER.index(one.condition), one.connection.name))
