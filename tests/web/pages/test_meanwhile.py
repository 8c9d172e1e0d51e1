"""Two people change one thing at once: nothing that one of them said is lost, and the second is shown both."""

import uuid
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from app.access.membership import list_people
from app.access.organisation import create_organisation, get_organisation
from app.access.token import Role
from app.database import Database
from app.funnel.stage import Stage, StageMapping
from app.intake.connection import Connection
from app.intake.stage_map import read_stage_map
from app.intake.unit_rule import list_departments, place_in_units
from app.intake.vendors import connect
from app.web.pages.meanwhile import merge
from tests.support.client import TestClient
from tests.support.forms import read_form, read_forms
from tests.support.people import add_person, browser_of
from tests.support.plan import NOW
from tests.web.pages.town import pages_of

BOTH = "Somebody else changed this while you had it open, in another way."
VALUES = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"), min_size=3, max_size=3)


@given(was=VALUES, now=VALUES, said=VALUES)
def test_what_one_of_two_changed_is_kept_and_what_both_changed_differently_is_shown(
    was: dict[str, str], now: dict[str, str], said: dict[str, str]
) -> None:
    merged = merge(was, now, said)
    after = {**now, **merged.changes}
    for key in "abc":
        mine, theirs = said[key] != was[key], now[key] != was[key]
        assert after[key] == (said[key] if mine else now[key])
        assert (key in merged.clashes) == (mine and theirs and said[key] != now[key])


class Office:
    """A city with a unit or two and a connection, and two people who look after them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.writing() as session:
            city = create_organisation(session, "Kivikoski", now=NOW, locale="en")
            self.city = city.id
            self.north = create_organisation(session, "North", parent=city, now=NOW).id
            self.south = create_organisation(session, "South", parent=city, now=NOW).id
        add_person(database, self.city)
        add_person(database, self.city, "other@kivikoski.example")
        self.app: FastAPI = pages_of(database)
        with database.writing(self.city) as session:
            made = connect(session, "teamtailor", "Rekry", "eu", {"key": "k"}, sealer=self.app.state.sealer, now=NOW)
            self.here, self.system = f"/data/{made.id}", made.system
            place_in_units(session, made.system, {"a": self.north, "b": self.north})
            for ref, name in (("1", "Haastattelu"), ("2", "Talent review"), ("3", "Kahvit")):
                session.add(StageMapping(system=made.system, stage_ref=ref, name=name, stage=None))
        self.first = browser_of(self.app)
        self.second = browser_of(self.app, "other@kivikoski.example")
        self.first.follow_redirects = self.second.follow_redirects = True

    def departments(self) -> dict[str, uuid.UUID | None]:
        with self.database.reading(self.city) as session:
            return {one.name: one.unit_id for one in list_departments(session)}

    def stages(self) -> dict[str, Stage | None]:
        with self.database.reading(self.city) as session:
            return {one.name: one.stage for one in read_stage_map(session, self.system).stages}

    def roles(self) -> dict[str, tuple[str, bool]]:
        with self.database.reading(self.city) as session:
            return {one.email: (one.role.value, one.sees_small_counts) for one in list_people(session)}


@pytest.fixture
def office(sqlite_file_url: str) -> Iterator[Office]:
    database = Database(sqlite_file_url)
    yield Office(database)
    database.close()


def opened(client: TestClient, page: str, path: str) -> dict[str, list[str]]:
    return read_form(client.get(page).text, path)


def saying(form: dict[str, list[str]], by: str, field: str, **said: str) -> dict[str, list[str]]:
    """The form with something else said of the things of these names."""
    return {**form, field: [said.get(name, value) for name, value in zip(form[by], form[field], strict=True)]}


@pytest.mark.parametrize("path", ["/units", "connection"])
def test_departments_that_two_place_at_once_are_placed_as_both_said(office: Office, path: str) -> None:
    page, action = ("/units", "/units/departments") if path == "/units" else (office.here, f"{office.here}/units")
    form = opened(office.first, page, action)
    assert office.second.post(action, data=saying(form, "department", "unit", a=str(office.south))).status_code == 200
    assert office.first.post(action, data=saying(form, "department", "unit", b=str(office.south))).status_code == 200
    assert office.departments() == {"a": office.south, "b": office.south}


@pytest.mark.parametrize("path", ["/units", "connection"])
def test_a_department_that_two_place_differently_is_shown_with_both_and_the_second_chooses(
    office: Office, path: str
) -> None:
    page, action = ("/units", "/units/departments") if path == "/units" else (office.here, f"{office.here}/units")
    form = opened(office.first, page, action)
    office.second.post(action, data=saying(form, "department", "unit", a=str(office.south)))
    refused = office.first.post(action, data=saying(form, "department", "unit", a="", b=str(office.south)))
    assert refused.status_code == 422
    assert BOTH in refused.text
    assert refused.text.count("Somebody else said meanwhile: South") == 1
    assert office.departments() == {"a": office.south, "b": office.north}, "nothing was stored"
    again = read_form(refused.text, action)
    assert dict(zip(again["department"], again["unit"], strict=True)) == {"a": "", "b": str(office.south)}
    assert office.first.post(action, data=again).status_code == 200
    assert office.departments() == {"b": office.south}, "a department without a unit has no rule"


def test_a_stage_that_two_explain_differently_is_shown_with_both(office: Office) -> None:
    action = f"{office.here}/stages"
    form = opened(office.first, action, action)
    office.second.post(action, data=saying(form, "name", "stage", **{"Talent review": "screened", "Kahvit": "offer"}))
    refused = office.first.post(
        action, data=saying(form, "name", "stage", **{"Talent review": "offer", "Haastattelu": "interview"})
    )
    assert refused.status_code == 422
    assert BOTH in refused.text
    assert refused.text.count("Somebody else said meanwhile: Screened") == 1
    assert office.stages() == {"Talent review": Stage.SCREENED, "Kahvit": Stage.OFFER, "Haastattelu": None}
    assert office.first.post(action, data=read_form(refused.text, action)).status_code == 200
    assert office.stages() == {"Talent review": Stage.OFFER, "Kahvit": Stage.OFFER, "Haastattelu": Stage.INTERVIEW}


def test_to_confirm_what_is_proposed_leaves_what_somebody_else_decided(office: Office) -> None:
    action = f"{office.here}/stages"
    form = opened(office.first, action, action)
    with office.database.writing(office.city) as session:
        for row in session.query(StageMapping).filter_by(name="Haastattelu"):
            row.stage = int(Stage.INTERVIEW)
    office.second.post(action, data=saying(form, "name", "stage", Haastattelu="screened"))
    office.first.post(action, data={**form, "confirm": ["1"]})
    assert office.stages()["Haastattelu"] is Stage.SCREENED


def test_a_name_that_two_give_differently_is_shown_with_both(office: Office) -> None:
    for page in (office.here, f"/units/{office.north}"):
        action = f"{page}/name"
        form = opened(office.first, page, action)
        office.second.post(action, data={**form, "name": "Harbour"})
        refused = office.first.post(action, data={**form, "name": "Quay"})
        assert refused.status_code == 422
        assert "Somebody else said meanwhile: Harbour" in refused.text
        again = read_form(refused.text, action)
        assert again["name"] == ["Quay"]
        assert "<h1>Quay</h1>" in office.first.post(action, data=again).text


def test_hosts_and_shares_that_two_choose_at_once_are_all_there(office: Office) -> None:
    page = f"/units/{office.north}"
    office.first.post(f"{page}/hosts", data={"hosts": "a.example.org\nb.example.org"})
    shown = office.first.get(page).text
    hosts, shares = read_form(shown, f"{page}/hosts"), read_form(shown, f"{page}/shares")
    office.second.post(f"{page}/hosts", data={**hosts, "hosts": "a.example.org\nb.example.org\nc.example.org"})
    office.first.post(f"{page}/hosts", data={**hosts, "hosts": "b.example.org\nd.example.org"})
    office.second.post(f"{page}/shares", data={**shares, "shares": ["shares_personas"]})
    office.first.post(f"{page}/shares", data={**shares, "shares": ["shares_claims"]})
    with office.database.reading() as session:
        unit = get_organisation(session, office.north)
        assert unit.link_hosts == ["b.example.org", "c.example.org", "d.example.org"]
        assert (unit.shares_personas, unit.shares_claims) == (True, True)


def test_a_key_that_somebody_gave_meanwhile_is_not_put_away_unseen(office: Office) -> None:
    shown = office.first.get(office.here).text
    key, end = read_form(shown, f"{office.here}/key"), read_form(shown, f"{office.here}/disconnect")
    office.second.post(f"{office.here}/key", data={**key, "key": "newer-key", "anyway": "1"})
    for path, form in ((f"{office.here}/key", {**key, "key": "older-key"}), (f"{office.here}/disconnect", end)):
        refused = office.first.post(path, data=form)
        assert refused.status_code == 422
        assert "Somebody else gave “Rekry” another key" in refused.text
        assert "older-key" not in refused.text
    with office.database.reading(office.city) as session:
        (connection,) = session.query(Connection)
        assert "newer-key" in office.app.state.sealer.open(connection.credentials)


def test_a_role_that_two_give_differently_is_shown_with_both(office: Office) -> None:
    add_person(office.database, office.city, "third@kivikoski.example", Role.VIEWER, sees_small_counts=False)
    forms = read_forms(office.first.get("/people").text, "/people/role")
    (form,) = [one for one in forms if one["role"] == ["viewer"]]
    office.second.post("/people/role", data={**form, "role": "marketer"})
    office.first.post("/people/role", data={**form, "small_counts": "yes"})
    assert office.roles()["third@kivikoski.example"] == ("marketer", True), "each changed one thing"
    refused = office.first.post("/people/role", data={**form, "role": "consultant"})
    assert refused.status_code == 422
    assert "Somebody else said meanwhile: marketer" in refused.text
    (again,) = [one for one in read_forms(refused.text, "/people/role") if one["role"] == ["consultant"]]
    office.first.post("/people/role", data=again)
    assert office.roles()["third@kivikoski.example"][0] == "consultant"
