"""Whose applications a vendor still lists although it says that it destroyed them: they were merged into whoever has
these applications now. Where a vendor says the same of both, its list is asked."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import from_micros
from app.funnel.application import Application
from app.funnel.person import find_people
from app.funnel.pseudonym import Pseudonyms
from app.intake.connectors.page import ApplicationSeen, Connector, ErasedSeen, MergedSeen, Seen

INSTANT = dt.timedelta(seconds=1)
"""How much of a list is asked for around the moment at which an application was made."""


@dataclass(frozen=True, slots=True)
class Destroyed:
    """A candidate who is said to be destroyed, by the vendor's key, and the applications of theirs that are here."""

    candidate: str
    made: Mapping[bytes, dt.datetime]


def find_destroyed(
    session: Session, pseudonyms: Pseudonyms, system: str, seen: Sequence[Seen]
) -> tuple[Destroyed, ...]:
    """Of whom the vendor's list has to be asked: those who have applications here."""
    found = (
        Destroyed(one.candidate, _find_made(session, system, pseudonyms.reference(f"{system}/person", one.candidate)))
        for one in seen
        if isinstance(one, ErasedSeen) and one.unless_listed and one.candidate is not None
    )
    return tuple(one for one in found if one.made)


def _find_made(session: Session, system: str, reference: bytes) -> dict[bytes, dt.datetime]:
    person = find_people(session, [reference]).get(reference)
    theirs = select(Application.id, Application.applied_at).where(
        Application.person_id == person, Application.system == system
    )
    return {} if person is None else {id: from_micros(at) for id, at in session.execute(theirs)}


def find_living_on(
    connector: Connector, pseudonyms: Pseudonyms, system: str, destroyed: Sequence[Destroyed]
) -> Iterator[Seen]:
    """The applications that live on under another candidate, as they stand, and who that is; nothing of whoever was
    destroyed indeed."""
    for one in destroyed:
        keys = list(_list_keys(connector, pseudonyms, system, one.made))
        seen = [each for page in connector.fetch(keys) for each in page.seen] if keys else []
        now = sorted(
            each.candidate
            for each in seen
            if isinstance(each, ApplicationSeen) and each.candidate not in (None, one.candidate)
        )
        if now:
            yield from seen
            yield MergedSeen(candidate=one.candidate, into=now[0])


def _list_keys(
    connector: Connector, pseudonyms: Pseudonyms, system: str, made: Mapping[bytes, dt.datetime]
) -> Iterator[str]:
    for reference, at in made.items():
        for key, _at in connector.created(at, at + INSTANT):
            if pseudonyms.reference(f"{system}/application", key) == reference:
                yield key


def without_merged(seen: Sequence[Seen], answer: Sequence[Seen]) -> tuple[Seen, ...]:
    """What was said, but for the end of whoever lives on by the vendor's answer."""
    merged = {one.candidate for one in answer if isinstance(one, MergedSeen)}
    return tuple(one for one in seen if not (isinstance(one, ErasedSeen) and one.candidate in merged))
