"""Whole reports, from a few lines of story, and how often their verdicts are right."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from app.measurement import (
    THRESHOLDS,
    Cause,
    Journeys,
    Judgement,
    Method,
    ReasonCode,
    RowMeasure,
    Verdict,
    Why,
    compared,
    estimate_incidence,
    judge_ads,
    measure_rows,
)
from tests.measurement.build import codes_of, journeys_of
from tests.measurement.campaigns import Design, draw_campaign
from tests.measurement.figures import (
    coverage_of_lift,
    rate_of_ads,
    rate_of_any_false_mover,
    rate_of_last,
    rates_of_wrong_sign,
)


def measure(journeys: Journeys, row: NDArray[np.int32], pace: NDArray[np.float64], ads: int) -> tuple[RowMeasure, ...]:
    """The rows of applicants who are all alike, each of whom met the ad of its row alone."""
    ad = np.where(row < ads, row, -1).astype(np.int32)
    return measure_rows(compared(journeys, ad, np.zeros(len(row), dtype=np.int32), ads), row, pace)


def measure_story() -> tuple[RowMeasure, ...]:
    """Ad 0 moves 60 of 100, ads 1 to 3 move 20 of 100 each, ad 4 brought nobody, ad 5 three people;
    row 6 is the unknown source, with 30 of 50, of whom ten still wait."""
    journeys = journeys_of(
        (60, 40, Cause.ADVANCED, 200), (40, 20, Cause.OUT, 200),
        *[(20, 40, Cause.ADVANCED, 200), (80, 20, Cause.OUT, 200)] * 3,
        (3, 20, Cause.OUT, 200),
        (30, 40, Cause.ADVANCED, 200), (10, 20, Cause.OUT, 200), (10, 30, Cause.PENDING, 30),
    )  # fmt: skip
    row = codes_of((100, 0), (100, 1), (100, 2), (100, 3), (3, 5), (50, 6))
    return measure(journeys, row, np.full(7, 3.0), 6)


def test_a_report_tells_the_mover_from_the_rest() -> None:
    rows = measure_story()
    assert [row.verdict is Verdict.MOVED for row in rows] == [True] + [False] * 6
    assert [(row.applications, row.reached, row.out, row.pending) for row in rows] == [
        (100, 60, 40, 0), *[(100, 20, 80, 0)] * 3, (0, 0, 0, 0), (3, 0, 3, 0), (50, 30, 10, 10),
    ]  # fmt: skip


def test_rows_that_are_not_ads_are_described_but_not_judged() -> None:
    unknown = measure_story()[6]
    assert (unknown.verdict, unknown.lift, unknown.reason, unknown.needs) == (None, None, None, None)
    assert unknown.conversion.estimate is not None
    assert unknown.expected_reached.low is not None
    assert unknown.expected_reached.low >= 30


def test_needs_stand_beside_cannot_tell_only() -> None:
    rows = measure_story()
    assert all(row.needs is None for row in rows if row.verdict is not Verdict.CANNOT_TELL)
    few = rows[5]
    assert few.reason is not None
    assert few.reason.code is ReasonCode.TOO_FEW
    assert few.needs is not None
    assert few.needs.applications > 0


def test_an_ad_that_brought_nobody_has_nulls_with_reasons() -> None:
    nobody = measure_story()[4]
    assert nobody.reason is not None
    assert nobody.reason.code is ReasonCode.NO_APPLICANTS
    assert (nobody.lift, nobody.lift_why, nobody.conversion.why) == (None, Why.TOO_FEW, Why.TOO_FEW)


def test_a_conversion_is_the_incidence_of_the_rows_own_applications() -> None:
    campaign = draw_campaign(Design(ads=5, sizes=(10, 60)), np.random.default_rng(1))
    rows = measure_rows(campaign.people, campaign.ad, np.full(5, np.nan))
    own = campaign.journeys.select(campaign.ad == 2)
    assert rows[2].conversion == estimate_incidence(own, (120,))[0]


def test_before_anybody_was_followed_to_the_horizon_it_is_too_early_for_every_undecided_ad() -> None:
    journeys = journeys_of(*[(1, 20, Cause.ADVANCED, 50), (19, 50, Cause.PENDING, 50)] * 5)
    ad = np.repeat(np.arange(5), 20).astype(np.int32)
    rows = measure(journeys, ad, np.full(5, 1.0), 5)
    assert {row.reason.code for row in rows if row.reason} == {ReasonCode.TOO_EARLY}
    assert {(row.conversion.why, row.expected_reached.why) for row in rows} == {(Why.TOO_EARLY, Why.TOO_EARLY)}
    assert all(row.needs is None for row in rows)


def test_when_nobody_has_reached_the_stage_nobody_can_tell() -> None:
    journeys = journeys_of((40, 50, Cause.PENDING, 50))
    ad = np.arange(40, dtype=np.int32) % 4
    rows = measure(journeys, ad, np.full(4, 1.0), 4)
    assert {row.reason.code for row in rows if row.reason} == {ReasonCode.NONE_REACHED}
    assert {row.lift_why for row in rows} == {Why.TOO_EARLY}


def test_a_single_ad_has_nothing_to_be_compared_with() -> None:
    journeys = journeys_of((20, 40, Cause.ADVANCED, 200), (80, 20, Cause.OUT, 200))
    (row,) = measure(journeys, np.zeros(100, dtype=np.int32), np.ones(1), 1)
    assert row.verdict is Verdict.CANNOT_TELL
    assert row.reason is not None
    assert row.reason.code is ReasonCode.NOTHING_TO_COMPARE


def judge_two(first: int, second: int, size: int) -> tuple[Judgement, ...]:
    """Two ads of `size` applicants of which so many advance."""
    journeys = journeys_of(
        (first, 40, Cause.ADVANCED, 200), (size - first, 20, Cause.OUT, 200),
        (second, 40, Cause.ADVANCED, 200), (size - second, 20, Cause.OUT, 200),
    )  # fmt: skip
    ad = codes_of((size, 0), (size, 1))
    return judge_ads(compared(journeys, ad, np.zeros(len(ad), dtype=np.int32), 2), np.ones(2))


def test_two_ads_of_few_advances_are_judged_by_their_own_permutations() -> None:
    first, second = judge_two(22, 4, 44)
    assert (first.progress.method, first.decision.verdict) == (Method.COUNTS, Verdict.MOVED)
    assert second.decision.reason.code is ReasonCode.WORSE
    assert first.decision.reason.threshold == second.decision.reason.threshold != THRESHOLDS.better_counts


def test_from_thirty_advances_on_ads_are_judged_by_the_hazard_model_and_its_own_figure() -> None:
    below, first = judge_two(24, 5, 80)[0], judge_two(25, 5, 80)[0]
    assert (below.progress.method, first.progress.method) == (Method.COUNTS, Method.FATES)
    assert first.decision.reason.threshold == THRESHOLDS.better_of(2)


def test_an_empty_report_is_no_rows_and_an_empty_campaign_rows_of_nothing() -> None:
    nothing = np.zeros(0, dtype=np.int32)
    assert measure(journeys_of(), nothing, np.zeros(0), 0) == ()
    rows = measure(journeys_of(), nothing, np.zeros(2), 1)
    assert [(row.applications, row.verdict) for row in rows] == [(0, Verdict.CANNOT_TELL), (0, None)]


def test_renaming_ads_permutes_a_report_and_an_ad_never_met_changes_nothing_in_it() -> None:
    campaign = draw_campaign(Design(ads=5, sizes=(10, 60), mover=0.5), np.random.default_rng(1))
    names = np.array([4, 2, 0, 3, 1], dtype=np.int32)
    renamed = np.where(campaign.ad >= 0, names[campaign.ad], -1).astype(np.int32)
    before = measure_rows(campaign.people, campaign.ad, np.full(5, 1.0))
    after = measure_rows(replace(campaign, ad=renamed, ads=6).people, renamed, np.full(6, 1.0))
    for old, new in enumerate(names):
        exact = ("applications", "reached", "conversion", "expected_reached", "verdict", "needs")
        assert [getattr(after[new], name) for name in exact] == [getattr(before[old], name) for name in exact]
    assert after[5].applications == 0


@pytest.mark.parametrize(("row", "problem"), [(3, "row must lie"), (-2, "row must lie"), (1, "must be the ads")])
def test_rows_that_are_not_those_of_the_ads_are_refused(row: int, problem: str) -> None:
    nothing = np.zeros(1, dtype=np.int32)
    people = compared(journeys_of((1, 9, Cause.PENDING, 9)), nothing, nothing, 2)
    with pytest.raises(ValueError, match=problem):
        measure_rows(people, np.array([row], dtype=np.int32), np.ones(3))


@pytest.mark.parametrize("sizes", [(5, 60), (30, 300)])
def test_a_campaign_in_which_nothing_works_seldom_names_a_mover(sizes: tuple[int, int]) -> None:
    rate = rate_of_any_false_mover(Design(sizes=sizes), 400, seed=4)
    assert rate.share <= 0.05 + 2 * rate.error


def test_a_specialty_that_goes_further_does_not_make_a_mover_of_its_ad() -> None:
    rate = rate_of_any_false_mover(Design(confounded=True), 300, seed=4)
    assert rate.share <= 0.06 + 2 * rate.error
    campaign = draw_campaign(Design(confounded=True), np.random.default_rng(1))
    blind = judge_ads(replace(campaign, specialty=np.zeros_like(campaign.specialty)).people, np.ones(campaign.ads))
    assert blind[0].decision.verdict is Verdict.MOVED


def test_three_ads_in_which_nothing_works_seldom_name_a_mover() -> None:
    rate = rate_of_any_false_mover(Design(ads=3, sizes=(5, 60)), 80, seed=4)
    assert rate.share <= 0.05 + 2 * rate.error


def test_one_ad_that_doubles_the_rate_is_found_and_hardly_ever_denied() -> None:
    design = Design(mover=0.4)
    found = rate_of_last(design, Verdict.MOVED, 200, seed=4)
    assert found.share >= 0.77 - 2 * found.error
    assert rate_of_last(design, Verdict.DID_NOT_MOVE, 200, seed=4).hits == 0


@pytest.mark.parametrize("design", [Design(spread=0.5), Design(on_prior=True, sizes=(5, 60))])
def test_the_interval_of_a_lift_covers_the_true_one(design: Design) -> None:
    rate = coverage_of_lift(design, 120, seed=4)
    assert rate.share >= 0.87 - 2 * rate.error


def test_ads_without_effect_are_said_not_to_move_and_verdicts_seldom_have_the_wrong_sign() -> None:
    assert rate_of_ads(Design(followed_up=True), Verdict.DID_NOT_MOVE, 100, seed=4).share > 0.15
    of_ads, _ = rates_of_wrong_sign(Design(spread=0.5), 120, seed=4)
    assert of_ads.share <= 0.02 + 2 * of_ads.error
