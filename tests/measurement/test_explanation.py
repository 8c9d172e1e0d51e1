"""What a verdict rests on: its model, threshold and prior, what would turn it, and which applicants it counted."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.measurement import Cause, Compared, Method, Verdict, compared, judge_ads
from app.measurement.effectiveness import RowMeasure, measure_rows
from app.measurement.explanation import Choice, Explanation, Use, explain_ad
from app.measurement.flips import find_flips
from app.measurement.progress import measure_progress
from tests.measurement.build import codes_of, journeys_of
from tests.measurement.campaigns import Design, draw_campaign

HORIZON = 120


def campaign(*ads: tuple[int, int]) -> Compared:
    """Ads of so many applicants, of whom so many advance after 40 days and the rest go out after 20."""
    groups = [
        group for n, reached in ads
        for group in ((reached, 40, Cause.ADVANCED, 200), (n - reached, 20, Cause.OUT, 200))
    ]  # fmt: skip
    ad = codes_of(*((n, k) for k, (n, _reached) in enumerate(ads)))
    return compared(journeys_of(*groups), ad, np.zeros(len(ad), dtype=np.int32), len(ads))


@cache
def explain(people: Compared, ad: int = 0) -> Explanation:
    return explain_ad(people, ad, np.ones(people.ads), horizon_days=HORIZON, level=0.9)


STRONG = campaign((60, 36), (60, 12), (60, 12), (60, 12))
LUCKY = campaign((12, 6), (20, 4), (20, 4), (20, 4))
DESIGNS = [
    Design(sizes=(5, 60), mover=0.5, movers=2, harmful=2),
    Design(ads=14, sizes=(5, 40), mover=0.5, movers=3, harmful=3),
    Design(ads=3, sizes=(10, 80), mover=0.5),
]
ALIKE = campaign((60, 12), (60, 12), (60, 12), (60, 12))


@pytest.mark.parametrize("people", [STRONG, LUCKY, ALIKE])
def test_the_verdict_explained_is_the_verdict_given(people: Compared) -> None:
    for ad, judgement in enumerate(judge_ads(people, np.ones(people.ads))):
        explained = explain(people, ad)
        assert explained.judgement == judgement
        assert explained.sensitivities[1].verdict is judgement.decision.verdict
        assert explained.sensitivities[1].lift == judgement.progress.lift


def test_the_model_is_named_with_why_it_was_chosen() -> None:
    assert (explain(STRONG).choice, explain(STRONG).advances) == (Choice.ENOUGH_ADVANCES, 72)
    assert (explain(LUCKY).choice, explain(LUCKY).advances) == (Choice.FEW_ADVANCES, 18)
    many = explain(campaign(*[(20, 4)] * 13))
    assert (many.choice, many.ads, many.judgement.progress.method) == (Choice.MANY_ADS, 13, Method.COUNTS)


def test_a_threshold_that_was_earned_by_shuffling_says_so() -> None:
    assert (explain(STRONG).threshold, explain(STRONG).guarded) == (0.93, False)
    assert (explain(LUCKY).threshold, explain(LUCKY).guarded) == (0.95, False)
    few = explain(campaign((12, 6), (20, 4), (20, 4)))
    assert few.guarded
    assert 0.85 <= few.threshold < 1


def test_a_wider_prior_shrinks_less_and_a_narrower_one_more() -> None:
    for people in (STRONG, LUCKY):
        explained = explain(people)
        lifts = [one.lift.estimate for one in explained.sensitivities if one.lift]
        assert lifts == sorted(lifts)
        assert lifts[2] > lifts[0] + 0.01
        assert [one.spread for one in explained.sensitivities] == pytest.approx([1 / 3, 2 / 3, 4 / 3])


def test_a_verdict_far_from_its_threshold_does_not_hang_on_the_prior_and_a_close_one_does() -> None:
    assert not explain(STRONG).depends_on_prior
    close = [explain(campaign((38, n), (60, 12), (60, 12), (60, 12))) for n in (16, 17, 18)]
    assert [one.depends_on_prior for one in close] == [False, True, False]


def test_what_is_unmeasured_must_be_strong_to_explain_a_strong_ad_away() -> None:
    """By VanderWeele and Ding the E-value of a ratio r is r + √(r (r − 1)), and of an interval with no difference 1."""
    lift = explain(STRONG).judgement.progress.lift
    strong = explain(STRONG).confounding
    assert lift is not None
    assert strong is not None
    ratio, low = 1 + lift.estimate, 1 + lift.low
    assert strong.estimate == pytest.approx(ratio + (ratio * (ratio - 1)) ** 0.5)
    assert strong.limit == pytest.approx(low + (low * (low - 1)) ** 0.5)
    alike = explain(ALIKE).confounding
    assert alike is not None
    assert alike.limit == 1


def test_the_smallest_change_turns_the_verdict_and_one_less_does_not() -> None:
    """Tried one by one: 36 of 60 beside 12 of 60 moved, and so on downwards until it is no longer said."""
    fewer = explain(STRONG).flips[0]
    verdicts = {n: judge_ads(campaign((60, n), (60, 12), (60, 12), (60, 12)), np.ones(4))[0] for n in range(12, 37)}
    still = min(n for n, one in verdicts.items() if one.decision.verdict is Verdict.MOVED)
    assert (fewer.change, fewer.verdict) == (still - 1 - 36, Verdict.CANNOT_TELL)
    assert [one.change < 0 for one in explain(STRONG).flips] == [True]


def test_an_undecided_ad_is_told_how_many_more_would_have_decided_it() -> None:
    """15 of 60 beside 12 of 60 cannot be told. Tried with the number that is said, and with one less."""
    more = {flip.verdict: flip.change for flip in explain(campaign((60, 15), (60, 12), (60, 12), (60, 12))).flips}
    needed = more[Verdict.MOVED]
    tried = [judge_ads(campaign((60, 15 + n), *[(60, 12)] * 3), np.ones(4))[0] for n in (needed - 1, needed)]
    assert [one.decision.verdict for one in tried] == [Verdict.CANNOT_TELL, Verdict.MOVED]


def test_too_few_applicants_or_none_to_compare_with_are_not_turned_by_how_they_end() -> None:
    assert explain(campaign((5, 1), (60, 12), (60, 12))).flips == ()
    assert explain(campaign((60, 30))).flips == ()
    nobody = explain(campaign((0, 0), (60, 12), (60, 12)))
    assert (nobody.flips, nobody.confounding, len(nobody.members)) == ((), None, 0)


@settings(max_examples=15, deadline=None)
@given(st.integers(8, 40), st.integers(0, 40), st.integers(0, 20))
def test_a_change_that_is_found_does_turn_the_verdict(n: int, reached: int, others: int) -> None:
    people = campaign((n, min(n, reached)), (20, others), (20, 4), (20, 4))
    today = judge_ads(people, np.ones(4))[0].decision.verdict
    for flip in find_flips(people, 0, threshold=0.95, horizon_days=HORIZON, level=0.9):
        assert flip.change != 0
        assert flip.verdict is not today or today is Verdict.MOVED


@pytest.mark.parametrize("people", [STRONG, LUCKY])
def test_the_advances_counted_are_those_of_the_applicants_named(people: Compared) -> None:
    for ad in range(people.ads):
        explained = explain(people, ad)
        assert np.count_nonzero(explained.uses == Use.ADVANCED) == explained.judgement.progress.observed
        assert len(explained.members) == explained.judgement.progress.applicants


def test_applicants_of_a_kind_that_no_other_ad_has_are_compared_with_nobody() -> None:
    """Of ten applicants three are of another specialty than all others; one has been watched for three days."""
    journeys = journeys_of(
        (2, 40, Cause.ADVANCED, 200), (4, 20, Cause.OUT, 200), (1, 3, Cause.PENDING, 3), (3, 40, Cause.ADVANCED, 200),
        (5, 40, Cause.ADVANCED, 200), (15, 20, Cause.OUT, 200),
    )  # fmt: skip
    specialty = codes_of((7, 0), (3, 1), (20, 0))
    explained = explain(compared(journeys, codes_of((10, 0), (20, 1)), specialty, 2))
    counts = np.bincount(explained.uses, minlength=4)
    assert counts.tolist() == [2, 4, 1, 3]
    assert explained.judgement.progress.observed == 2


def test_whoever_met_an_ad_on_the_way_to_another_is_one_of_its_applicants_by_the_hazard_model() -> None:
    met = compared(
        STRONG.journeys, STRONG.ad.astype(np.int32), STRONG.specialty.astype(np.int32), 4,
        meetings=(np.array([100]), np.array([0])),
    )  # fmt: skip
    assert 100 in explain(met).members
    assert len(explain(met).members) == 61


def test_a_prior_changes_nothing_but_what_it_is_asked_of() -> None:
    plain = measure_progress(STRONG, level=0.9, horizon_days=HORIZON)
    narrow = measure_progress(STRONG, level=0.9, horizon_days=HORIZON, spread_rate=6.0)
    assert [one.observed for one in plain] == [one.observed for one in narrow]
    assert plain != narrow


def rows_of(people: Compared) -> Sequence[RowMeasure]:
    return measure_rows(people, people.ad.astype(np.int32), np.ones(people.ads))


def test_a_verdict_is_marked_where_one_application_turns_it_and_nowhere_else() -> None:
    """Tried by hand, one after the other: of 60 beside 12 of 60 each, so many are the fewest that moved."""
    verdicts = {n: rows_of(campaign((60, n), (60, 12), (60, 12), (60, 12)))[0] for n in range(20, 32)}
    moved = [n for n, row in verdicts.items() if row.verdict is Verdict.MOVED]
    assert moved == list(range(moved[0], 32))
    assert [n for n in verdicts if verdicts[n].turned_by_one] == [moved[0]]


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(DESIGNS))
def test_the_mark_says_of_any_campaign_what_its_explanation_says(seed: int, design: Design) -> None:
    people = draw_campaign(design, np.random.default_rng(seed)).people
    judged = judge_ads(people, np.ones(people.ads))
    for ad, (row, one) in enumerate(zip(rows_of(people), judged, strict=True)):
        flips = find_flips(people, ad, threshold=one.threshold, horizon_days=HORIZON, level=0.9, rules=one.rules)
        told = row.verdict is not Verdict.CANNOT_TELL and any(abs(flip.change) == 1 for flip in flips)
        assert row.turned_by_one == told
