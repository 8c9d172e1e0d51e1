"""Instants become local days once and only once, over every change of the clocks from 2020 to 2030."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.database import from_micros, to_micros
from app.funnel.columns import local_days, start_of_day
from tests.support.clocks import FIRST, LAST, ZONES, list_changes


@pytest.mark.parametrize("name", ZONES)
def test_no_event_around_a_change_of_the_clocks_is_lost_or_counted_on_two_days(name: str) -> None:
    zone = zoneinfo.ZoneInfo(name)
    changes = list(list_changes(zone))
    assert len(changes) == 22, "twice a year"
    for change in changes:
        instants = [to_micros(change + minutes * dt.timedelta(minutes=1)) for minutes in range(-48 * 60, 48 * 60, 7)]
        days = local_days(instants, zone).tolist()
        assert days == [from_micros(one).astimezone(zone).toordinal() for one in instants]
        counted = 0
        for day in range(min(days), max(days) + 1):
            counted += sum(start_of_day(day, zone) <= one < start_of_day(day + 1, zone) for one in instants)
        assert counted == len(instants), "the sum by day is the total"


@given(
    name=st.sampled_from(ZONES),
    instants=st.lists(st.integers(to_micros(FIRST), to_micros(LAST)), min_size=1, max_size=40),
)
def test_each_instant_lies_in_the_day_it_is_counted_on(name: str, instants: list[int]) -> None:
    zone = zoneinfo.ZoneInfo(name)
    for instant, day in zip(instants, local_days(instants, zone).tolist(), strict=True):
        assert start_of_day(day, zone) <= instant < start_of_day(day + 1, zone)
