"""An ad's effect carried to what people ask for: by how much more of its applicants reach the stage in time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.measurement.cells import Floats, Ints
from app.measurement.posterior import Effects

SMALL_LIFT = 0.1
FARTHEST_EFFECT = 20.0
WIDEST_SEARCH = 4.0
HALVINGS = 20


@dataclass(frozen=True, slots=True)
class Lift:
    """Relative change of the share that reaches the stage by the horizon, beside comparable applicants."""

    estimate: float
    low: float
    high: float
    probability_better: float
    probability_small: float


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """Applicants by ad and by what they were due: parallel arrays of one length.

    ad, applicants  the ad, in 0 … ads − 1, and how many of its applicants are alike
    hazard          their cumulative hazard at the horizon had the ad no effect
    """

    ad: Ints
    applicants: NDArray[Any]
    hazard: Floats
    ads: int

    def sum_by_ad(self, values: Floats) -> Floats:
        return np.bincount(self.ad, weights=self.applicants * values, minlength=self.ads).astype(np.float64)

    def pick(self, chosen: Ints) -> "Base":
        """The base of some of the ads, in this order."""
        place = np.full(self.ads, -1)
        place[chosen] = np.arange(len(chosen))
        kept = place[self.ad] >= 0
        return Base(place[self.ad[kept]], self.applicants[kept], self.hazard[kept], len(chosen))


def describe_lifts(effects: Effects, base: Base, level: float) -> list[Lift]:
    """Median, interval and the two probabilities a verdict rests on, for each ad of `base`."""
    tail = (1 - level) / 2
    quantiles = effects.quantile(np.array([tail, 0.5, 1 - tail]))
    lifts = np.column_stack([lift_of(effect, base) for effect in quantiles.T])
    small = effects.below(effect_of_lift(SMALL_LIFT, base))
    better = 1 - effects.below(np.zeros(base.ads))
    rows = np.column_stack([lifts[:, [1, 0, 2]], better, small]).tolist()
    return [Lift(*row) for row in rows]


def lift_of(effect: Floats, base: Base) -> Floats:
    """The relative change of the share reached that each ad's effect (ads,) makes over its own applicants.

    1 − exp(−hazard · e^effect) against effect 0. Rises with the effect, so quantiles carry over.
    """
    hazard = np.maximum(base.hazard, 1e-12)
    share = base.sum_by_ad(-np.expm1(-hazard * np.exp(effect)[base.ad]))
    return np.asarray(share / base.sum_by_ad(-np.expm1(-hazard)) - 1)


def effect_of_lift(lift: float, base: Base) -> Floats:
    """The effect that makes this lift (not negative), by halving; `FARTHEST_EFFECT` where none does.

    A share rises less than its hazard, so the effect is log(1 + lift) at least.
    """
    low = np.full(base.ads, np.log1p(lift))
    high = low + WIDEST_SEARCH
    reachable = lift_of(high, base) >= lift
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        under = lift_of(middle, base) < lift
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return np.where(reachable, high, FARTHEST_EFFECT)
