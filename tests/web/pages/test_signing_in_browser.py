"""The way in, as a person goes it in Chromium: invited, signed in with a second step, and out when ended elsewhere."""

import re
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Page

from app.access.account_link import Purpose, make_link
from app.access.invitation import invite
from app.access.organisation import create_organisation
from app.access.token import Role
from app.access.user import find_user
from app.cli.runtime import now
from app.database import Database
from app.web.application import create_app
from tests.support.browser import Watch, barriers
from tests.support.people import PASSWORD, add_person
from tests.support.server import serving

NARROW = {"width": 390, "height": 844}
EMAIL = "berit@kivikoski.example"


@pytest.fixture
def start_link(sqlite_file_url: str) -> Iterator[str]:
    """The address of the link that the demo prints at its start."""
    database = Database(sqlite_file_url)
    with database.writing() as session:
        town = create_organisation(session, "Kivikoski", now=now(), locale="en").id
    add_person(database, town, EMAIL)
    with database.writing() as session:
        user = find_user(session, EMAIL)
        assert user is not None
        secret = make_link(session, user, Purpose.SIGN_IN, now=now())
    with serving(create_app(database, b"k" * 32, clock=now)) as base_url:
        yield f"{base_url}/sign-in/link/{secret}"
    database.close()


@pytest.fixture
def invitation(sqlite_file_url: str) -> Iterator[str]:
    """The address of an invitation to a served town. Ask for it before the browser, which is then closed first."""
    database = Database(sqlite_file_url)
    with database.writing() as session:
        town = create_organisation(session, "Kivikoski", now=now(), locale="en").id
    with database.writing(town) as session:
        secret = invite(session, EMAIL, Role.ADMINISTRATOR, now=now())
    with serving(create_app(database, b"k" * 32, clock=now)) as base_url:
        yield f"{base_url}/invitation/{secret}"
    database.close()


def look(page: Page) -> None:
    """Nothing stands in anybody's way here, and nothing is lost on a telephone."""
    assert barriers(page) == []
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.set_viewport_size({"width": 1280, "height": 900})


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


@pytest.mark.parametrize("javascript", [True, False])
def test_from_an_invitation_to_a_second_step_and_out_again(invitation: str, watch: Watch, javascript: bool) -> None:
    watch.allow("403")
    site = invitation.rpartition("/invitation")[0]
    page = watch.open(java_script_enabled=javascript)
    page.goto(invitation)
    assert heading(page) == "Welcome to Kivikoski"
    page.get_by_label("Your name").fill("Berit Berg")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Make the account")
    assert heading(page) == "Today"

    page.get_by_role("link", name="Berit Berg").click()
    page.get_by_role("link", name="Turn on a second step").click()
    key = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(key).now())
    page.get_by_label("Your password now").fill(PASSWORD)
    press(page, "Turn it on")
    assert heading(page) == "Your recovery codes"
    (first, *_others) = page.locator(".codes code").all_inner_texts()

    press(page, "Sign out")
    assert heading(page) == "Sign in"
    page.goto(site + "/funnel?stage=hired")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill("not the password")
    press(page, "Sign in")
    assert page.get_by_role("alert").inner_text().endswith("do not belong together.")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    assert heading(page) == "One more step"
    page.get_by_label("Code", exact=True).fill(first)
    press(page, "Go on")
    assert page.url == f"{site}/funnel?stage=hired"

    if javascript:
        assert page.evaluate("document.cookie") == ""
    page.goto(site + "/sign-in")
    assert page.url == site + "/"


def test_a_printed_link_is_one_click_to_come_in(start_link: str, watch: Watch) -> None:
    page = watch.open()
    page.goto(start_link)
    page.get_by_role("heading", name="Today").wait_for()


def test_without_javascript_a_printed_link_is_one_button_more(start_link: str, watch: Watch) -> None:
    page = watch.open(java_script_enabled=False)
    page.goto(start_link)
    assert heading(page) == "Come in"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Today").wait_for()


def test_a_session_that_is_ended_elsewhere_is_out(invitation: str, watch: Watch) -> None:
    site = invitation.rpartition("/invitation")[0]
    page, telephone = watch.open(), watch.open(viewport=NARROW)
    page.goto(invitation)
    page.get_by_label("Your name").fill("Berit Berg")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Make the account")
    telephone.goto(site + "/personas")
    telephone.get_by_label("E-mail address").fill(EMAIL)
    telephone.get_by_label("Password").fill(PASSWORD)
    press(telephone, "Sign in")
    assert telephone.url == site + "/personas"
    page.goto(site + "/account")
    page.get_by_role("button", name=re.compile("^End Chrome")).click()
    page.get_by_text("this one").wait_for()
    assert page.get_by_role("button", name=re.compile("^End Chrome")).count() == 0
    telephone.reload()
    assert telephone.url == f"{site}/sign-in?next=%2Fpersonas"


def test_the_pages_of_the_door_are_quiet_and_without_barriers(invitation: str, watch: Watch) -> None:
    site = invitation.rpartition("/invitation")[0]
    page = watch.open()
    for path in (site + "/sign-in", invitation, site + "/sign-in/code"):
        page.goto(path)
        look(page)
    page.goto(invitation)
    page.get_by_label("Your name").fill("Berit Berg")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Make the account")
    for path in ("/account", "/account/second-step", "/people"):
        page.goto(site + path)
        look(page)
    page.get_by_label("E-mail address").fill("new@kivikoski.example")
    press(page, "Make an invitation")
    assert page.locator("#link").inner_text().startswith(site + "/invitation/")
    look(page)
