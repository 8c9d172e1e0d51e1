"""One ad beside another: how probable it is that its applicants go further, and by how much."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.measurement.advance import arrange_advances
from app.measurement.cells import Ints
from app.measurement.compared import Compared
from app.measurement.hazard import fit_hazard
from app.measurement.journeys import Cause
from app.measurement.posterior import Mixture
from app.measurement.progress import FEWEST_ADVANCES


@dataclass(frozen=True, slots=True)
class Contrast:
    """The first ad beside the second: the ratio of their cumulative hazards at any horizon, and its interval."""

    ratio: float
    low: float
    high: float
    probability_better: float


def can_contrast(people: Compared, first: int, second: int) -> bool:
    """Whether two ads can be set beside each other: enough of all traced applicants advanced for the model, and of
    each ad somebody was watched for a week whose specialty the other's applicants have too."""
    traced = np.unique(people.application)
    advances = np.count_nonzero(people.journeys.decided_in_observed_week(Cause.ADVANCED)[traced])
    watched = people.journeys.observed_weeks() > 0
    one, other = (_specialties(people, watched, ad) for ad in (first, second))
    return bool(advances >= FEWEST_ADVANCES and len(np.intersect1d(one, other)))


def _specialties(people: Compared, watched: NDArray[np.bool_], ad: int) -> Ints:
    met = people.application[people.met == ad]
    return np.unique(people.specialty[met[watched[met]]])


def change_of_share(ratio: float, share: float) -> float:
    """By how much does a share, in (0, 1], change when the cumulative hazard that it comes from is multiplied?

    1 − (1 − share)^ratio beside the share. A share of one can rise no further.
    """
    return -math.expm1(ratio * math.log1p(-share)) / share - 1 if share < 1 else 0.0


def contrast_ads(people: Compared, pairs: Sequence[tuple[int, int]], *, level: float = 0.9) -> tuple[Contrast, ...]:
    """Did applicants who met the first ad of each pair go further than those who met the second?

    Model S (`advance.measure_advances`) with the whole covariance of the effects, so what the two have in
    common, such as how far all ads' applicants go, cancels. Effects are shrunk to each other, so two ads of
    few applicants look alike. A format or a period is compared by making it the ad. Describes; proves no
    cause. Raises ValueError for ads that do not exist.
    """
    if not pairs:
        return ()
    first, second = np.array(pairs, dtype=np.int64).T
    if min(first.min(), second.min()) < 0 or max(first.max(), second.max()) >= people.ads:
        raise ValueError(f"ads must lie in [0, {people.ads})")
    fit = fit_hazard(*arrange_advances(people), kind=people.kind, covariances=True)
    mean, covariance = fit.mean[0], fit.covariance[0]
    variance = covariance[:, first, first] + covariance[:, second, second] - 2 * covariance[:, first, second]
    difference = Mixture(
        fit.weight[0], mean[:, first] - mean[:, second], np.sqrt(np.maximum(variance, np.finfo(float).tiny))
    )
    tail = (1 - level) / 2
    ratios = np.exp(difference.quantile(np.array([0.5, tail, 1 - tail])))
    better = 1 - difference.below(np.zeros(len(first)))
    return tuple(Contrast(*row) for row in np.column_stack([ratios, better]).tolist())
