"""Erasing a person: who it was is forgotten for good, what was counted stays counted.

The only change a fact ever suffers: it gets a new key, its references point at fresh shells, its times keep
the day and the order but not the hour. Tombstones of the keyed references keep later deliveries from bringing
anybody back.
"""

import datetime as dt
import itertools
import secrets
import zoneinfo
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from app.access.audit import Action, record
from app.database import Micros, add_rows, chunks, from_micros, to_micros
from app.funnel.fact import STANDING, Fact, FactRow, read_facts, rewrite_facts
from app.funnel.person import (
    Tombstone,
    find_erased,
    find_references_of_same_people,
    forget_people,
    references_of,
)
from app.funnel.record import forget_applications, forget_loose, name_jobs_again, update_record

LEAD, UPDATED_AT = "lead", "updated_at"
"""Which lead a fact speaks of, as a key made of what never changes of it, and when its vendor last changed it."""
TIMES_IN_PAYLOAD = ("applied_at", "entered_at", "out_at", UPDATED_AT)
REFERENCES_IN_PAYLOAD = ("email", "into")
DELETED = "deleted"
"""What the facts of an application say that its vendor deleted alone, while its person stayed."""


def erase_person(session: Session, reference: bytes, zone: zoneinfo.ZoneInfo) -> int:
    """Erase whoever this reference stands for; returns how many facts were changed. Unknown references are
    remembered too, so that what comes later is refused."""
    references = set(find_references_of_same_people(session, {reference}))
    said = _facts_speaking_of(session, references)
    applications = _applications_of(session, references, said)
    return len(_erase(session, references, applications, [*said, *_facts_of(session, applications)], zone))


def erase_applications(
    session: Session, applications: Collection[bytes], zone: zoneinfo.ZoneInfo, *, deleted: bool = False
) -> list[Fact]:
    """Erase applications of which it is learnt only now that they were an erased person's, or that the vendor
    `deleted` alone: their facts say so from then on, since a merge may show that they were another's doubles.
    Returns the facts as they stand now."""
    mark = {DELETED: True} if deleted else {}
    return _erase(session, set(), set(applications), _facts_of(session, applications), zone, mark)


def _erase(
    session: Session,
    references: set[bytes],
    applications: set[bytes],
    said: Iterable[Fact],
    zone: zoneinfo.ZoneInfo,
    mark: Mapping[str, bool] = MappingProxyType({}),
) -> list[Fact]:
    facts = sorted({fact.key: fact for fact in said}.values(), key=lambda fact: fact.order)
    bury(session, references | applications)
    # One each: who was joined with whom, and when that was learnt, is seen by reports and tells of nobody.
    stand_ins = {reference: secrets.token_bytes(16) for reference in references | applications}
    erased = {fact.key: _blur(fact, rank, stand_ins, zone, mark) for rank, fact in enumerate(facts)}
    forget_applications(session, sorted(applications))
    forget_loose(session, list(erased))
    forget_people(session, sorted(references))
    rewrite_facts(session, erased)
    update_record(session, list(erased.values()))
    name_jobs_again(session, {fact.job for fact in facts if fact.job is not None})
    record(session, Action.ERASED, "person")  # that it was done, and nothing by which to find out to whom
    return list(erased.values())


def find_speaking_of_erased(
    session: Session,
    facts: Sequence[Fact],
    zone: zoneinfo.ZoneInfo,
    named_by: Mapping[bytes, Sequence[bytes]] = MappingProxyType({}),
) -> set[bytes]:
    """The keys of those facts, not stored yet, that speak of somebody who was erased and may not be stored;
    `named_by` gives, by a fact's key, further references that it stands for.

    An application of theirs that is named for the first time is erased with what was stored of it before.
    """
    people = {
        fact.key: [*(reference for reference, _namespace in references_of(fact)), *named_by.get(fact.key, ())]
        for fact in facts
    }
    named = {fact.application for fact in facts if fact.application is not None}
    named.update(itertools.chain.from_iterable(people.values()))
    erased = find_erased(session, sorted(named))
    if not erased:
        return set()
    theirs = {fact.application for fact in facts if not erased.isdisjoint(people[fact.key])} - erased - {None}
    if theirs:
        erase_applications(session, {one for one in theirs if one is not None}, zone)
        erased |= {one for one in theirs if one is not None}
    return {fact.key for fact in facts if fact.application in erased or not erased.isdisjoint(people[fact.key])}


def _facts_speaking_of(session: Session, references: Collection[bytes]) -> list[Fact]:
    """The facts with one of the references. Those that stand have one as their person; one that was taken
    back may have joined the person with somebody else by mistake, and still names both."""
    own = [
        fact
        for some in chunks(sorted(references))
        for fact in read_facts(session, FactRow.person.in_(some))
    ]  # fmt: skip
    taken_back = (
        fact
        for fact in read_facts(session, ~STANDING)
        if any(reference in references for reference, _namespace in references_of(fact))
    )
    return [*own, *taken_back]


def _applications_of(session: Session, references: Collection[bytes], said: Iterable[Fact]) -> set[bytes]:
    """The applications the facts name, but for those that a standing fact says to be somebody else's."""
    named = {fact.application for fact in said if fact.application is not None}
    others = {
        fact.application
        for fact in _facts_of(session, named, STANDING)
        if fact.person is not None and fact.person not in references
    }
    return named - others


def _facts_of(session: Session, applications: Collection[bytes], *criteria: Any) -> list[Fact]:
    return [
        fact
        for some in chunks(sorted(applications))
        for fact in read_facts(session, FactRow.application.in_(some), *criteria)
    ]


def bury(session: Session, references: Collection[bytes]) -> None:
    """Remember references as erased."""
    fresh = sorted(set(references) - find_erased(session, sorted(references)))
    add_rows(session, Tombstone, [{"reference": reference} for reference in fresh])


def _blur(
    fact: Fact, rank: int, stand_ins: Mapping[bytes, bytes], zone: zoneinfo.ZoneInfo, mark: Mapping[str, bool]
) -> Fact:
    payload = {**fact.payload, **mark}
    payload.pop(LEAD, None)  # made of references, as keys are
    for name in TIMES_IN_PAYLOAD:
        if payload.get(name) is not None:
            payload[name] = _day(payload[name], zone)
    for name in REFERENCES_IN_PAYLOAD:
        if payload.get(name) is not None:
            reference = bytes.fromhex(payload[name])
            payload[name] = stand_ins.get(reference, reference).hex()
    return replace(
        fact,
        key=secrets.token_bytes(16),
        digest=secrets.token_bytes(16),  # made of the references and the exact times, so it would give them away
        person=fact.person and stand_ins.get(fact.person, fact.person),
        application=fact.application and stand_ins.get(fact.application, fact.application),
        occurred_at=_day(fact.occurred_at, zone),
        observed_at=_day(fact.observed_at, zone),
        sequence=rank,
        payload=payload,
    )


def _day(micros: Micros, zone: zoneinfo.ZoneInfo) -> Micros:
    local = from_micros(micros).astimezone(zone)
    return to_micros(dt.datetime(local.year, local.month, local.day, tzinfo=zone))
