"""What a page was counted from: up to when each system had been read, and how the counting was done."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.i18n import _, moment
from app.intake.connection import Connection
from app.reports.answers import Data
from app.reports.names import counted_by
from app.reports.scope import Scope
from app.web.pages.visit import Visit

FRESH_FOR = dt.timedelta(hours=36)


class Freshness(enum.StrEnum):
    FRESH = "fresh"
    LATE = "late"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class SystemRead:
    """One system and up to when it had been read."""

    system: str
    name: str
    through: str
    state: Freshness


def system_names(session: Session) -> dict[str, str]:
    """What people call each connected system."""
    return {connection.system: connection.name for connection in session.scalars(select(Connection))}


def read_systems(visit: Visit, data: Data) -> list[SystemRead]:
    """Each system with its state, the one read longest ago first."""
    names = system_names(visit.session)
    return [
        SystemRead(
            system, names.get(system, system), moment(through, visit.organisation.zone), _freshness(through, visit.now)
        )
        for system, through in sorted(data.through.items(), key=lambda one: one[1])
    ]


def _freshness(through: dt.datetime, now: dt.datetime) -> Freshness:
    return Freshness.FRESH if now - through <= FRESH_FOR else Freshness.LATE


def data_line(visit: Visit, data: Data, scope: Scope) -> str:
    """`Data through 20 Nov 02:00 · cohort by application date · touches within 90 days`."""
    through = _through(data.through, visit)
    lookback = _("touches within %(days)s days", days=scope.lookback_days)
    return " · ".join((through, counted_by(scope.view), lookback))


def _through(through: Mapping[str, dt.datetime], visit: Visit) -> str:
    if not through:
        return _("No system has been read yet")
    return _("Data through %(moment)s", moment=moment(min(through.values()), visit.organisation.zone))
