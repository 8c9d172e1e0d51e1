"""Simulated records of known truth: who applies each week, which placements run, and whom each of them brings."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.measurement.arrivals import DRIFT_SCALE, EXCESS_SCALE, Weeks, total_of
from app.measurement.brought import Flights
from app.measurement.flights import spread_flights
from app.measurement.journeys import WEEK_DAYS
from app.measurement.season import describe_season

FIRST = dt.date(2025, 1, 6)
MONTHS = np.array([1.15, 1.1, 1.05, 1.0, 0.95, 0.75, 0.45, 1.2, 1.25, 1.1, 1.0, 0.55])
"""How eager people are to apply, January to December: nothing that the model's waves and holidays follow exactly."""
UNREST, KEPT = 0.15, 0.8
"""Deviation of what else moves a week's logarithm, and how much of it is there still a week later."""
EXCESS = 0.03

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RecordDesign:
    """What kind of record to draw: placements of three to ten weeks at random times in a year and a half.

    weekly    who would apply in an average week without any placement
    ratio     how many times as many apply while the last placement runs
    others    what each of the others adds at most half of the time: the mean of an exponential
    delay     days that people take to apply, on average; 0 for at once
    on_prior  season and effects are drawn as the model supposes them, and nothing above but `weekly` counts
    """

    placements: int = 8
    weeks: int = 78
    weekly: float = 10.0
    ratio: float = 1.0
    others: float = 0.0
    delay: float = 6.0
    on_prior: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What reports would hand over, and how many people each placement truly brought."""

    flights: Flights
    brought: Ints


def draw_record(design: RecordDesign, rng: np.random.Generator) -> Record:
    """Weeks and flights; placements bring people of their own, beside those who would have come anyway."""
    length = rng.integers(3, 11, design.placements)
    begin = rng.integers(4, design.weeks - length)
    starts = FIRST.toordinal() + WEEK_DAYS * begin
    ran, due = spread_flights(FIRST.toordinal(), design.weeks, starts, starts + WEEK_DAYS * length - 1)
    applications, brought = _draw_as_supposed(design, due, rng) if design.on_prior else _draw_people(design, ran, rng)
    weeks = Weeks(applications, due, describe_season(FIRST, design.weeks))
    return Record(Flights(weeks, ran, np.ones(design.weeks, dtype=np.bool_)), brought)


def _draw_people(design: RecordDesign, ran: NDArray[np.float64], rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Everybody one by one: a week in which they met the placement, a day of it, a delay."""
    months = [(FIRST + dt.timedelta(weeks=week, days=3)).month for week in range(design.weeks)]
    unrest = np.zeros(design.weeks)
    shocks = rng.normal(0, UNREST, design.weeks)
    unrest[0] = shocks[0]
    for week in range(1, design.weeks):
        unrest[week] = KEPT * unrest[week - 1] + np.sqrt(1 - KEPT**2) * shocks[week]
    usual = design.weekly * MONTHS[np.array(months) - 1] * np.exp(unrest)
    applications = rng.poisson(usual * rng.gamma(1 / EXCESS, EXCESS, design.weeks))
    more = rng.exponential(design.others, design.placements) if design.others else np.zeros(design.placements)
    if not design.others:
        more[-1] = design.ratio - 1
    brought = np.zeros(design.placements, dtype=np.int64)
    for placement, share in enumerate(more):
        met = np.repeat(np.arange(design.weeks), rng.poisson(usual * share * ran[placement]))
        days = met * WEEK_DAYS + rng.uniform(0, WEEK_DAYS, len(met)) + rng.exponential(design.delay, len(met))
        week_of = (days if design.delay else met * WEEK_DAYS) // WEEK_DAYS
        came = np.bincount(week_of[week_of < design.weeks].astype(np.int64), minlength=design.weeks)
        applications = applications + came
        brought[placement] = came.sum()
    return applications, brought


def _draw_as_supposed(design: RecordDesign, due: NDArray[np.float64], rng: np.random.Generator) -> tuple[Ints, Ints]:
    """The model read backwards; a negative number is of those who stayed away."""
    season = describe_season(FIRST, design.weeks)
    effects = rng.normal(rng.normal(0, 0.3), rng.gamma(2, 1 / 1.5), design.placements)
    steps = np.abs(rng.normal(0, DRIFT_SCALE)) * rng.standard_normal(season.knots - 1)
    drift = np.log(design.weekly) + np.concatenate([[0.0], np.cumsum(steps)])
    gains, total = total_of(effects, due)
    rate = np.exp(np.concatenate([drift, rng.normal(0, season.deviations)]) @ season.columns) * total
    excess = rng.normal(0, EXCESS_SCALE) ** 2
    applications = rng.poisson(rate * rng.gamma(1 / excess, excess, design.weeks))
    share = gains[:, None] * due / total
    came = rng.binomial(applications, np.clip(share, 0, 1)).sum(axis=1)
    stayed = rng.poisson(rng.gamma(np.maximum(applications, 1e-9), np.maximum(-share, 1e-12))).sum(axis=1)
    return applications, np.where(gains > 0, came, -stayed)
