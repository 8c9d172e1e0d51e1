"""The share that reaches a stage by a day, from data in which many have not had the time (Aalen-Johansen)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.measurement.intervals import Interval, log_log_interval, normal_quantile, proportion_interval
from app.measurement.journeys import WEEK_DAYS, WEEKS, Cause, Journeys
from app.measurement.reasons import Why

DAYS = (30, 60, 90, 120, 180)
FEWEST_FOLLOWED = 5
FEWEST_FOR_NORMAL = 15
SETTLED = 0.1


@dataclass(frozen=True, slots=True)
class IncidencePoint:
    """The share that has reached the stage by `day`; `at_risk` are those still waiting and watched then."""

    day: int
    estimate: float | None
    low: float | None
    high: float | None
    standard_error: float | None
    at_risk: int
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class DaysToStage:
    """The median wait of those who reach the stage within `within_days`."""

    median: int | None
    low: int | None
    high: int | None
    within_days: int
    why: Why | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Aalen-Johansen by day 0, 1, … `last`; every array has shape (last + 1,).

    at_risk   applications still waiting and watched on the day
    rate      share of them that advances on the day;  exits  share that advances or goes out
    before    share still waiting before the day;      after  share still waiting after it
    reached   share that has advanced by the end of the day
    followed  applications whose follow-up reaches the day, decided or not
    """

    at_risk: NDArray[np.int64]
    rate: NDArray[np.float64]
    exits: NDArray[np.float64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    reached: NDArray[np.float64]
    followed: NDArray[np.int64]


def estimate_incidence(
    journeys: Journeys, days: Sequence[int] = DAYS, level: float = 0.9
) -> tuple[IncidencePoint, ...]:
    """What share of applications reaches the stage within so many days of applying?

    Aalen-Johansen estimator with going out as the competing cause: distinct days t, at risk n(t), causes k,
    F(τ) = Σ S(t−) d(t)/n(t) over t <= τ. Ties are exact, so the order of rows does not matter. Standard error
    by the delta method (equal to the infinitesimal jackknife); interval on log(-log F), or Jeffreys' on the
    effective number followed when fewer than 15 applications or an estimate of 0 or 1 make that unfit.

    Assumes that the time left to be watched says nothing about the chance: it misleads when the campaign's
    late applicants differ from its early ones. A point is null with TOO_FEW without applications, and with
    TOO_EARLY where fewer than five applications (or fewer than all, if there are fewer than five) have been
    followed so far. Followed counts the decided too: when all are decided under full follow-up it is not
    early (`is_followed`).

    Source: Aalen and Johansen 1978; the variance as in R's survival package, whose figures are reproduced.
    """
    if not len(journeys):
        return tuple(IncidencePoint(day, None, None, None, None, 0, Why.TOO_FEW) for day in days)
    points = trace_points(journeys, days, level)
    return tuple(point if followed else hide_unfollowed(point) for point, followed in points)


def trace_points(journeys: Journeys, days: Sequence[int], level: float) -> list[tuple[IncidencePoint, bool]]:
    """The point of every day, also where it is too early for one, and whether it is not; of one application or more."""
    curve = trace_curve(journeys, max(days))
    errors = np.sqrt(np.maximum(_variances(curve, np.asarray(days, dtype=np.int64)), 0.0))
    return [
        (_describe_point(curve, journeys, day, float(error), level), is_followed(curve, day))
        for day, error in zip(days, errors, strict=True)
    ]


def hide_unfollowed(point: IncidencePoint) -> IncidencePoint:
    """The point as one of which it is too early to tell a share."""
    return replace(point, estimate=None, low=None, high=None, standard_error=None, why=Why.TOO_EARLY)


def days_to_stage(journeys: Journeys, level: float = 0.9) -> DaysToStage:
    """How long do those wait who reach the stage?

    The median of the Aalen-Johansen curve over its height at `within_days`: the first day by which half of
    those who reach the stage within that time have reached it. `within_days` is 182, or less where fewer
    than five have been followed so far. Unlike the median of the waits seen so far this does not lean to
    the quick ones. The interval holds the days t whose F(t) − F(within)/2 is compatible with 0, by the
    delta method on both values at once.

    Null with TOO_FEW below five who advanced. While the end of the curve is still moving, a median taken up
    to it moves along: null with TOO_EARLY until people have been followed for twice the median.
    """
    last = WEEKS * WEEK_DAYS
    if np.count_nonzero((journeys.cause == Cause.ADVANCED) & (journeys.wait <= last)) < FEWEST_FOLLOWED:
        return DaysToStage(None, None, None, last, Why.TOO_FEW)
    curve = trace_curve(journeys, last)
    # Five were followed to the first advance, so there is such a day and the curve is up by then.
    within = max(day for day in range(last + 1) if is_followed(curve, day))
    half = curve.reached[within] / 2
    median = int(np.argmax(curve.reached >= half - 1e-12))
    if within < last and 2 * median > within:
        return DaysToStage(None, None, None, within, Why.TOO_EARLY)
    low, high = _invert_half(curve, within, median, level)
    return DaysToStage(median, low, high, within)


def trace_curve(journeys: Journeys, last: int) -> Curve:
    """The Aalen-Johansen curve of advancing, day by day up to `last`."""
    size = last + 2
    waits = np.minimum(journeys.wait, last + 1)
    at_risk = _count_from(waits, size)
    advanced = np.bincount(waits[journeys.cause == Cause.ADVANCED], minlength=size)
    decided = np.bincount(waits[journeys.cause != Cause.PENDING], minlength=size)
    rate = advanced / np.maximum(at_risk, 1)
    exits = decided / np.maximum(at_risk, 1)
    after = np.cumprod(1 - exits, dtype=np.float64)
    before = np.concatenate([[1.0], after[:-1]])
    followed = _count_from(np.minimum(journeys.follow_up, last + 1), size)
    reached = np.cumsum(before * rate, dtype=np.float64)
    days = slice(0, last + 1)
    return Curve(at_risk[days], rate[days], exits[days], before[days], after[days], reached[days], followed[days])


def is_followed(curve: Curve, day: int) -> bool:
    """Whether enough applications were followed to the day for the curve to be believed there.

    n(t) / S(t−) is the number followed that the curve rests on: all of them under full follow-up, whatever
    the number still waiting, and fewer as late applicants drop from sight undecided. Once no more than a
    tenth is still waiting, what they will do cannot move the curve by more than a fraction of that tenth.
    """
    fewest = min(FEWEST_FOLLOWED, int(curve.followed[0]))
    if curve.followed[day] < fewest:
        return False
    return bool(curve.before[day] <= SETTLED or curve.at_risk[day] / curve.before[day] >= fewest - 1e-9)


def _count_from(days: NDArray[np.integer], size: int) -> NDArray[np.int64]:
    return np.asarray(np.bincount(days, minlength=size)[::-1].cumsum()[::-1], dtype=np.int64)


def _variances(curve: Curve, days: NDArray[np.int64]) -> NDArray[np.float64]:
    own, other = _influences(curve, days)
    return _combine(curve, own, other)


def _influences(curve: Curve, days: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How F at each of `days` (columns) answers to one advance, and to one going out, on each day (rows)."""
    rows = np.arange(len(curve.reached))[:, None]
    later = np.where(rows <= days, curve.reached[days] - curve.reached[:, None], 0.0)
    stay = 1 - curve.exits[:, None]
    other = -np.divide(later, stay, out=np.zeros_like(later), where=stay > 1e-12)
    return np.where(rows <= days, curve.before[:, None], 0.0) + other, other


def _combine(curve: Curve, own: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Variance of Σ own·(advances) + other·(outs), a multinomial on each day."""
    rate, rest = curve.rate[:, None], (curve.exits - curve.rate)[:, None]
    spread = rate * own**2 + rest * other**2 - (rate * own + rest * other) ** 2
    return np.asarray((spread / np.maximum(curve.at_risk, 1)[:, None]).sum(axis=0), dtype=np.float64)


def _describe_point(curve: Curve, journeys: Journeys, day: int, error: float, level: float) -> IncidencePoint:
    at_risk = int(curve.at_risk[day])
    estimate = min(float(curve.reached[day]), 1.0)
    interval = _interval(curve, journeys, day, estimate, error, level)
    return IncidencePoint(day, estimate, interval.low, interval.high, error, at_risk)


def _interval(curve: Curve, journeys: Journeys, day: int, estimate: float, error: float, level: float) -> Interval:
    if len(journeys) >= FEWEST_FOR_NORMAL and 1e-9 < estimate < 1 - 1e-9:
        return log_log_interval(estimate, error, level)
    trials = float(effective_number(curve, journeys.follow_up, day))
    return proportion_interval(min(round(estimate * trials, 9), trials), trials, level)


def effective_number(curve: Curve, follow_up: NDArray[np.int32], day: int) -> float:
    """How many applications followed to `day` are worth as much as these, each watched for its own time.

    Σ F(min(follow-up, day)) / F(day); where nobody has advanced, those followed to the day.
    """
    if not len(follow_up) or curve.reached[day] <= 0:
        return float(np.count_nonzero(follow_up >= day))
    followed = np.bincount(np.minimum(follow_up, day), minlength=day + 1)
    return float(followed @ curve.reached[: day + 1] / curve.reached[day])


def _invert_half(curve: Curve, within: int, median: int, level: float) -> tuple[int, int]:
    days = np.arange(within + 1)
    own, other = _influences(curve, days)
    own, other = own - own[:, [within]] / 2, other - other[:, [within]] / 2
    errors = np.sqrt(np.maximum(_combine(curve, own, other), 0.0))
    distance = np.abs(curve.reached[: within + 1] - curve.reached[within] / 2)
    close = np.flatnonzero(distance <= normal_quantile((1 + level) / 2) * errors)
    reach = np.append(close, median)
    return int(reach.min()), int(reach.max())
