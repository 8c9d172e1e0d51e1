"""Erasing a person: who it was is forgotten for good, what was counted stays counted.

The only change a fact ever suffers: its references point at a fresh shell, its times keep the day and the
order but not the hour. Tombstones of the keyed references keep later deliveries from bringing anybody back.
"""

import datetime as dt
import secrets
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from app.database import Micros, add_rows, from_micros, mark_changed, to_micros
from app.funnel.application import Lead
from app.funnel.fact import FACT, Fact, FactRow, read_facts
from app.funnel.person import Person, PersonAlias, Tombstone
from app.funnel.record import forget_applications, update_record
from app.funnel.touchpoint import Touchpoint

TIMES_IN_PAYLOAD = ("applied_at", "entered_at", "out_at")


def erase_person(session: Session, reference: bytes, zone: zoneinfo.ZoneInfo) -> int:
    """Erase whoever this reference stands for; returns how many facts were changed. Unknown references are
    remembered too, so that what comes later is refused."""
    references = _references_of_same_person(session, reference)
    facts = sorted(read_facts(session, FactRow.person.in_(references)), key=lambda fact: fact.order)
    applications = sorted({fact.application for fact in facts if fact.application is not None})
    facts = _with_facts_of_applications(session, facts, applications)
    _bury(session, [*references, *applications])
    forget_applications(session, applications)
    _forget_people(session, references)
    shell = secrets.token_bytes(16)
    shells = {application: secrets.token_bytes(16) for application in applications}
    erased = [_blur(fact, rank, shell, shells, zone) for rank, fact in enumerate(facts)]
    _rewrite(session, erased)
    for row in (Touchpoint, Lead):
        session.execute(delete(row).where(row.id.in_([fact.key for fact in facts])))
    update_record(session, erased)
    mark_changed(session)
    return len(erased)


def _references_of_same_person(session: Session, reference: bytes) -> list[bytes]:
    person = session.scalar(select(PersonAlias.person_id).where(PersonAlias.reference == reference))
    if person is None:
        return [reference]
    return sorted(session.scalars(select(PersonAlias.reference).where(PersonAlias.person_id == person)))


def _with_facts_of_applications(session: Session, facts: Sequence[Fact], applications: list[bytes]) -> list[Fact]:
    every = {fact.key: fact for fact in (*facts, *read_facts(session, FactRow.application.in_(applications)))}
    return sorted(every.values(), key=lambda fact: fact.order)


def _bury(session: Session, references: Sequence[bytes]) -> None:
    known = set(session.scalars(select(Tombstone.reference).where(Tombstone.reference.in_(references))))
    add_rows(session, Tombstone, [{"reference": reference} for reference in references if reference not in known])


def _forget_people(session: Session, references: Sequence[bytes]) -> None:
    people = set(session.scalars(select(PersonAlias.person_id).where(PersonAlias.reference.in_(references))))
    session.execute(delete(PersonAlias).where(PersonAlias.reference.in_(references)))
    session.execute(delete(Person).where(Person.id.in_(people)))


def _blur(fact: Fact, rank: int, shell: bytes, shells: Mapping[bytes, bytes], zone: zoneinfo.ZoneInfo) -> Fact:
    payload: dict[str, Any] = {name: value for name, value in fact.payload.items() if name != "email"}
    for name in TIMES_IN_PAYLOAD:
        if payload.get(name) is not None:
            payload[name] = _day(payload[name], zone)
    return replace(
        fact,
        person=None if fact.person is None else shell,
        application=None if fact.application is None else shells[fact.application],
        occurred_at=_day(fact.occurred_at, zone),
        observed_at=_day(fact.observed_at, zone),
        sequence=rank,
        payload=payload,
    )


def _day(micros: Micros, zone: zoneinfo.ZoneInfo) -> Micros:
    local = from_micros(micros).astimezone(zone)
    return to_micros(dt.datetime(local.year, local.month, local.day, tzinfo=zone))


def _rewrite(session: Session, facts: Sequence[Fact]) -> None:
    if facts:
        columns = ("person", "application", "occurred_at", "observed_at", "sequence", "payload")
        statement = update(FACT).where(FACT.c.key == bindparam("fact_key"))
        session.execute(
            statement.values({name: bindparam(f"new_{name}") for name in columns}),
            [{"fact_key": fact.key, **{f"new_{name}": getattr(fact, name) for name in columns}} for fact in facts],
        )
