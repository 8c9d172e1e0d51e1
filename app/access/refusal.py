"""What is refused at the door and belongs to no organisation: how often in each hour, and nothing of what was typed
or sent. A flood of it makes no more than a row an hour for each kind."""

import datetime as dt
import enum
import threading
from collections.abc import Sequence

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, lock

KEPT_FOR = dt.timedelta(days=365)


class Refused(enum.StrEnum):
    """What was refused: an address that has no account, or a token that was never given out."""

    SIGN_IN = "sign_in"
    TOKEN = "token"  # noqa: S105 (the name of a kind)


class RefusalCount(Base):
    """How often it was refused in the hour that begins here, in UTC: at least so often, of tokens."""

    __tablename__ = "refusal_count"

    hour: Mapped[dt.datetime] = mapped_column(primary_key=True)
    kind: Mapped[Refused] = mapped_column(String(12), primary_key=True)
    count: Mapped[int]


def hour_of(instant: dt.datetime) -> dt.datetime:
    """The hour that an instant lies in."""
    return instant.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)


def count_refusals(session: Session, kind: Refused, hour: dt.datetime, times: int) -> None:
    """Add to an hour's count; none is added as slowly as many, so that the time taken tells nothing."""
    lock(session, f"refusals {kind}")
    found = session.get(RefusalCount, (hour, kind))
    if found is None:
        session.add(RefusalCount(hour=hour, kind=kind, count=times))
    else:
        found.count += times


def list_refusals(session: Session, limit: int) -> Sequence[RefusalCount]:
    """The last counts, the newest hour first."""
    order = (RefusalCount.hour.desc(), RefusalCount.kind)
    return session.scalars(select(RefusalCount).where(RefusalCount.count > 0).order_by(*order).limit(limit)).all()


class Tally:
    """Counts in memory what costs a stranger nothing to send, and says when some of it is to be written down: the
    first in an hour, then at each doubling. What the last of a process left unwritten is lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hour: dt.datetime | None = None
        self._seen = self._written = 0

    def take(self, now: dt.datetime) -> list[tuple[dt.datetime, int]]:
        """Count one more. Gives the hours, each with how many are to be added to its count, and takes them as
        written."""
        hour, due = hour_of(now), []
        with self._lock:
            if self._hour is not None and hour != self._hour:
                due.append((self._hour, self._seen - self._written))
                self._seen = self._written = 0
            self._hour, self._seen = hour, self._seen + 1
            if self._seen.bit_count() == 1:
                due.append((hour, self._seen - self._written))
                self._written = self._seen
        return [one for one in due if one[1]]
