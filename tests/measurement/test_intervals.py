"""Intervals against other programs' figures and printed tables."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from app.measurement.intervals import (
    count_interval,
    discrete_interval,
    log_log_interval,
    normal_quantile,
    proportion_interval,
    weighted_count_interval,
)


@pytest.mark.parametrize(
    ("successes", "trials", "level", "low", "high"),
    [
        (1, 10, 0.95, 0.011011673763, 0.381314771067),
        (3, 10, 0.9, 0.117329376680, 0.558126766485),
        (12, 40, 0.9, 0.193577926108, 0.427128547902),
    ],
)
def test_a_proportions_interval_is_jeffreys(successes: int, trials: int, level: float, low: float, high: float) -> None:
    """Expected: statsmodels, proportion_confint(method="jeffreys")."""
    interval = proportion_interval(successes, trials, level)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-8)


def test_nothing_of_something_keeps_the_lower_end_at_zero_and_all_keeps_the_upper_at_one() -> None:
    assert proportion_interval(0, 8).low == 0.0
    assert proportion_interval(8, 8).high == 1.0
    assert proportion_interval(0, 8).high == pytest.approx(1 - proportion_interval(8, 8).low)


def test_a_counts_interval_is_half_of_a_chi_square_with_one_more_than_twice_the_count() -> None:
    """Expected: tables of chi-square, 7 degrees of freedom: 2.167 at 5 %, 14.067 at 95 %."""
    interval = count_interval(3, 0.9)
    assert (2 * interval.low, 2 * interval.high) == pytest.approx((2.167, 14.067), abs=5e-4)


def test_a_count_of_none_may_still_mean_some() -> None:
    """Expected: chi-square, 1 degree of freedom, 95 %: 3.841."""
    interval = count_interval(0, 0.9)
    assert interval.low == 0.0
    assert 2 * interval.high == pytest.approx(3.841, abs=5e-4)


def test_events_that_count_half_have_half_the_interval_of_whole_ones() -> None:
    low, high = weighted_count_interval(np.array([6 * 0.5]), np.array([6 * 0.25]))
    whole = count_interval(6)
    assert (low[0], high[0]) == pytest.approx((whole.low / 2, whole.high / 2))


def test_the_log_log_interval_is_symmetric_on_its_scale_and_stays_inside() -> None:
    interval = log_log_interval(0.02, 0.019, 0.95)
    middle = math.log(-math.log(0.02))
    assert middle - math.log(-math.log(interval.high)) == pytest.approx(math.log(-math.log(interval.low)) - middle)
    assert middle - math.log(-math.log(interval.high)) == pytest.approx(1.959964 * 0.019 / (0.02 * -math.log(0.02)))
    assert 0 < interval.low < 0.02 < interval.high < 1


def test_ends_of_discrete_draws_are_values_that_were_drawn() -> None:
    assert discrete_interval(np.array([3] * 10 + [4] * 80 + [9] * 10), 0.9) == (3, 4, 9)


def test_the_normal_quantile_is_the_one_of_the_tables() -> None:
    assert normal_quantile(0.975) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: proportion_interval(3, 2),
        lambda: proportion_interval(-1, 2),
        lambda: count_interval(-1),
        lambda: count_interval(1, level=1.0),
        lambda: log_log_interval(0.0, 0.1),
        lambda: log_log_interval(1.0, 0.1),
    ],
)
def test_impossible_counts_and_levels_are_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must|needs"):
        ask()
