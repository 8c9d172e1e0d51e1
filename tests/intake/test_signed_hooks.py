"""A signature that somebody describes: what it covers, what is refused of its description, and whom it vouches for."""

import base64
import datetime as dt
import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.organisation import create_organisation
from app.database import Database
from app.errors import Invalid
from app.intake.connection_changes import ConnectionChange, change_connection
from app.intake.connectors.hook import Delivery, Reading
from app.intake.connectors.signed import SignedHooks
from app.intake.hook_secrets import add_hook_secret
from app.intake.hook_settings import HookSettings, check_settings, make_scheme
from app.intake.inbox import Trust
from app.intake.vendors import connect, get_connection
from tests.intake.hooking import Sender, application, encode
from tests.intake.signing import NOW, OWN_SIGNATURE, TIMED_SIGNATURE, WHSEC, sign_own, sign_standard, sign_timed
from tests.intake.town import SEALER

SECRET = "a secret that two systems share"
BODY = encode(application("a1", 1))
STATED = str(int(NOW.timestamp()))


def sign(text: bytes, secret: bytes = SECRET.encode()) -> str:
    return hmac.new(secret, text, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("scheme", "headers"),
    [
        (SignedHooks(signature_header="x-jazzhr-signature"), {"x-jazzhr-signature": sign(BODY)}),
        (
            SignedHooks(signature_header="x-signature-base64hmacsha256", encoding="base64"),
            {"x-signature-base64hmacsha256": base64.b64encode(bytes.fromhex(sign(BODY))).decode()},
        ),
        (SignedHooks(signature_header="x-hub-256", prefix="sha256="), {"x-hub-256": f"sha256={sign(BODY)}"}),
        (
            SignedHooks(signature_header="s", prefix="v1=", signed_text="{timestamp}:{body}", timestamp_header="t"),
            {"s": f"v1={'0' * 64}; v1={sign(STATED.encode() + b':' + BODY)}", "t": STATED},
        ),
        (
            SignedHooks(signature_header="s", signed_text="v0:{timestamp}:{body}", timestamp_header="t"),
            {"s": sign(b"v0:" + STATED.encode() + b"000:" + BODY), "t": f"{STATED}000"},
        ),
        (
            SignedHooks(**TIMED_SIGNATURE),
            {"x-timed-signature": f"t={STATED},v1={'0' * 64}, v1={sign(STATED.encode() + b'.' + BODY)},v0=6ffb"},
        ),
    ],
    ids=["hexadecimal", "base64", "a prefix", "several signatures", "milliseconds", "a time in its header"],
)  # fmt: skip
def test_a_signature_is_found_as_it_was_described(scheme: SignedHooks, headers: dict[str, str]) -> None:
    assert scheme.verify(BODY, headers, ["another", SECRET], NOW) == Delivery(key=None, secret=1)
    assert scheme.verify(BODY + b" ", headers, [SECRET], NOW) is None
    assert scheme.verify(BODY, headers, [SECRET + "!"], NOW) is None


def test_standard_webhooks_can_be_described_and_their_secret_is_decoded() -> None:
    scheme = SignedHooks(
        signature_header="webhook-signature", prefix="v1,", encoding="base64", signed_text="{id}.{timestamp}.{body}",
        timestamp_header="webhook-timestamp", id_header="webhook-id",
    )  # fmt: skip
    found = scheme.verify(BODY, sign_standard(BODY, WHSEC), [WHSEC], NOW)
    assert found == Delivery(key="msg_1", reading=Reading.DECODED)


def test_an_id_that_holds_what_parts_it_from_the_rest_is_refused() -> None:
    scheme = SignedHooks(**OWN_SIGNATURE)
    headers = dict(sign_own(BODY, SECRET, id="a.1772442000"))
    assert scheme.verify(BODY, headers, [SECRET], NOW) is None
    moved = headers | {"x-id": "a", "x-time": "1772442000"}
    assert scheme.verify(f"{STATED}.".encode() + BODY, moved, [SECRET], NOW) is not None, "which is why"


@pytest.mark.parametrize(("seconds", "on_time"), [(-61, False), (-59, True), (0, True), (59, True), (61, False)])
def test_what_comes_outside_the_tolerance_that_was_said_is_late(seconds: int, on_time: bool) -> None:
    scheme = SignedHooks(**OWN_SIGNATURE, tolerance=dt.timedelta(minutes=1))
    found = scheme.verify(BODY, sign_own(BODY, SECRET, at=NOW + dt.timedelta(seconds=seconds)), [SECRET], NOW)
    assert found == Delivery(key="msg_1", on_time=on_time)


def test_a_time_in_the_signatures_header_is_believed_only_if_it_is_said_once_and_signed() -> None:
    scheme = SignedHooks(**TIMED_SIGNATURE, tolerance=dt.timedelta(minutes=1))
    signed = sign_timed(BODY, SECRET)["x-timed-signature"]
    late = sign_timed(BODY, SECRET, at=NOW - dt.timedelta(seconds=61))
    assert scheme.verify(BODY, late, [SECRET], NOW) == Delivery(key=None, on_time=False)
    for wrong in (f"{signed},t={STATED}", signed.replace(STATED, f"{STATED}1"), signed.replace("t=", ""), f"{signed},"):
        assert scheme.verify(BODY, {"x-timed-signature": wrong}, [SECRET], NOW) is None


NAMES = ["x-timed-signature", "x-signature", "x-time", "x-id"]


@given(body=st.binary(max_size=200), headers=st.dictionaries(st.sampled_from(NAMES), st.text()))
def test_whatever_a_stranger_sends_is_refused_without_an_error(body: bytes, headers: dict[str, str]) -> None:
    for said in (OWN_SIGNATURE, TIMED_SIGNATURE):
        assert SignedHooks(**said).verify(body, headers, [SECRET, WHSEC], NOW) is None


GOOD: dict[str, Any] = {"signature_header": "X-Signature"}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"signature_header": None}, "signature_header"),
        ({"signature_header": "X Signature"}, "signature_header"),
        ({"encoding": "base32"}, "encoding"),
        ({"prefix": "ä"}, "prefix"),
        ({"signed_text": "{timestamp}", "timestamp_header": "t"}, "signed_text"),
        ({"signed_text": "{body}.{body}"}, "signed_text"),
        ({"signed_text": "{body}.{path}"}, "signed_text"),
        ({"signed_text": "{timestamp}{body}", "timestamp_header": "t"}, "signed_text"),
        ({"signed_text": "v1{body}"}, "signed_text"),
        ({"signed_text": "{timestamp}.{body}"}, "timestamp_header"),
        ({"timestamp_header": "t"}, "timestamp_header"),
        ({"signed_text": "{id}.{body}"}, "id_header"),
        ({"id_header": "x-signature"}, "id_header"),
        ({"tolerance_seconds": 60}, "tolerance_seconds"),
        ({"signed_text": "{timestamp}.{body}", "timestamp_header": "t", "tolerance_seconds": 0}, "tolerance_seconds"),
        ({"success_status": 404}, "success_status"),
        ({"timestamp_prefix": "t="}, "timestamp_prefix"),
        ({"signed_text": "{timestamp}.{body}", "timestamp_prefix": "t=", "timestamp_header": "t"}, "timestamp_prefix"),
        ({"signed_text": "{timestamp}.{body}", "timestamp_prefix": "t, "}, "timestamp_prefix"),
        ({"signed_text": "{timestamp}.{body}", "timestamp_prefix": "t=", "prefix": "v1,"}, "prefix"),
        ({"signed_text": "{timestamp}.{body}", "timestamp_prefix": "v1=", "prefix": "v"}, "timestamp_prefix"),
    ],
)
def test_a_description_that_cannot_be_right_is_refused_by_its_field(said: dict[str, Any], field: str) -> None:
    assert list(check_settings("signed", HookSettings(**GOOD))) == []
    assert [one.field for one in check_settings("signed", HookSettings(**(GOOD | said)))] == [f"webhooks.{field}"]


@pytest.mark.parametrize("vendor", ["standard", "teamtailor"])
def test_where_a_time_is_signed_a_connection_has_its_own_tolerance_and_nothing_else(vendor: str) -> None:
    settings = HookSettings(tolerance_seconds=900)
    assert list(check_settings(vendor, settings)) == []
    assert make_scheme(vendor, {"tolerance_seconds": 900}).tolerance == dt.timedelta(minutes=15)  # type: ignore[union-attr]
    assert [one.field for one in check_settings(vendor, HookSettings(prefix="x"))] == ["webhooks.prefix"]
    assert [one.field for one in check_settings("greenhouse", settings)] == ["webhooks.tolerance_seconds"]


@pytest.fixture
def sender(database: Database) -> Sender:
    """A system with a signature of its own, and the door that it sends to."""
    with database.writing() as session:
        organisation = create_organisation(session, "City", now=NOW).id
    with database.writing(organisation) as session:
        made = connect(session, "signed", "Own", "any", {}, sealer=SEALER, now=NOW, webhooks=settings(60))
        add_hook_secret(session, made, sealer=SEALER, now=NOW, secret=SECRET)
        return Sender(database, organisation, made.id)


def settings(tolerance_seconds: int) -> HookSettings:
    return HookSettings(**(OWN_SIGNATURE | {"tolerance_seconds": tolerance_seconds, "success_status": 200}))


def test_what_is_signed_as_described_comes_into_the_record(sender: Sender) -> None:
    with sender.open() as client:
        answer = client.post(sender.path, content=BODY, headers=dict(sign_own(BODY, SECRET)))
        assert answer.status_code == 200
        assert client.post(sender.path, content=BODY, headers=sender.sign(BODY)).status_code == 401
    sender.project()
    assert sender.reported() == 1


def test_another_tolerance_is_kept_to_from_then_on(sender: Sender) -> None:
    at = NOW - dt.timedelta(minutes=10)
    with sender.open() as client:
        client.post(sender.path, content=BODY, headers=dict(sign_own(BODY, SECRET, at=at)))
        with sender.database.writing(sender.organisation_id) as session:
            change = ConnectionChange(webhooks=settings(3600))
            change_connection(session, sender.connection_id, change, revision=None, sealer=SEALER, now=NOW)
        sender.app.state.hooks.forget(sender.connection_id)
        client.post(sender.path, content=BODY, headers=dict(sign_own(BODY, SECRET, id="msg_2", at=at)))
    assert sorted(row.trust for row in sender.rows()) == [Trust.LATE, Trust.WHOLE]


def test_a_connection_keeps_its_description_when_another_is_refused(sender: Sender) -> None:
    change = ConnectionChange(webhooks=HookSettings())
    with sender.database.writing(sender.organisation_id) as session, pytest.raises(Invalid, match="signature_header"):
        change_connection(session, sender.connection_id, change, revision=None, sealer=SEALER, now=NOW)
    with sender.database.reading(sender.organisation_id) as session:
        kept = get_connection(session, sender.connection_id).hook_settings
    assert kept is not None and kept["signature_header"] == "x-signature"
