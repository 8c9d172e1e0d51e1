"""Taking observations in: read each item, refuse the wrong ones one by one, store the rest, update the record."""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.access.organisation import Organisation, TrackingMode, get_organisation
from app.database import EPOCH, from_micros, lock, organisation_of, to_micros
from app.errors import Invalid, Problem
from app.funnel.application import SystemProgress
from app.funnel.erasure import erase_person, find_speaking_of_erased
from app.funnel.fact import Fact, FactKind, Origin, TimeQuality, find_facts
from app.funnel.pseudonym import Pseudonyms
from app.funnel.record import record_facts, uncollected
from app.funnel.touchpoint import TRACKED_KINDS
from app.i18n import _
from app.intake.inbox import forget_bodies
from app.intake.observations import OBSERVATION, Reader
from app.spreadsheets import Cell

MOST_ITEMS = 10_000
MOST_PROBLEMS = 5
LONGEST_PROBLEM = 500
LONGEST_ID = 200


def erased_problem() -> str:
    """What is said of an item that speaks of somebody who was erased."""
    return _("this person was erased; nothing more is kept about them")


UNKNOWN_WORDS = frozenset({"union_tag_invalid", "literal_error", "enum", "extra_forbidden"})
"""What pydantic calls a kind, a value and a field that a model does not have."""
FINAL = (FactKind.VOID, FactKind.ERASURE)
"""Kinds that cannot be taken back."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """An item that was not taken in, and why."""

    index: int
    id: str | None
    problem: str
    is_unknown: bool = False
    """Whether nothing is wrong with it but words that this version does not know: a kind, a value, a field."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that is no JSON, or a row of a sheet with something wrong in it."""

    problem: str
    id: str | None = None


@dataclass(slots=True)
class Receipt:
    """What became of the items of one call."""

    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    unread: Sequence[str] = ()
    """The columns of a sheet that are none of ours."""
    rows: set[int] = field(default_factory=set)
    """The rows of a sheet that say something."""
    remarks: Sequence[tuple[int, str]] = ()
    """What is to be said of rows of a sheet that were read all the same, with their numbers."""
    returned: Sequence[Sequence[Cell]] = ()
    """The refused rows of a sheet as they stand there, below its head, each with the reasons behind it."""

    @property
    def sheet(self) -> tuple[int, int] | None:
        """How many rows of a sheet were right, and of how many; nothing of what is no sheet."""
        return (len(self.rows) - len({one.index for one in self.rejected}), len(self.rows)) if self.rows else None


def parse_items(body: bytes, *, lines: bool) -> list[Any]:
    """The items of a body: a JSON array, or one JSON object a line. A broken line is one unreadable item."""
    items = [parse_line(line) for line in body.splitlines() if line.strip()] if lines else parse_array(body)
    if len(items) > MOST_ITEMS:
        raise Invalid([Problem("", _("Send at most 10,000 observations a call; these are %(n)s.", n=len(items)))])
    return items


def parse_array(body: bytes) -> list[Any]:
    """The items of a JSON array."""
    try:
        items = _read_json(body)
    except (ValueError, RecursionError) as error:
        raise Invalid([Problem("", _("The body is no JSON: %(error)s", error=error))]) from error
    if not isinstance(items, list):
        raise Invalid([Problem("", _("Send a JSON array of observations, or one object a line as x-ndjson."))])
    return items


def parse_line(line: bytes) -> Any:
    """The item on one line, or what says that it is no JSON."""
    try:
        return _read_json(line)
    except (ValueError, RecursionError) as error:
        return Unreadable(_("This line is no JSON: %(error)s", error=error))


def _read_json(text: bytes) -> Any:
    # Faster readers let the last of two equal keys win in silence, which then means whatever the sender's does not.
    return json.loads(text.decode(), object_pairs_hook=_read_object, parse_constant=_refuse_constant)


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Unreadable:
    members = dict(pairs)
    return members if len(members) == len(pairs) else Unreadable(_("A key stands twice in one object."))


def _refuse_constant(name: str) -> None:
    raise ValueError(_("%(name)s is no number", name=name))


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item that could be read, with where it stood and what it is called."""

    index: int
    id: str
    fact: Fact

    def refuse(self, problem: str) -> Rejection:
        return Rejection(self.index, self.id, problem)


@uncollected()
def take_in(
    session: Session,
    system: str,
    items: Sequence[Any],
    *,
    secret: bytes,
    now: dt.datetime,
    origin: Origin = Origin.API,
    time_quality: TimeQuality = TimeQuality.EXACT,
) -> Receipt:
    """Take in one system's observations in one transaction: right ones become facts, wrong ones are named. Whoever
    sends by itself has told all up to now; of a file nobody knows more than the last day that it speaks of."""
    read, receipt = read_items(session, system, items, secret=secret, now=now, origin=origin, time_quality=time_quality)
    return store_items(session, system, read, receipt, min(now, _last_told(read)) if origin is Origin.FILE else now)


def _last_told(read: Sequence[ReadItem]) -> dt.datetime:
    return from_micros(max((one.fact.occurred_at for one in read), default=0))


@uncollected()
def read_items(
    session: Session,
    system: str,
    items: Sequence[Any],
    *,
    secret: bytes,
    now: dt.datetime,
    origin: Origin = Origin.API,
    time_quality: TimeQuality = TimeQuality.EXACT,
) -> tuple[Sequence[ReadItem], Receipt]:
    """What can be stored of one system's observations, as far as that shows without storing, and a receipt that names
    the others."""
    organisation = get_organisation(session, organisation_of(session))
    reader = Reader(Pseudonyms(secret, organisation.id), f"system:{system}", to_micros(now), origin, time_quality)
    receipt = Receipt()
    read: list[ReadItem] = []
    for index, item in enumerate(items):
        if isinstance(item, Unreadable):
            receipt.rejected.append(Rejection(index, item.id, item.problem))
            continue
        try:
            seen = OBSERVATION.validate_python(item)
        except (ValidationError, UnicodeEncodeError) as error:
            receipt.rejected.append(Rejection(index, _id_of(item), describe_problems(error), _is_unknown(error)))
            continue
        read.append(ReadItem(index, seen.id, reader.fact(seen)))
    return _without_forbidden_tracking(read, receipt, organisation), receipt


@uncollected()
def store_items(
    session: Session, system: str, items: Sequence[ReadItem], receipt: Receipt, through: dt.datetime
) -> Receipt:
    """Store what was read, but for what may no longer be, or what the record speaks against; with it all that happened
    in the system `through` this moment is here."""
    organisation = get_organisation(session, organisation_of(session))
    lock(session, f"intake:{organisation.id}")
    read = _without_forbidden_tracking(items, receipt, organisation)
    read = _without_erased(session, read, receipt, organisation)
    read = _without_vain_voids(session, read, receipt)
    _store(session, read, receipt, organisation)
    if through > EPOCH:
        _note_progress(session, f"system:{system}", through)
    receipt.rejected.sort(key=lambda rejection: rejection.index)
    return receipt


def _without_forbidden_tracking(
    read: Sequence[ReadItem], receipt: Receipt, organisation: Organisation
) -> list[ReadItem]:
    """Leave out what would follow single people without the tracking mode for it."""
    mode = organisation.tracking_mode
    kept = []
    for one in read:
        type = one.fact.payload.get("type") if one.fact.kind is FactKind.TOUCHPOINT else None
        if type in TRACKED_KINDS and mode != TrackingMode.CONSENTED:
            problem = _(
                "type: %(type)s is not recorded of single people while the tracking mode is %(mode)s",
                type=type, mode=mode,
            )  # fmt: skip
            receipt.rejected.append(one.refuse(problem))
        else:
            kept.append(one)
    return kept


def _id_of(item: Any) -> str | None:
    id = item.get("id") if isinstance(item, Mapping) else None
    return _sayable(id[:LONGEST_ID]) if isinstance(id, str) else None


def _sayable(text: str) -> str:
    return text.encode(errors="replace").decode()


def describe_problems(
    error: ValidationError | UnicodeEncodeError, columns: Mapping[str, str] = MappingProxyType({})
) -> str:
    """What is wrong with an item, each problem with the field it is in, or the column that it stands in."""
    if isinstance(error, UnicodeEncodeError):
        return _("a text holds half a character (a lone surrogate)")
    parts = []
    for problem in error.errors(include_url=False, include_context=False, include_input=False)[:MOST_PROBLEMS]:
        # The first part of a place is the kind that the item was read as: the sender knows that.
        place = ".".join(str(part) for part in problem["loc"][1:])
        text = problem["msg"].removeprefix("Value error, ")
        parts.append(f"{columns.get(place, place)}: {text}" if place else text)
    return _sayable("; ".join(parts)[:LONGEST_PROBLEM])


def _is_unknown(error: ValidationError | UnicodeEncodeError) -> bool:
    return isinstance(error, ValidationError) and all(one["type"] in UNKNOWN_WORDS for one in error.errors())


def _without_erased(
    session: Session, read: Sequence[ReadItem], receipt: Receipt, organisation: Organisation
) -> list[ReadItem]:
    """Leave out what speaks of somebody who was erased; an erasure itself may be said again."""
    said = [one.fact for one in read if one.fact.kind is not FactKind.ERASURE]
    erased = find_speaking_of_erased(session, said, organisation.zone)
    return _leave_out(
        read, receipt, lambda fact: fact.kind is not FactKind.ERASURE and fact.key in erased,
        erased_problem(),
    )  # fmt: skip


def _without_vain_voids(session: Session, read: Sequence[ReadItem], receipt: Receipt) -> list[ReadItem]:
    """Leave out what would take back a void or an erasure; what a void takes back may also come after it."""
    voids = [one.fact.voids for one in read if one.fact.voids is not None]
    stored = find_facts(session, voids) if voids else []
    final = {fact.key for fact in (*stored, *(one.fact for one in read)) if fact.kind in FINAL}
    return _leave_out(
        read, receipt, lambda fact: fact.voids in final, _("voids: a void or an erasure cannot be taken back")
    )


def _leave_out(
    read: Sequence[ReadItem], receipt: Receipt, refused: Callable[[Fact], bool], problem: str
) -> list[ReadItem]:
    receipt.rejected += [one.refuse(problem) for one in read if refused(one.fact)]
    return [one for one in read if not refused(one.fact)]


def _store(session: Session, read: Sequence[ReadItem], receipt: Receipt, organisation: Organisation) -> None:
    stored = record_facts(session, [_storable(one.fact) for one in read])
    receipt.accepted += len(stored.new)
    receipt.duplicate += len(stored.duplicate)
    receipt.conflict += len(stored.conflict)
    new = {fact.key for fact in stored.new}
    for one in read:
        if one.fact.kind is FactKind.ERASURE and one.fact.key in new and one.fact.person is not None:
            erase_person(session, one.fact.person, organisation.zone)
            forget_bodies(session)


def _storable(fact: Fact) -> Fact:
    """An erasure is kept as having happened, without the one it was about."""
    return replace(fact, person=None) if fact.kind is FactKind.ERASURE else fact


def _note_progress(session: Session, system: str, through: dt.datetime) -> None:
    progress = session.get(SystemProgress, (organisation_of(session), system)) or SystemProgress(
        system=system, through=0
    )
    progress.through = max(progress.through, to_micros(through))
    session.add(progress)
