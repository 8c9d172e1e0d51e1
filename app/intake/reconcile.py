"""Comparing counts: for each local day, the applications that the vendor says were made, and those that we have.

Pulls find what webhooks missed; this finds what pulls missed. What differs is kept as keyed hashes: whoever has a
vendor's key can ask whether we know it, and what only the vendor has is named in clear to who asks, from what the
vendor says at that moment. No key of an application is ever stored.
"""

import datetime as dt
import uuid
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.organisation import get_organisation
from app.database import Base, Database, OfOrganisation, from_micros, to_micros
from app.funnel.application import Application, ObservedJob
from app.funnel.person import find_erased
from app.funnel.pseudonym import Pseudonyms
from app.i18n import _
from app.intake.connection import Connection
from app.intake.connection_changes import require_active
from app.intake.connectors.page import Client, Connector
from app.intake.sealing import Sealer
from app.intake.vendors import VENDORS, get_connection, open_account, open_secrets

USUAL_DAYS = 31
"""How far back is compared; what was settled before stays as it was found then."""
MISSING: Literal["missing"] = "missing"
EXTRA: Literal["extra"] = "extra"
MOST_DIFFERENCES = 1000
"""How many differing references of one day are kept; the counts are whole."""


class CountCheck(OfOrganisation, Base):
    """What a vendor and we said of one local day. `missing` we do not have, of what was `erased` here nobody knows
    whether the vendor lists it, `extra` it no longer lists; the references of the first and the last are kept."""

    __tablename__ = "count_check"

    connection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    theirs: Mapped[int]
    ours: Mapped[int]
    missing: Mapped[int]
    erased: Mapped[int]
    extra: Mapped[int]
    differing: Mapped[dict[str, Any]]
    checked_at: Mapped[dt.datetime]

    @property
    def agrees(self) -> bool:
        return self.missing == self.extra == 0

    def describe(self) -> str:
        """The day in one line."""
        said = _("%(day)s: they say %(theirs)s, we have %(ours)s", day=self.day, theirs=self.theirs, ours=self.ours)
        parts = [_("%(n)s not here", n=self.missing)] if self.missing else []
        parts += [_("%(n)s erased here", n=self.erased)] if self.erased else []
        parts += [_("%(n)s no longer there", n=self.extra)] if self.extra else []
        return f"{said} ({', '.join(parts)})" if parts else said


@dataclass(frozen=True, slots=True)
class Missing:
    """An application that only the vendor has, by the vendor's own key: to be shown, never stored."""

    key: str
    made_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Extra:
    """An application that only we have: what a person needs to look for it at the vendor."""

    reference: bytes
    made_at: dt.datetime
    job: str | None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a comparison found: every day that was compared, and by what to look the differences up."""

    checks: Sequence[CountCheck]
    missing: Sequence[Missing]
    extra: Sequence[Extra]


def reconcile_connection(
    database: Database,
    organisation_id: uuid.UUID,
    connection_id: uuid.UUID,
    secret: bytes,
    *,
    sealer: Sealer,
    clock: Callable[[], dt.datetime],
    client_for: Callable[[Connection, Mapping[str, str]], AbstractContextManager[Client]] = open_account,
    days: int = USUAL_DAYS,
) -> Reconciled:
    """Compare the last whole days and store what each showed. `secret` keys the pseudonyms.

    Raises VendorError where the vendor could not be asked; nothing is stored then.
    """
    with database.reading(organisation_id) as session:
        connection = get_connection(session, connection_id)
        require_active(connection)
        zone = get_organisation(session, organisation_id).zone
    today = clock().astimezone(zone).date()
    comparing = Comparing(connection, zone, Pseudonyms(secret, organisation_id))
    with client_for(connection, open_secrets(connection, sealer)) as client:
        connector = VENDORS[connection.vendor].connector(client)
        comparing.ask(connector, [today - dt.timedelta(days=back) for back in range(days, 0, -1)])
    with database.writing(organisation_id) as session:
        return comparing.store(session, clock())


@dataclass(frozen=True, slots=True)
class Comparing:
    """What the vendor says of some local days, to be compared with what is here by then."""

    connection: Connection
    zone: zoneinfo.ZoneInfo
    pseudonyms: Pseudonyms
    theirs: dict[dt.date, dict[bytes, Missing]] = field(default_factory=dict)

    def ask(self, connector: Connector, days: Sequence[dt.date]) -> None:
        """Hear what the vendor has of days that follow each other; a day on which nothing was made is heard, too."""
        self.theirs.update({day: {} for day in days})
        end = _midnight(days[-1] + dt.timedelta(days=1), self.zone)
        for key, made_at in connector.created(_midnight(days[0], self.zone), end):
            reference = self.pseudonyms.reference(f"{self.connection.system}/application", key)
            self.theirs[made_at.astimezone(self.zone).date()][reference] = Missing(key, made_at)

    def find_lacking(self, session: Session) -> dict[bytes, Missing]:
        """What the vendor has of these days and we do not, but for what was erased here."""
        return self._find_lacking(session, self._ours(session))

    def _find_lacking(self, session: Session, ours: Mapping[dt.date, Mapping[bytes, Extra]]) -> dict[bytes, Missing]:
        lacking = {
            reference: one
            for day, theirs in self.theirs.items()
            for reference, one in theirs.items()
            if reference not in ours[day]
        }
        erased = find_erased(session, sorted(lacking))
        return {reference: one for reference, one in lacking.items() if reference not in erased}

    def store(self, session: Session, now: dt.datetime) -> Reconciled:
        """Compare with what is here now, and keep what each day showed. What was erased keeps its day alone, and no
        reference by which to find it at the vendor: what we have of a day's first instant is taken for that."""
        ours = self._ours(session)
        lacking = self._find_lacking(session, ours)
        checks: list[CountCheck] = []
        missing: list[Missing] = []
        extra: list[Extra] = []
        for date, theirs in self.theirs.items():
            not_here = sorted(theirs.keys() & lacking.keys())
            shells = {one for one, here in ours[date].items() if here.made_at == _midnight(date, self.zone)}
            not_there = sorted(ours[date].keys() - theirs.keys() - shells)
            erased = max(len(theirs.keys() - ours[date].keys()) - len(not_here), len(shells - theirs.keys()))
            check = CountCheck(
                connection_id=self.connection.id, day=date, theirs=len(theirs), ours=len(ours[date]),
                missing=len(not_here), erased=erased, extra=len(not_there),
                differing={MISSING: _hex(not_here), EXTRA: _hex(not_there)}, checked_at=now,
            )  # fmt: skip
            checks.append(session.merge(check))
            missing += [theirs[reference] for reference in not_here]
            extra += [ours[date][reference] for reference in not_there]
        session.flush()
        for check in checks:
            session.expunge(check)
        return Reconciled(checks, missing, extra)

    def _ours(self, session: Session) -> dict[dt.date, dict[bytes, Extra]]:
        """What is here of the same days."""
        found: dict[dt.date, dict[bytes, Extra]] = {day: {} for day in self.theirs}
        start, end = _midnight(min(found), self.zone), _midnight(max(found) + dt.timedelta(days=1), self.zone)
        for one in _ours(session, self.connection.system, start, end):
            of_day = found.get(one.made_at.astimezone(self.zone).date())
            if of_day is not None:
                of_day[one.reference] = one
        return found


def _midnight(day: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone)


def _ours(session: Session, system: str, start: dt.datetime, end: dt.datetime) -> Iterator[Extra]:
    applied = Application.applied_at
    rows = session.execute(
        select(Application.id, applied, ObservedJob.title)
        .outerjoin(ObservedJob, ObservedJob.id == Application.job_id)
        .where(Application.system == system, applied >= to_micros(start), applied < to_micros(end))
        .order_by(applied, Application.id)
    )
    return (Extra(id, from_micros(applied_at), title) for id, applied_at, title in rows)


def _hex(references: Sequence[bytes]) -> list[str]:
    return [reference.hex() for reference in references[:MOST_DIFFERENCES]]


def list_count_checks(session: Session, connection_id: uuid.UUID, *, days: int = USUAL_DAYS) -> list[CountCheck]:
    """The days that were compared last, the newest first."""
    of_connection = select(CountCheck).where(CountCheck.connection_id == connection_id)
    return list(session.scalars(of_connection.order_by(CountCheck.day.desc()).limit(days)))


def count_disagreements(session: Session) -> Counter[uuid.UUID]:
    """On how many days a vendor has applications that we lack, by connection."""
    lacking = select(CountCheck.connection_id).where(CountCheck.missing > 0)
    return Counter(session.scalars(lacking))


def is_known(session: Session, connection: Connection, pseudonyms: Pseudonyms, key: str) -> bool:
    """Whether we have the application that the vendor calls by this key; the key is hashed and let go."""
    reference = pseudonyms.reference(f"{connection.system}/application", key)
    return session.scalar(select(Application.id).where(Application.id == reference)) is not None
