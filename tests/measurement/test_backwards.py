"""From hires back to applications: in whole people, upwards, with the doubt of the rate and no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.measurement.backwards import Needed, Share, count_before, count_left, count_needed


def test_so_many_must_start_that_the_wanted_are_left_and_the_range_is_that_of_the_share() -> None:
    # 3 ÷ 0.08 = 37.5; 3 ÷ 0.12 = 25; 3 ÷ 0.05 = 60.
    assert count_needed(3, Share(0.08, 0.05, 0.12)) == Needed(38, 25, 60)
    assert count_needed(3, Share(0.08)) == Needed(38, 38, 38)
    assert count_needed(3, Share(0.08, 0.0, 0.12)) == Needed(38, 25, None)
    assert count_left(Needed(38, 38, 38), Share(0.3, 0.2, 0.4)) == Needed(12, 8, 16)


def test_a_range_goes_on_through_each_step_with_all_doubts_at_their_worst() -> None:
    # 25 × 0.2 = 5 and 60 × 0.4 = 24; 25 ÷ 0.05 = 500, 38 ÷ 0.04 = 950 and 60 ÷ 0.02 = 3000.
    start = Needed(38, 25, 60)
    assert count_left(start, Share(0.3, 0.2, 0.4)) == Needed(12, 5, 24)
    assert count_left(Needed(38, 25, None), Share(0.3)) == Needed(12, 8, None)
    assert count_before(start, Share(0.04, 0.02, 0.05)) == Needed(950, 500, 3000)
    assert count_before(start, Share(0.04, 0.0, 0.05)) == Needed(950, 500, None)
    assert count_before(Needed(38, 25, None), Share(0.04)) == Needed(950, 625, None)


def test_a_whole_number_stays_whole_whatever_floats_make_of_it() -> None:
    assert count_needed(3, Share(0.1)).estimate == 30
    assert count_left(Needed(30, 30, 30), Share(0.1)).estimate == 3


@pytest.mark.parametrize("value", [0.0, -0.1, 1.1])
def test_a_share_of_nothing_or_of_more_than_all_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="more than 0 and at most 1"):
        count_needed(1, Share(value))


@given(wanted=st.integers(1, 1000), per_mille=st.integers(1, 1000))
def test_of_those_needed_the_wanted_are_left(wanted: int, per_mille: int) -> None:
    share = Share(per_mille / 1000)
    assert count_left(count_needed(wanted, share), share).estimate >= wanted
