"""The checks as a whole: what the record and the plan lack, with what only the ways in know of."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.access.organisation import Organisation
from app.intake.deliveries import count_failing, count_refused
from app.reports.checks import Check, Found, Item, check_all
from app.reports.put_aside import Standing, stand
from app.reports.scope import Scope
from app.reports.unmatched import report_unmatched


def run_checks(session: Session, organisation: Organisation, now: dt.datetime) -> list[Standing]:
    """Every check of an organisation, in a fixed number of questions."""
    today = now.astimezone(organisation.zone).date()
    unmatched = report_unmatched(session, Scope(organisation_id=organisation.id, now=now))
    webhooks = _webhooks(count_failing(session, now)).items
    return stand(session, check_all(session, today, organisation.zone, unmatched, webhooks), today)


def find_refused(session: Session, now: dt.datetime) -> Found:
    """Connections whose deliveries were refused; where none waits for a person, these are all that fail."""
    return _webhooks(count_refused(session, now))


def _webhooks(failing: Sequence[tuple[uuid.UUID, str, int]]) -> Found:
    return Found(Check.WEBHOOKS, tuple(Item(name, "connection", str(id), n) for id, name, n in failing))
