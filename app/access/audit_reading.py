"""Reading the audit: is the chain whole, and what does it say."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.access.audit import FIRST_PREVIOUS, Action, AuditEntry, AuditHead, hash_of
from app.i18n import _


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look over a whole chain found; `broken` is the number of the first entry that is not as it was."""

    entries: int
    hash: str
    broken: int | None = None
    why: str = ""


def verify(session: Session, organisation_id: uuid.UUID, expected: tuple[int, str] | None = None) -> Verified:
    """Go over an organisation's chain from its first entry to its head, and to one noted elsewhere before.

    Whoever can rewrite the whole database can rewrite chain and head alike; only a number and hash kept somewhere
    else (`expected`) show that.
    """
    every = select(AuditEntry).where(AuditEntry.organisation_id == organisation_id).order_by(AuditEntry.number)
    with closing(session.scalars(every.execution_options(yield_per=1000))) as entries:
        found = _follow(entries, expected)
    if found.broken is not None:
        return found
    head = session.get(AuditHead, organisation_id)
    end = (head.number, head.hash) if head else (0, FIRST_PREVIOUS)
    if found.entries < max(end[0], expected[0] if expected else 0):
        return replace(found, broken=found.entries + 1, why=_("it and all after it are missing"))
    if (found.entries, found.hash) != end:
        return replace(found, broken=found.entries, why=_("the end of the chain is not the one expected"))
    return found


def _follow(entries: Iterable[AuditEntry], expected: tuple[int, str] | None) -> Verified:
    number, previous = 0, FIRST_PREVIOUS
    for entry in entries:
        if entry.number != number + 1:
            return Verified(number, previous, number + 1, _("it is missing"))
        if entry.previous != previous:
            return Verified(number, previous, entry.number, _("it does not follow the entry before it"))
        if entry.hash != hash_of(entry):
            return Verified(number, previous, entry.number, _("it was changed"))
        number, previous = entry.number, entry.hash
        if expected and expected[0] == number and expected[1] != previous:
            return Verified(number, previous, number, _("it differs from the one that was noted"))
    return Verified(number, previous)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted."""

    action: Action | None = None
    noun: str | None = None
    actor: str | None = None


def list_entries(
    session: Session, wanted: AuditFilter, *, before: int | None = None, limit: int = 50
) -> list[AuditEntry]:
    """The newest entries that fit, or the newest before a number."""
    entries = _wanted(wanted).order_by(AuditEntry.number.desc()).limit(limit)
    return list(session.scalars(entries if before is None else entries.where(AuditEntry.number < before)))


def all_entries(session: Session, wanted: AuditFilter) -> Iterator[AuditEntry]:
    """Every entry that fits, the oldest first."""
    entries = _wanted(wanted).order_by(AuditEntry.number)
    with closing(session.scalars(entries.execution_options(yield_per=1000))) as found:
        yield from found


def list_nouns(session: Session) -> list[str]:
    """What the entries speak of."""
    return sorted(session.scalars(select(AuditEntry.noun).distinct()))


def _wanted(wanted: AuditFilter) -> Select[AuditEntry]:
    entries = select(AuditEntry)
    for column, value in (
        (AuditEntry.action, wanted.action),
        (AuditEntry.noun, wanted.noun),
        (AuditEntry.actor_name, wanted.actor),
    ):
        entries = entries if value is None else entries.where(column == value)
    return entries
