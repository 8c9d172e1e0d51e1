"""Channels and promises, made and changed in the browser."""

import json
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.token import Role
from app.database import Database
from app.planning.channel import Channel
from app.planning.claim import Claim
from tests.support.client import TestClient
from tests.support.databases import copy_sqlite
from tests.support.forms import read_form
from tests.support.people import add_person, browser_of
from tests.support.plan import a_campaign, a_persona, a_placement, an_asset
from tests.web.pages.conftest import visitor
from tests.web.pages.town import lay_empty, pages_of

STOPS = {
    "name": "Stops", "kind": "out_of_home", "cost_model": "per_period", "lead_time_days": "14", "contact": "Sales",
    "booking_closes_days": "", "booking_closes_on": "", "booking_closes_at": "",
}  # fmt: skip
NIGHTS = {"text_fi": "Ei öitä", "text_en": "No nights at all", "factor": "no-night-duty", "slug": ""}


@pytest.fixture
def site(_migrated_file: Path, tmp_path: Path) -> Iterator[FastAPI]:
    """A town that knows whom it wants to reach, and has nothing else."""
    database = Database(copy_sqlite(_migrated_file, tmp_path / "kutsu.db"))
    organisation = lay_empty(database)
    with database.writing(organisation) as session:
        a_persona(session)
    app = pages_of(database)
    app.state.organisation = organisation
    yield app
    database.close()


@pytest.fixture
def planner(site: FastAPI) -> TestClient:
    return visitor(site)


def only_row(site: FastAPI, model: type[Channel] | type[Claim]) -> Any:
    with site.state.database.reading(site.state.organisation) as session:
        (row,) = session.scalars(select(model))
        return row


def page(planner: TestClient, path: str) -> str:
    return unescape(planner.get(path).text)


def test_a_channel_is_added_and_stands_in_the_catalogue(planner: TestClient) -> None:
    assert "There is no channel yet" in page(planner, "/channels")
    answer = planner.post("/channels/new", data=STOPS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/channels?kept=yes")
    text = page(planner, "/channels?kept=yes")
    assert "Ads run in 1 channel." in text
    assert "Out of home · paid by the period · 14 days of lead time" in text
    assert "Kept." in text


def test_a_channel_says_when_booking_closes_until_it_is_taken_back(site: FastAPI, planner: TestClient) -> None:
    closes = {"booking_closes_days": "11", "booking_closes_on": "thursday", "booking_closes_at": "12:00"}
    planner.post("/channels/new", data=STOPS | closes)
    assert "14 days of lead time · booking closes 11 days ahead (Thursday at 12:00)" in page(planner, "/channels")
    assert "varaus sulkeutuu 11 päivää ennen alkua (torstai klo 12.00)" in page(visitor(site, "fi"), "/channels")
    path = f"/channels/{only_row(site, Channel).id}/edit"
    form = read_form(planner.get(path).text, path)
    assert {name: form[name] for name in closes} == {name: [text] for name, text in closes.items()}
    refused = planner.post(path, data={**form, "booking_closes_days": ""})
    assert (refused.status_code, "Say how many days before" in refused.text) == (422, True)
    assert planner.post(path, data={**form, "booking_closes_on": ""}).status_code == 303
    assert "booking closes 11 days ahead (at 12:00)" in page(planner, "/channels")
    form = read_form(planner.get(path).text, path)
    assert planner.post(path, data={**form, **dict.fromkeys(closes, "")}).status_code == 303
    kept = only_row(site, Channel)
    assert (kept.booking_closes_days, kept.booking_closes_on, kept.booking_closes_at) == (None, None, None)


def test_a_promise_gets_a_short_name_of_its_words(site: FastAPI, planner: TestClient) -> None:
    assert planner.post("/claims/new", data=NIGHTS).status_code == 303
    assert only_row(site, Claim).slug == "no-nights-at-all"
    text = page(planner, "/claims")
    assert "No nights at all" in text
    assert "no-night-duty is so" in text


@pytest.mark.parametrize(
    ("path", "given", "said"),
    [
        ("/channels/new", STOPS | {"name": ""}, "This is needed."),
        ("/channels/new", STOPS | {"lead_time_days": "soon"}, "Give a whole number"),
        ("/channels/new", STOPS | {"booking_closes_days": "3", "booking_closes_at": "25:00"}, "for example 12:00"),
        ("/claims/new", NIGHTS | {"factor": ""}, "This is needed."),
        ("/claims/new", NIGHTS | {"slug": "No nights"}, "lower-case"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_is_kept(
    planner: TestClient, path: str, given: dict[str, str], said: str
) -> None:
    answer = planner.post(path, data=given)
    assert answer.status_code == 422
    assert said.lower() in unescape(answer.text).lower()
    kept = read_form(answer.text, path)
    assert {name: kept[name] for name in given} == {name: [text] for name, text in given.items()}


def test_two_who_change_one_channel_keep_what_both_meant(site: FastAPI, planner: TestClient) -> None:
    planner.post("/channels/new", data=STOPS)
    path = f"/channels/{only_row(site, Channel).id}/edit"
    form = read_form(planner.get(path).text, path)
    planner.post(path, data={**form, "contact": "Sales, second floor"})
    assert planner.post(path, data={**form, "lead_time_days": "21"}).status_code == 303
    kept = only_row(site, Channel)
    assert (kept.contact, kept.lead_time_days) == ("Sales, second floor", 21)
    refused = planner.post(path, data={**form, "contact": "Nobody"})
    assert refused.status_code == 422
    assert "Somebody else said meanwhile: Sales, second floor" in unescape(refused.text)
    assert json.loads(read_form(refused.text, path)["was"][0])["contact"] == "Sales, second floor"


def test_a_channel_is_deleted_while_nothing_is_placed_in_it(site: FastAPI, planner: TestClient) -> None:
    planner.post("/channels/new", data=STOPS)
    channel = only_row(site, Channel).id
    with site.state.database.writing(site.state.organisation) as session:
        placement = a_placement(session, channel_id=str(channel))
    refused = planner.post(f"/channels/{channel}/delete")
    assert refused.status_code == 422
    with site.state.database.writing(site.state.organisation) as session:
        session.delete(session.merge(placement))
    assert planner.post(f"/channels/{channel}/delete").status_code == 303


def test_who_only_reads_may_look_and_not_change(site: FastAPI, planner: TestClient) -> None:
    planner.post("/channels/new", data=STOPS)
    add_person(site.state.database, site.state.organisation, email="reader@kivikoski.example", role=Role.VIEWER)
    viewer = browser_of(site, "reader@kivikoski.example")
    assert "/edit" not in viewer.get("/channels").text
    assert viewer.get("/channels/new").status_code == 403
    assert viewer.post("/claims/new", data=NIGHTS).status_code == 403


def test_a_campaign_an_asset_and_a_persona_version_are_deleted_until_something_stands_on_them(
    site: FastAPI, planner: TestClient
) -> None:
    with site.state.database.writing(site.state.organisation) as session:
        placed = a_placement(session)
        kept = [f"/campaigns/{placed.campaign_id}", f"/assets/{placed.asset_id}"]
        persona = f"/personas/{placed.persona.slug}/versions"
        gone = [f"/campaigns/{a_campaign(session).id}", f"/assets/{an_asset(session, status='draft').id}"]
        a_persona(session, slug="senior")
    for path in kept:
        assert f'action="{path}/delete"' in planner.get(f"{path}/edit").text
        refused = planner.post(f"{path}/delete")
        assert (refused.status_code, "is used by placement" in refused.text) == (422, True)
    refused = planner.post(f"{persona}/delete", data={"version": "1"})
    assert (refused.status_code, "is used by placement" in refused.text) == (422, True)
    for path in gone:
        assert planner.post(f"{path}/delete").status_code == 303
        assert planner.get(path).status_code == 404
    done = planner.post("/personas/senior/versions/delete", data={"version": "1"})
    assert (done.status_code, done.headers["location"]) == (303, "/personas")
    assert planner.get("/personas/senior").status_code == 404
