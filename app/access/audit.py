"""Who did what: an append-only chain of entries for each organisation, written in the transaction of the change.

Rows of the classes named to `audited` are noticed when they are flushed, so no writer can forget them; what is
no row (an export, an erasure, a replay) is said by `record`. An entry holds names of fields, never what was in
them: no person's data and no secret.
"""

import datetime as dt
import enum
import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import BigInteger, ForeignKey, String, Table, UniqueConstraint, event, insert, inspect, select, update
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from app.access.organisation import Organisation
from app.access.secret import digest_of
from app.access.token import ApiToken
from app.database import Base, OfOrganisation, lock, new_id, organisation_of, to_micros

FIRST_PREVIOUS = "0" * 64
"""What the first entry of a chain names as the hash before it."""
BOOKKEEPING = frozenset({"revision", "updated_at", "data_version"})
LONGEST_NAME = 120
LONGEST_KEY = 80


class ActorKind(enum.StrEnum):
    """What kind of hand it was."""

    TOKEN = "token"  # noqa: S105 (the name of a kind)
    USER = "user"
    COMMAND = "command"
    SYSTEM = "system"


class Action(enum.StrEnum):
    """What was done."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    EXPORTED = "exported"
    ERASED = "erased"
    REPLAYED = "replayed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a machine's token with its system, a user by key alone, a command, or Kutsu itself."""

    kind: ActorKind
    name: str
    id: uuid.UUID | None = None


OURSELVES = Actor(ActorKind.SYSTEM, "kutsu")
acting: ContextVar[Actor] = ContextVar("acting", default=OURSELVES)
"""Who acts where a session does not say: the command that this process was started with."""


class AuditEntry(OfOrganisation, Base):
    """One thing that was done; the database itself refuses to change or delete it."""

    __tablename__ = "audit_entry"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[dt.datetime]
    actor_kind: Mapped[ActorKind] = mapped_column(String(10))
    actor_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    actor_id: Mapped[uuid.UUID | None]
    action: Mapped[Action] = mapped_column(String(12))
    noun: Mapped[str] = mapped_column(String(40))
    noun_id: Mapped[str | None] = mapped_column(String(LONGEST_KEY))
    fields: Mapped[list[str]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(OfOrganisation, Base):
    """Where an organisation's chain ends, so that a chain cut off at its end is seen."""

    __tablename__ = "audit_head"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(slots=True)
class _Note:
    """Something done in a transaction that has not ended yet."""

    organisation_id: uuid.UUID
    action: Action
    noun: str
    noun_id: str | None
    fields: set[str]


_audited: list[type[Any]] = [Organisation, ApiToken]


def audited(model: type[Any]) -> None:
    """Have every change of this class's rows, and of classes made from it, noticed."""
    _audited.append(model)


def is_audited(model: type[Any]) -> bool:
    """Whether changes of this class's rows are noticed."""
    return issubclass(model, tuple(_audited))


def act_as(session: Session, actor: Actor, now: dt.datetime) -> None:
    """Say who changes what this session changes, and when."""
    session.info["actor"], session.info["acting_at"] = actor, now


def actor_of(session: Session) -> Actor:
    """Who changes what this session changes."""
    actor: Actor = session.info.get("actor") or acting.get()
    return actor


def record(session: Session, action: Action, noun: str, noun_id: str | None = None, fields: Iterable[str] = ()) -> None:
    """Note what was done and is no change of an audited row; it is stored when the session commits."""
    _notes(session).append(_Note(organisation_of(session), action, noun, noun_id, set(fields)))


def hash_of(entry: AuditEntry) -> str:
    """The hash that an entry must have: of all it says and of the hash before it."""
    return _hash({column.key: getattr(entry, column.key) for column in inspect(AuditEntry).columns})


def _hash(values: dict[str, Any]) -> str:
    said = [
        str(values["organisation_id"]), str(values["id"]), values["number"], to_micros(values["at"]),
        values["actor_kind"], values["actor_name"], values["actor_id"] and str(values["actor_id"]),
        values["action"], values["noun"], values["noun_id"], values["fields"], values["previous"],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()


def _notes(session: Session) -> list[_Note]:
    notes: list[_Note] = session.info.setdefault("audit", [])
    return notes


@event.listens_for(Session, "after_flush")
def _notice(session: Session, _context: object) -> None:
    for rows, action in (
        (session.new, Action.CREATED),
        (session.dirty, Action.CHANGED),
        (session.deleted, Action.DELETED),
    ):
        for row in rows:
            if is_audited(type(row)):
                fields = _changed_fields(row) if action is Action.CHANGED else set()
                if fields is not None:
                    _note_row(session, action, row, fields)


def _changed_fields(row: Any) -> set[str] | None:
    """The fields that changed, or None when no column of the row itself did."""
    state = inspect(row)
    changed = {attribute.key for attribute in state.attrs if attribute.history.has_changes()}
    return changed - BOOKKEEPING if changed & set(state.mapper.column_attrs.keys()) else None


def _note_row(session: Session, action: Action, row: Any, fields: set[str]) -> None:
    organisation = _founder(session, row) if isinstance(row, Organisation) else row.organisation_id
    noun, noun_id = row.__tablename__, _key_of(row)
    for note in _notes(session):
        if (note.noun, note.noun_id) == (noun, noun_id) and action is Action.CHANGED and note.action != Action.DELETED:
            # A row that was made in this transaction was made as it is at its end.
            note.fields |= fields if note.action is Action.CHANGED else set()
            return
    _notes(session).append(_Note(organisation, action, noun, noun_id, fields))


def _key_of(row: Any) -> str:
    """A row's own key, or what it is known by beside its organisation; as a digest where that is long."""
    parts = {column.key: getattr(row, column.key) for column in inspect(type(row)).primary_key}
    key = ":".join(str(part) for name, part in parts.items() if len(parts) == 1 or name != "organisation_id")
    return key if len(key) <= LONGEST_KEY else digest_of(key)


def _founder(session: Session, organisation: Organisation) -> uuid.UUID:
    """In whose chain an organisation's founding and settings are told: that of who works on it, else its own."""
    own: Sequence[uuid.UUID] = session.info.get("organisations", ())
    return own[0] if own else organisation.id


@event.listens_for(Session, "after_transaction_create")
def _remember_notes(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault("audit_savepoints", {})[transaction] = list(_notes(session))


@event.listens_for(Session, "after_soft_rollback")
def _forget_notes(session: Session, transaction: SessionTransaction) -> None:
    """What was rolled back was not done."""
    session.info["audit"] = session.info.get("audit_savepoints", {}).pop(transaction, [])


@event.listens_for(Session, "before_commit")
def _store_notes(session: Session) -> None:
    # Listens after the store's own listener, which flushes. A savepoint stores what was noted up to its end.
    notes: Sequence[_Note] = session.info.pop("audit", ())
    for organisation in sorted({note.organisation_id for note in notes}):
        _append(session, organisation, [note for note in notes if note.organisation_id == organisation])


def _append(session: Session, organisation: uuid.UUID, notes: Sequence[_Note]) -> None:
    """Lengthen an organisation's chain; one transaction at a time, so that every entry has one predecessor."""
    lock(session, f"audit {organisation}")
    connection = session.connection()
    heads, entries = cast(Table, AuditHead.__table__), cast(Table, AuditEntry.__table__)
    here = heads.c.organisation_id == organisation
    head = connection.execute(select(heads.c.number, heads.c.hash).where(here)).one_or_none()
    number, previous = (head.number, head.hash) if head else (0, FIRST_PREVIOUS)
    actor = actor_of(session)
    at = session.info.get("acting_at") or dt.datetime.now(dt.UTC)
    rows = []
    for number, note in enumerate(notes, number + 1):  # noqa: B020 (goes on from where the chain ended)
        values: dict[str, Any] = {
            "id": new_id(), "organisation_id": organisation, "number": number, "at": at, "previous": previous,
            "actor_kind": str(actor.kind), "actor_name": actor.name[:LONGEST_NAME], "actor_id": actor.id,
            "action": str(note.action), "noun": note.noun, "noun_id": note.noun_id, "fields": sorted(note.fields),
        }  # fmt: skip
        previous = values["hash"] = _hash(values)
        rows.append(values)
    # Past the unit of work: an entry is no change of what reports are computed from.
    connection.execute(insert(entries), rows)
    end = {"number": number, "hash": previous}
    connection.execute(
        update(heads).where(here).values(end) if head else insert(heads).values(organisation_id=organisation, **end)
    )
