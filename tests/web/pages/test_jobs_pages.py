"""Vacancies, listed, added and changed in the browser."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.token import Role
from app.database import Database
from app.planning.job import Job
from tests.support.client import TestClient
from tests.support.databases import copy_sqlite
from tests.support.forms import read_form
from tests.support.people import add_person, browser_of
from tests.support.plan import a_campaign
from tests.web.pages.conftest import visitor
from tests.web.pages.town import lay_empty, pages_of

WANTED = {
    "title": "GP, Kallio", "specialty": "general_practice", "unit": "Kallio station", "openings": "2",
    "opens_on": "2026-03-02", "closes_on": "", "status": "open",
}  # fmt: skip


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


def only_job(site: FastAPI) -> Job:
    with site.state.database.reading(site.state.organisation) as session:
        job: Job = session.scalars(select(Job)).one()
        return job


def page(planner: TestClient, path: str = "/jobs") -> str:
    return unescape(planner.get(path).text)


def test_a_vacancy_is_added_and_stands_in_the_list_with_the_campaigns_that_serve_it(
    site: FastAPI, planner: TestClient
) -> None:
    assert "No vacancy is there yet" in page(planner)
    assert planner.post("/jobs/new", data=WANTED).headers["location"] == "/jobs?kept=yes"
    text = page(planner)
    assert "1 vacancy is open." in text
    assert "<td>Kallio station</td><td>2 Mar 2026</td><td>–</td><td>open</td><td>none</td>" in text
    with site.state.database.writing(site.state.organisation) as session:
        for name, template in (("Come north", False), ("Pattern", True)):
            a_campaign(session, name=name, aim={"jobs": [str(only_job(site).id)]}, template=template)
    assert '<td>open</td><td>Come north</td><td class="number">2</td>' in page(planner)


def test_no_applications_are_counted_since_nothing_matches_the_jobs_of_systems(planner: TestClient) -> None:
    planner.post("/jobs/new", data=WANTED)
    assert "How many applied to each is not known" in page(planner)


def test_a_vacancy_is_filled_and_comes_after_those_that_are_open(site: FastAPI, planner: TestClient) -> None:
    planner.post("/jobs/new", data=WANTED)
    path = f"/jobs/{only_job(site).id}/edit"
    form = read_form(planner.get(path).text, path)
    assert planner.post(path, data={**form, "status": "filled", "closes_on": "2026-04-01"}).status_code == 303
    planner.post("/jobs/new", data=WANTED | {"title": "Another", "opens_on": "2026-01-02"})
    text = page(planner)
    assert "1 vacancy is open." in text
    assert text.index("Another") < text.index("GP, Kallio")
    assert "<td>1 Apr 2026</td><td>filled</td>" in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "This is needed."),
        ({"openings": "many"}, "whole number"),
        ({"closes_on": "2026-01-01"}, "The job closes before it opens"),
    ],
)
def test_what_is_wrong_of_a_vacancy_is_said_and_what_was_written_is_kept(
    planner: TestClient, wrong: dict[str, str], said: str
) -> None:
    answer = planner.post("/jobs/new", data=WANTED | wrong)
    assert (answer.status_code, said in unescape(answer.text)) == (422, True)
    kept = read_form(answer.text, "/jobs/new")
    assert {name: kept[name] for name in WANTED} == {name: [text] for name, text in (WANTED | wrong).items()}


def test_the_form_of_a_campaign_leads_to_vacancies_and_a_vacancy_can_be_deleted(
    site: FastAPI, planner: TestClient
) -> None:
    assert 'href="/jobs"' in planner.get("/campaigns/new").text
    planner.post("/jobs/new", data=WANTED)
    assert planner.post(f"/jobs/{only_job(site).id}/delete").status_code == 303
    assert "No vacancy is there yet" in page(planner)


def test_who_only_reads_sees_vacancies_and_changes_none(site: FastAPI, planner: TestClient) -> None:
    planner.post("/jobs/new", data=WANTED)
    add_person(site.state.database, site.state.organisation, email="reader@kivikoski.example", role=Role.VIEWER)
    viewer = browser_of(site, "reader@kivikoski.example")
    assert "GP, Kallio" in viewer.get("/jobs").text
    assert "/edit" not in viewer.get("/jobs").text
    assert viewer.post("/jobs/new", data=WANTED).status_code == 403
