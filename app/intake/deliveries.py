"""What webhooks brought to a connection: what came, what waits, and what waits for a person."""

import datetime as dt
import uuid
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import from_micros, to_micros
from app.intake.connection import Connection
from app.intake.inbox import COUNTED, HookDay, InboxRow, State, day_of

DAYS = 7
MOST_DEAD = 50


@dataclass(frozen=True, slots=True)
class DeadDelivery:
    """A delivery that waits for a person, and why; one whose body is gone cannot be taken up again."""

    id: uuid.UUID
    received_at: dt.datetime
    reason: str
    retriable: bool


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The counts of the last days, and what has not come to its end."""

    counts: dict[str, int]
    last_refused_at: dt.datetime | None
    waiting: int
    oldest_waiting_at: dt.datetime | None
    needs_mapping: int
    dead: int
    dead_rows: tuple[DeadDelivery, ...]


def read_deliveries(session: Session, connection_id: uuid.UUID, now: dt.datetime) -> Deliveries:
    """What came to this connection's address in the last days, and what waits."""
    since = day_of(to_micros(now)) - DAYS + 1
    days = session.scalars(select(HookDay).where(HookDay.connection_id == connection_id, HookDay.day >= since)).all()
    refused = max((day.last_refused_at for day in days if day.last_refused_at is not None), default=None)
    states = dict(
        session.execute(
            select(InboxRow.state, func.count()).where(InboxRow.connection_id == connection_id).group_by(InboxRow.state)
        ).all()
    )  # fmt: skip
    received = (InboxRow.connection_id == connection_id, InboxRow.state == State.RECEIVED.value)
    oldest = session.scalar(select(func.min(InboxRow.received_at)).where(*received))
    dead = session.scalars(
        select(InboxRow)
        .where(InboxRow.connection_id == connection_id, InboxRow.state == State.DEAD.value)
        .order_by(InboxRow.received_at.desc(), InboxRow.id)
        .limit(MOST_DEAD)
    )
    return Deliveries(
        counts={name: sum(getattr(day, name) for day in days) for name in COUNTED},
        last_refused_at=None if refused is None else from_micros(refused),
        waiting=states.get(State.RECEIVED.value, 0),
        oldest_waiting_at=None if oldest is None else from_micros(oldest),
        needs_mapping=states.get(State.NEEDS_MAPPING.value, 0),
        dead=states.get(State.DEAD.value, 0),
        dead_rows=tuple(
            DeadDelivery(row.id, from_micros(row.received_at), row.reason or "", row.body is not None) for row in dead
        ),
    )


def count_failing(session: Session, now: dt.datetime) -> list[tuple[uuid.UUID, str, int]]:
    """The connections that are not ended and whose webhooks fail: how many deliveries wait for a person, and how many
    were refused in the last days."""
    since = day_of(to_micros(now)) - DAYS + 1
    dead = select(InboxRow.connection_id, func.count()).where(InboxRow.state == State.DEAD.value)
    refused = select(HookDay.connection_id, func.sum(HookDay.refused)).where(HookDay.day >= since, HookDay.refused > 0)
    failing: Counter[uuid.UUID] = Counter()
    for counted in (dead.group_by(InboxRow.connection_id), refused.group_by(HookDay.connection_id)):
        failing.update({id: int(n) for id, n in session.execute(counted)})
    named = select(Connection.id, Connection.name).where(Connection.disconnected_at.is_(None)).order_by(Connection.name)
    return [(id, name, failing[id]) for id, name in session.execute(named) if failing[id]]
