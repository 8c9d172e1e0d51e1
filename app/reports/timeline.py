"""One placement's people over time: how many had applied through it, and come to the stage, by each day."""

import datetime as dt
import uuid
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.funnel.columns import NEVER
from app.reports.attribution import Trace
from app.reports.cache import cached
from app.reports.reading import Reading, known_to_meet_filters, read
from app.reports.scope import By, Scope


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many there were at the end of a day, all in all."""

    day: dt.date
    applied: int
    reached: int


def people_over_time(session: Session, scope: Scope, placement: uuid.UUID) -> list[DayCount]:
    """The days on which a count of those in scope moved, and the last day that was read; none when nobody in scope
    applied through the placement."""
    asked = replace(scope, by=By.PLACEMENT, filters=replace(scope.filters, placement=placement))
    return cached(session, asked, "timeline", lambda: _count(read(session, asked), placement))


def _count(reading: Reading, placement: uuid.UUID) -> list[DayCount]:
    position = next((number for number, one in enumerate(reading.plan.placements) if one.id == placement), None)
    owned = (reading.attribution.placement == position) & (reading.attribution.trace == Trace.KNOWN)
    owned &= known_to_meet_filters(reading)
    if position is None or not owned.any():
        return []
    applied = reading.columns.applied[owned]
    reached = reading.columns.reached[owned, reading.scope.stage]
    reached = reached[reached != NEVER]
    moved = np.unique(np.concatenate([applied, reached, [reading.columns.through[owned].max()]]))
    return [DayCount(dt.date.fromordinal(int(day)), _until(applied, day), _until(reached, day)) for day in moved]


def _until(days: NDArray[np.int32], day: int) -> int:
    return int(np.count_nonzero(days <= day))
