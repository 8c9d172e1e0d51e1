"""The calendar of whoever is signed in, and the links by which others read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.errors import Invalid
from app.i18n import _, date
from app.planning.calendar_share import (
    DEFAULT_DAYS,
    MOST_DAYS,
    CalendarShareIn,
    list_shares,
    revoke_share,
    share_calendar,
)
from app.planning.problem import read_as
from app.web.pages.administering import changing
from app.web.pages.calendar_view import LIMITS, calendar_view, list_sheets, read_asked, span_select, ways
from app.web.pages.door import go_to, read_id
from app.web.pages.files import file_links
from app.web.pages.filters import Limit, Select, limit_selects, limit_words
from app.web.pages.placement_link import PLANNERS
from app.web.pages.visit import Visit, answer, change, problems_of
from app.web.public import public_url

router = APIRouter(include_in_schema=False)

PATH = "/calendar"
Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A link that leads to the calendar, in words."""

    name: str
    of: str
    until: str
    revoke: str


@router.get(PATH)
def calendar(request: Request) -> Response:
    """What runs when."""
    return answer(request, show_calendar)


@router.post(f"{PATH}/shares")
def share(request: Request, name: Text = "", days: Text = "", campaign: Text = "", channel: Text = "") -> Response:
    """Make a link to the calendar, and show it this once."""

    def make(visit: Visit) -> Response:
        visit.require(PLANNERS)
        said = {"name": name, "days": days, "campaign_id": campaign or None, "channel_id": channel or None}
        try:
            given = read_as(CalendarShareIn, said)
            with changing(visit) as session:
                made, secret = share_calendar(session, given, now=visit.now)
                until = date(made.expires_at.astimezone(visit.organisation.zone).date())
        except Invalid as error:
            return show_calendar(visit, problems=problems_of(error))
        return show_calendar(visit, made=(f"{public_url(request)}/shared/calendar/{secret}", until))

    return answer(request, make)


@router.post(f"{PATH}/shares/{{share_id}}/revoke")
def revoke(request: Request, share_id: str) -> Response:
    """End a link at once and for good."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        revoke_share(visit.session, read_id(share_id), now=visit.now)
        return go_to(f"{visit.address(PATH)}#shares")

    return change(request, do, lambda visit, problems: show_calendar(visit, problems=problems))


def show_calendar(visit: Visit, *, problems: Sequence[str] = (), made: tuple[str, str] | None = None) -> Response:
    """The page; `made` is the address of a link that was just made, and its last day."""
    asked = read_asked(visit.asked, visit.today)
    selects = [one for one in limit_selects(visit, visit.asked) if one.name in LIMITS]
    view = calendar_view(visit.session, visit.organisation, visit.now, asked, visit.address, with_costs=True) | {
        "action": PATH,
        "month": f"{asked.stretch.month:%Y-%m}",
        "selects": [span_select(asked.stretch.span), *selects],
        "limits": [
            Limit(one.label, limit_words(one), visit.same_address(**{one.name: None})) for one in selects if one.chosen
        ],
        "files": {"flights": file_links(visit, PATH), "weeks": file_links(visit, f"{PATH}/weeks")},
        "ways": ways(asked.stretch, visit.today, visit.same_address),
        "sheets": list_sheets(asked.stretch, visit.same_address),
        "shares": shares_view(visit, selects, problems, made) if visit.member.place.role in PLANNERS else None,
    }
    return visit.page("calendar.html", view, 422 if problems else 200)


def shares_view(
    visit: Visit, selects: Sequence[Select], problems: Sequence[str], made: tuple[str, str] | None
) -> dict[str, Any]:
    """The part of the page that speaks of links: one that was just made, those that lead here, and the form."""
    chosen = {one.name: one for one in selects if one.chosen}
    names = {one.name: dict(one.options) for one in selects}
    return {
        "action": f"{PATH}/shares",
        "problems": problems,
        "made": made,
        "days": DEFAULT_DAYS,
        "most": MOST_DAYS,
        "kept": {name: one.chosen for name, one in chosen.items()},
        "of": ", ".join(limit_words(one) for one in chosen.values()) or _("the whole plan"),
        "lines": _list_lines(visit, names),
    }


def _list_lines(visit: Visit, names: dict[str, dict[str, str]]) -> list[ShareLine]:
    # Read anew: the visit's own session began before a link was made.
    with visit.request.app.state.database.reading(visit.organisation.id) as session:
        return [
            ShareLine(
                one.name,
                ", ".join(
                    names[name].get(str(key), "")
                    for name, key in (("campaign", one.campaign_id), ("channel", one.channel_id))
                    if key
                )
                or _("the whole plan"),
                date(one.expires_at.astimezone(visit.organisation.zone).date()),
                f"{PATH}/shares/{one.id}/revoke",
            )
            for one in list_shares(session, visit.now)
        ]
