"""Greenhouse's webhooks: the whole body is signed, each delivery has a name, and no body says when it was.

What happened to an application is asked about, for its history alone tells when. So is a move: the number of the
stage in its body is not known to be of the kind that the history counts stages by.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from app.intake.connectors.hook import NOT_USED, Delivery, HookContent, find_signer, hex_mac, read_json, unknown_event
from app.intake.connectors.page import ErasedSeen, MergedSeen
from app.intake.connectors.reading import Ref, Text, read_record

SIGNATURE, EVENT = "signature", "greenhouse-event-id"
LONGEST_KEY = 200
_SIGNATURE = re.compile(r"sha256 ([0-9a-f]{64})")


class _Envelope(BaseModel):
    action: Text
    payload: dict[str, Any] = {}


class _Keyed(BaseModel):
    id: Ref


class _OfApplication(BaseModel):
    application: _Keyed


class _Offer(BaseModel):
    application_id: Ref


class _DeletedPerson(_Keyed):
    deleted_application_ids: list[Ref]


class _Deleted(BaseModel):
    person: _DeletedPerson


class _MergedPerson(_Keyed):
    new_candidate_id: Ref


class _Merged(BaseModel):
    person: _MergedPerson


class _Anonymised(BaseModel):
    candidate_id: Ref


def _ask(action: str, payload: Mapping[str, Any]) -> HookContent:
    return HookContent(action=action, refetch=(read_record(_OfApplication, payload).application.id,))


def _offer(action: str, payload: Mapping[str, Any]) -> HookContent:
    """An offer stands in the payload itself, or one level deeper when it was deleted."""
    return HookContent(action=action, refetch=(read_record(_Offer, payload.get("offer", payload)).application_id,))


def _delete_application(action: str, payload: Mapping[str, Any]) -> HookContent:
    return HookContent(
        action=action, seen=(ErasedSeen(application=read_record(_OfApplication, payload).application.id),)
    )


def _delete_candidate(action: str, payload: Mapping[str, Any]) -> HookContent:
    """A candidate that was merged into another is deleted too, without applications, for those live on there; so is
    one who had none."""
    person = read_record(_Deleted, payload).person
    if not person.deleted_application_ids:
        return HookContent(action=action, seen=(ErasedSeen(candidate=person.id, unless_merged=True),))
    applications = (ErasedSeen(application=key) for key in dict.fromkeys(person.deleted_application_ids))
    return HookContent(action=action, seen=(ErasedSeen(candidate=person.id), *applications))


def _merge(action: str, payload: Mapping[str, Any]) -> HookContent:
    person = read_record(_Merged, payload).person
    return HookContent(action=action, seen=(MergedSeen(candidate=person.id, into=person.new_candidate_id),))


def _anonymise(action: str, payload: Mapping[str, Any]) -> HookContent:
    return HookContent(action=action, seen=(ErasedSeen(candidate=read_record(_Anonymised, payload).candidate_id),))


ACTIONS: Mapping[str, Callable[[str, Mapping[str, Any]], HookContent]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "new_candidate_application", "new_prospect_application", "application_updated", "reject_candidate",
                "candidate_stage_change", "unreject_candidate", "hire_candidate", "unhire_candidate",
            ),
            _ask,
        ),
        **dict.fromkeys(("offer_created", "offer_approved", "offer_updated", "offer_deleted"), _offer),
        "delete_application": _delete_application,
        "delete_candidate": _delete_candidate,
        "merge_candidate": _merge,
        "candidate_anonymized": _anonymise,
    }
)  # fmt: skip
"""What each action calls for."""
UNUSED = frozenset(
    {
        "ping", "update_candidate", "job_created", "job_updated", "job_approved", "job_deleted", "job_post_created",
        "job_post_updated", "job_post_deleted", "job_interview_stage_deleted", "interview_deleted",
        "scorecard_deleted", "department_deleted", "office_deleted",
    }
)  # fmt: skip
"""What calls for nothing; a ping is sent when a webhook is set up."""


@dataclass(frozen=True, slots=True)
class GreenhouseHooks:
    """HMAC-SHA256 over the body as it came, which holds no time: a delivery that is sent again by a stranger is
    told by its name alone, and what it says is asked about or can be said twice."""

    success_status: int = 200
    kept_headers: frozenset[str] = frozenset()

    def verify(
        self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: dt.datetime
    ) -> Delivery | None:
        given = _SIGNATURE.fullmatch(headers.get(SIGNATURE, ""))
        if given is None:
            return None
        signer = find_signer([secret.encode() for secret in secrets], body, given[1].encode(), hex_mac)
        return None if signer is None else Delivery(key=headers.get(EVENT, "")[:LONGEST_KEY] or None, secret=signer)

    def read(self, body: bytes, headers: Mapping[str, str]) -> HookContent:
        envelope = read_record(_Envelope, read_json(body))
        action = envelope.action[:80]
        if action in UNUSED:
            return HookContent(action=action, ignored=NOT_USED)
        reader = ACTIONS.get(action)
        if reader is None:
            raise unknown_event(action)
        return reader(action, envelope.payload)
