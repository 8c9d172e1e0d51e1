"""The calendar as people without an account read it, by a link that was given to them: as a page and as a feed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.access.organisation import Organisation, get_organisation
from app.errors import Invalid
from app.i18n import LANGUAGES, _, date, speaking
from app.planning.calendar_feed import MONTHS_AHEAD, MONTHS_BACK, make_feed
from app.planning.calendar_share import CalendarShare, find_share
from app.planning.schedule import add_months, list_flights
from app.web.pages.calendar_view import calendar_view, read_asked, span_select, ways
from app.web.pages.visit import bare_page, guarded, outer_page, problems_of
from app.web.public import public_url

router = APIRouter(include_in_schema=False)

PATH = "/shared/calendar/{secret}"
UNKEPT = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


@router.get(PATH)
def shared_calendar(request: Request, secret: str) -> Response:
    """What is planned, for who has the link: no costs, and nobody's applications."""
    return guarded(request, lambda: _page(request, secret))


@router.get(f"{PATH}/feed.ics")
def shared_feed(request: Request, secret: str) -> Response:
    """The same for calendar programs, in the organisation's language."""
    return guarded(request, lambda: _feed(request, secret))


@contextmanager
def opened(request: Request, secret: str) -> Iterator[tuple[Session, Organisation, CalendarShare] | None]:
    """A session that sees what the link's organisation sees; nothing where the link leads nowhere any more."""
    state = request.app.state
    with state.database.reading() as session:
        found = find_share(session, secret, state.clock())
        organisation_id = found.organisation_id if found else None
    if found is None or organisation_id is None:
        yield None
        return
    with state.database.reading(organisation_id) as session:
        yield session, get_organisation(session, organisation_id), found


def _page(request: Request, secret: str) -> Response:
    with opened(request, secret) as found:
        if found is None:
            return _gone(request)
        try:
            answer = outer_page(request, "shared_calendar.html", lambda: _view(request, *found))
        except Invalid as error:
            said = " ".join(problems_of(error))
            return bare_page(request, 422, lambda: said)
    answer.headers.update(UNKEPT)
    return answer


def _view(request: Request, session: Session, organisation: Organisation, share: CalendarShare) -> dict[str, Any]:
    now = request.app.state.clock()
    today = now.astimezone(organisation.zone).date()
    said = {name: request.query_params[name] for name in ("span", "month", "lang") if request.query_params.get(name)}
    asked = read_asked({**said, **_limits(share)}, today)

    def here(**changes: object) -> str:
        return f"{request.url.path}?{urlencode({**said, **changes})}"

    view = calendar_view(session, organisation, now, asked, lambda _path: None, with_costs=False)
    return view | {
        "title": _("Calendar of %(organisation)s", organisation=organisation.name),
        "name": share.name,
        "until": date(share.expires_at.astimezone(organisation.zone).date()),
        "action": request.url.path,
        "month": f"{asked.stretch.month:%Y-%m}",
        "lang": said.get("lang", ""),
        "selects": [span_select(asked.stretch.span)],
        "ways": ways(asked.stretch, today, here),
        "languages": [(code, here(lang=code)) for code in LANGUAGES],
        "feed": f"{public_url(request)}{request.url.path}/feed.ics",
    }


def _limits(share: CalendarShare) -> dict[str, str]:
    """The part of the plan that the link is for; an address cannot ask for more."""
    keys = {"campaign": share.campaign_id, "channel": share.channel_id}
    return {name: str(key) for name, key in keys.items() if key is not None}


def _feed(request: Request, secret: str) -> Response:
    with opened(request, secret) as found:
        if found is None:
            return _gone(request)
        session, organisation, share = found
        month = request.app.state.clock().astimezone(organisation.zone).date().replace(day=1)
        flights = list_flights(
            session, add_months(month, -MONTHS_BACK), add_months(month, MONTHS_AHEAD),
            campaign=share.campaign_id, channel=share.channel_id,
        )  # fmt: skip
        with speaking(organisation.locale):
            feed = make_feed(
                _("Calendar of %(organisation)s", organisation=organisation.name), flights, organisation.zone
            )
    return Response(feed, media_type="text/calendar", headers=UNKEPT)


def _gone(request: Request) -> Response:
    def view() -> dict[str, Any]:
        text = _("It was revoked, or its time is over. Ask whoever gave it to you for another.")
        return {"title": _("This link leads to no calendar any more"), "text": text}

    return outer_page(request, "lost.html", view, 404)
