"""From the record and the plan to weeks: who applied in each, which placements ran, how many vacancies were open."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.measurement.arrivals import Weeks
from app.measurement.brought import Brought, Flights, measure_brought
from app.measurement.flights import spread_flights
from app.measurement.journeys import WEEK_DAYS
from app.measurement.season import describe_season
from app.reports.grouping import Group
from app.reports.plan import PlannedPlacement, Vacancy
from app.reports.reading import Reading, of_whom

MOST_WEEKS = 156
"""Three years: what came before says little of now."""
LATELY_DAYS = 84


def measure_arrivals(reading: Reading, groups: Sequence[Group]) -> list[Brought]:
    """How many people each group's placements brought together, counted in the period that the scope asks for; what
    its weeks are compared with may lie outside."""
    members = [group.placements for group in groups]
    return measure_brought(lay_out_weeks(reading), members, level=reading.scope.level)


def lay_out_weeks(reading: Reading) -> Flights:
    """The whole weeks on record, the last one ending when every system in use had been read completely."""
    columns, scope = reading.columns, reading.scope
    applied = columns.applied[of_whom(columns, reading.plan, scope)]
    end = _read_until(reading)
    count = min(MOST_WEEKS, max(0, (end - int(applied.min(initial=end))) // WEEK_DAYS))
    first = end - WEEK_DAYS * count
    week = (applied[(applied >= first) & (applied < end)] - first) // WEEK_DAYS
    starts, ends = _dates(reading.plan.placements)
    ran, running = spread_flights(first, count, starts, ends)
    season = describe_season(dt.date.fromordinal(first), count, _count_openings(reading.plan.vacancies, first, count))
    days = first + WEEK_DAYS * np.arange(count)
    asked = np.ones(count, dtype=np.bool_)
    if scope.from_ is not None:
        asked &= days >= scope.from_.toordinal()
    if scope.to is not None:
        asked &= days + WEEK_DAYS - 1 <= scope.to.toordinal()
    return Flights(Weeks(np.bincount(week, minlength=count), running, season), ran, asked)


def _read_until(reading: Reading) -> int:
    """The first day that may not have been read whole: of the systems somebody applied through lately, the one that
    is behind; a system that brings nobody any more holds nothing up."""
    columns, last_day = reading.columns, reading.last_day.toordinal()
    lately = columns.applied > last_day - LATELY_DAYS
    if lately.any():
        return int(columns.through[lately].min())
    return int(columns.through.max(initial=1))


def _dates(placements: Sequence[PlannedPlacement]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last days; what never went live ends before it begins."""
    starts = np.array([one.starts_on.toordinal() for one in placements], dtype=np.int64)
    last = [(one.ends_on or dt.date.max).toordinal() if one.ran else 0 for one in placements]
    return starts, np.array(last, dtype=np.int64)


def _count_openings(vacancies: Sequence[Vacancy], first: int, weeks: int) -> NDArray[np.float64] | None:
    """Openings open in each week on the average day; None where no job is planned."""
    if not vacancies:
        return None
    opens = np.array([one.opens_on.toordinal() for one in vacancies], dtype=np.int64)
    closes = np.array([(one.closes_on or dt.date.max).toordinal() for one in vacancies], dtype=np.int64)
    open_, _due = spread_flights(first, weeks, opens, closes)
    return np.asarray(np.array([one.openings for one in vacancies], dtype=np.float64) @ open_)
