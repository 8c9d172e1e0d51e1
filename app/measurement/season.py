"""What moves applications from week to week beside the placements: a slow drift, the time of year, vacancies open."""

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.measurement.cells import Floats
from app.measurement.journeys import WEEK_DAYS

WEEKS_BETWEEN_KNOTS = 2
FIRST_DEVIATION = 3.0
WAVE_DEVIATION, HOLIDAY_DEVIATION, VACANCY_DEVIATION = 0.3, 0.5, 0.5
YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True, eq=False)
class Season:
    """columns (n, W) of the design; the first `knots` are the drift, the others have the prior `deviations`."""

    columns: Floats
    knots: int
    deviations: Floats

    def precision(self, drift: float) -> Floats:
        """Prior precision: each knot differs from the one before by N(0, drift²), the first may lie anywhere."""
        size, knots = len(self.columns), self.knots
        precision = np.zeros((size, size))
        steps = np.diff(np.eye(knots), axis=0) / drift
        precision[:knots, :knots] = steps.T @ steps
        precision[0, 0] += FIRST_DEVIATION**-2.0
        rest = np.arange(knots, size)
        precision[rest, rest] = self.deviations**-2.0
        return precision


def describe_season(first: dt.date, weeks: int, vacancies: Floats | None = None) -> Season:
    """The season's columns for so many weeks from the day `first` on.

    A drift with a knot every two weeks (with one every four, what else moves some weeks was taken for what placements
    brought); two waves a year; the share of the week in July, and between Christmas and Epiphany, when few apply; the
    logarithm of `vacancies` (weeks,), the openings open in each week, where they are known and change.
    """
    starts = [first + dt.timedelta(weeks=number) for number in range(weeks)]
    angle = np.array([2 * math.pi * (start.timetuple().tm_yday + 3) / YEAR_DAYS for start in starts])
    rest = [wave(turns * angle) for turns in (1, 2) for wave in (np.sin, np.cos)]
    rest += [_share_of_days(starts, _in_july), _share_of_days(starts, _at_christmas)]
    deviations = [WAVE_DEVIATION] * 4 + [HOLIDAY_DEVIATION] * 2
    if weeks and vacancies is not None and np.ptp(vacancies) > 0:
        logs = np.log1p(vacancies)
        rest.append(logs - logs.mean())
        deviations.append(VACANCY_DEVIATION)
    drift = _drift(weeks)
    return Season(np.concatenate([drift, rest]), len(drift), np.array(deviations))


def _drift(weeks: int) -> Floats:
    """Straight lines between knots, shape (knots, weeks)."""
    knots = math.ceil((weeks - 1) / WEEKS_BETWEEN_KNOTS) + 1
    place = np.linspace(0, knots - 1, weeks)
    return np.asarray(np.maximum(0.0, 1 - np.abs(np.arange(knots)[:, None] - place)))


def _share_of_days(starts: list[dt.date], is_holiday: Callable[[dt.date], bool]) -> Floats:
    days = [dt.timedelta(days=day) for day in range(WEEK_DAYS)]
    return np.array([sum(is_holiday(start + day) for day in days) / WEEK_DAYS for start in starts])


def _in_july(day: dt.date) -> bool:
    return day.month == 7


def _at_christmas(day: dt.date) -> bool:
    return (day.month, day.day) >= (12, 23) or (day.month, day.day) <= (1, 6)
