"""How near shares by stage come to the truth, each by itself and in order, over many simulated campaigns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.measurement import Cause, IncidencePoint, Journeys, estimate_incidence, estimate_stages
from tests.measurement.figures import Rate

GO_ON = (0.7, 0.6, 0.6, 0.8, 0.95)
"""What share of those at one stage comes to the next, each step gamma-distributed in days around `STEP`."""
STEP, SHAPE = 24.0, 2.0
CUT, NEVER, MANY = 180, 10**6, 200_000

Days = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Told:
    """One way of estimating: the mean squared error of all shares, and of each stage how often the 90 % interval held
    the truth."""

    error: float
    covered: Sequence[Rate]


@dataclass(frozen=True, slots=True)
class Stages:
    """How many of the campaigns had separate shares that rise, and both ways."""

    rising: Rate
    separate: Told
    ordered: Told


def measure_stages(size: int, count: int, seed: int = 1, day: int = 120) -> Stages:
    """Running campaigns of so many applicants; left out are those where it is too early for the share of some stage."""
    generator = np.random.default_rng(seed)
    reached, _out = _draw_days(MANY, generator)
    truth = np.mean(reached <= day, axis=1)
    separate, ordered = [], []
    for _ in range(count):
        journeys = _run_campaign(size, generator)
        alone = [estimate_incidence(one, (day,))[0] for one in journeys]
        if all(point.estimate is not None for point in alone):
            separate.append(_figures(alone))
            ordered.append(_figures([points[0] for points in estimate_stages(journeys, (day,))]))
    each = np.array(separate)
    rising = np.any(np.diff(each[:, :, 0]) > 1e-12, axis=1)
    return Stages(Rate.of(list(rising)), _compare(each, truth), _compare(np.array(ordered), truth))


def _draw_days(size: int, generator: np.random.Generator) -> tuple[Days, Days]:
    """The day on which each comes to each stage, shape (stages, size), and the day on which it goes out."""
    day, out = np.zeros(size), np.full(size, float(NEVER))
    reached = []
    for share in GO_ON:
        still, goes_on = day < NEVER, generator.random(size) < share
        then = day + np.ceil(generator.gamma(SHAPE, STEP / SHAPE, size))
        out = np.where(still & ~goes_on, then, out)
        day = np.where(still & goes_on, then, NEVER)
        reached.append(day)
    return np.array(reached), out


def _run_campaign(size: int, generator: np.random.Generator) -> list[Journeys]:
    """People apply on any day up to the cut, and are watched until then."""
    watched = CUT - generator.integers(0, CUT, size)
    reached, out = _draw_days(size, generator)
    return [_journeys(day, out, watched) for day in reached]


def _journeys(day: Days, out: Days, watched: NDArray[np.int64]) -> Journeys:
    advanced = day <= watched
    gone = ~advanced & (out <= watched)
    cause = np.where(advanced, Cause.ADVANCED, np.where(gone, Cause.OUT, Cause.PENDING))
    wait = np.where(advanced, day, np.where(gone, out, watched))
    return Journeys(wait.astype(np.int32), cause.astype(np.int8), watched.astype(np.int32))


def _figures(points: Sequence[IncidencePoint]) -> list[tuple[float | None, float | None, float | None]]:
    return [(point.estimate, point.low, point.high) for point in points]


def _compare(found: NDArray[np.float64], truth: Days) -> Told:
    estimate, low, high = np.moveaxis(found.astype(np.float64), -1, 0)
    held = (low <= truth) & (truth <= high)
    return Told(float(np.mean((estimate - truth) ** 2)), [Rate.of(list(stage)) for stage in held.T])
