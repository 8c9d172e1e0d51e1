"""What runs when: flights over whole weeks, the load of each to the cent, and what is due."""

import datetime as dt
import uuid
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.planning.channel import LONGEST_AHEAD, Channel, Deadline, Weekday
from app.planning.placement import PlacementStatus
from app.planning.schedule import (
    DueKind,
    Flight,
    Span,
    list_due,
    list_flights,
    look_at,
    read_months,
    weigh_weeks,
)
from tests.support.plan import NOW, a_campaign, a_channel, a_live_placement, a_placement

MONDAY = dt.date(2026, 3, 2)
DAY = dt.timedelta(days=1)
HELSINKI = ZoneInfo("Europe/Helsinki")
days = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))


def a_flight(
    first: dt.date, last: dt.date | None, cost: int | None = None, currency: str = "EUR", n: int = 1
) -> Flight:
    return Flight(
        id=uuid.UUID(int=n), code="h7k2mq", name=f"Flight {n}", campaign="Now", channel_id=uuid.UUID(int=1),
        channel="Stops", place="", starts_on=first, ends_on=last, status=PlacementStatus.LIVE,
        cost=None if cost is None else (currency, cost), book_by=None, changed_at=NOW,
    )  # fmt: skip


@given(st.sampled_from(Span), st.dates(dt.date(1901, 1, 1), dt.date(2098, 1, 1)))
def test_months_are_looked_at_as_the_whole_weeks_that_they_touch(span: Span, day: dt.date) -> None:
    seen = look_at(span, day)
    assert (seen.first.weekday(), seen.last.weekday()) == (0, 6)
    assert seen.month == day.replace(day=1)
    assert seen.month - 6 * DAY <= seen.first <= seen.month
    assert seen.last_of_months <= seen.last <= seen.last_of_months + 6 * DAY
    assert (seen.last_of_months + DAY).day == 1
    assert seen.weeks * 7 == seen.days


def test_moving_on_and_back_leads_to_where_one_was() -> None:
    seen = look_at(Span.QUARTER, dt.date(2026, 11, 26))
    assert seen.moved(3).month == dt.date(2027, 2, 1)
    assert seen.moved(3).moved(-3) == seen


@pytest.mark.parametrize(
    ("span", "month", "field"),
    [
        ("week", None, "span"),
        ("month", "2026-13", "month"),
        ("month", "x", "month"),
        ("years", "2100-01", "month"),
        ("quarter", "9999-12", "month"),
        ("month", "0001-01", "month"),
    ],
)
def test_words_that_are_no_months_are_refused_by_field(span: str, month: str | None, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_months(span, month, MONDAY)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_flights_come_by_channel_in_their_order_and_those_without_an_end_go_on(session: Session) -> None:
    always = a_campaign(session, kind="continuous", ends_on=None)
    b, a = a_channel(session, name="B"), a_channel(session, name="A")
    late = a_placement(session, campaign_id=always.id, channel_id=a.id, starts_on="2026-05-01", ends_on=None)
    early = a_placement(session, campaign_id=always.id, channel_id=a.id, starts_on="2026-03-05", ends_on="2026-03-06")
    other = a_placement(session, campaign_id=always.id, channel_id=b.id, starts_on="2026-03-01", ends_on="2026-07-01")

    def seen(first: dt.date, last: dt.date, **limits: uuid.UUID) -> list[uuid.UUID]:
        return [flight.id for flight in list_flights(session, first, last, **limits)]

    assert seen(MONDAY, dt.date(2026, 6, 1)) == [early.id, late.id, other.id]
    assert seen(dt.date(2026, 3, 6), dt.date(2026, 3, 6)) == [early.id, other.id]
    assert seen(dt.date(2026, 3, 7), dt.date(2026, 4, 30)) == [other.id]
    assert seen(dt.date(2030, 1, 1), dt.date(2030, 1, 1)) == [late.id]
    assert seen(MONDAY, dt.date(2026, 6, 1), channel=b.id) == [other.id]
    assert seen(MONDAY, dt.date(2026, 6, 1), campaign=uuid.UUID(int=1)) == []


def test_the_best_known_cost_counts(session: Session) -> None:
    costs = {"planned_cost": "1000.00", "booked_cost": "900.00", "invoiced_cost": "905.00"}
    named = {name: {"amount": amount, "currency": "EUR"} for name, amount in costs.items()}
    a_placement(session, **named)
    (flight,) = list_flights(session, MONDAY, dt.date(2026, 4, 1))
    assert flight.cost == ("EUR", 90500)


def test_a_weeks_load_is_who_runs_in_it_with_their_part_of_the_cost() -> None:
    """Ten days from a Wednesday: 5 in the first week, 5 in the next; 10.01 € are 5.01 € and 5.00 €."""
    flights = [
        a_flight(MONDAY + 2 * DAY, MONDAY + 11 * DAY, 1001),
        a_flight(MONDAY + 7 * DAY, MONDAY + 13 * DAY, 700, "SEK"),
        a_flight(MONDAY, None, 5000),
        a_flight(MONDAY, MONDAY, None),
    ]
    first, second, third = weigh_weeks(flights, MONDAY, MONDAY + 20 * DAY)
    assert (first.monday, first.running, first.costs, first.without_cost) == (MONDAY, 3, [("EUR", 501)], 2)
    assert (second.running, second.costs, second.without_cost) == (3, [("EUR", 500), ("SEK", 700)], 1)
    assert (third.running, third.costs, third.without_cost) == (1, [], 1)


def test_what_runs_where_nothing_is_paid_is_of_no_unknown_cost() -> None:
    (week,) = weigh_weeks([replace(a_flight(MONDAY, None), is_free=True)], MONDAY, MONDAY + 6 * DAY)
    assert (week.running, week.costs, week.without_cost) == (1, [], 0)


@given(st.lists(st.tuples(days, days, st.integers(0, 10**9)), max_size=8))
def test_no_cent_is_lost_over_the_weeks(given_: list[tuple[dt.date, dt.date, int]]) -> None:
    flights = [a_flight(min(a, b), max(a, b), cost) for a, b, cost in given_]
    weeks = weigh_weeks(flights, dt.date(2025, 12, 29), dt.date(2027, 1, 3))
    assert sum(minor for week in weeks for _currency, minor in week.costs) == sum(cost for *_days, cost in given_)
    for week in weeks:
        sunday = week.monday + 6 * DAY
        assert week.running == sum(flight.runs_in(week.monday, sunday) for flight in flights)


def due(session: Session, today: dt.date) -> list[tuple[str, DueKind, bool]]:
    noon = dt.datetime.combine(today, dt.time(12), HELSINKI)
    return [(one.on.isoformat(), one.kind, one.late) for one in list_due(session, noon, HELSINKI)]


def test_what_must_be_booked_starts_or_ends_is_due_in_the_coming_six_weeks(session: Session) -> None:
    channel = a_channel(session, lead_time_days=21)
    a_placement(session, channel_id=channel.id, starts_on="2026-03-30", ends_on="2026-03-31")
    assert due(session, MONDAY) == [
        ("2026-03-09", DueKind.BOOK, False),
        ("2026-03-30", DueKind.STARTS, False),
        ("2026-03-31", DueKind.ENDS, False),
    ]
    assert due(session, dt.date(2026, 1, 1)) == []
    assert due(session, dt.date(2026, 3, 10))[0] == ("2026-03-09", DueKind.BOOK, True)
    assert due(session, dt.date(2026, 4, 1)) == []


def test_what_is_over_in_a_day_is_due_once(session: Session) -> None:
    a_placement(session, starts_on="2026-03-10", ends_on="2026-03-10")
    assert due(session, MONDAY) == [("2026-03-10", DueKind.STARTS, False)]


def test_what_is_far_off_but_booked_far_ahead_is_due(session: Session) -> None:
    channel, campaign = a_channel(session, lead_time_days=200), a_campaign(session, ends_on="2026-12-31")
    a_placement(session, channel_id=channel.id, campaign_id=campaign.id, starts_on="2026-10-01", ends_on="2026-10-02")
    assert due(session, MONDAY) == [("2026-03-15", DueKind.BOOK, False)]


@pytest.mark.parametrize(
    ("starts_on", "closes"),
    [
        ("2026-03-16", "2026-03-05"),
        ("2026-03-18", "2026-03-05"),
        ("2026-03-22", "2026-03-05"),
        ("2026-03-23", "2026-03-12"),
        ("2027-01-11", "2026-12-31"),
    ],
)
def test_booking_that_closes_on_thursdays_closes_for_the_whole_week_after_next(starts_on: str, closes: str) -> None:
    stops = Channel(lead_time_days=0, booking_closes_days=11, booking_closes_on="thursday")
    assert stops.book_by(dt.date.fromisoformat(starts_on)) == Deadline(dt.date.fromisoformat(closes))


@given(days, st.integers(0, 365), st.sampled_from(Weekday))
def test_booking_closes_on_the_last_such_weekday_until_so_many_days_before(
    starts_on: dt.date, ahead: int, on: Weekday
) -> None:
    found = Channel(lead_time_days=0, booking_closes_days=ahead, booking_closes_on=on).book_by(starts_on)
    assert found is not None
    closes = found.on
    assert f"{closes:%A}".lower() == on
    assert dt.timedelta(days=ahead) <= starts_on - closes < dt.timedelta(days=ahead + 7)
    assert starts_on - closes <= LONGEST_AHEAD


@pytest.mark.parametrize(
    ("lead_time", "closes", "book_by"), [(0, None, None), (21, None, 21), (0, 0, 0), (21, 5, 21), (5, 21, 21)]
)
def test_what_takes_longer_than_booking_stays_open_is_booked_sooner(
    lead_time: int, closes: int | None, book_by: int | None
) -> None:
    found = Channel(lead_time_days=lead_time, booking_closes_days=closes).book_by(MONDAY)
    assert found == (None if book_by is None else Deadline(MONDAY - book_by * DAY))


@pytest.mark.parametrize(("lead_time", "at"), [(4, dt.time(12)), (5, dt.time(12)), (6, None)])
def test_the_time_at_which_booking_closes_counts_on_its_day_alone(lead_time: int, at: dt.time | None) -> None:
    """On the day itself that the lead time leaves, the seller still closes at noon; a day before, the maker decides."""
    found = Channel(lead_time_days=lead_time, booking_closes_days=5, booking_closes_at="12:00").book_by(MONDAY)
    assert found == Deadline(MONDAY - max(lead_time, 5) * DAY, at)


@pytest.mark.parametrize(
    ("on", "at", "last_moment"),
    [
        ("2026-03-05", "12:00", "2026-03-05T09:59:59Z"),
        ("2026-03-05", None, "2026-03-05T21:59:59Z"),
        ("2026-03-29", "12:00", "2026-03-29T08:59:59Z"),
        ("2026-03-29", None, "2026-03-29T20:59:59Z"),
        ("2026-03-29", "03:30", "2026-03-29T01:29:59Z"),
        ("2026-10-25", "03:30", "2026-10-25T00:29:59Z"),
        ("2026-10-25", None, "2026-10-25T21:59:59Z"),
        ("2026-03-05", "00:00", "2026-03-04T21:59:59Z"),
    ],
)
def test_it_is_too_late_to_book_from_that_time_of_the_organisations_day_on_or_when_the_day_is_over(
    on: str, at: str | None, last_moment: str
) -> None:
    """Helsinki is two hours ahead of UTC, and three from 29 March to 25 October."""
    deadline = Deadline(dt.date.fromisoformat(on), dt.time.fromisoformat(at) if at else None)
    last = dt.datetime.fromisoformat(last_moment)
    for now, over in ((last, False), (last + dt.timedelta(seconds=1), True)):
        assert deadline.is_over(now, HELSINKI) is over
        assert deadline.is_over(now.astimezone(HELSINKI), HELSINKI) is over


def test_what_is_booked_until_a_weekday_is_due_then(session: Session) -> None:
    channel = a_channel(session, booking_closes_days=11, booking_closes_on="thursday")
    a_placement(session, channel_id=channel.id, starts_on="2026-03-18", ends_on="2026-03-19")
    assert due(session, dt.date(2026, 3, 6))[0] == ("2026-03-05", DueKind.BOOK, True)
    assert list_flights(session, MONDAY, MONDAY + 20 * DAY)[0].book_by == Deadline(dt.date(2026, 3, 5))


def test_what_is_booked_until_a_time_of_a_day_is_due_before_what_has_all_of_it(session: Session) -> None:
    for name, at in (("A", None), ("B", "12:00"), ("C", "09:30")):
        channel = a_channel(session, name=name, booking_closes_days=11, booking_closes_at=at)
        a_placement(session, name=name, channel_id=channel.id, starts_on="2026-03-16", ends_on="2026-03-17")

    def seen(now: str) -> list[tuple[str, bool]]:
        found = list_due(session, dt.datetime.fromisoformat(now), HELSINKI)
        return [(one.flight.name, one.late) for one in found if one.kind is DueKind.BOOK]

    assert seen("2026-03-05T09:59:59Z") == [("C", True), ("B", False), ("A", False)]
    assert seen("2026-03-05T10:00:00Z") == [("C", True), ("B", True), ("A", False)]
    assert seen("2026-03-05T22:00:00Z") == [("C", True), ("B", True), ("A", True)]


def test_what_is_to_be_booked_a_year_and_a_weekday_ahead_is_found(session: Session) -> None:
    channel = a_channel(session, booking_closes_days=365, booking_closes_on="monday")
    always = a_campaign(session, kind="continuous", ends_on=None)
    a_placement(session, channel_id=channel.id, campaign_id=always.id, starts_on="2027-04-19", ends_on=None)
    assert due(session, MONDAY) == [("2026-04-13", DueKind.BOOK, False)]


@pytest.mark.parametrize("booked", ["booked_cost", "invoiced_cost"])
def test_what_is_booked_paid_running_or_asked_of_nobody_is_not_to_be_booked(session: Session, booked: str) -> None:
    channel = a_channel(session, lead_time_days=21)
    a_placement(session, channel_id=channel.id, **{booked: {"amount": "10", "currency": "EUR"}})
    a_live_placement(session, channel_id=channel.id)
    a_placement(session, channel_id=a_channel(session).id)
    assert DueKind.BOOK not in {kind for _day, kind, _late in due(session, MONDAY)}


def test_what_has_ended_early_does_not_end_again(session: Session) -> None:
    placement = a_live_placement(session)
    placement.status = PlacementStatus.ENDED
    session.flush()
    assert DueKind.ENDS not in {kind for _day, kind, _late in due(session, MONDAY)}
