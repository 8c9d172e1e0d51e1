"""The calendar as a feed (iCalendar, RFC 5545) that calendar programs read again and again."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app import __version__
from app.i18n import _
from app.planning.channel import Deadline, find_instant
from app.planning.placement import PlacementStatus
from app.planning.schedule import DAY, Flight

if TYPE_CHECKING:
    from icalendar import Event

MONTHS_BACK, MONTHS_AHEAD = 6, 24
"""How much of the plan a feed holds around today."""
READ_AGAIN = dt.timedelta(hours=6)


def make_feed(name: str, flights: Sequence[Flight], zone: dt.tzinfo) -> bytes:
    """All flights as events of whole days, and until when to book what nobody has: a day, or a time of it in the zone.
    What has no end yet is an event of its first day. Events keep their identity over readings, so that a program
    changes them and adds none."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", f"-//Kutsu//Kutsu {__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", READ_AGAIN, {"value": "DURATION"})
    for flight in flights:
        calendar.add_component(_flight_event(flight))
        if flight.book_by is not None:
            calendar.add_component(_book_event(flight, flight.book_by, zone))
    feed: bytes = calendar.to_ical()
    return feed


def _flight_event(flight: Flight) -> "Event":
    summary = flight.name if flight.ends_on else _("%(name)s (without an end)", name=flight.name)
    event = _event(str(flight.id), summary, flight)
    _add_days(event, flight.starts_on, flight.ends_on or flight.starts_on)
    event.add("status", "TENTATIVE" if flight.status == PlacementStatus.PLANNED else "CONFIRMED")
    if flight.place:
        event.add("location", flight.place)
    return event


def _book_event(flight: Flight, deadline: Deadline, zone: dt.tzinfo) -> "Event":
    event = _event(f"book-{flight.id}", _("Book: %(name)s", name=flight.name), flight)
    if deadline.at is None:
        _add_days(event, deadline.on, deadline.on)
    else:  # an event without an end is that moment; in UTC, since of zones calendar programs know more than a file says
        event.add("dtstart", find_instant(deadline.on, deadline.at, zone))
    return event


def _add_days(event: "Event", first: dt.date, last: dt.date) -> None:
    event.add("dtstart", first)
    event.add("dtend", last + DAY)


def _event(key: str, summary: str, flight: Flight) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"{key}@kutsu")
    event.add("summary", summary)
    event.add("dtstamp", flight.changed_at)
    event.add("last-modified", flight.changed_at)
    event.add("categories", [flight.channel])
    event.add("description", _("%(channel)s, campaign %(campaign)s", channel=flight.channel, campaign=flight.campaign))
    event.add("transp", "TRANSPARENT")
    return event
