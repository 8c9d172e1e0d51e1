"""What is refused at the door and is nobody's is counted by the hour, in few writes, and kept nowhere in words."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.ended import forget_what_ended
from app.access.refusal import KEPT_FOR, Refused, Tally, count_refusals, hour_of, list_refusals
from app.database import Database
from tests.support.plan import NOW

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def counts(database: Database) -> list[tuple[dt.datetime, str, int]]:
    with database.reading() as session:
        return [(one.hour, one.kind, one.count) for one in list_refusals(session, 100)]


def count(database: Database, kind: Refused, hour: dt.datetime, times: int) -> None:
    with database.writing() as session:
        count_refusals(session, kind, hour, times)


def test_an_hour_has_one_row_for_each_kind_however_often_it_is_added_to(database: Database) -> None:
    count(database, Refused.TOKEN, NOW, 1)
    count(database, Refused.TOKEN, NOW, 3)
    count(database, Refused.SIGN_IN, NOW, 1)
    count(database, Refused.TOKEN, NOW - HOUR, 2)
    assert counts(database) == [(NOW, "sign_in", 1), (NOW, "token", 4), (NOW - HOUR, "token", 2)]


def test_an_hour_in_which_none_was_nobodys_is_not_shown(database: Database) -> None:
    count(database, Refused.SIGN_IN, NOW, 0)
    assert counts(database) == []


def test_counts_are_forgotten_after_a_year(database: Database) -> None:
    for hour in (NOW, NOW - KEPT_FOR - HOUR):
        count(database, Refused.TOKEN, hour, 1)
    with database.writing() as session:
        assert forget_what_ended(session, NOW) == 1
    assert counts(database) == [(NOW, "token", 1)]


@given(st.lists(st.integers(0, 5000), max_size=300))
def test_a_tally_writes_seldom_never_too_much_and_all_of_an_hour_that_is_over(minutes: list[int]) -> None:
    tally, written, writes = Tally(), Counter[dt.datetime](), 0
    moments = [NOW + dt.timedelta(minutes=one) for one in sorted(minutes)]
    for moment in moments:
        for hour, times in tally.take(moment):
            written[hour] += times
            writes += 1
    seen = Counter(hour_of(one) for one in moments)
    last = max(seen, default=None)
    assert {hour: written[hour] for hour in seen if hour != last} == {h: n for h, n in seen.items() if h != last}
    assert last is None or seen[last] / 2 < written[last] <= seen[last]
    assert writes <= sum(n.bit_length() + 1 for n in seen.values())
