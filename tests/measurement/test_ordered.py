"""Shares of the same applicants by stage never rise from a stage to a later one: by hand, beside other programs, and
over simulated campaigns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.measurement import Cause, IncidencePoint, Journeys, Why, estimate_incidence, estimate_stages
from app.measurement.ordered import pool_rising
from tests.measurement.build import journeys_of
from tests.measurement.stage_figures import measure_stages

DAYS = (10, 20, 30, 45)


@pytest.mark.parametrize(("last", "expected"), [(0, [0.5, 0.5, *[3] * 7]), (3, [0.5, 0.5, *[10 / 3] * 3, *[3.5] * 4])])
def test_the_examples_of_r_isoreg_come_out_as_by_hand(last: float, expected: list[float]) -> None:
    """R, example(isoreg): c(1, 0, 4, 3, 3, 5, 4, 2, 0) and the same with 3 at the end. It rises there; here it is
    turned round."""
    rising = pool_rising([-one for one in (1, 0, 4, 3, 3, 5, 4, 2, last)])
    assert [-one for one in rising] == pytest.approx(expected)


def test_shares_that_rise_over_four_stages_become_their_mean() -> None:
    """45, 50, 50 and 52 % rise all the way: 197 % over four stages. 10 % after them does not."""
    assert pool_rising([0.45, 0.5, 0.5, 0.52, 0.1]) == pytest.approx([0.4925] * 4 + [0.1])


def test_shares_that_do_not_rise_stay_as_they_are() -> None:
    assert pool_rising([0.7, 0.7, 0.3, 0.1]) == [0.7, 0.7, 0.3, 0.1]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_pooling_gives_what_scipy_gives(shares: list[float]) -> None:
    from scipy.optimize import isotonic_regression

    assert pool_rising(shares) == pytest.approx(list(isotonic_regression(shares, increasing=False).x))


def two_stages() -> list[Journeys]:
    """Five come to the first stage on day 10 and to the second on day 20; five wait long, five are seen for 15 days.

    First stage: on day 10 all fifteen are at risk, 5/15. Second: on day 20 ten still are, 5/10.
    """
    waiting = ((5, 200, Cause.PENDING, 200), (5, 15, Cause.PENDING, 15))
    return [journeys_of((5, day, Cause.ADVANCED, 200), *waiting) for day in (10, 20)]


def test_stages_whose_separate_shares_rise_share_the_mean_of_shares_and_of_ends() -> None:
    separate = [estimate_incidence(one, (30,))[0] for one in two_stages()]
    assert [point.estimate for point in separate] == pytest.approx([1 / 3, 1 / 2])
    first, second = (points[0] for points in estimate_stages(two_stages(), (30,)))
    assert first.estimate == second.estimate == pytest.approx(5 / 12)
    assert first.low == second.low == pytest.approx(np.mean([point.low or 0 for point in separate]))
    assert first.high == second.high == pytest.approx(np.mean([point.high or 0 for point in separate]))


def test_before_anybody_drops_from_sight_nothing_is_pooled() -> None:
    for points, alone in zip(estimate_stages(two_stages(), (5, 15)), two_stages(), strict=True):
        assert points == estimate_incidence(alone, (5, 15))


def test_a_share_of_which_it_is_too_early_stays_untold_beside_others() -> None:
    quick = journeys_of((6, 3, Cause.ADVANCED, 10))
    slow = journeys_of((2, 3, Cause.OUT, 10), (4, 10, Cause.PENDING, 10))
    (first,), (second,) = estimate_stages([quick, slow], (30,))
    assert (first.why, second.why, second.estimate, second.standard_error) == (Why.TOO_EARLY, Why.TOO_EARLY, None, None)


def test_without_applicants_there_is_no_share_at_any_stage() -> None:
    assert [points[0].why for points in estimate_stages([journeys_of(), journeys_of()], (30,))] == [Why.TOO_FEW] * 2


def test_stages_of_other_applicants_are_refused() -> None:
    with pytest.raises(ValueError, match="the same applications"):
        estimate_stages([journeys_of((2, 3, Cause.OUT, 10)), journeys_of((3, 3, Cause.OUT, 10))], (30,))


@given(st.integers(0, 10_000), st.integers(1, 40))
def test_no_share_and_no_end_rises_from_stage_to_stage_and_no_share_falls_from_day_to_day(seed: int, size: int) -> None:
    told = estimate_stages(draw_stages(seed, size), DAYS)
    for same_day in zip(*told, strict=True):
        ends = np.array([ends_of(point) for point in same_day if point.estimate is not None]).reshape(-1, 3)
        assert np.all(np.diff(ends, axis=0) <= 1e-12)
        assert np.all(np.diff(ends, axis=1) >= 0)
    for points in told:
        assert np.all(np.diff([point.estimate for point in points if point.estimate is not None]) >= -1e-12)


def ends_of(point: IncidencePoint) -> tuple[float | None, ...]:
    return point.low, point.estimate, point.high


def draw_stages(seed: int, size: int) -> list[Journeys]:
    """Any journeys of the same applicants in which whoever comes to a stage has come to those before."""
    generator = np.random.default_rng(seed)
    watched = generator.integers(0, 60, size)
    steps = generator.integers(0, 25, (4, size)).cumsum(axis=0)
    furthest, goes = generator.integers(0, 5, size), generator.random(size) < 0.5
    out = np.where(goes, np.vstack([np.zeros((1, size)), steps])[furthest, np.arange(size)] + 3, 1000)
    told = []
    for stage, day in enumerate(steps):
        advanced = (furthest > stage) & (day <= watched)
        gone = ~advanced & (out <= watched)
        cause = np.where(advanced, Cause.ADVANCED, np.where(gone, Cause.OUT, Cause.PENDING))
        wait = np.where(advanced, day, np.where(gone, out, watched))
        told.append(Journeys(wait.astype(np.int32), cause.astype(np.int8), watched.astype(np.int32)))
    return told


def test_in_running_campaigns_shares_in_order_err_no_more_and_are_held_as_often() -> None:
    told = measure_stages(20, 400, seed=3)
    assert told.rising.share > 0.2
    assert told.ordered.error < told.separate.error
    for ordered, separate in zip(told.ordered.covered, told.separate.covered, strict=True):
        assert ordered.share >= min(0.9, separate.share) - 2 * ordered.error
        assert ordered.share >= 0.87 - 2 * ordered.error
