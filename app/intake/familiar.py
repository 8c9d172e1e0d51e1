"""Whether an account is the one that a connection was read from: the key of another company opens that company's
applications, and they would be mixed with those that are here."""

import datetime as dt
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import from_micros
from app.funnel.application import Application
from app.funnel.pseudonym import Pseudonyms
from app.intake.connection import Connection
from app.intake.connectors.page import Connector

LAST = 100
"""How many that came last are looked for: some of them may be erased here, or deleted there."""
MOST_ASKED = 1_000
"""After so many of the account's own none of ours is expected any more; somebody waits."""
A_DAY = dt.timedelta(days=1)
"""How far what is here may be dated before what the vendor says: of whoever was erased, only the day is kept."""


@dataclass(frozen=True, slots=True)
class Familiar:
    """The applications that came last by a connection, by their references, and when they were made."""

    pseudonyms: Pseudonyms
    system: str
    start: dt.datetime
    end: dt.datetime
    references: frozenset[bytes]

    def is_found(self, connector: Connector) -> bool:
        """Whether the account has any of them."""
        made = islice(connector.created(self.start, self.end), MOST_ASKED)
        return any(self.pseudonyms.reference(f"{self.system}/application", key) in self.references for key, _at in made)


def load_familiar(session: Session, connection: Connection, pseudonyms: Pseudonyms) -> Familiar | None:
    """What an account has to have, if it is the one that was read; None while nothing was read of it."""
    of_system = select(Application.id, Application.applied_at).where(Application.system == connection.system)
    last = session.execute(of_system.order_by(Application.applied_at.desc()).limit(LAST)).all()
    if not last:
        return None
    start, end = from_micros(last[-1].applied_at), from_micros(last[0].applied_at) + A_DAY
    return Familiar(pseudonyms, connection.system, start, end, frozenset(one.id for one in last))
