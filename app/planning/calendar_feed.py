"""The calendar as a feed (iCalendar, RFC 5545) that calendar programs read again and again."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app import __version__
from app.i18n import _
from app.planning.placement import PlacementStatus
from app.planning.schedule import DAY, Flight

if TYPE_CHECKING:
    from icalendar import Event

MONTHS_BACK, MONTHS_AHEAD = 6, 24
"""How much of the plan a feed holds around today."""
READ_AGAIN = dt.timedelta(hours=6)


def make_feed(name: str, flights: Sequence[Flight]) -> bytes:
    """All flights as events of whole days, and the last days to book what nobody has; what has no end yet is an event
    of its first day. Events keep their identity over readings, so that a program changes them and adds none."""
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
            summary = _("Book: %(name)s", name=flight.name)
            calendar.add_component(_event(f"book-{flight.id}", summary, flight.book_by, flight.book_by, flight))
    feed: bytes = calendar.to_ical()
    return feed


def _flight_event(flight: Flight) -> "Event":
    summary = flight.name if flight.ends_on else _("%(name)s (without an end)", name=flight.name)
    event = _event(str(flight.id), summary, flight.starts_on, flight.ends_on or flight.starts_on, flight)
    event.add("status", "TENTATIVE" if flight.status == PlacementStatus.PLANNED else "CONFIRMED")
    if flight.place:
        event.add("location", flight.place)
    return event


def _event(key: str, summary: str, first: dt.date, last: dt.date, flight: Flight) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"{key}@kutsu")
    event.add("summary", summary)
    event.add("dtstart", first)
    event.add("dtend", last + DAY)
    event.add("dtstamp", flight.changed_at)
    event.add("last-modified", flight.changed_at)
    event.add("categories", [flight.channel])
    event.add("description", _("%(channel)s, campaign %(campaign)s", channel=flight.channel, campaign=flight.campaign))
    event.add("transp", "TRANSPARENT")
    return event
