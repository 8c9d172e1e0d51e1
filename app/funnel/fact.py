"""Facts: what every way in ends in. Append-only, allow-listed, pseudonymous; the record is computed from them."""

import enum
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import BigInteger, Index, SmallInteger, String, Table, bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, Micros, OfOrganisation, add_rows, chunks, mark_changed


class FactKind(enum.StrEnum):
    """`snapshot` says how an application stood when the vendor last changed it; all others say what happened."""

    SNAPSHOT = "snapshot"
    APPLICATION = "application"
    STAGE_CHANGE = "stage_change"
    OUTCOME = "outcome"
    REOPENED = "reopened"
    UNHIRED = "unhired"
    TRANSFERRED = "transferred"
    LEAD = "lead"
    TOUCHPOINT = "touchpoint"
    PERSON_MERGE = "person_merge"
    ERASURE = "erasure"
    VOID = "void"


class TimeQuality(enum.IntEnum):
    """How well the time of a fact is known; the number is the order from best to worst."""

    EXACT = 0
    APPROXIMATE = 1
    INFERRED = 2


class Origin(enum.IntFlag):
    """By which ways a fact reached us: a set, since the same fact may come by several."""

    WEBHOOK = 1
    POLL = 2
    FILE = 4
    API = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that a system said. References are keyed hashes; `key` is made of what the fact says, or of the
    sender's own id where it has one; `digest` of what it says alone."""

    key: bytes
    digest: bytes
    kind: FactKind
    system: str
    occurred_at: Micros
    observed_at: Micros
    origin: Origin
    application: bytes | None = None
    person: bytes | None = None
    job: bytes | None = None
    stage_ref: str | None = None
    stage_name: str | None = None
    sequence: int = 0
    time_quality: TimeQuality = TimeQuality.EXACT
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def order(self) -> tuple[Micros, int, bytes]:
        """What *first* and *last* mean: never the order of arrival."""
        return (self.occurred_at, self.sequence, self.digest)


class FactRow(OfOrganisation, Base):
    """A fact as it is stored."""

    __tablename__ = "fact"
    __table_args__ = (
        Index("ix_fact_application", "application"),
        Index("ix_fact_person", "person"),
    )

    key: Mapped[bytes] = mapped_column(primary_key=True)
    digest: Mapped[bytes]
    kind: Mapped[str] = mapped_column(String(16))
    system: Mapped[str] = mapped_column(String(80))
    application: Mapped[bytes | None]
    person: Mapped[bytes | None]
    job: Mapped[bytes | None]
    stage_ref: Mapped[str | None] = mapped_column(String(80))
    stage_name: Mapped[str | None] = mapped_column(String(200))
    occurred_at: Mapped[Micros] = mapped_column(BigInteger)
    observed_at: Mapped[Micros] = mapped_column(BigInteger)
    sequence: Mapped[int] = mapped_column(default=0)
    time_quality: Mapped[int] = mapped_column(SmallInteger)
    origin: Mapped[int] = mapped_column(SmallInteger)
    payload: Mapped[dict[str, Any]]


FACT = cast(Table, FactRow.__table__)
_READ = select(
    FactRow.key, FactRow.digest, FactRow.kind, FactRow.system, FactRow.occurred_at, FactRow.observed_at,
    FactRow.origin, FactRow.application, FactRow.person, FactRow.job, FactRow.stage_ref, FactRow.stage_name,
    FactRow.sequence, FactRow.time_quality, FactRow.payload,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of facts that were handed in: new ones, ones known already, and ones whose key says otherwise."""

    new: tuple[Fact, ...]
    duplicate: tuple[Fact, ...]
    conflict: tuple[Fact, ...]


def content_digest(kind: FactKind, content: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """Sixteen bytes that stand for what a fact says; equal contents give equal digests whatever their key order."""
    text = json.dumps([kind, content], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def store_facts(session: Session, facts: Sequence[Fact]) -> Stored:
    """Add the facts that are new. A known fact keeps the least time it was seen at and gains its way in."""
    known = _find_known(session, [fact.key for fact in facts])
    new: dict[bytes, Fact] = {}
    duplicate, conflict = [], []
    for fact in facts:
        digest = new[fact.key].digest if fact.key in new else known.get(fact.key)
        if digest is None:
            new[fact.key] = fact
        elif digest == fact.digest:
            duplicate.append(fact)
        else:
            conflict.append(fact)
    if new:
        add_rows(session, FactRow, [_row(fact) for fact in new.values()])
    _note_repeats(session, [fact for fact in duplicate if fact.key in known])
    return Stored(tuple(new.values()), tuple(duplicate), tuple(conflict))


def _find_known(session: Session, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    known: dict[bytes, bytes] = {}
    for some in chunks(keys):
        rows = session.execute(select(FactRow.key, FactRow.digest).where(FactRow.key.in_(some)))
        known.update((key, digest) for key, digest in rows)
    return known


def _note_repeats(session: Session, facts: Sequence[Fact]) -> None:
    if not facts:
        return
    seen, way = bindparam("seen_at", type_=BigInteger), bindparam("way", type_=SmallInteger)
    earlier = FACT.c.observed_at > seen
    unknown_way = FACT.c.origin.bitwise_and(way) == 0
    rows = [{"fact_key": fact.key, "seen_at": fact.observed_at, "way": int(fact.origin)} for fact in facts]
    statement = update(FACT).where(FACT.c.key == bindparam("fact_key"))
    session.execute(statement.where(earlier).values(observed_at=seen), rows)
    session.execute(statement.where(unknown_way).values(origin=FACT.c.origin.bitwise_or(way)), rows)
    mark_changed(session)


def _row(fact: Fact) -> dict[str, Any]:
    return {
        "key": fact.key, "digest": fact.digest, "kind": fact.kind.value, "system": fact.system,
        "application": fact.application, "person": fact.person, "job": fact.job, "stage_ref": fact.stage_ref,
        "stage_name": fact.stage_name, "occurred_at": fact.occurred_at, "observed_at": fact.observed_at,
        "sequence": fact.sequence, "time_quality": int(fact.time_quality), "origin": int(fact.origin),
        "payload": fact.payload,
    }  # fmt: skip


def find_facts(session: Session, keys: Sequence[bytes]) -> list[Fact]:
    """Those of the facts with these keys that are stored."""
    return [fact for some in chunks(keys) for fact in read_facts(session, FactRow.key.in_(some))]


def load_facts(session: Session, applications: Sequence[bytes]) -> dict[bytes, list[Fact]]:
    """All facts of these applications, by application."""
    facts: dict[bytes, list[Fact]] = {}
    for some in chunks(applications):
        for fact in read_facts(session, FactRow.application.in_(some)):
            facts.setdefault(fact.application or b"", []).append(fact)
    return facts


def read_facts(session: Session, *criteria: Any) -> Iterable[Fact]:
    """The facts that meet the criteria, one at a time."""
    for (key, digest, kind, system, occurred_at, observed_at, origin, application, person, job, stage_ref,
         stage_name, sequence, time_quality, payload) in session.execute(_READ.where(*criteria)):  # fmt: skip
        yield Fact(
            key=key, digest=digest, kind=FactKind(kind), system=system, occurred_at=occurred_at,
            observed_at=observed_at, origin=Origin(origin), application=application, person=person, job=job,
            stage_ref=stage_ref, stage_name=stage_name, sequence=sequence,
            time_quality=TimeQuality(time_quality), payload=payload,
        )  # fmt: skip
