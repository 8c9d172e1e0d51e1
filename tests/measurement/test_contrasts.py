"""Ads beside each other, and what would explain a difference away."""

import numpy as np
import pytest

from app.measurement import THRESHOLDS, Cause, compared
from app.measurement.confounding import e_value, e_value_of_interval
from app.measurement.contrasts import Contrast, Further, contrast_ads, doubt_contrast, judge_contrast
from tests.measurement.build import codes_of, journeys_of
from tests.measurement.campaigns import Design
from tests.measurement.contrast_figures import coverage_of_contrast, rate_of_false_claims


def contrasts() -> tuple[tuple[float, float, float, float], ...]:
    """Of three ads with 200 applicants each 100, 50 and 50 advance."""
    journeys = journeys_of(
        (100, 40, Cause.ADVANCED, 200), (100, 20, Cause.OUT, 200),
        *[(50, 40, Cause.ADVANCED, 200), (150, 20, Cause.OUT, 200)] * 2,
    )  # fmt: skip
    ad = codes_of((200, 0), (200, 1), (200, 2))
    people = compared(journeys, ad, np.zeros(600, dtype=np.int32), 3)
    return tuple(
        (one.ratio, one.low, one.high, one.probability_better)
        for one in contrast_ads(people, [(0, 1), (1, 0), (1, 2), (2, 2)])
    )


def test_the_ratio_of_two_ads_is_that_of_their_cumulative_hazards() -> None:
    """−log(1 − 1/2) beside −log(1 − 1/4) is 2.41, drawn toward one a little; what all ads share cancels."""
    ratio, low, high, probability = contrasts()[0]
    assert low < ratio < 2.41 < high
    assert ratio == pytest.approx(2.2, abs=0.2)
    assert probability > 0.999


def test_turning_a_pair_over_turns_its_answer_over() -> None:
    one, other, *_ = contrasts()
    assert other[0] == pytest.approx(1 / one[0], rel=1e-4)
    assert other[1] == pytest.approx(1 / one[2], rel=1e-4)
    assert other[3] == pytest.approx(1 - one[3], abs=1e-9)


def test_two_equal_ads_are_even_and_an_ad_is_no_better_than_itself() -> None:
    equal, itself = contrasts()[2:]
    assert [equal[0], equal[3]] == pytest.approx([1, 0.5], abs=1e-3)
    assert itself[:3] == pytest.approx((1, 1, 1), abs=1e-5)


def test_pairs_must_be_of_ads_that_exist_and_none_give_nothing() -> None:
    nothing = np.zeros(1, dtype=np.int32)
    people = compared(journeys_of((1, 20, Cause.PENDING, 20)), nothing, nothing, 2)
    assert contrast_ads(people, []) == ()
    for pair in ((0, 2), (-1, 0)):
        with pytest.raises(ValueError, match="must lie in"):
            contrast_ads(people, [pair])


def test_whose_go_further_is_said_from_one_probability_on_either_way() -> None:
    for ads in (2, 3, 8, 30):
        sure = THRESHOLDS.contrast_of(ads)
        chances = (sure, sure - 0.01, 0.5, 1.01 - sure, 0.99 - sure)
        said = [judge_contrast(Contrast(1, 1, 1, chance, ads)) for chance in chances]
        assert said == [Further.FIRST, *[Further.CANNOT_TELL] * 3, Further.SECOND]
    needed = [THRESHOLDS.contrast_of(ads) for ads in (2, 3, 8, 30)]
    assert needed == sorted(needed, reverse=True)
    assert judge_contrast(None) is Further.CANNOT_TELL


def test_doubt_of_a_contrast_is_the_e_value_of_the_ratio_of_shares() -> None:
    """A share of 0.2 becomes 1 − 0.8² = 0.36, a ratio of 1.8. Without a share a ratio of hazards of 4 is one of shares
    of (1 − 1/4) / (1 − 1/√2), by VanderWeele 2020."""
    known, unknown = doubt_contrast(Contrast(2, 1, 3, 0.97, 2), 0.2), doubt_contrast(Contrast(4, 2, 8, 0.99, 2), None)
    assert known.estimate == pytest.approx(1.8 + (1.8 * 0.8) ** 0.5)
    assert known.limit == 1
    assert unknown.estimate == pytest.approx(e_value(0.75 / (1 - 2**-0.5)))
    assert unknown.limit == pytest.approx(e_value((1 - 0.5**2**0.5) / (1 - 0.5**0.5**0.5)))


def test_where_neither_works_it_is_seldom_said_of_two_that_one_does() -> None:
    rate = rate_of_false_claims(Design(sizes=(30, 300)), 60, seed=2)
    assert rate.share <= 0.05 + 2 * rate.error


def test_the_interval_of_a_difference_covers_it() -> None:
    rate = coverage_of_contrast(Design(spread=0.5), 60, seed=2)
    assert rate.share >= 0.87 - 2 * rate.error


def test_the_e_value_is_that_of_its_authors_example() -> None:
    """VanderWeele and Ding 2017: 3.9 (1.8 to 8.7) gives 7.26, and 3.0 for the limit nearer to one."""
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005)
    assert e_value(1 / 3.9) == pytest.approx(7.26, abs=0.005)
    assert e_value_of_interval(1.8, 8.7) == pytest.approx(3.0, abs=0.005)
    assert e_value_of_interval(1 / 8.7, 1 / 1.8) == pytest.approx(3.0, abs=0.005)
    assert e_value_of_interval(0.9, 2.0) == e_value(1.0) == 1.0


def test_a_ratio_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        e_value(0.0)
