"""Whose an application is: its own code first, else the last touch that leads to a placement, else nobody's."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.database import Database
from app.planning.asset import Format
from app.planning.tracking import AliasKind
from app.reports.grouping import group_applications
from app.reports.measuring import gather, months_of
from app.reports.reading import read
from tests.reports.builders import City, counts, owners, row_of


def test_an_application_belongs_to_its_own_code_whatever_was_met_before(city: City) -> None:
    city.places("Poster")
    city.places("Video", channel="Stream")
    city.touches("Ann", "2026-03-01", via="Poster")
    city.hears("x1", "2026-03-02", person="Ann", via="Video")
    assert owners(city.effectiveness()) == {"Video": 1}


def test_without_a_code_of_its_own_it_belongs_to_the_last_touch(city: City) -> None:
    city.places("Poster")
    city.places("Video", channel="Stream")
    city.touches("Ann", "2026-03-02", via="Video")
    city.touches("Ann", "2026-03-01", via="Poster")
    city.hears("x1", "2026-03-10", person="Ann")
    assert owners(city.effectiveness()) == {"Video": 1}


def test_of_two_touches_on_one_day_the_later_hour_is_the_last(city: City) -> None:
    city.places("Poster")
    city.places("Video", channel="Stream")
    city.touches("Ann", "2026-03-01T15:00+00:00", via="Poster")
    city.touches("Ann", "2026-03-01T09:00+00:00", via="Video")
    city.hears("x1", "2026-03-10", person="Ann")
    assert owners(city.effectiveness()) == {"Poster": 1}


def test_a_touch_on_the_day_of_applying_owns_and_one_on_the_day_after_never_does(city: City) -> None:
    city.places("Poster")
    city.touches("Ann", "2026-03-10", via="Poster")
    city.touches("Bob", "2026-03-11", via="Poster")
    city.hears("x1", "2026-03-10", person="Ann")
    city.hears("x2", "2026-03-10", person="Bob")
    assert owners(city.effectiveness()) == {"Poster": 1, "unknown": 1}


def test_a_touch_of_the_night_belongs_to_the_local_day(city: City) -> None:
    """22:30 UTC is half past midnight in Helsinki: the day after, and so after applying."""
    city.places("Poster")
    city.touches("Ann", "2026-03-10T22:30+00:00", via="Poster")
    city.hears("x1", "2026-03-10T21:00+00:00", person="Ann")
    assert owners(city.effectiveness()) == {"unknown": 1}


@pytest.mark.parametrize(("lookback_days", "owner"), [(30, "Poster"), (29, "unknown")])
def test_the_first_day_of_the_lookback_is_inside_it(city: City, lookback_days: int, owner: str) -> None:
    city.places("Poster")
    city.touches("Ann", "2026-03-01", via="Poster")
    city.hears("x1", "2026-03-31", person="Ann")
    assert owners(city.effectiveness(lookback_days=lookback_days)) == {owner: 1}


def test_somebody_elses_touch_owns_nothing(city: City) -> None:
    city.places("Poster")
    city.touches("Ann", "2026-03-01", via="Poster")
    city.hears("x1", "2026-03-02", person="Bob")
    assert owners(city.effectiveness()) == {"unknown": 1}


def test_a_touch_owns_every_application_that_its_person_makes_in_time(city: City) -> None:
    city.places("Poster")
    city.touches("Ann", "2026-03-01", via="Poster")
    for number, day in enumerate(("2026-03-02", "2026-04-02", "2026-07-02")):
        city.hears(f"x{number}", day, person="Ann")
    answer = city.effectiveness()
    assert owners(answer) == {"Poster": 2, "unknown": 1}
    assert (answer.totals.people, answer.totals.applications) == (1, 3)


def test_two_names_of_one_person_bring_touch_and_application_together(city: City) -> None:
    city.places("Poster")
    city.touches("Ann at the fair", "2026-03-01", via="Poster")
    city.hears("x1", "2026-03-02", person="Ann")
    city.tells({"kind": "person_merge", "at": "2026-03-03", "person": "Ann", "into": "Ann at the fair"})
    assert owners(city.effectiveness()) == {"Poster": 1}


def test_a_code_that_nobody_published_is_unmatched_even_after_a_known_touch(city: City) -> None:
    city.places("Poster")
    city.touches("Ann", "2026-03-01", via="Poster")
    city.hears("x1", "2026-03-02", person="Ann", source={"tracking_code": "zzz999"})
    city.touches("Bob", "2026-03-01", tracking_code="yyy888")
    city.hears("x2", "2026-03-02", person="Bob")
    assert owners(city.effectiveness()) == {"unmatched": 2}


def test_a_code_that_is_said_to_be_a_placement_is_that_placements_and_no_longer_unmatched(city: City) -> None:
    city.places("Poster")
    city.hears("x1", "2026-03-02", source={"tracking_code": "zzz999"})
    city.touches("Bob", "2026-03-01", tracking_code="zzz999")
    city.hears("x2", "2026-03-02", person="Bob")
    city.sees()
    city.reads("zzz999", kind=AliasKind.CODE, as_="Poster")
    assert owners(city.effectiveness()) == {"Poster": 2}
    assert city.unmatched().sources == []


def test_a_touch_that_leads_to_a_placement_outranks_later_ones_that_lead_nowhere(city: City) -> None:
    city.places("Poster")
    city.touches("Ann", "2026-03-01", via="Poster")
    city.touches("Ann", "2026-03-02", tracking_code="zzz999")
    city.touches("Ann", "2026-03-03", label="A friend")
    city.hears("x1", "2026-03-04", person="Ann")
    assert owners(city.effectiveness()) == {"Poster": 1}


def test_a_label_said_to_be_a_placement_is_as_good_as_its_code(city: City) -> None:
    city.places("Poster")
    city.reads("tram poster", as_="Poster")
    city.hears("x1", "2026-03-02", source={"label": "  Tram  POSTER "})
    answer = city.effectiveness()
    assert owners(answer) == {"Poster": 1}
    assert answer.totals.traced_share == 1.0


def test_a_label_or_host_said_to_be_a_channel_traces_partly(city: City) -> None:
    city.places("Ad", channel="LinkedIn")
    city.reads("linkedin", as_="LinkedIn")
    city.reads("linkedin.com", kind=AliasKind.HOST, as_="LinkedIn")
    city.hears("x1", "2026-03-02", source={"label": "LinkedIn"})
    city.hears("x2", "2026-03-02", source={"url": "https://www.linkedin.com/jobs/1"})
    city.touches("Cid", "2026-03-01", label="LinkedIn")
    city.hears("x3", "2026-03-02", person="Cid")
    answer = city.effectiveness()
    assert owners(answer) == {"partly_traced": 3}
    assert answer.totals.traced_share == 0.0


def test_by_channel_a_known_channel_is_all_that_is_asked(city: City) -> None:
    city.places("Ad", channel="LinkedIn")
    city.opens_channel("Radio")
    city.reads("linkedin", as_="LinkedIn")
    city.reads("radio", as_="Radio")
    city.hears("x1", "2026-03-02", via="Ad", interview="2026-03-20")
    city.hears("x2", "2026-03-02", source={"label": "LinkedIn"}, interview="2026-03-20")
    city.hears("x3", "2026-03-02", source={"label": "Radio"})
    answer = city.effectiveness(by="channel")
    assert counts(answer) == {"LinkedIn": (2, 2, 0, 0), "Radio": (1, 0, 0, 1)}
    assert row_of(answer, "LinkedIn").credit.value == 2.0
    assert row_of(answer, "Radio").cost_per_reached.why == "not_recorded"


def test_a_placement_that_is_known_outranks_a_channel_that_is(city: City) -> None:
    city.places("Poster")
    city.places("Ad", channel="LinkedIn")
    city.reads("linkedin", as_="LinkedIn")
    city.touches("Ann", "2026-03-01", via="Poster")
    city.hears("x1", "2026-03-02", person="Ann", source={"label": "LinkedIn"})
    assert owners(city.effectiveness()) == {"Poster": 1}


def test_a_code_outranks_the_label_beside_it(city: City) -> None:
    city.places("Poster")
    city.places("Ad", channel="LinkedIn")
    city.reads("linkedin", as_="Ad")
    city.hears("x1", "2026-03-02", source={"label": "LinkedIn", "tracking_code": city.codes["Poster"]})
    city.hears("x2", "2026-03-02", source={"label": "LinkedIn", "tracking_code": "zzz999"})
    assert owners(city.effectiveness()) == {"Poster": 1, "unmatched": 1}


def test_the_rows_of_what_cannot_be_traced_are_there_even_when_empty(city: City) -> None:
    kinds = [row.row for row in city.effectiveness().rows]
    assert kinds == ["unknown", "partly_traced", "unmatched"]


DAYS = [f"2026-0{month}-{day:02}" for month in range(2, 7) for day in (1, 11, 21)]
SOURCES = st.sampled_from(["Poster", "Video", "Ad", "label", "nobody's code", None])
STORIES = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        st.sampled_from(DAYS),
        SOURCES,
        st.lists(st.tuples(st.sampled_from(DAYS), SOURCES), max_size=3),
        st.dictionaries(st.sampled_from(["screened", "interview", "hired", "rejected"]), st.sampled_from(DAYS)),
    ),
    max_size=8,
)
EXCLUSIVE = ["placement", "asset", "format", "channel", "campaign", "persona"]


def said(city: City, source: str | None) -> dict[str, str]:
    if source in city.codes:
        return {"tracking_code": city.codes[source]}
    if source == "label":
        return {"label": "LinkedIn"}
    return {"tracking_code": "zzz999"} if source else {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=30)
@given(story=STORIES, by=st.sampled_from(EXCLUSIVE), model=st.sampled_from(["first", "last", "linear"]))
def test_rows_and_what_cannot_be_traced_add_up_to_the_totals(
    database: Database, story: list[Any], by: str, model: str
) -> None:
    city = City(database)
    city.places("Poster")
    city.places("Video", channel="Stream", asset="Film", campaign="Autumn", persona="senior")
    city.places("Ad", channel="LinkedIn", asset="Film", campaign="Autumn")
    city.reads("linkedin", as_="LinkedIn")
    for number, (person, day, source, touches, entered) in enumerate(story):
        for touched, via in touches:
            if via:
                city.touches(person, touched, **said(city, via))
        city.hears(f"x{number}", day, person=person, source=said(city, source), **entered)
    answer = city.effectiveness(by=by, model=model, from_="2026-03-01")
    assert not answer.overlapping
    for field in ("applications", "reached", "out", "pending"):
        assert sum(getattr(row, field) for row in answer.rows) == getattr(answer.totals, field)
    assert all(row.reached + row.out + row.pending == row.applications for row in answer.rows)
    assert sum(row.credit.value or 0 for row in answer.rows) == pytest.approx(answer.totals.reached)
    if model == "last":
        assert [row.credit.value for row in answer.rows] == pytest.approx([row.reached for row in answer.rows])


@pytest.mark.parametrize(
    ("by", "kinds"), [("placement", [1, 0, 1]), ("asset", [1, 0]), ("format", [0, 1]), ("channel", [0, 1])]
)
def test_placements_and_assets_of_one_format_are_compared_as_kin(city: City, by: str, kinds: list[int]) -> None:
    city.places("A", asset="Old tram", format=Format.VIDEO, channel="Trams")
    city.places("B", format=Format.POSTER)
    city.places("C", asset="Old tram", format=Format.VIDEO, channel="Trams")
    with city.database.reading(city.id) as session:
        reading = read(session, city.scope(by=by))
    assert gather(reading, group_applications(reading)).people.kind.tolist() == kinds


def test_a_month_of_applying_is_that_of_the_calendar() -> None:
    days = [dt.date(2026, 1, 1), dt.date(2026, 1, 31), dt.date(2026, 2, 1), dt.date(2027, 1, 15)]
    first, same, next_, year = months_of(np.array([day.toordinal() for day in days])).tolist()
    assert (same - first, next_ - first, year - first) == (0, 1, 12)
