"""`GET /calendar`: what runs when; and the links by which people without an account read it."""

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.access.organisation import get_organisation
from app.planning.calendar import CalendarOut, describe_calendar, read_calendar
from app.planning.calendar_share import CalendarShare, CalendarShareIn, list_shares, revoke_share, share_calendar
from app.planning.field import Language
from app.planning.schedule import Span, read_months
from app.web.problems import CREATES, READS, REMOVES
from app.web.public import public_url
from app.web.session import Caller, Now, PlanSession, ReadSession, speaking_to

router = APIRouter(prefix="/calendar", tags=["calendar"])


class CalendarQuery(BaseModel):
    """Which months are looked at, and of what."""

    model_config = ConfigDict(extra="forbid")

    span: Span = Span.QUARTER
    month: str | None = Field(
        default=None, pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="The first one; this month if left out.",
        examples=["2026-03"],
    )  # fmt: skip
    campaign: uuid.UUID | None = None
    channel: uuid.UUID | None = None
    language: Language | None = Field(default=None, description="Of the names of holidays.")


@router.get("", summary="What runs when", responses=READS)
def read(query: Annotated[CalendarQuery, Query()], caller: Caller, session: ReadSession, now: Now) -> CalendarOut:
    """Placements over whole weeks, the load and cost of each week, public holidays, the usual weeks without school, and
    what starts, ends or must be booked in the coming weeks."""
    organisation = get_organisation(session, caller.organisation_id)
    stretch = read_months(query.span, query.month, now.astimezone(organisation.zone).date())
    with speaking_to(caller, session, query.language):
        found = read_calendar(session, organisation, stretch, now, campaign=query.campaign,
                              channel=query.channel)  # fmt: skip
        return describe_calendar(found)


class CalendarShareOut(BaseModel):
    """A link by which the calendar is read; its secret is not known any more."""

    id: uuid.UUID
    name: str
    campaign_id: uuid.UUID | None
    channel_id: uuid.UUID | None
    created_at: dt.datetime
    expires_at: dt.datetime


class NewCalendarShareOut(CalendarShareOut):
    """A link that was just made: the only time its address is shown."""

    url: str
    feed_url: str = Field(description="The same for calendar programs (iCalendar).")


class CalendarSharesOut(BaseModel):
    """The links that lead to the calendar now, the latest first."""

    items: list[CalendarShareOut]


def _known(share: CalendarShare) -> dict[str, object]:
    return {name: getattr(share, name) for name in CalendarShareOut.model_fields}


@router.get("/shares", summary="List links to the calendar", responses=READS)
def list_all(session: ReadSession, now: Now) -> CalendarSharesOut:
    """Those that were revoked or are over are not among them."""
    return CalendarSharesOut(items=[CalendarShareOut.model_validate(_known(one)) for one in list_shares(session, now)])


@router.post("/shares", summary="Make a link to the calendar", status_code=201, responses=CREATES)
def create(given: CalendarShareIn, session: PlanSession, now: Now, request: Request) -> NewCalendarShareOut:
    """Whoever has it reads what is planned: no costs, and nothing of who applied."""
    share, secret = share_calendar(session, given, now=now)
    url = f"{public_url(request)}/shared/calendar/{secret}"
    return NewCalendarShareOut.model_validate({**_known(share), "url": url, "feed_url": f"{url}/feed.ics"})


@router.delete("/shares/{share_id}", summary="Revoke a link to the calendar", status_code=204, responses=REMOVES)
def revoke(share_id: uuid.UUID, session: PlanSession, now: Now) -> None:
    """It ends at once and for good."""
    revoke_share(session, share_id, now=now)
