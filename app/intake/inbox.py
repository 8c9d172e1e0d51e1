"""The inbox: deliveries as they came, sealed and short-lived, until they have become facts; and what was counted.

Append-only for the door that fills it. A body is sealed with a key of its connection and day; when that key is
dropped, the body is gone, from every backup too.
"""

import enum
import uuid
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    and_,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, Digest, Micros, OfOrganisation, lock, organisation_of
from app.funnel.person import Tombstone
from app.tasks.said_text import SaidText

MICROS_A_DAY = 86_400_000_000
PROJECT = "project inbox"
"""What the task is called that makes facts of what waits here."""


class State(enum.StrEnum):
    """What has become of a delivery. `needs_mapping` is stored as facts, and waits for a person to say what its
    stage means, or for a version that knows its shape; `dead` waits for a person to look at its reason."""

    RECEIVED = "received"
    DONE = "done"
    NEEDS_MAPPING = "needs_mapping"
    DEAD = "dead"


STAGES = "stages not mapped: "
"""How the reason begins of a delivery that needs the meaning of stages, whose keys follow."""


class Trust(enum.StrEnum):
    """How far a delivery can be believed by itself: as it stands; not, since it came outside its time; or not,
    since its signature says nothing of its body."""

    WHOLE = "whole"
    LATE = "late"
    HINT = "hint"


class InboxRow(OfOrganisation, Base):
    """A delivery. One that comes again with the same key and body is the same row; with another body it is a second
    row, which loses to the first. `due_at` is when it may be taken up (again)."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("connection_id", "delivery_key", "body_digest"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("connection.id"))
    delivery_key: Mapped[bytes] = mapped_column(Digest(32))
    body_digest: Mapped[bytes] = mapped_column(Digest(32))
    received_at: Mapped[Micros] = mapped_column(BigInteger)
    day: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes | None] = mapped_column(Digest())
    trust: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(SaidText(300))
    tries: Mapped[int]
    due_at: Mapped[Micros] = mapped_column(BigInteger)
    projected_at: Mapped[Micros | None] = mapped_column(BigInteger)


_RECEIVED = InboxRow.state == State.RECEIVED.value
_UNSETTLED = InboxRow.state.in_([State.NEEDS_MAPPING.value, State.DEAD.value])
Index("ix_inbox_due_at", InboxRow.due_at, sqlite_where=_RECEIVED, postgresql_where=_RECEIVED)
Index("ix_inbox_state", InboxRow.organisation_id, InboxRow.state, sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED)
INBOX = cast(Table, InboxRow.__table__)


class InboxReference(OfOrganisation, Base):
    """Whom or which application a delivery speaks of, as keyed hashes: by it an erasure finds the body."""

    __tablename__ = "inbox_reference"
    counts_as_data = False

    inbox_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inbox.id", ondelete="CASCADE"), primary_key=True)
    reference: Mapped[bytes] = mapped_column(primary_key=True, index=True)


class InboxKey(OfOrganisation, Base):
    """What one day's bodies of a connection are sealed with, itself sealed with the installation's key."""

    __tablename__ = "inbox_key"
    counts_as_data = False

    connection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class HookDay(OfOrganisation, Base):
    """What came to a connection's address on a day (UTC, counted from 1970-01-01). Of what was refused nothing is
    kept but how often, when last, and a digest of the last."""

    __tablename__ = "hook_day"
    counts_as_data = False

    connection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    received: Mapped[int] = mapped_column(default=0)
    duplicate: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    oversize: Mapped[int] = mapped_column(default=0)
    conflict: Mapped[int] = mapped_column(default=0)
    dead: Mapped[int] = mapped_column(default=0)
    last_refused_at: Mapped[Micros | None] = mapped_column(BigInteger)
    last_refused: Mapped[bytes | None] = mapped_column(Digest(32))


def forget_bodies(session: Session) -> None:
    """Take away the bodies that speak of somebody who was erased."""
    erased = select(InboxReference.inbox_id).join(Tombstone, Tombstone.reference == InboxReference.reference)
    bodies = update(InboxRow).where(InboxRow.body.is_not(None), InboxRow.id.in_(erased)).values(body=None)
    session.execute(bodies, execution_options={"synchronize_session": False})


COUNTED = ("received", "duplicate", "late", "refused", "oversize", "conflict", "dead")


def day_of(at: Micros) -> int:
    """The day, in UTC, that an instant is in."""
    return at // MICROS_A_DAY


def count_day(session: Session, connection_id: uuid.UUID, day: int, counted: dict[str, int]) -> HookDay:
    """Add to what a day has counted. Two that begin a day at once are kept apart."""
    lock(session, f"hook day {connection_id}")
    row = session.get(HookDay, (connection_id, day))
    if row is None:
        zero = dict.fromkeys(COUNTED, 0)
        row = HookDay(organisation_id=organisation_of(session), connection_id=connection_id, day=day, **zero)
        session.add(row)
        session.flush()
    added = {getattr(HookDay, name): getattr(HookDay, name) + count for name, count in counted.items() if count}
    if added:
        this = (HookDay.connection_id == connection_id, HookDay.day == day)
        session.execute(update(HookDay).where(*this).values(added))
    return row


def take_up_healed(session: Session, connection_id: uuid.UUID, applications: set[bytes], now: Micros) -> None:
    """Take those deliveries up again of which the vendor's answer was not understood, now that these applications of
    its could be read. A delivery whose own shape we do not know names none, and waits on."""
    waits = (InboxRow.connection_id == connection_id, _is_of_shape(), InboxRow.body.is_not(None))
    asked = select(InboxReference.inbox_id, InboxReference.reference).join(InboxRow).where(*waits)
    healed = {id for id, reference in session.execute(asked) if reference in applications}
    for row in session.scalars(select(InboxRow).where(InboxRow.id.in_(healed))) if healed else ():
        row.state, row.reason, row.tries, row.due_at = State.RECEIVED.value, None, 0, now
        row.projected_at = None


def is_in_vain() -> ColumnElement[bool]:
    """Of a delivery that waits for a person to look at its reason: it is dead, or of a shape that we do not know."""
    return or_(InboxRow.state == State.DEAD.value, _is_of_shape())


def _is_of_shape() -> ColumnElement[bool]:
    return and_(InboxRow.state == State.NEEDS_MAPPING.value, not_(InboxRow.reason.startswith(STAGES)))
