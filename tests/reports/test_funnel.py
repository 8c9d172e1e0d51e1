"""The funnel in its three views: by application date, by event date, and where everybody stands now."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.database import Database
from app.funnel.stage import Stage, StageMapping
from app.reports.export import funnel_csv
from tests.reports.builders import City, stages


def tell_a_spring(city: City) -> None:
    city.places("Poster")
    city.hears("x1", "2026-03-01", via="Poster", screened="2026-03-05", interview="2026-03-20", hired="2026-05-01")
    city.hears("x2", "2026-03-02", via="Poster", interview="2026-03-22", rejected="2026-04-01")
    city.hears("x3", "2026-03-03", screened="2026-03-09", withdrawn="2026-04-02")
    city.hears("x4", "2026-04-04", interview="2026-04-10", screened="2026-04-12")


def test_a_cohort_follows_those_who_applied_in_the_period(city: City) -> None:
    tell_a_spring(city)
    answer = city.funnel(to="2026-03-31")
    assert stages(answer) == {
        "applied": (3, 0, 0, 0),
        "screened": (3, 0, 1, 0),
        "interview": (2, 1, 0, 0),
        "offer": (0, 0, 0, 0),
        "hired": (1, 0, 0, 1),
        "started": (0, 0, 0, 0),
    }
    assert answer.totals.applications == 3


def test_an_activity_report_counts_what_happened_in_the_period_whenever_people_applied(city: City) -> None:
    """In April: x4 applied and came to interview, x2 was rejected after the interview, x3 withdrew."""
    tell_a_spring(city)
    answer = city.funnel(view="activity", from_="2026-04-01", to="2026-04-30")
    assert stages(answer) == {
        "applied": (1, 0, 0, 0),
        "screened": (1, 0, 1, 0),
        "interview": (1, 1, 0, 1),
        "offer": (0, 0, 0, 0),
        "hired": (0, 0, 0, 0),
        "started": (0, 0, 0, 0),
    }
    assert answer.totals.applications == 1


def test_a_snapshot_counts_the_open_where_they_stand_now(city: City) -> None:
    """x4 was moved back to screening; x2 and x3 are out."""
    tell_a_spring(city)
    answer = city.funnel(view="snapshot")
    assert stages(answer) == {
        "applied": (2, 0, 0, 0),
        "screened": (2, 0, 0, 1),
        "interview": (1, 0, 0, 0),
        "offer": (0, 0, 0, 0),
        "hired": (1, 0, 0, 1),
        "started": (0, 0, 0, 0),
    }


def test_whoever_came_to_the_last_stage_that_is_recorded_waits_for_nothing(city: City) -> None:
    city.hears("x1", "2026-03-01", interview="2026-03-05", hired="2026-03-20")
    city.hears("x2", "2026-03-01", interview="2026-03-05")
    for view in ("cohort", "activity", "snapshot"):
        hired = stages(city.funnel(view=view))["hired"]
        assert hired == (1, 0, 0, 1), "somebody may yet start"
    with city.database.writing(city.id) as session:
        for stage in (Stage.SCREENED, Stage.INTERVIEW, Stage.OFFER, Stage.HIRED):
            session.add(StageMapping(system="system:hr", stage_ref=stage.slug, name=stage.slug, stage=stage))
    for view in ("cohort", "activity", "snapshot"):
        assert stages(city.funnel(view=view))["hired"] == (1, 0, 0, 0)


def test_a_stage_that_was_only_ever_implied_is_not_recorded_and_none_is_counted_from_it(city: City) -> None:
    city.hears("x1", "2026-03-01", interview="2026-03-05", hired="2026-03-20")
    city.hears("x2", "2026-03-01", rejected="2026-03-09")
    for view in ("cohort", "activity", "snapshot"):
        answer = city.funnel(view=view)
        assert [row.stage for row in answer.stages if row.conversion_from_start.why == "not_recorded"] == [
            "screened", "offer"]  # fmt: skip
        assert stages(answer)["screened"] == stages(answer)["offer"] == (0, 0, 0, 0)
    interview = city.funnel().stages[Stage.INTERVIEW]
    assert interview.conversion_from_previous == interview.conversion_from_start
    lines = {line.split(",")[0]: line for line in funnel_csv(city.funnel()).splitlines()}
    assert lines["screened"] == "screened" + "," * 13 and lines["interview"].startswith("interview,1,0,")
    city.hears("x3", "2026-03-01", screened="2026-03-02")
    assert stages(city.funnel())["screened"] == (2, 0, 0, 1)


DAYS = st.sampled_from([f"2026-0{month}-{day:02}" for month in range(2, 7) for day in (1, 15)])
WHAT = st.sampled_from(["screened", "interview", "offer", "hired", "started", "rejected", "withdrawn"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25)
@given(story=st.lists(st.tuples(DAYS, st.dictionaries(WHAT, DAYS)), max_size=8))
def test_in_a_cohort_who_reached_a_stage_came_on_or_went_out_or_waits(
    database: Database, story: list[tuple[str, dict[str, Any]]]
) -> None:
    city = City(database)
    for number, (day, entered) in enumerate(story):
        city.hears(f"x{number}", day, **entered)
    rows = [row for row in city.funnel().stages if row.conversion_from_start.why != "not_recorded"]
    for row, after in pairwise(rows):
        assert row.reached == after.reached + row.out.rejected + row.out.withdrawn + row.pending
    assert rows[-1].pending == 0
    assert rows[0].reached == len(story)


def test_a_funnel_of_one_placement_is_of_its_own_applicants(city: City) -> None:
    tell_a_spring(city)
    for asked in ({"placement": city.ids["Placement Poster"]}, {"channel": city.ids["Channel Tram stops"]}):
        assert city.funnel(**asked).totals.applications == 2


def test_a_funnel_of_a_channel_has_those_of_whom_no_more_is_known(city: City) -> None:
    city.opens_channel("Radio")
    city.reads("radio", as_="Radio")
    city.hears("x1", "2026-03-01", source={"label": "Radio"})
    city.hears("x2", "2026-03-01")
    assert city.funnel(channel=city.ids["Channel Radio"]).totals.applications == 1


def test_the_wait_is_told_from_applying_to_the_stage(city: City) -> None:
    """Waits of 10, 11, 12, 13 and 14 days, all long decided: the median is 12."""
    for number in range(5):
        city.hears(f"x{number}", "2026-03-01", interview=f"2026-03-{11 + number}")
    row = city.funnel().stages[2]
    assert row.days_to_stage.median == 12
    assert [point.estimate for point in row.incidence] == [1.0] * 5
    assert row.conversion_from_previous.estimate == row.conversion_from_start.estimate == 1.0


def test_a_stage_that_a_later_one_implies_has_no_date_of_its_own(city: City) -> None:
    for number in range(6):
        city.hears(f"x{number}", "2026-03-01", offer="2026-03-30")
    city.hears("x6", "2026-03-01", interview="2026-03-09")
    interview, offer = city.funnel().stages[2:4]
    assert interview.reached == 7
    assert (interview.days_to_stage.median, interview.days_to_stage.why) == (None, "too_few")
    assert offer.days_to_stage.median == 29


def test_conversions_are_shares_of_those_before_and_of_all(city: City) -> None:
    """Of twenty half came to interview at once and half of those were hired: a half, then a half of the half. Offers
    nobody recorded."""
    for number in range(20):
        entered: dict[str, Any] = {"interview": "2026-03-02"} if number < 10 else {"rejected": "2026-03-02"}
        if number < 5:
            entered["hired"] = "2026-03-20"
        elif number < 10:
            entered["rejected"] = "2026-03-20"
        city.hears(f"x{number}", "2026-03-01", **entered)
    by_stage = {row.stage: row for row in city.funnel().stages}
    assert by_stage["interview"].conversion_from_start.estimate == 0.5
    assert by_stage["offer"].conversion_from_previous.estimate is None
    assert by_stage["hired"].conversion_from_previous.estimate == 0.5
    assert by_stage["hired"].conversion_from_start.estimate == 0.25


def test_no_stage_is_reached_by_a_larger_share_than_a_stage_before_it(city: City) -> None:
    """Five of fifteen were screened at once, before the last five were out of sight: 5/15. Ten days later ten are left
    of whom to tell, and five of them come to interview: 5/10. Whoever was interviewed was screened: 5/12 for both."""
    for number in range(5):
        city.hears(f"came {number}", "2026-03-01", screened="2026-03-11", interview="2026-03-21")
        city.hears(f"waits {number}", "2026-03-01")
        city.hears(f"late {number}", "2026-11-16")
    _applied, screened, interview, offer, *_rest = city.funnel().stages
    assert screened.conversion_from_start == interview.conversion_from_start == screened.conversion_from_previous
    assert screened.conversion_from_start.estimate == pytest.approx(5 / 12)
    assert [point.estimate for point in screened.incidence] == pytest.approx([5 / 12] * 5)
    assert offer.conversion_from_start.estimate == 0


def test_nobody_has_applied(city: City) -> None:
    answer = city.funnel()
    assert set(stages(answer).values()) == {(0, 0, 0, 0)}
    assert all(row.conversion_from_start.why == "too_few" for row in answer.stages)
