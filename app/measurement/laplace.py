"""Laplace's method for a family of effects beside covariates: modes on a grid of spreads, and what doubt is left."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.measurement.cells import Floats, Ints

SPREADS = np.array([0.03, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.05, 1.4, 1.9])
SPREAD_RATE = 3.0
KIN_SHARE = 0.3
"""Simulated, 12 ads of 4 kinds: twice as much finds more of a strong kind, and fewer that are strong alone."""
MOST_ALIKE = 0.34
"""Of all pairs of ads, in which share both may be of one kind: three kinds of equal size are just enough."""
LONGEST_STEP = 1.5
SETTLED = 1e-4
MOST_STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Posterior of every family for each spread of the effects, largest spread last.

    weight      (families, T) how probable each spread is
    level       (families, T, levels) modes of what stands beside the effects
    mean, deviation  (families, T, ads) of each ad's effect
    covariance  (families, T, ads, ads); empty unless asked for
    """

    weight: Floats
    level: Floats
    mean: Floats
    deviation: Floats
    covariance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Quadratic:
    """The log posterior around a state: slope (families, levels + ads), and the negative Hessian's blocks: levels,
    effects by levels, and effects, of these the diagonal alone (families, ads) where no two go together."""

    slope: Floats
    level: Floats
    mixed: Floats
    own: Floats

    def newton_step(self) -> Floats:
        """Where its top is, from the state. Effects are eliminated first (Schur complement)."""
        levels = self.level.shape[1]
        top, effects = self.slope[:, :levels], self.slope[:, levels:]
        scaled = _divide(self.own, self.mixed)
        inner = self.level - np.swapaxes(self.mixed, 1, 2) @ scaled
        step = np.linalg.solve(inner, (top - (np.swapaxes(scaled, 1, 2) @ effects[:, :, None])[:, :, 0])[:, :, None])
        rest = _divide(self.own, effects[:, :, None] - self.mixed @ step)
        return np.concatenate([step[:, :, 0], rest[:, :, 0]], axis=1)

    def spread(self, *, full: bool) -> tuple[Floats, Floats]:
        """Variances of the effects (or their covariances) at a mode, and the Hessian's log determinant."""
        scaled = _divide(self.own, self.mixed)
        inner = self.level - np.swapaxes(self.mixed, 1, 2) @ scaled
        spill = scaled @ np.linalg.inv(inner)
        log_determinant = np.linalg.slogdet(inner)[1]
        if self.own.ndim == 2:
            log_determinant = log_determinant + np.log(self.own).sum(axis=1)
            if not full:
                return 1 / self.own + (spill * scaled).sum(axis=2), log_determinant
            inverse: Floats = np.eye(self.own.shape[1]) / self.own[:, :, None]
        else:
            log_determinant = log_determinant + np.linalg.slogdet(self.own)[1]
            inverse = np.asarray(np.linalg.inv(self.own), dtype=np.float64)
        covariance = inverse + spill @ np.swapaxes(scaled, 1, 2)
        return covariance if full else np.diagonal(covariance, axis1=1, axis2=2), log_determinant


class Problem(Protocol):
    """A likelihood with its priors, given the spread of the effects. State: (families, levels + ads)."""

    level: int
    ads: int

    def log_density(self, state: Floats, spread: float) -> Floats:
        """Log posterior up to a constant, without the normalising term of the effects; shape (families,)."""

    def quadratic(self, state: Floats, spread: float, *, climbing: bool) -> Quadratic:
        """The log posterior around the state; `climbing` may bend it so that a step leads upwards."""


def fit_effects(problem: Problem, state: Floats, *, covariances: bool = False, spread_rate: float = SPREAD_RATE) -> Fit:
    """The posterior of all effects ~ N(0, spread²), the spread ~ Gamma(2, `spread_rate`) on ten values.

    For each spread, from the largest on, the mode by Newton's method and the normal there; many families at once, each
    by itself. Source: Tierney and Kadane 1986 for the weights.
    """
    logs, modes, spreads, whole = [], [], [], []
    for spread in SPREADS[::-1]:
        state = _find_mode(problem, state, float(spread))
        variance, log_determinant = problem.quadratic(state, float(spread), climbing=False).spread(full=covariances)
        density = problem.log_density(state, float(spread))
        logs.append(density - problem.ads * np.log(spread) - log_determinant / 2)
        modes.append(state)
        whole.append(variance)
        spreads.append(np.diagonal(variance, axis1=1, axis2=2) if covariances else variance)
    mode = np.stack(modes[::-1], axis=1)
    return Fit(
        _weigh(np.stack(logs[::-1], axis=1), spread_rate),
        mode[:, :, : problem.level],
        mode[:, :, problem.level :],
        np.sqrt(np.stack(spreads[::-1], axis=1)),
        np.stack(whole[::-1], axis=1) if covariances else np.zeros((len(state), len(SPREADS), 0, 0)),
    )


def kinship(kind: Ints) -> Floats:
    """Prior precision of the effects for a spread of one, the inverse of their correlation: ads of one `kind` (ads,)
    have `KIN_SHARE` of the variance of their effects in common. Where few kinds are most of the ads, what a kind has
    in common cannot be told from what all have, and none is supposed."""
    alike = np.asarray(kind[:, None] == kind, dtype=np.float64)
    if alike.size and alike.mean() > MOST_ALIKE:
        return np.eye(len(kind))
    return np.asarray(np.linalg.inv(KIN_SHARE * alike + (1 - KIN_SHARE) * np.eye(len(kind))), dtype=np.float64)


def _weigh(logs: Floats, rate: float) -> Floats:
    """Posterior weights of the spreads, from log density at the modes and the prior Gamma(2, rate)."""
    logs = logs + np.log(SPREADS) - rate * SPREADS + np.log(np.gradient(SPREADS))
    weight = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _find_mode(problem: Problem, state: Floats, spread: float) -> Floats:
    for _ in range(MOST_STEPS):
        step = problem.quadratic(state, spread, climbing=True).newton_step()
        size = np.abs(step).max(axis=1, keepdims=True)
        state = state + step * np.minimum(1.0, LONGEST_STEP / np.maximum(size, 1e-300))
        if size.max() < SETTLED:
            break
    return state


def _divide(own: Floats, by: Floats) -> Floats:
    """Solve by the block of effects: a diagonal (families, ads), or whole matrices."""
    return np.asarray(by / own[:, :, None] if own.ndim == 2 else np.linalg.solve(own, by))
