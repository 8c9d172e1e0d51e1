"""Reached because of a placement: whom it brought, times how far they go, and what each of them cost."""

import numpy as np
import pytest

from app.measurement import Lift, Why
from app.measurement.because import UNKNOWN_SPREAD, ReachedBecause, reach_because, spread_of
from app.measurement.cost import cost_per_because
from app.measurement.incidence import IncidencePoint

TEN = np.full(40_000, 10.0)
SHARE = IncidencePoint(120, 0.2, 0.15, 0.26, 0.03, 80)
SAME = Lift(0.0, 0.0, 0.0, 0.5, 0.5)


def test_of_ten_people_a_fifth_comes_to_the_stage_with_the_doubt_of_the_share() -> None:
    """10 people known, the share 20 % (15-26), no doubt of the lift: 2 (1.5-2.6)."""
    found = reach_because(TEN, SHARE, SAME, 0.5)
    assert (found.estimate, found.low, found.high) == pytest.approx((2.0, 1.5, 2.6), rel=0.01)


def test_a_lift_moves_the_share_and_its_doubt_multiplies() -> None:
    sure = IncidencePoint(120, 0.2, 0.2, 0.2, 0.0, 80)
    found = reach_because(TEN, sure, Lift(0.5, 0.0, 1.0, 0.95, 0.1), 0.5)
    assert (found.estimate, found.low, found.high) == pytest.approx((3.0, 2.0, 4.0), rel=0.01)


def test_without_a_lift_a_placement_may_be_as_unlike_the_others_as_they_are_unlike_each_other() -> None:
    """Log-normal of deviation 0.5 around no change: its 90 % interval is e^±0.822, or 0.4393 to 2.2763."""
    sure = IncidencePoint(120, 0.2, 0.2, 0.2, 0.0, 80)
    found = reach_because(TEN, sure, None, 0.5)
    assert (found.estimate, found.low, found.high) == pytest.approx((2.0, 0.8786, 4.5526), rel=0.02)


def test_doubt_about_whom_it_brought_carries_over_with_its_sign() -> None:
    found = reach_because(np.linspace(-5, 15, 40_000), SHARE, SAME, 0.5)
    assert found.low is not None
    assert found.low < 0


@pytest.mark.parametrize(
    ("share", "why"),
    [
        (IncidencePoint(120, None, None, None, None, 3, Why.TOO_EARLY), Why.TOO_EARLY),
        (IncidencePoint(120, 0.0, 0.0, 0.1, 0.0, 30), Why.TOO_FEW),
    ],
)
def test_without_a_share_there_is_no_number(share: IncidencePoint, why: Why) -> None:
    assert reach_because(TEN, share, None, 0.5) == ReachedBecause(None, None, None, why)


def test_ads_spread_as_their_lifts_and_the_doubt_of_them_do() -> None:
    """log 1.5 and log 1/1.5, each with a deviation of log 1.3 / 1.645."""
    ends = [(ratio - 1, ratio / 1.3 - 1, ratio * 1.3 - 1) for ratio in (1.5, 1 / 1.5)]
    lifts = [Lift(*one, 0.5, 0.5) for one in ends]
    assert spread_of(lifts, 0.9) == pytest.approx(np.hypot(np.log(1.5), np.log(1.3) / 1.6449), rel=1e-4)
    assert spread_of([], 0.9) == UNKNOWN_SPREAD


def test_each_cost_the_cost_over_the_number_and_never_without_end() -> None:
    reached = ReachedBecause(2.0, 1.0, 4.0, draws=np.linspace(1, 3, 1001))
    per = cost_per_because(120_000, reached, seen=True)
    assert (per.estimate, per.low, per.high) == (60_000, round(120_000 / 2.9), round(120_000 / 1.1))
    doubtful = ReachedBecause(2.0, -1.0, 4.0, draws=np.linspace(-1, 4, 1001))
    per = cost_per_because(120_000, doubtful, seen=True)
    assert (per.high, per.why) == (None, None)
    assert per.low is not None


def test_what_is_not_seen_to_bring_people_has_no_cost_for_each_but_a_least_one() -> None:
    doubtful = ReachedBecause(0.5, -1.0, 2.0, draws=np.linspace(-1, 2, 1001))
    per = cost_per_because(120_000, doubtful, seen=False)
    assert (per.estimate, per.high, per.why) == (None, None, Why.TOO_FEW)
    assert per.low is not None
    nobody = ReachedBecause(-2.0, -3.0, -1.0, draws=np.linspace(-3, -1, 1001))
    assert cost_per_because(120_000, nobody, seen=True).why is Why.TOO_FEW


def test_an_unknown_number_has_no_cost_for_each_and_a_cost_is_not_negative() -> None:
    unknown = ReachedBecause(None, None, None, Why.TOO_EARLY)
    assert cost_per_because(100, unknown, seen=False).why is Why.TOO_EARLY
    with pytest.raises(ValueError, match="negative"):
        cost_per_because(-1, unknown, seen=False)
