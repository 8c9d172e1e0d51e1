"""What a page was counted from: up to when each system had been read, and how the counting was done."""

import datetime as dt
import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.i18n import _, date, moment, ngettext
from app.intake.connection import Connection, ConnectionState, SyncRun
from app.intake.health import comes_by_files
from app.reports.answers import Data, Waiting
from app.reports.names import counted_by
from app.reports.scope import Scope
from app.web.pages.age import FRESH_FOR
from app.web.pages.visit import Visit
from app.web.waiting import find_waiting


class Freshness(enum.StrEnum):
    FRESH = "fresh"
    LATE = "late"
    BROKEN = "broken"
    PAUSED = "paused"
    FILES = "files"
    """Read from files, when somebody brings one: neither on time nor late."""


@dataclass(frozen=True, slots=True)
class SystemRead:
    """One system, up to when it had been read, and what its last synchronisation stumbled over."""

    name: str
    through: str
    state: Freshness
    error: str = ""
    since: str = ""
    """When it was paused."""


def read_systems(visit: Visit, through: Mapping[str, dt.datetime]) -> list[SystemRead]:
    """Each system with its state, the one read longest ago first."""
    connections = {one.system: one for one in visit.session.scalars(select(Connection))}
    return [
        _read_system(visit, system, connections.get(system), read)
        for system, read in sorted(through.items(), key=lambda one: one[1])
    ]


def _read_system(visit: Visit, system: str, connection: Connection | None, through: dt.datetime) -> SystemRead:
    name = connection.name if connection else system.rpartition(":")[2]
    when = moment(through, visit.organisation.zone)
    if connection is not None and connection.paused_at is not None and connection.state == ConnectionState.PAUSED:
        return SystemRead(name, when, Freshness.PAUSED, since=moment(connection.paused_at, visit.organisation.zone))
    if connection is None and comes_by_files(visit.session, system):
        return SystemRead(name, date(through.astimezone(visit.organisation.zone).date()), Freshness.FILES)
    error = _last_error(visit.session, connection.id) if connection else None
    if error is not None:
        return SystemRead(name, when, Freshness.BROKEN, error)
    return SystemRead(name, when, Freshness.FRESH if visit.now - through <= FRESH_FOR else Freshness.LATE)


def _last_error(session: Session, connection: uuid.UUID) -> str | None:
    """What the last finished synchronisation failed with, if it failed."""
    finished = SyncRun.finished_at.is_not(None)
    return session.scalar(
        select(SyncRun.error)
        .where(SyncRun.connection_id == connection, finished)
        .order_by(SyncRun.started_at.desc())
        .limit(1)
    )


def data_line(visit: Visit, data: Data, scope: Scope) -> str:
    """`Data through 20 Nov 02:00 · by date of application · ads met within 90 days before applying`."""
    through = through_words(data.through, visit)
    lookback = _("ads met within %(days)s days before applying", days=scope.lookback_days)
    return " · ".join((through, counted_by(scope.view), lookback))


def partial_says(data: Data) -> str:
    """What has come and is not in these numbers; empty where all of it is."""
    return waiting_says(data.waiting) if data.waiting is not None and data.waiting.for_somebody else ""


def partial_now(visit: Visit) -> str:
    """The same beside an answer that does not tell what waits."""
    waiting = find_waiting(visit.session)
    return waiting_says(waiting) if waiting.for_somebody else ""


def waiting_says(waiting: Waiting) -> str:
    """How many deliveries nobody has mapped or could read."""
    return ngettext(
        "%(n)s delivery is not mapped or could not be read",
        "%(n)s deliveries are not mapped or could not be read",
        waiting.for_somebody,
    )


def read_to_day(through: Mapping[str, dt.datetime], visit: Visit) -> dt.date | None:
    """The day to which every system was read; none where none was."""
    return min(through.values()).astimezone(visit.organisation.zone).date() if through else None


def through_words(through: Mapping[str, dt.datetime], visit: Visit) -> str:
    """Up to when every system had been read."""
    if not through:
        return _("No system has been read yet")
    return _("Data through %(moment)s", moment=moment(min(through.values()), visit.organisation.zone))
