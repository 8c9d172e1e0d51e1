"""Posteriors of ads' effects as mixtures of normals, one for each spread that the effects may have."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.measurement.cells import Floats
from app.measurement.laplace import Fit

FARTHEST = 6.0
HALVINGS = 24


class Effects(Protocol):
    """What is known of each ad's effect, a log rate ratio."""

    def below(self, bound: Floats) -> Floats:
        """P(b < bound) for each ad; `bound` has shape (ads,)."""

    def quantile(self, probabilities: Floats) -> Floats:
        """The effects below which b lies with these probabilities, shape (ads, probabilities)."""


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """weight (T,), mean and deviation (T, ads): the ad's effect is normal given the spread."""

    weight: Floats
    mean: Floats
    deviation: Floats

    @classmethod
    def of(cls, fit: Fit, family: int = 0) -> "Mixture":
        return cls(fit.weight[family], fit.mean[family], fit.deviation[family])

    def pick(self, chosen: "np.typing.NDArray[np.int64]") -> "Mixture":
        """The effects of some of the ads."""
        return Mixture(self.weight, self.mean[:, chosen], self.deviation[:, chosen])

    def below(self, bound: Floats) -> Floats:
        """P(b < bound) for each ad; `bound` has shape (ads,)."""
        from scipy.special import ndtr

        return np.asarray(self.weight @ ndtr((bound - self.mean) / self.deviation), dtype=np.float64)

    def quantile(self, probabilities: Floats) -> Floats:
        """The effects below which b lies with these probabilities, by halving; shape (ads, probabilities)."""
        from scipy.special import ndtr

        shape = (self.mean.shape[1], len(probabilities))
        low, high = np.full(shape, -FARTHEST), np.full(shape, FARTHEST)
        mean, deviation = self.mean[:, :, None], self.deviation[:, :, None]
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            under = np.einsum("t,tkq->kq", self.weight, ndtr((middle - mean) / deviation)) < probabilities
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.asarray((low + high) / 2)
