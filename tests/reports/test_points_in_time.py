"""From when to when a report looks: local dates, what had happened by a day, and what had been seen by a time."""

import datetime as dt
import zoneinfo
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.database import Database, from_micros, to_micros
from app.funnel.columns import NEVER, local_days
from tests.reports.builders import City, counts, instant, owners, row_of, stages

MARCH = dt.datetime(2026, 3, 31, 20, 59, 59, 999_999, tzinfo=dt.UTC)
"""The end of a day in Helsinki: what was known is told by the day."""
APRIL = dt.datetime(2026, 4, 30, 12, tzinfo=dt.UTC)


def test_from_and_to_are_local_dates_and_both_inside(city: City) -> None:
    """Helsinki is two hours before UTC in March: 22:30 UTC is the next day there."""
    city.hears("before", "2026-03-09T21:59+00:00")
    city.hears("first", "2026-03-09T22:00+00:00")
    city.hears("last", "2026-03-20T21:59+00:00")
    city.hears("after", "2026-03-20T22:00+00:00")
    assert owners(city.effectiveness(from_="2026-03-10", to="2026-03-20")) == {"unknown": 2}
    assert owners(city.effectiveness(from_="2026-03-10")) == {"unknown": 3}
    assert owners(city.effectiveness(to="2026-03-20")) == {"unknown": 3}


def test_another_zone_has_other_dates(database: Database) -> None:
    city = City(database, time_zone="America/New_York")
    city.hears("x1", "2026-03-10T03:00+00:00")
    assert owners(city.effectiveness(to="2026-03-09")) == {"unknown": 1}


def test_as_of_a_day_nothing_later_has_happened(city: City) -> None:
    city.places("Poster")
    city.touches("Ann", "2026-03-01", via="Poster")
    city.hears("x1", "2026-03-10", person="Ann", interview="2026-03-20", rejected="2026-03-25")
    city.hears("x2", "2026-03-12", via="Poster")
    assert counts(city.effectiveness(as_of="2026-03-09")) == {}
    assert counts(city.effectiveness(as_of="2026-03-10")) == {"Poster": (1, 0, 0, 1)}
    assert counts(city.effectiveness(as_of="2026-03-20")) == {"Poster": (2, 1, 0, 1)}
    assert counts(city.effectiveness(stage="offer", as_of="2026-03-25")) == {"Poster": (2, 0, 1, 1)}


def test_as_of_a_day_what_was_undone_later_still_stands(city: City) -> None:
    city.places("Poster")
    city.hears("x1", "2026-03-01", via="Poster", hired="2026-03-10")
    city.tells({"kind": "unhired", "at": "2026-03-20", "application": "x1"})
    city.hears("x2", "2026-03-01", via="Poster", rejected="2026-03-10")
    city.tells({"kind": "reopened", "at": "2026-03-20", "application": "x2"})
    assert counts(city.effectiveness(stage="hired", as_of="2026-03-19")) == {"Poster": (2, 1, 1, 0)}
    assert counts(city.effectiveness(stage="hired", as_of="2026-03-20")) == {"Poster": (2, 0, 0, 2)}


def test_as_of_a_day_everybody_stands_where_they_stood(city: City) -> None:
    city.hears("x1", "2026-03-01", interview="2026-03-10", screened="2026-03-15", offer="2026-03-20")
    city.hears("x2", "2026-03-01", hired="2026-03-10")
    city.tells({"kind": "unhired", "at": "2026-03-18", "application": "x2"})

    def standing(day: str) -> list[str]:
        answer = city.funnel(view="snapshot", as_of=day)
        return [row.stage for row in answer.stages for _n in range(row.pending)]

    assert standing("2026-03-09") == ["applied", "applied"]
    assert standing("2026-03-12") == ["interview", "hired"]
    assert standing("2026-03-16") == ["screened", "hired"]
    assert standing("2026-03-25") == ["offer", "offer"]


def test_a_day_to_come_is_as_good_as_today(city: City) -> None:
    city.hears("x1", "2026-03-01", interview="2026-12-20")
    assert counts(city.effectiveness(as_of="2027-01-01")) == {"unknown": (1, 0, 0, 1)}


EARLIER: list[dict[str, Any]] = [
    {"kind": "touchpoint", "type": "self_report", "at": "2026-03-01", "person": "Ann", "tracking_code": "pst234"},
    {"kind": "touchpoint", "type": "self_report", "at": "2026-03-02", "person": "Bob", "tracking_code": "pst234"},
    {"kind": "application", "at": "2026-03-03", "person": "Ann", "application": "x1"},
    {"kind": "application", "at": "2026-03-03", "person": "Bob", "application": "x2"},
    {"kind": "application", "at": "2026-03-04", "person": "Bob at the fair", "application": "x3"},
    {"kind": "outcome", "at": "2026-03-20", "application": "x1", "outcome": "withdrawn"},
    {"kind": "stage_change", "at": "2026-03-20", "application": "x2", "stage": "hired"},
]
LATER: list[dict[str, Any]] = [
    {"kind": "stage_change", "at": "2026-03-10", "application": "x1", "stage": "interview"},
    {"kind": "touchpoint", "type": "self_report", "at": "2026-03-02", "person": "Ann", "tracking_code": "vde234"},
    {"kind": "application", "at": "2026-03-05", "person": "Cid", "application": "x4"},
    {"kind": "person_merge", "at": "2026-03-06", "person": "Bob", "into": "Bob at the fair"},
    {"kind": "reopened", "at": "2026-03-25", "application": "x1"},
    {"kind": "unhired", "at": "2026-03-25", "application": "x2"},
    {"kind": "void", "at": "2026-03-25", "voids": "earlier 1"},
]


def planned(database: Database, code: str) -> City:
    city = City(database)
    city.places("Poster", code=f"pst{code}")
    city.places("Video", channel="Stream", code=f"vde{code}")
    return city


def renamed(observations: list[dict[str, Any]], name: str, code: str) -> list[dict[str, Any]]:
    """The observations with an id each, and with the codes of a city: codes are unique in the whole store."""
    return [
        {"id": f"{name} {number}"} | {key: value.replace("234", code) for key, value in one.items()}
        for number, one in enumerate(observations)
    ]


def test_what_was_known_is_what_a_store_of_those_facts_alone_has(database: Database) -> None:
    """Later facts of earlier days, people found to be one, things undone and taken back: none of it was known."""
    one, other = planned(database, "234"), planned(database, "567")
    for city, code in ((one, "234"), (other, "567")):
        city.tells(*renamed(EARLIER, "earlier", code))
        city.sees(MARCH)
    one.tells(*renamed(LATER, "later", "234"))
    one.sees(APRIL)
    for asked in ({}, {"as_of": "2026-03-15"}, {"stage": "hired"}, {"by": "channel"}):
        known = one.effectiveness(known_at=MARCH, **asked)
        alone = other.effectiveness(**asked, now=MARCH)
        assert known.totals == alone.totals
        assert [told(row) for row in known.rows] == [told(row) for row in alone.rows]
        assert known.data.through == alone.data.through == {"system:hr": MARCH}
    assert one.funnel(known_at=MARCH).stages == other.funnel(now=MARCH).stages
    assert one.funnel(known_at=MARCH, view="snapshot").stages == other.funnel(now=MARCH, view="snapshot").stages
    assert counts(one.effectiveness(known_at=MARCH)) == {"Poster": (2, 1, 1, 0), "unknown": (1, 0, 0, 1)}
    assert counts(one.effectiveness()) == {"Video": (1, 1, 0, 0), "unknown": (3, 1, 0, 2)}


def told(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.model_dump().items() if name not in ("key", "code")}


def test_knowing_everything_is_knowing_it_now(database: Database) -> None:
    city = planned(database, "234")
    city.tells(*renamed(EARLIER, "earlier", "234"))
    city.sees(MARCH)
    city.tells(*renamed(LATER, "later", "234"))
    city.sees(APRIL)
    assert [told(row) for row in city.effectiveness(known_at=APRIL).rows] == [
        told(row) for row in city.effectiveness(now=APRIL).rows
    ]


def test_data_says_up_to_when_each_system_was_read_and_what_could_not_be_mapped(city: City) -> None:
    city.hears("x1", "2026-03-01")
    city.sees(APRIL)
    data = city.effectiveness().data
    assert data.through == {"system:hr": APRIL}
    assert data.unmapped_applications == 0
    assert data.version > 0


def test_who_still_waits_was_followed_no_longer_than_the_system_was_read(city: City) -> None:
    """Read last on 30 April: nobody can be said not to have moved on by then, whatever day it is."""
    for number in range(6):
        city.hears(f"x{number}", "2026-04-01")
    city.sees(APRIL)
    row = row_of(city.effectiveness(horizon_days=29), "unknown")
    assert row.conversion.estimate == 0.0
    row = row_of(city.effectiveness(horizon_days=30), "unknown")
    assert (row.conversion.estimate, row.conversion.why) == (None, "too_early")


def test_nobody_reaches_a_stage_before_applying(city: City) -> None:
    for number in range(5):
        city.hears(f"x{number}", "2026-03-10", interview="2026-03-01", rejected="2026-03-05")
    answer = city.funnel()
    assert stages(answer)["interview"] == (5, 5, 0, 0)
    days = next(row.days_to_stage for row in answer.stages if row.stage == "interview")
    assert (days.median, days.low, days.high) == (0, 0, 0)


ZONES = st.sampled_from(sorted(zoneinfo.available_timezones()))
INSTANTS = st.integers(to_micros(instant("2000-01-01")), to_micros(instant("2099-01-01"))).map(from_micros)


@given(zone=ZONES, instants=st.lists(INSTANTS, max_size=5))
def test_the_local_day_of_an_instant_is_the_calendars(zone: str, instants: list[dt.datetime]) -> None:
    local = zoneinfo.ZoneInfo(zone)
    days = local_days([*map(to_micros, instants), None], local)
    assert days.tolist() == [*(one.astimezone(local).toordinal() for one in instants), NEVER]


@pytest.mark.parametrize(
    ("zone", "when", "day"),
    [
        ("Pacific/Apia", "2011-12-30T09:59+00:00", "2011-12-29"),
        ("Pacific/Apia", "2011-12-30T10:00+00:00", "2011-12-31"),
        ("America/Sao_Paulo", "2018-11-04T02:59+00:00", "2018-11-03"),
        ("America/Sao_Paulo", "2018-11-04T03:00+00:00", "2018-11-04"),
        ("Europe/Helsinki", "2026-10-25T00:30+00:00", "2026-10-25"),
    ],
)
def test_a_day_that_is_skipped_or_begins_late_is_no_trap(zone: str, when: str, day: str) -> None:
    (found,) = local_days([to_micros(instant(when))], zoneinfo.ZoneInfo(zone))
    assert dt.date.fromordinal(int(found)).isoformat() == day
