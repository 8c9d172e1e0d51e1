"""Teamtailor's company webhooks: signed in two versions, and telling hardly more than which application changed.

Version 2 signs time and body. Version 1 signs nothing but the resource's key, the same for every event of it: it
is no more than a hint, and off unless somebody asks for it.
"""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.intake.connectors.hook import (
    NOT_USED,
    Delivery,
    HookContent,
    Reading,
    find_member,
    find_signer,
    hex_mac,
    is_near,
    read_json,
    unknown_event,
)
from app.intake.connectors.page import ErasedSeen, Seen, Unusable
from app.intake.connectors.reading import read_record
from app.intake.connectors.teamtailor.shapes import Event

SIGNATURE = "tt-signature"
TOLERANCE = dt.timedelta(minutes=5)
LARGEST_LOOKED_INTO = 64 * 1024
"""What is larger than this, in bytes, is not parsed for a stranger; no event of Teamtailor's comes near it."""
_V2 = re.compile(rb"t=([0-9]{1,12}),v2=([0-9a-f]{64})")

ASKED_ABOUT = frozenset({"job_application.create", "job_application.update"})
DESTROYED = frozenset({"job_application.destroy", "candidate.destroy"})
UNUSED = frozenset({"candidate.create", "candidate.update", "job.create", "job.update", "job.destroy"})


@dataclass(frozen=True, slots=True)
class TeamtailorHooks:
    """Version 2 of the signature: HMAC-SHA256 over `<t>.<body>`, in the header beside `t`."""

    tolerance: dt.timedelta = TOLERANCE
    success_status: int = 200
    kept_headers: frozenset[str] = frozenset()

    def verify(
        self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: dt.datetime
    ) -> Delivery | None:
        signed = _V2.fullmatch(_decoded(headers))
        if signed is None:
            return None
        keys = [secret.encode() for secret in secrets]
        for reading, text in _signed_texts(body):
            signer = find_signer(keys, signed[1] + b"." + text, signed[2], hex_mac)
            if signer is not None:
                on_time = is_near(int(signed[1]), now, self.tolerance)
                return Delivery(key=None, on_time=on_time, secret=signer, reading=reading)
        return None

    def read(self, body: bytes, headers: Mapping[str, str]) -> HookContent:
        event = read_record(Event, read_json(body)).payload
        key = event.data.id
        if event.event_name in ASKED_ABOUT:
            return HookContent(action=event.event_name, refetch=(key,))
        if event.event_name in DESTROYED:
            return HookContent(action=event.event_name, seen=(_erasure(event.event_name, key),))
        if event.event_name in UNUSED:
            return HookContent(action=event.event_name, ignored=NOT_USED)
        raise unknown_event(event.event_name)


@dataclass(frozen=True, slots=True)
class TeamtailorHints(TeamtailorHooks):
    """Version 1, deprecated: HMAC-SHA256 over the resource's key alone. Whoever saw one delivery can send others
    of the same resource with any content, so nothing of the content is believed."""

    def verify(
        self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: dt.datetime
    ) -> Delivery | None:
        given = _decoded(headers)
        if len(given) != 64 or len(body) > LARGEST_LOOKED_INTO:
            return None
        try:
            key = read_record(Event, read_json(body)).payload.data.id
        except Unusable:
            return None
        signer = find_signer([secret.encode() for secret in secrets], key.encode(), given, hex_mac)
        return None if signer is None else Delivery(key=None, covers_body=False, secret=signer)


def _decoded(headers: Mapping[str, str]) -> bytes:
    given = headers.get(SIGNATURE, "")
    try:
        decoded = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return b""
    # The last letter has bits that say nothing: one signature shall have one spelling.
    return decoded if base64.b64encode(decoded).decode() == given else b""


def _signed_texts(body: bytes) -> Iterator[tuple[Reading, bytes]]:
    """What the signature may be over. The vendor's page says the raw body, and that the same signature stands in
    it, which no body can hold of itself: so the value of `payload`, byte for byte, is tried as well."""
    yield Reading.RAW, body
    payload = find_member(body, "payload") if len(body) <= LARGEST_LOOKED_INTO else None
    if payload is not None:
        yield Reading.PAYLOAD, payload


def _erasure(name: str, key: str) -> Seen:
    if name.startswith("candidate."):
        return ErasedSeen(candidate=key, unless_listed=True)
    return ErasedSeen(application=key)
