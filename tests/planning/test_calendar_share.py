"""Links to the calendar open for a while, to whoever has them, until they are revoked; and their feed."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.access.audit_reading import AuditFilter, all_entries
from app.database import Database
from app.errors import Invalid, Missing
from app.planning.calendar_feed import make_feed
from app.planning.calendar_share import (
    CalendarShare,
    CalendarShareIn,
    find_share,
    list_shares,
    revoke_share,
    share_calendar,
)
from app.planning.removal import delete_campaign
from app.planning.schedule import list_flights
from tests.support.plan import NOW, UNKNOWN_ID, a_campaign, a_channel, a_live_placement, a_placement

DAY = dt.timedelta(days=1)


def shared(session: Session, **changes: object) -> tuple[CalendarShare, str]:
    given = CalendarShareIn.model_validate({"name": "Agency", "days": 10, **changes})
    return share_calendar(session, given, now=NOW)


def test_a_link_opens_until_its_last_day_is_over(session: Session) -> None:
    share, secret = shared(session)
    assert find_share(session, secret, NOW + 10 * DAY - dt.timedelta(seconds=1)) is share
    assert find_share(session, secret, NOW + 10 * DAY) is None
    assert find_share(session, secret[:-1], NOW) is None


def test_a_revoked_link_opens_nothing_and_keeps_when_it_was_revoked_first(session: Session) -> None:
    share, secret = shared(session)
    revoke_share(session, share.id, now=NOW + DAY)
    revoke_share(session, share.id, now=NOW + 2 * DAY)
    assert find_share(session, secret, NOW + DAY) is None
    assert share.revoked_at == NOW + DAY
    with pytest.raises(Missing):
        revoke_share(session, UNKNOWN_ID, now=NOW)


def test_of_the_secret_nothing_is_stored_that_opens(session: Session) -> None:
    _share, secret = shared(session)
    row = session.execute(text("SELECT * FROM calendar_share")).mappings().one()
    assert secret not in str(dict(row))
    assert len(secret) >= 43


def test_those_that_lead_somewhere_are_listed_the_latest_first(session: Session) -> None:
    first, _secret = shared(session, name="First")
    over, _secret = shared(session, name="Over", days=1)
    gone, _secret = shared(session, name="Gone")
    revoke_share(session, gone.id, now=NOW)
    second, _secret = share_calendar(session, CalendarShareIn(name="Second", days=30), now=NOW + DAY)
    assert list_shares(session, NOW + 2 * DAY) == [second, first]
    assert over.name == "Over"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"campaign_id": str(UNKNOWN_ID)}, "campaign_id"), ({"channel_id": str(UNKNOWN_ID)}, "channel_id")],
)
def test_a_link_for_what_is_not_there_is_refused(session: Session, wrong: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        shared(session, **wrong)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_making_and_revoking_a_link_is_told_without_its_secret(database: Database, organisation: uuid.UUID) -> None:
    with database.writing(organisation) as session:
        share, secret = shared(session)
        key = str(share.id)
    with database.writing(organisation) as session:
        revoke_share(session, uuid.UUID(key), now=NOW)
    with database.reading(organisation) as session:
        told = [one for one in all_entries(session, AuditFilter()) if one.noun == "calendar_share"]
        assert [(str(one.action), one.noun_id, one.fields) for one in told] == [
            ("created", key, []),
            ("changed", key, ["revoked_at"]),
        ]
        assert not any(secret in str(vars(one)) for one in told)


def test_with_a_campaign_the_links_to_it_go(session: Session) -> None:
    campaign = a_campaign(session)
    shared(session, campaign_id=str(campaign.id))
    delete_campaign(session, campaign.id, revision=None)
    session.expire_all()
    assert session.scalars(select(CalendarShare)).all() == []


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def read_feed(session: Session) -> list[dict[str, str]]:
    flights = list_flights(session, dt.date(2026, 1, 1), dt.date(2027, 1, 1))
    feed = make_feed("Plan", flights, ZoneInfo("Europe/Helsinki"))
    return [
        {name: _text(event[name].to_ical()) for name in event if name != "CATEGORIES"}
        for event in Calendar.from_ical(feed).walk("VEVENT")
    ]


def test_a_feed_holds_flights_as_whole_days_and_when_to_book_them(session: Session) -> None:
    channel = a_channel(session, lead_time_days=7)
    planned = a_placement(session, channel_id=channel.id, name="Poster; Kallio, äö", place="Kallio")
    flight, book = read_feed(session)
    assert flight["UID"] == f"{planned.id}@kutsu"
    assert (flight["DTSTART"], flight["DTEND"]) == ("20260303", "20260331")
    assert flight["SUMMARY"] == "Poster\\; Kallio\\, äö"
    assert (flight["LOCATION"], flight["STATUS"]) == ("Kallio", "TENTATIVE")
    assert (book["DTSTART"], book["DTEND"], book["SUMMARY"]) == ("20260224", "20260225", "Book: Poster\\; Kallio\\, äö")


@pytest.mark.parametrize(
    ("starts_on", "at", "instant"),
    [("2026-03-29", "12:00", "20260329T090000Z"), ("2026-03-28", "12:00", "20260328T100000Z"),
     ("2026-03-29", "03:30", "20260329T013000Z"), ("2026-10-25", "03:30", "20261025T003000Z")],
)  # fmt: skip
def test_when_booking_closes_at_a_time_is_that_moment_in_a_feed_in_summer_in_winter_and_between(
    session: Session, starts_on: str, at: str, instant: str
) -> None:
    """In Helsinki clocks go from 03:00 to 04:00 on 29 March, so that 03:30 is half an hour
    after the jump; on 25 October they show 03:30 twice, first in summer time."""
    channel = a_channel(session, booking_closes_days=0, booking_closes_at=at)
    campaign = a_campaign(session, ends_on="2026-12-31")
    a_placement(session, channel_id=channel.id, campaign_id=campaign.id, starts_on=starts_on, ends_on="2026-12-31")
    _flight, book = read_feed(session)
    assert (book["DTSTART"], "DTEND" in book) == (instant, False)


def test_what_has_no_end_is_an_event_of_its_first_day(session: Session) -> None:
    always = a_campaign(session, kind="continuous", ends_on=None, status="live")
    a_live_placement(session, campaign_id=always.id, ends_on=None, name="Search ad")
    ((event),) = read_feed(session)
    assert (event["DTSTART"], event["DTEND"], event["STATUS"]) == ("20260303", "20260304", "CONFIRMED")
    assert event["SUMMARY"] == "Search ad (without an end)"


def test_a_feed_read_again_says_the_same_so_that_programs_change_events_and_add_none(session: Session) -> None:
    a_placement(session)
    assert read_feed(session) == read_feed(session)
    session.expire_all()
