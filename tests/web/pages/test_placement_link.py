"""What a placement's page says of its link: what to print, how often it was followed, how it is mended."""

import datetime as dt
import re
import uuid
from html import unescape
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, select

from app.access.organisation import Organisation, TrackingMode
from app.access.token import Role
from app.funnel.daily_click import DailyClick, Follower
from app.planning.past_target import PastTarget
from app.planning.placement import Placement, PlacementStatus
from tests.support.client import TestClient
from tests.support.people import add_person, browser_of
from tests.web.answers_examples import NOW, key_of
from tests.web.pages.conftest import visitor
from tests.web.pages.screens import break_data

POSTER, CODE = f"/placements/{key_of(2)}", "h7k2m3"
LIVE = f"/placements/{key_of(3)}"
OLD, NEW = "https://example.org/doctors", "https://example.org/doctors-in-kallio"


@pytest.fixture(autouse=True)
def as_laid(town: FastAPI) -> None:
    """The poster leads where it did, nobody has followed it, and the town has named its host."""
    with town.state.database.writing() as session:
        organisation = session.scalars(select(Organisation)).one()
        organisation.link_hosts, organisation.tracking_mode = ["example.org"], TrackingMode.OFF
        session.execute(delete(PastTarget))
        session.execute(delete(DailyClick))
        session.get_one(Placement, uuid.UUID(key_of(2))).target_url = OLD


def follow(town: FastAPI, **times: int) -> None:
    with town.state.database.writing() as session:
        organisation = session.scalars(select(Organisation)).one()
        organisation.tracking_mode = TrackingMode.AGGREGATE
        for follower, n in times.items():
            day = dt.date(2026, 3, 4)
            session.add(
                DailyClick(organisation_id=organisation.id, code=CODE, day=day, follower=Follower(follower), n=n)
            )


def page(reader: TestClient) -> str:
    return unescape(reader.get(POSTER).text)


def test_the_address_to_print_is_short_and_where_it_leads_is_said_in_full(reader: TestClient) -> None:
    text = page(reader)
    assert f"<code>{reader.base_url}/k/{CODE}</code>" in text
    assert f"{OLD}?utm_source=" in text


def test_where_nothing_is_counted_the_page_says_so_and_no_zero(reader: TestClient) -> None:
    assert "We do not count how often it is followed" in page(reader)


def test_people_and_programs_who_followed_it_are_told_apart(town: FastAPI, reader: TestClient) -> None:
    follow(town)
    assert "Nobody has followed this address yet." in page(reader)
    follow(town, person=31)
    assert "Followed 31 times by people." in page(reader)
    assert "by programs" not in page(reader)
    follow(town, robot=1, head=2)
    assert "Another 3 times by programs that open links before people do." in page(reader)


def test_a_planner_corrects_where_a_printed_code_leads(reader: TestClient) -> None:
    answer = reader.post(f"{POSTER}/target", data={"target_url": NEW, "was": OLD})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{POSTER}?kept=target")
    text = unescape(reader.get(answer.headers["location"]).text)
    assert "From now on the link leads there." in text
    assert f"{NEW}?utm_source=" in text
    assert f"it led to {OLD}." in text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("doctors", "Give an address that begins with https://."),
        ("", "Give an address that begins with https://."),
        ("https://evil.example/", "evil.example is not one of your own hosts"),
        ("https://127.0.0.1/", "Give the address of a public site by its name alone"),
    ],
)
def test_what_is_no_address_of_ones_own_is_refused_and_stays_in_the_form(
    reader: TestClient, given: str, said: str
) -> None:
    answer = reader.post(f"{POSTER}/target", data={"target_url": given, "was": OLD})
    text = unescape(answer.text)
    assert answer.status_code == 422
    assert said in text
    assert f'name="target_url" inputmode="url" value="{given}"' in text
    assert f"{OLD}?utm_source=" in page(reader)
    assert "Name the hosts that links may lead to" in answer.text


def test_of_two_who_correct_it_at_once_the_second_is_told_what_the_first_said(reader: TestClient) -> None:
    reader.post(f"{POSTER}/target", data={"target_url": NEW, "was": OLD})
    answer = reader.post(f"{POSTER}/target", data={"target_url": f"{NEW}-2", "was": OLD})
    text = unescape(answer.text)
    assert answer.status_code == 422
    assert f"Somebody else said meanwhile: {NEW}" in text
    assert f'value="{NEW}-2"' in text


def test_a_placement_that_is_not_live_is_not_corrected_here(reader: TestClient) -> None:
    assert "Correct where it leads" not in reader.get(f"/placements/{key_of(6)}").text
    answer = reader.post(f"/placements/{key_of(6)}/target", data={"target_url": NEW, "was": OLD})
    assert answer.status_code == 422
    assert "has not gone live" in answer.text


def test_who_only_reads_corrects_nothing(town: FastAPI) -> None:
    with town.state.database.writing() as session:
        organisation = session.scalars(select(Organisation.id)).one()
    add_person(town.state.database, organisation, "viewer@kivikoski.example", Role.VIEWER)
    viewer = browser_of(town, "viewer@kivikoski.example")
    assert viewer.post(f"{POSTER}/target", data={"target_url": NEW, "was": OLD}).status_code == 403


def test_a_planner_has_a_placement_planned_again(town: FastAPI, reader: TestClient) -> None:
    letter = f"/placements/{key_of(1)}"
    assert "Plan it again at regular intervals" in unescape(reader.get(letter).text)
    answer = reader.post(f"{letter}/repeat", data={"every_weeks": "6", "times": "1"})
    assert answer.status_code == 303
    with town.state.database.writing() as session:
        (made,) = session.scalars(select(Placement).where(Placement.name.like("Newsletter%, %"))).all()
        assert (made.starts_on, made.ends_on) == (dt.date(2026, 4, 14), dt.date(2026, 5, 11))
        session.delete(made)
    refused = reader.post(f"{letter}/repeat", data={"every_weeks": "0", "times": "1"})
    assert refused.status_code == 422
    assert "at least 1" in unescape(refused.text)
    assert refused.text.index("Nothing was changed.") < refused.text.index("<h2>"), "what is wrong is said first"
    assert refused.text.count("Nothing was changed.") == 1


@pytest.mark.parametrize(
    ("asked", "said"), [("from=2026-06-01", "from 1 Jun 2026"), ("to=2026-06-01", "until 1 Jun 2026")]
)
def test_a_placements_numbers_and_its_people_over_time_are_of_the_same_period_and_say_of_which(
    reader: TestClient, asked: str, said: str
) -> None:
    """Everybody counts without a period; with one, those who applied in it, above as in the table below."""

    def counts(query: str) -> tuple[str, str]:
        text = reader.get(f"{POSTER}?{query}").text
        above = re.search(r"<dt>Applied.*?<dd[^>]*>(?:<a[^>]*>)?(\d+)", text, re.DOTALL)
        drawn = re.search(r"(\d+) had applied through it", unescape(text))
        assert above and drawn
        return above.group(1), drawn.group(1)

    every, some = counts(""), counts(asked)
    assert every[0] == every[1] != some[0] == some[1]
    text = unescape(reader.get(f"{POSTER}?{asked}&stage=offer").text)
    assert f"Take away: Applied {said}" in text
    name, day = asked.split("=")
    assert f'<input type="hidden" name="{name}" value="{day}">' in text, "another stage is asked of the same period"


def test_a_period_in_which_nobody_came_is_said_to_be_the_reason(reader: TestClient) -> None:
    text = unescape(reader.get(f"{POSTER}?from=2030-01-01").text)
    assert text.count("obody is known to have applied through") == 1
    assert "Their number by day will be drawn here" not in text
    why = reader.get(f"{POSTER}/why?from=2030-01-01").text
    assert "What was counted" in why and "Usual for comparable applicants" not in why, "nobody is compared"


def test_a_verdict_says_what_has_come_and_is_not_in_it(town: FastAPI, reader: TestClient) -> None:
    pages = (POSTER, f"{POSTER}/why", "/verdicts/why?by=format&key=poster")
    said = "not all: 3 deliveries are not mapped or could not be read"
    assert not any(said in reader.get(page).text for page in pages)
    with town.state.database.writing() as session:
        organisation = session.scalars(select(Organisation.id)).one()
    break_data(town.state.database, organisation)
    assert all(said in reader.get(page).text for page in pages)


def test_of_what_is_only_planned_the_link_and_the_print_come_first_with_the_way_to_its_campaign(town: FastAPI) -> None:
    reader = visitor(town)
    assert page(reader).index("Its link") > page(reader).index('class="numbers"'), "it has run: what came comes first"
    with town.state.database.writing() as session:
        placement = session.get_one(Placement, uuid.UUID(key_of(2)))
        placement.status, before = PlacementStatus.PLANNED, (placement.status, placement.ends_on)
        placement.ends_on = None
        campaign = placement.campaign_id
    text = page(reader)
    head, link, rest = text.partition("Its link")
    assert 'class="numbers"' not in head
    assert f'<a href="/campaigns/{campaign}">' in head.partition("<h1>")[0]
    assert link
    assert "it runs until somebody ends it" in rest
    with town.state.database.writing() as session:
        placement = session.get_one(Placement, uuid.UUID(key_of(2)))
        placement.status, placement.ends_on = before


def book(reader: TestClient, **said: str) -> Any:
    return reader.post(f"{LIVE}/booking", data=said, follow_redirects=False)


def unbook(town: FastAPI) -> None:
    with town.state.database.writing() as session:
        placement = session.get_one(Placement, uuid.UUID(key_of(3)))
        placement.booked_cost_minor = placement.invoiced_cost_minor = None


def test_a_placement_is_booked_on_its_page_once(reader: TestClient, town: FastAPI) -> None:
    unbook(town)
    text = unescape(reader.get(LIVE).text)
    assert f'action="{LIVE}/booking"' in text
    refused = book(reader, booked_cost="much")
    assert refused.status_code == 422 and "“much” is no amount" in unescape(refused.text)
    done = book(reader, booked_cost="1 850,50")
    assert (done.status_code, done.headers["location"]) == (303, f"{LIVE}?kept=booking")
    with town.state.database.reading() as session:
        assert session.get_one(Placement, uuid.UUID(key_of(3))).booked_cost_minor == 185_050
    text = unescape(reader.get(LIVE).text)
    assert "Booked. What it cost is below." in unescape(reader.get(done.headers["location"]).text)
    assert f'action="{LIVE}/booking"' not in text
    again = book(reader, booked_cost="1")
    assert "Somebody has booked it meanwhile" in unescape(again.text)
    with town.state.database.reading() as session:
        assert session.get_one(Placement, uuid.UUID(key_of(3))).booked_cost_minor == 185_050


def test_a_placement_goes_live_on_its_page_once_what_it_waits_for_is_done(reader: TestClient, town: FastAPI) -> None:
    id = uuid.UUID(key_of(3))
    with town.state.database.writing() as session:
        placement = session.get_one(Placement, id)
        asset, campaign = placement.asset, placement.campaign
        before = placement.status, placement.ends_on, asset.status, campaign.status
        placement.status, asset.status, campaign.status = "planned", "draft", "approved"
    text = unescape(reader.get(LIVE).text)
    assert "Its asset is a draft" in text and "Its campaign is not live" in text
    assert f'action="{LIVE}/status"' not in text
    with town.state.database.writing() as session:
        placement = session.get_one(Placement, id)
        placement.asset.status, placement.campaign.status, placement.ends_on = before[2], "live", None
        placement.campaign.ends_on, ends_on = None, placement.campaign.ends_on
    text = unescape(reader.get(LIVE).text)
    assert "Its asset is a draft" not in text
    assert '<button name="status" value="live">Take it live</button>' in text
    done = reader.post(f"{LIVE}/status", data={"status": "live"}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, f"{LIVE}?kept=status")
    refused = reader.post(f"{LIVE}/status", data={"status": "planned"}, follow_redirects=False)
    assert refused.status_code == 422
    assert '<button name="status" value="ended">End it</button>' in unescape(refused.text)
    assert reader.post(f"{LIVE}/status", data={"status": "ended"}, follow_redirects=False).status_code == 303
    with town.state.database.writing() as session:
        placement = session.get_one(Placement, id)
        assert (placement.status, placement.ends_on) == ("ended", NOW.date())
        placement.status, placement.ends_on, placement.asset.status, placement.campaign.status = before
        placement.campaign.ends_on = ends_on
