"""What a vendor's webhooks are, whatever the vendor: who signed a delivery, and what its body says.

A scheme is pure: bytes and headers in, values out. The door verifies and stores, long before anybody reads.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.intake.connectors.page import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery that one of the secrets vouches for.

    `key` is the vendor's own name for it, the same at each attempt; None where there is none, and the digest of
    the body stands in. Only what covers its body and came on time may be believed by itself: anything else is a
    hint that something changed, and is asked about.
    """

    key: str | None
    covers_body: bool = True
    on_time: bool = True


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
        the shape we know. An action that we do not use is `ignored`, not an error.
        """
