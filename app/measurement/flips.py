"""The smallest change of one ad's counts that would turn its verdict, and whether one application is enough."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from app.measurement.cells import Ints
from app.measurement.compared import Compared
from app.measurement.journeys import WEEK_DAYS, Cause, Journeys
from app.measurement.progress import Method, Progress, choose_method, measure_progress
from app.measurement.reasons import Verdict
from app.measurement.thresholds import THRESHOLDS, Thresholds
from app.measurement.verdict import decide

FAR = 6
"""Steps of one application between an ad and its threshold, from which on nothing is tried."""
LEAST_DOUBT = 1e-9


@dataclass(frozen=True, slots=True)
class Flip:
    """With so many more of the ad's applicants advanced (fewer, where below 0) the verdict would be another."""

    change: int
    verdict: Verdict


def find_flips(
    people: Compared,
    ad: int,
    *,
    threshold: float,
    horizon_days: int,
    level: float,
    seed: int = 0,
    rules: Thresholds = THRESHOLDS,
) -> tuple[Flip, ...]:
    """How few of this ad's applicants would have had to end otherwise for another verdict? Fewer first, then more.

    Those who advanced in a week watched to its end are taken back to waiting, or those who have not, and were
    watched for a week, are let advance after the usual wait; who they are is drawn by lot, so that they are of the
    ad's mix of kinds. The threshold is held. Found by doubling and halving: the verdict can only rise with the
    number that advanced, but where the change turns the model as well (`progress.choose_method`), there may be a
    smaller one. A direction is left out where no change of it turns the verdict. The same seed gives the same
    answer.
    """

    def judge(journeys: Journeys) -> Verdict:
        return _judge(replace(people, journeys=journeys), ad, threshold, horizon_days, level, rules)

    today = judge(people.journeys)
    back, forth = _draw_candidates(people, ad, seed)
    fewer = _find_smallest(lambda n: judge(_take_back(people.journeys, back[:n])), len(back), today)
    more = _find_smallest(lambda n: judge(_let_advance(people.journeys, forth[:n])), len(forth), today)
    flips = [Flip(-fewer[0], fewer[1])] if fewer else []
    return (*flips, Flip(*more)) if more else tuple(flips)


def turns_by_one(
    people: Compared,
    ad: int,
    progress: Progress,
    *,
    threshold: float,
    horizon_days: int,
    level: float,
    seed: int = 0,
    rules: Thresholds = THRESHOLDS,
) -> bool:
    """Would one application that ended otherwise turn the verdict on this progress of the ad, as `find_flips` finds it?

    Asked of verdicts that say something: of “cannot tell” never. Only the side that can turn it is tried, one fewer
    where the ad moved and one more where not, unless the verdict is far from turning; and whatever changes the model.
    """
    verdict = _decide(progress, threshold, rules)
    if verdict is Verdict.CANNOT_TELL:
        return False
    back, forth = _draw_candidates(people, ad, seed)
    fewer = replace(people, journeys=_take_back(people.journeys, back[:1]))
    more = replace(people, journeys=_let_advance(people.journeys, forth[:1]))
    likely = [] if _is_far(progress, verdict, threshold, rules) else [fewer if verdict is Verdict.MOVED else more]
    other_model = [changed for changed in (fewer, more) if choose_method(changed) is not progress.method]
    return any(
        _judge(changed, ad, threshold, horizon_days, level, rules) is not verdict for changed in (*likely, *other_model)
    )


def _is_far(progress: Progress, verdict: Verdict, threshold: float, rules: Thresholds) -> bool:
    """Whether one application cannot bring the ad to what the verdict needs: spares a large campaign a fit for each ad.

    Of `observed` advances one moves the log of the change by about 1 / observed, and the normal deviate of a
    probability by 1 / √observed. `FAR` such steps are far: of 393 verdicts that one application turned, simulated in
    campaigns of 3 to 20 ads of 5 to 300 applicants, the farthest was 1.7 steps away; 3.4 where the only one who had
    met both of two ads was taken back.
    """
    lift, advances = progress.lift, max(1, progress.observed)
    if lift is None:
        return False
    if verdict is Verdict.DID_NOT_MOVE:
        return _deviate(lift.probability_small) - _deviate(rules.surely_small) > FAR / math.sqrt(advances)
    return (
        _deviate(lift.probability_better) - _deviate(threshold) > FAR / math.sqrt(advances)
        and math.log1p(lift.estimate) - math.log1p(rules.notable_lift) > FAR / advances
    )


def _deviate(probability: float) -> float:
    return NormalDist().inv_cdf(min(max(probability, LEAST_DOUBT), 1 - LEAST_DOUBT))


def _judge(people: Compared, ad: int, threshold: float, horizon_days: int, level: float, rules: Thresholds) -> Verdict:
    return _decide(measure_progress(people, level=level, horizon_days=horizon_days)[ad], threshold, rules)


def _decide(progress: Progress, threshold: float, rules: Thresholds) -> Verdict:
    return decide(progress, threshold=threshold, any_advance=True, early=False, needs=None, rules=rules).verdict


def members_of(people: Compared, ad: int) -> Ints:
    """The applicants whom the ad's comparison is about: those who met it, or by counts those it owns."""
    if choose_method(people) is Method.FATES:
        return np.asarray(people.application[people.met == ad], dtype=np.int64)
    return np.flatnonzero(people.ad == ad)


def _draw_candidates(people: Compared, ad: int, seed: int) -> tuple[Ints, Ints]:
    """Its applicants who could be taken back, and those who could be let advance, each in an order drawn by lot."""
    generator = np.random.default_rng(seed)
    back, forth = (generator.permutation(some) for some in _candidates(people, ad))
    return back, forth


def _candidates(people: Compared, ad: int) -> tuple[Ints, Ints]:
    members, journeys = members_of(people, ad), people.journeys
    advanced = journeys.decided_in_observed_week(Cause.ADVANCED)[members]
    open_ = (journeys.cause[members] != Cause.ADVANCED) & (journeys.observed_weeks()[members] > 0)
    return members[advanced], members[open_]


def _take_back(journeys: Journeys, who: Ints) -> Journeys:
    wait, cause = journeys.wait.copy(), journeys.cause.copy()
    wait[who], cause[who] = journeys.follow_up[who], Cause.PENDING
    return Journeys(wait, cause, journeys.follow_up)


def _let_advance(journeys: Journeys, who: Ints) -> Journeys:
    wait, cause = journeys.wait.copy(), journeys.cause.copy()
    waited = journeys.wait[journeys.decided_in_observed_week(Cause.ADVANCED)]
    usual = int(np.median(waited)) if len(waited) else 0
    wait[who] = np.minimum(usual, journeys.observed_weeks()[who] * WEEK_DAYS - 1)
    cause[who] = Cause.ADVANCED
    return Journeys(wait, cause, journeys.follow_up)


def _find_smallest(judge: Callable[[int], Verdict], most: int, today: Verdict) -> tuple[int, Verdict] | None:
    """The smallest number that turns the verdict, and to what; none where the most there can be does not."""
    same, n = 0, 1
    while (turned := judge(min(n, most)) if most else today) == today:
        if n >= most:
            return None
        same, n = n, 2 * n
    n = min(n, most)
    while n - same > 1:
        middle = (same + n) // 2
        verdict = judge(middle)
        if verdict == today:
            same = middle
        else:
            n, turned = middle, verdict
    return n, turned
