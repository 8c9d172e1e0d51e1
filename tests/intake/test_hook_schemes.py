"""Who signed a delivery, and what it says: for each scheme its vectors, and whatever a stranger may send."""

import base64
import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.connectors.hook import Delivery, HookContent, HookScheme, Reading, find_member, hex_mac, read_json
from app.intake.connectors.page import ErasedSeen, Unusable
from app.intake.connectors.signed import SignedHooks
from app.intake.connectors.standard import StandardHooks, make_secret, read_secret
from app.intake.connectors.teamtailor.hooks import TeamtailorHints, TeamtailorHooks
from tests.intake.signing import (
    NOW,
    OWN_SIGNATURE,
    TT_KEY,
    WHSEC,
    sign_hint,
    sign_own,
    sign_standard,
    sign_teamtailor,
)

VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR_AT = dt.datetime.fromtimestamp(1614265330, dt.UTC)
VECTOR_BODY = b'{"test": 2432232314}'
VECTOR = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
"""From the specification's own libraries (`libraries/go/webhook_test.go`)."""
EVENT = {"payload": {"event_name": "job_application.update", "data": {"id": "7", "type": "job_application"}}}
BODY = json.dumps(EVENT).encode()
SCHEMES: list[tuple[HookScheme, Callable[..., Mapping[str, str]], str]] = [
    (StandardHooks(), sign_standard, WHSEC),
    (TeamtailorHooks(), sign_teamtailor, TT_KEY),
    (TeamtailorHints(), sign_hint, TT_KEY),
    (SignedHooks(**OWN_SIGNATURE), sign_own, TT_KEY),
]
ALL = pytest.mark.parametrize(
    ("scheme", "sign", "secret"), SCHEMES, ids=["standard", "teamtailor", "teamtailor-v1", "signed"]
)


def test_the_specifications_own_vector_is_accepted() -> None:
    assert StandardHooks().verify(VECTOR_BODY, VECTOR, [VECTOR_SECRET], VECTOR_AT) == Delivery(
        key="msg_p5jXN8AQM9LWM0D4loKWxJek", reading=Reading.DECODED
    )


@pytest.mark.parametrize(
    "signatures",
    [
        f"v1a,abc {VECTOR['webhook-signature']}",
        f"v1,AAAA {VECTOR['webhook-signature']} v2,zzz",
    ],
)
def test_one_good_signature_of_a_known_version_is_enough(signatures: str) -> None:
    headers = VECTOR | {"webhook-signature": signatures}
    assert StandardHooks().verify(VECTOR_BODY, headers, [VECTOR_SECRET], VECTOR_AT) is not None


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "åäö"])
def test_a_secret_without_bytes_vouches_for_nothing(secret: str) -> None:
    assert read_secret(secret) is None
    headers = sign_standard(BODY, "whsec_AA==")
    assert StandardHooks().verify(BODY, headers, [secret], NOW) is None
    empty = {"tt-signature": base64.b64encode(b"t=1,v2=" + hex_mac(b"", b"1." + BODY)).decode()}
    assert TeamtailorHooks().verify(BODY, empty, [""], NOW) is None


def test_a_made_secret_is_one_that_can_be_read() -> None:
    assert len(read_secret(make_secret()) or b"") == 32


@ALL
def test_either_of_two_live_secrets_vouches_and_a_dropped_one_does_not(
    scheme: HookScheme, sign: Callable[..., Mapping[str, str]], secret: str
) -> None:
    other = make_secret()
    signed = sign(BODY, secret)
    assert scheme.verify(BODY, signed, [other, secret], NOW) is not None
    assert scheme.verify(BODY, signed, [secret, other], NOW) is not None
    assert scheme.verify(BODY, signed, [other], NOW) is None
    assert scheme.verify(BODY, signed, [], NOW) is None


@pytest.mark.parametrize("scheme", [StandardHooks(), TeamtailorHooks()])
@pytest.mark.parametrize(("seconds", "on_time"), [(-301, False), (-299, True), (0, True), (299, True), (301, False)])
def test_what_comes_outside_its_time_is_vouched_for_but_late(scheme: HookScheme, seconds: int, on_time: bool) -> None:
    sign, secret = (sign_standard, WHSEC) if isinstance(scheme, StandardHooks) else (sign_teamtailor, TT_KEY)
    signed = sign(BODY, secret, at=NOW + dt.timedelta(seconds=seconds))
    delivery = scheme.verify(BODY, signed, [secret], NOW)
    assert delivery is not None and delivery.on_time is on_time and delivery.covers_body


def test_version_1_never_vouches_for_the_body() -> None:
    signed = sign_hint(BODY, TT_KEY)
    forged = json.dumps({"payload": {"event_name": "candidate.destroy", "data": {"id": "7"}}}).encode()
    for body in (BODY, forged):
        assert TeamtailorHints().verify(body, signed, [TT_KEY], NOW) == Delivery(key=None, covers_body=False)
    other = json.dumps({"payload": {"event_name": "candidate.destroy", "data": {"id": "8"}}}).encode()
    assert TeamtailorHints().verify(other, signed, [TT_KEY], NOW) is None


def test_version_2_may_sign_the_payload_alone_and_then_nothing_else_is_read() -> None:
    payload = b'{ "event_name":"job_application.update", "data":{"id":"7"}}'
    signed = sign_teamtailor(payload, TT_KEY)
    body = b'{"signature": "' + signed["tt-signature"].encode() + b'", "payload":' + payload + b"}"
    assert TeamtailorHooks().verify(body, signed, [TT_KEY], NOW) is not None
    assert TeamtailorHooks().read(body, {}).refetch == ("7",)
    twice = b'{"payload":' + payload + b', "payload": {"event_name":"candidate.destroy","data":{"id":"1"}}}'
    assert TeamtailorHooks().verify(twice, signed, [TT_KEY], NOW) is None


def test_a_signature_of_version_2_has_one_spelling() -> None:
    given = sign_teamtailor(BODY, TT_KEY)["tt-signature"]
    other = given[:-2] + chr(ord(given[-2]) + 1) + "="
    assert base64.b64decode(other) == base64.b64decode(given)
    assert TeamtailorHooks().verify(BODY, {"tt-signature": given}, [TT_KEY], NOW) is not None
    assert TeamtailorHooks().verify(BODY, {"tt-signature": other}, [TT_KEY], NOW) is None


def test_a_full_stop_in_an_id_cannot_move_what_is_signed() -> None:
    signed = dict(sign_standard(BODY, WHSEC, id="a.1772442000"))
    assert StandardHooks().verify(BODY, signed, [WHSEC], NOW) is None
    moved = signed | {"webhook-id": "a", "webhook-timestamp": "1772442000"}
    assert StandardHooks().verify(f"{signed['webhook-timestamp']}.".encode() + BODY, moved, [WHSEC], NOW) is not None, (
        "which is why"
    )


@ALL
@given(data=st.data())
def test_whatever_is_changed_of_a_delivery_nobody_vouches_for_it(
    scheme: HookScheme, sign: Callable[..., Mapping[str, str]], secret: str, data: st.DataObject
) -> None:
    body, headers = data.draw(mutations(scheme, BODY, dict(sign(BODY, secret))))
    assert scheme.verify(body, headers, [secret, make_secret()], NOW) is None


@st.composite
def mutations(
    draw: st.DrawFn, scheme: HookScheme, body: bytes, headers: dict[str, str]
) -> tuple[bytes, dict[str, str]]:
    """One byte of the body or one character of a header changed, cut off, added, or a header gone."""
    covered = not isinstance(scheme, TeamtailorHints)
    part = draw(st.sampled_from([*headers, "body"] if covered else [*headers]))
    if part == "body":
        place = draw(st.integers(0, len(body) - 1))
        other = draw(st.integers(0, 255).filter(lambda one: one != body[place]))
        changed = body[:place] + bytes([other]) + body[place + 1 :]
        return draw(st.sampled_from([changed, body[:place], body + bytes([other])])), headers
    text = headers[part]
    place = draw(st.integers(0, len(text) - 1))
    other_one = draw(st.characters(max_codepoint=255).filter(lambda one: one != text[place]))
    shortened = text[:place] or None
    changed_text = draw(st.sampled_from([text[:place] + other_one + text[place + 1 :], shortened]))
    kept = {name: value for name, value in headers.items() if name != part}
    mutated = kept if changed_text is None else kept | {part: changed_text}
    return body, mutated


@ALL
@given(body=st.binary(max_size=200), names=st.dictionaries(st.sampled_from(["tt-signature", *VECTOR]), st.text()))
def test_whatever_a_stranger_sends_is_refused_without_an_error(
    scheme: HookScheme, sign: Callable[..., Mapping[str, str]], secret: str, body: bytes, names: dict[str, str]
) -> None:
    assert scheme.verify(body, names, [secret], NOW) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("job_application.create", HookContent(action="job_application.create", refetch=("7",))),
        ("job_application.update", HookContent(action="job_application.update", refetch=("7",))),
        (
            "job_application.destroy",
            HookContent(action="job_application.destroy", seen=(ErasedSeen(application="7"),)),
        ),
        (
            "candidate.destroy",
            HookContent(action="candidate.destroy", seen=(ErasedSeen(candidate="7", unless_listed=True),)),
        ),
        ("candidate.update", HookContent(action="candidate.update", ignored="not used")),
        ("job.create", HookContent(action="job.create", ignored="not used")),
    ],
)
@pytest.mark.parametrize("spelled", ["event_name", "event-name", "eventName"])
def test_an_event_of_teamtailors_says_what_to_ask_about_or_what_is_gone(
    name: str, content: HookContent, spelled: str
) -> None:
    body = json.dumps({"payload": {spelled: name, "data": {"id": 7, "attributes": {"email": "unread"}}}}).encode()
    assert TeamtailorHooks().read(body, {}) == content


BROKEN: list[bytes] = [
    b"", b"{", b"\xff\xfe", b'{"payload": NaN}', b'{"a": 1, "a": 2}', b"[" * 100_000, b'"\\ud800', b"null", b"[]",
    b'{"payload": {"event_name": "job_application.update", "data": {}}}',
    b'{"payload": {"event_name": "job_application.update", "data": {"id": ""}}}',
    b'{"payload": {"event_name": 7, "data": {"id": ["x"]}}}',
]  # fmt: skip


@pytest.mark.parametrize("body", BROKEN)
def test_a_broken_body_is_unusable_and_nothing_worse(body: bytes) -> None:
    with pytest.raises(Unusable):
        TeamtailorHooks().read(body, {})


@given(
    st.binary(max_size=300)
    | st.text().map(str.encode)
    | st.recursive(st.none(), st.lists).map(json.dumps).map(str.encode)
)
def test_any_bytes_are_read_or_unusable(body: bytes) -> None:
    for scheme in (TeamtailorHooks(), StandardHooks()):
        try:
            scheme.read(body, {})
        except Unusable:
            continue


@pytest.mark.parametrize(
    ("body", "items"), [(b'{"id": "a"}', ({"id": "a"},)), (b'[{"id": "a"}, 7]', ({"id": "a"}, 7)), (b"[]", ())]
)
def test_one_observation_or_an_array_of_them_is_read(body: bytes, items: tuple[Any, ...]) -> None:
    assert StandardHooks().read(body, {}) == HookContent(action="observations", observations=items)


@given(
    st.dictionaries(st.text(max_size=5), st.recursive(st.integers() | st.text(), st.lists), max_size=4),
    st.text(max_size=5),
)
def test_a_members_bytes_are_found_as_they_stand(members: dict[str, Any], name: str) -> None:
    body = json.dumps(members, indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass")
    found = find_member(body, name)
    if name not in members:
        assert found is None
    elif found is not None:
        assert read_json(found) == members[name] and found in body


@pytest.mark.parametrize("body", [b"[1]", b'{"a" 1}', b'{"a": 1', b'{"a": 1} x', b'{"a": 1, "a": 1}', b"", b"\xff"])
def test_what_is_no_whole_object_has_no_member(body: bytes) -> None:
    assert find_member(body, "a") is None
