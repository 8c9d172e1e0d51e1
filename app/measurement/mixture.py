"""What a family of ads' counts says about each ad's effect: shrinkage over a grid, exact up to its step."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = (0.1, 0.05, 0.025, 0.0125)
REACH = 4.0
CENTRES = (-2.0, 1.0)
CENTRE_DEVIATION = 0.5
SPREADS = np.array([0.03, 0.08, 0.15, 0.22, 0.3, 0.4, 0.5, 0.65, 0.8, 1.05, 1.4, 1.9])
SPREAD_RATE = 3.0
TINY = 1e-37


@dataclass(frozen=True, slots=True, eq=False)
class Contest:
    """Each ad's advances against those of the other ads' applicants of the same strata; shapes (…, ads).

    own     advances of the ad, in company: where other ads have applicants
    others  advances of the others, weighted to the ad's mix of strata
    share   the ad's share of the expected advances
    """

    own: Floats
    others: Floats
    share: Floats

    def pick(self, chosen: NDArray[np.int64]) -> "Contest":
        """The contests of some of the ads of one family."""
        return Contest(self.own[chosen], self.others[chosen], self.share[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Posterior of each ad's effect, a log rate ratio: `mass` (ads, points) on the cells around `points`."""

    points: Floats
    mass: Floats

    def below(self, bound: Floats) -> Floats:
        """P(b < bound) for each ad; `bound` has shape (ads,)."""
        edges, rises = self._distribution()
        return np.array([np.interp(x, edges, rise) for x, rise in zip(bound, rises, strict=True)])

    def quantile(self, probabilities: Floats) -> Floats:
        """The effects below which b lies with these probabilities, shape (ads, probabilities)."""
        edges, rises = self._distribution()
        return np.array([np.interp(probabilities, rise, edges) for rise in rises])

    def _distribution(self) -> tuple[Floats, Floats]:
        half = (self.points[1] - self.points[0]) / 2
        edges = np.append(self.points - half, self.points[-1] + half)
        return edges, np.concatenate([np.zeros((len(self.mass), 1)), np.cumsum(self.mass, axis=1)], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Lattice:
    """Prior on the grid. points (D,) of b; rates (X,) of centre + b; kernel (T, D): mass of N(0, spread²)
    in each cell; reached (T·M, X): the kernel laid at each of M centre_points; above: its part with b > 0."""

    points: Floats
    rates: Floats
    kernel: Floats
    reached: Floats
    above: Floats
    centre_points: Floats


def weigh_effects(contest: Contest, spread_rate: float = SPREAD_RATE) -> Effects:
    """How far do this ad's applicants go, beside those of the others, once chance is allowed for?

    own ~ Binomial(own + others, odds share/(1 − share) · e^(centre + b)): given how many advanced in all, how
    many of them are this ad's. b ~ N(0, spread²); spread ~ Gamma(2, rate 3), its mass laid on 12 values; the
    centre allows for what the others do on the whole (`_prior_of_centre`). Ads are shrunk to each other as
    far as they look alike: a lone strong ad is pulled to the rest, so its interval errs toward zero.
    `contest` has shape (ads,). Source: Carlin and Louis 2009, chapter 3, for weighing the spread too; how
    often it is right is measured by the tests marked `prove`. `spread_rate` is for asking how far the prior decides.
    """
    lattice = _lattice(choose_step(contest))
    likelihood = _likelihood(contest, lattice.rates)
    weight, evidence = _weigh_hyperparameters(likelihood, lattice, count_rivals(contest), rate=spread_rate)
    spreads, size = len(SPREADS), len(lattice.points)
    mix = (weight / evidence).reshape(len(likelihood), spreads, -1)
    mass = np.zeros((len(likelihood), size))
    for centre in range(len(lattice.centre_points)):
        mass += (mix[:, :, centre] @ lattice.kernel) * likelihood[:, centre : centre + size]
    return Effects(lattice.points, mass / mass.sum(axis=1, keepdims=True))


def weigh_rates(contest: Contest) -> Effects:
    """The whole log rate ratio centre + b of each ad against the others, under the model of `weigh_effects`.

    For foretelling: what an ad's applicants will do includes what is common to all ads but the reference.
    """
    lattice = _lattice(choose_step(contest))
    likelihood = _likelihood(contest, lattice.rates)
    weight, evidence = _weigh_hyperparameters(likelihood, lattice, count_rivals(contest))
    mass = likelihood * ((weight / evidence) @ lattice.reached)
    return Effects(lattice.rates, mass / mass.sum(axis=1, keepdims=True))


def weigh_alone(contest: Contest) -> Effects:
    """The log rate ratio b of each ad against people who met none of it: as `weigh_effects`, without a centre.

    There others are the same people before they met an ad, or without it, and no other ads whose effects would move
    what an ad is held against.
    """
    lattice = _lattice(choose_step(contest))
    likelihood = _likelihood(contest, lattice.points)
    evidence = np.maximum(likelihood @ lattice.kernel.T, TINY)
    log = np.log(np.maximum(_spread_prior(SPREAD_RATE), TINY)) + np.log(evidence).sum(axis=0)
    weight = np.exp(log - log.max())
    mass = likelihood * ((weight / evidence) @ lattice.kernel)
    return Effects(lattice.points, mass / mass.sum(axis=1, keepdims=True))


def probability_better(contest: Contest) -> Floats:
    """P(b > 0) of each ad, shape (…, ads), for a whole batch of families at once, as `weigh_effects`.

    In single precision, twice as fast and good to 1e-6: a guard looks at hundreds of families.
    """
    lattice = _lattice(choose_step(contest))
    shape = contest.own.shape
    likelihood = _likelihood(contest, lattice.rates)
    flat = likelihood.reshape(-1, len(lattice.rates)).astype(np.float32)
    families = max(1, math.prod(shape[:-1]))
    weight, evidence = _weigh_hyperparameters(flat, lattice, count_rivals(contest), families)
    chance = (flat @ lattice.above.T.astype(np.float32)) / evidence
    by_family = chance.reshape(families, -1, chance.shape[1]) @ weight.astype(np.float32)[:, :, None]
    return np.asarray(by_family.reshape(shape), dtype=np.float64)


def count_rivals(contest: Contest) -> int:
    """How many ads with applicants at risk a family has."""
    return int(np.count_nonzero(contest.share > 0, axis=-1).max(initial=1))


def choose_step(contest: Contest) -> float:
    """The coarsest grid step well under the width of the narrowest likelihood."""
    own, others = contest.own, contest.others
    width = 1 / np.sqrt(1 + (own + others) * contest.share * (1 - contest.share))
    return next((step for step in STEPS if step <= 0.4 * np.min(width, initial=1.0)), STEPS[-1])


def _likelihood(contest: Contest, rates: Floats) -> Floats:
    own, total = contest.own[..., None], (contest.own + contest.others)[..., None]
    share = contest.share[..., None]
    log = own * rates - total * np.log1p(share * np.expm1(rates))
    return np.asarray(np.exp(log - log.max(axis=-1, keepdims=True)))


def _weigh_hyperparameters(
    likelihood: NDArray[np.floating[Any]],
    lattice: _Lattice,
    ads: int,
    families: int = 1,
    rate: float = SPREAD_RATE,
) -> tuple[Floats, NDArray[np.floating[Any]]]:
    """Posterior weight of every (spread, centre), shape (families, T·M), and each ad's evidence for it."""
    evidence = np.maximum(likelihood @ lattice.reached.T.astype(likelihood.dtype), TINY)
    log = _log_prior(lattice, ads, rate) + np.log(evidence).reshape(families, -1, evidence.shape[1]).sum(axis=1)
    weight = np.exp(log - log.max(axis=1, keepdims=True))
    return weight / weight.sum(axis=1, keepdims=True), evidence


@lru_cache(maxsize=len(STEPS))
def _lattice(step: float) -> _Lattice:
    half, first, last = round(REACH / step), round(CENTRES[0] / step), round(CENTRES[1] / step)
    offsets = np.arange(-half, half + 1)
    points = np.asarray(offsets * step, dtype=np.float64)
    kernel = _normal_mass(points, step)
    centres = last - first + 1
    shape = (len(SPREADS), centres, len(offsets) + centres - 1)
    reached, above = np.zeros(shape), np.zeros(shape)
    positive = np.where(offsets > 0, 1.0, np.where(offsets == 0, 0.5, 0.0))
    for centre in range(centres):
        reached[:, centre, centre : centre + len(offsets)] = kernel
        above[:, centre, centre : centre + len(offsets)] = kernel * positive
    rates = np.asarray(np.arange(first - half, last + half + 1) * step, dtype=np.float64)
    centre_points = np.asarray(np.arange(first, last + 1) * step, dtype=np.float64)
    flat = (-1, shape[2])
    return _Lattice(points, rates, kernel, reached.reshape(flat), above.reshape(flat), centre_points)


def _log_prior(lattice: _Lattice, ads: int, rate: float) -> Floats:
    """Log prior of every (spread, centre), shape (T·M,)."""
    mean, variance = _prior_of_centre(ads)
    centre = np.exp(-0.5 * (lattice.centre_points - mean[:, None]) ** 2 / variance[:, None])
    share = centre / centre.sum(axis=1, keepdims=True)
    return np.asarray(np.log(np.maximum(_spread_prior(rate)[:, None] * share, TINY)).ravel())


def _prior_of_centre(ads: int) -> tuple[Floats, Floats]:
    """Mean and variance of the centre for each spread, both of shape (T,).

    Against the mean of the other ads' rates an ad of effect b stands at b − log(mean e^b of the others);
    that log is nearly normal (Fenton 1960): with v = log(1 + (e^(spread²) − 1) / others), mean
    (spread² − v) / 2 and variance v. 0.5² is added for a family unlike that, such as one strong ad among
    equals.
    """
    variance = np.log1p(np.expm1(SPREADS**2) / max(ads - 1, 1))
    return -(SPREADS**2 - variance) / 2, variance + CENTRE_DEVIATION**2


def _normal_mass(points: Floats, step: float) -> Floats:
    """Mass of N(0, spread²) within half a step of each point, shape (spreads, points)."""
    edges = np.append(points - step / 2, points[-1] + step / 2) / (SPREADS[:, None] * math.sqrt(2))
    return np.diff(np.reshape([math.erf(edge) for edge in edges.flat], edges.shape), axis=1) / 2


def _spread_prior(rate: float) -> Floats:
    """Mass of Gamma(2, rate) nearest to each value of the spread; its distribution has a closed form."""
    edges = rate * np.concatenate([[0.0], (SPREADS[1:] + SPREADS[:-1]) / 2])
    return np.diff(np.append(1 - np.exp(-edges) * (1 + edges), 1.0))
