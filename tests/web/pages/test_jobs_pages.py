"""Vacancies, listed, added and changed in the browser."""

from html import unescape

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.token import Role
from app.planning.job import Job
from tests.support.browser import Watch, barriers
from tests.support.client import TestClient
from tests.support.forms import read_form
from tests.support.people import COOKIE, add_person, browser_of, open_session
from tests.support.plan import a_campaign
from tests.support.server import serving
from tests.web.pages.test_plan_pages import words

WANTED = {
    "title": "GP, Kallio", "specialty": "general_practice", "unit": "Kallio station", "openings": "2",
    "opens_on": "2026-03-02", "closes_on": "", "status": "open",
}  # fmt: skip


def only_job(bare: FastAPI) -> Job:
    with bare.state.database.reading(bare.state.organisation) as session:
        job: Job = session.scalars(select(Job)).one()
        return job


def page(bare_planner: TestClient, path: str = "/jobs") -> str:
    return unescape(bare_planner.get(path).text)


def test_a_vacancy_is_added_and_stands_in_the_list_with_the_campaigns_that_serve_it(
    bare: FastAPI, bare_planner: TestClient
) -> None:
    assert "No vacancy is there yet" in page(bare_planner)
    assert bare_planner.post("/jobs/new", data=WANTED).headers["location"] == "/jobs?kept=yes"
    text = page(bare_planner)
    assert "1 vacancy is open." in text
    assert "Kallio station 2 Mar 2026 – open none" in words(text)
    with bare.state.database.writing(bare.state.organisation) as session:
        for name, template in (("Come north", False), ("Pattern", True)):
            a_campaign(session, name=name, aim={"jobs": [str(only_job(bare).id)]}, template=template)
    assert "open Come north 2" in words(page(bare_planner))


def test_no_applications_are_counted_since_nothing_matches_the_jobs_of_systems(bare_planner: TestClient) -> None:
    bare_planner.post("/jobs/new", data=WANTED)
    assert "How many applied to each is not known" in page(bare_planner)


def test_a_vacancy_is_filled_and_comes_after_those_that_are_open(bare: FastAPI, bare_planner: TestClient) -> None:
    bare_planner.post("/jobs/new", data=WANTED)
    path = f"/jobs/{only_job(bare).id}/edit"
    form = read_form(bare_planner.get(path).text, path)
    assert bare_planner.post(path, data={**form, "status": "filled", "closes_on": "2026-04-01"}).status_code == 303
    bare_planner.post("/jobs/new", data=WANTED | {"title": "Another", "opens_on": "2026-01-02"})
    text = page(bare_planner)
    assert "1 vacancy is open." in text
    assert text.index("Another") < text.index("GP, Kallio")
    assert "1 Apr 2026 filled" in words(text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "This is needed."),
        ({"openings": "many"}, "whole number"),
        ({"closes_on": "2026-01-01"}, "The job closes before it opens"),
    ],
)
def test_what_is_wrong_of_a_vacancy_is_said_and_what_was_written_is_kept(
    bare_planner: TestClient, wrong: dict[str, str], said: str
) -> None:
    answer = bare_planner.post("/jobs/new", data=WANTED | wrong)
    assert (answer.status_code, said in unescape(answer.text)) == (422, True)
    kept = read_form(answer.text, "/jobs/new")
    assert {name: kept[name] for name in WANTED} == {name: [text] for name, text in (WANTED | wrong).items()}


def test_the_form_of_a_campaign_leads_to_vacancies_and_a_vacancy_can_be_deleted(
    bare: FastAPI, bare_planner: TestClient
) -> None:
    assert 'href="/jobs"' in bare_planner.get("/campaigns/new").text
    bare_planner.post("/jobs/new", data=WANTED)
    assert bare_planner.post(f"/jobs/{only_job(bare).id}/delete").status_code == 303
    assert "No vacancy is there yet" in page(bare_planner)


def test_who_only_reads_sees_vacancies_and_changes_none(bare: FastAPI, bare_planner: TestClient) -> None:
    bare_planner.post("/jobs/new", data=WANTED)
    add_person(bare.state.database, bare.state.organisation, email="reader@kivikoski.example", role=Role.VIEWER)
    viewer = browser_of(bare, "reader@kivikoski.example")
    assert "GP, Kallio" in viewer.get("/jobs").text
    assert "/edit" not in viewer.get("/jobs").text
    assert viewer.post("/jobs/new", data=WANTED).status_code == 403


def test_on_a_phone_vacancies_are_read_without_scrolling_to_the_side(
    watch: Watch, bare: FastAPI, bare_planner: TestClient
) -> None:
    bare_planner.post("/jobs/new", data=WANTED)
    with serving(bare) as site:
        watch.carry_cookie(COOKIE, open_session(bare))
        page = watch.open(viewport={"width": 390, "height": 900})
        page.goto(f"{site}/jobs")
        assert page.locator("main .scroll").evaluate("(one) => one.scrollWidth - one.clientWidth") == 0
        assert page.get_by_role("row", name="GP, Kallio").get_by_role("cell").count() == 8
        assert barriers(page) == []
