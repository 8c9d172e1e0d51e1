"""Where deliveries come from: what the door must know of a connection to verify one and to seal its body."""

import functools
import hashlib
import operator
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.database import Database, Micros, from_micros, lock, new_id
from app.group_commit.store import Row, Target
from app.intake.connection import Connection
from app.intake.connectors.hook import Delivery, HookScheme
from app.intake.hook_secrets import open_hook_secrets
from app.intake.hook_settings import make_scheme
from app.intake.inbox import INBOX, InboxKey, InboxRow, State, Trust, day_of
from app.intake.sealing import Sealer

NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class HookSource:
    """A connection that takes deliveries, and the key of one day."""

    organisation_id: uuid.UUID
    connection_id: uuid.UUID
    scheme: HookScheme
    secrets: tuple[str, ...]
    since: tuple[Micros, ...]
    """Since when each of the secrets vouches."""
    day: int
    key: bytes
    target: Target

    @property
    def cipher(self) -> AESGCM:
        """What seals with the day's key."""
        return _cipher(self.key)

    def make_row(self, delivery: Delivery, headers: Mapping[str, str], body: bytes, now: Micros) -> Row:
        """The row of a delivery, in the order of the inbox's columns."""
        id, digest = new_id(), hashlib.sha256(body).digest()
        key = digest if delivery.key is None else hashlib.sha256(delivery.key.encode()).digest()
        kept = {name: headers[name] for name in self.scheme.kept_headers if name in headers}
        trust = Trust.HINT if not delivery.covers_body else Trust.WHOLE if delivery.on_time else Trust.LATE
        values = {
            "organisation_id": self.organisation_id, "id": id, "connection_id": self.connection_id,
            "delivery_key": key, "body_digest": digest, "received_at": now, "day": self.day, "headers": kept,
            "body": seal_body(self.cipher, id, body), "trust": trust.value, "state": State.RECEIVED.value,
            "reason": None, "tries": 0, "due_at": now, "projected_at": None,
        }  # fmt: skip
        return _in_order(values)


REFUSED, LATE, ON_TIME = "refused", "late", "on time"
OLDER, NEWEST = "older", "newest"


def take_delivery(
    source: HookSource, raw_headers: Sequence[tuple[bytes, bytes]], body: bytes, at: Micros
) -> tuple[Row | None, str]:
    """The row of a delivery, and what `tell_taken` says of it; no row, and `REFUSED`, if none of the secrets signed
    it."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw_headers}
    delivery = source.scheme.verify(body, headers, source.secrets, from_micros(at))
    if delivery is None:
        return None, REFUSED
    is_older = delivery.secret < len(source.secrets) - 1
    said = tell_taken(delivery.on_time, source.since[delivery.secret], delivery.reading.value, is_older)
    return source.make_row(delivery, headers, body, at), said


@functools.lru_cache(maxsize=256)
def tell_taken(on_time: bool, since: Micros, reading: str, is_older: bool) -> str:
    """In one word, for counting: whether a delivery came on time, which secret fitted, how it was read, and whether a
    newer one was live, too."""
    return ":".join((ON_TIME if on_time else LATE, str(since), reading, OLDER if is_older else NEWEST))


class Taken(NamedTuple):
    """What is counted apart of the deliveries that were taken."""

    on_time: bool
    since: Micros
    reading: str
    is_older: bool


@functools.lru_cache(maxsize=256)
def read_taken(said: str) -> Taken:
    """What `tell_taken` said."""
    time, since, reading, newness = said.split(":")
    return Taken(time == ON_TIME, int(since), reading, newness == OLDER)


@functools.lru_cache(maxsize=256)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


_in_order: Callable[[Mapping[str, Any]], Row] = operator.itemgetter(*(column.name for column in INBOX.columns))


def seal_body(cipher: AESGCM, id: uuid.UUID, body: bytes) -> bytes:
    """A body, sealed so that it opens in its own row only."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, body, id.bytes)


def open_body(cipher: AESGCM, row: InboxRow) -> bytes | None:
    """The body of a row, or None when it is gone or was not sealed with this key."""
    if row.body is None:
        return None
    try:
        return cipher.decrypt(row.body[:NONCE_BYTES], row.body[NONCE_BYTES:], row.id.bytes)
    except InvalidTag:
        return None


def find_hook_source(database: Database, connection_id: uuid.UUID, sealer: Sealer, now: Micros) -> HookSource | None:
    """The connection with this key, if it takes deliveries; the key of the day is made when it is first needed."""
    with database.reading() as session:
        connection = session.scalar(select(Connection).where(Connection.id == connection_id))
        scheme = _scheme_of(connection) if connection is not None else None
        if connection is None or scheme is None or connection.disconnected_at is not None:
            return None
        live = open_hook_secrets(connection, sealer)
        found = session.get(InboxKey, (connection_id, day_of(now)))
        sealed = found.sealed if found is not None else None
        organisation_id = connection.organisation_id
    if sealed is None:
        sealed = _make_key(database, organisation_id, connection_id, sealer, day_of(now))
    key, target = bytes.fromhex(sealer.open(sealed)), Target(InboxRow, connection_id)
    texts, since = tuple(one.text for one in live), tuple(one.since for one in live)
    return HookSource(organisation_id, connection_id, scheme, texts, since, day_of(now), key, target)


def _scheme_of(connection: Connection) -> HookScheme | None:
    return make_scheme(connection.hook_scheme or "", connection.hook_settings)


def _make_key(
    database: Database, organisation_id: uuid.UUID, connection_id: uuid.UUID, sealer: Sealer, day: int
) -> bytes:
    with database.writing(organisation_id) as session:
        lock(session, f"inbox key {connection_id}")
        found = session.get(InboxKey, (connection_id, day))
        if found is None:
            found = InboxKey(connection_id=connection_id, day=day, sealed=sealer.seal(secrets.token_hex(32)))
            session.add(found)
        return found.sealed


def open_key(session: Session, connection_id: uuid.UUID, day: int, sealer: Sealer) -> AESGCM | None:
    """The key of a day, or None when it was dropped."""
    found = session.get(InboxKey, (connection_id, day))
    return None if found is None else AESGCM(bytes.fromhex(sealer.open(found.sealed)))


def drop_keys(session: Session, before_day: int) -> int:
    """Drop the keys of all days before this one, and the bodies that nothing opens any more; returns how many
    keys. Backups hold the bodies too, and they are as closed as ours."""
    bodies = update(InboxRow).where(InboxRow.day < before_day, InboxRow.body.is_not(None))
    session.execute(bodies.values(body=None), execution_options={"synchronize_session": False})
    old = session.scalars(select(InboxKey.day).where(InboxKey.day < before_day)).all()
    session.execute(delete(InboxKey).where(InboxKey.day < before_day))
    return len(old)
