"""Standard Webhooks: how any system without a connector may send observations, signed as the specification says
(github.com/standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`)."""

import base64
import binascii
import datetime as dt
import secrets as randomness
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from app.errors import Refused
from app.i18n import _
from app.intake.connectors.hook import (
    Delivery,
    HookContent,
    Reading,
    base64_mac,
    find_signer,
    is_near,
    read_observations,
)
from app.intake.connectors.page import Client, Cursor, Page, Probe, Probed

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
        keys = [read_secret(secret) or b"" for secret in secrets]
        message = f"{id}.{at}.".encode("latin-1", "replace") + body
        given = [
            one.removeprefix(VERSION).encode("latin-1", "replace")
            for one in headers.get("webhook-signature", "").split(" ")[:MOST_SIGNATURES]
            if one.startswith(VERSION)
        ]
        signers = [find_signer(keys, message, one, base64_mac) for one in given]
        signer = next((one for one in signers if one is not None), None)
        if signer is None:
            return None
        on_time = is_near(int(at), now, self.tolerance)
        return Delivery(key=id, on_time=on_time, secret=signer, reading=Reading.DECODED)

    def read(self, body: bytes, headers: Mapping[str, str]) -> HookContent:
        return read_observations(body)


@lru_cache(maxsize=256)
def read_secret(secret: str) -> bytes | None:
    """The bytes of a secret as it is written, with its prefix or without; None where there are none."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def make_secret() -> str:
    """A fresh secret of 32 random bytes."""
    return PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()


class SendsOnly:
    """A system that sends and cannot be asked."""

    def pages(self, cursors: Mapping[str, Cursor], now: dt.datetime) -> Iterator[Page]:
        """Nothing: what it has to say it sends."""
        return iter(())

    def created(self, start: dt.datetime, end: dt.datetime) -> Iterator[tuple[str, dt.datetime]]:
        """Cannot be asked for."""
        raise Refused(_("This system only sends; it cannot be asked what it has."))

    def fetch(self, applications: Sequence[str]) -> Iterator[Page]:
        """Cannot be asked for."""
        raise Refused(_("This system only sends; it cannot be asked how an application stands."))

    def company(self) -> None:
        """Nobody's: there is no account."""

    def jobs(self) -> Iterator[tuple[str, str]]:
        """Cannot be asked for."""
        raise Refused(_("This system only sends; it cannot be asked what it has."))

    def probe(self, what: Probed) -> Probe:
        """Nothing is asked: there is no account that could not be read."""
        return Probe()

    def lacking(self) -> tuple[str, ...]:
        """Nothing, where nothing is asked."""
        return ()


class AnySystem:
    """Any system that sends observations as Standard Webhooks; there is no account to open at it."""

    regions: Mapping[str, str] = MappingProxyType({"any": "https://system.invalid"})
    secrets: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()

    def token_url(self, base_url: str) -> str | None:
        return None

    def headers(self, secrets: Mapping[str, str]) -> Mapping[str, str]:
        return {}

    def connector(self, client: Client) -> SendsOnly:
        return SendsOnly()


VENDOR = AnySystem()
