"""The record as columns: numpy arrays of coded ids and day numbers for one organisation and one point of view.

Reports read this and never rows. What is behind it (today two SQL databases) may change; nothing past it may
know. Days are the organisation's local dates as proleptic ordinals; `NEVER` stands for a day that has not come.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import EPOCH, Micros, from_micros, to_micros
from app.funnel.application import Application, Outcome, StageChange, SystemProgress
from app.funnel.person import PersonAlias
from app.funnel.projection import Projected
from app.funnel.record import project_as_known
from app.funnel.stage import OutcomeKind, Stage
from app.funnel.touchpoint import Touchpoint

NEVER = -1
NONE = -1
QUARTER_HOUR = 15 * 60 * 1_000_000
EPOCH_ORDINAL = EPOCH.toordinal()
QUARTERS_A_DAY = 96

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Touches:
    """Touchpoints in their order, a person's together."""

    person: Ints
    day: Ints
    code: Ints
    label: Ints
    host: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Applications, one position each in every array; coded columns index the tuple of the same name."""

    ids: tuple[bytes, ...]
    person: Ints
    applied: Ints
    reached: Ints
    """Shape (applications, stages): the first day at that stage or beyond it, else NEVER. A later stage's day
    stands in for an earlier stage without one: the latest that it can have been."""
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
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    hosts: tuple[str, ...]
    specialties: tuple[str, ...]
    touches: Touches
    through_of: dict[str, dt.datetime]

    @property
    def count(self) -> int:
        return len(self.ids)


class _Names:
    """Gives each distinct name a number, in the order they come."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def encode(self, names: Iterable[Any]) -> Ints:
        numbers = self._numbers
        return np.fromiter(
            (NONE if name is None else numbers.setdefault(name, len(numbers)) for name in names),
            dtype=np.int32,
        )

    def names(self) -> tuple[Any, ...]:
        return tuple(self._numbers)


def load_columns(
    session: Session,
    zone: zoneinfo.ZoneInfo,
    *,
    now: dt.datetime,
    as_of: dt.date | None,
    known_at: dt.datetime | None,
) -> Columns:
    """Read the record as it stood at the end of the day `as_of`, in what had been seen by `known_at`."""
    last_day = (as_of or now.astimezone(zone).date()).toordinal()
    known = None if known_at is None else to_micros(known_at)
    rows = _stored(session) if known is None else _as_known(session, known)
    people, codes, labels, hosts, specialties = (_Names() for _ in range(5))
    through_of = {row.system: row.through for row in session.scalars(select(SystemProgress))}
    applied = local_days([row[3] for row in rows.applications], zone)
    shown = applied <= last_day
    applications = [row for row, is_shown in zip(rows.applications, shown, strict=True) if is_shown]
    applied = applied[shown]
    position = {row[0]: index for index, row in enumerate(applications)}
    latest = min(to_micros(now), known or to_micros(now))
    read_until = [min(through_of.get(row[1], latest), latest) for row in applications]
    out, withdrawn = _out(rows.outcomes, position, zone, last_day)
    return Columns(
        ids=tuple(row[0] for row in applications),
        person=people.encode(row[2] or row[0] for row in applications),
        applied=applied,
        reached=_reached(rows.changes, position, applied, zone, last_day),
        out=out,
        withdrawn=withdrawn,
        current=np.fromiter((row[8] for row in applications), dtype=np.int32),
        through=np.minimum(local_days(read_until, zone), last_day),
        unmapped=np.fromiter((row[9] > 0 for row in applications), dtype=np.bool_),
        code=codes.encode(row[4] for row in applications),
        label=labels.encode(row[5] for row in applications),
        host=hosts.encode(row[6] for row in applications),
        specialty=specialties.encode(row[7] for row in applications),
        touches=_touches(rows.touches, people, codes, labels, hosts, zone),
        codes=codes.names(),
        labels=labels.names(),
        hosts=hosts.names(),
        specialties=specialties.names(),
        through_of={name: from_micros(micros) for name, micros in through_of.items()},
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Plain tuples, from the stored record or from a projection: see `_stored` for what stands where."""

    applications: Sequence[Any]
    changes: Sequence[Any]
    outcomes: Sequence[Any]
    touches: Sequence[Any]


def _stored(session: Session) -> _Rows:
    return _Rows(
        applications=session.execute(
            select(
                Application.id, Application.system, Application.person_id, Application.applied_at, Application.code,
                Application.label, Application.host, Application.specialty, Application.current,
                Application.unmapped,
            ).order_by(Application.applied_at, Application.id)
        ).all(),
        changes=session.execute(
            select(StageChange.application_id, StageChange.stage, StageChange.occurred_at, StageChange.undone_at)
        ).all(),
        outcomes=session.execute(
            select(Outcome.application_id, Outcome.kind, Outcome.occurred_at, Outcome.undone_at)
        ).all(),
        touches=session.execute(_TOUCHES).all(),
    )  # fmt: skip


_TOUCHES = (
    select(Touchpoint.person_id, Touchpoint.occurred_at, Touchpoint.code, Touchpoint.label, Touchpoint.host)
    .where(Touchpoint.person_id.is_not(None))
    .order_by(Touchpoint.person_id, Touchpoint.occurred_at, Touchpoint.sequence, Touchpoint.id)
)


def _as_known(session: Session, known_at: Micros) -> _Rows:
    applications = sorted(project_as_known(session, known_at), key=lambda one: (one.applied_at, one.id))
    rows = session.execute(select(PersonAlias.reference, PersonAlias.person_id))
    people = {reference: person for reference, person in rows}  # noqa: C416 (rows are no plain pairs)
    return _Rows(
        applications=[_application(one, people) for one in applications],
        changes=[
            (one.id, int(change.stage), change.occurred_at, change.undone_at)
            for one in applications
            for change in one.changes
        ],
        outcomes=[(one.id, exit.kind, exit.occurred_at, exit.undone_at) for one in applications for exit in one.exits],
        touches=session.execute(_TOUCHES.where(Touchpoint.observed_at <= known_at)).all(),
    )


def _application(one: Projected, people: dict[bytes, bytes]) -> tuple[Any, ...]:
    person = None if one.person is None else people.get(one.person, one.person)
    source = one.source
    return (
        one.id, one.system, person, one.applied_at, source.get("code"), source.get("label"), source.get("host"),
        one.attributes.get("specialty"), int(one.current), one.unmapped,
    )  # fmt: skip


def local_days(micros: Sequence[Micros | None], zone: zoneinfo.ZoneInfo) -> Ints:
    """The local date of each instant as an ordinal; NEVER where there is none.

    Clocks change on quarter hours everywhere, so one look-up per distinct quarter hour is exact.
    """
    instants = np.fromiter((-1 if one is None else one for one in micros), dtype=np.int64)
    quarters, place = np.unique(instants // QUARTER_HOUR, return_inverse=True)
    days = np.fromiter(
        (from_micros(int(quarter) * QUARTER_HOUR).astimezone(zone).toordinal() for quarter in quarters),
        dtype=np.int32,
        count=len(quarters),
    )
    return np.where(instants < 0, np.int32(NEVER), days[place] if len(days) else np.int32(NEVER)).astype(np.int32)


def _placed(rows: Sequence[Any], position: dict[bytes, int]) -> list[Any]:
    return [(position[row[0]], *row[1:]) for row in rows if row[0] in position]


def _reached(
    rows: Sequence[Any], position: dict[bytes, int], applied: Ints, zone: zoneinfo.ZoneInfo, last_day: int
) -> Ints:
    placed = _placed(rows, position)
    index = np.fromiter((row[0] for row in placed), dtype=np.int64)
    stage = np.fromiter((row[1] for row in placed), dtype=np.int32)
    day = local_days([row[2] for row in placed], zone)
    undone = local_days([row[3] for row in placed], zone)
    taken_back = (undone != NEVER) & (undone <= last_day)
    stage = np.where(taken_back, np.minimum(stage, Stage.OFFER), stage)
    far = np.iinfo(np.int32).max
    reached = np.full((len(applied), len(Stage)), far, dtype=np.int32)
    reached[:, Stage.APPLIED] = applied
    for later in list(Stage)[1:]:
        counts = (stage >= later) & (day <= last_day)
        # A vendor's clock may run behind: nobody reaches a stage before applying.
        np.minimum.at(reached[:, later], index[counts], np.maximum(day[counts], applied[index[counts]]))
    return np.where(reached == far, np.int32(NEVER), reached)


def _out(
    rows: Sequence[Any], position: dict[bytes, int], zone: zoneinfo.ZoneInfo, last_day: int
) -> tuple[Ints, NDArray[np.bool_]]:
    placed = _placed(rows, position)
    day = local_days([row[2] for row in placed], zone)
    undone = local_days([row[3] for row in placed], zone)
    stands = (day <= last_day) & ((undone == NEVER) | (undone > last_day))
    out = np.full(len(position), NEVER, dtype=np.int32)
    withdrawn = np.zeros(len(position), dtype=np.bool_)
    for number in np.flatnonzero(stands):
        index, kind = placed[number][0], placed[number][1]
        out[index], withdrawn[index] = day[number], kind == OutcomeKind.WITHDRAWN
    return out, withdrawn


def _touches(
    rows: Sequence[Any], people: _Names, codes: _Names, labels: _Names, hosts: _Names, zone: zoneinfo.ZoneInfo
) -> Touches:
    return Touches(
        person=people.encode(row[0] for row in rows),
        day=local_days([row[1] for row in rows], zone),
        code=codes.encode(row[2] for row in rows),
        label=labels.encode(row[3] for row in rows),
        host=hosts.encode(row[4] for row in rows),
    )
