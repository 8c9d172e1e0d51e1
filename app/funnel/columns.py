"""The record as columns: numpy arrays of coded ids and day numbers for one organisation and one point of view.

Reports read this and never rows. What is behind it (today two SQL databases) may change; nothing past it may
know. Days are the organisation's local dates as proleptic ordinals; `NEVER` stands for a day that has not come.
"""

import datetime as dt
import itertools
import uuid
import zoneinfo
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import EPOCH, Micros, from_micros, read_columns, to_micros
from app.funnel.application import Application, Outcome, StageChange, SystemProgress
from app.funnel.projection import Projected
from app.funnel.record import AsKnown, project_as_known
from app.funnel.stage import OutcomeKind, Stage
from app.funnel.touchpoint import Touchpoint
from app.funnel.unit import find_unit

NEVER = -1
NONE = -1
EPOCH_ORDINAL = EPOCH.toordinal()
MICROS_A_DAY = 24 * 60 * 60 * 1_000_000

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Touches:
    """Touchpoints of known people in the order they happened."""

    person: Ints
    day: Ints
    code: Ints
    label: Ints
    host: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Applications, one position each in every array; coded columns index the tuple of the same name."""

    ids: Sequence[bytes]
    person: Ints
    applied: Ints
    reached: Ints
    """Shape (applications, stages): the first day at that stage or beyond it, else NEVER. A later stage's day
    stands in for an earlier stage without one: the latest that it can have been."""
    dated: NDArray[np.bool_]
    """Shape as `reached`: whether the day at that very stage was stated, so that its wait may be told."""
    out: Ints
    withdrawn: NDArray[np.bool_]
    current: Ints
    through: Ints
    """The day up to which the application's system has been read completely."""
    unmapped: NDArray[np.bool_]
    code: Ints
    label: Ints
    host: Ints
    specialty: Ints
    job: Ints
    unit: Ints
    """The unit that an application is placed in; NONE for one that is its organisation's own."""
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    hosts: tuple[str, ...]
    specialties: tuple[str, ...]
    jobs: tuple[bytes, ...]
    units: tuple[uuid.UUID, ...]
    touches: Touches
    through_of: dict[str, dt.datetime]

    @property
    def count(self) -> int:
        return len(self.ids)


class _Names:
    """Gives each distinct name a number, in the order they come; no name is NONE."""

    def __init__(self) -> None:
        self._numbers = defaultdict[Any, int](itertools.count().__next__, {None: NONE})

    def encode(self, names: Sequence[Any]) -> Ints:
        return np.fromiter(map(self._numbers.__getitem__, names), dtype=np.int32, count=len(names))

    def names(self) -> tuple[Any, ...]:
        return tuple(self._numbers)[1:]


def load_columns(
    session: Session,
    zone: zoneinfo.ZoneInfo,
    *,
    now: dt.datetime,
    as_of: dt.date | None,
    known_at: dt.datetime | None,
) -> Columns:
    """Read the record as it stood at the end of the day `as_of`, in what had been seen by the end of the local
    day of `known_at`: of an erased person's facts only the day is left, and reports must not change by it."""
    today = now.astimezone(zone).date()
    last_day = min(as_of or today, today).toordinal()
    known = to_micros(now) if known_at is None else end_of_day(known_at, zone)
    latest = min(to_micros(now), known)
    rows = _stored(session) if known_at is None else _as_known(project_as_known(session, known))
    ids, systems, persons, applied_at, codes, labels, hosts, specialties, current, unmapped, jobs, placed = (
        rows.applications
    )
    people, code_names, label_names, host_names, specialty_names, job_names, units = (_Names() for _ in range(7))
    days = local_days(applied_at, zone)
    count = int(np.count_nonzero(days <= last_day))  # they are in the order of applying
    shown, applied = slice(count), days[:count]
    position = {id: index for index, id in enumerate(ids[shown])}
    changes = _Entries.of(rows.changes, position, zone, last_day)
    outcomes = _Entries.of(rows.outcomes, position, zone, last_day)
    reached, dated = _reached(changes, applied)
    out, withdrawn = _out(outcomes, applied)
    through_of = _through_of(session, latest)
    return Columns(
        ids=ids[shown],
        person=people.encode([person or id for person, id in zip(persons[shown], ids[shown], strict=True)]),
        applied=applied,
        reached=reached,
        dated=dated,
        out=out,
        withdrawn=withdrawn,
        current=_current(changes, count) if last_day < today.toordinal() else np.array(current[shown], np.int32),
        through=_read_until(systems[shown], through_of, latest, zone, last_day),
        unmapped=np.array(unmapped[shown], np.int64) > 0,
        code=code_names.encode(codes[shown]),
        label=label_names.encode(labels[shown]),
        host=host_names.encode(hosts[shown]),
        specialty=specialty_names.encode(specialties[shown]),
        job=job_names.encode(jobs[shown]),
        unit=units.encode(placed[shown]),
        touches=_touches(rows.touches, people, code_names, label_names, host_names, zone),
        codes=code_names.names(),
        labels=label_names.names(),
        hosts=host_names.names(),
        specialties=specialty_names.names(),
        jobs=job_names.names(),
        units=units.names(),
        through_of={name: from_micros(micros) for name, micros in through_of.items()},
    )


def _through_of(session: Session, latest: Micros) -> dict[str, Micros]:
    """Up to when each system was read; of two units' systems with one name, the one that is behind."""
    through_of: dict[str, Micros] = {}
    for row in session.scalars(select(SystemProgress)):
        through_of[row.system] = min(row.through, through_of.get(row.system, latest))
    return through_of


@dataclass(frozen=True, slots=True)
class _Rows:
    """Columns of plain values, from the stored record or from a projection: see `_stored` for what stands where."""

    applications: Sequence[Any]
    changes: Sequence[Any]
    outcomes: Sequence[Any]
    touches: Sequence[Any]


def _stored(session: Session) -> _Rows:
    return _Rows(
        applications=read_columns(session, select(
            Application.id, Application.system, Application.person_id, Application.applied_at, Application.code,
            Application.label, Application.host, Application.specialty, Application.current, Application.unmapped,
            Application.job_id, Application.unit_id,
        ).order_by(Application.applied_at, Application.id)),
        changes=read_columns(session, select(
            StageChange.application_id, StageChange.stage, StageChange.occurred_at, StageChange.undone_at
        )),
        outcomes=read_columns(session, select(
            Outcome.application_id, Outcome.kind == OutcomeKind.WITHDRAWN, Outcome.occurred_at, Outcome.undone_at
        )),
        touches=read_columns(session, select(
            Touchpoint.person_id, Touchpoint.occurred_at, Touchpoint.code, Touchpoint.label, Touchpoint.host
        ).where(
            Touchpoint.person_id.is_not(None)
        ).order_by(Touchpoint.occurred_at, Touchpoint.sequence, Touchpoint.id)),
    )  # fmt: skip


def _transpose(rows: Sequence[Any], width: int) -> Sequence[Any]:
    return [[row[number] for row in rows] for number in range(width)]


def _as_known(known: AsKnown) -> _Rows:
    applications = sorted(known.applications, key=lambda one: (one.applied_at, one.id))
    touches = [
        (known.people.person(fact.person), fact.occurred_at, *map(fact.payload.get, ("code", "label", "host")))
        for fact in sorted(known.touchpoints, key=lambda fact: (fact.occurred_at, fact.sequence, fact.key))
        if fact.person is not None
    ]
    changes = [
        (one.id, int(change.stage), change.occurred_at, change.undone_at)
        for one in applications
        for change in one.changes
    ]
    exits = [
        (one.id, exit.kind is OutcomeKind.WITHDRAWN, exit.occurred_at, exit.undone_at)
        for one in applications
        for exit in one.exits
    ]
    return _Rows(
        _transpose([_application(one, known) for one in applications], 12),
        _transpose(changes, 4),
        _transpose(exits, 4),
        _transpose(touches, 5),
    )


def _application(one: Projected, known: AsKnown) -> tuple[Any, ...]:
    source, person = one.source, one.person and known.people.person(one.person)
    return (
        one.id, one.system, person, one.applied_at, source.get("code"), source.get("label"),
        source.get("host"), one.attributes.get("specialty"), int(one.current), one.unmapped,
        one.job, find_unit(known.unit_rules, one.system, one.attributes.get("unit")),
    )  # fmt: skip


def end_of_day(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> Micros:
    """The last instant of the local day that this one is in."""
    return start_of_day(instant.astimezone(zone).date().toordinal() + 1, zone) - 1


def local_days(micros: Sequence[Micros | None], zone: zoneinfo.ZoneInfo) -> Ints:
    """The local date of each instant as an ordinal; NEVER where there is none."""
    instants = np.array([NEVER if one is None else one for one in micros], dtype=np.int64)
    given = instants[instants != NEVER]
    if not len(given):
        return np.full(len(instants), NEVER, dtype=np.int32)
    # Nowhere is it a day earlier or later than in UTC by more than one date.
    first, last = (EPOCH_ORDINAL + int(end // MICROS_A_DAY) for end in (given.min(), given.max()))
    midnights = [start_of_day(day, zone) for day in range(first - 1, last + 2)]
    days = first - 2 + np.searchsorted(np.array(midnights), instants, side="right")
    return np.where(instants == NEVER, NEVER, days).astype(np.int32)


def start_of_day(day: int, zone: zoneinfo.ZoneInfo) -> Micros:
    """When the local date begins. Where clocks jump over midnight, that is the instant they do."""
    date = dt.date.fromordinal(day)
    return to_micros(dt.datetime(date.year, date.month, date.day, tzinfo=zone))


def _read_until(
    systems: Sequence[str], through_of: Mapping[str, Micros], latest: Micros, zone: zoneinfo.ZoneInfo, last_day: int
) -> Ints:
    names = _Names()
    code = names.encode(systems)
    days = local_days([through_of.get(name, latest) for name in names.names()], zone)
    return np.minimum(days, last_day)[code] if len(days) else days


@dataclass(frozen=True, slots=True)
class _Entries:
    """Stage changes (what: the stage) or outcomes (what: 1 if withdrawn) up to the last day."""

    application: NDArray[np.int64]
    what: NDArray[np.int64]
    at: NDArray[np.int64]
    day: Ints
    taken_back: NDArray[np.bool_]

    @classmethod
    def of(
        cls, columns: Sequence[Any], position: Mapping[bytes, int], zone: zoneinfo.ZoneInfo, last_day: int
    ) -> "_Entries":
        ids, what, at, undone_at = columns
        application = np.array([position.get(id, NONE) for id in ids], dtype=np.int64)
        day, undone = local_days(at, zone), local_days(undone_at, zone)
        taken_back = (undone != NEVER) & (undone <= last_day)
        seen = (application != NONE) & (day <= last_day)
        what, at = np.array(what, np.int64), np.array(at, np.int64)
        return cls(application[seen], what[seen], at[seen], day[seen], taken_back[seen])


def _reached(changes: _Entries, applied: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    index = changes.application
    # A hire that was taken back counts as the offer that it was.
    stage = np.where(changes.taken_back, np.minimum(changes.what, Stage.OFFER), changes.what)
    # A vendor's clock may run behind: nobody reaches a stage before applying.
    day = np.maximum(changes.day, applied[index])
    far = np.iinfo(np.int32).max
    reached = np.full((len(applied), len(Stage)), far, dtype=np.int32)
    reached[:, Stage.APPLIED] = applied
    for later in list(Stage)[1:]:
        counts = stage >= later
        np.minimum.at(reached[:, later], index[counts], day[counts])
    dated = np.zeros(reached.shape, dtype=np.bool_)
    dated[:, Stage.APPLIED] = True
    dated[index, changes.what] = True
    never = reached == far
    return np.where(never, np.int32(NEVER), reached), dated & ~never


def _current(changes: _Entries, count: int) -> Ints:
    """Where each application stood at the end of the last day: at what it entered last, hires taken back apart."""
    stage = np.where(changes.taken_back, np.minimum(changes.what, Stage.OFFER), changes.what)
    order = np.lexsort((changes.what, changes.at))
    current = np.zeros(count, dtype=np.int32)
    current[changes.application[order]] = stage[order]  # assignment keeps the last of equal positions
    return current


def _out(outcomes: _Entries, applied: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    out = np.full(len(applied), NEVER, dtype=np.int32)
    withdrawn = np.zeros(len(applied), dtype=np.bool_)
    stands = ~outcomes.taken_back
    index = outcomes.application[stands]
    out[index] = np.maximum(outcomes.day[stands], applied[index])
    withdrawn[index] = outcomes.what[stands] == 1
    return out, withdrawn


def _touches(
    columns: Sequence[Any], people: _Names, codes: _Names, labels: _Names, hosts: _Names, zone: zoneinfo.ZoneInfo
) -> Touches:
    persons, at, code, label, host = columns
    return Touches(
        person=people.encode(persons),
        day=local_days(at, zone),
        code=codes.encode(code),
        label=labels.encode(label),
        host=hosts.encode(host),
    )
