"""Standard Webhooks: how any system without a connector may send observations, signed as the specification says
(github.com/standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`)."""

import base64
import binascii
import datetime as dt
import secrets as randomness
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.intake.connectors.hook import Delivery, HookContent, base64_mac, is_near, is_signed, read_json

PREFIX = "whsec_"
VERSION = "v1,"
LONGEST_ID = 200
MOST_SIGNATURES = 16
TOLERANCE = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class StandardHooks:
    """HMAC-SHA256 over `<id>.<timestamp>.<body>`; the body is one observation or an array of them."""

    tolerance: dt.timedelta = TOLERANCE
    success_status: int = 202
    kept_headers: frozenset[str] = frozenset()

    def verify(
        self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: dt.datetime
    ) -> Delivery | None:
        id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        # A full stop in the id would let it be read as another id and time under the same signature.
        if not 1 <= len(id) <= LONGEST_ID or "." in id or not (at.isascii() and at.isdigit() and len(at) <= 12):
            return None
        keys = [key for secret in secrets if (key := read_secret(secret)) is not None]
        message = f"{id}.{at}.".encode("latin-1", "replace") + body
        given = [
            one.removeprefix(VERSION).encode("latin-1", "replace")
            for one in headers.get("webhook-signature", "").split(" ")[:MOST_SIGNATURES]
            if one.startswith(VERSION)
        ]
        if not any([is_signed(keys, message, one, base64_mac) for one in given]):  # noqa: C419 (all, whichever fits)
            return None
        return Delivery(key=id, on_time=is_near(int(at), now, self.tolerance))

    def read(self, body: bytes, headers: Mapping[str, str]) -> HookContent:
        content = read_json(body)
        items = content if isinstance(content, list) else [content]
        return HookContent(action="observations", observations=tuple(items))


def read_secret(secret: str) -> bytes | None:
    """The bytes of a secret as it is written, with its prefix or without; None where there are none."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def make_secret() -> str:
    """A fresh secret of 32 random bytes."""
    return PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()
