"""Bringing what only the vendor has: each application that a comparison of counts found lacking is read by its key.

The keys are asked for anew, day by day, for none is stored; what is read becomes facts as by a pull, and the days are
compared again.
"""

import datetime as dt
import itertools
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.access.organisation import get_organisation
from app.database import Database, to_micros
from app.errors import Drifted
from app.funnel.fact import Origin
from app.funnel.pseudonym import Pseudonyms
from app.i18n import _, join, ngettext
from app.intake.connection_changes import require_active
from app.intake.connectors.page import Connector, Page
from app.intake.left_out import skipped_parts
from app.intake.reconcile import Comparing, CountCheck
from app.intake.sealing import Sealer
from app.intake.sighting import take_in_seen
from app.intake.snapshots import SnapshotMaker
from app.intake.sync import ClientFor
from app.intake.vendors import VENDORS, get_connection, open_account, open_secrets

AT_ONCE = 20
"""How many are asked for between two words of how far it is."""
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Brought:
    """How many applications were lacking, how many of them still are, and what was left out of what came, by why."""

    lacking: int
    left: int
    skipped: Mapping[str, int]

    def describe(self) -> str:
        """In one line."""
        if not self.lacking:
            return _("Nothing is lacking.")
        said = ngettext("%(n)s application was lacking, %(left)s still are.",
                        "%(n)s applications were lacking, %(left)s still are.", self.lacking,
                        left=self.left)  # fmt: skip
        return join(" ", [said, *skipped_parts(self.skipped)])


def bring_missing(
    database: Database,
    organisation_id: uuid.UUID,
    connection_id: uuid.UUID,
    secret: bytes,
    *,
    sealer: Sealer,
    clock: Callable[[], dt.datetime],
    client_for: ClientFor = open_account,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Brought:
    """Read what was lacking on the days that were compared. `on_progress` hears how many of how many were asked for.

    Raises VendorError where the vendor could not be asked; what was read before stays, and the rest can be brought
    again.
    """
    with database.reading(organisation_id) as session:
        connection = get_connection(session, connection_id)
        require_active(connection)
        zone = get_organisation(session, organisation_id).zone
        lacks = select(CountCheck.day).where(CountCheck.connection_id == connection_id, CountCheck.missing > 0)
        days = session.scalars(lacks.order_by(CountCheck.day)).all()
    if not days:
        return Brought(0, 0, {})
    pseudonyms = Pseudonyms(secret, organisation_id)
    maker = SnapshotMaker(connection.system, pseudonyms, Origin.POLL)
    comparing, skipped = Comparing(connection, zone, pseudonyms), Counter[str]()
    with client_for(connection, open_secrets(connection, sealer)) as client:
        connector = VENDORS[connection.vendor].connector(client)
        for stretch in _stretches(days):
            comparing.ask(connector, stretch)
        with database.reading(organisation_id) as session:
            keys = [one.key for one in comparing.find_lacking(session).values()]
        for done in range(0, len(keys), AT_ONCE):
            on_progress(done, len(keys))
            for page in _fetch(connector, keys[done : done + AT_ONCE]):
                with database.writing(organisation_id) as session:
                    take_in_seen(session, maker, page.seen, to_micros(clock()))
                skipped.update(page.skipped)
    with database.writing(organisation_id) as session:
        found = comparing.store(session, clock())
    on_progress(len(keys), len(keys))
    return Brought(len(keys), len(found.missing), dict(skipped))


def _fetch(connector: Connector, keys: Sequence[str]) -> Iterator[Page]:
    """How these applications stand; where one cannot be read, the others are read all the same."""
    try:
        yield from connector.fetch(keys)
    except Drifted:
        if len(keys) == 1:
            yield Page(stream="", read=1, seen=(), skipped={UNREADABLE: 1})
            return
        for key in keys:
            yield from _fetch(connector, [key])


def _stretches(days: Sequence[dt.date]) -> list[list[dt.date]]:
    """The days, those together that follow each other."""
    numbered = itertools.groupby(enumerate(days), lambda pair: pair[1].toordinal() - pair[0])
    return [[day for _place, day in group] for _start, group in numbered]
