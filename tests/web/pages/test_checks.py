"""The page of checks says what is not in order, leads to where it is put right, and lets it be put aside."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.organisation import Organisation
from app.access.token import Role
from app.i18n import speaking
from app.reports.checks import Check, Found, Item
from app.reports.put_aside import PutAside, Standing
from app.web.pages.checks import checks_finding
from tests.cli.test_verbs import Kutsu, city, kutsu, observations
from tests.support.client import TestClient
from tests.support.people import add_person, browser_of
from tests.web.conftest import Door, door
from tests.web.pages.test_plan_pages import words

__all__ = ["city", "door", "kutsu"]


@pytest.fixture(autouse=True)
def _nothing_aside(request: pytest.FixtureRequest) -> None:
    if "reader" in request.fixturenames:
        town: FastAPI = request.getfixturevalue("town")
        with town.state.database.writing() as session:
            for one in session.scalars(select(PutAside)):
                session.delete(one)


def test_today_and_data_in_lead_to_the_checks(reader: TestClient, newcomer: TestClient) -> None:
    for page in ("/", "/data"):
        assert '<a class="action" href="/checks">' in reader.get(page).text


def test_all_that_the_checks_find_needs_somebody_on_today(reader: TestClient) -> None:
    found = re.findall(r"<h2>(.*?)</h2>", reader.get("/checks").text)
    today = words(reader.get("/").text)
    assert len(found) > 2
    assert [one for one in found if f"{one}: " not in today] == []


def test_where_there_is_nothing_yet_nothing_is_said_to_be_in_order(newcomer: TestClient) -> None:
    text = newcomer.get("/checks").text
    assert "There is nothing to check yet" in text
    assert '<a class="action" href="/start">' in text
    assert "n order" not in text.partition("</h1>")[2]


def test_each_check_has_its_number_its_list_its_remedy_and_who_can_do_it(reader: TestClient) -> None:
    text = reader.get("/checks").text
    said = words(text)
    assert "1 source has no meaning yet" in said
    assert "Say which channel or placement each label means. Say what they mean" in said
    assert "Who can: marketer, consultant, administrator." in said
    assert '<a href="/data/sources">a friend told me</a>' in text
    (code,) = re.findall(r'<a href="(/applications\?[^"]*)">', text)
    assert "Are the numbers in order?" in reader.get(code.replace("&amp;", "&")).text
    assert "In order:" in said


def test_what_only_the_plan_lacks_is_not_said_to_make_numbers_wrong() -> None:
    lacking = Standing(Found(Check.PERSONAS, (Item("Poster"),)), None)
    uncosted = Standing(Found(Check.COSTS, (Item("Poster"),)), None)
    with speaking("en"):
        assert checks_finding([lacking], 0) == "1 thing of the plan is incomplete; no number is wrong because of it."
        assert checks_finding([lacking, uncosted], 1).startswith("Because of 2 things the numbers are not right")
        assert "of the plan" not in checks_finding([uncosted], 0)


def test_a_check_is_put_aside_with_who_and_when_and_taken_up_again(reader: TestClient) -> None:
    assert reader.post("/checks/sources/aside", data={"weeks": "4"}).headers["location"] == "/checks"
    said = words(reader.get("/checks").text)
    assert re.search(r"Put aside until \d+ \w+ \d{4} by Anna Aalto on ", said)
    assert reader.post("/checks/sources/again").status_code == 303
    assert "by Anna Aalto" not in reader.get("/checks").text
    assert reader.post("/checks/sources/aside", data={"weeks": "999"}).status_code == 422
    assert reader.post("/checks/nonsense/again").status_code == 404


def test_who_may_not_change_the_plan_reads_and_puts_nothing_aside(town: FastAPI, reader: TestClient) -> None:
    with town.state.database.writing() as session:
        owner = session.scalars(select(Organisation.id)).one()
    add_person(town.state.database, owner, "viewer@kivikoski.example", Role.VIEWER)
    viewer = browser_of(town, "viewer@kivikoski.example")
    assert "Put it aside" not in viewer.get("/checks").text
    assert viewer.post("/checks/sources/aside", data={"weeks": "4"}).status_code == 403


APPLICATION = {
    "id": "a1", "kind": "application", "at": "2026-02-20T09:00:00Z", "person": "p1", "application": "x1",
    "source": {"label": "A friend"},
}  # fmt: skip


def test_the_api_tells_of_checks_and_puts_them_aside(door: Door) -> None:
    door.client(Role.SERVICE).post("/api/v1/observations", json=[APPLICATION])
    client = door.client()
    told = client.get("/api/v1/checks").json()
    (one,) = (check for check in told["checks"] if check["open"])
    assert (told["open"], one["check"], one["count"]) == (1, "sources", 1)
    assert one["roles"] == ["marketer", "consultant", "administrator"]
    assert one["items"][0] | {"note": ""} == {
        "name": "a friend", "noun": "label", "key": "a friend", "n": 1, "first": "2026-02-20", "last": "2026-02-20",
        "note": "",
    }  # fmt: skip
    aside = client.put("/api/v1/checks/sources/aside", json={"until": "2026-03-15"}).json()
    assert (aside["open"], aside["aside"]["by"], aside["aside"]["until"]) == (False, "tests", "2026-03-15")
    assert client.get("/api/v1/checks").json()["open"] == 0
    assert client.put("/api/v1/checks/sources/aside", json={"until": "2026-02-15"}).status_code == 422
    assert client.delete("/api/v1/checks/sources/aside").status_code == 204
    assert client.get("/api/v1/checks").json()["open"] == 1
    assert door.client(Role.VIEWER).put("/api/v1/checks/sources/aside", json={"until": "2026-03-15"}).status_code == 403


def test_the_command_says_what_waits_and_ends_with_2(city: Kutsu, tmp_path: Path) -> None:
    assert city("checks").output == "Everything is in order.\n"
    assert city("import", "observations", str(observations(tmp_path / "a.ndjson", APPLICATION))).exit_code == 0
    told = city("checks")
    assert told.exit_code == 2
    assert "1 source has no meaning yet. Say which channel or placement each label means." in told.output
    assert "  a friend (met 1 time, 20 Feb 2026)" in told.output
    assert "Who can: marketer, consultant, administrator." in told.output
    (one,) = json.loads(city("checks", "--format", "json").output)
    assert one["check"] == "sources" and one["items"][0]["name"] == "a friend"
    assert one["roles"] == ["marketer", "consultant", "administrator"]
    (row,) = csv.DictReader(io.StringIO(city("checks", "--format", "csv").output))
    assert (row["check"], row["name"], row["roles"]) == ("sources", "a friend", "marketer, consultant, administrator")
    assert "Choose table, json or csv." in str(city("checks", "--format", "xml").exception)


def test_a_check_is_put_aside_and_taken_up_again_by_the_name_that_was_printed(city: Kutsu, tmp_path: Path) -> None:
    assert city("import", "observations", str(observations(tmp_path / "a.ndjson", APPLICATION))).exit_code == 0
    name = city("checks").output.partition(":")[0]
    assert city("checks", "aside", name, "--until", "2099-01-01").exit_code == 1, "within a year"
    assert city("checks").exit_code == 2
    assert city("checks", "aside", name, "--weeks", "2").output.startswith("sources: put aside until ")
    told = city("checks")
    assert (told.exit_code, told.output.partition(" until ")[0]) == (0, "sources: put aside")
    assert city("checks", "again", name).output == "sources: told of again.\n"
    assert city("checks").exit_code == 2
    assert "There is no such check." in str(city("checks", "aside", "sauces").exception)


def test_today_counts_what_the_checks_count_and_leaves_out_what_is_put_aside(reader: TestClient) -> None:
    def told(path: str) -> set[str]:
        return set(
            re.findall(r"(\d+ (?:codes?|sources?) [a-z ]*(?:no placement has|no meaning yet))", reader.get(path).text)
        )

    assert told("/") == told("/checks") != set()
    reader.post("/checks/unmatched-codes/aside", data={"weeks": "1"})
    assert not any("code" in one for one in told("/"))
