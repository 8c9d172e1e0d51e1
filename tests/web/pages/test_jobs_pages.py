"""Vacancies, listed, added and changed in the browser."""

import re
from html import unescape

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.token import Role
from app.intake.observe import take_in
from app.planning.job import Job
from tests.support.browser import Watch, barriers
from tests.support.client import TestClient
from tests.support.forms import read_form, read_forms
from tests.support.people import COOKIE, add_person, browser_of, open_session
from tests.support.plan import a_campaign
from tests.support.server import serving
from tests.web.answers_examples import NOW
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


def hear(bare: FastAPI, *titles: str, stage: str = "") -> None:
    """An application to each of these jobs of a system, which came to a stage where one is said."""
    told: list[dict[str, object]] = []
    for n, title in enumerate(titles):
        who = {"person": f"p{n}", "application": f"x{n}"}
        told.append({"id": f"a{n}", "kind": "application", "at": "2026-03-05T09:00:00Z", "job": title,
                     "job_title": title, **who})  # fmt: skip
        if stage:
            told.append({"id": f"s{n}", "kind": "stage_change", "at": "2026-03-09T09:00:00Z", "stage": stage,
                         "application": f"x{n}"})  # fmt: skip
    with bare.state.database.writing(bare.state.organisation) as session:
        assert take_in(session, "hr", told, secret=b"k" * 32, now=NOW).rejected == []


def test_a_job_of_a_system_is_matched_by_one_click_and_each_number_opens_whom_it_counts(
    bare: FastAPI, bare_planner: TestClient
) -> None:
    bare_planner.post("/jobs/new", data=WANTED)
    hear(bare, "GP, Kallio", "Surgeon", stage="interview")
    vacancy = only_job(bare).id
    text = page(bare_planner)
    assert "Of 2 jobs of your systems it is not said which vacancy each is." in text
    assert f'<option value="{vacancy}" selected>GP, Kallio · Kallio station</option>' in text
    assert "nobody has said yet which job of your systems this vacancy is" in page(bare_planner, f"/jobs/{vacancy}")
    form, other = read_forms(text, "/jobs/match")
    assert (form["vacancy"], other["vacancy"]) == ([str(vacancy)], [""])
    assert bare_planner.post("/jobs/match", data=form).headers["location"] == "/jobs?kept=yes"
    text = page(bare_planner, f"/jobs/{vacancy}")
    counted = re.findall(r'class="counted" href="([^"]*)">([^<]*)<', text)
    assert [n for _address, n in counted] == ["1", "1", "1"], "applied, interview, and who waits"
    listed = page(bare_planner, counted[0][0])
    assert "<h1>1 application</h1>" in listed and f'href="/jobs/{vacancy}">Vacancy</a>' in listed
    assert "“Surgeon”" not in text and "Of 1 job of your systems" in page(bare_planner)


def test_what_was_said_of_a_vacancy_is_taken_back_and_said_again_on_its_page(
    bare: FastAPI, bare_planner: TestClient
) -> None:
    bare_planner.post("/jobs/new", data=WANTED)
    hear(bare, "GP, Kallio")
    here = f"/jobs/{only_job(bare).id}"
    for verb, there in (("match", 1), ("unmatch", 0), ("match", 1)):
        form = read_form(bare_planner.get(here).text, f"{here}/{verb}")
        assert bare_planner.post(f"{here}/{verb}", data=form).headers["location"] == f"{here}?kept=yes"
        assert len(only_job(bare).observed_jobs or ()) == there
    edit = read_form(bare_planner.get(f"{here}/edit").text, f"{here}/edit")
    bare_planner.post(f"{here}/edit", data={**edit, "openings": "3"})
    assert len(only_job(bare).observed_jobs or ()) == 1, "the form says nothing of it"
    again = bare_planner.post(f"{here}/match", data={"key": (only_job(bare).observed_jobs or [""])[0]})
    assert (again.status_code, "named already" in again.text) == (422, True)


def test_who_may_not_see_small_counts_learns_of_none_on_a_vacancys_page_or_in_the_list(
    bare: FastAPI, bare_planner: TestClient
) -> None:
    bare_planner.post("/jobs/new", data=WANTED)
    hear(bare, "GP, Kallio", "Surgeon")
    here = f"/jobs/{only_job(bare).id}"
    assert "1 has applied, on 5 Mar 2026" in page(bare_planner, here)
    bare_planner.post(f"{here}/match", data=read_form(bare_planner.get(here).text, f"{here}/match"))
    add_person(bare.state.database, bare.state.organisation, email="reader@kivikoski.example", role=Role.VIEWER,
               sees_small_counts=False)  # fmt: skip
    viewer = browser_of(bare, "reader@kivikoski.example")
    for path in ("/jobs", here):
        text = page(viewer, path)
        assert "has applied" not in text and 'class="counted"' not in text and "/match" not in text
    assert "You may not see small counts, so no numbers of people are shown here." in page(viewer, here)


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
