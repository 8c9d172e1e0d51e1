"""What one ad's verdict rests on: the model and why, the threshold, the prior, and what would turn it."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from app.measurement.compared import Compared
from app.measurement.confounding import EValue, e_values_of
from app.measurement.counts import expose_people, shared_strata, sum_by_cell
from app.measurement.effectiveness import Judgement, judge_ads
from app.measurement.flips import Flip, find_flips, members_of
from app.measurement.journeys import Cause
from app.measurement.lift import Lift
from app.measurement.mixture import SPREAD_RATE
from app.measurement.progress import MOST_ADS, Method, choose_method, measure_progress
from app.measurement.reasons import Verdict
from app.measurement.thresholds import THRESHOLDS, Thresholds
from app.measurement.verdict import decide

SPREAD_SHAPE = 2
PRIOR_RATES = (2 * SPREAD_RATE, SPREAD_RATE, SPREAD_RATE / 2)
"""The spread of effects ~ Gamma(2, rate): half as wide as the usual, the usual, and twice as wide."""
LEAST_RATIO = 1e-6


class Choice(StrEnum):
    """Why the ads were compared by the model they were compared by."""

    ENOUGH_ADVANCES = "enough_advances"
    FEW_ADVANCES = "few_advances"
    MANY_ADS = "many_ads"


class Use(IntEnum):
    """What an applicant was to the comparison of an ad.

    ADVANCED   advanced in a week that was watched to its end
    AT_RISK    was watched for a week at least, and did not advance in one
    UNWATCHED  was not watched for a whole week yet
    ALONE      is of a kind that no other ad's applicants are, and so is compared with nobody
    """

    ADVANCED = 0
    AT_RISK = 1
    UNWATCHED = 2
    ALONE = 3


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The verdict and the lift, were the ads' effects to spread by `spread` on average before the data."""

    spread: float
    verdict: Verdict
    lift: Lift | None


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """One ad's verdict with all it rests on.

    choice         why this model; `advances` of traced applicants were counted, and `ads` compared
    threshold      what P(b > 0) had to reach; `guarded` where the permutation guard set it;  rules  all other figures
    sensitivities  the verdict under the narrower, the usual and the wider prior, at the same threshold
    members, uses  the applicants the comparison is about, as positions in the journeys, and the `Use` of each
    """

    judgement: Judgement
    choice: Choice
    advances: int
    ads: int
    threshold: float
    guarded: bool
    rules: Thresholds
    sensitivities: tuple[Sensitivity, ...]
    confounding: EValue | None
    flips: tuple[Flip, ...]
    members: NDArray[np.int64]
    uses: NDArray[np.int64]

    @property
    def depends_on_prior(self) -> bool:
        return len({one.verdict for one in self.sensitivities}) > 1


def explain_ad(
    people: Compared,
    ad: int,
    pace: NDArray[np.float64],
    *,
    horizon_days: int,
    level: float,
    seed: int = 0,
    rules: Thresholds = THRESHOLDS,
) -> Explanation:
    """Why is the verdict on this ad what it is, and how firm is it?

    Arguments as `effectiveness.judge_ads`, whose verdict this is; ad in 0 … people.ads − 1. A threshold belongs to
    its prior: under another prior it is not calibrated, so a verdict that turns says that the prior decides, not
    that the other verdict is right.
    """
    judgement = judge_ads(people, pace, horizon_days=horizon_days, level=level, seed=seed, rules=rules)[ad]
    measured = measure_progress(people, level=level, horizon_days=horizon_days)
    threshold, rules = judgement.threshold, judgement.rules
    method, members = choose_method(people), members_of(people, ad)
    return Explanation(
        judgement,
        _choose_reason(people, method),
        _count_advances(people),
        sum(progress.lift is not None for progress in measured),
        threshold,
        method is Method.COUNTS and threshold != rules.better_counts,
        rules,
        _vary_prior(people, ad, threshold, horizon_days, level, rules),
        _weigh_confounding(judgement.progress.lift),
        find_flips(people, ad, threshold=threshold, horizon_days=horizon_days, level=level, seed=seed, rules=rules),
        members,
        _tell_uses(people, ad, method)[members],
    )


def _choose_reason(people: Compared, method: Method) -> Choice:
    if method is Method.FATES:
        return Choice.ENOUGH_ADVANCES
    return Choice.MANY_ADS if people.ads > MOST_ADS else Choice.FEW_ADVANCES


def _count_advances(people: Compared) -> int:
    traced = np.unique(people.application)
    return int(np.count_nonzero(people.journeys.decided_in_observed_week(Cause.ADVANCED)[traced]))


def _vary_prior(
    people: Compared, ad: int, threshold: float, horizon_days: int, level: float, rules: Thresholds
) -> tuple[Sensitivity, ...]:
    varied = []
    for rate in PRIOR_RATES:
        progress = measure_progress(people, level=level, horizon_days=horizon_days, spread_rate=rate)[ad]
        decision = decide(progress, threshold=threshold, any_advance=True, early=False, needs=None, rules=rules)
        varied.append(Sensitivity(SPREAD_SHAPE / rate, decision.verdict, progress.lift))
    return tuple(varied)


def _weigh_confounding(lift: Lift | None) -> EValue | None:
    if lift is None:
        return None
    return e_values_of(*(max(1 + change, LEAST_RATIO) for change in (lift.estimate, lift.low, lift.high)))


def _tell_uses(people: Compared, ad: int, method: Method) -> NDArray[np.int64]:
    """The `Use` of every application in the comparison of this ad, shape (n,)."""
    journeys = people.journeys
    use = np.where(journeys.decided_in_observed_week(Cause.ADVANCED), Use.ADVANCED, Use.AT_RISK).astype(np.int64)
    if method is Method.COUNTS:
        use[np.isin(people.stratum, _list_strata_alone(people, ad))] = Use.ALONE
    use[journeys.observed_weeks() == 0] = Use.UNWATCHED
    return use


def _list_strata_alone(people: Compared, ad: int) -> NDArray[np.int32]:
    """The strata in which no other ad's applicants were watched long enough that somebody could have been due."""
    exposure = expose_people(people)
    strata = np.unique(people.stratum[people.ad >= 0])
    cell = exposure.ad * exposure.strata + exposure.stratum
    due = sum_by_cell(cell, exposure.expected, (exposure.ads, exposure.strata))
    return np.asarray(strata[~shared_strata(due)[ad]])
