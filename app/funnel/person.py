"""People as pseudonyms: which references stand for the same person, whatever order we learn it in."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ForeignKey, SmallInteger, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, OfOrganisation, chunks
from app.funnel.application import Application, Lead
from app.funnel.fact import Fact, FactKind
from app.funnel.pseudonym import KEY_VERSION
from app.funnel.touchpoint import Touchpoint
from app.rows import put_rows


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


@dataclass(frozen=True, slots=True)
class Apart:
    """People who are to be made out anew from all that is known of them, and all references that stood for them."""

    people: frozenset[bytes] = frozenset()
    references: frozenset[bytes] = frozenset()


def take_apart(session: Session, references: Collection[bytes]) -> Apart:
    """Those whom these references stand for."""
    people = frozenset(find_people(session, references).values())
    return Apart(people, frozenset(_references_of_people(session, people)).union(references))


def resolve_people(session: Session, facts: Iterable[Fact], apart: Apart = Apart()) -> dict[bytes, bytes]:
    """Which person each reference in the facts stands for; new people are added, people found equal are joined. Of
    those taken apart the facts are all that there are: what no longer joins them falls away."""
    facts = [fact for fact in facts if fact.person is not None]
    owners = _find_owners(session, {fact.application for fact in facts if fact.application is not None})
    people = People({application: person for application, person in owners.items() if person not in apart.people})
    for fact in facts:
        people.learn(fact)
    known = find_people(session, people.namespaces.keys() - apart.references)
    for reference, person in known.items():
        people.join(reference, person)
    resolved = {reference: people.person(reference) for reference in people.namespaces}
    there, stay = {*known.values(), *owners.values()} - apart.people, set(resolved.values())
    fresh = stay - there - apart.people
    put_rows(session, Person, [{"id": person} for person in sorted(fresh)], of=Person.id, among=fresh)
    unknown = {reference: person for reference, person in resolved.items() if reference not in known}
    _put_aliases(session, unknown, people, apart)
    for some in chunks(sorted(apart.people - stay)):
        session.execute(delete(Person).where(Person.id.in_(some)))
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


def _put_aliases(session: Session, fresh: Mapping[bytes, bytes], people: People, apart: Apart) -> None:
    aliases = [
        {
            "reference": reference, "person_id": person, "namespace": people.namespaces[reference],
            "key_version": KEY_VERSION,
        }
        for reference, person in fresh.items()
    ]  # fmt: skip
    put_rows(session, PersonAlias, aliases, of=PersonAlias.reference, among=apart.references.union(fresh))


def _join_people(session: Session, moves: Iterable[tuple[bytes, bytes]]) -> None:
    for old, new in sorted(moves):
        for row in (PersonAlias, Application, Touchpoint, Lead):
            session.execute(update(row).where(row.person_id == old).values(person_id=new))
        session.execute(delete(Person).where(Person.id == old))


def find_references_of_same_people(session: Session, references: Collection[bytes]) -> list[bytes]:
    """These references and all others that stand for the same people."""
    return sorted(take_apart(session, references).references)


def _references_of_people(session: Session, people: Collection[bytes]) -> Iterator[bytes]:
    for some in chunks(sorted(people)):
        yield from session.scalars(select(PersonAlias.reference).where(PersonAlias.person_id.in_(some)))


def forget_people(session: Session, references: Sequence[bytes]) -> None:
    """Take out the people of these references with all their aliases; no row of the record may speak of them."""
    for some in chunks(sorted(set(find_people(session, references).values()))):
        session.execute(delete(PersonAlias).where(PersonAlias.person_id.in_(some)))
        session.execute(delete(Person).where(Person.id.in_(some)))


def find_erased(session: Session, references: Sequence[bytes]) -> set[bytes]:
    """Those of the references that were erased."""
    erased: set[bytes] = set()
    for some in chunks(references):
        erased.update(session.scalars(select(Tombstone.reference).where(Tombstone.reference.in_(some))))
    return erased
