"""Names of sources that lead nowhere are said to mean a channel or a placement, and whoever came by them is counted."""

import re
import uuid
from html import escape, unescape

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.organisation import Organisation
from app.access.token import Role
from app.planning.channel import Channel
from app.planning.placement import Placement
from app.planning.tracking import SourceAlias
from tests.support.client import TestClient
from tests.support.forms import read_forms
from tests.support.people import add_person, browser_of
from tests.web.answers_examples import key_of
from tests.web.pages.conftest import visitor
from tests.web.pages.test_applications import listed, numbers
from tests.web.pages.test_plan_pages import words

LABEL = "a friend told me"


@pytest.fixture(autouse=True)
def nothing_said(town: FastAPI) -> None:
    with town.state.database.writing() as session:
        for alias in session.scalars(select(SourceAlias)):
            session.delete(alias)


def say(reader: TestClient, means: str, observed: str = LABEL, kind: str = "label") -> tuple[int, str]:
    answered = reader.post("/data/sources", data={"kind": kind, "observed": observed, "means": means})
    return answered.status_code, answered.text


def channel(town: FastAPI) -> str:
    with town.state.database.writing() as session:
        return f"channel:{session.scalars(select(Channel.id).where(Channel.name == 'Events')).one()}"


def test_today_leads_to_where_a_source_is_given_its_meaning(reader: TestClient) -> None:
    assert '<a href="/data/sources">Say what they mean</a>' in reader.get("/").text
    text = reader.get("/data/sources").text
    assert "1 source has no meaning yet." in text
    assert "1 code was seen that no placement has." in text
    opened, _of_the_code = numbers(text)
    assert listed(reader.get(opened[1]).text) == opened[0] == 9
    assert '<a href="/data/sources">Sources</a>' in reader.get(opened[1]).text


@pytest.mark.parametrize("means", ["channel", f"placement:{key_of(4)}"])
def test_what_is_said_is_kept_counted_and_may_be_forgotten(town: FastAPI, means: str) -> None:
    reader = visitor(town)
    assert say(reader, channel(town) if means == "channel" else means)[0] == 303
    text = reader.get("/data/sources?kept=1").text
    assert "Every source that was named means a channel or a placement." in text
    assert "Kept: 1 source is counted anew." in text
    assert "a friend told me Label →" in words(text)
    assert "Say what they mean" not in reader.get("/").text
    (forget,) = re.findall(r'action="([^"]*/forget)"', text)
    assert reader.post(unescape(forget)).status_code == 303
    assert "1 source has no meaning yet." in reader.get("/data/sources").text


def test_a_source_of_which_nothing_is_said_stays_as_it_is(reader: TestClient) -> None:
    assert say(reader, "")[0] == 303
    assert "1 source has no meaning yet." in reader.get("/data/sources?kept=0").text
    assert "Kept" not in reader.get("/data/sources?kept=0").text


@pytest.mark.parametrize("means", ["weather:1", "channel:nonsense", f"channel:{key_of(99)}", f"placement:{key_of(99)}"])
def test_what_is_not_there_cannot_be_meant(reader: TestClient, means: str) -> None:
    status, text = say(reader, means)
    assert status == 422
    assert "Nothing was changed." in text


def test_what_is_meant_is_said_by_the_text_of_one_list_by_name_or_by_code(town: FastAPI, reader: TestClient) -> None:
    with town.state.database.writing() as session:
        placement = session.get_one(Placement, uuid.UUID(key_of(4)))
        name, code = placement.name, placement.tracking_code
    text = reader.get("/data/sources").text
    assert text.count(f'<option value="{escape(name)} · {code}"></option>') == text.count("<datalist") == 1
    for said in (f"{name} · {code}", code.upper(), name, "Events", " events "):
        assert say(reader, said)[0] == 303, said
        (forget,) = re.findall(r'action="([^"]*/forget)"', reader.get("/data/sources").text)
        assert reader.post(unescape(forget)).status_code == 303


def test_what_nothing_is_called_is_refused_by_its_name_and_stays_written(reader: TestClient) -> None:
    status, text = say(reader, "Posters everywhere")
    assert status == 422
    assert "There is no channel or placement “Posters everywhere”" in unescape(text)
    assert 'value="Posters everywhere"' in text


def test_a_name_that_several_have_is_told_apart_by_the_list(town: FastAPI, reader: TestClient) -> None:
    with town.state.database.writing() as session:
        placement = session.get_one(Placement, uuid.UUID(key_of(4)))
        before, placement.name = placement.name, "Events"
    try:
        status, text = say(reader, "events")
        assert status == 422 and "Several are called “events”" in unescape(text)
    finally:
        with town.state.database.writing() as session:
            session.get_one(Placement, uuid.UUID(key_of(4))).name = before


def test_a_torn_form_changes_nothing(reader: TestClient) -> None:
    answered = reader.post("/data/sources", data={"kind": ["label"], "observed": [LABEL, "other"], "means": ["x"]})
    assert answered.status_code == 422


def test_who_may_not_change_the_plan_reads_and_says_nothing(town: FastAPI) -> None:
    with town.state.database.writing() as session:
        owner = session.scalars(select(Organisation.id)).one()
    add_person(town.state.database, owner, "viewer@kivikoski.example", Role.VIEWER)
    add_person(town.state.database, owner, "marketer@kivikoski.example", Role.MARKETER)
    viewer, marketer = (browser_of(town, f"{one}@kivikoski.example") for one in ("viewer", "marketer"))
    assert 'name="means"' not in viewer.get("/data/sources").text
    assert say(viewer, channel(town))[0] == 403
    assert say(marketer, channel(town))[0] == 303


def test_a_code_of_nobody_is_said_to_be_a_placement(reader: TestClient) -> None:
    text = reader.get("/data/sources").text
    assert "zz9zz9 Tracking code" in words(text)
    row = text.partition('value="zz9zz9"')[2].partition("</tr>")[0]
    assert 'list="meant"' in row
    assert say(reader, f"placement:{key_of(4)}", "zz9zz9", "code")[0] == 303
    assert "zz9zz9 Tracking code →" in words(reader.get("/data/sources").text)
    assert "codes were seen" not in reader.get("/checks").text and "code was seen" not in reader.get("/checks").text


def test_what_a_source_probably_means_is_chosen_beforehand_and_confirmed_from_the_checks_with_one_click(
    town: FastAPI, reader: TestClient
) -> None:
    with town.state.database.writing() as session:
        named = session.scalars(select(Channel).where(Channel.name == "Events")).one()
        key, before, named.name = named.id, named.name, LABEL
    try:
        assert f'value="{LABEL}" maxlength' in reader.get("/data/sources").text
        checks = reader.get("/checks").text
        assert "It means “a friend told me”" in words(checks)
        (form,) = [one for one in read_forms(checks, "/data/sources") if one["observed"] == [LABEL]]
        answered = reader.post("/data/sources", data=form)
        assert (answered.status_code, answered.headers["location"]) == (303, "/checks")
        assert "It means" not in reader.get("/checks").text
    finally:
        with town.state.database.writing() as session:
            session.get_one(Channel, key).name = before


def test_where_no_source_was_ever_named_the_page_says_what_will_wait_there(bare_planner: TestClient) -> None:
    text = bare_planner.get("/data/sources").text
    assert "No source was named yet." in text
    assert "means a channel or a placement" not in text
