"""Names of hosts that links may lead to: one host, or `.example.org` for every host below it. Addresses of machines,
names inside a network, and whatever two programs could read as two hosts are none."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

LONGEST_LIST = 50
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_AMBIGUOUS = re.compile("[ß\u1e9eς\u200c\u200d]")
"""What the older and the newer rules for international names make different hosts of; such a name is given as xn--…"""
_INSIDE = frozenset({"localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "onion", "arpa"})
"""Last labels that lead into somebody's own network, or nowhere."""


def normalise_host(name: str) -> str | None:
    """A host's name in the one form it is compared in, in the letters that the network knows; None if it is none."""
    if _AMBIGUOUS.search(name.casefold() + name):
        return None
    try:
        host = name.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError:
        return None
    return host if _HOST.fullmatch(host) else None


def read_link_host(given: str) -> str | None:
    """A host to be named as one's own, `.example.org` for all below it, or an address that lies on it; None if it is no
    public name."""
    if "/" in given:
        return find_target_host(given.strip() if "://" in given else f"https://{given.strip()}")
    below = "." if given.strip().startswith(".") else ""
    host = normalise_host(given.strip().removeprefix("."))
    return below + host if host is not None and _is_public(host) else None


def find_target_host(url: str) -> str | None:
    """The public host that an address leads to in every browser; None when it is another kind of address, names a
    port or a user, or leads to a machine by number or inside a network."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if (
        parts.scheme not in ("http", "https")
        or re.search(r"[\s\\]", url)
        or not url[len(parts.scheme) :].startswith("://")
    ):
        return None
    host = normalise_host(parts.netloc)  # with a user or a port in it, it is no host's name
    return host if host is not None and _is_public(host) else None


def lies_on(host: str, named: Iterable[str]) -> bool:
    """Whether a host is one of those named, or below one that stands for all below it."""
    return any(host.endswith(one) if one.startswith(".") else host == one for one in named)


def _is_public(host: str) -> bool:
    labels = host.split(".")
    return len(labels) > 1 and labels[-1] not in _INSIDE and not _NUMBER.fullmatch(labels[-1])
