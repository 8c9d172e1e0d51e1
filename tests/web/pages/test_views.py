"""What each page shows, as rules."""

import datetime as dt
import re
import uuid
from html import unescape

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import delete, select

from app.database import Database
from app.funnel.application import ObservedJob, StageChange
from app.funnel.stage import Stage
from app.intake.connection import Connection, SyncRun
from app.planning.job import JobIn, create_job
from app.reports.answers import Estimate, Row
from app.reports.system_jobs import match_system_job
from app.web.application import create_app
from app.web.pages.age import age_words
from app.web.pages.counted import Counted
from app.web.pages.funnel import KINDS, make_bars, split
from app.web.pages.interval import EDGE, WIDTH, lift_interval, ratio_place, share_interval
from app.web.pages.personas import age_words as evidence_age
from app.web.pages.verdicts import forest_title, movers_finding, sort_rows
from tests.support.client import TestClient
from tests.web import answers_examples as examples
from tests.web.answers_examples import NOW, key_of
from tests.web.pages.conftest import visitor
from tests.web.pages.town import lay_town, pages_of


def told(n: int, _cell: object) -> Counted:
    return Counted(str(n), None)


def labels(rows: list[Row]) -> list[str]:
    return [row.label for row in rows]


def test_movers_come_first_then_what_is_open_then_what_did_not_move() -> None:
    rows = sort_rows(examples.CITY, None)
    assert [row.verdict for row in rows] == [
        "moved", "moved", "cannot_tell", "cannot_tell", "cannot_tell", "cannot_tell", "did_not_move",
        "did_not_move", None, None, None,
    ]  # fmt: skip


def test_a_row_that_is_not_judged_still_comes_before_what_cannot_be_traced() -> None:
    unjudged = examples.row("Bus poster", (1, 0, 0, 1))
    rows = sort_rows(examples.effectiveness([examples.UNKNOWN, unjudged]), None)
    assert labels(rows) == ["Bus poster", "Unknown source"]


def test_rows_sort_by_what_they_cost() -> None:
    rows = sort_rows(
        examples.effectiveness([examples.NEWSLETTER, examples.VIDEO, examples.SEARCH, examples.UNKNOWN]), "-cost"
    )
    assert labels(rows) == [
        "“My first year”, video",
        "Search ad, brand",
        "Newsletter “No night duty”",
        "Unknown source",
    ]


def test_half_and_double_are_equally_far_from_no_difference() -> None:
    assert ratio_place(0) == WIDTH / 2
    assert ratio_place(1) - WIDTH / 2 == WIDTH / 2 - ratio_place(-0.5)
    assert ratio_place(0.18) > WIDTH / 2


@given(some.floats(-1, 1e6), some.floats(-1, 1e6))
def test_a_larger_change_never_lies_further_left(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert EDGE <= ratio_place(low) <= ratio_place(high) <= WIDTH - EDGE


def test_an_interval_that_goes_on_beyond_the_picture_is_open_there() -> None:
    interval = lift_interval(examples.lift(6.5, -0.95, 11), "moved")
    assert interval is not None
    assert (interval.open_low, interval.open_high) == (True, True)
    assert (interval.low, interval.high) == (EDGE, WIDTH - EDGE)


def test_without_an_estimate_an_interval_is_a_word() -> None:
    assert lift_interval(None, None) is None
    interval = lift_interval(examples.NO_LIFT, "cannot_tell")
    assert interval is not None
    assert (interval.text, interval.mark) == ("too few", None)
    assert share_interval(examples.TOO_EARLY).mark is None
    assert share_interval(Estimate(estimate=0, low=0, high=1)).low == EDGE


def test_a_bar_is_split_into_exactly_those_who_came() -> None:
    for funnel in examples.FUNNELS.values():
        for row in funnel.stages:
            assert sum(split(row)) == row.reached
        for bar in make_bars(funnel, told):
            assert all(part.kind in KINDS for part in bar.parts)
            assert sum(part.width for part in bar.parts) <= 100.1


def test_a_bar_says_itself_in_words() -> None:
    interview = make_bars(examples.CITY_FUNNEL, told)[2]
    assert interview.summary == "96 came to interview: 52 went on, 23 pending, 7 withdrew, 14 rejected"
    assert interview.wait == "after 34 days (29–41)"


@pytest.mark.parametrize(
    ("published", "words"),
    [
        (dt.date(2026, 3, 1), "1 Mar 2026, less than a year old"),
        (dt.date(2025, 11, 22), "22 Nov 2025, 1 year old"),
        (dt.date(2022, 11, 23), "23 Nov 2022, 3 years old"),
    ],
)
def test_evidence_shows_its_age_in_whole_years(published: dt.date, words: str) -> None:
    assert evidence_age(published, dt.date(2026, 11, 22)) == words


def test_the_forest_says_how_many_verdicts_stand() -> None:
    assert forest_title(examples.CITY) == "4 of 8 verdicts stand; the wide bars are still open"
    assert forest_title(examples.EFFECTIVENESS["all too early"]).startswith("No verdict stands yet")


def test_today_names_what_waits_for_a_person(reader: TestClient) -> None:
    text = reader.get("/").text
    for said in (
        "Nobody has said what the stage “Talent review” stands for. 3 applications have been there.",
        "1 code was seen that no placement has: zz9zz9 (met 6 times).",
        "1 placement has run without a cost: “Search ad, brand”.",
        "“Part-time senior” was last reviewed on 1 Jun 2025.",
        "no system is late",
        "34 of 90 applications (38\N{NO-BREAK SPACE}%) cannot be traced to an ad.",
    ):
        assert said in text
    assert "First steps" not in text


def test_today_shows_a_newcomer_the_first_steps(newcomer: TestClient) -> None:
    text = newcomer.get("/").text
    for step in ("employer", "personas", "campaign", "live", "data", "funnel"):
        assert f'<a href="/start#{step}">' in text and f'<li id="{step}"' in newcomer.get("/start").text
    assert "<code>" not in text and '<a class="button" href="/start">' in text
    assert '<a class="action" href="/campaigns/urgent">Something is needed this week</a>' in text
    assert "Nothing but the first steps." in text
    assert "No system has been read yet." in text
    assert "6 first steps are left, no verdict turned, and no system is connected yet." in text


def test_a_placement_stands_in_its_chain(reader: TestClient) -> None:
    text = re.sub(r"<[^>]+>", "", reader.get(f"/placements/{key_of(2)}").text)
    for part in (
        "For GP with a young family",
        "promise “No night duty”",
        "Poster",
        "3–30 Mar 2026",
        "1,900\N{NO-BREAK SPACE}€",
    ):
        assert part in text
    assert "not proved to be caused by it" in text


def test_a_placements_link_carries_its_code(reader: TestClient) -> None:
    text = reader.get(f"/placements/{key_of(2)}").text
    assert "utm_content=h7k2m3" in text
    assert "It leads here. That does not change any more, because the placement has gone live:" in text


def test_a_placement_without_a_cost_says_so(reader: TestClient) -> None:
    assert "cost not recorded" in reader.get(f"/placements/{key_of(3)}").text


def test_a_brief_answers_every_worry_with_its_proof(reader: TestClient) -> None:
    text = reader.get("/personas/gp-young-family").text
    assert "I will be called to night duty after all." in text
    assert "<b>Proof</b> The contract&#39;s paragraph on duties." in text
    assert "claimed, not yet verified" in text
    assert "Home by five" in text


def test_the_list_of_personas_warns_of_an_old_review(reader: TestClient) -> None:
    text = reader.get("/personas").text
    assert "reviewed on 1 Jun 2025, more than a year ago" in text
    assert "2 groups of doctors are described." in text


def test_a_placement_that_nobody_applied_through_says_what_will_be_here(reader: TestClient) -> None:
    text = reader.get(f"/placements/{key_of(6)}").text
    assert "Their number by day will be drawn here." in text
    assert "frozen once the placement goes live" in text
    assert "1,200\N{NO-BREAK SPACE}€ planned" in text
    assert "has not run" in text
    assert "cannot tell" not in text


def test_a_system_that_was_not_read_lately_is_late(town: FastAPI) -> None:
    app = create_app(town.state.database, b"k" * 32, clock=lambda: NOW + dt.timedelta(days=3))
    text = visitor(app).get("/").text
    assert "1 system is late" in text
    assert "late: look whether its synchronisation still runs" in text


def test_what_was_not_read_is_not_shown_as_nothing(town: FastAPI) -> None:
    reader = visitor(create_app(town.state.database, b"k" * 32, clock=lambda: NOW + dt.timedelta(days=9)))
    today = reader.get("/").text
    assert "Not known: the data ends on 22 Nov 2026." in today and "Nobody applied" not in today
    assert "whether a verdict turned is not known" in today and "no verdict turned" not in today
    months = reader.get("/monthly").text
    assert "December 2026" not in months
    assert re.search(r"November 2026\s*<small[^>]*>not over yet", months)
    assert "By 22 Nov 2026, " in reader.get(f"/placements/{key_of(2)}").text


def test_a_synchronisation_that_failed_is_told_with_its_error(sqlite_file_url: str) -> None:
    database = Database(sqlite_file_url)
    organisation = lay_town(database)
    with database.writing(organisation) as session:
        connection = session.scalars(select(Connection)).one()
        run = {"connection_id": connection.id, "skipped": {}, "codes": {}, "started_at": NOW, "finished_at": NOW}
        session.add(SyncRun(id=uuid.UUID(int=1), state="failed", error="Teamtailor answered 401.", **run))
    text = visitor(pages_of(database)).get("/").text
    database.close()
    assert "its last synchronisation failed: Teamtailor answered 401." in text
    assert "1 system is broken" in text


def test_a_system_that_is_paused_is_never_called_fresh(sqlite_file_url: str) -> None:
    database = Database(sqlite_file_url)
    organisation = lay_town(database)
    with database.writing(organisation) as session:
        connection = session.scalars(select(Connection)).one()
        connection.paused_at = NOW
        name = connection.name
    text = unescape(visitor(pages_of(database)).get("/").text)
    database.close()
    assert "1 system is paused" in text and "no system is late" not in text
    assert f"“{name}” is paused: nothing is read from there." in text
    assert re.search(r", paused since \d", text) and ", on time<" not in text


def test_a_job_of_a_system_that_is_called_like_a_vacancy_is_asked_about_on_today(sqlite_file_url: str) -> None:
    database = Database(sqlite_file_url)
    organisation = lay_town(database)
    with database.writing(organisation) as session:
        job = ObservedJob(id=b"j" * 16, system="connection:1", title="Doctor in Kallio", titled_at=0)
        session.add(job)
        said = {"title": "Doctor in Kallio", "specialty": "general_practice", "opens_on": "2026-01-01", "openings": 1}
        vacancy = create_job(session, JobIn.model_validate(said), now=NOW)
        key, vacancy_id = job.id.hex(), vacancy.id
    asks = "is called like a vacancy of the plan"
    assert asks in unescape(visitor(pages_of(database)).get("/").text)
    with database.writing(organisation) as session:
        match_system_job(session, vacancy_id, key, now=NOW)
    text = unescape(visitor(pages_of(database)).get("/").text)
    database.close()
    assert asks not in text


def test_all_channels_together_stand_first_in_the_months_and_of_nobody_none_came_to_an_interview(
    reader: TestClient,
) -> None:
    text = reader.get("/monthly").text
    (head,) = re.findall(r'<table class="months">\s*<thead>(.*?)</thead>', text, re.DOTALL)
    assert re.findall(r"<th[^>]*>(?:<a[^>]*>)?([^<]+)", head)[:2] == ["Month", "All channels"]
    assert '<td class="number none">0</td>' in text


def test_where_nobody_was_ever_hired_the_column_says_so_and_repeats_no_verdict(sqlite_file_url: str) -> None:
    database = Database(sqlite_file_url)
    organisation = lay_town(database)
    with database.writing(organisation) as session:
        session.execute(delete(StageChange).where(StageChange.stage >= Stage.HIRED))
    text = visitor(pages_of(database)).get("/verdicts").text
    database.close()
    table = text[text.index('<table class="verdicts ') : text.index("</table>", text.index('class="verdicts '))]
    rows = [row for row in re.findall(r"<tr role=.row.>(.*?)</tr>", table, re.DOTALL) if 'class="said"' in row]
    assert rows and all(row.count('class="said"') == 1 and "none yet" in row for row in rows)


def test_before_any_system_is_read_what_happened_lately_is_not_known(newcomer: TestClient) -> None:
    text = newcomer.get("/").text
    assert "Not known: no system has been read yet." in text and "Nobody applied" not in text


def test_the_funnel_says_who_stops_where_or_that_it_is_certain_of_nobody(reader: TestClient) -> None:
    text = reader.get("/funnel?split=specialty&stage=interview").text
    assert "In no row below is it certain that fewer go on to “Interview” than among all applications." in text
    assert "<h2>Where applicants stop, by specialty</h2>" in text
    assert (
        '<a href="/funnel?split=specialty&amp;stage=interview&amp;specialty=unspecialised">Not specialised</a>' in text
    )
    assert "Specialty not known" in text
    assert reader.get("/funnel?split=weather").status_code == 422


def test_only_a_cohort_is_split(reader: TestClient) -> None:
    assert 'class="split ' not in reader.get("/funnel?view=snapshot").text


def test_the_head_of_every_page_says_how_old_the_data_is(town: FastAPI, newcomer: TestClient) -> None:
    for path in ("/", "/personas", "/account", "/nothing"):
        text = visitor(town).get(path).text
        assert ">Data 7 hours old</a>" in text
        assert 'title="Data through 22 Nov 04:00"' in text
    assert "hours old" not in newcomer.get("/").text


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0.9, "less than an hour"), (1, "1 hour"), (35, "35 hours"), (47.5, "47 hours"), (48, "2 days"), (71, "2 days")],
)
def test_age_is_told_in_hours_for_two_days_and_then_in_days(hours: float, words: str) -> None:
    assert age_words(dt.timedelta(hours=hours)) == f"Data {words} old"


def test_old_data_is_late_on_every_page(town: FastAPI) -> None:
    app = create_app(town.state.database, b"k" * 32, clock=lambda: NOW + dt.timedelta(days=3))
    assert 'class="age late"' in visitor(app).get("/help").text
    assert "Data 3 days old, late" in visitor(app).get("/help").text


def test_a_month_that_is_not_over_is_marked(reader: TestClient) -> None:
    (month,) = re.findall(r'class="unfinished"><th scope="row">(\S+ \d+)', reader.get("/monthly").text)
    assert month == "November 2026"


def test_those_that_moved_people_are_named_above_the_table() -> None:
    movers = [examples.row(f"Ad {n}", (9, 5, 2, 2), verdict="moved") for n in range(6)]
    assert movers_finding(examples.effectiveness([examples.VIDEO])) == ""
    assert movers_finding(examples.effectiveness(movers[:2])) == "Moved: “Ad 0”, “Ad 1”."
    assert movers_finding(examples.effectiveness(movers)) == "Among them “Ad 0”, “Ad 1”, “Ad 2”, “Ad 3”."


def test_today_leads_to_the_questions_that_are_asked_most(reader: TestClient) -> None:
    text = reader.get("/").text
    for address in ("/verdicts?by=format", "/funnel?split=persona"):
        assert f'href="{address}"' in text
        assert reader.get(address).status_code == 200
