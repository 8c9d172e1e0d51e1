"""How many will have reached the stage in the end."""

import numpy as np
import pytest

from app.measurement import Cause, ExpectedReached, Why, expect_reached, expect_reached_by_row
from tests.measurement.build import codes_of, journeys_of
from tests.measurement.campaigns import Design, draw_campaign
from tests.measurement.figures import coverage_of_expected, coverage_of_expected_by_ad


def test_nobody_pending_is_the_number_reached() -> None:
    journeys = journeys_of((3, 20, Cause.ADVANCED, 30), (4, 9, Cause.OUT, 30))
    assert expect_reached(journeys) == ExpectedReached(3, 3, 3)
    assert expect_reached(journeys_of()) == ExpectedReached(0, 0, 0)


def test_it_is_too_early_to_say_before_anybody_was_followed_to_the_horizon() -> None:
    journeys = journeys_of((3, 20, Cause.ADVANCED, 60), (40, 60, Cause.PENDING, 60))
    assert expect_reached(journeys) == ExpectedReached(None, None, None, Why.TOO_EARLY)


def test_too_early_spares_the_rows_that_have_nobody_pending() -> None:
    journeys = journeys_of((3, 20, Cause.ADVANCED, 60), (40, 60, Cause.PENDING, 60))
    settled, pending = expect_reached_by_row(journeys, codes_of((3, 0), (40, 1)), 2)
    assert settled == ExpectedReached(3, 3, 3)
    assert pending.why is Why.TOO_EARLY


def test_whole_numbers_that_include_those_who_have_reached_it() -> None:
    """Of 200 followed up 100 advanced in week 9 and 100 went out in week 5; 20 more wait in week 3.

    Their chance is close to one half: 10 ± 2.2 · 1.645 more than the 100 of now.
    """
    journeys = journeys_of((100, 60, Cause.ADVANCED, 200), (100, 30, Cause.OUT, 200), (20, 21, Cause.PENDING, 21))
    foretold = expect_reached(journeys, seed=4)
    assert foretold.estimate == pytest.approx(110, abs=1)
    assert foretold.low == pytest.approx(106, abs=1)
    assert foretold.high == pytest.approx(114, abs=1)
    assert foretold == expect_reached(journeys, seed=4)


def test_who_has_outlasted_those_who_go_out_is_likely_to_advance() -> None:
    decided = [(100, 60, Cause.ADVANCED, 200), (100, 30, Cause.OUT, 200)]
    early = expect_reached(journeys_of(*decided, (20, 14, Cause.PENDING, 14)))
    late = expect_reached(journeys_of(*decided, (20, 49, Cause.PENDING, 49)))
    assert early.high is not None
    assert late.low is not None
    assert early.high < late.low


def test_what_was_outlasted_within_a_week_counts() -> None:
    """Half go out on day 30, in the week of days 28 to 34; at its end those who remain all advance later."""
    decided = [(100, 60, Cause.ADVANCED, 200), (100, 30, Cause.OUT, 200)]
    begun = expect_reached(journeys_of(*decided, (20, 27, Cause.PENDING, 27)))
    ended = expect_reached(journeys_of(*decided, (20, 34, Cause.PENDING, 34)))
    assert begun.estimate == pytest.approx(110, abs=2)
    assert ended.estimate == pytest.approx(120, abs=1)


def test_one_by_one_or_by_counts_the_same_number_is_foretold() -> None:
    """Two thousand who wait alike are counted; spread over twenty weeks they are drawn one by one."""
    decided = [(1000, 150, Cause.ADVANCED, 200), (1000, 160, Cause.OUT, 200)]
    alike = expect_reached(journeys_of(*decided, (2000, 14, Cause.PENDING, 14)))
    spread = expect_reached(journeys_of(*decided, *((20, day, Cause.PENDING, day) for day in range(100))))
    assert alike.low is not None
    assert alike.high is not None
    assert spread.low is not None
    assert spread.high is not None
    assert alike.estimate == pytest.approx(2000, abs=30)
    assert spread.estimate == pytest.approx(2000, abs=30)
    assert spread.high - spread.low == pytest.approx(alike.high - alike.low, rel=0.25)


def test_nobody_is_expected_to_advance_after_26_weeks() -> None:
    journeys = journeys_of((5, 60, Cause.ADVANCED, 200), (5, 190, Cause.PENDING, 190))
    assert expect_reached(journeys) == ExpectedReached(5, 5, 5)


def test_a_row_that_does_better_is_expected_to_go_on_so() -> None:
    journeys = journeys_of(
        (60, 60, Cause.ADVANCED, 200), (40, 30, Cause.OUT, 200), (40, 21, Cause.PENDING, 21),
        (10, 60, Cause.ADVANCED, 200), (90, 30, Cause.OUT, 200), (40, 21, Cause.PENDING, 21),
    )  # fmt: skip
    better, worse = expect_reached_by_row(journeys, codes_of((140, 0), (140, 1)), 2)
    assert better.low is not None
    assert worse.high is not None
    assert better.low - 60 > worse.high - 10


def test_a_row_without_company_goes_by_the_common_curve() -> None:
    journeys = journeys_of((50, 60, Cause.ADVANCED, 200), (50, 30, Cause.OUT, 200), (20, 21, Cause.PENDING, 21))
    (only,) = expect_reached_by_row(journeys, np.zeros(120, dtype=np.int32), 1)
    assert only.estimate == pytest.approx(60, abs=2)


def test_renaming_rows_permutes_what_is_expected_of_them() -> None:
    campaign = draw_campaign(Design(ads=4, sizes=(10, 40), untraced=0.0), np.random.default_rng(2))
    names = np.array([3, 1, 0, 2], dtype=np.int32)
    before = expect_reached_by_row(campaign.journeys, campaign.ad, 4, seed=5)
    after = expect_reached_by_row(campaign.journeys, names[campaign.ad], 4, seed=5)
    assert [after[new] for new in names] == list(before)


def test_the_number_foretold_comes_true() -> None:
    rate = coverage_of_expected(200, 250, seed=2)
    assert 0.88 - 2 * rate.error <= rate.share <= 0.93 + 2 * rate.error


def test_the_number_foretold_of_an_ad_comes_true() -> None:
    rate = coverage_of_expected_by_ad(Design(spread=0.5), 60, seed=2)
    assert rate.share >= 0.88 - 2 * rate.error
