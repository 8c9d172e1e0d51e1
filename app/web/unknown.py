"""What don't we know yet, as a whole: what the record and the plan lack, with what only the ways in know of."""

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.intake.connection import Connection
from app.intake.health import LATE_AFTER, comes_by_files
from app.reports.effectiveness import report_effectiveness
from app.reports.not_known import Named, Unknowns
from app.reports.scope import Scope
from app.reports.unknown import report_unknown
from app.web.waiting import find_waiting


def ask_unknown(session: Session, scope: Scope) -> Unknowns:
    """Everything that is not known of a question and of the whole."""
    zone = get_organisation(session, scope.organisation_id).zone
    whole = report_effectiveness(session, Scope(organisation_id=scope.organisation_id, now=scope.now))
    late = _list_late(session, whole.data.through, scope.now, zone)
    return report_unknown(session, scope, whole, find_waiting(session), late)


def _list_late(session: Session, through: dict[str, dt.datetime], now: dt.datetime, zone: ZoneInfo) -> list[Named]:
    """The systems that were not read for too long, the one read longest ago first."""
    names = {one.system: one.name for one in session.scalars(select(Connection))}
    late = sorted((day, system) for system, day in through.items() if now - day > LATE_AFTER)
    return [
        Named(
            key=None, label=names.get(system, system.rpartition(":")[2]), since=day.astimezone(zone).date(),
            comes_by="synchronisation" if system in names
            else "file" if comes_by_files(session, system) else "sender",
        )
        for day, system in late
    ]  # fmt: skip
