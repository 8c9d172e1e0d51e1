"""Greenhouse's webhooks: who signed them, and what each action calls for, in two spellings of its body."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Drifted
from app.intake.connectors.greenhouse.hooks import ACTIONS, GreenhouseHooks
from app.intake.connectors.hook import Delivery, HookContent
from app.intake.connectors.page import ErasedSeen, MergedSeen, Unusable
from tests.intake.signing import NOW, sign_greenhouse

SECRET = "what the customer typed in"
SCHEME = GreenhouseHooks()


def sign(body: bytes, secret: str = SECRET, *, event: str | None = "e-1") -> Mapping[str, str]:
    return {**sign_greenhouse(body, secret), **({"greenhouse-event-id": event} if event else {})}


def application(**said: Any) -> dict[str, Any]:
    """An application as the vendor's newer samples show it."""
    return {
        "application": {
            "id": 71, "status": "active", "prospect": False, "applied_at": "2026-03-01T09:00:00Z",
            "rejected_at": None, "last_activity_at": "2026-03-02T09:00:00Z",
            "source": {"id": 16, "public_name": "LinkedIn"}, "credited_to": None, "rejection_reason": None,
            "current_stage": {"id": 31, "name": "Haastattelu", "interviews": []},
            "candidate": {"id": 60, "first_name": "Aino", "email_addresses": [{"value": "a@example.org"}]},
            "jobs": [{"id": 371, "name": "Terveyskeskuslääkäri", "departments": [], "offices": []}], **said,
        }
    }  # fmt: skip


def older(**said: Any) -> dict[str, Any]:
    """The same in the other spelling: keys as texts, `name` of the source, one `job`, and fields that are absent."""
    body = application(**said)["application"]
    for name in ("applied_at", "status", "jobs", "rejected_at"):
        body.pop(name)
    return {"application": {**body, "id": "71", "source": {"id": 16, "name": "LinkedIn"}, "job": {"id": 371}}}


REASON = {"id": 1, "name": "Position closed", "type": {"id": 3, "name": "They rejected us"}}
OFFER = {"id": 5, "application_id": 71, "version": 1, "sent_on": "2026-03-01", "offer_status": "Created"}
TAKEN = {"id": 5, "version": 1, "created_at": "2026-03-01T09:00:00Z", "starts_at": "2026-05-01"}
PERSON = {"id": 60, "first_name": "Aino", "created_at": "2026-03-01T09:00:00Z", "is_private": False}
ASKED = HookContent(action="", refetch=("71",))
GONE = HookContent(
    action="",
    seen=(ErasedSeen(candidate="60"), ErasedSeen(application="71"), ErasedSeen(application="72")),
)
GOLDEN: dict[str, list[tuple[dict[str, Any], HookContent]]] = {
    "new_candidate_application": [(application(), ASKED), (older(), ASKED)],
    "new_prospect_application": [
        (application(prospect=True, jobs=[], current_stage=None), ASKED),
        (older(prospect=True, current_stage=None), ASKED),
    ],
    "application_updated": [(application(), ASKED), (older(), ASKED)],
    "candidate_stage_change": [
        (application(), ASKED),
        (older(last_activity_at=None), ASKED),
    ],
    "reject_candidate": [
        (application(rejected_at="2026-03-02T09:00:00Z", rejection_reason=REASON), ASKED),
        (older(rejection_reason=None), ASKED),
    ],
    "unreject_candidate": [(application(), ASKED), (older(), ASKED)],
    "hire_candidate": [
        (application(offer={**TAKEN, "resolved_at": "2026-03-09T09:00:00Z"}, opening={"opening_id": "1"}), ASKED),
        (older(offer={**TAKEN, "resolved_at": None}), ASKED),
    ],
    "unhire_candidate": [(application(), ASKED), (older(), ASKED)],
    "offer_created": [(OFFER, ASKED), ({**OFFER, "application_id": "71", "start_date": "04/15/2026"}, ASKED)],
    "offer_approved": [(OFFER, ASKED), ({**OFFER, "start_date": None, "custom_fields": {}}, ASKED)],
    "offer_updated": [({**OFFER, "offer_status": "Deprecated"}, ASKED), ({**OFFER, "version": 2}, ASKED)],
    "offer_deleted": [({"offer": OFFER}, ASKED), (OFFER, ASKED)],
    "delete_application": [
        ({"application": {"id": 71, "candidate_id": 60, "job_id": 371, "prospect": False}},
         HookContent(action="", seen=(ErasedSeen(application="71"),))),
        ({"application": {"id": "71", "candidate_id": 60, "job_id": None}},
         HookContent(action="", seen=(ErasedSeen(application="71"),))),
    ],
    "delete_candidate": [
        ({"person": {**PERSON, "deleted_application_ids": [71, 72, 71]}}, GONE),
        ({"person": {**PERSON, "deleted_application_ids": []}},
         HookContent(action="", seen=(ErasedSeen(candidate="60", unless_merged=True),))),
    ],
    "merge_candidate": [
        ({"person": {**PERSON, "new_candidate_id": 61}},
         HookContent(action="", seen=(MergedSeen(candidate="60", into="61"),))),
        ({"person": {"id": "60", "new_candidate_id": "61"}},
         HookContent(action="", seen=(MergedSeen(candidate="60", into="61"),))),
    ],
    "candidate_anonymized": [
        ({"candidate_id": 60, "anonymized_fields": ["full_name"]},
         HookContent(action="", seen=(ErasedSeen(candidate="60"),))),
        ({"candidate_id": "60"}, HookContent(action="", seen=(ErasedSeen(candidate="60"),))),
    ],
    "ping": [
        ({"web_hook_id": 1}, HookContent(action="", ignored="not used")),
        ({}, HookContent(action="", ignored="not used")),
    ],
    "job_approved": [
        ({"job": {"id": 1}}, HookContent(action="", ignored="not used")),
        ({}, HookContent(action="", ignored="not used")),
    ],
}  # fmt: skip
BODIES = [(action, payload, wanted) for action, variants in GOLDEN.items() for payload, wanted in variants]


def body_of(action: str, payload: Mapping[str, Any]) -> bytes:
    """A body as the vendor writes it: what is not plain as escapes."""
    return json.dumps({"action": action, "payload": payload}).replace("&", "\\u0026").encode()


def test_there_are_golden_bodies_of_every_action_that_is_read() -> None:
    assert ACTIONS.keys() <= GOLDEN.keys()
    assert all(len(variants) == 2 for variants in GOLDEN.values())


@pytest.mark.parametrize(("action", "payload", "wanted"), BODIES)
def test_each_action_calls_for_what_its_body_tells(action: str, payload: dict[str, Any], wanted: HookContent) -> None:
    read = SCHEME.read(body_of(action, payload), {})
    assert read.action == action
    assert (read.seen, read.refetch, read.ignored) == (wanted.seen, wanted.refetch, wanted.ignored)


def test_an_action_that_nobody_knows_waits_for_a_version_that_does() -> None:
    with pytest.raises(Drifted, match="the event agency_updated;"):
        SCHEME.read(body_of("agency_updated", {}), {})


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("payload", [{}, {"application": 5}, {"application": {}}, {"person": {}}, {"offer": {}}, []])
def test_a_body_without_what_an_action_needs_is_unusable_and_says_which_field(action: str, payload: Any) -> None:
    with pytest.raises(Unusable, match=r"missing|unreadable"):
        SCHEME.read(body_of(action, payload), {})


@pytest.mark.parametrize("body", [b"", b"[]", b"5", b"{", b'{"payload": {}}', b'{"action": 5, "action": 6}', b"\xff"])
def test_what_is_no_event_is_unusable(body: bytes) -> None:
    with pytest.raises(Unusable):
        SCHEME.read(body, {})


def test_no_text_of_a_body_is_in_what_is_wrong_with_it() -> None:
    with pytest.raises(Unusable) as caught:
        SCHEME.read(body_of("merge_candidate", {"person": {"id": 5, "new_candidate_id": {"name": "Aino"}}}), {})
    assert "Aino" not in str(caught.value)


def test_the_raw_body_is_signed_and_the_event_names_the_delivery() -> None:
    body = body_of("ping", {"text": "<a&b>"})
    assert SCHEME.success_status == 200
    assert SCHEME.verify(body, sign(body), ["another", SECRET], NOW) == Delivery(key="e-1", secret=1)
    assert SCHEME.verify(body, sign(body, event=None), [SECRET], NOW) == Delivery(key=None)
    assert SCHEME.verify(json.dumps(json.loads(body), indent=1).encode(), sign(body), [SECRET], NOW) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda given: given.upper(), lambda given: given.replace("sha256 ", "sha1 "),
        lambda given: given.replace("sha256 ", "sha256  "), lambda given: given.replace("sha256 ", "sha256="),
        lambda given: given + "0", lambda given: given[:-1], lambda given: given + "\n", lambda given: given[:0],
    ],
)  # fmt: skip
def test_a_signature_in_any_other_form_vouches_for_nothing(change: Any) -> None:
    body = body_of("ping", {})
    headers = {"signature": change(sign(body)["signature"])}
    assert SCHEME.verify(body, headers, [SECRET], NOW) is None


@given(st.binary(max_size=60), st.text(max_size=80), st.sampled_from(["", SECRET, "åäö"]))
def test_whatever_a_stranger_sends_is_refused_without_an_error(body: bytes, signature: str, secret: str) -> None:
    assert SCHEME.verify(body, {"signature": signature}, [secret], NOW) is None
    assert SCHEME.verify(body, sign(body, "wrong"), [secret], NOW) is None
