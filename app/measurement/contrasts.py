"""One ad beside another: how probable it is that its applicants go further, and by how much."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from app.measurement.advance import arrange_advances
from app.measurement.cells import Ints
from app.measurement.compared import Compared
from app.measurement.confounding import EValue, e_values_of
from app.measurement.fates import fit_fates
from app.measurement.journeys import Cause
from app.measurement.posterior import Mixture
from app.measurement.progress import FEWEST_ADVANCES
from app.measurement.thresholds import THRESHOLDS, Thresholds


@dataclass(frozen=True, slots=True)
class Contrast:
    """The first ad beside the second: the ratio of their cumulative hazards at any horizon, and its interval; `ads`
    have applicants, these two among them."""

    ratio: float
    low: float
    high: float
    probability_better: float
    ads: int


class Further(StrEnum):
    """Whose applicants went further, where that can be said."""

    FIRST = "a_further"
    SECOND = "b_further"
    CANNOT_TELL = "cannot_tell"


class Obstacle(StrEnum):
    """Why two ads cannot be set beside each other."""

    TOO_FEW_ADVANCED = "too_few_advanced"
    NOBODY_COMPARABLE = "nobody_comparable"


def judge_contrast(contrast: Contrast | None, rules: Thresholds = THRESHOLDS) -> Further:
    """Can it be said which of the two had applicants who went further? By `Thresholds.better_contrast` either way: an
    association, never a cause."""
    if contrast is None:
        return Further.CANNOT_TELL
    needed = rules.contrast_of(contrast.ads)
    if contrast.probability_better >= needed:
        return Further.FIRST
    return Further.SECOND if 1 - contrast.probability_better >= needed else Further.CANNOT_TELL


def doubt_contrast(contrast: Contrast, share: float | None) -> EValue:
    """How strong must something unmeasured be to make the difference out of nothing? The ratio of hazards is carried to
    a ratio of shares by the second ad's `share`, or by the square root where that is not known yet (VanderWeele 2020).
    """
    ends = (contrast.ratio, contrast.low, contrast.high)
    if share:
        return e_values_of(*(1 + change_of_share(one, share) for one in ends))
    return e_values_of(*((1 - 0.5 ** math.sqrt(one)) / (1 - 0.5 ** math.sqrt(1 / one)) for one in ends))


def find_obstacle(people: Compared, first: int, second: int) -> Obstacle | None:
    """Why two ads cannot be set beside each other, if so: too few of all traced applicants advanced for the model, or
    of neither ad somebody was watched for a week whose specialty the other's applicants have too."""
    traced = np.unique(people.application)
    advances = np.count_nonzero(people.journeys.decided_in_observed_week(Cause.ADVANCED)[traced])
    if advances < FEWEST_ADVANCES:
        return Obstacle.TOO_FEW_ADVANCED
    watched = people.journeys.observed_weeks() > 0
    one, other = (_specialties(people, watched, ad) for ad in (first, second))
    return None if len(np.intersect1d(one, other)) else Obstacle.NOBODY_COMPARABLE


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
    arranged = arrange_advances(people)
    fit = fit_fates(arranged.fates, arranged.deviations, kind=people.kind, covariances=True)
    mean, covariance = fit.mean[0], fit.covariance[0]
    variance = covariance[:, first, first] + covariance[:, second, second] - 2 * covariance[:, first, second]
    difference = Mixture(
        fit.weight[0], mean[:, first] - mean[:, second], np.sqrt(np.maximum(variance, np.finfo(float).tiny))
    )
    tail = (1 - level) / 2
    ratios = np.exp(difference.quantile(np.array([0.5, tail, 1 - tail])))
    better = 1 - difference.below(np.zeros(len(first)))
    ads = len(np.unique(people.met))
    rows = np.column_stack([ratios, better]).tolist()
    return tuple(Contrast(ratio, low, high, chance, ads) for ratio, low, high, chance in rows)
