"""The accessibility statement is open to everybody, and so is its form."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.barrier_report import MOST_WAITING, BarrierReport
from app.access.organisation import create_organisation
from app.access.token import Role
from app.database import Database
from tests.support.client import TestClient
from tests.support.databases import copy_sqlite
from tests.support.people import add_person, browser_of
from tests.web.answers_examples import NOW
from tests.web.pages.town import lay_empty, pages_of

TOLD = "The table of months cannot be read aloud row by row."


@pytest.fixture
def app(_migrated_file: Path, tmp_path: Path) -> Iterator[FastAPI]:
    database = Database(copy_sqlite(_migrated_file, tmp_path / "kutsu.db"))
    organisation = lay_empty(database)
    add_person(database, organisation, "reader@kivikoski.example", Role.VIEWER)
    yield pages_of(database)
    database.close()


def stranger(app: FastAPI, language: str = "en") -> TestClient:
    return browser_of(app, None, language)


def told(app: FastAPI) -> list[tuple[str, str]]:
    with app.state.database.writing() as session:
        return [(one.text, one.page) for one in session.scalars(select(BarrierReport))]


@pytest.mark.parametrize("language", ["en", "fi", "sv", "nb"])
def test_the_statement_is_open_to_who_is_not_signed_in_in_every_language(app: FastAPI, language: str) -> None:
    answered = stranger(app, language).get("/accessibility")
    assert answered.status_code == 200
    assert f'<html lang="{language}">' in answered.text
    assert "WCAG 2.2 AA" in answered.text
    assert 'href="/accessibility"' in stranger(app, language).get("/sign-in").text


def test_a_stranger_tells_of_a_barrier_without_saying_who_they_are(app: FastAPI) -> None:
    answered = stranger(app).post("/accessibility", data={"text": f" {TOLD} ", "page": "/monthly"})
    assert (answered.status_code, answered.headers["location"]) == (303, "/accessibility?told=1")
    assert told(app) == [(TOLD, "/monthly")]
    assert "without anything that says who you are" in stranger(app).get("/accessibility?told=1").text
    assert set(BarrierReport.__table__.columns.keys()) == {"id", "organisation_id", "page", "text", "told_at"}


def test_an_administrator_finds_it_on_today_and_sees_to_it(app: FastAPI) -> None:
    browser_of(app, "reader@kivikoski.example").post("/accessibility", data={"text": TOLD})
    administrator = browser_of(app)
    assert "Somebody met a barrier on these pages and told of it." in administrator.get("/").text
    text = administrator.get("/accessibility").text
    assert TOLD in text
    (address,) = re.findall(r'action="(/accessibility/[^"]+/settled)"', text)
    assert administrator.post(address).status_code == 303
    assert told(app) == []
    assert "somebody has seen to it already" in unescape(administrator.post(address).text)


def test_only_administrators_read_what_was_told(app: FastAPI) -> None:
    stranger(app).post("/accessibility", data={"text": TOLD})
    reader = browser_of(app, "reader@kivikoski.example")
    assert TOLD not in reader.get("/accessibility").text + stranger(app).get("/accessibility").text
    (address,) = re.findall(r'action="(/accessibility/[^"]+/settled)"', browser_of(app).get("/accessibility").text)
    assert reader.post(address).status_code == 403
    assert "barrier" not in reader.get("/").text


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\x00b"])
def test_what_says_nothing_or_too_much_is_not_kept(app: FastAPI, text: str) -> None:
    for client in (stranger(app), browser_of(app)):
        answered = client.post("/accessibility", data={"text": text})
        assert answered.status_code == 422
        assert "in 1 to 2000 characters" in answered.text
    assert told(app) == []


def test_a_stranger_where_several_employers_are_is_asked_to_sign_in(app: FastAPI) -> None:
    with app.state.database.writing() as session:
        create_organisation(session, "Another", now=NOW)
    answered = stranger(app).post("/accessibility", data={"text": TOLD})
    assert answered.status_code == 403
    assert "sign in first" in answered.text
    assert told(app) == []


def test_a_form_of_another_site_tells_nothing(app: FastAPI) -> None:
    answered = stranger(app).post("/accessibility", data={"text": TOLD}, headers={"sec-fetch-site": "cross-site"})
    assert answered.status_code == 403
    assert told(app) == []


def test_no_flood_fills_the_store(app: FastAPI) -> None:
    stranger(app).post("/accessibility", data={"text": TOLD})
    with app.state.database.writing() as session:
        organisation = session.scalars(select(BarrierReport.organisation_id)).one()
    with app.state.database.writing(organisation) as session:
        session.add_all(BarrierReport(text=TOLD, page="", told_at=NOW) for _n in range(MOST_WAITING - 1))
    assert stranger(app).post("/accessibility", data={"text": TOLD}).status_code == 409
    assert len(told(app)) == MOST_WAITING


def test_the_statement_says_that_charts_are_read_value_by_value_with_keys(app: FastAPI) -> None:
    assert "the arrow keys go from value to value" in TestClient(app).get("/accessibility").text
