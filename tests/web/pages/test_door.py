"""The door as browsers meet it: forms, cookies, redirects, links, and what is refused. On both databases."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI

from app.access.account_link import Purpose, make_link
from app.access.invitation import invite
from app.access.organisation import create_organisation
from app.access.session import list_sessions
from app.access.token import Role
from app.access.user import find_user, get_user
from app.database import Database
from app.web.application import create_app
from tests.support.client import TestClient
from tests.support.people import COOKIE, EMAIL, PASSWORD, add_person, browser_of, open_session
from tests.support.plan import NOW

ANOTHER = "sininen-kottikärry-91"
MEMBERS_PAGES = ["/", "/funnel", "/verdicts", "/verdicts.csv", "/personas", "/account", "/people", "/nothing"]


@dataclass
class Town:
    app: FastAPI
    database: Database
    ours: uuid.UUID

    def browser(self, email: str | None = EMAIL, **options: Any) -> TestClient:
        return browser_of(self.app, email, **options)

    def invitation(self, email: str | None = "new@kivikoski.example", role: Role = Role.VIEWER) -> str:
        with self.database.writing(self.ours) as session:
            return "/invitation/" + invite(session, email, role, now=NOW)

    def link(self, purpose: Purpose) -> str:
        with self.database.writing() as session:
            user = find_user(session, EMAIL)
            assert user is not None
            return make_link(session, user, purpose, now=NOW)

    def sessions(self) -> int:
        with self.database.reading() as session:
            user = find_user(session, EMAIL)
            assert user is not None
            return len(list_sessions(session, user.id, now=NOW))


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    database = Database(database_url)
    with database.writing() as session:
        ours = create_organisation(session, "Kivikoski", now=NOW, locale="en").id
    add_person(database, ours, password=PASSWORD)
    yield Town(create_app(database, b"k" * 32, clock=lambda: NOW), database, ours)
    database.close()


@pytest.fixture
def stranger(town: Town) -> TestClient:
    return town.browser(None)


CREDENTIALS = {"email": EMAIL, "password": PASSWORD}


def test_a_stranger_is_sent_to_the_door_from_every_page_and_on_to_it_afterwards(stranger: TestClient) -> None:
    for path in MEMBERS_PAGES:
        answered = stranger.get(f"{path}?stage=hired")
        assert (answered.status_code, answered.headers["location"].partition("?")[0]) == (303, "/sign-in")
    answered = stranger.post(answered.headers["location"], data=CREDENTIALS)
    assert (answered.status_code, answered.headers["location"]) == (303, "/nothing?stage=hired")
    assert stranger.get("/").status_code == 200
    assert stranger.get("/sign-in").headers["location"] == "/"


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "//[",
        "",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(stranger: TestClient, next_: str) -> None:
    answered = stranger.post("/sign-in", params={"next": next_}, data=CREDENTIALS)
    assert answered.headers["location"] == "/"


def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_behind_tls_of_plain_http(town: Town) -> None:
    plain = town.browser(None).post("/sign-in", data=CREDENTIALS).headers["set-cookie"]
    assert plain.startswith("kutsu=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(plain.split("; "))
    assert "Domain" not in plain
    client = TestClient(town.app, "https://kutsu.example", headers={"sec-fetch-site": "same-origin"})
    client.follow_redirects = False
    secure = client.post("/sign-in", data=CREDENTIALS).headers["set-cookie"]
    assert secure.startswith("__Host-kutsu=")
    assert "Secure" in secure.split("; ")
    assert client.get("/account").status_code == 200


def test_a_session_from_before_signing_in_is_not_the_one_after_and_ends(town: Town) -> None:
    browser = town.browser()
    before = browser.cookies[COOKIE]
    assert browser.post("/sign-in", data=CREDENTIALS).status_code == 303
    assert browser.cookies[COOKIE] != before
    assert town.sessions() == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://kutsu.example"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
        ({"origin": "http://kutsu.example"}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
    ],
)
def test_a_form_from_another_site_does_nothing(town: Town, headers: dict[str, str], status: int) -> None:
    forms = [
        ("/sign-in", CREDENTIALS), ("/account/name", {"name": "Mallory"}), ("/people/role", {"member": "", "role": ""}),
        ("/organisation", {"organisation": str(town.ours)}), ("/sign-out", {}),
    ]  # fmt: skip
    for path, data in forms:
        client = TestClient(town.app, "http://kutsu.example", headers=headers, follow_redirects=False)
        client.cookies.set(COOKIE, open_session(town.app))
        answered = client.post(path, data=data)
        assert answered.status_code == (404 if path == "/people/role" and status == 303 else status), path
    with town.database.reading() as session:
        user = find_user(session, EMAIL)
        assert user is not None
        assert (user.name == "Mallory") == (status == 303)


def test_a_wrong_password_shows_the_form_again_and_then_makes_wait(stranger: TestClient) -> None:
    wrong = {"email": EMAIL, "password": "not the password"}
    for _try in range(5):
        answered = stranger.post("/sign-in", data=wrong)
        assert answered.status_code == 403
        assert "do not belong together" in answered.text
        assert f'value="{EMAIL}"' in answered.text
    answered = stranger.post("/sign-in", data=CREDENTIALS)
    assert (answered.status_code, answered.headers["retry-after"]) == (429, "1")
    assert "wait 1 second" in answered.text


@pytest.mark.parametrize("body", [b"", b"email=%ED%A0%80&password=%00", b"email=%FF", b"{}", b"email=a&email=b"])
def test_whatever_is_sent_to_the_door_is_answered(stranger: TestClient, body: bytes) -> None:
    answered = stranger.post("/sign-in", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert 400 <= answered.status_code < 500


def test_signing_out_ends_the_session_itself(town: Town) -> None:
    browser = town.browser()
    secret = browser.cookies[COOKIE]
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    browser.cookies.set(COOKIE, secret, domain="kutsu.example", path="/")
    assert browser.get("/").status_code == 303
    assert town.sessions() == 0


def test_an_invitation_makes_an_account_that_is_signed_in_and_works_once(town: Town, stranger: TestClient) -> None:
    path = town.invitation()
    assert "You are invited as viewer." in stranger.get(path).text
    refused = stranger.post(path, data={"name": "New", "password": "password1234"})
    assert refused.status_code == 422
    assert "tried first" in refused.text
    assert 'value="New"' in refused.text
    assert stranger.post(path, data={"name": "New", "password": ANOTHER}).headers["location"] == "/"
    assert stranger.get("/").headers["location"] == "/monthly", "the first that a viewer may see"
    assert [stranger.get(page).status_code for page in ("/monthly", "/verdicts")] == [200, 403]
    assert stranger.get("/people").status_code == 403
    assert town.browser(None).get(path).status_code == 404
    assert town.browser(None).post(path, data={"name": "X", "password": ANOTHER}).status_code == 404


def test_the_first_administrator_names_their_own_address(town: Town, stranger: TestClient) -> None:
    path = town.invitation(None, Role.ADMINISTRATOR)
    given = {"email": "First@kivikoski.example", "name": "First", "password": ANOTHER}
    assert "has an account already" in stranger.post(path, data={**given, "email": EMAIL}).text
    assert stranger.post(path, data=given).status_code == 303
    assert "first@kivikoski.example" in stranger.get("/people").text


def test_who_has_an_account_takes_an_invitation_up_with_it(town: Town) -> None:
    with town.database.writing() as session:
        inland = create_organisation(session, "Inland", now=NOW).id
    with town.database.writing(inland) as session:
        path = "/invitation/" + invite(session, EMAIL, Role.CONSULTANT, now=NOW)
    assert f"/sign-in?next={path}" in town.browser(None).get(path).text
    browser = town.browser()
    assert "You are signed in as Anna Aalto." in browser.get(path).text
    assert browser.post(path).headers["location"] == "/"
    text = browser.get("/").text
    assert re.search(r"<option[^>]* selected>Inland</option>", text)
    assert browser.post("/organisation", data={"organisation": str(town.ours)}).headers["location"] == "/"
    assert re.search(r"<option[^>]* selected>Kivikoski</option>", browser.get("/").text)
    for nowhere in (str(uuid.UUID(int=9)), "x"):
        assert browser.post("/organisation", data={"organisation": nowhere}).status_code == 404


def test_a_link_of_the_start_signs_in_once_and_later_leads_home_who_is_in(town: Town, stranger: TestClient) -> None:
    path = f"/sign-in/link/{town.link(Purpose.SIGN_IN)}"
    assert stranger.post(path).headers["location"] == "/"
    assert stranger.get("/people").status_code == 200
    assert stranger.get(path).headers["location"] == "/"
    assert town.browser(None).get(path).status_code == 404
    again = town.browser(None).post(path)
    assert (again.status_code, COOKIE in again.cookies) == (404, False)


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_what_only_looks_at_a_link_does_not_use_it_up(town: Town, stranger: TestClient, method: str) -> None:
    links = [f"/sign-in/link/{town.link(Purpose.SIGN_IN)}", f"/reset/{town.link(Purpose.RESET)}", town.invitation()]
    for path in links:
        for _scanner in range(3):
            looked = town.browser(None).request(method, path)
            assert (looked.status_code, looked.headers.get("set-cookie")) == (200, None), path
        form = {"name": "Berit", "password": ANOTHER}
        assert town.browser(None).post(path, data=form).headers["location"] == "/", path


def test_a_link_that_another_site_follows_in_a_form_signs_nobody_in(town: Town) -> None:
    path = f"/sign-in/link/{town.link(Purpose.SIGN_IN)}"
    stranger = town.browser(None)
    assert stranger.post(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert stranger.post(path).status_code == 303


def test_a_reset_chooses_a_password_signs_out_everywhere_else_and_works_once(town: Town, stranger: TestClient) -> None:
    elsewhere = town.browser()
    path = f"/reset/{town.link(Purpose.RESET)}"
    assert EMAIL in stranger.get(path).text
    assert stranger.post(path, data={"password": "short"}).status_code == 422
    assert stranger.post(path, data={"password": ANOTHER}).headers["location"] == "/"
    assert elsewhere.get("/").status_code == 303
    assert stranger.get("/").status_code == 200
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, data={"password": ANOTHER}).status_code == 404


def test_a_new_password_ends_every_other_session_and_needs_the_old_one(town: Town) -> None:
    browser, elsewhere = town.browser(), town.browser()
    refused = browser.post("/account/password", data={"current": "wrong", "password": ANOTHER})
    assert refused.status_code == 422
    assert "This is not your password." in refused.text
    assert elsewhere.get("/").status_code == 200
    changed = browser.post("/account/password", data={"current": PASSWORD, "password": ANOTHER})
    assert changed.headers["location"] == "/account"
    assert browser.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 303
    assert town.browser(None).post("/sign-in", data={"email": EMAIL, "password": ANOTHER}).status_code == 303


def test_the_second_step_is_turned_on_asked_for_and_turned_off(town: Town) -> None:
    browser, elsewhere = town.browser(), town.browser()
    page = browser.get("/account/second-step").text
    sealed = re.findall(r'name="sealed" value="([^"]+)"', page)[0]
    secret = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].replace(" ", "")
    assert secret not in sealed
    form = {"sealed": sealed, "code": "000000", "current": PASSWORD}
    again = browser.post("/account/second-step", data=form)
    assert again.status_code == 422
    assert secret[:4] in again.text
    codes = browser.post("/account/second-step", data={**form, "code": pyotp.TOTP(secret).at(NOW)}).text
    recovery = re.findall(r"<li><code>([a-z2-7-]{19})</code></li>", codes)
    assert len(recovery) == 10
    assert elsewhere.get("/").status_code == 303
    assert "10 recovery codes are left." in browser.get("/account").text

    stranger = town.browser(None)
    halfway = stranger.post("/sign-in", params={"next": "/funnel"}, data=CREDENTIALS)
    assert halfway.headers["location"] == "/sign-in/code?next=%2Ffunnel"
    assert stranger.get("/").status_code == 303, "halfway is not in"
    assert stranger.get(halfway.headers["location"]).status_code == 200
    assert stranger.post(halfway.headers["location"], data={"code": "000000"}).status_code == 403
    assert stranger.post(halfway.headers["location"], data={"code": recovery[0]}).headers["location"] == "/funnel"

    assert browser.post("/account/second-step/off", data={"current": "wrong"}).status_code == 422
    assert browser.post("/account/second-step/off", data={"current": PASSWORD}).status_code == 303
    assert town.browser(None).post("/sign-in", data=CREDENTIALS).headers["location"] == "/"


def test_a_secret_that_was_shown_to_somebody_else_is_not_taken(town: Town) -> None:
    add_person(town.database, town.ours, "other@kivikoski.example", password=PASSWORD)
    page = town.browser("other@kivikoski.example").get("/account/second-step").text
    sealed = re.findall(r'name="sealed" value="([^"]+)"', page)[0]
    secret = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].replace(" ", "")
    for one in (sealed, "nonsense"):
        form = {"sealed": one, "code": pyotp.TOTP(secret).at(NOW), "current": PASSWORD}
        assert town.browser().post("/account/second-step", data=form).status_code == 403


def test_sessions_are_listed_and_ended(town: Town) -> None:
    browser, other, third = town.browser(), town.browser(), town.browser()
    text = browser.get("/account").text
    assert text.count("Firefox, Linux") >= 3
    assert "In 3 browsers." in text
    others, *ids = re.findall(r'name="session" value="([^"]+)"', text)
    assert (others, len(ids)) == ("others", 2), "what ends them all stands above them"
    assert text.index("this one") < text.index(ids[0]), "one's own stands first"
    browser.post("/account/sessions/end", data={"session": ids[0]})
    assert sorted([other.get("/").status_code, third.get("/").status_code]) == [200, 303]
    assert browser.post("/account/sessions/end", data={"session": "others"}).status_code == 303
    assert town.sessions() == 1
    assert browser.get("/account").status_code == 200
    assert browser.post("/account/sessions/end", data={"session": "x"}).status_code == 404


def test_the_account_is_renamed_and_a_name_that_is_none_is_told(town: Town) -> None:
    browser = town.browser()
    assert "Give a name" in browser.post("/account/name", data={"name": " "}).text
    browser.post("/account/name", data={"name": "Anna Berg"})
    assert "Anna Berg" in browser.get("/").text


def test_an_administrator_invites_gives_roles_and_removes(town: Town) -> None:
    browser = town.browser()
    refused = browser.post("/people/invite", data={"email": "nobody", "role": "viewer"})
    assert refused.status_code == 422
    assert "Nothing was changed." in refused.text
    assert browser.post("/people/invite", data={"email": "a@b.example", "role": "service"}).status_code == 422
    text = browser.post("/people/invite", data={"email": "new@kivikoski.example", "role": "marketer"}).text
    link = re.findall(r'<code id="link">http://kutsu\.example(/invitation/[^<]+)</code>', text)[0]
    assert link not in browser.get("/people").text
    other = town.browser(None)
    assert other.post(link, data={"name": "New", "password": ANOTHER}).status_code == 303
    text = browser.get("/people").text
    assert "2 people work here." in text
    member = re.findall(r'New</b>.*?name="member" value="([^"]+)"', text, re.DOTALL)[0]
    closed = "Does not see small counts: reports and Today are closed to them"
    assert closed not in text, "a marketer sees them from the start"
    given = browser.post("/people/role", data={"member": member, "role": "administrator"})
    text = browser.get(given.headers["location"]).text
    assert ("Kept." in text, closed in text) == (True, True)
    assert other.get("/people").status_code == 200
    removed = browser.post("/people/remove", data={"member": member})
    assert "To let them in again, invite them below." in browser.get(removed.headers["location"]).text
    assert other.get("/").status_code == 303


def test_the_last_administrator_stays_and_the_page_says_why(town: Town) -> None:
    browser = town.browser()
    member = re.findall(r'name="member" value="([^"]+)"', browser.get("/people").text)[0]
    for path in ("role", "remove"):
        answered = browser.post(f"/people/{path}", data={"member": member, "role": "viewer"})
        assert "last administrator" in answered.text


def test_an_invitation_is_withdrawn_on_the_page(town: Town) -> None:
    browser, path = town.browser(), town.invitation()
    text = browser.get("/people").text
    assert "new@kivikoski.example" in text
    (id,) = set(re.findall(r'name="invitation" value="([^"]+)"', text))
    assert browser.post("/people/withdraw", data={"invitation": id}).status_code == 303
    assert browser.get(path).status_code == 404


def test_invitations_that_were_just_made_stay_in_sight_with_whom_they_are_for_until_they_are_taken_up_or_renewed(
    town: Town,
) -> None:
    browser, other = town.browser(), town.browser(None)

    def made(text: str) -> dict[str, str]:
        shown = re.search(r'<div class="problems" role="status">.*?</div>', text, re.DOTALL)
        assert shown is not None
        return dict(re.findall(r"<p><b>([^<]+)</b>.*?data-copy=\"http://kutsu\.example(/invitation/[^\"]+)\"", shown[0],
                               re.DOTALL))  # fmt: skip

    def send(path: str, text: str, **said: str) -> str:
        return browser.post(path, data={**said, "made": re.findall(r'name="made" value="([^"]+)"', text)}).text

    text = send("/people/invite", "", email="one@kivikoski.example", role="marketer")
    first = made(text)["one@kivikoski.example"]
    assert "arketer, open until" in text and "Copy the link" in text
    text = send("/people/invite", text, email="two@kivikoski.example", role="viewer")
    assert made(text)["one@kivikoski.example"] == first and set(made(text)) == {
        "one@kivikoski.example", "two@kivikoski.example"
    }  # fmt: skip
    text = send("/people/invite", text, email="nobody", role="viewer")
    assert len(made(text)) == 2, "what is refused takes no link away"
    listed = text.rpartition("</h2>")[2]
    id = re.findall(r'one@kivikoski.*?name="invitation" value="([^"]+)"', listed, re.DOTALL)[0]
    text = send("/people/renew", text, invitation=id)
    assert made(text)["one@kivikoski.example"] != first
    assert other.get(first).status_code == 404
    assert other.get(made(text)["one@kivikoski.example"]).status_code == 200
    assert browser.post("/people/renew", data={"invitation": id}).status_code == 404
    assert "two@kivikoski.example" not in made(
        browser.post(
            "/people/invite", data={"email": "three@kivikoski.example", "role": "viewer", "made": ["nonsense"]}
        ).text
    )


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MARKETER, Role.CONSULTANT])
def test_only_administrators_see_and_change_who_is_in(town: Town, role: Role) -> None:
    add_person(town.database, town.ours, "other@kivikoski.example", role)
    browser = town.browser("other@kivikoski.example")
    assert 'href="/people"' not in browser.get("/").text
    assert browser.get("/people").status_code == 403
    member = re.findall(r'name="member" value="([^"]+)"', town.browser().get("/people").text)[0]
    for path, data in [
        ("invite", {"email": "x@y.example", "role": "administrator"}),
        ("role", {"member": member, "role": "viewer"}),
        ("remove", {"member": member}),
        ("withdraw", {"invitation": member}),
    ]:
        assert browser.post(f"/people/{path}", data=data).status_code == 403


def test_a_form_of_a_stranger_is_sent_to_the_door(stranger: TestClient) -> None:
    assert stranger.post("/people/invite", data={}).headers["location"] == "/sign-in"
    assert stranger.post("/organisation", data={}).headers["location"] == "/"
    assert stranger.post("/sign-out").headers["location"] == "/sign-in"


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/campaigns/urgent", {"name": "Lomasijaiset <Kallio>", "place": ""}),
        ("/people/invite", {"email": "new@kivikoski.example", "role": "viewer"}),
    ],
)
def test_what_was_typed_while_somebody_was_signed_out_is_kept_on_a_page_that_sends_it_again(
    town: Town, stranger: TestClient, path: str, typed: dict[str, str]
) -> None:
    answered = stranger.post(f"{path}?lang=en", data=typed)
    assert answered.status_code == 401 and "What you sent was not stored." in answered.text
    assert f'action="{path}?lang=en"' in answered.text and 'target="_blank"' in answered.text
    kept = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answered.text)
    assert {name: unescape(value) for name, value in kept} == typed
    assert "<Kallio>" not in answered.text
    elsewhere = town.browser(None, language="en")
    elsewhere.headers["sec-fetch-site"] = "cross-site"
    assert "Send what I typed" not in elsewhere.post(path, data=typed).text, "another site's form is not sent again"


def test_who_was_signed_out_is_told_why_they_are_at_the_door_and_comes_back_to_the_form(stranger: TestClient) -> None:
    here = {"referer": "http://kutsu.example/account?lang=en"}
    secret = {"current": "x", "password": "something new and long"}
    answered = stranger.post("/account/password", data=secret, headers=here)
    assert answered.headers["location"] == "/sign-in?next=%2Faccount%3Flang%3Den&unsent=yes"
    assert "You were signed out, so what you sent was not stored" in stranger.get(answered.headers["location"]).text
    assert stranger.post(answered.headers["location"], data=CREDENTIALS).headers["location"] == "/account?lang=en"


@pytest.mark.parametrize("page", ["https://evil.example/account", "http://kutsu.example/people/invite", "//[", ""])
def test_the_door_leads_back_to_no_other_site_and_to_nothing_that_is_no_page(stranger: TestClient, page: str) -> None:
    answered = stranger.post("/people/remove", data={}, headers={"referer": page})
    assert answered.headers["location"] == "/sign-in"


def test_an_account_of_a_provider_is_asked_for_no_password(town: Town) -> None:
    add_person(town.database, town.ours, "provider@kivikoski.example")
    browser = town.browser("provider@kivikoski.example")
    assert 'name="current"' not in browser.get("/account").text + browser.get("/account/second-step").text
    assert browser.post("/sign-in", data={"email": "provider@kivikoski.example", "password": ""}).status_code == 403


def test_what_breaks_outside_the_door_becomes_a_page_with_a_number(town: Town, stranger: TestClient) -> None:
    town.app.state.signing_in = None
    answered = stranger.post("/sign-in", data=CREDENTIALS)
    assert answered.status_code == 500
    assert "in the log as" in answered.text


def test_being_seen_is_noted_now_and_then(town: Town) -> None:
    import datetime as dt

    browser = town.browser()
    town.app.state.clock = lambda: NOW + dt.timedelta(minutes=5)
    browser.get("/")
    with town.database.reading() as session:
        user = find_user(session, EMAIL)
        assert user is not None
        assert get_user(session, user.id).last_seen_at == NOW + dt.timedelta(minutes=5)
