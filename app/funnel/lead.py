"""Leads that are read again: of what a vendor said of one, what it changed last stands, in whatever order it came."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from app.database import Micros, chunks
from app.funnel.erasure import LEAD, UPDATED_AT
from app.funnel.fact import STANDING, Fact, FactKind, FactRow, Origin, read_facts
from app.funnel.merging import make_void
from app.funnel.record import record_facts


def take_back_older_leads(session: Session, facts: Sequence[Fact], observed_at: Micros, origin: Origin) -> None:
    """Void what was said of the leads that these new facts speak of before, or after if it came too late."""
    people = {fact.person for fact in facts if fact.kind is FactKind.LEAD and fact.person is not None}
    for some in chunks(sorted(people)):
        said = read_facts(session, FactRow.person.in_(some), FactRow.kind == FactKind.LEAD.value, STANDING)
        record_facts(session, [make_void(fact, observed_at, origin) for fact in _outdated(said)])


def _outdated(said: Iterable[Fact]) -> list[Fact]:
    """The facts of which another speaks of the same lead as it was later."""
    by_lead: dict[str, list[Fact]] = {}
    for fact in said:
        # What was stored before leads were read again has the key that is theirs.
        by_lead.setdefault(fact.payload.get(LEAD, fact.key.hex()), []).append(fact)
    for facts in by_lead.values():
        facts.sort(key=lambda fact: (fact.payload.get(UPDATED_AT, 0), fact.digest))
    return [fact for facts in by_lead.values() for fact in facts[:-1]]
