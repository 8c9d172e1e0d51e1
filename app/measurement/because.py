"""How many will have reached the stage because of a placement: whom it brought, times how far they go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.measurement.cells import Floats
from app.measurement.incidence import IncidencePoint
from app.measurement.intervals import normal_quantile
from app.measurement.lift import Lift
from app.measurement.reasons import Why

UNKNOWN_SPREAD = 0.67
"""Spread of ads' effects while nothing is known of it: the mean of its prior in `hazard`."""
LEAST, MOST = 1e-6, 1 - 1e-6


@dataclass(frozen=True, slots=True)
class ReachedBecause:
    """Expected number, of which some may still wait; null with `why`. draws of it, for the cost of each."""

    estimate: float | None
    low: float | None
    high: float | None
    why: Why | None = None
    draws: Floats | None = field(default=None, compare=False, repr=False)


def reach_because(
    people: Floats, share: IncidencePoint, lift: Lift | None, spread: float, *, level: float = 0.9, seed: int = 0
) -> ReachedBecause:
    """How many of those that a placement brought will have reached the stage by the horizon?

    people  draws of whom it brought (`brought.Brought.draws`)
    share   of all applicants in question that reach the stage by the horizon, with its interval at `level`
    lift    of the placement's own applicants against comparable ones, at `level`; without one, a placement like the
            others: log-normal around no change, with their `spread` (`spread_of`)
    The three are drawn independently and multiplied. Each share is drawn from the normal that its ends and its middle
    have on the complementary log-log scale, each lift likewise on the log scale, either half by itself.

    Assumes that whom a placement brought fares as those do who are known to have come through it.
    """
    if share.estimate is None or not share.low or share.high is None:
        return ReachedBecause(None, None, None, share.why or Why.TOO_FEW)
    generator = np.random.default_rng(seed)
    normals = generator.standard_normal((2, len(people)))
    hazard = np.exp(_draw(share.estimate, share.low, share.high, _log_hazard, level, normals[0]))
    ratio = (
        spread * normals[1]
        if lift is None
        else _draw(lift.estimate, lift.low, lift.high, _log_ratio, level, normals[1])
    )
    draws = people * np.minimum(-np.expm1(-hazard) * np.exp(ratio), 1.0)
    tail = (1 - level) / 2
    low, middle, high = np.quantile(draws, [tail, 0.5, 1 - tail]).tolist()
    return ReachedBecause(middle, low, high, draws=draws)


def spread_of(lifts: Sequence[Lift], level: float) -> float:
    """How far ads differ in how far their applicants go: the root mean square of their log ratios, doubt included."""
    if not lifts:
        return UNKNOWN_SPREAD
    ends = np.array([[_log_ratio(part) for part in (lift.estimate, lift.low, lift.high)] for lift in lifts])
    deviation = (ends[:, 2] - ends[:, 1]) / (2 * normal_quantile((1 + level) / 2))
    return float(np.sqrt(np.mean(ends[:, 0] ** 2 + deviation**2)))


def _draw(
    middle: float, low: float, high: float, scale: Callable[[float], float], level: float, normals: Floats
) -> Floats:
    """On `scale`, a normal whose halves have their own deviations, so that middle and ends are where they are."""
    middle, low, high = scale(middle), scale(low), scale(high)
    deviation = np.where(normals < 0, middle - low, high - middle) / normal_quantile((1 + level) / 2)
    return np.asarray(middle + deviation * normals)


def _log_hazard(share: float) -> float:
    return float(np.log(-np.log1p(-min(max(share, LEAST), MOST))))


def _log_ratio(change: float) -> float:
    return float(np.log(max(1 + change, LEAST)))
