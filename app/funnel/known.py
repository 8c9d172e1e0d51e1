"""What had been seen by an earlier time: applications, people and touches as a store of those facts alone has them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import or_
from sqlalchemy.orm import Session

from app.database import Micros
from app.funnel.fact import Fact, FactKind, FactRow, read_facts
from app.funnel.person import references_of
from app.funnel.projection import Projected, put_in_order
from app.funnel.record import project_as_known


@dataclass(frozen=True, slots=True)
class Known:
    """Applications, the touches of known people in their order, and which references are one person's."""

    applications: list[Projected]
    touches: list[Fact]
    people: Mapping[bytes, bytes]

    def person_of(self, reference: bytes | None) -> bytes | None:
        return None if reference is None else self.people[reference]


def read_as_known(session: Session, known_at: Micros) -> Known:
    """Read the facts that had been seen by then, those apart that had been taken back by then."""
    about_people = or_(FactRow.person.is_not(None), FactRow.kind == FactKind.VOID)
    facts = put_in_order(read_facts(session, about_people, FactRow.observed_at <= known_at))
    touches = [fact for fact in facts if fact.kind is FactKind.TOUCHPOINT]
    touches.sort(key=lambda fact: (fact.occurred_at, fact.sequence, fact.key))
    return Known(project_as_known(session, known_at), touches, _join_references(facts))


def _join_references(facts: Iterable[Fact]) -> dict[bytes, bytes]:
    """For each reference the least of all that were said to be the same person."""
    groups: dict[bytes, set[bytes]] = {}
    for fact in facts:
        references = [reference for reference, _namespace in references_of(fact)]
        joined = set(references).union(*(groups.get(reference, ()) for reference in references))
        for reference in joined:
            groups[reference] = joined
    return {reference: min(group) for reference, group in groups.items()}
