"""Asking Teamtailor: which answer calls for what, and following a list from page to page."""

from collections.abc import Iterator, Mapping

from app.errors import Refused, Unadmitted, Unpermitted
from app.i18n import _
from app.intake.connectors.asking import NOT_UNDERSTOOD, Asking, Refusal, read_clock
from app.intake.connectors.page import Client
from app.intake.connectors.teamtailor.shapes import Listing, Single

PAGE_SIZE = 30
"""The most that Teamtailor gives at once."""

REFUSALS: Mapping[int, Refusal] = {
    400: NOT_UNDERSTOOD,
    401: (
        Unadmitted,
        lambda: _("Teamtailor refuses the key. Check the key and the region: another region's key fails too."),
    ),
    403: (
        Unpermitted,
        lambda: _("The key may not read this. Make a key with the scope Admin and the right Read."),
    ),
    404: (Refused, lambda: _("Teamtailor does not know this address. Check the region.")),
    406: (
        Refused,
        lambda: _("Teamtailor no longer speaks this version of its API: %(detail)s Update Kutsu."),
    ),
    422: NOT_UNDERSTOOD,
}
TEAMTAILOR = Asking("Teamtailor", REFUSALS, lambda body: body["errors"][0].get("detail") or body["errors"][0]["title"])


def ask(client: Client, path: str, params: Mapping[str, str] | None = None) -> Listing:
    """One page of a list, with the vendor's refusals in words that say what to do."""
    answer = TEAMTAILOR.accept(TEAMTAILOR.get(client, path, params))
    return TEAMTAILOR.read(Listing, answer.json).model_copy(update={"answered_at": read_clock(answer.headers)})


def ask_one(client: Client, path: str, params: Mapping[str, str]) -> Listing | None:
    """One record with what comes along with it, as a list of it alone; None when the vendor says that there is no
    such record. A 404 that is not in the vendor's own form says nothing of records."""
    answer = TEAMTAILOR.get(client, path, params)
    if answer.status == 404 and isinstance(answer.json, dict) and "errors" in answer.json:
        return None
    single = TEAMTAILOR.read(Single, TEAMTAILOR.accept(answer).json)
    return Listing(data=[single.data], included=single.included)


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
            raise TEAMTAILOR.circle()
        followed.add(link)
        listing = ask(client, link)
