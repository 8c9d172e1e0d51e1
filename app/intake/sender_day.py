"""What systems send over the API by themselves, counted day by day: what was new, what came again, what contradicts an
earlier one, and what was refused."""

import datetime as dt
import logging
import threading
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, Database, OfOrganisation, lock, organisation_of, to_micros
from app.intake.inbox import day_of
from app.intake.observe import Receipt
from app.intake.signed_day import DAYS

log = logging.getLogger("kutsu.intake")


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
    row = _day(session, system, day_of(to_micros(now)))
    row.accepted += receipt.accepted
    row.duplicate += receipt.duplicate
    row.conflict += receipt.conflict
    row.rejected += len(receipt.rejected)


def _day(session: Session, system: str, day: int) -> SenderDay:
    row = session.get(SenderDay, (organisation_of(session), system, day))
    if row is None:
        row = SenderDay(system=system, day=day, accepted=0, duplicate=0, conflict=0, rejected=0)
        session.add(row)
    return row


class RefusedCounts:
    """How many observations were refused of calls that stored nothing, in memory until it is written down. Their
    senders wait for no lock, and however many they are one writes at a time; what the last of a process left unwritten
    is lost."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._waiting: Counter[tuple[uuid.UUID, str, int]] = Counter()

    def add(self, organisation_id: uuid.UUID, system: str, times: int, now: dt.datetime) -> None:
        with self._lock:
            self._waiting[organisation_id, system, day_of(to_micros(now))] += times

    def write(self) -> None:
        """Write down all that waits, unless another does, who sees it too; what the store does not take waits on."""
        while self._waiting and self._writing.acquire(blocking=False):
            try:
                self._write_waiting()
            except DBAPIError:
                log.warning("refused observations could not be counted")
                return
            finally:
                self._writing.release()

    def _write_waiting(self) -> None:
        with self._lock:
            left, self._waiting = self._waiting, Counter()
        try:
            for organisation_id, system, day in list(left):
                with self._database.writing(organisation_id) as session:
                    lock(session, f"intake:{organisation_id}")
                    _day(session, system, day).rejected += left[organisation_id, system, day]
                del left[organisation_id, system, day]
        finally:
            with self._lock:
                self._waiting.update(left)


def read_sent(session: Session, now: dt.datetime) -> Mapping[str, Sent]:
    """What each system sent in the last days, by its name."""
    sums = (func.sum(one) for one in (SenderDay.accepted, SenderDay.duplicate, SenderDay.conflict, SenderDay.rejected))
    since = day_of(to_micros(now)) - DAYS + 1
    counted = select(SenderDay.system, *sums).where(SenderDay.day >= since).group_by(SenderDay.system)
    return {system: Sent(*map(int, counts)) for system, *counts in session.execute(counted)}
