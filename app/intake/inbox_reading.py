"""Reading what waits in the inbox: opening bodies, saying what they mean, and asking vendors where they tell too
little. Nothing is stored here, and no transaction waits for a vendor."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from app.database import Database, Micros, from_micros
from app.errors import Drifted, KutsuError, NotReady, TryLater, VendorError
from app.funnel.pseudonym import Pseudonyms
from app.i18n import _
from app.intake.connection import Connection
from app.intake.connectors.hook import HookContent
from app.intake.connectors.page import ApplicationSeen, Connector, ErasedSeen, MoveSeen, Seen, Unusable
from app.intake.hook_settings import make_scheme
from app.intake.hook_source import open_body, open_key
from app.intake.inbox import InboxRow, State, Trust
from app.intake.left_out import skip_words
from app.intake.living_on import Destroyed, find_destroyed, find_living_on, without_merged
from app.intake.sealing import Sealer
from app.intake.sync import ClientFor
from app.intake.vendors import VENDORS, get_connection, open_secrets

SHORTEST_PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a delivery ends without anything of it being stored."""

    state: State
    reason: str
    keep_body: bool = True
    asked: tuple[str, ...] = ()
    """The vendor's keys of the applications of which it gave an answer that we do not understand."""


@dataclass(frozen=True, slots=True)
class Later:
    """That a delivery is to be taken up again, since a vendor could not be asked."""

    pause: dt.timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class Meant:
    """What a delivery comes to: what may be stored of it, in the vendor's keys."""

    content: HookContent
    seen: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Broke:
    """That reading broke in a way that we did not foresee."""

    kind: str


Reading = Ended | Later | Meant | Broke
_Answer = tuple[Seen, ...] | VendorError | NotReady
"""What a vendor says of the applications that were asked about, or why it could not be asked or understood."""


class Reader:
    """Reads deliveries of one organisation."""

    def __init__(
        self,
        database: Database,
        organisation_id: uuid.UUID,
        sealer: Sealer,
        client_for: ClientFor,
        now: dt.datetime,
        pseudonyms: Pseudonyms,
    ) -> None:
        self._database, self._organisation_id, self._pseudonyms = database, organisation_id, pseudonyms
        self._sealer, self._client_for, self._now = sealer, client_for, now
        self.connections: dict[uuid.UUID, Connection] = {}
        self._keys: dict[tuple[uuid.UUID, int], AESGCM | NotReady | None] = {}

    def read(self, rows: Sequence[InboxRow]) -> dict[uuid.UUID, Reading]:
        """What each of the rows says, with what their vendors answered where they had to be asked."""
        self._load(rows)
        contents = {row.id: self._read_body(row) for row in rows}
        asked: dict[uuid.UUID, dict[uuid.UUID, tuple[str, ...]]] = {}
        for row in rows:
            content = contents[row.id]
            if isinstance(content, HookContent) and (wanted := _to_ask(row, content)):
                asked.setdefault(row.connection_id, {})[row.id] = wanted
        answers: dict[uuid.UUID, _Answer] = {}
        for connection_id, wanted_by_row in asked.items():
            answers |= self._ask(self.connections[connection_id], wanted_by_row)
        for row_id, connection, destroyed in self._find_destroyed(rows, contents):
            answers[row_id] = self._look_for(connection, destroyed, answers.get(row_id, ()))
        return {row.id: self._conclude(row, contents[row.id], answers.get(row.id, ())) for row in rows}

    def _find_destroyed(
        self, rows: Sequence[InboxRow], contents: Mapping[uuid.UUID, object]
    ) -> list[tuple[uuid.UUID, Connection, tuple[Destroyed, ...]]]:
        """The rows that say that somebody was destroyed who may live on, as far as a vendor can be asked."""
        found = []
        with self._database.reading(self._organisation_id) as session:
            for row in rows:
                content, connection = contents[row.id], self.connections[row.connection_id]
                if isinstance(content, HookContent) and connection.disconnected_at is None:
                    destroyed = find_destroyed(session, self._pseudonyms, connection.system, content.seen)
                    found += [(row.id, connection, destroyed)] if destroyed else []
        return found

    def _look_for(self, connection: Connection, destroyed: Sequence[Destroyed], answer: _Answer) -> _Answer:
        """The answer, and whoever lives on. While the vendor does not answer, that waits; where it refuses or answers
        in a form we do not know, what it said stands: an erasure is not to be missed."""
        if not isinstance(answer, tuple):
            return answer
        try:
            with self._client_for(connection, open_secrets(connection, self._sealer)) as client:
                connector = VENDORS[connection.vendor].connector(client)
                return (*answer, *find_living_on(connector, self._pseudonyms, connection.system, destroyed))
        except TryLater as error:
            return error
        except (VendorError, NotReady):
            return answer

    def _load(self, rows: Iterable[InboxRow]) -> None:
        with self._database.reading(self._organisation_id) as session:
            for row in rows:
                if row.connection_id not in self.connections:
                    self.connections[row.connection_id] = get_connection(session, row.connection_id)
                if (row.connection_id, row.day) not in self._keys:
                    self._keys[row.connection_id, row.day] = self._open_key(session, row)

    def _open_key(self, session: Session, row: InboxRow) -> AESGCM | NotReady | None:
        try:
            return open_key(session, row.connection_id, row.day, self._sealer)
        except NotReady as error:  # a secret of the installation that is missing may be given again
            return error

    def _read_body(self, row: InboxRow) -> HookContent | Ended | Later | Broke:
        cipher = self._keys[row.connection_id, row.day]
        if isinstance(cipher, NotReady):
            return self._later(row, cipher)
        body = open_body(cipher, row) if cipher is not None else None
        if body is None:
            return Ended(State.DEAD, _("Its body is gone: the key of its day was dropped."), keep_body=False)
        connection = self.connections[row.connection_id]
        scheme = make_scheme(connection.hook_scheme or connection.vendor, connection.hook_settings)
        try:
            assert scheme is not None  # noqa: S101 (a connection has one of ours)
            return scheme.read(body, row.headers)
        except Unusable as error:
            return Ended(State.DEAD, skip_words(error.reason))
        except Drifted as error:
            return Ended(State.NEEDS_MAPPING, str(error))
        except Exception as error:  # noqa: BLE001 (one delivery that breaks us must not stop the others)
            return Broke(type(error).__name__)

    def _ask(self, connection: Connection, wanted: Mapping[uuid.UUID, tuple[str, ...]]) -> dict[uuid.UUID, _Answer]:
        """What the vendor says of the applications that each row names; one that several name is asked about once,
        for all of them came before the answer."""
        answers: dict[uuid.UUID, _Answer] = {}
        known: dict[str, tuple[Seen, ...]] = {}
        try:
            with self._client_for(connection, open_secrets(connection, self._sealer)) as client:
                connector = VENDORS[connection.vendor].connector(client)
                for row_id, keys in wanted.items():
                    answers[row_id] = _fetch(connector, keys, known)
        except (VendorError, NotReady) as error:
            answers |= dict.fromkeys(wanted.keys() - answers.keys(), error)
        return answers

    def _conclude(self, row: InboxRow, content: HookContent | Ended | Later | Broke, answer: _Answer) -> Reading:
        if not isinstance(content, HookContent):
            return content
        if isinstance(answer, Drifted):
            return Ended(State.NEEDS_MAPPING, str(answer), asked=_to_ask(row, content))
        if isinstance(answer, KutsuError):
            has_ended = self.connections[row.connection_id].disconnected_at is not None
            return _conclude_unasked(row) if has_ended else self._later(row, answer)
        if content.ignored is not None:
            return Ended(State.DONE, content.ignored, keep_body=False)
        if row.trust == Trust.WHOLE:
            return Meant(content, (*without_merged(content.seen, answer), *answer))
        return _conclude_hint(row, content, answer)

    def _later(self, row: InboxRow, error: KutsuError) -> Later:
        return Later(_pause(row.received_at, self._now, error), str(error))


def _fetch(connector: Connector, keys: Sequence[str], known: dict[str, tuple[Seen, ...]]) -> _Answer:
    """What is seen of these applications; that one of them cannot be understood says nothing of others."""
    for key in keys:
        if key not in known:
            try:
                known[key] = tuple(seen for page in connector.fetch([key]) for seen in page.seen)
            except Drifted as error:
                return error
    return tuple(seen for key in keys for seen in known[key])


def _conclude_unasked(row: InboxRow) -> Ended:
    """A delivery whose vendor can be asked no more: what was stored of it when it could be stands."""
    if row.projected_at is not None:
        return Ended(State.DONE, _("Read before its connection was disconnected."))
    return Ended(State.DEAD, _("Its connection was disconnected, so its vendor cannot be asked what it means."))


def _conclude_hint(row: InboxRow, content: HookContent, answer: tuple[Seen, ...]) -> Reading:
    """A delivery that cannot be believed by itself. That somebody was erased is believed of a late one, unless the
    vendor still shows the application: who sends it again does no harm by it, and an erasure that is missed does."""
    if content.observations:
        return Ended(
            State.DEAD, _("It came outside its time, and its system cannot be asked. Retry it if it is right.")
        )
    erasures = tuple(seen for seen in without_merged(content.seen, answer) if isinstance(seen, ErasedSeen))
    if row.trust == Trust.HINT and any(seen.candidate is not None for seen in erasures):
        return Ended(State.DEAD, _("It hints that a candidate was deleted, and cannot be checked. Erase them if so."))
    there = {seen.application for seen in answer if isinstance(seen, ApplicationSeen)}
    believed = tuple(one for one in erasures if row.trust == Trust.LATE and one.application not in there)
    return Meant(replace(content, seen=believed), (*answer, *believed))


def _to_ask(row: InboxRow, content: HookContent) -> tuple[str, ...]:
    """The applications that have to be asked about: those the body tells too little of, and all it speaks of when
    it cannot be believed."""
    if row.trust == Trust.WHOLE:
        return content.refetch
    named = (
        seen.application
        for seen in content.seen
        if isinstance(seen, ApplicationSeen | MoveSeen | ErasedSeen) and seen.application is not None
    )
    return tuple(dict.fromkeys((*content.refetch, *named)))


def _pause(received_at: Micros, now: dt.datetime, error: KutsuError) -> dt.timedelta:
    """Half as long as it has waited already, so that it is asked ever less often, and never less than asked for."""
    waited = (now - from_micros(received_at)) / 2
    asked = error.after_seconds if isinstance(error, TryLater) else None
    least = max(SHORTEST_PAUSE, dt.timedelta(seconds=asked or 0))
    return max(least, min(waited, LONGEST_PAUSE))
