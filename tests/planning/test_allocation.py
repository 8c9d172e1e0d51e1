"""Amounts that are shared out add up, and each part is as near to its due as whole cents allow."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from app.planning.allocation import list_weeks, share_out, spread_over_weeks

WEIGHTS = st.lists(st.integers(0, 5000), min_size=1, max_size=30).filter(any)


@given(total=st.integers(0, 10**12), weights=WEIGHTS)
def test_no_cent_is_lost_and_no_part_is_a_cent_from_its_due(total: int, weights: list[int]) -> None:
    parts = share_out(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part * sum(weights) - total * weight) < sum(weights) for part, weight in zip(parts, weights, strict=True)
    )


def test_of_equal_remainders_the_first_gets_the_cent() -> None:
    assert share_out(100, [1, 1, 1]) == [34, 33, 33]
    assert share_out(200, [1, 1, 1]) == [67, 67, 66]


def test_a_flight_from_wednesday_to_monday_has_five_days_in_its_first_week_and_one_in_its_second() -> None:
    wednesday, monday = dt.date(2026, 3, 4), dt.date(2026, 3, 9)
    assert list_weeks(wednesday, monday) == [(dt.date(2026, 3, 2), 5), (monday, 1)]
    assert spread_over_weeks(100, wednesday, monday) == [(dt.date(2026, 3, 2), 83), (monday, 17)]


@given(first=st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), days=st.integers(0, 800))
def test_the_days_of_the_weeks_are_the_days_of_the_flight(first: dt.date, days: int) -> None:
    weeks = list_weeks(first, first + dt.timedelta(days=days))
    assert sum(n for _monday, n in weeks) == days + 1
    assert all(monday.weekday() == 0 and 1 <= n <= 7 for monday, n in weeks)
