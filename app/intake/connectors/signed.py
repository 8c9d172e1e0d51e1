"""Webhooks that are signed as whoever connects the system describes it, for senders that sign in no way we know: an
HMAC-SHA256 over a text that holds the body. What they send are observations."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.intake.connectors.hook import (
    Delivery,
    HookContent,
    Reading,
    base64_mac,
    find_signer,
    hex_mac,
    is_near,
    read_observations,
)
from app.intake.connectors.standard import LONGEST_ID, MOST_SIGNATURES, PREFIX, TOLERANCE, read_secret

BODY, TIMESTAMP, ID = "{body}", "{timestamp}", "{id}"
MILLISECONDS = 13
"""A time of so many digits counts milliseconds, any shorter one seconds."""
_DIGITS = re.compile(r"[0-9]{1,13}")
_BETWEEN, _AMONG = re.compile(r" ?; ?| "), re.compile(r" ?[,;] ?| ")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHooks:
    """`signed_text` says what is signed, with `{body}` and perhaps `{timestamp}` and `{id}` in it; the signature
    stands behind `prefix` in its header, among others if spaces or semicolons part them. With `timestamp_prefix` the
    time stands there, too, and commas may part them."""

    signature_header: str
    prefix: str = ""
    encoding: str = "hex"
    signed_text: str = BODY
    timestamp_header: str | None = None
    timestamp_prefix: str | None = None
    id_header: str | None = None
    tolerance: dt.timedelta = TOLERANCE
    success_status: int = 202
    kept_headers: frozenset[str] = frozenset()

    def verify(
        self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: dt.datetime
    ) -> Delivery | None:
        parts = self._parts(headers)
        id, at = headers.get(self.id_header or "", ""), self._stated(headers, parts)
        if not self._may_be(id, at):
            return None
        message, given = self._compose(body, id, at), self._given(parts)
        mac = hex_mac if self.encoding == "hex" else base64_mac
        for reading, keys in _keys(secrets):
            signers = [find_signer(keys, message, one, mac) for one in given]
            signer = next((one for one in signers if one is not None), None)
            if signer is not None:
                on_time = not at or is_near(_seconds(at), now, self.tolerance)
                return Delivery(key=id or None, on_time=on_time, secret=signer, reading=reading)
        return None

    def read(self, body: bytes, headers: Mapping[str, str]) -> HookContent:
        return read_observations(body)

    def _may_be(self, id: str, at: str) -> bool:
        """Whether the signed text can be read in one way only: what parts an id from the rest stands not in it."""
        if (self.timestamp_header is not None or self.timestamp_prefix is not None) and not _DIGITS.fullmatch(at):
            return False
        is_signed = ID in self.signed_text
        return (bool(id) or not is_signed) and len(id) <= LONGEST_ID and not (is_signed and self._parts_id() & set(id))

    def _parts_id(self) -> set[str]:
        before, _id, behind = self.signed_text.partition(ID)
        return {*before[-1:], *behind[:1]}

    def _compose(self, body: bytes, id: str, at: str) -> bytes:
        before, _body, behind = self.signed_text.partition(BODY)
        parts = (part.replace(TIMESTAMP, at).replace(ID, id).encode("latin-1", "replace") for part in (before, behind))
        return body.join(parts)

    def _parts(self, headers: Mapping[str, str]) -> list[str]:
        value = headers.get(self.signature_header, "")
        between = _BETWEEN if self.timestamp_prefix is None else _AMONG
        return [value] if " " in self.prefix else between.split(value, MOST_SIGNATURES)[:MOST_SIGNATURES]

    def _stated(self, headers: Mapping[str, str], parts: Sequence[str]) -> str:
        """The time that is said; nothing where it is not said, or not in one way only."""
        prefix = self.timestamp_prefix
        if prefix is None:
            return headers.get(self.timestamp_header or "", "")
        stated = [one.removeprefix(prefix) for one in parts if one.startswith(prefix)]
        return stated[0] if len(stated) == 1 and all(parts) else ""

    def _given(self, parts: Sequence[str]) -> list[bytes]:
        return [
            one.removeprefix(self.prefix).encode("latin-1", "replace") for one in parts if one.startswith(self.prefix)
        ]


def _keys(secrets: Sequence[str]) -> list[tuple[Reading, list[bytes]]]:
    """The secrets letter by letter; and those that are written as Standard Webhooks writes them, decoded."""
    keys = [(Reading.RAW, [secret.encode() for secret in secrets])]
    if any(secret.startswith(PREFIX) for secret in secrets):
        decoded = [read_secret(secret) or b"" if secret.startswith(PREFIX) else b"" for secret in secrets]
        keys.append((Reading.DECODED, decoded))
    return keys


def _seconds(at: str) -> int:
    return int(at) // 1000 if len(at) == MILLISECONDS else int(at)
