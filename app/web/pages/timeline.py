"""The plan drawn over time: a row for each channel, a bar for each flight, in columns that a style sheet knows by
number.

A column is a day, or a week where years are looked at. Styles in the page itself are refused, so what lies where is
said by classes: `c12 s14` begins in column 12 and is 14 columns wide.
"""

import datetime as dt
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from app.i18n import _, month_word, ngettext, number, period, whole_month
from app.planning.calendar import Calendar
from app.planning.lines import status_words
from app.planning.schedule import DAY, Flight, Span, Stretch, WeekLoad
from app.planning.school_holidays import SchoolHoliday
from app.reports.wording import money_words

LEAST_COLUMNS = {Span.MONTH: 2, Span.QUARTER: 3, Span.YEARS: 3}
"""So many columns a finger needs: what is shorter is drawn as long as it is, inside a target as wide as this."""
LOAD_STEPS = 10
ALL_COLUMNS, LETTER, AROUND = 1000, 6.5, 14
"""Pixels that all columns have together on a usual page, and that a letter and the edges of a bar need."""
LEAST_LETTERS = 8
"""A name that is cut off says something if so many of its letters are seen."""
ROOM_FOR_NAME = 21
"""Days that a month or a holiday must have on the page to be named in it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasts from one column to another; `short` is how many columns of a wider target it fills."""

    name: str
    says: str
    column: int
    width: int
    kind: str
    address: str | None = None
    short: int = 0
    shows: bool = True
    """Whether its name is seen, in it or beside it; who does not see the drawing is told it all the same."""
    cut: str = ""
    """As much of the name as there is room for beside it, where that is not all."""

    @property
    def classes(self) -> str:
        filled = f" short-{self.short}-{self.width}" if self.short else ""
        return f"{self.kind} c{self.column} s{self.width}{filled}"


@dataclass(frozen=True, slots=True)
class Row:
    """One channel with its bars."""

    name: str
    address: str | None
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Week:
    """The load of one week; `height` is in tenths of the heaviest one."""

    running: str
    costs: str
    bar: Bar
    height: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that is drawn."""

    span: str
    columns: int
    heads: Sequence[Sequence[Bar]]
    closed: Sequence[Bar]
    today: int | None
    schools: Sequence[Bar]
    rows: Sequence[Row]
    load: Sequence[Week]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where days lie among the columns of a stretch."""

    stretch: Stretch

    @property
    def unit(self) -> int:
        return 7 if self.stretch.span is Span.YEARS else 1

    @property
    def columns(self) -> int:
        return self.stretch.days // self.unit

    def column(self, day: dt.date) -> int:
        """The column that a day lies in, counted from one; days outside lie in the first or last."""
        inside = min(max(day, self.stretch.first), self.stretch.last)
        return (inside - self.stretch.first).days // self.unit + 1

    def lay(self, name: str, says: str, first: dt.date, last: dt.date, kind: str) -> Bar:
        """Days from first to last as a bar."""
        start = self.column(first)
        return Bar(name, says, start, self.column(last) - start + 1, kind)

    def lay_target(self, bar: Bar, address: str | None) -> Bar:
        """A bar that may be pressed: as wide as a finger, though drawn no longer than it is."""
        least = LEAST_COLUMNS[self.stretch.span]
        width = max(bar.width, least)
        column = min(bar.column, self.columns - width + 1)
        short = bar.width if bar.width < least and column == bar.column else 0
        return Bar(bar.name, bar.says, column, width, bar.kind, address, short)


def draw_timeline(
    found: Calendar, load: Sequence[WeekLoad], today: dt.date, address: Callable[[str], str | None]
) -> Timeline:
    """The months as columns with all that lies in them; `load` is what may be shown of the weeks, and `address` gives
    the page of a path, where it may be opened."""
    stretch = found.stretch
    scale = Scale(stretch)
    by_day = stretch.span is not Span.YEARS
    return Timeline(
        span=stretch.span.value,
        columns=scale.columns,
        heads=list(_heads(scale, found.weeks)),
        closed=[scale.lay(name, "", day, day, "closed") for day, name in found.public_holidays.items()]
        if by_day
        else [],
        today=scale.column(today) if stretch.first <= today <= stretch.last else None,
        schools=list(_schools(scale, found.school_holidays)),
        rows=[
            _row(scale, list(flights), address) for _id, flights in groupby(found.flights, lambda one: one.channel_id)
        ],
        load=_load(scale, load),
    )


def _heads(scale: Scale, load: Sequence[WeekLoad]) -> Iterator[list[Bar]]:
    """The rows above: years and months, or months, weeks and, of a single month, its days."""
    if scale.unit > 1:
        yield list(_group(scale, lambda day: day.replace(month=1, day=1), lambda day: str(day.year)))
        yield list(_group(scale, lambda day: day.replace(day=1), month_word))
        return
    yield list(_group(scale, lambda day: day.replace(day=1), whole_month))
    yield [_week_number(scale, one.monday) for one in load]
    if scale.stretch.span is Span.MONTH:
        yield list(_days(scale))


def _group(scale: Scale, of: Callable[[dt.date], dt.date], name: Callable[[dt.date], str]) -> Iterator[Bar]:
    """Columns of one month or year as one bar, named where there is room; a week belongs to where its Thursday is."""
    middle = scale.unit // 2
    days = [scale.stretch.first + DAY * (scale.unit * n + middle) for n in range(scale.columns)]
    for first, those in groupby(days, of):
        lasting = list(those)
        bar = scale.lay("", "", lasting[0], lasting[-1], "month")
        wide = bar.width * scale.unit >= ROOM_FOR_NAME
        yield Bar(name(first) if wide else "", "", bar.column, bar.width, bar.kind)


def _week_number(scale: Scale, monday: dt.date) -> Bar:
    return scale.lay(_("w%(n)s", n=monday.isocalendar().week), "", monday, monday + DAY * 6, "week")


def _days(scale: Scale) -> Iterator[Bar]:
    for n in range(scale.stretch.days):
        day = scale.stretch.first + DAY * n
        outside = " outside" if day.month != scale.stretch.month.month else ""
        yield scale.lay(str(day.day), "", day, day, f"day{outside}")


def _schools(scale: Scale, holidays: Sequence[SchoolHoliday]) -> Iterator[Bar]:
    """A bar for each; where a week is too narrow for a name, one for all regions whose weeks follow each other."""
    together: list[SchoolHoliday] = []
    for one in holidays:
        last = together[-1] if together else one
        if together and (scale.stretch.span is Span.MONTH or one.name != last.name or one.first > last.last + DAY):
            yield _schools_of(scale, together)
            together = []
        together.append(one)
    if together:
        yield _schools_of(scale, together)


def _schools_of(scale: Scale, together: Sequence[SchoolHoliday]) -> Bar:
    first, last = together[0], together[-1]
    if len(together) == 1:
        return _school(scale, first)
    says = " · ".join(f"{one.where}: {period(one.first, one.last)}" for one in together)
    named = scale.unit == 1 or (last.last - first.first).days >= ROOM_FOR_NAME
    name = _("%(name)s, by region", name=first.name)
    return scale.lay(name if named else "", f"{name} · {says}", first.first, last.last, "school")


def _school(scale: Scale, one: SchoolHoliday) -> Bar:
    name = f"{one.name} · {one.where}" if one.where else one.name
    named = scale.unit == 1 or (one.last - one.first).days >= ROOM_FOR_NAME
    says = f"{name} · {period(one.first, one.last)}"
    return scale.lay(name if named else "", says, one.first, one.last, "school")


def _row(scale: Scale, flights: Sequence[Flight], address: Callable[[str], str | None]) -> Row:
    first = flights[0]
    bars = place_names(scale, [_bar(scale, flight, address(f"/placements/{flight.id}")) for flight in flights])
    return Row(first.channel, address(f"/channels/{first.channel_id}"), bars)


def place_names(scale: Scale, bars: Sequence[Bar]) -> list[Bar]:
    """Names stand in bars that have room for them, else beside those after which the row is free, cut off where it is
    not free for all of the name; else nowhere."""

    def columns(letters: int) -> int:
        return math.ceil((letters * LETTER + AROUND) * scale.columns / ALL_COLUMNS)

    placed = []
    for bar in bars:
        end, whole = bar.column + bar.width, columns(len(bar.name))
        if not bar.short and bar.width >= min(whole, columns(LEAST_LETTERS)):
            placed.append(bar)
            continue
        after = [max(other.column, end) for other in bars if other is not bar and other.column + other.width > end]
        room = min([*after, scale.columns]) - end
        letters = int((room * ALL_COLUMNS / scale.columns - AROUND) / LETTER)
        fits, cut = room >= whole, f"{bar.name[: letters - 1].rstrip()}…" if letters >= LEAST_LETTERS else ""
        beside = {"kind": f"{bar.kind} trailing", "cut": "" if fits else cut} if fits or cut else {"shows": False}
        placed.append(replace(bar, **beside))
    return placed


def _bar(scale: Scale, flight: Flight, address: str | None) -> Bar:
    last = flight.ends_on or scale.stretch.last
    kind = f"flight {flight.status}"
    kind += " from-before" if flight.starts_on < scale.stretch.first else ""
    kind += " goes-on" if flight.ends_on is None or flight.ends_on > scale.stretch.last else ""
    bar = scale.lay(flight.name, flight_words(flight), flight.starts_on, last, kind)
    return scale.lay_target(bar, address)


def flight_words(flight: Flight) -> str:
    """When it runs, where, and whether it does already."""
    said = (period(flight.starts_on, flight.ends_on), flight.place, status_words(flight.status))
    return " · ".join(filter(None, said))


def _load(scale: Scale, load: Sequence[WeekLoad]) -> list[Week]:
    most = max((one.running for one in load), default=0)
    return [
        Week(
            running=number(one.running),
            costs=week_costs(one),
            bar=scale.lay("", week_words(one), one.monday, one.monday + DAY * 6, "weight"),
            height=-(-one.running * LOAD_STEPS // most) if most else 0,
        )
        for one in load
    ]


def week_costs(load: WeekLoad) -> str:
    """What is known of a week's cost; that nothing is, where something runs of which it is not."""
    if load.without_cost and not load.costs:
        return _("cost unknown")
    return " + ".join(money_words(minor, currency) for currency, minor in load.costs)


def week_words(load: WeekLoad) -> str:
    """A week's load in a sentence."""
    runs = ngettext("%(n)s placement runs", "%(n)s placements run", load.running)
    said = [period(load.monday, load.monday + DAY * 6), runs]
    said += [week_costs(load)] if week_costs(load) else []
    if load.without_cost and load.costs:
        said.append(ngettext("the cost of %(n)s is unknown", "the cost of %(n)s is unknown", load.without_cost))
    return " · ".join(said)
