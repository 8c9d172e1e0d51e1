"""What runs where and when: flights by channel over whole weeks, the load of each week, and what is due in the next."""

import datetime as dt
import enum
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, contains_eager

from app.access.organisation import get_organisation
from app.database import organisation_of
from app.errors import Invalid, Problem
from app.i18n import _
from app.planning.allocation import WEEK, spread_over_weeks
from app.planning.campaign import Campaign
from app.planning.channel import LONGEST_AHEAD, Channel, CostModel, Deadline
from app.planning.field import EARLIEST_DAY, LATEST_DAY
from app.planning.placement import Placement, PlacementStatus, best_known_cost, book_by

DAY = dt.timedelta(days=1)
DUE_WEEKS = 6
"""How far ahead it is told what starts, ends and must be booked."""


class Span(enum.StrEnum):
    """How much time is looked at."""

    MONTH = "month"
    QUARTER = "quarter"
    YEARS = "years"

    @property
    def months(self) -> int:
        return {"month": 1, "quarter": 3, "years": 24}[self.value]


class DueKind(enum.StrEnum):
    """What is to happen on a day."""

    BOOK = "book"
    STARTS = "starts"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Months that are looked at, as the whole weeks they touch: `first` is a Monday and `last` a Sunday."""

    span: Span
    month: dt.date
    first: dt.date
    last: dt.date

    @property
    def last_of_months(self) -> dt.date:
        """The last day of the months themselves."""
        return add_months(self.month, self.span.months) - DAY

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def weeks(self) -> int:
        return self.days // 7

    def moved(self, months: int) -> "Stretch":
        """The same length so many months later."""
        return look_at(self.span, add_months(self.month, months))


@dataclass(frozen=True, slots=True)
class Flight:
    """One placement in time; `book_by` is until when to book it while nobody has, and `too_late` whether that was over
    when it was planned; `contact` is with whom, `cost` the best known one as a
    currency and minor units, `ends_on` None where it has no end, and `is_free` where its channel costs nothing."""

    id: uuid.UUID
    code: str
    name: str
    campaign: str
    channel_id: uuid.UUID
    channel: str
    place: str
    starts_on: dt.date
    ends_on: dt.date | None
    status: PlacementStatus
    cost: tuple[str, int] | None
    book_by: Deadline | None
    changed_at: dt.datetime
    is_free: bool = False
    too_late: bool = False
    contact: str = ""

    def runs_in(self, first: dt.date, last: dt.date) -> bool:
        """Whether any of its days is from first to last."""
        return self.starts_on <= last and (self.ends_on is None or self.ends_on >= first)


@dataclass(frozen=True, slots=True)
class WeekLoad:
    """What one week carries: how many placements run, what is known of their cost in it, by currency, and of how many
    nothing is."""

    monday: dt.date
    running: int
    costs: Sequence[tuple[str, int]]
    without_cost: int


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is to happen on a day, before a time of it where one is said; `late` where that is over and it has
    not."""

    on: dt.date
    kind: DueKind
    flight: Flight
    late: bool = False
    at: dt.time | None = None


def look_at(span: Span, day: dt.date) -> Stretch:
    """The months from that of a day on, as whole weeks. Raises Invalid for a year that no plan has."""
    month = day.replace(day=1)
    if not EARLIEST_DAY <= month <= LATEST_DAY or (last := add_months(month, span.months) - DAY) > LATEST_DAY:
        raise Invalid([Problem("month", _("The year must be from 1900 to 2100."))])
    return Stretch(span, month, month - DAY * month.weekday(), last + DAY * (6 - last.weekday()))


def read_months(span: str, month: str | None, today: dt.date) -> Stretch:
    """The months that words ask for, such as `quarter` and `2026-03`; without a month, from this one on. Raises
    Invalid."""
    if span not in set(Span):
        raise Invalid([Problem("span", _("Choose one of %(known)s.", known=", ".join(Span)))])
    try:
        day = dt.date.fromisoformat(f"{month}-01") if month else today
    except ValueError:
        raise Invalid([Problem("month", _("Write the month as year-month, for example 2026-03."))]) from None
    return look_at(Span(span), day)


def add_months(month: dt.date, months: int) -> dt.date:
    """The first day of the month so many months later."""
    count = month.year * 12 + month.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)


def list_flights(
    session: Session,
    first: dt.date,
    last: dt.date,
    *,
    campaign: uuid.UUID | None = None,
    channel: uuid.UUID | None = None,
) -> list[Flight]:
    """The placements that run on any of these days, by channel, then in the order in which they begin."""
    statement = (
        select(Placement, Campaign.name)
        .join(Campaign, Campaign.id == Placement.campaign_id)
        .join(Placement.channel)
        .options(contains_eager(Placement.channel))
        .where(Placement.starts_on <= last, or_(Placement.ends_on.is_(None), Placement.ends_on >= first))
        .order_by(Channel.name, Channel.id, Placement.starts_on, Placement.name, Placement.id)
    )
    if campaign is not None:
        statement = statement.where(Placement.campaign_id == campaign)
    if channel is not None:
        statement = statement.where(Placement.channel_id == channel)
    zone = get_organisation(session, organisation_of(session)).zone
    return [_fly(*row, zone) for row in session.execute(statement)]


def _fly(placement: Placement, campaign: str, zone: dt.tzinfo) -> Flight:
    minor, deadline = best_known_cost(placement), book_by(placement)
    return Flight(
        id=placement.id, code=placement.tracking_code, name=placement.name, campaign=campaign,
        channel_id=placement.channel_id, channel=placement.channel.name, place=placement.place,
        starts_on=placement.starts_on, ends_on=placement.ends_on, status=placement.status,
        cost=(placement.currency, minor) if placement.currency and minor is not None else None,
        book_by=deadline, changed_at=placement.updated_at,
        is_free=placement.channel.cost_model == CostModel.FREE,
        too_late=deadline is not None and deadline.is_over(placement.created_at, zone),
        contact=placement.channel.contact,
    )  # fmt: skip


def weigh_weeks(flights: Sequence[Flight], first: dt.date, last: dt.date) -> list[WeekLoad]:
    """The load of each whole week from a Monday to a Sunday; a cost lies evenly on the days of its flight, to the cent.
    What has no end has no share of its cost in a week, since nobody knows how many there will be."""
    running: Counter[dt.date] = Counter()
    unknown: Counter[dt.date] = Counter()
    costs: dict[dt.date, Counter[str]] = {}
    for flight in flights:
        shared = _share_cost(flight)
        for monday in _mondays(max(flight.starts_on, first), min(flight.ends_on or last, last)):
            running[monday] += 1
            unknown[monday] += not shared and not (flight.is_free and flight.cost is None)
        for monday, currency, minor in shared:
            costs.setdefault(monday, Counter())[currency] += minor
    return [
        WeekLoad(monday, running[monday], sorted(costs.get(monday, {}).items()), unknown[monday])
        for monday in _mondays(first, last)
    ]


def _mondays(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The Mondays of all weeks that days from first to last lie in."""
    monday = first - DAY * first.weekday()
    while monday <= last:
        yield monday
        monday += WEEK


def _share_cost(flight: Flight) -> list[tuple[dt.date, str, int]]:
    """The parts of a flight's cost by week; none where it has no known cost or no end."""
    if flight.cost is None or flight.ends_on is None:
        return []
    currency, minor = flight.cost
    weeks = spread_over_weeks(minor, flight.starts_on, flight.ends_on)
    return [(monday, currency, part) for monday, part in weeks]


def list_due(session: Session, now: dt.datetime, zone: dt.tzinfo, *, campaign: uuid.UUID | None = None,
             channel: uuid.UUID | None = None) -> list[Due]:  # fmt: skip
    """What starts, ends and must be booked in the coming weeks, day by day as the zone has them; what is late comes
    first."""
    today = now.astimezone(zone).date()
    until = today + WEEK * DUE_WEEKS
    found: list[Due] = []
    for flight in list_flights(session, today, until + LONGEST_AHEAD, campaign=campaign, channel=channel):
        book = flight.book_by
        if book is not None and book.on <= until and flight.starts_on >= today:
            found.append(Due(book.on, DueKind.BOOK, flight, late=book.is_over(now, zone), at=book.at))
        found += _due_of(flight, today, until)
    return sorted(
        found, key=lambda due: (due.on, list(DueKind).index(due.kind), due.at or dt.time.max, due.flight.name)
    )


def _due_of(flight: Flight, today: dt.date, until: dt.date) -> Iterator[Due]:
    if today <= flight.starts_on <= until:
        yield Due(flight.starts_on, DueKind.STARTS, flight)
    ends_on = None if flight.ends_on == flight.starts_on else flight.ends_on  # what is of one day is said once
    if ends_on is not None and today <= ends_on <= until and flight.status != PlacementStatus.ENDED:
        yield Due(ends_on, DueKind.ENDS, flight)
