"""From numbers to verdicts: what each code stands for, what is still needed, the guard's own threshold."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from app.measurement import (
    THRESHOLDS,
    Cause,
    Lift,
    Needs,
    Progress,
    ReasonCode,
    Verdict,
    applicants_required,
    compared,
    estimate_needs,
)
from app.measurement.counts import compare, expose
from app.measurement.guard import _shuffle_labels, needs_guard, permutation_threshold
from app.measurement.verdict import Decision, decide
from tests.measurement.build import codes_of, journeys_of
from tests.measurement.campaigns import Design, draw_campaign

MORE = Needs(2.0, 30, 12, False)
WAIT = Needs(2.0, 0, 10, False)
SMALLER = Needs(1.5, 90, 40, False, noticed=2.0)
BETTER = Lift(0.6, 0.2, 1.1, 0.97, 0.01)
SLIGHT = Lift(0.08, 0.02, 0.2, 0.97, 0.7)
WORSE = Lift(-0.4, -0.6, -0.1, 0.02, 0.99)
SAME = Lift(0.0, -0.1, 0.08, 0.5, 0.95)
OPEN = Lift(0.2, -0.2, 0.8, 0.8, 0.3)


def progress_with(lift: Lift | None, applicants: int = 40, *, in_company: bool = True) -> Progress:
    return Progress(applicants, in_company, 9, 5.5, lift)


def decide_on(
    progress: Progress, needs: Needs | None = MORE, *, any_advance: bool = True, early: bool = False
) -> Decision:
    return decide(progress, threshold=0.95, any_advance=any_advance, early=early, needs=needs)


@pytest.mark.parametrize(
    ("lift", "verdict", "code", "probability", "threshold"),
    [
        (BETTER, Verdict.MOVED, ReasonCode.BETTER, 0.97, 0.95),
        (WORSE, Verdict.DID_NOT_MOVE, ReasonCode.WORSE, 0.98, 0.95),
        (SAME, Verdict.DID_NOT_MOVE, ReasonCode.NO_DIFFERENT, 0.95, 0.9),
        (OPEN, Verdict.CANNOT_TELL, ReasonCode.TOO_FEW, 0.8, 0.95),
        (SLIGHT, Verdict.CANNOT_TELL, ReasonCode.TOO_FEW, 0.97, 0.95),
    ],
)
def test_a_verdict_names_the_probability_it_rests_on(
    lift: Lift, verdict: Verdict, code: ReasonCode, probability: float, threshold: float
) -> None:
    decision = decide_on(progress_with(lift))
    reason = decision.reason
    assert (decision.verdict, reason.code, reason.threshold) == (verdict, code, threshold)
    assert reason.probability == pytest.approx(probability)
    assert (reason.applicants, reason.observed, reason.expected) == (40, 9, 5.5)


@pytest.mark.parametrize(
    ("needs", "early", "code"),
    [
        (MORE, False, ReasonCode.TOO_FEW),
        (WAIT, False, ReasonCode.TOO_EARLY),
        (MORE, True, ReasonCode.TOO_EARLY),
        (SMALLER, False, ReasonCode.UNCLEAR),
        (None, False, ReasonCode.UNCLEAR),
    ],
)
def test_what_is_lacking_tells_too_few_from_too_early(needs: Needs | None, early: bool, code: ReasonCode) -> None:
    assert decide_on(progress_with(OPEN), needs, early=early).reason.code is code


@pytest.mark.parametrize(
    ("applicants", "in_company", "any_advance", "code"),
    [
        (0, False, True, ReasonCode.NO_APPLICANTS),
        (9, False, True, ReasonCode.NOTHING_TO_COMPARE),
        (9, True, False, ReasonCode.NONE_REACHED),
        (9, True, True, ReasonCode.TOO_EARLY),
    ],
)
def test_without_a_lift_nobody_can_tell_and_the_reason_says_why(
    applicants: int, in_company: bool, any_advance: bool, code: ReasonCode
) -> None:
    decision = decide_on(progress_with(None, applicants, in_company=in_company), any_advance=any_advance)
    assert (decision.verdict, decision.reason.code) == (Verdict.CANNOT_TELL, code)
    assert decision.reason.expected is None


def test_seven_applicants_are_too_few_whatever_became_of_them() -> None:
    assert decide_on(progress_with(BETTER, 7)).reason.code is ReasonCode.TOO_FEW
    assert decide_on(progress_with(BETTER, 8)).verdict is Verdict.MOVED


def test_the_applicants_required_satisfy_the_formula_and_one_fewer_does_not() -> None:
    """The formula of estimator notes, part 5, with p0 = .2, M = 227.5 (seven ads of 5-60), K = 8, R = 2."""

    def reach(n: int) -> float:
        p, q, others = 0.2, 0.4, 227.5
        mean = (n * q + others * p) / (n + others)
        limit = 2.497705 * math.sqrt(mean * (1 - mean) * (1 / n + 1 / others))
        return (q - p - limit) / math.sqrt(q * (1 - q) / n + p * (1 - p) / others)

    required = applicants_required(0.2, 227.5, 8)
    assert required is not None
    assert reach(required) >= 0.841621 > reach(required - 1)


@pytest.mark.parametrize(("others", "ratio", "stated"), [(227.5, 2.0, 72), (1155.0, 2.0, 54), (1155.0, 1.5, 242)])
def test_the_applicants_required_are_those_of_the_prototype(others: float, ratio: float, stated: int) -> None:
    """Expected: the study's formula at base 20 %, eight ads; its others were drawn, hence the slack."""
    required = applicants_required(0.2, others, 8, ratio)
    assert required == pytest.approx(stated, rel=0.06)


def test_ads_that_could_never_tell_are_said_to_be_too_few() -> None:
    assert applicants_required(0.2, 227.5, 8, 1.5) is None
    assert applicants_required(0.2, 0.0, 8) is None
    assert applicants_required(0.2, 500.0, 1) is None


@pytest.mark.parametrize(("base", "ratio"), [(0.0, 2.0), (0.5, 2.0), (0.2, 1.0)])
def test_a_rise_that_cannot_be_is_refused(base: float, ratio: float) -> None:
    with pytest.raises(ValueError, match="strictly between"):
        applicants_required(base, 100, 8, ratio)


def needs_of(
    applicants: int, effective: float, *, base: float = 0.2, pace: float = 2.0, others: float = 227.5
) -> Needs | None:
    return estimate_needs(applicants, effective, base_rate=base, others=others, ads=8, pace=pace, median_days=65)


def test_needs_count_what_is_missing_and_the_wait_for_the_stage() -> None:
    required = applicants_required(0.2, 227.5, 8)
    assert required is not None
    more = required - 10
    assert needs_of(15, 10.0) == Needs(2.0, more, math.ceil(more / 2 + 65 / 7), False)


def test_an_ad_with_enough_applicants_needs_only_time() -> None:
    assert needs_of(100, 30.0) == Needs(2.0, 0, 10, False)


@pytest.mark.parametrize("pace", [0.0, math.nan])
def test_an_ad_that_brings_nobody_any_more_has_no_number_of_weeks(pace: float) -> None:
    needs = needs_of(15, 10.0, pace=pace)
    assert needs is not None
    assert (needs.weeks, needs.applications > 0) == (None, True)


def test_with_a_doubling_within_reach_the_needs_are_those_of_half_as_many_again() -> None:
    assert needs_of(150, 150.0, others=1155.0) == Needs(1.5, 90, 55, False, noticed=2.0)
    assert needs_of(900, 900.0, others=1155.0) is None


def test_out_of_reach_is_capped() -> None:
    assert needs_of(10, 10.0, others=20.0) == Needs(2.0, THRESHOLDS.most_needed, None, True)


def test_a_doubling_that_cannot_be_is_not_asked_for() -> None:
    needs = needs_of(10, 10.0, base=0.55)
    assert needs is not None
    assert needs.ratio == 1.5
    assert needs_of(10, 10.0, base=0.7) is None


def test_few_ads_or_one_giant_ad_call_the_guard() -> None:
    def guarded(*sizes: int) -> bool:
        ad = codes_of(*((size, code) for code, size in enumerate(sizes)))
        journeys = journeys_of(
            *(group for size in sizes for group in ((1, 3, Cause.ADVANCED, 99), (size - 1, 9, Cause.OUT, 99)))
        )
        return needs_guard(compare(expose(journeys, ad, np.zeros(len(ad), dtype=np.int32), len(sizes))))

    assert guarded(20, 20, 20)
    assert not guarded(20, 20, 20, 20)
    assert guarded(70, 20, 20, 20)


def test_the_guard_is_the_same_for_the_same_seed_and_for_renamed_ads() -> None:
    campaign = draw_campaign(Design(ads=3, sizes=(20, 60)), np.random.default_rng(3))
    exposure = expose(campaign.journeys, campaign.ad, campaign.specialty, 3)
    names = np.array([2, 0, 1], dtype=np.int32)
    renamed = np.where(campaign.ad >= 0, names[campaign.ad], -1).astype(np.int32)
    again = expose(campaign.journeys, renamed, campaign.specialty, 3)
    threshold = permutation_threshold(exposure, seed=7)
    assert threshold == permutation_threshold(exposure, seed=7)
    assert threshold == pytest.approx(permutation_threshold(again, seed=7), abs=1e-5)
    assert THRESHOLDS.guard_floor <= threshold < 1


def test_the_guard_shuffles_within_strata_and_thirds_of_follow_up_only() -> None:
    campaign = draw_campaign(Design(ads=3, sizes=(20, 60)), np.random.default_rng(3))
    exposure = expose(campaign.journeys, campaign.ad, campaign.specialty, 3)
    shuffled = _shuffle_labels(exposure, 5, np.random.default_rng(1))
    for stratum, third in product(range(4), range(3)):
        weeks = exposure.observed_weeks
        inside = (exposure.stratum == stratum) & (np.digitize(weeks, (9, 18)) == third)
        for labels in shuffled[:, inside]:
            assert sorted(labels) == sorted(exposure.ad[inside])
    assert not np.array_equal(shuffled[0], exposure.ad)


def test_where_nothing_can_be_compared_the_guard_asks_for_its_floor() -> None:
    journeys = journeys_of((20, 3, Cause.ADVANCED, 99), (20, 9, Cause.OUT, 99))
    ad = codes_of((20, 0), (20, 1))
    exposure = expose(journeys, ad, ad, 2)
    assert permutation_threshold(exposure, seed=1) == THRESHOLDS.guard_floor


def test_did_not_move_needs_less_while_many_wait_and_more_beside_many_ads() -> None:
    close = progress_with(replace(SAME, probability_small=0.89))
    said = [
        decide(close, threshold=0.95, any_advance=True, early=False, needs=None, rules=THRESHOLDS.suited_to(*case))
        for case in ((8, 0.3), (8, THRESHOLDS.many_waiting), (9, 0.3))
    ]
    assert [one.verdict for one in said] == [Verdict.DID_NOT_MOVE, Verdict.CANNOT_TELL, Verdict.CANNOT_TELL]
    for waiting in (0.0, 0.5):
        needed = [THRESHOLDS.suited_to(ads, waiting).surely_small for ads in (2, 12, 24, 48, 100, 500)]
        assert needed == sorted(needed)


def test_who_was_never_traced_does_not_count_among_those_who_wait() -> None:
    """One of two traced applicants waits; three untraced do too."""
    journeys = journeys_of((1, 20, Cause.OUT, 30), (4, 30, Cause.PENDING, 30))
    ad, nothing = codes_of((2, 0), (3, -1)), np.zeros(5, dtype=np.int32)
    assert compared(journeys, ad, nothing, 1).waiting == 0.5
    assert compared(journeys, nothing - 1, nothing, 1).waiting == 0
