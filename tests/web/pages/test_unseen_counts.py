"""The plan's own pages for who plans and may not see small counts: everything but what came of it."""

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.token import Role
from app.planning.asset import Asset
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from tests.support.client import TestClient
from tests.support.people import add_person, browser_of
from tests.web.answers_examples import key_of
from tests.web.pages.test_plan_pages import page_of, words

FEW = "few@plan.example"
TELLS = ('class="counted"', 'class="judgement"', 'class="interval', "/applications", "data-figure", ">Verdict<")
"""What on a page tells of applicants."""


@pytest.fixture(scope="module")
def few(town: FastAPI) -> TestClient:
    with town.state.database.reading() as session:
        organisation = session.scalars(select(Campaign.organisation_id).limit(1)).one()
    add_person(town.state.database, organisation, FEW, Role.MARKETER, sees_small_counts=False)
    return browser_of(town, FEW)


@pytest.fixture(params=["placement", "campaign", "asset", "channel", "persona"])
def path(request: pytest.FixtureRequest, town: FastAPI) -> str:
    return {
        "placement": f"/placements/{key_of(2)}",
        "campaign": page_of(town, Campaign, "Now we must"),
        "asset": page_of(town, Asset, "“My first year”, video"),
        "channel": page_of(town, Channel, "Stops"),
        "persona": "/personas/gp-young-family",
    }[request.param]


def test_a_page_of_the_plan_opens_for_them_with_nothing_that_tells_of_applicants(
    few: TestClient, reader: TestClient, path: str
) -> None:
    page, whole = few.get(path), reader.get(path)
    assert (page.status_code, whole.status_code) == (200, 200)
    assert few.get(f"{path}?sort=-applications").status_code == (200 if path.startswith("/placements") else 422)
    if not path.startswith("/placements"):
        assert few.get(f"{path}/ads.csv").text.partition("\r\n")[0].endswith(",Cost,Currency")
    told = [one for one in TELLS if one in whole.text]
    assert told, "whoever may see them is told"
    assert [one for one in told if one in page.text] == []


def test_a_placement_shows_them_its_link_its_cost_and_what_can_be_said_without_numbers(few: TestClient) -> None:
    page = few.get(f"/placements/{key_of(2)}").text
    for said in (
        "Its link",
        "What it cost",
        "To print",
        "You do not see how many people came through it",
        "What can be said without numbers",
    ):
        assert said in page, said
    for unsaid in ("Nobody is known to have applied", "Expected in the end", "Verdict for"):
        assert unsaid not in page, unsaid


def test_a_campaign_shows_them_what_is_expected_and_not_what_came(few: TestClient, town: FastAPI) -> None:
    page = few.get(page_of(town, Campaign, "Now we must")).text
    assert ">Expected</h2>" in page and "Nobody has said how many it should bring." in page
    assert "Came</th>" not in page and "Interview</th>" not in page
    assert "cost" in words(page).lower()
