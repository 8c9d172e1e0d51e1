"""Reports around the changes of the clocks: days, weeks, months and years add up to the total, wherever they begin."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from app.database import Database
from app.funnel.stage import Stage
from app.reports.funnel import who_came
from app.reports.monthly import report_monthly
from app.reports.reading import Reading, read
from app.reports.scope import View
from app.reports.weeks import lay_out_weeks
from tests.reports.builders import City
from tests.support.clocks import ZONES, list_changes
from tests.support.proofs import Proof

MICROSECOND, DAY = dt.timedelta(microseconds=1), dt.timedelta(days=1)
LATER = dt.datetime(2031, 3, 1, 12, tzinfo=dt.UTC)
AROUND = [minutes * dt.timedelta(minutes=1) for minutes in (-180, -90, -60, -30, 0, 30, 60, 90, 180)]
"""Around a change by an hour, the half hours that a clock shows twice or not at all."""
Span = tuple[dt.date, dt.date]


def of_day(day: dt.date) -> Span:
    return day, day


def of_week(day: dt.date) -> Span:
    """Monday to Sunday."""
    monday = day - day.weekday() * DAY
    return monday, monday + 6 * DAY


def of_month(day: dt.date) -> Span:
    first = day.replace(day=1)
    return first, (first + 31 * DAY).replace(day=1) - DAY


def of_year(day: dt.date, begins: int = 1) -> Span:
    """Twelve months from the first of this month on: a fiscal year may begin in any."""
    first = dt.date(day.year - (day.month < begins), begins, 1)
    return first, dt.date(first.year + 1, begins, 1) - DAY


SPANS: Mapping[str, Callable[[dt.date], Span]] = {
    "day": of_day, "week": of_week, "month": of_month, "year": of_year,
    "year from April": partial(of_year, begins=4), "year from October": partial(of_year, begins=10),
}  # fmt: skip


def list_instants(zone: ZoneInfo, changes: Sequence[dt.datetime], chance: random.Random) -> list[dt.datetime]:
    """Instants at which it matters what day it is: around each change, by a microsecond around the midnights beside
    it and around the turn of its month, and a few more."""
    found: set[dt.datetime] = set()
    for change in changes:
        found.update(change + away for away in AROUND)
        day = change.astimezone(zone).date()
        for midnight in (day, day + DAY, day + 2 * DAY, day.replace(day=1), of_month(day)[1] + DAY):
            turn = dt.datetime.combine(midnight, dt.time(), zone).astimezone(dt.UTC)
            found |= {turn - MICROSECOND, turn, turn + MICROSECOND}
        found |= {change - MICROSECOND, change + chance.uniform(-4, 4) * DAY, change + chance.uniform(-100, 100) * DAY}
    return sorted(found)


class Town:
    """An organisation to which somebody applies at every instant, and is invited at the same or a later one; and on
    which days that was, as its clocks and its calendar show it."""

    def __init__(self, database: Database, zone: str, changes: slice, chance: random.Random) -> None:
        self.changes = list(list_changes(ZoneInfo(zone)))[changes]
        self.city = City(database, time_zone=zone)
        instants = list_instants(self.city.zone, self.changes, chance)
        invited = [chance.choice(instants[number : number + 20]) for number in range(len(instants))]
        self.days = [
            (one.astimezone(self.city.zone).date(), other.astimezone(self.city.zone).date())
            for one, other in zip(instants, invited, strict=True)
        ]
        for number, (one, other) in enumerate(zip(instants, invited, strict=True)):
            self.city.hears(f"x{number}", one.isoformat(), interview=other.isoformat())
        self.city.sees(LATER)

    def erase_all(self) -> None:
        """Of everybody only the day is left."""
        for number in range(len(self.days)):
            self.city.tells({"kind": "erasure", "at": LATER.isoformat(), "person": f"of x{number}"})
        self.city.sees(LATER)


def count_in(reading: Reading, span: Span) -> tuple[int, int]:
    """How many a report of activity says applied in this time, and how many came to an interview in it."""
    asked = replace(reading, scope=replace(reading.scope, from_=span[0], to=span[1]))
    applied, invited = (who_came(asked, stage)[0] for stage in (Stage.APPLIED, Stage.INTERVIEW))
    return int(np.count_nonzero(applied)), int(np.count_nonzero(invited))


def misplaced(town: Town) -> Iterator[str]:
    """Which times, of those with events and those beside them, a report counts otherwise than by hand, and which kinds
    of times do not add up to the total."""
    total = (len(town.days), len(town.days))
    with town.city.database.reading(town.city.id) as session:
        reading = read(session, town.city.scope(view=View.ACTIVITY, now=LATER))
    near = sorted({day + away * DAY for days in town.days for day in days for away in (-1, 0, 1)})
    for name, span_of in SPANS.items():
        expected = [Counter(map(span_of, days)) for days in zip(*town.days, strict=True)]
        said = {span: count_in(reading, span) for span in dict.fromkeys(map(span_of, near))}
        if tuple(map(sum, zip(*said.values(), strict=True))) != total:
            yield f"the sum by {name}"
        yield from (f"{name} {span}" for span, n in said.items() if n != (expected[0][span], expected[1][span]))
    yield from _misplaced_by_reports(town)


def _misplaced_by_reports(town: Town) -> Iterator[str]:
    """The same of whole reports: of everything, of each year, by month, and by the weeks that arrivals come in."""
    days = [applied for applied, _invited in town.days]
    if town.city.funnel(view="cohort", now=LATER).totals.applications != len(days):
        yield "the total"
    for span, expected in Counter(map(of_year, days)).items():
        if town.city.funnel(view="cohort", from_=span[0], to=span[1], now=LATER).totals.applications != expected:
            yield f"the cohort of {span}"
    yield from _misplaced_by_month_and_week(town.city, days)


def _misplaced_by_month_and_week(city: City, days: Sequence[dt.date]) -> Iterator[str]:
    """The same of what splits time by itself."""
    scope = city.scope(now=LATER)
    with city.database.reading(city.id) as session:
        monthly = report_monthly(session, scope, exact=True)
        arrivals = lay_out_weeks(read(session, scope)).weeks.applications
    months = Counter(f"{day:%Y-%m}" for day in days)
    if {row.month: row.total.applications for row in monthly.rows if row.total.applications} != months:
        yield "the monthly report"
    first = LATER.astimezone(city.zone).date() - len(arrivals) * 7 * DAY
    weeks = Counter((day - first).days // 7 for day in days if first <= day)
    if not weeks or [weeks[number] for number in range(len(arrivals))] != arrivals.tolist():
        yield "arrivals by week"


def test_days_weeks_months_and_years_around_changes_of_the_clocks_add_up(database: Database) -> None:
    town = Town(database, "Atlantic/Azores", slice(-2, None), random.Random(27))  # noqa: S311
    assert list(misplaced(town)) == []
    town.erase_all()
    assert list(misplaced(town)) == []


@pytest.mark.prove
@pytest.mark.parametrize("zone", [zone for zone in ZONES if zone not in ("Europe/London", "America/St_Johns")])
def test_no_event_at_any_change_of_the_clocks_in_eleven_years_is_lost_or_counted_twice(
    database: Database, zone: str, proof: Proof
) -> None:
    town = Town(database, zone, slice(None), random.Random(zone))  # noqa: S311
    wrong = list(misplaced(town))
    town.erase_all()
    wrong += [f"erased: {where}" for where in misplaced(town)]
    where = f"in {zone}, on {'SQLite' if database.is_sqlite else 'PostgreSQL'}"
    proof(
        f"events at the {len(town.changes)} changes of the clocks in eleven years {where}", "said", 2 * len(town.days)
    )
    proof(f"  days, weeks, months, years that count them wrong, also once erased, {where}", "0", len(wrong))
    assert wrong == []
