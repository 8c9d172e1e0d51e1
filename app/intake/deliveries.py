"""What webhooks brought to a connection: what came, what waits, and what waits for a person."""

import datetime as dt
import uuid
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import from_micros, to_micros
from app.intake.connection import Connection
from app.intake.inbox import COUNTED, HookDay, InboxRow, State, day_of, is_in_vain
from app.intake.signed_day import DAYS, Signed, list_signed

MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class VainDelivery:
    """A delivery that was read in vain and waits for a person, and why; one whose body is gone cannot be taken up
    again."""

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
    waits_for: str | None
    """Why the oldest that waits could not be read when it was tried."""
    needs_mapping: int
    in_vain: int
    vain_rows: tuple[VainDelivery, ...]
    signed: tuple[Signed, ...] = ()
    """By which secrets those of the last days came."""


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
    ours = InboxRow.connection_id == connection_id
    waiting = select(InboxRow).where(ours, InboxRow.state == State.RECEIVED.value)
    oldest = session.scalar(waiting.order_by(InboxRow.received_at, InboxRow.id).limit(1))
    in_vain = session.scalar(select(func.count()).select_from(InboxRow).where(ours, is_in_vain())) or 0
    return Deliveries(
        counts={name: sum(getattr(day, name) for day in days) for name in COUNTED},
        last_refused_at=None if refused is None else from_micros(refused),
        waiting=states.get(State.RECEIVED.value, 0),
        oldest_waiting_at=None if oldest is None else from_micros(oldest.received_at),
        waits_for=None if oldest is None else oldest.reason,
        needs_mapping=sum(states.get(one.value, 0) for one in (State.NEEDS_MAPPING, State.DEAD)) - in_vain,
        in_vain=in_vain,
        vain_rows=list_in_vain(session, connection_id),
        signed=list_signed(session, connection_id, now),
    )


def list_in_vain(session: Session, connection_id: uuid.UUID, most: int = MOST_LISTED) -> tuple[VainDelivery, ...]:
    """The deliveries that wait for a person to look at their reasons, the newest first."""
    ours = (InboxRow.connection_id == connection_id, is_in_vain())
    rows = session.scalars(select(InboxRow).where(*ours).order_by(InboxRow.received_at.desc(), InboxRow.id).limit(most))
    return tuple(
        VainDelivery(row.id, from_micros(row.received_at), row.reason or "", row.body is not None) for row in rows
    )


def count_refused(session: Session, now: dt.datetime) -> list[tuple[uuid.UUID, str, int]]:
    """The connections that are not ended of which deliveries were refused in the last days, and how many."""
    since = day_of(to_micros(now)) - DAYS + 1
    refused = (
        select(Connection.id, Connection.name, func.sum(HookDay.refused))
        .join(HookDay, HookDay.connection_id == Connection.id)
        .where(Connection.disconnected_at.is_(None), HookDay.day >= since, HookDay.refused > 0)
        .group_by(Connection.id, Connection.name)
        .order_by(Connection.name)
    )
    return [(id, name, int(n)) for id, name, n in session.execute(refused)]


def count_failing(session: Session, now: dt.datetime) -> list[tuple[uuid.UUID, str, int]]:
    """The connections that are not ended and whose webhooks fail: how many deliveries wait for a person, and how many
    were refused in the last days."""
    since = day_of(to_micros(now)) - DAYS + 1
    vain = select(InboxRow.connection_id, func.count()).where(is_in_vain())
    refused = select(HookDay.connection_id, func.sum(HookDay.refused)).where(HookDay.day >= since, HookDay.refused > 0)
    failing: Counter[uuid.UUID] = Counter()
    for counted in (vain.group_by(InboxRow.connection_id), refused.group_by(HookDay.connection_id)):
        failing.update({id: int(n) for id, n in session.execute(counted)})
    if not failing:
        return []
    named = select(Connection.id, Connection.name).where(Connection.disconnected_at.is_(None)).order_by(Connection.name)
    return [(id, name, failing[id]) for id, name in session.execute(named) if failing[id]]
