"""Asking Teamtailor: which answer calls for what, and following a list from page to page."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.errors import Drifted, Refused, TryLater, VendorError
from app.i18n import _
from app.intake.connectors.page import Answer, Client
from app.intake.connectors.teamtailor.shapes import Listing, Single

M = TypeVar("M", bound=BaseModel)

PAGE_SIZE = 30
"""The most that Teamtailor gives at once."""
LONGEST_DETAIL = 200

ACTIONS: Mapping[int, tuple[type[VendorError], Callable[[], str]]] = {
    400: (Drifted, lambda: _("Teamtailor no longer understands the question: %(detail)s")),
    401: (
        Refused,
        lambda: _("Teamtailor refuses the key. Check the key and the region: another region's key fails too."),
    ),
    403: (
        Refused,
        lambda: _("The key may not read this. Make a key with the scope Admin and the right Read."),
    ),
    404: (Refused, lambda: _("Teamtailor does not know this address. Check the region.")),
    406: (
        Refused,
        lambda: _("Teamtailor no longer speaks this version of its API: %(detail)s Update Kutsu."),
    ),
    422: (Drifted, lambda: _("Teamtailor no longer understands the question: %(detail)s")),
}
"""What each refusal calls for. 429 and 5xx never come here: the client tries again and then says TryLater."""


def ask(client: Client, path: str, params: Mapping[str, str] | None = None) -> Listing:
    """One page of a list, with the vendor's refusals in words that say what to do."""
    answer = _get(client, path, params)
    if not 200 <= answer.status < 300:
        raise _refusal(answer)
    return _read(Listing, answer.json).model_copy(update={"answered_at": _read_clock(answer.headers)})


def ask_one(client: Client, path: str, params: Mapping[str, str]) -> Listing | None:
    """One record with what comes along with it, as a list of it alone; None when the vendor says that there is no
    such record. A 404 that is not in the vendor's own form says nothing of records."""
    answer = _get(client, path, params)
    if answer.status == 404 and isinstance(answer.json, dict) and "errors" in answer.json:
        return None
    if not 200 <= answer.status < 300:
        raise _refusal(answer)
    single = _read(Single, answer.json)
    return Listing(data=[single.data], included=single.included)


def _get(client: Client, path: str, params: Mapping[str, str] | None) -> Answer:
    try:
        return client.get(path, params)
    except TryLater as error:
        text = _("Teamtailor does not answer at the moment (%(detail)s). The next run goes on.", detail=error)
        raise TryLater(text, error.after_seconds) from error
    except Drifted as error:
        raise Drifted(_("Teamtailor answers in a form we do not know: %(detail)s.", detail=error)) from error


def _read(shape: type[M], body: Any) -> M:
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        text = _("Teamtailor answers in a form we do not know: %(detail)s.", detail=place or "no object")
        raise Drifted(text) from None


def _read_clock(headers: Mapping[str, str]) -> dt.datetime | None:
    try:
        return parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None


def _refusal(answer: Answer) -> VendorError:
    kind, text = ACTIONS.get(answer.status, (Refused, lambda: _("Teamtailor answers %(status)s: %(detail)s")))
    return kind(text() % {"status": answer.status, "detail": _detail(answer.json)})


def _detail(body: Any) -> str:
    try:
        first = body["errors"][0]
        return str(first.get("detail") or first["title"])[:LONGEST_DETAIL]
    except (TypeError, KeyError, IndexError, AttributeError):
        return _("without a reason.")


def walk(client: Client, path: str, params: Mapping[str, str]) -> Iterator[Listing]:
    """The pages of a list, by their own links to the next; a link that comes again is refused."""
    listing = ask(client, path, {**params, "page[size]": str(PAGE_SIZE)})
    followed = set()
    while True:
        yield listing
        link = listing.links.next
        if link is None:
            return
        if link in followed or not listing.data:
            raise Drifted(_("Teamtailor leads in a circle: a page names as its next one that was read before."))
        followed.add(link)
        listing = ask(client, link)
