"""Each user's main task in a real browser: with the mouse, with keys alone, and without JavaScript."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from app.access.token import Role
from app.demo.ats import KEY
from tests.support.browser import Watch
from tests.support.hands import Hands, Keys, Mouse
from tests.support.people import COOKIE, EMAIL, add_person, open_session
from tests.support.server import serving
from tests.web.pages.office import Office, break_connection, open_office
from tests.web.pages.walks import (
    find_where_a_persona_is_lost,
    mend_a_connection,
    plan_from_nothing,
    question_a_verdict,
    read_the_first_funnel,
)

AD, PERSONA = "Tram-stop poster, Kallio", "GP with a young family"
WAYS = ["keys", "without JavaScript"]
"""A proof walks with mouse and JavaScript, too, and takes pictures on its way."""


@pytest.fixture(scope="module")
def site(town: FastAPI) -> Iterator[str]:
    with serving(town) as base_url:
        yield base_url


@pytest.fixture
def office(sqlite_file_url: str) -> Iterator[Office]:
    with open_office(sqlite_file_url) as office:
        yield office


def begin(watch: Watch, app: FastAPI, way: str, email: str = EMAIL) -> tuple[Hands, Page]:
    watch.carry_cookie(COOKIE, open_session(app, email))
    page = watch.open(java_script_enabled=way != "without JavaScript")
    return Keys(page) if way == "keys" else Mouse(), page


@pytest.mark.parametrize("way", WAYS)
def test_a_marketer_questions_a_verdict(watch: Watch, town: FastAPI, site: str, way: str) -> None:
    hands, page = begin(watch, town, way)
    taken = question_a_verdict(hands, page, site, AD)
    assert AD in taken.read_text()
    page.goto(f"{site}/views")
    page.get_by_role("button", name="Forget: Summer beside spring").click()


@pytest.mark.parametrize("way", WAYS)
def test_a_consultant_finds_where_a_persona_is_lost(watch: Watch, town: FastAPI, site: str, way: str) -> None:
    hands, page = begin(watch, town, way)
    find_where_a_persona_is_lost(hands, page, site, PERSONA)


@pytest.mark.parametrize("way", WAYS)
def test_an_administrator_mends_a_connection(watch: Watch, office: Office, way: str) -> None:
    hands, page = begin(watch, office.app, way)
    break_connection(page, office)
    mend_a_connection(hands, page, office.site, KEY)
    office.work()
    page.reload()
    expect(page.locator(".finding")).to_contain_text("On time: all that had happened by 1 Apr")


@pytest.mark.parametrize("way", WAYS)
def test_a_new_organisation_gets_from_nothing_to_printed_kit_calendar_and_first_funnel(
    watch: Watch, office: Office, way: str
) -> None:
    hands, page = begin(watch, office.app, way)
    kit = plan_from_nothing(hands, page, office.site)
    assert kit.read_bytes().startswith(b"%PDF")
    for n in range(12):
        office.town.apply(n)
    read_the_first_funnel(hands, page, KEY)
    office.work()
    page.goto(office.site + "/funnel")
    expect(page.locator(".funnel .stage").first).to_contain_text("12")
    page.goto(office.site + "/start")
    expect(page.locator("#funnel")).to_contain_text("done")


@pytest.mark.parametrize("way", WAYS)
def test_a_consultant_gets_from_nothing_to_printed_kit_and_calendar_and_is_told_what_an_administrator_does(
    watch: Watch, office: Office, way: str
) -> None:
    consultant = "consultant@kivikoski.example"
    add_person(office.database, office.organisation, consultant, Role.CONSULTANT)
    hands, page = begin(watch, office.app, way, consultant)
    kit = plan_from_nothing(hands, page, office.site, administers=False)
    assert kit.read_bytes().startswith(b"%PDF")
    page.goto(office.site + "/start")
    expect(page.locator("#data")).to_contain_text("An administrator does this")


def test_on_a_phone_in_finnish_a_view_is_filtered_kept_shared_and_taken_along_with_keys_alone(
    watch: Watch, town: FastAPI, site: str
) -> None:
    watch.carry_cookie(COOKIE, open_session(town))
    page = watch.open(viewport={"width": 390, "height": 844}, locale="fi-FI")
    keys = Keys(page)
    page.goto(f"{site}/")
    keys.follow(page.get_by_role("link", name="Suppilo", exact=True))
    keys.follow(page.locator("summary", has_text="Rajaukset"))
    keys.choose(page.get_by_label("Vaihe", exact=True), "Tarjous")
    keys.follow(page.get_by_role("button", name="Näytä", exact=True))
    page.wait_for_url("**stage=offer**")
    keys.follow(page.locator("summary", has_text="Tallenna tämä näkymä"))
    keys.fill(page.get_by_label("Näkymän nimi"), "Tarjoukset")
    keys.follow(page.get_by_role("button", name="Tallenna näkymä"))
    expect(page.locator("#kept")).to_be_focused()
    keys.follow(page.get_by_role("link", name="Tallennetut näkymät"))
    keys.follow(page.get_by_role("button", name="Jaa: Tarjoukset"))
    expect(page.locator("[id^=view-]")).to_be_focused()
    keys.follow(page.get_by_role("link", name="Tarjoukset", exact=True))
    page.wait_for_url("**stage=offer**")
    with page.expect_download() as file:
        keys.follow(page.get_by_role("link", name="CSV").first)
    assert file.value.suggested_filename.endswith(".csv")
