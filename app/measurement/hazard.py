"""The pooled hazard model: all ads' effects at once beside specialty, job and time waited, by Laplace's method."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.measurement.cells import Cells, Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SPREADS = np.array([0.03, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.05, 1.4, 1.9])
SPREAD_RATE = 3.0
BAND_MEAN, BAND_DEVIATION = -4.0, 2.0
KIN_SHARE = 0.3
"""Simulated, 12 ads of 4 kinds: twice as much finds more of a strong kind, and fewer that are strong alone."""
MOST_ALIKE = 0.34
"""Of all pairs of ads, in which share both may be of one kind: three kinds of equal size are just enough."""
COMMON_DEVIATION = 10.0
DRIFT_DEVIATION = 1.0
LONGEST_STEP = 1.5
LEAST_BAND, MOST_BAND = -14.0, 3.0
FARTHEST_PREDICTOR = 9.0
SETTLED = 1e-4
MOST_STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Posterior of every family for each spread of the effects, largest spread last.

    weight      (families, T) how probable each spread is
    level       (families, T, bands + covariates) modes of the bands and covariates
    mean, deviation  (families, T, ads) of each ad's effect
    covariance  (families, T, ads, ads); empty unless asked for
    """

    weight: Floats
    level: Floats
    mean: Floats
    deviation: Floats
    covariance: Floats


def fit_hazard(
    cells: Cells,
    deviations: Floats,
    *,
    kind: Ints | None = None,
    covariances: bool = False,
    drifting: bool = False,
    spread_rate: float = SPREAD_RATE,
) -> Fit:
    """How does meeting each ad change the weekly chance to advance, among those at risk?

    Complementary log-log: an applicant's chance in a week is 1 − exp(−exp(η)), η = band + covariates + the
    effects of all ads met. Bands differ from each other by N(0, 2²) around a common level of about −4 that
    may lie anywhere (else weeks in which nobody advances would pull all effects down), covariates ~
    N(0, deviations²), effects ~ N(0, τ²) with τ ~ Gamma(2, rate 3) on ten values. The design's columns are
    the covariates, `deviations` of them, then the ads. All weeks of a band share the chance, so the binomial
    is exact. For each τ the mode by Newton's method (the posterior is concave) and the normal there; where
    nobody met two ads, their block of the Hessian is diagonal and is eliminated first (Schur complement).
    Many families are fitted at once, each by itself. Ads of one `kind` (ads,) have `KIN_SHARE` of the variance of
    their effects in common, so a kind may be seen where no ad of it alone is. With `drifting` each band differs from
    the one before by N(0, 1) instead. `spread_rate` is for asking how far the prior decides.

    Which weeks count as at risk makes the effect one on the share that ever gets there (subdistribution) or
    on the speed (cause-specific); the caller decides. Source: Prentice and Gloeckler 1978 for the grouped
    hazard, Tierney and Kadane 1986 for the weights; how often it is right is measured by simulation.
    """
    problem = _Problem(cells, deviations, _drift(cells) if drifting else _scatter(cells), kind)
    ads, bands = problem.ads, problem.bands
    state = np.concatenate(
        [np.full((cells.families, bands), BAND_MEAN), np.zeros((cells.families, cells.width))], axis=1
    )
    logs, modes, spreads, whole = [], [], [], []
    for spread in SPREADS[::-1]:
        state = _find_mode(problem, state, float(spread))
        variance, log_determinant = problem.spread_of(state, float(spread), full=covariances)
        logs.append(problem.log_density(state, float(spread)) - ads * np.log(spread) - log_determinant / 2)
        modes.append(state)
        whole.append(variance)
        spreads.append(np.diagonal(variance, axis1=1, axis2=2) if covariances else variance)
    mode = np.stack(modes[::-1], axis=1)
    return Fit(
        _weigh(np.stack(logs[::-1], axis=1), spread_rate),
        mode[:, :, : problem.level],
        mode[:, :, problem.level :],
        np.sqrt(np.stack(spreads[::-1], axis=1)),
        np.stack(whole[::-1], axis=1) if covariances else np.zeros((cells.families, len(SPREADS), 0, 0)),
    )


def _scatter(cells: Cells) -> Floats:
    """Prior precision of bands that differ from each other by N(0, 2²) around a level that may lie anywhere."""
    bands = cells.quiet.shape[1]
    return np.asarray(np.linalg.inv(np.eye(bands) * BAND_DEVIATION**2 + COMMON_DEVIATION**2), dtype=np.float64)


def _kinship(kind: Ints) -> Floats:
    """Prior precision of the effects for a spread of one, the inverse of their correlation. Where few kinds are most
    of the ads, what a kind has in common cannot be told from what all have, and none is supposed."""
    alike = np.asarray(kind[:, None] == kind, dtype=np.float64)
    if alike.size and alike.mean() > MOST_ALIKE:
        return np.eye(len(kind))
    return np.asarray(np.linalg.inv(KIN_SHARE * alike + (1 - KIN_SHARE) * np.eye(len(kind))), dtype=np.float64)


def _drift(cells: Cells) -> Floats:
    """Prior precision of bands each of which differs from the one before by N(0, 1), the first lying anywhere."""
    bands = cells.quiet.shape[1]
    steps = np.diff(np.eye(bands), axis=0) / DRIFT_DEVIATION
    first = np.zeros((bands, bands))
    first[0, 0] = COMMON_DEVIATION**-2.0
    return np.asarray(steps.T @ steps + first)


def _weigh(logs: Floats, rate: float) -> Floats:
    """Posterior weights of the spreads, from log density at the modes and the prior Gamma(2, rate)."""
    logs = logs + np.log(SPREADS) - rate * SPREADS + np.log(np.gradient(SPREADS))
    weight = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _find_mode(problem: "_Problem", state: Floats, spread: float) -> Floats:
    for _ in range(MOST_STEPS):
        step = problem.newton_step(state, spread)
        size = np.abs(step).max(axis=1, keepdims=True)
        state = state + step * np.minimum(1.0, LONGEST_STEP / np.maximum(size, 1e-300))
        if size.max() < SETTLED:
            break
    return state


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """A state's expected advances: bands (families, bands) and rows as factors, and what follows from them.

    mass      (rows, bands) quiet weeks times the row's factor;  due  (rows,) advances expected in them
    hazard, chance  (events,) of the weeks in which somebody advanced
    """

    bands: Floats
    mass: Floats
    due: Floats
    hazard: Floats
    chance: Floats


class _Problem:
    """The cells as sparse sums. State: (families, bands + covariates + ads)."""

    def __init__(self, cells: Cells, deviations: Floats, band_precision: Floats, kind: Ints | None) -> None:
        self.cells = cells
        self.bands = bands = cells.quiet.shape[1]
        self.level = bands + len(deviations)
        self.ads = cells.width - len(deviations)
        self.precision = np.diag(np.concatenate([np.zeros(bands), deviations**-2.0]))
        self.precision[:bands, :bands] = band_precision
        rows, width, families = len(cells.family), cells.width, cells.families
        filled = cells.columns < width
        row, slot = np.nonzero(filled)
        column = cells.family[row] * width + cells.columns[row, slot]
        self.by_column = _sums(column, row, families * width, rows)
        self.by_row = self.by_column.T.tocsr()
        self.by_family = _sums(cells.family, np.arange(rows), families, rows)
        self.event_family = cells.family[cells.event_row]
        event, slot = np.nonzero(filled[cells.event_row])
        place = self.event_family[event] * width + cells.columns[cells.event_row[event], slot]
        size = families * width * bands
        self.by_column_and_band = _sums(place * bands + cells.event_band[event], event, size, len(cells.events))
        first, second = np.triu_indices(cells.columns.shape[1])
        left, right = cells.columns[:, first], cells.columns[:, second]
        row, slot = np.nonzero((left < width) & (right < width))
        place = (cells.family[row] * width + left[row, slot]) * width + right[row, slot]
        self.by_pair = _sums(place, row, families * width**2, rows)
        met = ((cells.columns >= len(deviations)) & filled).sum(axis=1)
        self.kinship = _kinship(np.arange(self.ads) if kind is None else kind)
        self.apart = bool(met.max(initial=0) <= 1 and not np.triu(self.kinship, 1).any())

    def log_density(self, state: Floats, spread: float) -> Floats:
        """Log posterior up to a constant, without the normalising term of the effects; shape (families,)."""
        course = self._follow(state)
        log_chance = self.cells.events * np.log(course.chance)
        advances = np.bincount(self.event_family, weights=log_chance, minlength=self.cells.families)
        level, effects = np.split(self._centre(state), [self.level], axis=1)
        prior = ((level @ self.precision) * level).sum(axis=1) + ((effects @ self.kinship) * effects).sum(
            axis=1
        ) / spread**2
        return np.asarray(advances - self.by_family @ course.due - prior / 2)

    def newton_step(self, state: Floats, spread: float) -> Floats:
        """Where the quadratic at `state` has its top, from there."""
        slope, level, mixed, own = self._quadratic(state, spread)
        top, effects = slope[:, : self.level], slope[:, self.level :]
        scaled = _divide(own, mixed)
        inner = level - np.swapaxes(mixed, 1, 2) @ scaled
        step = np.linalg.solve(inner, (top - (np.swapaxes(scaled, 1, 2) @ effects[:, :, None])[:, :, 0])[:, :, None])
        rest = _divide(own, effects[:, :, None] - mixed @ step)
        return np.concatenate([step[:, :, 0], rest[:, :, 0]], axis=1)

    def spread_of(self, state: Floats, spread: float, *, full: bool) -> tuple[Floats, Floats]:
        """Variances of the effects (or their covariances) at the mode, and the Hessian's log determinant."""
        _, level, mixed, own = self._quadratic(state, spread)
        scaled = _divide(own, mixed)
        inner = level - np.swapaxes(mixed, 1, 2) @ scaled
        spill = scaled @ np.linalg.inv(inner)
        log_determinant = np.linalg.slogdet(inner)[1]
        if own.ndim == 2:
            log_determinant = log_determinant + np.log(own).sum(axis=1)
            if not full:
                return 1 / own + (spill * scaled).sum(axis=2), log_determinant
            inverse: Floats = np.eye(self.ads) / own[:, :, None]
        else:
            log_determinant = log_determinant + np.linalg.slogdet(own)[1]
            inverse = np.asarray(np.linalg.inv(own), dtype=np.float64)
        covariance = inverse + spill @ np.swapaxes(scaled, 1, 2)
        return covariance if full else np.diagonal(covariance, axis1=1, axis2=2), log_determinant

    def _follow(self, state: Floats) -> _Course:
        cells = self.cells
        own = np.exp(np.clip(self.by_row @ state[:, self.bands :].ravel(), -FARTHEST_PREDICTOR, FARTHEST_PREDICTOR))
        bands = np.exp(np.clip(state[:, : self.bands], LEAST_BAND, MOST_BAND))
        mass = cells.quiet * own[:, None]
        due = mass @ bands[0] if cells.families == 1 else np.einsum("rb,rb->r", mass, bands[cells.family])
        hazard = bands[self.event_family, cells.event_band] * own[cells.event_row]
        return _Course(bands, mass, due, hazard, -np.expm1(-hazard))

    def _centre(self, state: Floats) -> Floats:
        centred = state.copy()
        centred[:, : self.bands] -= BAND_MEAN
        return centred

    def _quadratic(self, state: Floats, spread: float) -> tuple[Floats, Floats, Floats, Floats]:
        """Slope, and the negative Hessian's blocks: levels, effects by levels, effects (their diagonal if apart)."""
        cells, course = self.cells, self._follow(state)
        shape = (cells.families, cells.width, self.bands)
        pull = cells.events * course.hazard * np.exp(-course.hazard) / course.chance
        press = pull * (course.hazard / course.chance - 1)
        slope = self._slope(course, pull) - self._pull_of_prior(state, spread)
        weight = course.due + np.bincount(cells.event_row, weights=press, minlength=len(course.due))
        pairs = np.asarray(self.by_pair @ weight).reshape(cells.families, cells.width, cells.width)
        by_column = np.asarray(self.by_column @ course.mass).reshape(shape) * course.bands[:, None]
        by_column += np.asarray(self.by_column_and_band @ press).reshape(shape)
        by_band = self._by_band(course, press)
        covariates, bands = self.level - self.bands, np.arange(self.bands)
        level = np.zeros((cells.families, self.level, self.level))
        level[:, bands, bands] = by_band
        level[:, self.bands :, : self.bands] = by_column[:, :covariates]
        level[:, : self.bands, self.bands :] = np.swapaxes(by_column[:, :covariates], 1, 2)
        level[:, self.bands :, self.bands :] = _mirror(pairs[:, :covariates, :covariates])
        level += self.precision
        mixed = np.concatenate(
            [by_column[:, covariates:], np.swapaxes(pairs[:, :covariates, covariates:], 1, 2)], axis=2
        )
        own = pairs[:, covariates:, covariates:]
        if self.apart:
            own = np.diagonal(own, axis1=1, axis2=2) + spread**-2.0
        else:
            own = _mirror(own) + self.kinship * spread**-2.0
        return slope, level, mixed, np.asarray(own)

    def _slope(self, course: _Course, pull: Floats) -> Floats:
        cells = self.cells
        by_row = np.bincount(cells.event_row, weights=pull, minlength=len(course.due)) - course.due
        by_column = np.asarray(self.by_column @ by_row).reshape(cells.families, cells.width)
        return np.concatenate([self._by_band(course, pull, -1.0), by_column], axis=1)

    def _by_band(self, course: _Course, at_events: Floats, sign: float = 1.0) -> Floats:
        """Sums over families and bands: of what was due in quiet weeks, by `sign`, and of `at_events`."""
        families, bands = self.cells.families, self.bands
        place = self.event_family * bands + self.cells.event_band
        happened = np.bincount(place, weights=at_events, minlength=families * bands).reshape(families, bands)
        return np.asarray(sign * (self.by_family @ course.mass) * course.bands + happened)

    def _pull_of_prior(self, state: Floats, spread: float) -> Floats:
        level, effects = np.split(self._centre(state), [self.level], axis=1)
        return np.concatenate([level @ self.precision, effects @ self.kinship / spread**2], axis=1)


def _sums(into: Ints, of: Ints, size: int, parts: int) -> "csr_array":
    """The matrix that adds up parts `of` a vector into the places `into`."""
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(of)), (into, of)), shape=(size, parts))


def _mirror(upper: Floats) -> Floats:
    """The symmetric matrices whose upper triangles these are."""
    return np.asarray(upper + np.swapaxes(np.triu(upper, 1), 1, 2))


def _divide(own: Floats, by: Floats) -> Floats:
    """Solve by the block of effects: a diagonal (families, ads), or whole matrices."""
    return np.asarray(by / own[:, :, None] if own.ndim == 2 else np.linalg.solve(own, by))
