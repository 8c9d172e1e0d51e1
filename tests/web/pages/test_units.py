"""The page of units: a tree is founded, named, shared from and linked from, and departments are placed in it."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from app.access.audit_reading import AuditFilter, all_entries
from app.access.organisation import Organisation, create_organisation, get_organisation, list_descendants
from app.access.token import Role, create_token
from app.database import Database
from app.intake.unit_rule import change_unit_rule, count_placed, list_departments, place_in_units
from app.intake.vendors import connect
from app.web.application import create_app
from tests.support.browser import Watch, barriers
from tests.support.client import TestClient
from tests.support.people import COOKIE, add_person, browser_of, open_session
from tests.support.plan import NOW, a_channel, a_live_placement, a_placement, name_hosts
from tests.support.server import serving

SYSTEM = "system:hr"


@dataclass
class Office:
    """A city whose administrator looks after its units."""

    database: Database
    city: uuid.UUID
    app: FastAPI

    def found(self, name: str, parent: uuid.UUID | None = None) -> uuid.UUID:
        with self.database.writing() as session:
            above = get_organisation(session, parent or self.city)
            return create_organisation(session, name, parent=above, now=NOW).id

    def apply(self, *departments: str | None, owner: uuid.UUID | None = None) -> None:
        """One applicant for each of these departments."""
        with self.database.writing(owner or self.city) as session:
            token = create_token(session, "hr", Role.SERVICE, now=NOW)
        sent = [
            {"id": f"a{n}", "kind": "application", "at": "2026-02-01T09:00:00Z", "person": f"p{n}",
             "application": f"x{n}", "attributes": {"unit": department} if department else {}}
            for n, department in enumerate(departments)
        ]  # fmt: skip
        sender = TestClient(self.app, headers={"Authorization": f"Bearer {token}"})
        assert sender.post("/api/v1/observations", json=sent).json()["accepted"] == len(sent)

    def read(self, organisation: uuid.UUID) -> Organisation:
        with self.database.reading() as session:
            found = get_organisation(session, organisation)
            session.expunge(found)
            return found

    def names(self) -> list[str]:
        with self.database.reading(self.city) as session:
            return [one.name for one in list_descendants(session, self.city)]

    def told(self) -> list[tuple[str, str, str | None, list[str]]]:
        with self.database.reading(self.city) as session:
            return [(one.action, one.noun, one.actor_kind, one.fields) for one in all_entries(session, AuditFilter())]


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    database = Database(database_url)
    with database.writing() as session:
        city = create_organisation(session, "Kivikoski", now=NOW, locale="en").id
    add_person(database, city)
    yield Office(database, city, create_app(database, b"k" * 32, clock=lambda: NOW))
    database.close()


@pytest.fixture
def visitor(office: Office) -> TestClient:
    client = browser_of(office.app)
    client.follow_redirects = True
    return client


def test_an_employer_without_units_is_told_what_will_be_here_and_founds_the_first(
    visitor: TestClient, office: Office
) -> None:
    empty = visitor.get("/units").text
    assert "Kivikoski has no unit yet: all applications are its own." in empty
    assert "Found the first one below." in empty
    shown = visitor.post("/units", data={"name": "Harbour", "parent": str(office.city)}).text
    assert "Harbour was founded." in shown
    assert "1 unit below Kivikoski." in shown
    ward = visitor.post("/units", data={"name": "Ward", "parent": str(office_unit(office, "Harbour"))}).text
    assert '<option value="' in ward
    assert ">Kivikoski/Harbour/Ward</option>" in ward
    assert office.names() == ["Harbour", "Ward"]
    assert [told[:3] for told in office.told()][-1] == ("created", "organisation", "user")


def office_unit(office: Office, name: str) -> uuid.UUID:
    with office.database.reading(office.city) as session:
        return next(one.id for one in list_descendants(session, office.city) if one.name == name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "Name the organisation in 1 to 200 characters."),
        ("x" * 201, "Name the organisation in 1 to 200 characters."),
        ("Harbour", "An organisation named Harbour is there already."),
    ],
)
def test_a_name_that_will_not_do_is_said_to_have_changed_nothing(
    visitor: TestClient, office: Office, name: str, why: str
) -> None:
    unit, other = office.found("Harbour"), office.found("Inland")
    for path, form in (("/units", {"parent": str(office.city)}), (f"/units/{other}/name", {})):
        refused = visitor.post(path, data={"name": name, **form})
        assert refused.status_code == 422
        assert "Nothing was changed." in refused.text
        assert why in refused.text
        assert f'value="{name}" maxlength="200" required autocomplete="off" aria-invalid="true"' in refused.text
    assert [office.read(one).name for one in (unit, other)] == ["Harbour", "Inland"]
    assert office.names() == ["Harbour", "Inland"]


def test_a_unit_is_offered_as_a_parent_only_while_the_chain_may_grow(visitor: TestClient, office: Office) -> None:
    last = office.city
    for name in ("A", "B", "C", "D"):
        last = office.found(name, last)
    shown = visitor.get("/units").text
    assert ">Kivikoski/A/B/C</option>" in shown
    assert ">Kivikoski/A/B/C/D</option>" not in shown
    refused = visitor.post("/units", data={"name": "E", "parent": str(last)})
    assert "A chain of organisations has at most 5 levels; found it higher up." in refused.text


def test_a_unit_is_renamed_and_chooses_what_it_shares(visitor: TestClient, office: Office) -> None:
    unit = office.found("Harbour")
    assert "Kept." in visitor.post(f"/units/{unit}/name", data={"name": "Old Harbour"}).text
    kept = visitor.post(f"/units/{unit}/shares", data={"shares": ["shares_personas", "shares_channels"]})
    assert 'value="shares_personas" checked' in kept.text
    there = office.read(unit)
    assert (there.name, there.shares_personas, there.shares_claims, there.shares_channels) == (
        "Old Harbour", True, False, True,
    )  # fmt: skip
    assert "shares personas, channels" in visitor.get("/units").text
    visitor.post(f"/units/{unit}/shares", data={})
    assert not office.read(unit).shares_personas
    assert office.told()[-1][3] == ["shares_channels", "shares_personas"]


def test_what_units_plan_with_is_not_withdrawn_from_them(visitor: TestClient, office: Office) -> None:
    unit = office.found("Harbour")
    visitor.post(f"/units/{office.city}/shares", data={"shares": "shares_channels"})
    with office.database.writing(office.city) as session:
        channel = a_channel(session).id
    with office.database.writing(unit) as session:
        a_placement(session, name="Poster on the quay", channel_id=channel)
    refused = visitor.post(f"/units/{office.city}/shares", data={})
    assert refused.status_code == 422
    assert "Nothing was changed." in refused.text
    assert "Units use what you share: “Poster on the quay”. They must stop using it before" in refused.text
    assert office.read(office.city).shares_channels


def test_hosts_are_named_one_a_line_and_a_wrong_one_is_named_back(visitor: TestClient, office: Office) -> None:
    unit = office.found("Harbour")
    visitor.post(f"/units/{office.city}/hosts", data={"hosts": "Jobs.Example.org\r\n\r\n.work.example.org\r\n"})
    assert office.read(office.city).link_hosts == [".work.example.org", "jobs.example.org"]
    shown = visitor.get(f"/units/{unit}").text
    assert "<code>jobs.example.org</code> (Kivikoski)" in shown
    refused = visitor.post(f"/units/{office.city}/hosts", data={"hosts": "jobs.example.org\nlocalhost"})
    assert refused.status_code == 422
    assert "“localhost” is no public host; name one like jobs.example.org" in refused.text
    assert "jobs.example.org\nlocalhost</textarea>" in refused.text
    assert office.read(office.city).link_hosts == [".work.example.org", "jobs.example.org"]


def test_of_a_pasted_address_the_host_is_taken(visitor: TestClient, office: Office) -> None:
    sent = "https://Careers.example.org/doctors?lang=fi\r\njobs.example.org/open"
    visitor.post(f"/units/{office.city}/hosts", data={"hosts": sent})
    assert office.read(office.city).link_hosts == ["careers.example.org", "jobs.example.org"]
    for wrong in ("https://jobs.example.org:8443/", "https://anna@jobs.example.org/", "ftp://jobs.example.org/", "/"):
        refused = visitor.post(f"/units/{office.city}/hosts", data={"hosts": wrong})
        assert refused.status_code == 422 and "is no public host" in refused.text


def test_a_host_that_a_live_link_leads_to_stays_named(visitor: TestClient, office: Office) -> None:
    with office.database.writing(office.city) as session:
        name_hosts(session)
        a_live_placement(session, name="Tram stops")
    refused = visitor.post(f"/units/{office.city}/hosts", data={"hosts": ""})
    assert "“Tram stops” lead there and are live; end them first." in refused.text
    assert office.read(office.city).link_hosts == ["jobs.example.org"]


def test_visitors_are_followed_only_once_somebody_has_confirmed_what_the_law_asks(
    visitor: TestClient, office: Office
) -> None:
    here = f"/units/{office.city}"
    text = unescape(visitor.get(here).text)
    assert "follows nobody who says no or says nothing (ePrivacy Directive, article 5(3))" in text
    before = office.read(office.city).tracking_mode
    said = {"tracking": "consented", "was": before}
    refused = visitor.post(f"{here}/tracking", data=said)
    assert refused.status_code == 422 and "Confirm that what the law asks is so" in refused.text
    assert office.read(office.city).tracking_mode == before
    assert "Kept." in visitor.post(f"{here}/tracking", data=said | {"agreed": "yes"}).text
    assert office.read(office.city).tracking_mode == "consented"
    assert 'name="agreed"' not in visitor.get(here).text
    stale = visitor.post(f"{here}/tracking", data={"tracking": "aggregate", "was": "off"})
    assert stale.status_code in (409, 422) and office.read(office.city).tracking_mode == "consented"
    visitor.post(f"{here}/tracking", data={"tracking": "off", "was": "consented"})
    assert office.read(office.city).tracking_mode == "off"
    assert visitor.post(f"{here}/tracking", data={"tracking": "all"}).status_code == 422


def test_the_time_zone_says_the_country_and_with_it_the_currency(visitor: TestClient, office: Office) -> None:
    here = f"/units/{office.city}"
    shown = visitor.post(f"{here}/zone", data={"zone": "Europe/Stockholm", "was": office.read(office.city).time_zone})
    assert "currency of new amounts, now SEK." in shown.text
    assert office.read(office.city).time_zone == "Europe/Stockholm"
    refused = visitor.post(f"{here}/zone", data={"zone": "Europe/Nowhere"})
    assert refused.status_code == 422 and 'value="Europe/Nowhere"' in refused.text
    assert office.read(office.city).time_zone == "Europe/Stockholm"


def test_departments_without_a_unit_come_first_and_are_placed(visitor: TestClient, office: Office) -> None:
    unit = office.found("Harbour")
    office.apply("A ward", "A ward", "Zoo", None)
    shown = visitor.get("/units").text
    assert "2 departments are no unit yet; 3 applications from there are placed in Kivikoski itself." in shown
    placed = visitor.post("/units/departments", data=rule(("A ward", str(unit)), ("Zoo", ""))).text
    assert "Kept. 4 applications were placed anew." in placed
    assert placed.index("<b>Zoo</b>") < placed.index("<b>A ward</b>")
    assert "1 department is no unit yet; 1 application from there is placed in Kivikoski itself." in placed
    again = visitor.post("/units/departments", data=rule(("A ward", str(unit)), ("Zoo", "")))
    assert "Nothing was to be changed." in again.text
    assert departments(office) == {"A ward": unit, "Zoo": None}


def test_an_administrator_who_may_not_see_small_counts_looks_after_units_without_them(office: Office) -> None:
    add_person(office.database, office.city, "few@kivikoski.example", sees_small_counts=False)
    few = browser_of(office.app, "few@kivikoski.example")
    few.follow_redirects = True
    unit = office.found("Harbour")
    office.apply("A ward", "A ward", "Zoo", None)
    shown = few.get("/units").text
    assert "2 departments are no unit yet; the applications from there are placed in Kivikoski itself." in shown
    placed = few.post("/units/departments", data=rule(("A ward", str(unit))))
    assert "Kept. The applications were placed anew." in placed.text
    assert "anew=kept" in str(placed.url)
    for text in (shown, placed.text):
        assert "your membership does not include the right to see small counts" in text
        assert re.search(r"\d applications?|class=\"number\"", text) is None
    assert departments(office) == {"A ward": unit, "Zoo": None}


def rule(*pairs: tuple[str, str], system: str = SYSTEM) -> dict[str, list[str]]:
    return {"system": [system], "department": [name for name, _unit in pairs], "unit": [unit for _name, unit in pairs]}


def departments(office: Office) -> dict[str, uuid.UUID | None]:
    with office.database.reading(office.city) as session:
        return {one.name: one.unit_id for one in list_departments(session)}


def test_what_the_form_does_not_name_stays_as_it_is(visitor: TestClient, office: Office) -> None:
    north, south = office.found("North"), office.found("South")
    office.apply("A", "B")
    visitor.post("/units/departments", data=rule(("A", str(north)), ("B", str(north))))
    visitor.post("/units/departments", data=rule(("B", str(south))))
    assert departments(office) == {"A": north, "B": south}
    visitor.post("/units/departments", data=rule(("A", "")))
    assert departments(office) == {"A": None, "B": south}


@pytest.mark.parametrize("broken", ["torn", "unknown", "empty", "huge"])
def test_a_form_that_is_not_whole_changes_nothing(visitor: TestClient, office: Office, broken: str) -> None:
    unit = str(office.found("Harbour"))
    office.apply("A")
    forms: dict[str, dict[str, Any]] = {
        "torn": {"system": SYSTEM, "department": "A"},
        "unknown": rule(("Nowhere", unit)),
        "empty": {},
        "huge": rule(*[("A", unit)] * 3000),
    }
    refused = visitor.post("/units/departments", data=forms[broken])
    assert refused.status_code == 422
    assert "Part of the form is missing; open the page and send it again." in refused.text
    assert departments(office) == {"A": None}


def test_a_department_is_placed_in_no_unit_of_strangers(visitor: TestClient, office: Office) -> None:
    office.found("Harbour")
    office.apply("A")
    with office.database.writing() as session:
        stranger = create_organisation(session, "Inland", now=NOW).id
    for foreign in (stranger, office.city):
        refused = visitor.post("/units/departments", data=rule(("A", str(foreign))))
        assert refused.status_code == 422
        assert "“a” leads to no unit below your organisation." in refused.text
    assert visitor.get(f"/units/{stranger}").status_code == 404
    assert visitor.post("/units", data={"name": "Mine", "parent": str(stranger)}).status_code == 404
    assert departments(office) == {"A": None}


def test_a_connections_own_departments_are_placed_on_its_page(visitor: TestClient, office: Office) -> None:
    with office.database.writing(office.city) as session:
        made = connect(session, "teamtailor", "Rekry", "eu", {"key": "k"}, sealer=office.app.state.sealer, now=NOW)
        here, system = f"/data/{made.id}", made.system
    assert "Which department is which unit" not in visitor.get(here).text, "there is no unit yet"
    north, south = office.found("North"), office.found("South")
    with office.database.writing(office.city) as session:
        place_in_units(session, system, {"Ward 1": north})
        place_in_units(session, SYSTEM, {"Ward 9": south})
    shown = visitor.get(here).text
    assert "Which department is which unit" in shown
    assert f'<option value="{north}" selected>' in shown
    assert "ward 9" not in shown, "another system's department"
    changed = visitor.post(f"{here}/units", data=rule(("ward 1", str(south)), system=SYSTEM))
    assert str(changed.url).endswith(here)
    assert f'<option value="{south}" selected>' in changed.text
    assert departments(office) == {"ward 1": south, "ward 9": south}
    refused = visitor.post(f"{here}/units", data=rule(("ward 9", str(north))))
    assert (refused.status_code, "Part of the form is missing" in refused.text) == (422, True)
    add_person(office.database, office.city, "reader@kivikoski.example", Role.VIEWER)
    reader = browser_of(office.app, "reader@kivikoski.example")
    assert "Which department is which unit" not in reader.get(here).text
    assert reader.post(f"{here}/units", data=rule(("ward 1", str(north)))).status_code == 403


def test_an_application_is_counted_once_where_it_is_placed(office: Office) -> None:
    north = office.found("North")
    ward = office.found("Ward", north)
    office.apply("A", "B", None)
    office.apply("C", None, owner=north)
    with office.database.writing(office.city) as session:
        assert change_unit_rule(session, SYSTEM, {"A": ward}) == 3
    with office.database.reading(office.city) as session:
        assert count_placed(session) == {office.city: 2, north: 2, ward: 1}
    with office.database.reading(north) as session:
        assert count_placed(session) == {north: 2, ward: 1}


@pytest.fixture
def page(watch: Watch, sqlite_office: Office) -> Iterator[tuple[Page, str]]:
    watch.carry_cookie(COOKIE, open_session(sqlite_office.app))
    watch.allow("422")
    with serving(sqlite_office.app) as site:
        yield watch.open(java_script_enabled=False), site


@pytest.fixture
def sqlite_office(sqlite_file_url: str) -> Iterator[Office]:
    database = Database(sqlite_file_url)
    with database.writing() as session:
        city = create_organisation(session, "Kivikoski", now=NOW, locale="en").id
    add_person(database, city)
    yield Office(database, city, create_app(database, b"k" * 32, clock=lambda: NOW))
    database.close()


def test_units_are_founded_and_departments_placed_without_javascript(
    page: tuple[Page, str], sqlite_office: Office
) -> None:
    shown, site = page
    sqlite_office.apply("Ward 1", "Ward 1", "Ward 2")
    shown.goto(site + "/")
    shown.get_by_role("link", name="Units").click()
    shown.get_by_label("Name").fill("Harbour")
    shown.get_by_role("button", name="Found the unit").click()
    expect(shown.get_by_role("status").first).to_have_text("Harbour was founded.")
    shown.get_by_label("Unit of Ward 1").select_option(label="Harbour")
    shown.get_by_role("button", name="Place the applications of hr").click()
    expect(shown.get_by_role("status").first).to_have_text("Kept. 3 applications were placed anew.")
    expect(shown.locator(".waits")).to_have_count(1)
    shown.get_by_role("link", name="Harbour").click()
    shown.get_by_label("channels").check()
    shown.get_by_role("button", name="Keep this choice").click()
    expect(shown.get_by_label("channels")).to_be_checked()


def test_every_unit_of_the_tree_is_reached_by_key(watch: Watch, page: tuple[Page, str], sqlite_office: Office) -> None:
    _shown, site = page
    sqlite_office.found("Ward", sqlite_office.found("Harbour"))
    live = watch.open()
    live.goto(site + "/units")
    live.locator(".tree a").first.focus()
    live.keyboard.press("Tab")
    live.keyboard.press("Tab")
    live.keyboard.press("Enter")
    expect(live.locator("h1")).to_have_text("Ward")
    live.wait_for_load_state("networkidle")


def test_the_pages_are_without_barriers_and_fit_a_narrow_window(
    watch: Watch, page: tuple[Page, str], sqlite_office: Office
) -> None:
    _shown, site = page
    seen = watch.open(viewport={"width": 320, "height": 700})
    for path in ("/units", f"/units/{sqlite_office.city}"):
        seen.goto(site + path)
        assert barriers(seen) == [], path
    last = sqlite_office.city
    for name in ("Terveyden ja hyvinvoinnin toimiala", "Avosairaanhoito" * 6, "Pohjoinen", "Asema 1"):
        last = sqlite_office.found(name, last)
    sqlite_office.apply("Erityisasiantuntijatyöryhmä" * 4, "A")
    for path in ("/units", f"/units/{last}", f"/units/{sqlite_office.city}"):
        seen.goto(site + path)
        assert barriers(seen) == [], path
        assert seen.evaluate("document.documentElement.scrollWidth") <= 320, path
