"""A channel: where assets are placed, how it is paid, how long it takes, and until when it is booked."""

import datetime as dt
import enum
import uuid
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, Shareable, organisation_of
from app.errors import Missing, Problem
from app.i18n import _
from app.planning.field import Given, Name, Note, Shown, TimeOfDay
from app.planning.listing import Stretch, Window, read_stretch
from app.planning.row import PlanRow, add_row, begin_change, find_taken, get_row, refuse_with

MOST_DAYS_AHEAD = 365
LONGEST_AHEAD = dt.timedelta(days=MOST_DAYS_AHEAD + 6)
"""How long before its first day a placement may have to be booked, where booking closes on a weekday."""


class ChannelKind(enum.StrEnum):
    OUT_OF_HOME = "out_of_home"
    SOCIAL = "social"
    SEARCH = "search"
    DISPLAY = "display"
    VIDEO = "video"
    EMAIL = "email"
    EVENT = "event"
    REFERRAL = "referral"
    JOB_BOARD = "job_board"
    RADIO = "radio"
    PRINT = "print"
    OWN_SITE = "own_site"


class CostModel(enum.StrEnum):
    """What is paid for."""

    PER_CLICK = "per_click"
    PER_THOUSAND = "per_thousand"
    PER_PERIOD = "per_period"
    FIXED = "fixed"
    FREE = "free"


class Weekday(enum.StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day to book something, and from what time on that day it is too late; none where the whole day is good.
    Both are the organisation's local ones."""

    on: dt.date
    at: dt.time | None = None

    def is_over(self, now: dt.datetime, zone: dt.tzinfo) -> bool:
        """Whether it is too late. A time that clocks skip is when they have; of one shown twice the first counts."""
        if self.at is None:
            return now.astimezone(zone).date() > self.on
        return now >= find_instant(self.on, self.at, zone)


def find_instant(day: dt.date, at: dt.time, zone: dt.tzinfo) -> dt.datetime:
    """When a zone's clocks show a time of a day, in UTC: instants of one zone would be compared by their clocks."""
    return dt.datetime.combine(day, at, zone).astimezone(dt.UTC)


class Channel(Shareable, PlanRow, Base):
    __tablename__ = "channel"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    shared_by = "shares_channels"

    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[ChannelKind] = mapped_column(String(20))
    cost_model: Mapped[CostModel] = mapped_column(String(20))
    lead_time_days: Mapped[int] = mapped_column(default=0)
    booking_closes_days: Mapped[int | None]
    booking_closes_on: Mapped[Weekday | None] = mapped_column(String(9))
    booking_closes_at: Mapped[str | None] = mapped_column(String(5))
    contact: Mapped[str] = mapped_column(String(500), default="")

    def book_by(self, starts_on: dt.date) -> Deadline | None:
        """Until when to book what starts on a day: when booking closes, or sooner where the lead time is longer; None
        where nobody is asked ahead."""
        ready = starts_on - dt.timedelta(days=self.lead_time_days) if self.lead_time_days else None
        if self.booking_closes_days is None:
            return Deadline(ready) if ready else None
        closes = starts_on - dt.timedelta(days=self.booking_closes_days)
        past = (closes.weekday() - list(Weekday).index(self.booking_closes_on)) % 7 if self.booking_closes_on else 0
        closes -= dt.timedelta(days=past)
        if ready and ready < closes:
            return Deadline(ready)
        return Deadline(closes, dt.time.fromisoformat(self.booking_closes_at) if self.booking_closes_at else None)


DaysAhead = Annotated[int, Field(strict=True, ge=0, le=MOST_DAYS_AHEAD)]


class ChannelIn(Given):
    """Where assets are placed; its name gives the links' `utm_source`, its kind their `utm_medium`."""

    name: Name
    kind: ChannelKind
    cost_model: CostModel
    lead_time_days: DaysAhead = Field(default=0, description="How long making, delivering and putting it up takes.")
    booking_closes_days: DaysAhead | None = Field(
        default=None, description="So many days before the first one booking closes; left out, the lead time decides."
    )
    booking_closes_on: Weekday | None = Field(
        default=None,
        description="Booking closes on the last such weekday until then: 11 days and Thursday are Thursdays, for the "
        "week after next.",
    )
    booking_closes_at: TimeOfDay | None = Field(
        default=None,
        description="From this time of that day on it is too late, in the organisation's zone; left out, the whole day "
        "is good.",
    )
    contact: Note = ""


class ChannelOut(ChannelIn, Shown):
    """A channel as it is stored."""


@dataclass(frozen=True, slots=True)
class ChannelFilter:
    """Which channels are listed."""

    kind: ChannelKind | None = None
    cost_model: CostModel | None = None


def create_channel(session: Session, given: ChannelIn, *, now: dt.datetime) -> Channel:
    """Store a new channel."""
    begin_change(session)
    check_channel(session, given, None)
    return add_row(session, Channel(**given.model_dump()), now)


def check_channel(session: Session, given: ChannelIn, channel: Channel | None) -> None:
    """A weekday or time at which booking closes is that of some day; a channel's name is its own."""
    undated = (given.booking_closes_on or given.booking_closes_at) and given.booking_closes_days is None
    remedy = _("Say how many days before the start booking closes, too.")
    refuse_with(
        [Problem("booking_closes_days", remedy)] if undated else [],
        find_taken(session, Channel, channel, "name", Channel.name == given.name),
    )


def get_channel(session: Session, channel_id: uuid.UUID) -> Channel:
    """One channel."""
    return get_row(session, Channel, channel_id)


def get_channel_named(session: Session, name: str) -> Channel:
    """The channel of this name: the organisation's own, else one that is shared with it. Raises Missing."""
    own = Channel.organisation_id == organisation_of(session)
    found = session.scalars(select(Channel).where(Channel.name == name).order_by(own.desc(), Channel.id)).first()
    if found is None:
        raise Missing(_("No channel has the name “%(name)s”.", name=name))
    return found


def list_channels(session: Session, wanted: ChannelFilter, window: Window) -> Stretch[Channel]:
    """Channels that fit the filter."""
    statement = select(Channel)
    if wanted.kind is not None:
        statement = statement.where(Channel.kind == wanted.kind)
    if wanted.cost_model is not None:
        statement = statement.where(Channel.cost_model == wanted.cost_model)
    return read_stretch(session, statement, Channel, window)


def describe_channel(channel: Channel) -> ChannelOut:
    """A channel as the API shows it."""
    return ChannelOut.model_validate(channel, from_attributes=True)
