"""Naming presets, written, locked and unlocked in the browser."""

from html import unescape

from fastapi import FastAPI
from sqlalchemy import select

from app.access.token import Role
from app.planning.naming import NamingPreset
from tests.support.client import TestClient
from tests.support.forms import read_form
from tests.support.people import add_person, browser_of
from tests.support.plan import a_campaign, a_placement
from tests.web.pages.test_plan_pages import words

RULE = {"name": "House rule", "pattern": "{campaign} in {place} {year}"}


def edit_path(bare: FastAPI) -> str:
    with bare.state.database.reading(bare.state.organisation) as session:
        return f"/naming-presets/{session.scalars(select(NamingPreset.id)).one()}/edit"


def page(bare_planner: TestClient, path: str = "/naming-presets") -> str:
    return unescape(bare_planner.get(path).text)


def test_a_preset_is_added_as_a_proposal_with_a_name_that_it_makes(bare_planner: TestClient) -> None:
    assert "There is no pattern yet" in page(bare_planner)
    assert bare_planner.post("/naming-presets/new", data=RULE).headers["location"] == "/naming-presets?kept=yes"
    text = page(bare_planner)
    assert "No pattern is locked" in text
    assert "Now we must in Kallio 2026 a proposal" in words(text)


def test_the_example_is_the_newest_placement_s(bare: FastAPI, bare_planner: TestClient) -> None:
    bare_planner.post("/naming-presets/new", data=RULE)
    with bare.state.database.writing(bare.state.organisation) as session:
        campaign = a_campaign(session, name="Come north")
        a_placement(session, campaign_id=str(campaign.id), place="Vallila")
    assert "Come north in Vallila 2026" in page(bare_planner)
    assert "Come north in Vallila 2026" in page(bare_planner, edit_path(bare))


def test_a_preset_is_locked_and_unlocked_by_its_form(bare: FastAPI, bare_planner: TestClient) -> None:
    bare_planner.post("/naming-presets/new", data=RULE | {"locked": "yes"})
    text = page(bare_planner)
    assert "Placements must have the names that “House rule” makes." in text
    assert " locked: all of them " in words(text)
    refused = bare_planner.post("/naming-presets/new", data=RULE | {"name": "Another", "locked": "yes"})
    assert (refused.status_code, "“House rule” is locked already" in unescape(refused.text)) == (422, True)
    form = read_form(bare_planner.get(edit_path(bare)).text, edit_path(bare))
    assert form.pop("locked") == ["yes"]
    assert bare_planner.post(edit_path(bare), data=form).status_code == 303
    assert " a proposal " in words(page(bare_planner))


def test_a_pattern_without_a_part_is_refused_and_shows_no_name(bare_planner: TestClient) -> None:
    answer = bare_planner.post("/naming-presets/new", data=RULE | {"pattern": "Doctors {who}"})
    assert answer.status_code == 422
    assert "at least one of {campaign}" in unescape(answer.text)
    assert "A name that it makes" not in answer.text
    assert read_form(answer.text, "/naming-presets/new")["pattern"] == ["Doctors {who}"]


def test_who_only_reads_sees_presets_and_changes_none(bare: FastAPI, bare_planner: TestClient) -> None:
    bare_planner.post("/naming-presets/new", data=RULE)
    add_person(bare.state.database, bare.state.organisation, email="reader@kivikoski.example", role=Role.VIEWER)
    viewer = browser_of(bare, "reader@kivikoski.example")
    assert "House rule" in viewer.get("/naming-presets").text
    assert "/edit" not in viewer.get("/naming-presets").text
    assert viewer.get(edit_path(bare)).status_code == 403
