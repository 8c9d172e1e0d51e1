"""What the calendar shows: flights drawn by channel and listed, the load of weeks, holidays, and what is due next."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.access.organisation import Organisation
from app.errors import Invalid, Problem
from app.i18n import _, date, day_words, ngettext, number, period
from app.planning.calendar import Calendar, read_calendar
from app.planning.lines import status_words
from app.planning.schedule import (
    DAY,
    DUE_WEEKS,
    Due,
    DueKind,
    Flight,
    Span,
    Stretch,
    WeekLoad,
    add_months,
    read_months,
)
from app.planning.school_holidays import SchoolHoliday
from app.reports.wording import money_words
from app.web.pages.filters import Select
from app.web.pages.timeline import draw_timeline, week_costs

LIMITS = ("campaign", "channel")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at: which months, of which campaign and channel."""

    stretch: Stretch
    campaign: uuid.UUID | None = None
    channel: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One placement as a line of the table."""

    name: str
    address: str | None
    channel: str
    campaign: str
    place: str
    days: str
    status: str
    cost: str


@dataclass(frozen=True, slots=True)
class DueLine:
    """One thing that is due, in words."""

    day: str
    what: str
    name: str
    address: str | None
    channel: str
    late: bool
    mark: str
    """How it is late."""


def read_asked(said: Mapping[str, str], today: dt.date) -> Asked:
    """What an address asks to see; without a word, three months from this one on. Raises Invalid."""
    stretch = read_months(said.get("span", Span.QUARTER), said.get("month"), today)
    return Asked(stretch, *(_read_key(said, name) for name in LIMITS))


def _read_key(said: Mapping[str, str], name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(said[name]) if name in said else None
    except ValueError:
        raise Invalid([Problem(name, _("“%(text)s” is no id.", text=said[name]))]) from None


def calendar_view(
    session: Session,
    organisation: Organisation,
    now: dt.datetime,
    asked: Asked,
    address: Callable[[str], str | None],
    *,
    with_costs: bool,
) -> dict[str, Any]:
    """All that is drawn and listed, for a visitor or for who has a link."""
    found = read_calendar(session, organisation, asked.stretch, now, campaign=asked.campaign, channel=asked.channel)
    load = found.weeks if with_costs else [WeekLoad(one.monday, one.running, (), 0) for one in found.weeks]
    return {
        "title": _("Calendar"),
        "finding": finding(found),
        "head": " · ".join((organisation.name, _("Calendar"), period(found.stretch.first, found.stretch.last))),
        "timeline": draw_timeline(found, load, now.astimezone(organisation.zone).date(), address),
        "flights": [_show(flight, address, with_costs=with_costs) for flight in found.flights],
        "with_costs": with_costs,
        "files": None,
        "public": [(date(day), name) for day, name in found.public_holidays.items()],
        "schools": [_school_words(one) for one in found.school_holidays],
        "due": [_due_line(one, address) for one in found.due],
        "due_weeks": number(DUE_WEEKS),
        "load": [
            (period(one.monday, one.monday + DAY * 6), number(one.running), week_costs(one) or "–",
             number(one.without_cost) if one.without_cost else "–")
            for one in load
        ],
    }  # fmt: skip


def finding(found: Calendar) -> str:
    """The page in a sentence: how much runs, when most of it, and what cannot wait."""
    when = period(found.stretch.first, found.stretch.last)
    if not found.flights:
        return _("%(when)s: nothing is planned to run.", when=when)
    most = max(found.weeks, key=lambda week: week.running)
    said = [
        ngettext("%(when)s: %(n)s placement.",
                 "%(when)s: %(n)s placements; most at once, %(most)s, in the week from %(day)s.",
                 len(found.flights), when=when, most=number(most.running), day=date(most.monday))
    ]  # fmt: skip
    late = sum(one.late and not one.flight.too_late for one in found.due)
    missed = sum(one.late and one.flight.too_late for one in found.due)
    if missed:
        said.append(ngettext("%(n)s was planned after its last day for booking.",
                             "%(n)s were planned after their last day for booking.", missed))  # fmt: skip
    if late:
        said.append(ngettext("%(n)s should have been booked by now.", "%(n)s should have been booked by now.", late))
    return " ".join(said)


def span_select(span: Span) -> Select:
    """How much time is looked at."""
    options = [
        (Span.MONTH.value, _("a month")), (Span.QUARTER.value, _("three months")), (Span.YEARS.value, _("two years")),
    ]  # fmt: skip
    return Select("span", _("Time"), options, span.value)


def ways(stretch: Stretch, today: dt.date, address: Callable[..., str]) -> dict[str, str]:
    """Where the months before and after are, and those from now on; nothing where no plan reaches."""
    step = {Span.MONTH: 1, Span.QUARTER: 3, Span.YEARS: 12}[stretch.span]
    found = {"now": address(month=f"{today:%Y-%m}"), "before": "", "after": ""}
    for name, months in (("before", -step), ("after", step)):
        with suppress(Invalid):
            found[name] = address(month=f"{stretch.moved(months).month:%Y-%m}")
    return found


def list_sheets(stretch: Stretch, address: Callable[..., str]) -> list[tuple[str, str]]:
    """Of two years each three months and where they are: drawn so, they fit on a sheet that breaks between quarters."""
    if stretch.span is not Span.YEARS:
        return []
    firsts = [add_months(stretch.month, n) for n in range(0, Span.YEARS.months, Span.QUARTER.months)]
    return [
        (period(first, add_months(first, Span.QUARTER.months) - DAY),
         address(span=Span.QUARTER.value, month=f"{first:%Y-%m}"))
        for first in firsts
    ]  # fmt: skip


def _show(flight: Flight, address: Callable[[str], str | None], *, with_costs: bool) -> Shown:
    return Shown(
        flight.name, address(f"/placements/{flight.id}"), flight.channel, flight.campaign, flight.place,
        period(flight.starts_on, flight.ends_on), status_words(flight.status),
        cost_words(flight) if with_costs else "",
    )  # fmt: skip


def cost_words(flight: Flight) -> str:
    """The best known cost."""
    if flight.cost is None:
        return _("free of charge") if flight.is_free else _("cost unknown")
    currency, minor = flight.cost
    return money_words(minor, currency)


def _school_words(one: SchoolHoliday) -> str:
    where = f" ({one.where})" if one.where else ""
    return f"{period(one.first, one.last)}: {one.name}{where}"


def _due_line(due: Due, address: Callable[[str], str | None]) -> DueLine:
    what = {DueKind.BOOK: _("book"), DueKind.STARTS: _("starts"), DueKind.ENDS: _("ends")}[due.kind]
    flight = due.flight
    return DueLine(
        day_words(due.on, due.at), what, flight.name, address(f"/placements/{flight.id}"), flight.channel, due.late,
        (_("planned too late") if flight.too_late else _("late")) if due.late else "",
    )  # fmt: skip
