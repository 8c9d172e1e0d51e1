"""Signing as vendors do, written from their documentation and not from our code."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
TT_KEY = "a signature key that Teamtailor shows"
WHSEC = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def sign_standard(body: bytes, secret: str, *, at: dt.datetime = NOW, id: str = "msg_1") -> Mapping[str, str]:
    """Headers of Standard Webhooks."""
    stated = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{id}.{stated}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": id,
        "webhook-timestamp": stated,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


def sign_teamtailor(body: bytes, secret: str, *, at: dt.datetime = NOW) -> Mapping[str, str]:
    """The header of Teamtailor's version 2."""
    stated = str(int(at.timestamp()))
    mac = hmac.new(secret.encode(), f"{stated}.".encode() + body, hashlib.sha256).hexdigest()
    return {"tt-signature": base64.b64encode(f"t={stated},v2={mac}".encode()).decode()}


def sign_hint(body: bytes, secret: str) -> Mapping[str, str]:
    """The header of Teamtailor's version 1, which signs the resource's key alone."""
    key = str(json.loads(body)["payload"]["data"]["id"])
    mac = hmac.new(secret.encode(), key.encode(), hashlib.sha256).hexdigest()
    return {"tt-signature": base64.b64encode(mac.encode()).decode()}


def sign_greenhouse(body: bytes, secret: str) -> Mapping[str, str]:
    """The header of Greenhouse, which signs neither a time nor its event's id."""
    return {"signature": f"sha256 {hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}


OWN_SIGNATURE: dict[str, Any] = {
    "signature_header": "x-signature", "prefix": "v1=", "encoding": "hex", "signed_text": "{id}.{timestamp}.{body}",
    "timestamp_header": "x-time", "id_header": "x-id",
}  # fmt: skip
"""How somebody's own system signs, as it is described to Kutsu."""


TIMED_SIGNATURE: dict[str, Any] = {
    "signature_header": "x-timed-signature", "prefix": "v1=", "signed_text": "{timestamp}.{body}",
    "timestamp_prefix": "t=",
}  # fmt: skip
"""How one signs that puts its time into the signature's header, as Stripe does."""


def sign_timed(body: bytes, secret: str, *, at: dt.datetime = NOW, id: str = "") -> Mapping[str, str]:
    """The one header of such a system, which has no id."""
    stated = str(int(at.timestamp()))
    mac = hmac.new(secret.encode(), f"{stated}.".encode() + body, hashlib.sha256).hexdigest()
    return {"x-timed-signature": f"t={stated},v1={mac}"}


def sign_own(body: bytes, secret: str, *, at: dt.datetime = NOW, id: str = "msg_1") -> Mapping[str, str]:
    """The headers of such a system."""
    stated = str(int(at.timestamp()))
    mac = hmac.new(secret.encode(), f"{id}.{stated}.".encode() + body, hashlib.sha256).hexdigest()
    return {"x-id": id, "x-time": stated, "x-signature": f"v1={mac}"}
