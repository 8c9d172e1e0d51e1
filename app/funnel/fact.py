"""Facts: what every way in ends in. Append-only, allow-listed, pseudonymous; the record is computed from them."""

import enum
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sqlalchemy import BigInteger, Index, SmallInteger, String, Table, bindparam, delete, exists, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from app.database import Base, Micros, OfOrganisation, add_rows, chunks


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
    sender's own id where it has one; `digest` of what it says alone. `voids` is the key of a fact taken back."""

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
    voids: bytes | None = None
    stage_ref: str | None = None
    stage_name: str | None = None
    sequence: int = 0
    time_quality: TimeQuality = TimeQuality.EXACT
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def order(self) -> tuple[Micros, int, bytes, bytes]:
        """What *first* and *last* mean: never the order of arrival."""
        return (self.occurred_at, self.sequence, self.digest, self.key)


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
    voids: Mapped[bytes | None]
    stage_ref: Mapped[str | None] = mapped_column(String(80))
    stage_name: Mapped[str | None] = mapped_column(String(200))
    occurred_at: Mapped[Micros] = mapped_column(BigInteger)
    observed_at: Mapped[Micros] = mapped_column(BigInteger)
    sequence: Mapped[int] = mapped_column(default=0)
    time_quality: Mapped[int] = mapped_column(SmallInteger)
    origin: Mapped[int] = mapped_column(SmallInteger)
    payload: Mapped[dict[str, Any]]


_VOIDS, _OF_JOB = FactRow.voids.is_not(None), FactRow.job.is_not(None)
Index("ix_fact_voids", FactRow.voids, sqlite_where=_VOIDS, postgresql_where=_VOIDS)
Index("ix_fact_job", FactRow.job, sqlite_where=_OF_JOB, postgresql_where=_OF_JOB)

# Looked up for every fact that is read, which calling an enumeration is too slow for.
_KINDS = {kind.value: kind for kind in FactKind}
_ORIGINS = [Origin(ways) for ways in range(16)]
_QUALITIES = list(TimeQuality)
FACT = cast(Table, FactRow.__table__)
_READ = select(
    FactRow.key, FactRow.digest, FactRow.kind, FactRow.system, FactRow.occurred_at, FactRow.observed_at,
    FactRow.origin, FactRow.application, FactRow.person, FactRow.job, FactRow.voids, FactRow.stage_ref,
    FactRow.stage_name, FactRow.sequence, FactRow.time_quality, FactRow.payload,
)  # fmt: skip


_VOID = aliased(FactRow)
STANDING = ~exists().where(_VOID.voids == FactRow.key)
"""The criterion of facts that nobody has taken back."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of facts that were handed in: new ones, ones known already, and ones whose key says otherwise.

    `changed` are the new ones and those known ones that were now seen earlier or by another way: what the
    record has to be brought up to date with.
    """

    new: tuple[Fact, ...]
    duplicate: tuple[Fact, ...]
    conflict: tuple[Fact, ...]
    changed: tuple[Fact, ...]


_WRITE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def content_digest(kind: FactKind, content: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """Sixteen bytes that stand for what a fact says; equal contents give equal digests whatever their key order."""
    return hashlib.blake2b(_WRITE([kind, content]).encode(), digest_size=16).digest()


def store_facts(session: Session, facts: Sequence[Fact]) -> Stored:
    """Add the facts that are new. A known fact keeps the least time it was seen at and gains its way in."""
    known = {fact.key: fact for fact in find_facts(session, [fact.key for fact in facts])}
    new: dict[bytes, Fact] = {}
    repeated: dict[bytes, Fact] = {}
    duplicate, conflict = [], []
    for fact in facts:
        first = new.get(fact.key) or repeated.get(fact.key) or known.get(fact.key)
        if first is None:
            new[fact.key] = fact
        elif first.digest != fact.digest:
            conflict.append(fact)
        else:
            duplicate.append(fact)
            (new if fact.key in new else repeated)[fact.key] = _seen_again(first, fact)
    improved = [fact for fact in repeated.values() if fact != known[fact.key]]
    add_rows(session, FactRow, [_row(fact) for fact in new.values()])
    _note_repeats(session, improved)
    return Stored(tuple(new.values()), tuple(duplicate), tuple(conflict), (*new.values(), *improved))


def _seen_again(first: Fact, again: Fact) -> Fact:
    earliest = min(first.observed_at, again.observed_at)
    return replace(first, observed_at=earliest, origin=first.origin | again.origin)


def _note_repeats(session: Session, facts: Sequence[Fact]) -> None:
    if facts:
        rows = [{"of": fact.key, "seen": fact.observed_at, "ways": int(fact.origin)} for fact in facts]
        statement = update(FACT).where(FACT.c.key == bindparam("of"))
        session.execute(statement.values(observed_at=bindparam("seen"), origin=bindparam("ways")), rows)


def rewrite_facts(session: Session, facts: Mapping[bytes, Fact]) -> None:
    """Put each fact in the place of the one with the key it stands under: for erasure, and nothing else."""
    for some in chunks(list(facts)):
        session.execute(delete(FactRow).where(FactRow.key.in_(some)))
    add_rows(session, FactRow, [_row(fact) for fact in facts.values()])
    rows = [{"of": old, "fact_key": fact.key} for old, fact in facts.items()]
    if rows:
        statement = update(FACT).where(FACT.c.voids == bindparam("of"))
        session.execute(statement.values(voids=bindparam("fact_key")), rows)


def _row(fact: Fact) -> dict[str, Any]:
    return {
        "key": fact.key, "digest": fact.digest, "kind": fact.kind.value, "system": fact.system,
        "application": fact.application, "person": fact.person, "job": fact.job, "voids": fact.voids,
        "stage_ref": fact.stage_ref, "stage_name": fact.stage_name, "occurred_at": fact.occurred_at,
        "observed_at": fact.observed_at, "sequence": fact.sequence, "time_quality": int(fact.time_quality),
        "origin": int(fact.origin), "payload": fact.payload,
    }  # fmt: skip


def find_facts(session: Session, keys: Sequence[bytes]) -> list[Fact]:
    """Those of the facts with these keys that are stored."""
    return [fact for some in chunks(keys) for fact in read_facts(session, FactRow.key.in_(some))]


def find_voided(session: Session, keys: Sequence[bytes]) -> set[bytes]:
    """Those of the keys whose fact was taken back, be it before it came."""
    voided: set[bytes | None] = set()
    for some in chunks(keys):
        voided.update(session.scalars(select(FactRow.voids).where(FactRow.voids.in_(some))))
    return voided - {None}  # type: ignore[return-value]


def find_known_applications(session: Session, applications: Sequence[bytes]) -> set[bytes]:
    """Those of the applications that some fact speaks of."""
    known: set[bytes | None] = set()
    for some in chunks(applications):
        known.update(session.scalars(select(FactRow.application).where(FactRow.application.in_(some)).distinct()))
    return known - {None}  # type: ignore[return-value]


def load_facts(session: Session, applications: Sequence[bytes]) -> dict[bytes, list[Fact]]:
    """The standing facts of these applications, by application."""
    return by_application(
        fact for some in chunks(applications) for fact in read_facts(session, FactRow.application.in_(some), STANDING)
    )


def by_application(facts: Iterable[Fact]) -> dict[bytes, list[Fact]]:
    """The facts of each application."""
    found: dict[bytes, list[Fact]] = {}
    for fact in facts:
        if fact.application is not None:
            found.setdefault(fact.application, []).append(fact)
    return found


def standing(facts: Sequence[Fact]) -> list[Fact]:
    """Those of the facts that none of the others takes back."""
    void = {fact.voids for fact in facts}
    return [fact for fact in facts if fact.key not in void]


def read_facts(session: Session, *criteria: Any) -> Iterator[Fact]:
    """The facts that meet the criteria, one at a time."""
    yield from map(_read_fact, session.execute(_READ.where(*criteria)))


def read_with_taken_back(session: Session, *criteria: Any) -> tuple[list[Fact], list[Fact]]:
    """The facts that meet the criteria: those that stand, and those that were taken back."""
    stand: list[Fact] = []
    taken_back: list[Fact] = []
    for *said, stands in session.execute(_READ.add_columns(STANDING).where(*criteria)):
        (stand if stands else taken_back).append(_read_fact(said))
    return stand, taken_back


def _read_fact(said: Sequence[Any]) -> Fact:
    (key, digest, kind, system, occurred_at, observed_at, origin, application, person, job, voids, stage_ref,
     stage_name, sequence, time_quality, payload) = said  # fmt: skip
    return Fact(
        key=key, digest=digest, kind=_KINDS[kind], system=system, occurred_at=occurred_at, observed_at=observed_at,
        origin=_ORIGINS[origin], application=application, person=person, job=job, voids=voids, stage_ref=stage_ref,
        stage_name=stage_name, sequence=sequence, time_quality=_QUALITIES[time_quality], payload=payload,
    )  # fmt: skip
