"""Search: whatever the plan calls by this name, and where it is told of."""

from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _, ngettext, number
from app.planning.search import Found, Noun, search_plan
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)


@router.get("/search")
def search(request: Request) -> Response:
    """What is found, kind by kind."""
    return answer(request, lambda visit: visit.page("search.html", search_view(visit)))


def search_view(visit: Visit) -> dict[str, Any]:
    """All that the page shows."""
    asked = visit.asked.get("q", "")
    found, total = search_plan(visit.session, asked)
    return {
        "title": _("Find"),
        "asked": asked,
        "finding": _finding(asked, total, len(found)),
        "groups": [
            (_heading(noun), [(one.name, one.beside, _address(visit, one)) for one in rows])
            for noun, rows in groupby(found, key=lambda one: one.noun)
        ],
    }


def _finding(asked: str, total: int, shown: int) -> str:
    if not asked:
        return _("Type a name, a part of one, or a tracking code.")
    if not total:
        return _("Nothing in the plan is called “%(asked)s”. Try fewer letters, or one word of it.", asked=asked)
    said = ngettext("%(n)s fits “%(asked)s”.", "%(n)s fit “%(asked)s”.", total, asked=asked)
    return said if shown == total else f"{said} " + _("The first %(n)s are shown.", n=number(shown))


def _heading(noun: Noun) -> str:
    return {
        Noun.PLACEMENT: _("Placements"),
        Noun.CAMPAIGN: _("Campaigns"),
        Noun.ASSET: _("Assets"),
        Noun.PERSONA: _("Personas"),
        Noun.CHANNEL: _("Channels"),
    }[noun]


def _address(visit: Visit, one: Found) -> str:
    return visit.address(f"/{one.noun.value}s/{one.key}")
