"""How many apply each week, beside the season and beside every placement that ran: Poisson-gamma regression."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.measurement.cells import Floats
from app.measurement.season import Season

SPREADS = np.array([0.05, 0.2, 0.5, 1.2])
CENTRE_DEVIATION = 0.3
SPREAD_RATE = 1.5
DRIFTS = np.array([0.03, 0.1, 0.2, 0.35])
DRIFT_SCALE = 0.15
EXCESSES = np.array([0.004, 0.03, 0.1, 0.3])
EXCESS_SCALE = 0.3
LEAST_TOTAL = 0.1
FARTHEST_EFFECT, FARTHEST_RATE = 5.0, 12.0
LONGEST_STEP = 1.5
DAMPING = 0.6
"""Of a step that goes back on the one before: where placements overlap, scoring oversteps."""
SETTLED = 0.01
MOST_STEPS = 10
UNLIKELY = 1e-3
LOG_UNLIKELY_SEASON = math.log(0.02)
"""Drifts and excesses less likely than this, beside the likeliest, are not tried with every spread."""


@dataclass(frozen=True, slots=True, eq=False)
class Weeks:
    """The weeks of one record, W of them, and the placements that ran in some of them and not in all, K.

    applications  (W,) who applied in each week, traced or not
    running       (K, W) how much of what each placement brings was due in the week, 0 … 1
    """

    applications: NDArray[np.integer[Any]]
    running: Floats
    season: Season


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """The posterior under each choice of spread, drift and excess that is not unlikely, C of them.

    weight      (C,) how probable each is
    mean        (C, K) of each placement's effect b: alone it makes e^b times as many apply;  covariance (C, K, K)
    precision   (W,) how much a week's count says of the logarithm of its rate, by the mean excess
    drift       the root of its mean square
    """

    weight: Floats
    mean: Floats
    covariance: Floats
    precision: Floats
    drift: float

    def draw(self, draws: int, generator: np.random.Generator) -> Floats:
        """Effects of all placements at once, about so many draws of them, shape (draws, K)."""
        ends = np.round(np.concatenate([[0.0], np.cumsum(self.weight)]) * draws / 2).astype(int)
        parts = []
        for mean, covariance, count in zip(self.mean, self.covariance, np.diff(ends), strict=True):
            apart = generator.standard_normal((count, len(mean))) @ np.linalg.cholesky(covariance).T
            parts += [mean + apart, mean - apart]
        return np.concatenate(parts)


def fit_arrivals(weeks: Weeks) -> Arrivals:
    """How many times as many apply while a placement runs?

    The applications of a week are Poisson with a rate that is gamma-distributed (negative binomial): mean
    e^season · (1 + Σ running · (e^b − 1)), so placements add up and each brings a share of what would have come
    anyway; variance mean + excess · mean². Effects b ~ N(0, spread²), all drawn together toward nothing; spread ~
    Gamma(2, rate 1.5), the drift of the season and the root of the excess half-normal, each on a few values. For each
    choice the mode by Fisher's scoring, and the normal there.

    Assumes that nothing else begins and ends just when a placement does: a vacancy that is not in the plan, a piece
    of news, another employer's campaign. Source: Cameron and Trivedi 2013, chapter 3, for the regression; Tierney
    and Kadane 1986 for the weights; how often it is right is measured by simulation.
    """
    size = len(weeks.season.columns)
    state = np.zeros((1, size + len(weeks.running)))
    state[:, : weeks.season.knots] = math.log(max(weeks.applications.mean(), 0.1))
    state = _try(weeks, _combine(SPREADS[1:2], DRIFTS[1:2], EXCESSES[1:2]), state).mode
    seasons = _try(weeks, _combine(SPREADS[1:2], DRIFTS, EXCESSES), state)
    likely = seasons.log_weight > seasons.log_weight.max() + LOG_UNLIKELY_SEASON
    _middle, drift, excess = seasons.choices[:, likely]
    choices = np.concatenate([np.stack([np.full(len(drift), one), drift, excess]) for one in SPREADS], axis=1)
    tried = _try(weeks, choices, np.tile(seasons.mode[likely], (len(SPREADS), 1)))
    weight = np.exp(tried.log_weight - tried.log_weight.max())
    kept, likeliest = weight > UNLIKELY, int(np.argmax(weight))
    weight = weight[kept] / weight[kept].sum()
    return Arrivals(
        weight,
        tried.mode[kept, size:],
        np.linalg.inv(tried.hessian[kept])[:, size:, size:],
        np.asarray(1 / (np.exp(-tried.level[likeliest]) + weight @ choices[2, kept])),
        float(np.sqrt(weight @ choices[1, kept] ** 2)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """What each choice leads to: the mode (C, p), the logarithms of the weeks' rates there (C, W), the curvature
    (C, p, p), and how probable the choice is (C,), up to a constant."""

    choices: Floats
    mode: Floats
    level: Floats
    hessian: Floats
    log_weight: Floats


def _try(weeks: Weeks, choices: Floats, state: Floats) -> _Tried:
    spread, drift, excess = choices
    precision = prior_precisions(weeks.season, len(weeks.running), spread, drift)
    mode, level, hessian = find_mode(weeks, precision, excess, np.broadcast_to(state, (len(spread), state.shape[1])))
    logs = _log_likelihood(weeks, level, 1 / excess) - np.einsum("cp,cpq,cq->c", mode, precision, mode) / 2
    logs += (np.linalg.slogdet(precision)[1] - np.linalg.slogdet(hessian)[1]) / 2
    return _Tried(choices, mode, level, hessian, logs + _log_prior(choices))


def _combine(*grids: Floats) -> Floats:
    return np.array(np.meshgrid(*grids)).reshape(len(grids), -1)


def find_mode(weeks: Weeks, precision: Floats, excess: Floats, state: Floats) -> tuple[Floats, Floats, Floats]:
    """Where each of C posteriors has its top, the logarithm of each week's rate there (C, W), and its curvature.

    precision (C, p, p) of the normal priors, excess (C,), state (C, p) to begin from: season first, then effects.
    """
    reach: Floats = np.ones((len(state), 1))
    before: Floats = np.zeros_like(state)
    for _step in range(MOST_STEPS):
        level, slope, hessian = _curve(weeks, precision, excess, state)
        step: Floats = np.asarray(np.linalg.solve(hessian, slope[:, :, None])[:, :, 0])
        size = np.abs(step).max(axis=1, keepdims=True)
        reach = np.where((step * before).sum(axis=1, keepdims=True) < 0, reach * DAMPING, reach)
        state = state + step * np.minimum(reach, LONGEST_STEP / np.maximum(size, 1e-300))
        before = step
        if size.max() < SETTLED:
            break
    level, _slope, hessian = _curve(weeks, precision, excess, state)
    return state, level, hessian


def _curve(weeks: Weeks, precision: Floats, excess: Floats, state: Floats) -> tuple[Floats, Floats, Floats]:
    """The logarithm of each week's rate, the slope of each posterior (C, p), and its expected curvature (C, p, p)."""
    level, design = _predict(weeks, state)
    rate = np.exp(level)
    part = 1 / (1 + excess[:, None] * rate)
    pull = ((weeks.applications - rate) * part)[:, None] @ design - state[:, None] @ precision
    return level, pull[:, 0], np.swapaxes(design, 1, 2) @ ((rate * part)[:, :, None] * design) + precision


def total_of(effects: Floats, running: Floats) -> tuple[Floats, Floats]:
    """What each effect adds, e^b − 1 of shape (…, K), and how many times as many apply in each week for all of them."""
    gains = np.expm1(np.clip(effects, -FARTHEST_EFFECT, FARTHEST_EFFECT))
    return gains, np.maximum(1 + gains @ running, LEAST_TOTAL)


def prior_precisions(season: Season, placements: int, spread: Floats, drift: Floats) -> Floats:
    """Of season and effects under each choice, shape (C, p, p)."""
    size = len(season.columns)
    precision = np.zeros((len(spread), size + placements, size + placements))
    precision[:, :size, :size] = [season.precision(one) for one in drift]
    variance = spread[:, None, None] ** 2 * np.eye(placements) + CENTRE_DEVIATION**2
    precision[:, size:, size:] = np.linalg.inv(variance)
    return precision


def _predict(weeks: Weeks, state: Floats) -> tuple[Floats, Floats]:
    """The logarithm of each week's rate, and how it answers to each part of the state, (C, W) and (C, W, p)."""
    columns, running = weeks.season.columns, weeks.running
    size = len(columns)
    gains, total = total_of(state[:, size:], running)
    level = np.clip(state[:, :size] @ columns + np.log(total), -FARTHEST_RATE, FARTHEST_RATE)
    own = (1 + gains)[:, None] * running.T / total[:, :, None]
    return level, np.concatenate([np.broadcast_to(columns.T, (*level.shape, size)), own], axis=2)


def _log_likelihood(weeks: Weeks, level: Floats, shape: Floats) -> Floats:
    """Negative binomial, shape (C,), without what no choice changes."""
    from scipy.special import gammaln

    counts, shape = weeks.applications, shape[:, None]
    logs = gammaln(counts + shape) - gammaln(shape) + counts * level + shape * np.log(shape)
    return np.asarray((logs - (counts + shape) * np.log(shape + np.exp(level))).sum(axis=1))


def _log_prior(choices: Floats) -> Floats:
    """Of each choice (3, C) of spread, drift and excess: densities, and the gaps of their grids."""
    spread, drift, excess = choices
    logs = np.log(spread) - SPREAD_RATE * spread - (drift / DRIFT_SCALE) ** 2 / 2 - excess / EXCESS_SCALE**2 / 2
    for values, grid in ((spread, SPREADS), (drift, DRIFTS), (np.sqrt(excess), np.sqrt(EXCESSES))):
        logs = logs + np.log(np.interp(values, grid, np.gradient(grid)))
    return np.asarray(logs)
