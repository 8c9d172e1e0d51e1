"""People as pseudonyms: which references stand for the same person, whatever order we learn it in."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ForeignKey, SmallInteger, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, OfOrganisation, add_rows, chunks
from app.funnel.application import Application, Lead
from app.funnel.fact import Fact, FactKind
from app.funnel.pseudonym import KEY_VERSION
from app.funnel.touchpoint import Touchpoint


class Person(OfOrganisation, Base):
    """A pseudonym. Its key is the least of its references, so it does not depend on what was learnt first."""

    __tablename__ = "person"

    id: Mapped[bytes] = mapped_column(primary_key=True)


class PersonAlias(OfOrganisation, Base):
    """That a reference stands for a person."""

    __tablename__ = "person_alias"

    reference: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[bytes] = mapped_column(ForeignKey("person.id"), index=True)
    namespace: Mapped[str] = mapped_column(String(80))
    key_version: Mapped[int] = mapped_column(SmallInteger, default=KEY_VERSION)


class Tombstone(OfOrganisation, Base):
    """A reference that was erased: whatever says it again is not taken in."""

    __tablename__ = "tombstone"

    reference: Mapped[bytes] = mapped_column(primary_key=True)


def references_of(fact: Fact) -> list[tuple[bytes, str]]:
    """The references of people in a fact, each with the namespace it is from; all of them are one person."""
    found = [] if fact.person is None else [(fact.person, fact.system)]
    if fact.payload.get("email"):
        found.append((bytes.fromhex(fact.payload["email"]), "email"))
    if fact.kind is FactKind.PERSON_MERGE:
        found.append((bytes.fromhex(fact.payload["into"]), fact.system))
    return found


def resolve_people(session: Session, facts: Iterable[Fact]) -> dict[bytes, bytes]:
    """Which person each reference in the facts stands for; new people are added, people found equal are joined."""
    groups = [references_of(fact) for fact in facts]
    namespaces = {reference: namespace for group in groups for reference, namespace in group}
    known = _find_people(session, list(namespaces))
    joined = _Union()
    for reference, person in known.items():
        joined.join(reference, person)
    for group in groups:
        for reference, _namespace in group:
            joined.join(group[0][0], reference)
    people = {reference: joined.least(reference) for reference in namespaces}
    _add_people(session, people, known, namespaces)
    _join_people(session, {(old, people[reference]) for reference, old in known.items() if old != people[reference]})
    return people


def _find_people(session: Session, references: Sequence[bytes]) -> dict[bytes, bytes]:
    known: dict[bytes, bytes] = {}
    for some in chunks(references):
        rows = session.execute(
            select(PersonAlias.reference, PersonAlias.person_id).where(PersonAlias.reference.in_(some))
        )
        known.update((reference, person) for reference, person in rows)
    return known


def _add_people(
    session: Session, people: dict[bytes, bytes], known: dict[bytes, bytes], namespaces: dict[bytes, str]
) -> None:
    fresh = sorted(set(people.values()) - set(known.values()))
    add_rows(session, Person, [{"id": person} for person in fresh])
    aliases = [
        {"reference": reference, "person_id": person, "namespace": namespaces[reference], "key_version": KEY_VERSION}
        for reference, person in people.items()
        if reference not in known
    ]
    add_rows(session, PersonAlias, aliases)


def _join_people(session: Session, moves: set[tuple[bytes, bytes]]) -> None:
    for old, new in sorted(moves):
        for row in (PersonAlias, Application, Touchpoint, Lead):
            session.execute(update(row).where(row.person_id == old).values(person_id=new))
        session.execute(delete(Person).where(Person.id == old))


def find_erased(session: Session, references: Sequence[bytes]) -> set[bytes]:
    """Those of the references that were erased."""
    erased: set[bytes] = set()
    for some in chunks(references):
        erased.update(session.scalars(select(Tombstone.reference).where(Tombstone.reference.in_(some))))
    return erased


class _Union:
    """Joins references into groups; the least reference speaks for its group."""

    def __init__(self) -> None:
        self._parent: dict[bytes, bytes] = {}

    def least(self, reference: bytes) -> bytes:
        parent = self._parent.setdefault(reference, reference)
        if parent == reference:
            return reference
        least = self._parent[reference] = self.least(parent)
        return least

    def join(self, one: bytes, other: bytes) -> None:
        first, second = self.least(one), self.least(other)
        self._parent[max(first, second)] = min(first, second)
