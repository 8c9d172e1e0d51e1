"""Search: whatever the plan calls by this name, and where it is told of."""

from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _, ngettext, number
from app.planning.search import MOST_FOUND, Found, Noun, search_plan
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)


@router.get("/search")
def search(request: Request) -> Response:
    """What is found, kind by kind."""
    return answer(request, lambda visit: visit.page("search.html", search_view(visit)))


def search_view(visit: Visit) -> dict[str, Any]:
    """All that the page shows."""
    asked = visit.asked.get("q", "")
    first = _read_first(visit.asked.get("first", ""))
    found, total = search_plan(visit.session, asked, first)
    after = first + len(found)
    return {
        "title": _("Find"),
        "asked": asked,
        "finding": _finding(asked, total),
        "shown": ""
        if len(found) == total
        else _("%(first)s–%(last)s of %(all)s", first=number(first + 1), last=number(after), all=number(total))
        if found
        else "–",
        "before": visit.same_address(first=max(0, first - MOST_FOUND) or None) if first else "",
        "after": visit.same_address(first=after) if found and after < total else "",
        "groups": [
            (_heading(noun), [(one.name, one.beside, _address(visit, one)) for one in rows])
            for noun, rows in groupby(found, key=lambda one: one.noun)
        ],
    }


def _read_first(text: str) -> int:
    """How many are left out before the first that is shown; what is no number leaves none out."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _finding(asked: str, total: int) -> str:
    if not asked:
        return _("Type a name, a part of one, or a tracking code.")
    if not total and len(asked) == 1:
        return _("Nothing in the plan has “%(asked)s” in its name.", asked=asked)
    if not total:
        return _("Nothing in the plan is called “%(asked)s”. Try fewer letters, or one word of it.", asked=asked)
    return ngettext("%(n)s fits “%(asked)s”.", "%(n)s fit “%(asked)s”.", total, asked=asked)


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
