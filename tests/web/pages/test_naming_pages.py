"""Naming presets, written, locked and unlocked in the browser."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.token import Role
from app.database import Database
from app.planning.naming import NamingPreset
from tests.support.client import TestClient
from tests.support.databases import copy_sqlite
from tests.support.forms import read_form
from tests.support.people import add_person, browser_of
from tests.support.plan import a_campaign, a_placement
from tests.web.pages.conftest import visitor
from tests.web.pages.town import lay_empty, pages_of

RULE = {"name": "House rule", "pattern": "{campaign} in {place} {year}"}


@pytest.fixture
def site(_migrated_file: Path, tmp_path: Path) -> Iterator[FastAPI]:
    """An employer that has nothing yet."""
    database = Database(copy_sqlite(_migrated_file, tmp_path / "kutsu.db"))
    app = pages_of(database)
    app.state.organisation = lay_empty(database)
    yield app
    database.close()


@pytest.fixture
def planner(site: FastAPI) -> TestClient:
    return visitor(site)


def edit_path(site: FastAPI) -> str:
    with site.state.database.reading(site.state.organisation) as session:
        return f"/naming-presets/{session.scalars(select(NamingPreset.id)).one()}/edit"


def page(planner: TestClient, path: str = "/naming-presets") -> str:
    return unescape(planner.get(path).text)


def test_a_preset_is_added_as_a_proposal_with_a_name_that_it_makes(planner: TestClient) -> None:
    assert "No pattern is there yet" in page(planner)
    assert planner.post("/naming-presets/new", data=RULE).headers["location"] == "/naming-presets?kept=yes"
    text = page(planner)
    assert "No pattern is locked" in text
    assert "<td>Now we must in Kallio 2026</td><td>a proposal</td>" in text


def test_the_example_is_the_newest_placement_s(site: FastAPI, planner: TestClient) -> None:
    planner.post("/naming-presets/new", data=RULE)
    with site.state.database.writing(site.state.organisation) as session:
        campaign = a_campaign(session, name="Come north")
        a_placement(session, campaign_id=str(campaign.id), place="Vallila")
    assert "Come north in Vallila 2026" in page(planner)
    assert "Come north in Vallila 2026" in page(planner, edit_path(site))


def test_a_preset_is_locked_and_unlocked_by_its_form(site: FastAPI, planner: TestClient) -> None:
    planner.post("/naming-presets/new", data=RULE | {"locked": "yes"})
    text = page(planner)
    assert "Placements have the names that “House rule” makes, and no others." in text
    assert "<td>locked: all of them</td>" in text
    refused = planner.post("/naming-presets/new", data=RULE | {"name": "Another", "locked": "yes"})
    assert (refused.status_code, "“House rule” is locked already" in unescape(refused.text)) == (422, True)
    form = read_form(planner.get(edit_path(site)).text, edit_path(site))
    assert form.pop("locked") == ["yes"]
    assert planner.post(edit_path(site), data=form).status_code == 303
    assert "<td>a proposal</td>" in page(planner)


def test_a_pattern_without_a_part_is_refused_and_shows_no_name(planner: TestClient) -> None:
    answer = planner.post("/naming-presets/new", data=RULE | {"pattern": "Doctors {who}"})
    assert answer.status_code == 422
    assert "at least one of {campaign}" in unescape(answer.text)
    assert "A name that it makes" not in answer.text
    assert read_form(answer.text, "/naming-presets/new")["pattern"] == ["Doctors {who}"]


def test_who_only_reads_sees_presets_and_changes_none(site: FastAPI, planner: TestClient) -> None:
    planner.post("/naming-presets/new", data=RULE)
    add_person(site.state.database, site.state.organisation, email="reader@kivikoski.example", role=Role.VIEWER)
    viewer = browser_of(site, "reader@kivikoski.example")
    assert "House rule" in viewer.get("/naming-presets").text
    assert "/edit" not in viewer.get("/naming-presets").text
    assert viewer.get(edit_path(site)).status_code == 403
