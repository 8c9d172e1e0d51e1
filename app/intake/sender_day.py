"""What systems send over the API by themselves, counted day by day: what was new, what came again, what contradicts an
earlier one, and what was refused."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, OfOrganisation, organisation_of, to_micros
from app.intake.inbox import day_of
from app.intake.observe import Receipt
from app.intake.signed_day import DAYS


class SenderDay(OfOrganisation, Base):
    """What became of the observations that one system sent on a day (UTC, counted from 1970-01-01)."""

    __tablename__ = "sender_day"
    counts_as_data = False

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    system: Mapped[str] = mapped_column(String(80), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    accepted: Mapped[int]
    duplicate: Mapped[int]
    conflict: Mapped[int]
    rejected: Mapped[int]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a system sent in the last days."""

    accepted: int
    duplicate: int
    conflict: int
    rejected: int


def count_sent(session: Session, system: str, receipt: Receipt, now: dt.datetime) -> None:
    """Add to what a day has counted, in the transaction and under the lock by which it was taken in."""
    day = day_of(to_micros(now))
    row = session.get(SenderDay, (organisation_of(session), system, day))
    if row is None:
        row = SenderDay(system=system, day=day, accepted=0, duplicate=0, conflict=0, rejected=0)
        session.add(row)
    row.accepted += receipt.accepted
    row.duplicate += receipt.duplicate
    row.conflict += receipt.conflict
    row.rejected += len(receipt.rejected)


def read_sent(session: Session, now: dt.datetime) -> Mapping[str, Sent]:
    """What each system sent in the last days, by its name."""
    sums = (func.sum(one) for one in (SenderDay.accepted, SenderDay.duplicate, SenderDay.conflict, SenderDay.rejected))
    since = day_of(to_micros(now)) - DAYS + 1
    counted = select(SenderDay.system, *sums).where(SenderDay.day >= since).group_by(SenderDay.system)
    return {system: Sent(*map(int, counts)) for system, *counts in session.execute(counted)}
