"""The calendar whole: flights, the load of weeks, holidays of the organisation's country and what is due, as one answer
for pages, machines and the command line."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from app.access.organisation import Organisation
from app.planning.money import Money, to_money
from app.planning.placement import PlacementStatus
from app.planning.public_holidays import find_country, list_public_holidays
from app.planning.schedule import (
    Due,
    DueKind,
    Flight,
    Stretch,
    WeekLoad,
    list_due,
    list_flights,
    weigh_weeks,
)
from app.planning.school_holidays import SchoolHoliday, list_school_holidays


@dataclass(frozen=True, slots=True)
class Calendar:
    """Everything that is said of some months; `country` is none where the time zone is no country's."""

    stretch: Stretch
    country: str | None
    flights: Sequence[Flight]
    weeks: Sequence[WeekLoad]
    due: Sequence[Due]
    public_holidays: Mapping[dt.date, str]
    school_holidays: Sequence[SchoolHoliday]


def read_calendar(
    session: Session,
    organisation: Organisation,
    stretch: Stretch,
    now: dt.datetime,
    *,
    campaign: uuid.UUID | None = None,
    channel: uuid.UUID | None = None,
) -> Calendar:
    """The calendar of an organisation, of one campaign or channel where asked."""
    first, last = stretch.first, stretch.last
    flights = list_flights(session, first, last, campaign=campaign, channel=channel)
    country = find_country(organisation.time_zone)
    return Calendar(
        stretch,
        country,
        flights,
        weigh_weeks(flights, first, last),
        list_due(session, now, organisation.zone, campaign=campaign, channel=channel),
        list_public_holidays(country, first, last),
        list_school_holidays(country or "", first, last),
    )


class FlightOut(BaseModel):
    """A placement in time."""

    placement_id: uuid.UUID
    tracking_code: str
    name: str
    campaign: str
    channel_id: uuid.UUID
    channel: str
    place: str
    starts_on: dt.date
    ends_on: dt.date | None = Field(description="None where it has no end yet.")
    status: PlacementStatus
    cost: Money | None = Field(description="The best known one: invoiced, else booked, else planned.")
    book_by: dt.date | None = Field(description="The last day to book it, while it is not booked.")
    book_by_at: str | None = Field(description="From this local time on that day it is too late, where one is known.")


class WeekOut(BaseModel):
    """What one week carries."""

    monday: dt.date
    running: int
    costs: list[Money] = Field(description="The part of known costs that lies in this week, one for each currency.")
    without_cost: int = Field(description="How many run whose part of a cost cannot be told.")


class DueOut(BaseModel):
    """What is to happen on a day of the coming weeks."""

    on: dt.date
    at: str | None = Field(
        description="The local time on that day before which, where one is known.", examples=["12:00"]
    )
    kind: DueKind
    placement_id: uuid.UUID
    name: str
    late: bool


class PublicHolidayOut(BaseModel):
    """A day on which nobody works."""

    on: dt.date
    name: str


class SchoolHolidayOut(BaseModel):
    """Days on which schools are usually closed, by rule: municipalities set them."""

    first: dt.date
    last: dt.date
    name: str
    where: str = Field(description="Empty where it is so in the whole country.")


class CalendarOut(BaseModel):
    """What runs when: whole weeks, from a Monday to a Sunday."""

    first: dt.date
    last: dt.date
    country: str | None
    flights: list[FlightOut]
    weeks: list[WeekOut]
    due: list[DueOut]
    public_holidays: list[PublicHolidayOut]
    usual_school_holidays: list[SchoolHolidayOut]


def describe_calendar(calendar: Calendar) -> CalendarOut:
    """The calendar as the API shows it."""
    return CalendarOut(
        first=calendar.stretch.first,
        last=calendar.stretch.last,
        country=calendar.country,
        flights=[_flight(one) for one in calendar.flights],
        weeks=[
            WeekOut(
                monday=one.monday, running=one.running, without_cost=one.without_cost,
                costs=[to_money(minor, currency) for currency, minor in one.costs],
            )
            for one in calendar.weeks
        ],
        due=[
            DueOut(
                on=one.on, at=_clock(one.at), kind=one.kind, placement_id=one.flight.id, name=one.flight.name,
                late=one.late,
            )
            for one in calendar.due
        ],
        public_holidays=[PublicHolidayOut(on=day, name=name) for day, name in calendar.public_holidays.items()],
        usual_school_holidays=[
            SchoolHolidayOut(first=one.first, last=one.last, name=one.name, where=one.where)
            for one in calendar.school_holidays
        ],
    )  # fmt: skip


def _flight(one: Flight) -> FlightOut:
    return FlightOut(
        placement_id=one.id, tracking_code=one.code, name=one.name, campaign=one.campaign, channel_id=one.channel_id,
        channel=one.channel, place=one.place, starts_on=one.starts_on, ends_on=one.ends_on, status=one.status,
        cost=to_money(one.cost[1], one.cost[0]) if one.cost else None, book_by=one.book_by.on if one.book_by else None,
        book_by_at=_clock(one.book_by.at) if one.book_by else None,
    )  # fmt: skip


def _clock(at: dt.time | None) -> str | None:
    return f"{at:%H:%M}" if at else None
