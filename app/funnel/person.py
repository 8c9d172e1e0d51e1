"""People as pseudonyms: which references stand for the same person, whatever order we learn it in."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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
    email = fact.payload.get("email")
    found = [] if email is None else [(bytes.fromhex(email), "email")]
    if fact.person is not None and (not found or found[0][0] != fact.person):
        found.append((fact.person, fact.system))
    if fact.kind is FactKind.PERSON_MERGE:
        found.append((bytes.fromhex(fact.payload["into"]), fact.system))
    return found


@dataclass(slots=True)
class People:
    """References joined into people: those of one fact and those of one application are one person's."""

    owners: dict[bytes, bytes] = field(default_factory=dict)
    """Of each application, a reference of the person it is of."""
    namespaces: dict[bytes, str] = field(default_factory=dict)
    _parent: dict[bytes, bytes] = field(default_factory=dict)

    def learn(self, fact: Fact) -> None:
        """Join the references of a fact."""
        references = references_of(fact)
        for reference, namespace in references:
            self.namespaces[reference] = min(self.namespaces.get(reference, namespace), namespace)
            self.join(references[0][0], reference)
        if references and fact.application is not None:
            self.join(self.owners.setdefault(fact.application, references[0][0]), references[0][0])

    def join(self, one: bytes, other: bytes) -> None:
        first, second = self.person(one), self.person(other)
        if first != second:
            self._parent[max(first, second)] = min(first, second)

    def person(self, reference: bytes) -> bytes:
        """Who a reference stands for: the least of the references that are the same person's."""
        parents = self._parent
        while (parent := parents.get(reference, reference)) != reference:
            parents[reference] = reference = parents.get(parent, parent)
        return reference


def resolve_people(session: Session, facts: Iterable[Fact]) -> dict[bytes, bytes]:
    """Which person each reference in the facts stands for; new people are added, people found equal are joined."""
    facts = [fact for fact in facts if fact.person is not None]
    owners = _find_owners(session, {fact.application for fact in facts if fact.application is not None})
    people = People(dict(owners))
    for fact in facts:
        people.learn(fact)
    known = find_people(session, people.namespaces)
    for reference, person in known.items():
        people.join(reference, person)
    resolved = {reference: people.person(reference) for reference in people.namespaces}
    there = {*known.values(), *owners.values()}
    add_rows(session, Person, [{"id": person} for person in sorted(set(resolved.values()) - there)])
    _add_aliases(
        session, {reference: person for reference, person in resolved.items() if reference not in known}, people
    )
    _join_people(session, {(old, new) for old in there if (new := people.person(old)) != old})
    return resolved


def _find_owners(session: Session, applications: Collection[bytes]) -> dict[bytes, bytes]:
    owners: dict[bytes, bytes] = {}
    of_somebody = select(Application.id, Application.person_id).where(Application.person_id.is_not(None))
    for some in chunks(sorted(applications)):
        rows = session.execute(of_somebody.where(Application.id.in_(some)))
        owners.update({application: person for application, person in rows if person is not None})
    return owners


def find_people(session: Session, references: Collection[bytes]) -> dict[bytes, bytes]:
    """The people that these references stand for, as far as they are known."""
    known: dict[bytes, bytes] = {}
    for some in chunks(sorted(references)):
        rows = session.execute(
            select(PersonAlias.reference, PersonAlias.person_id).where(PersonAlias.reference.in_(some))
        )
        known.update((reference, person) for reference, person in rows)
    return known


def _add_aliases(session: Session, fresh: Mapping[bytes, bytes], people: People) -> None:
    aliases = [
        {
            "reference": reference, "person_id": person, "namespace": people.namespaces[reference],
            "key_version": KEY_VERSION,
        }
        for reference, person in fresh.items()
    ]  # fmt: skip
    add_rows(session, PersonAlias, aliases)


def _join_people(session: Session, moves: Iterable[tuple[bytes, bytes]]) -> None:
    for old, new in sorted(moves):
        for row in (PersonAlias, Application, Touchpoint, Lead):
            session.execute(update(row).where(row.person_id == old).values(person_id=new))
        session.execute(delete(Person).where(Person.id == old))


def find_references_of_same_people(session: Session, references: Collection[bytes]) -> list[bytes]:
    """These references and all others that stand for the same people."""
    people = sorted(set(find_people(session, references).values()))
    found = set(references)
    for some in chunks(people):
        found.update(session.scalars(select(PersonAlias.reference).where(PersonAlias.person_id.in_(some))))
    return sorted(found)


def forget_people(session: Session, references: Sequence[bytes]) -> None:
    """Take out the people of these references with all their aliases; no row of the record may speak of them."""
    for some in chunks(sorted(set(find_people(session, references).values()))):
        session.execute(delete(PersonAlias).where(PersonAlias.person_id.in_(some)))
        session.execute(delete(Person).where(Person.id.in_(some)))


def forget_nameless(session: Session, people: Collection[bytes]) -> None:
    """Take out those of the people that no reference stands for, which only a fault leaves behind."""
    for some in chunks(sorted(people)):
        nameless = Person.id.not_in(select(PersonAlias.person_id).where(PersonAlias.person_id.in_(some)))
        session.execute(delete(Person).where(Person.id.in_(some), nameless))


def find_erased(session: Session, references: Sequence[bytes]) -> set[bytes]:
    """Those of the references that were erased."""
    erased: set[bytes] = set()
    for some in chunks(references):
        erased.update(session.scalars(select(Tombstone.reference).where(Tombstone.reference.in_(some))))
    return erased
