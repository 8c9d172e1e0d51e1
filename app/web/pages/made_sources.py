"""The check list of sources that are made by hand in a connected system, on its page and on a campaign's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _, date, ngettext, unhyphenated
from app.intake.connection import Connection
from app.intake.made_source import SourceByHand, list_sources, tick_source, untick_source
from app.intake.vendors import get_connection
from app.planning.campaign import get_campaign
from app.web.pages.actors import name_actors
from app.web.pages.administering import Form, actor_of, only
from app.web.pages.door import go_to, read_id
from app.web.pages.placement_link import PLANNERS
from app.web.pages.units import Sent
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A placement's source as the list shows it."""

    placement: str
    address: str
    campaign: str
    name: str
    key: str
    made: str


@router.get("/data/{connection_id}/sources")
def sources(request: Request, connection_id: str) -> Response:
    """All of a system, or one campaign's."""
    return answer(request, lambda visit: _page(visit, connection_id))


@router.post("/data/{connection_id}/sources/made")
def made(request: Request, connection_id: str, sent: Sent) -> Response:
    """Tick one off."""

    def do(visit: Visit, connection: Connection, placement: str) -> None:
        tick_source(visit.session, connection, read_id(placement), actor_of(visit), now=visit.now)

    return _do(request, connection_id, sent, do)


@router.post("/data/{connection_id}/sources/unmade")
def unmade(request: Request, connection_id: str, sent: Sent) -> Response:
    """Say that it was not made after all."""

    def do(visit: Visit, connection: Connection, placement: str) -> None:
        untick_source(visit.session, connection.id, read_id(placement), now=visit.now)

    return _do(request, connection_id, sent, do)


def _do(request: Request, connection_id: str, sent: Form, act: Callable[[Visit, Connection, str], None]) -> Response:
    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        connection = get_connection(visit.session, read_id(connection_id))
        act(visit, connection, only(sent, "placement"))
        campaign = only(sent, "campaign")
        return go_to(visit.address(f"/data/{connection.id}/sources", campaign=campaign))

    return change(request, do, lambda visit, problems: _page(visit, connection_id, problems))


def _page(visit: Visit, connection_id: str, problems: Sequence[str] = ()) -> Response:
    connection = get_connection(visit.session, read_id(connection_id))
    view = sources_view(visit, connection, problems)
    return visit.page("made_sources.html", view, 422 if problems else 200)


def sources_view(visit: Visit, connection: Connection, problems: Sequence[str]) -> dict[str, Any]:
    """All that the page shows."""
    asked = visit.asked.get("campaign", "")
    campaign = get_campaign(visit.session, read_id(asked)) if asked else None
    found = list_sources(visit.session, connection_id=connection.id, campaign_id=campaign.id if campaign else None)
    names = name_actors(visit, [(one.made.actor_kind, one.made.actor_name) for one in found if one.made])
    return {
        "title": _("Sources to make in %(name)s", name=unhyphenated(connection.name)),
        "finding": sources_words(found) or _("There is nothing to make here: no placement is planned or running."),
        "problems": problems,
        "name": connection.name,
        "back": visit.address(f"/data/{connection.id}"),
        "here": f"/data/{connection.id}/sources",
        "campaign": (str(campaign.id), campaign.name, visit.address(f"/campaigns/{campaign.id}")) if campaign else None,
        "rows": [_row(visit, one, names) for one in found],
        "may_do": visit.member.place.role in PLANNERS,
    }


def _row(visit: Visit, one: SourceByHand, names: Mapping[str, str]) -> SourceRow:
    made = ""
    if one.made is not None:
        day = date(one.made.at.astimezone(visit.organisation.zone).date())
        made = _("Made by %(name)s on %(day)s", name=names[one.made.actor_name], day=day)
    return SourceRow(
        one.placement.name, visit.address(f"/placements/{one.placement.id}"), one.placement.campaign.name, one.name,
        str(one.placement.id), made,
    )  # fmt: skip


def sources_words(found: Sequence[SourceByHand]) -> str:
    """How many are still to be made; nothing where none ever is."""
    if not found:
        return ""
    left = sum(one.made is None for one in found)
    if not left:
        return _("Every source that has to be made by hand is made.")
    return ngettext("%(n)s source is still to be made by hand", "%(n)s sources are still to be made by hand", left)


def sources_lines(visit: Visit, found: Sequence[SourceByHand], campaign: str = "") -> list[tuple[str, str]]:
    """For each system in which sources are made by hand, how far that is, and where it is done."""
    by_system: dict[str, list[SourceByHand]] = {}
    for one in found:
        by_system.setdefault(str(one.connection.id), []).append(one)
    return [
        (_("%(name)s: %(said)s", name=some[0].connection.name, said=sources_words(some)),
         visit.address(f"/data/{id}/sources", campaign=campaign))
        for id, some in by_system.items()
    ]  # fmt: skip
