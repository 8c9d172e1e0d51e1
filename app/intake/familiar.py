"""Whether an account is the one that a connection was read from: the key of another company opens that company's
applications, and they would be mixed with those that are here."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import from_micros
from app.errors import VendorError
from app.funnel.application import Application, ObservedJob
from app.funnel.pseudonym import Pseudonyms
from app.i18n import _, ngettext
from app.intake.connection import Connection
from app.intake.connectors.page import CompanySeen, Connector

LAST = 100
"""How many applications that came last are looked for: some of them may be erased here, or deleted there."""
MOST_ASKED = 300
"""After so many of the account's own jobs, and of its applications, none of ours is expected any more; somebody
waits."""
A_DAY = dt.timedelta(days=1)
"""How far what is here may be dated before what the vendor says: of whoever was erased, only the day is kept."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Whether an account is the one that was read before, and in a sentence by what that shows."""

    is_same: bool
    text: str


@dataclass(frozen=True, slots=True)
class Familiar:
    """What an account has to have if it is the one that was read: the company that the vendor named, and the jobs and
    the applications that came last, by their references; `start` and `end` are when these were made.

    Vendors number jobs and applications over all their accounts, so that one of ours is in no other.
    """

    name: str
    company: CompanySeen | None
    pseudonyms: Pseudonyms
    system: str
    jobs: frozenset[bytes]
    applications: frozenset[bytes]
    start: dt.datetime
    end: dt.datetime

    def compare(self, connector: Connector, company: CompanySeen | None) -> Likeness:
        """Whether it is the same account: by its company where both are known, else by what is in it."""
        if self.company is not None and company is not None:
            return _compare_companies(self.company, company, self.name)
        if self._has_any("job", self.jobs, (key for key, _title in connector.jobs())):
            return Likeness(True, _("It is the account that was read before: it has jobs that are here."))
        made = (key for key, _at in connector.created(self.start, self.end)) if self.applications else ()
        if self._has_any("application", self.applications, made):
            return Likeness(True, _("It is the account that was read before: it has applications that are here."))
        return Likeness(False, self._nothing_found())

    def _has_any(self, kind: str, ours: frozenset[bytes], theirs: Iterable[str]) -> bool:
        asked = islice(theirs, MOST_ASKED) if ours else ()
        return any(self.pseudonyms.reference(f"{self.system}/{kind}", key) in ours for key in asked)

    def _nothing_found(self) -> str:
        jobs = ngettext("%(n)s job", "%(n)s jobs", len(self.jobs))
        applications = ngettext("%(n)s application", "%(n)s applications", len(self.applications))
        return _(
            "This key opens another account: nothing that was read by “%(name)s” is in it (%(jobs)s and the last "
            "%(applications)s were looked for). Both accounts' applications would be mixed here: connect that account "
            "by itself.",
            jobs=jobs, applications=applications, name=self.name,
        )  # fmt: skip


def _compare_companies(ours: CompanySeen, theirs: CompanySeen, name: str) -> Likeness:
    if ours.ref == theirs.ref:
        return Likeness(True, _("It is the account that was read before, of “%(company)s”.", company=theirs.name))
    return Likeness(
        False,
        _(
            "This key opens the account of “%(theirs)s”, and “%(name)s” was read from that of “%(ours)s”. Both "
            "accounts' applications would be mixed here: connect that account by itself.",
            theirs=theirs.name, ours=ours.name, name=name,
        ),
    )  # fmt: skip


def find_company(connector: Connector) -> CompanySeen | None:
    """Whose account it is, if the vendor says so now: nothing that is read depends on it."""
    try:
        return connector.company()
    except VendorError:
        return None


def load_familiar(session: Session, connection: Connection, pseudonyms: Pseudonyms) -> Familiar | None:
    """What an account has to have, if it is the one that was read; None while nothing was read of it."""
    of_system = select(Application.id, Application.applied_at).where(Application.system == connection.system)
    last = session.execute(of_system.order_by(Application.applied_at.desc()).limit(LAST)).all()
    jobs = session.scalars(select(ObservedJob.id).where(ObservedJob.system == connection.system)).all()
    if not last and not jobs:
        return None
    times = [from_micros(one.applied_at) for one in last] or [from_micros(0)]
    return Familiar(
        connection.name, connection.known_company, pseudonyms, connection.system, frozenset(jobs),
        frozenset(one.id for one in last), min(times), max(times) + A_DAY,
    )  # fmt: skip
