"""The form in which a system's own signature is described: from the description to the first delivery."""

import html
import re

import pytest

from app.web.pages.signing_form import leaves_open
from tests.intake.signing import OWN_SIGNATURE, sign_own
from tests.support.client import TestClient
from tests.support.forms import read_form
from tests.support.people import add_person, browser_of
from tests.support.plan import NOW
from tests.web.conftest import Door

FORM = {"vendor": "signed", "name": "Own", **OWN_SIGNATURE}


@pytest.fixture
def browser(door: Door) -> TestClient:
    add_person(door.database, door.ours)
    return browser_of(door.app)


def test_a_system_is_connected_by_its_signature_and_its_first_delivery_is_taken(browser: TestClient) -> None:
    assert "/data/connect?vendor=signed" in browser.get("/data/connect?vendor=other").text
    page = browser.post("/data/connect", data=FORM).headers["location"]
    assert "No webhook is taken yet: make the secret first." in browser.get(page).text
    shown = browser.post(f"{page}/secret", data={}).text
    secret = re.search(r"<code>([0-9a-f]{64})</code>", shown)
    assert secret is not None
    hook = re.search(r"/hooks/[0-9a-f-]{36}", shown)
    assert hook is not None
    delivered = browser.post(hook[0], content=b"[]", headers=dict(sign_own(b"[]", secret[1], at=NOW)))
    assert delivered.status_code == 202


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"signature_header": ""}, "Header of the signature: Name the header that holds the signature."),
        ({"signed_text": "{body}{body}"}, "What is signed: Write {body} once"),
        ({"tolerance_seconds": "soon"}, "By how many seconds its clock may differ: Give a whole number."),
        ({"success_status": "404"}, "Status that says “received”: Received is said by a status from 200 to 299."),
        ({"name": ""}, "Name the connection in 1 to 120 characters."),
    ],
)
def test_what_is_wrong_is_named_by_its_field_and_what_was_typed_is_kept(
    browser: TestClient, wrong: dict[str, str], said: str
) -> None:
    answer = browser.post("/data/connect", data=FORM | wrong)
    text = html.unescape(answer.text)
    assert answer.status_code == 422 and said in text
    assert 'value="x-time"' in text


def test_a_description_is_changed_where_its_deliveries_are_seen(browser: TestClient) -> None:
    page = browser.post("/data/connect", data=FORM).headers["location"]
    assert browser.post(f"{page}/settings", data=FORM | {"tolerance_seconds": "900"}).status_code == 303
    assert 'value="900"' in browser.get(page).text
    refused = browser.post(f"{page}/settings", data=FORM | {"id_header": ""})
    assert refused.status_code == 422
    assert "Header of the delivery’s id, if there is one: Name the header that holds the id." in refused.text


def test_the_connection_says_whether_an_older_secret_is_still_used(browser: TestClient) -> None:
    page = browser.post("/data/connect", data=FORM).headers["location"]
    connection = page.removesuffix("/webhooks")
    browser.post(f"{page}/secret", data={})
    shown = browser.get(connection).text
    assert "keep both" not in shown and "Its last synchronisations" not in shown, "of a system that only sends"
    browser.post(f"{page}/secret", data={})
    assert "No delivery has come by the newer secret yet: keep both." in browser.get(connection).text


def test_only_where_something_is_open_there_is_something_to_say() -> None:
    assert [one for one in ("teamtailor", "greenhouse", "standard", "signed") if not leaves_open(one)] == ["greenhouse"]


def test_a_system_that_only_sends_is_taken_up_again_without_a_key(browser: TestClient) -> None:
    page = browser.post("/data/connect", data=FORM).headers["location"].removesuffix("/webhooks")
    assert "Another key" not in browser.get(page).text
    form = read_form(browser.get(page).text, f"{page}/disconnect")
    assert "Disconnected on" in browser.post(f"{page}/disconnect", data=form, follow_redirects=True).text
    shown = browser.get(page).text
    assert "Take it up again" in shown
    browser.post(f"{page}/key", data=read_form(shown, f"{page}/key"))
    assert "Disconnected on" not in browser.get(page).text
