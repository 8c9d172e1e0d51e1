"""A check that somebody put aside for a while: until which day, at how many findings, who and when. When more is found
than there was, it is told of again before that day."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Date, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.audit import LONGEST_NAME, Actor, ActorKind, audited
from app.database import Base, OfOrganisation, organisation_of
from app.errors import Invalid, Problem
from app.i18n import _
from app.planning.row import begin_change
from app.reports.checks import Check, Found

LONGEST = dt.timedelta(days=366)


class PutAside(OfOrganisation, Base):
    """One check of an organisation that is put aside."""

    __tablename__ = "put_aside"
    counts_as_data = False

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    kind: Mapped[Check] = mapped_column(String(20), primary_key=True)
    until: Mapped[dt.date] = mapped_column(Date)
    count: Mapped[int]
    actor_kind: Mapped[ActorKind] = mapped_column(String(10))
    actor_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    at: Mapped[dt.datetime]


audited(PutAside)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a check found, and whether it is put aside; `is_open` where it waits for somebody now."""

    found: Found
    aside: PutAside | None

    @property
    def is_open(self) -> bool:
        return bool(self.found.items) and (self.aside is None or len(self.found.items) > self.aside.count)


def stand(session: Session, found: Sequence[Found], today: dt.date) -> list[Standing]:
    """What was found, each with what was said of it."""
    aside = {Check(one.kind): one for one in session.scalars(select(PutAside).where(PutAside.until >= today))}
    return [Standing(one, aside.get(one.check)) for one in found]


def put_aside(
    session: Session, found: Found, until: dt.date, actor: Actor, *, today: dt.date, now: dt.datetime
) -> PutAside:
    """Put a check aside until a day, at what it finds now."""
    if not today <= until <= today + LONGEST:
        raise Invalid([Problem("until", _("Choose a day from today on, within a year."))])
    begin_change(session)
    take_up(session, found.check)
    aside = PutAside(
        organisation_id=organisation_of(session), kind=found.check, until=until, count=len(found.items),
        actor_kind=actor.kind, actor_name=actor.name[:LONGEST_NAME], at=now,
    )  # fmt: skip
    session.add(aside)
    session.flush()
    return aside


def take_up(session: Session, check: Check) -> None:
    """Tell of a check again."""
    for one in session.scalars(select(PutAside).where(PutAside.kind == check)):
        session.delete(one)
    session.flush()
