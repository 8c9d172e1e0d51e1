"""The door for tracking links: `/k/{code}` leads to what a placement points at, and is counted where that is allowed.

A plain ASGI endpoint beside that for webhooks. Where a link leads is said by the placement alone, never by the
address: nothing of a query is taken on. Whoever follows one gets there, whatever becomes of the count.
"""

import asyncio
import datetime as dt
import logging
import uuid
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import select
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.access.organisation import Organisation, TrackingMode, get_organisation
from app.database import Database
from app.errors import Busy
from app.funnel.daily_click import DailyClick, make_click, objects, tell_follower
from app.group_commit.store import Target
from app.group_commit.writer import GroupWriter
from app.i18n import _
from app.intake.connection import find_vendor
from app.planning.agreeing import may_lead
from app.planning.placement import Placement, get_placement, placement_link
from app.planning.tracking import CODE_LENGTH, read_code
from app.web.edge import asked_method
from app.web.hooks import answer_empty
from app.web.known import Known
from app.web.pages.visit import outer_page

log = logging.getLogger("kutsu.web")

PATH = "/k/{code}"
PATIENCE_SECONDS = 1.0
"""How long somebody on his way waits for his click to be stored."""
KEPT_IN_ADDRESSES = ":/%#?=@[]!$&'()*+,;~"
_CLICKS = Target(DailyClick, adds="n")


@dataclass(frozen=True, slots=True)
class Link:
    """Where a code leads, or None as long as it is only planned to lead to somebody else's host; `is_counted` where its
    organisation lets clicks be counted."""

    organisation_id: uuid.UUID
    location: bytes | None
    is_counted: bool
    zone: zoneinfo.ZoneInfo


class LinkDoor:
    """Sends people on for all organisations of the installation."""

    def __init__(
        self, database: Database, clock: Callable[[], dt.datetime], writer: GroupWriter, registry: CollectorRegistry
    ) -> None:
        self._database, self._clock, self._writer = database, clock, writer
        self._known = Known(self._read)
        self._home = Known(self._read_home)
        self.route = Route(PATH, self, methods=["GET"], name="follow_link")
        self._unsure = Counter(
            "kutsu_clicks_unsure", "Clicks that were sent on before they were known to be counted.", registry=registry
        )
        self._astray = Counter(
            "kutsu_clicks_astray", "Addresses followed that have the code of no placement.", registry=registry
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self.route  # which FastAPI says of its own routes alone; requests are counted by it
        code = read_code(scope["path_params"]["code"])
        try:
            link = (self._known.at_once(code) or await self._known.find(code)) if code else None
        except Exception as error:  # noqa: BLE001 (whatever it was, who comes from a poster is told to come again)
            log.warning("A link could not be looked up: %s", type(error).__name__)
            await _show(_not_now, 503, scope, receive, send)
            return
        if code is None or link is None:
            self._astray.inc()
            host = await self._find_home()
            await _show(lambda: _nowhere(host), 404, scope, receive, send)
            return
        if link.location is None:
            await _show(_not_yet, 404, scope, receive, send)
            return
        if link.is_counted:
            await self._count(scope, code, link)
        await answer_empty(send, 302, (b"location", link.location), (b"cache-control", b"no-store"))

    async def _count(self, scope: Scope, code: str, link: Link) -> None:
        """Add one to the day's count, on disk before the answer unless that takes too long; of who asks not to be
        followed, nothing."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if objects(headers):
            return
        follower = tell_follower(asked_method(scope), headers).value
        row = (link.organisation_id, code, self._clock().astimezone(link.zone).date(), follower, 1)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._writer.store(_CLICKS, make_click, row)
        except (Busy, TimeoutError):
            self._unsure.inc()

    async def _find_home(self) -> str | None:
        """The host to be offered to whoever mistyped; none while it cannot be read."""
        try:
            return await self._home.find("")
        except Exception as error:  # noqa: BLE001 (the page says what is wrong with the address all the same)
            log.warning("The employer's own host could not be looked up: %s", type(error).__name__)
            return None

    def _read_home(self, _name: str) -> str | None:
        """The employer's own host, where all that this installation leads to lies on one: of several, none is told to
        who may have come for another."""
        with self._database.reading() as session:
            named = {host for hosts in session.scalars(select(Organisation.link_hosts)) for host in hosts}
        return named.pop() if len(named) == 1 and not next(iter(named)).startswith(".") else None

    def _read(self, code: str) -> Link | None:
        """The link of a code, whosever it is."""
        with self._database.reading() as session:
            found = session.execute(
                select(Placement.id, Placement.organisation_id).where(Placement.tracking_code == code)
            ).first()
        if found is None:
            return None
        with self._database.reading(found.organisation_id) as session:
            organisation = get_organisation(session, found.organisation_id)
            placement = get_placement(session, found.id)
            address = quote(placement_link(placement, find_vendor(session)), safe=KEPT_IN_ADDRESSES)
            return Link(
                organisation.id,
                address.encode("ascii") if may_lead(session, placement) else None,
                organisation.tracking_mode != TrackingMode.OFF,
                organisation.zone,
            )


async def _show(view: Callable[[], dict[str, str]], status: int, scope: Scope, receive: Receive, send: Send) -> None:
    """A page for people who came from an ad and know nothing of us."""
    await outer_page(Request(scope, receive), "lost.html", view, status)(scope, receive, send)


def _nowhere(host: str | None) -> dict[str, str]:
    """What is wrong, how to mend it, and the employer's own site; it is led to by a link alone, which says where."""
    view = {
        "title": _("This address leads nowhere"),
        "text": _("No advertisement has it. If you typed it in, look at it once more: after the last slash there are "
                  "%(n)s letters and digits, and none of them is O, I, L, 0 or 1.", n=CODE_LENGTH),
    }  # fmt: skip
    return view | ({"home": f"https://{host}/", "home_says": _("Go on to %(host)s", host=host)} if host else {})


def _not_yet() -> dict[str, str]:
    text = _("Its advertisement is only planned, and the site that it is to lead to is none that the employer has "
             "named as its own.")  # fmt: skip
    return {"title": _("This address leads nowhere yet"), "text": text}


def _not_now() -> dict[str, str]:
    return {"title": _("We cannot look up where this leads at the moment"), "text": _("Try it again in a minute.")}
