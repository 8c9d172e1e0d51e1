"""How old the data is that a page is made of, for the head of every page."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import from_micros
from app.funnel.application import SystemProgress
from app.i18n import _, moment, ngettext
from app.intake.health import comes_by_files

FRESH_FOR = dt.timedelta(hours=36)
HOUR = dt.timedelta(hours=1)
IN_HOURS = dt.timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Age:
    """The age in words, the exact moment, and whether it is older than it should be."""

    text: str
    moment: str
    late: bool


def find_age(session: Session, now: dt.datetime, zone: dt.tzinfo) -> Age | None:
    """The age of the system that was read longest ago; none before any was read."""
    oldest = select(SystemProgress.system, SystemProgress.through).order_by(SystemProgress.through).limit(1)
    found = session.execute(oldest).first()
    if found is None:
        return None
    system, through = found
    read = from_micros(through)
    age = max(now - read, dt.timedelta())
    late = age > FRESH_FOR and not comes_by_files(session, system)
    said = age_words(age)
    return Age(_("%(said)s, late", said=said) if late else said, moment(read, zone), late)


def age_words(age: dt.timedelta) -> str:
    """`Data 7 hours old`, in whole hours up to two days, then in days."""
    if age < HOUR:
        return _("Data less than an hour old")
    if age < IN_HOURS:
        return ngettext("Data %(n)s hour old", "Data %(n)s hours old", age // HOUR)
    return ngettext("Data %(n)s day old", "Data %(n)s days old", age.days)
