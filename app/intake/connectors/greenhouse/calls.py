"""Asking Greenhouse: which answer calls for what, and following a list from cursor to cursor."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import RootModel

from app.errors import Refused, Unadmitted, Unpermitted
from app.i18n import _
from app.intake.connectors.asking import NOT_UNDERSTOOD, Asking, Refusal, read_clock
from app.intake.connectors.page import Client

PAGE_SIZE = 500
MOST_IDS = 50
"""The most that Greenhouse gives at once, and the most keys it takes in one question."""
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next\b')


def _bad_pair() -> str:
    return _("Greenhouse refuses the client ID and secret. Copy both anew from its Dev Center.")


REFUSALS: Mapping[int, Refusal] = {
    400: NOT_UNDERSTOOD,
    401: (Unadmitted, _bad_pair),
    403: (
        Unpermitted,
        lambda: _("The credentials may not read this: grant them %(scope)s in Greenhouse's Dev Center."),
    ),
    404: (Refused, lambda: _("Greenhouse does not know this address: %(detail)s Update Kutsu.")),
    422: NOT_UNDERSTOOD,
}
GREENHOUSE = Asking("Greenhouse", REFUSALS, lambda body: body.get("message") or body["errors"][0]["message"])


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list: the records as they came, the cursor of the next page, and the vendor's clock."""

    data: Sequence[Any]
    next: str | None
    answered_at: dt.datetime | None


class _Records(RootModel[list[Any]]):
    """The body of a list."""


def scope_of(resource: str) -> str:
    """The scope that lets credentials list a resource."""
    return f"harvest:{resource}:list"


def ask(client: Client, path: str, params: Mapping[str, str]) -> Listing:
    """One page of a list."""
    try:
        answer = GREENHOUSE.accept(GREENHOUSE.get(client, path, params), scope_of(path.strip("/")))
    except Unadmitted as error:
        raise Unadmitted(_bad_pair()) from error
    records = GREENHOUSE.read(_Records, answer.json).root
    return Listing(records, _read_cursor(answer.headers), read_clock(answer.headers))


def _read_cursor(headers: Mapping[str, str]) -> str | None:
    """The cursor in the link to the next page. Of the link nothing else is used, for a question with a cursor
    may ask nothing else, and the address of a list does not change from page to page."""
    found = _NEXT.search(headers.get("link", ""))
    if found is None:
        return None
    try:
        (cursor,) = parse_qs(urlsplit(found.group(1)).query)["cursor"]
    except (KeyError, ValueError):
        raise GREENHOUSE.circle() from None
    return cursor


def walk(client: Client, path: str, params: Mapping[str, str], cursor: str | None = None) -> Iterator[Listing]:
    """The pages of a list from its beginning, or from a cursor; a cursor that comes again is refused."""
    followed = {cursor}
    while True:
        asked = {"cursor": cursor} if cursor is not None else {**params, "per_page": str(PAGE_SIZE)}
        listing = ask(client, path, asked)
        if listing.next is not None and (listing.next in followed or not listing.data):
            raise GREENHOUSE.circle()
        yield listing
        if listing.next is None:
            return
        cursor = listing.next
        followed.add(cursor)


def walk_by_keys(client: Client, path: str, name: str, keys: Sequence[str]) -> Iterator[Any]:
    """The records of a list that these keys pick out, however many keys there are."""
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), MOST_IDS):
        for listing in walk(client, path, {name: ",".join(wanted[start : start + MOST_IDS])}):
            yield from listing.data
