"""The first hour: what is done, what is next, and the forms that do it."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.organisation import Organisation
from app.access.token import Role
from app.database import Database
from app.planning.persona import Persona
from app.planning.placement import Placement
from tests.support.client import TestClient
from tests.support.databases import copy_sqlite
from tests.support.forms import read_form
from tests.support.people import add_person, browser_of
from tests.web.pages.conftest import visitor
from tests.web.pages.town import lay_empty, pages_of


@pytest.fixture
def site(_migrated_file: Path, tmp_path: Path) -> Iterator[FastAPI]:
    """A town that has nothing yet."""
    database = Database(copy_sqlite(_migrated_file, tmp_path / "kutsu.db"))
    organisation = lay_empty(database)
    app = pages_of(database)
    app.state.organisation = organisation
    yield app
    database.close()


@pytest.fixture
def planner(site: FastAPI) -> TestClient:
    return visitor(site)


def page(planner: TestClient) -> str:
    return unescape(planner.get("/start").text)


def take_personas(planner: TestClient, *slugs: str) -> None:
    answer = planner.post("/start/personas", data={"persona": list(slugs)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/start#campaign")


def test_whoever_has_nothing_is_shown_all_that_is_left_and_what_is_next(planner: TestClient) -> None:
    text = page(planner)
    assert "6 steps are left." in text
    assert '<li id="employer" aria-current="step">' in text
    assert "GP with a young family" in text
    assert '<a class="button" href="/start">' in planner.get("/").text


def test_what_is_done_stays_done_wherever_it_was_done(site: FastAPI, planner: TestClient) -> None:
    with site.state.database.writing() as session:
        session.scalars(select(Organisation)).one().link_hosts = ["jobs.example.org"]
    take_personas(planner, "gp-young-family", "senior-part-time")
    text = page(planner)
    assert "4 steps are left." in text
    assert '<li id="personas" class="done">' in text
    assert '<li id="campaign" aria-current="step">' in text
    with site.state.database.reading(site.state.organisation) as session:
        assert len(session.scalars(select(Persona)).all()) == 2


def test_from_nothing_to_links_in_two_forms(site: FastAPI, planner: TestClient) -> None:
    take_personas(planner, "gp-young-family")
    form = read_form(planner.get("/start").text, "/start/campaign")
    with site.state.database.reading(site.state.organisation) as session:
        persona = session.scalars(select(Persona.id)).one()
    said = {"pattern": "broad", "name": "Now we must", "promise": f"{persona}|no-night-duty",
            "target_url": "https://jobs.example.org/doctors"}  # fmt: skip
    answer = planner.post("/start/campaign", data={**form, **said})
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/placements")
    assert planner.get(answer.headers["location"]).status_code == 200
    with site.state.database.reading(site.state.organisation) as session:
        assert len(session.scalars(select(Placement)).all()) == 6
    assert '<li id="campaign" class="done">' in page(planner)


def test_what_was_typed_into_a_form_that_is_refused_is_kept(planner: TestClient) -> None:
    take_personas(planner, "gp-young-family")
    said = {"pattern": "evenings", "name": "Evenings", "promise": "", "starts_on": "2026-12-01", "target_url": "x"}
    answer = planner.post("/start/campaign", data=said)
    assert answer.status_code == 422
    assert "Choose for whom it is and what it promises." in unescape(answer.text)
    assert 'value="Evenings"' in answer.text
    assert planner.post("/start/personas", data={"persona": ["nobody"]}).status_code == 422


def test_who_only_reads_sees_the_steps_without_forms(site: FastAPI) -> None:
    add_person(site.state.database, site.state.organisation, email="reader@kivikoski.example", role=Role.VIEWER)
    viewer = browser_of(site, "reader@kivikoski.example")
    assert "<form" not in viewer.get("/start").text.partition("<main")[2].partition("</main")[0]
    assert viewer.post("/start/personas", data={"persona": ["gp-young-family"]}).status_code == 403
