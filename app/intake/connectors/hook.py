"""What a vendor's webhooks are, whatever the vendor: who signed a delivery, and what its body says.

A scheme is pure: bytes and headers in, values out. The door verifies and stores, long before anybody reads.
"""

import base64
import datetime as dt
import enum
import functools
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.errors import Drifted
from app.i18n import _
from app.intake.connectors.page import UNREADABLE_BODY, Seen, Unusable

NOT_USED = "not used"
_EVENT = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_SPACE = re.compile(r"[ \t\n\r]*")


class Reading(enum.StrEnum):
    """How a secret was read, and over what, when it fitted: its letters as they stand, the bytes that its base64
    stands for, or its letters over the value of `payload` alone."""

    RAW = "raw"
    DECODED = "decoded"
    PAYLOAD = "payload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery that one of the secrets vouches for.

    `key` is the vendor's own name for it, the same at each attempt; None where there is none, and the digest of
    the body stands in. Only what covers its body and came on time may be believed by itself: anything else is a
    hint that something changed, and is asked about. `secret` is the place of the secret that fitted among those
    that were tried, and `reading` how it was read.
    """

    key: str | None
    covers_body: bool = True
    on_time: bool = True
    secret: int = 0
    reading: Reading = Reading.RAW


@dataclass(frozen=True, slots=True, kw_only=True)
class HookContent:
    """What a body says.

    `seen` may be stored as it is, if the delivery can be believed. `refetch` are the vendor's keys of
    applications of which the body tells too little. `observations` are items of the observations API, from
    systems that send those. `ignored` says why nothing of all this is there, in a word or two for counting.
    """

    action: str
    seen: tuple[Seen, ...] = ()
    refetch: tuple[str, ...] = ()
    observations: tuple[Any, ...] = ()
    ignored: str | None = None


class HookScheme(Protocol):
    """How one kind of webhook is signed, answered and read."""

    @property
    def success_status(self) -> int:
        """The status that the vendor takes for *received*."""

    @property
    def kept_headers(self) -> frozenset[str]:
        """The headers that `read` needs, in lower case: stored beside the body, and no others are."""

    def verify(
        self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: dt.datetime
    ) -> Delivery | None:
        """The delivery, if any of the secrets (as a person was given them) signed it, else None.

        `body` is what came on the wire; `headers` have names in lower case. Compares in constant time, tries
        every secret, never raises for what a stranger may send.
        """

    def read(self, body: bytes, headers: Mapping[str, str]) -> HookContent:
        """What a verified body says; `headers` are the kept ones.

        Raises Unusable where something we need is missing or unreadable, Drifted where the body no longer has
        the shape we know. An action that we do not use is `ignored`, not an error; one that we do not know has
        Drifted, and its body waits for a version that does.
        """


def unknown_event(name: str) -> Drifted:
    """That a vendor tells of something which we do not know; nothing of it is lost."""
    shown = name if _EVENT.fullmatch(name) else "?"
    return Drifted(_("This version of Kutsu does not know the event %(name)s; it is kept.", name=shown))


@functools.lru_cache(maxsize=1024)
def _keyed(key: bytes) -> hmac.HMAC:
    # All that depends on the key alone, which for a short message is the greater part of the work.
    return hmac.new(key, digestmod="sha256")


def _mac(key: bytes, message: bytes) -> bytes:
    # Unlike `hmac.digest` this lets no other thread take over while it reckons with a short message: at a busy door
    # getting the interpreter back takes a hundred times as long.
    mac = _keyed(key).copy()
    mac.update(message)
    return mac.digest()


def hex_mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 in lower-case hexadecimal digits."""
    return _mac(key, message).hex().encode()


def base64_mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 in base64 with its padding."""
    return base64.b64encode(_mac(key, message))


def find_signer(
    keys: Sequence[bytes], message: bytes, given: bytes, mac: Callable[[bytes, bytes], bytes] = hex_mac
) -> int | None:
    """The place of the key that made this signature, None if none did. All are tried, so that time does not tell
    which; a key without a byte signs nothing."""
    fits = [bool(key) and hmac.compare_digest(mac(key, message), given) for key in keys]
    return fits.index(True) if True in fits else None


def is_near(stated: int, now: dt.datetime, tolerance: dt.timedelta) -> bool:
    """Whether a stated Unix time lies within the tolerance of now, before it or after."""
    return abs(now.timestamp() - stated) <= tolerance.total_seconds()


def read_json(body: bytes) -> Any:
    """The body as JSON, or Unusable. A key that stands twice in an object, and numbers that are none, are refused:
    whoever signed may have meant the one, and whoever reads take the other."""
    try:
        return json.loads(body.decode(), object_pairs_hook=_read_object, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unusable(UNREADABLE_BODY) from error


def read_observations(body: bytes) -> HookContent:
    """A body that is one observation or an array of them."""
    content = read_json(body)
    items = content if isinstance(content, list) else [content]
    return HookContent(action="observations", observations=tuple(items))


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a key stands twice")
    return members


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def find_member(body: bytes, name: str) -> bytes | None:
    """The value of a member of the object that the body is, byte for byte as it stands there; None where the body
    is no object, or does not have this member once."""
    decoder = json.JSONDecoder()
    try:
        text = body.decode()
        place, found = _skip(text, 0), []
        if text[place : place + 1] != "{":
            return None
        while text[place : place + 1] in ("{", ","):
            key, place = decoder.raw_decode(text, _skip(text, place + 1))
            place = _skip(text, place)
            if text[place : place + 1] != ":":
                return None
            begin = _skip(text, place + 1)
            _value, end = decoder.raw_decode(text, begin)
            found += [text[begin:end].encode()] if key == name else []
            place = _skip(text, end)
    except (ValueError, RecursionError):
        return None
    return found[0] if len(found) == 1 and text[place:].strip() == "}" else None


def _skip(text: str, place: int) -> int:
    space = _SPACE.match(text, place)
    return place if space is None else space.end()
