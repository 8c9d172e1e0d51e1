"""The smallest change of one ad's counts that would turn its verdict."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from app.measurement.cells import Ints
from app.measurement.compared import Compared
from app.measurement.journeys import WEEK_DAYS, Cause, Journeys
from app.measurement.progress import Method, choose_method, measure_progress
from app.measurement.reasons import Verdict
from app.measurement.thresholds import THRESHOLDS, Thresholds
from app.measurement.verdict import decide


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
        changed = replace(people, journeys=journeys)
        progress = measure_progress(changed, level=level, horizon_days=horizon_days)[ad]
        return decide(progress, threshold=threshold, any_advance=True, early=False, needs=None, rules=rules).verdict

    today = judge(people.journeys)
    generator = np.random.default_rng(seed)
    back, forth = (generator.permutation(some) for some in _candidates(people, ad))
    fewer = _find_smallest(lambda n: judge(_take_back(people.journeys, back[:n])), len(back), today)
    more = _find_smallest(lambda n: judge(_let_advance(people.journeys, forth[:n])), len(forth), today)
    flips = [Flip(-fewer[0], fewer[1])] if fewer else []
    return (*flips, Flip(*more)) if more else tuple(flips)


def members_of(people: Compared, ad: int) -> Ints:
    """The applicants whom the ad's comparison is about: those who met it, or by counts those it owns."""
    if choose_method(people) is Method.FATES:
        return np.asarray(people.application[people.met == ad], dtype=np.int64)
    return np.flatnonzero(people.ad == ad)


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
