"""How many will have reached the stage in the end, counting those who still wait."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.measurement.compared import UNTRACED
from app.measurement.counts import compare, expose
from app.measurement.incidence import is_followed, trace_curve
from app.measurement.intervals import discrete_interval
from app.measurement.journeys import HORIZON_DAYS, WEEK_DAYS, WEEKS, Cause, Journeys, require_codes
from app.measurement.mixture import Effects, Floats, weigh_rates
from app.measurement.reasons import Why

DRAWS = 400
PRIOR_APPLICATIONS = 0.3
MANY_ALIKE = 20
"""From so many applications of one wait on, on average, counts are drawn; fewer are quicker drawn one by one."""


@dataclass(frozen=True, slots=True)
class ExpectedReached:
    """Whole numbers that include those who have reached it: "3 now, 3 to 5 in the end"."""

    estimate: int | None
    low: int | None
    high: int | None
    why: Why | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """Draws of the weekly course. ever (draws,): the share that advances within 26 weeks;
    yet (draws, days): the chance still to advance after waiting through day 0, 1, … of 26 weeks."""

    ever: Floats
    yet: Floats


def expect_reached(journeys: Journeys, *, level: float = 0.9, seed: int = 0, draws: int = DRAWS) -> ExpectedReached:
    """How many of these applications will have reached the stage within 26 weeks of applying?

    In each week of waiting the shares that advance, go out and stay have a Dirichlet posterior: the counts of
    wholly observed weeks plus a third of an application's worth of the pooled weekly shares (a whole one
    draws the sparse late weeks, in which few but those who advance are left, too far down). Each draw gives
    every open application its chance given the days it has waited, and then chance itself is drawn; the
    interval holds whole numbers. A plug-in chance would cover 75 % instead of 90: most of the doubt is about
    the curve.

    Assumes later applicants go on as earlier ones did at the same week. An application open beyond 26 weeks
    is not expected to advance. Null with TOO_EARLY until five (or all) have been followed to 120 days.
    The same seed gives the same answer.
    """
    if not journeys.pending_count:
        return _settled(journeys)
    generator = np.random.default_rng(seed)
    outlook = _foresee(journeys, generator, draws)
    if outlook is None:
        return ExpectedReached(None, None, None, Why.TOO_EARLY)
    return _draw_reached(journeys, outlook, None, level, generator)


def expect_reached_by_row(
    journeys: Journeys,
    row: NDArray[np.int32],
    rows: int,
    *,
    level: float = 0.9,
    seed: int = 0,
    draws: int = DRAWS,
) -> tuple[ExpectedReached, ...]:
    """How many of each row's applications will have reached the stage within 26 weeks of applying?

    row (n,) in −1 (in no row) … rows − 1. As `expect_reached`, with the chances of all shifted by what is
    known of the row: its rate ratio to the others, not adjusted for strata, since a forecast is about these
    very applicants. The share that ever advances moves by the ratio on the cumulative hazard; the odds move
    alike after any wait when those who never will advance are a fixed part. Rows draw from one seed each
    alone, so renaming rows permutes the answers.
    """
    require_codes("row", row, size=len(journeys), codes=(UNTRACED, rows))
    outlook = _foresee(journeys, np.random.default_rng(seed), draws)
    if outlook is None:
        alone = [journeys.select(row == k) for k in range(rows)]
        early = ExpectedReached(None, None, None, Why.TOO_EARLY)
        return tuple(early if own.pending_count else _settled(own) for own in alone)
    shifts = _draw_shifts(journeys, row, rows, np.random.default_rng(seed).random(draws))
    return tuple(
        _expect_row(journeys.select(row == k), outlook, shifts.get(k), level, np.random.default_rng(seed + 1))
        for k in range(rows)
    )


def _settled(journeys: Journeys) -> ExpectedReached:
    return ExpectedReached(journeys.reached_count, journeys.reached_count, journeys.reached_count)


def _expect_row(
    journeys: Journeys, outlook: Outlook, shift: Floats | None, level: float, generator: np.random.Generator
) -> ExpectedReached:
    if not journeys.pending_count:
        return _settled(journeys)
    return _draw_reached(journeys, outlook, shift, level, generator)


def _foresee(journeys: Journeys, generator: np.random.Generator, draws: int) -> Outlook | None:
    """Draw the weekly course from the Dirichlet posteriors; None while too few have been followed."""
    if not len(journeys) or not is_followed(trace_curve(journeys, HORIZON_DAYS), HORIZON_DAYS):
        return None
    counts = _weekly_counts(journeys)
    pooled = counts.sum(axis=0) / counts.sum()
    parts = generator.standard_gamma(np.broadcast_to(counts + PRIOR_APPLICATIONS * pooled, (draws, *counts.shape)))
    advance, out, _ = np.moveaxis(parts / parts.sum(axis=2, keepdims=True), 2, 0)
    still = np.cumprod(np.concatenate([np.ones((draws, 1)), 1 - advance - out], axis=1), axis=1)
    reached = np.cumsum(np.concatenate([np.zeros((draws, 1)), still[:, :-1] * advance], axis=1), axis=1)
    left, still = _spread_over_days(reached[:, -1:] - reached), _spread_over_days(still)
    yet = np.divide(left, still, out=np.zeros_like(left), where=still > 1e-12)
    return Outlook(reached[:, -1], np.clip(yet, 0.0, 1.0))


def _spread_over_days(weekly: Floats) -> Floats:
    """Values at whole weeks (draws, WEEKS + 1), straight between them, at the end of each day.

    By whole weeks alone those who wait on would be taken for those who began the week, and the sum over a
    campaign would be off by more than its interval is wide.
    """
    week, day = np.divmod(np.arange(WEEKS * WEEK_DAYS), WEEK_DAYS)
    part = (day + 1) / WEEK_DAYS
    return np.asarray(weekly[:, week] * (1 - part) + weekly[:, week + 1] * part)


def _weekly_counts(journeys: Journeys) -> Floats:
    """Applications that advanced, went out and stayed in each wholly observed week, shape (WEEKS, 3)."""
    week = journeys.wait // WEEK_DAYS
    advanced = journeys.decided_in_observed_week(Cause.ADVANCED)
    out = journeys.decided_in_observed_week(Cause.OUT)
    weeks = np.where(advanced | out, week + 1, journeys.observed_weeks())
    at_risk = np.bincount(weeks, minlength=WEEKS + 1)[::-1].cumsum()[::-1][1:]
    events = [np.bincount(week[ended], minlength=WEEKS) for ended in (advanced, out)]
    return np.column_stack([*events, at_risk - events[0] - events[1]]).astype(np.float64)


def _draw_shifts(journeys: Journeys, row: NDArray[np.int32], rows: int, uniforms: Floats) -> dict[int, Floats]:
    """Draws of each row's log ratio of cumulative hazard to that of all rows together."""
    comparison = compare(expose(journeys, row, np.zeros(len(row), dtype=np.int32), rows))
    chosen = np.flatnonzero(comparison.comparable)
    if not len(chosen):
        return {}
    effects: Effects = weigh_rates(comparison.contest.pick(chosen))
    ratios, share = effects.quantile(uniforms), comparison.contest.share[chosen][:, None]
    shifts = ratios - np.log1p(share * np.expm1(ratios))
    return dict(zip(chosen.tolist(), shifts, strict=True))


def _draw_reached(
    journeys: Journeys, outlook: Outlook, shift: Floats | None, level: float, generator: np.random.Generator
) -> ExpectedReached:
    waited = np.minimum(journeys.wait[journeys.cause == Cause.PENDING], outlook.yet.shape[1] - 1)
    days, whose = np.unique(waited, return_inverse=True)
    yet = outlook.yet[:, days]
    if shift is not None:
        yet = _shift_chances(outlook.ever, yet, shift)
    low, middle, high = discrete_interval(_draw_chance(yet, whose, generator) + journeys.reached_count, level)
    return ExpectedReached(middle, low, high)


def _shift_chances(ever: Floats, yet: Floats, shift: Floats) -> Floats:
    """Move the chances `yet` by the odds factor between the shifted share of ever advancing and the common one."""
    ever = np.clip(ever, 1e-9, 1 - 1e-9)
    moved = np.clip(-np.expm1(np.exp(shift) * np.log1p(-ever)), 1e-9, 1 - 1e-9)
    factor = (moved * (1 - ever) / (ever * (1 - moved)))[:, None]
    return np.asarray(factor * yet / (1 + (factor - 1) * yet))


def _draw_chance(yet: Floats, whose: NDArray[np.integer], generator: np.random.Generator) -> NDArray[np.int64]:
    """How many advance in each draw, of applications whose chances are the columns `whose` of `yet`; (draws,)."""
    if len(whose) > MANY_ALIKE * yet.shape[1]:
        return np.asarray(generator.binomial(np.bincount(whose), yet).sum(axis=1), dtype=np.int64)
    own = np.take(yet, whose, axis=1)
    return np.asarray(np.count_nonzero(generator.random(own.shape, dtype=np.float32) < own, axis=1), dtype=np.int64)
