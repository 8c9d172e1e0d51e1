"""What keeps the numbers from being right or whole is found, each thing by name, in a fixed number of questions."""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.access.audit import Actor, ActorKind
from app.access.organisation import get_organisation
from app.database import to_micros
from app.errors import Invalid
from app.funnel.daily_click import DailyClick, Follower
from app.i18n import LANGUAGES, speaking
from app.intake.connection import Connection
from app.intake.inbox import HookDay, InboxRow, State, day_of
from app.planning.asset import Asset, AssetStatus
from app.planning.channel import Channel, ChannelKind, CostModel
from app.planning.placement import Placement, PlacementStatus
from app.reports.check_words import check_name, finding_words, item_name, item_note, remedy_words, who_can
from app.reports.checks import Check, Found, Item
from app.reports.put_aside import LONGEST, put_aside, take_up
from app.web.checks import run_checks
from tests.reports.builders import NOW, City
from tests.reports.test_spending import reads

TODAY = NOW.date()
SOMEBODY = Actor(ActorKind.USER, str(uuid.UUID(int=7)))


def day(ago: int) -> str:
    return (TODAY - dt.timedelta(days=ago)).isoformat()


def found(city: City) -> dict[Check, list[tuple[str, int | None]]]:
    """What is not in order: names, and how often."""
    with city.database.reading(city.id) as session:
        standing = run_checks(session, get_organisation(session, city.id), NOW)
    return {one.found.check: [(item.name, item.n) for item in one.found.items] for one in standing if one.found.items}


def alter(city: City, row: type[Any], name: str, **values: Any) -> None:
    with city.database.writing(city.id) as session:
        for one in session.scalars(select(row).where(row.name == name)):
            for field, value in values.items():
                setattr(one, field, value)


def test_in_a_new_organisation_everything_is_in_order(city: City) -> None:
    assert found(city) == {}


def test_a_placement_whose_days_have_come_and_that_is_not_live_is_named(city: City) -> None:
    city.places("Runs", runs=(day(3), None), planned=1, currency="EUR")
    for name, runs in {"Begins": (day(0), None), "Over": (day(9), day(1)), "Later": (day(-1), None)}.items():
        city.places(name, runs=runs, planned=1, currency="EUR")
        alter(city, Placement, name, status=PlacementStatus.PLANNED)
    assert found(city) == {Check.LINKS: [("Begins", None)]}


def test_codes_and_sources_that_lead_nowhere_are_counted(city: City) -> None:
    city.hears("x1", day(5), source={"tracking_code": "zzzzz9"})
    city.hears("x2", day(4), source={"label": "A friend"})
    city.hears("x3", day(4), source={"label": "a  friend"})
    city.sees()
    assert found(city) == {Check.CODES: [("zzzzz9", 1)], Check.SOURCES: [("a friend", 2)]}


def test_a_placement_without_any_cost_is_named_until_a_file_says_what_was_spent(city: City) -> None:
    city.places("Feed", code="h7k2mq", runs=(day(3), None))
    assert found(city)[Check.COSTS] == [("Feed", None)]
    reads(city, *(f"{day(n)},k:h7k2mq,,1.00,9,1,0" for n in range(4)))
    assert found(city) == {}


def test_days_that_no_file_covers_are_counted_up_to_a_week_ago(city: City) -> None:
    city.places("Feed", code="h7k2mq", runs=(day(30), None), planned=1, currency="EUR")
    reads(city, *(f"{day(n)},k:h7k2mq,,1.00,9,1,0" for n in (20, 19, 17, 12)))
    assert found(city) == {Check.AD_TOTALS: [("", 1 + 4 + 5)]}
    alter(city, Placement, "Feed", ends_on=TODAY - dt.timedelta(days=12))
    assert found(city) == {Check.AD_TOTALS: [("", 5)]}


def test_a_platforms_campaign_is_named_once_while_any_of_its_ads_leads_to_no_placement(city: City) -> None:
    city.places("Feed", code="h7k2mq", runs=(day(9), day(8)), planned=1, currency="EUR")
    reads(city, f"{day(9)},k:h7k2mq,,1.00,9,1,0", f"{day(8)},k:h7k2mq,,1.00,9,1,0",
          f"{day(9)},Town,Clip,1.00,9,1,0", f"{day(8)},Town,Picture,1.00,9,1,0")  # fmt: skip
    assert found(city) == {Check.ADS: [("Town", None)]}


def test_an_ad_paid_by_clicks_of_which_no_file_speaks_is_named(city: City) -> None:
    city.places("Feed", runs=(day(30), None), planned=1, currency="EUR")
    alter(city, Channel, "Tram stops", kind=ChannelKind.SOCIAL, cost_model=CostModel.PER_CLICK)
    assert found(city) == {Check.AD_TOTALS: [("Feed", None)]}
    alter(city, Placement, "Feed", invoiced_cost_minor=100)
    assert found(city) == {}


def test_a_placement_that_is_over_and_still_followed_or_applied_through_is_named(city: City) -> None:
    city.places("Poster", code="h7k2mq", runs=(day(60), day(20)), planned=1, currency="EUR")
    city.places("Long ago", code="b4n8xw", runs=(day(160), day(101)), planned=1, currency="EUR")
    city.hears("x1", day(2), via="Poster")
    for n, ago in enumerate((2, 11, 40)):
        city.hears(f"y{n}", day(ago), via="Long ago")
    city.sees()
    with city.database.writing(city.id) as session:
        for ago, follower, n in ((1, Follower.PERSON, 4), (1, Follower.ROBOT, 90), (14, Follower.PERSON, 7)):
            session.add(DailyClick(code="h7k2mq", day=TODAY - dt.timedelta(days=ago), follower=follower, n=n))
    assert found(city) == {Check.RECEIVING: [("Poster", 4), ("Long ago", 1)]}


def test_who_applied_by_a_code_before_its_ad_ran_or_though_it_never_did_is_counted(city: City) -> None:
    """The poster runs from the third day back, in the city's own time: from ten in the evening of the day before."""
    city.places("Poster", code="h7k2mq", runs=(day(3), None), planned=1, currency="EUR")
    city.places("Never", code="b4n8xw", runs=(day(5), day(1)), planned=1, currency="EUR")
    alter(city, Placement, "Never", status=PlacementStatus.PLANNED)
    for n, at in enumerate((day(9), f"{day(4)}T21:59+00:00", f"{day(4)}T22:01+00:00", day(2))):
        city.hears(f"x{n}", at, via="Poster")
    city.hears("y1", day(2), via="Never")
    city.sees()
    assert found(city) == {Check.BEFORE: [("Poster", 2), ("Never", 1)]}
    alter(city, Placement, "Poster", starts_on=TODAY - dt.timedelta(days=9))
    alter(city, Placement, "Never", status=PlacementStatus.LIVE)
    assert found(city) == {}


def test_an_approved_asset_that_is_placed_nowhere_and_a_consent_that_ends_are_named(city: City) -> None:
    city.places("Poster", asset="Smiling doctor", planned=1, currency="EUR", runs=(day(3), None))
    with city.database.writing(city.id) as session:
        (placed,) = session.scalars(select(Asset))
        for name, status in (("Lone", AssetStatus.APPROVED), ("Old", AssetStatus.RETIRED)):
            session.add(Asset(name=name, format=placed.format, languages=["fi"], alt_text={}, status=status,
                              created_at=NOW, updated_at=NOW))  # fmt: skip
    alter(city, Asset, "Smiling doctor", shows_people=True, consent_expires_on=TODAY + dt.timedelta(days=30))
    assert found(city) == {Check.PERSONAS: [("Lone", None)], Check.CONSENTS: [("Smiling doctor", None)]}
    alter(city, Placement, "Poster", status=PlacementStatus.ENDED)
    assert Check.CONSENTS not in found(city)


def test_connections_whose_webhooks_fail_are_counted(city: City) -> None:
    with city.database.writing(city.id) as session:
        for name in ("Broken", "Well", "Gone"):
            session.add(Connection(vendor="teamtailor", name=name, region="eu", credentials=b"", created_at=NOW,
                                   updated_at=NOW, disconnected_at=NOW if name == "Gone" else None))  # fmt: skip
        session.flush()
        at = to_micros(NOW)
        for n, one in enumerate(session.scalars(select(Connection).where(Connection.name != "Well"))):
            session.add(InboxRow(
                id=uuid.UUID(int=n + 1), connection_id=one.id, delivery_key=bytes([n]) * 32, body_digest=b"d" * 32,
                received_at=at, day=day_of(at), headers={}, body=None, trust="whole", state=State.DEAD.value,
                reason="x", tries=1, due_at=at, projected_at=at,
            ))  # fmt: skip
            session.add(HookDay(connection_id=one.id, day=day_of(at), refused=2))
    assert found(city) == {Check.WEBHOOKS: [("Broken", 3)]}


@contextmanager
def counting(session: Session) -> Iterator[list[str]]:
    """The statements that are sent to the store."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    yield sent
    event.remove(session.get_bind(), "before_cursor_execute", note)


def test_the_number_of_questions_does_not_grow_with_the_plan(sqlite_city: City) -> None:
    def asked() -> int:
        with sqlite_city.database.reading(sqlite_city.id) as session:
            organisation = get_organisation(session, sqlite_city.id)
            with counting(session) as sent:
                run_checks(session, organisation, NOW)
        return len(sent)

    def adds(numbers: range) -> None:
        for n in numbers:
            sqlite_city.places(f"Poster {n}", code=f"b4n8{'23456789'[n]}x", runs=(day(60), day(20)))
        reads(sqlite_city, *(f"{day(30)},k:b4n8{'23456789'[n]}x,,{n + 1}.00,9,1,0" for n in numbers))

    adds(range(2))
    few = asked()
    adds(range(2, 8))
    assert asked() == few < 40


def aside(city: City, until: dt.date) -> None:
    with city.database.writing(city.id) as session:
        standing = run_checks(session, get_organisation(session, city.id), NOW)
        one = next(one.found for one in standing if one.found.check is Check.COSTS)
        put_aside(session, one, until, SOMEBODY, today=TODAY, now=NOW)


def is_open(city: City, now: dt.datetime = NOW) -> bool:
    with city.database.reading(city.id) as session:
        standing = run_checks(session, get_organisation(session, city.id), now)
    return next(one.is_open for one in standing if one.found.check is Check.COSTS)


def test_what_is_put_aside_waits_until_its_day_or_until_more_is_found(city: City) -> None:
    city.places("Poster", runs=(day(3), None))
    assert is_open(city)
    aside(city, TODAY + dt.timedelta(days=7))
    assert not is_open(city) and is_open(city, NOW + dt.timedelta(days=8))
    city.places("Another", runs=(day(3), None))
    assert is_open(city)
    aside(city, TODAY + dt.timedelta(days=7))
    assert not is_open(city)
    with city.database.writing(city.id) as session:
        take_up(session, Check.COSTS)
    assert is_open(city)


@pytest.mark.parametrize("until", [TODAY - dt.timedelta(days=1), TODAY + LONGEST + dt.timedelta(days=1)])
def test_nothing_is_put_aside_for_good_or_into_the_past(city: City, until: dt.date) -> None:
    with pytest.raises(Invalid, match="within a year"):
        aside(city, until)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_has_its_words(language: str) -> None:
    items = (Item("City", "meta", "", 3, TODAY, TODAY), Item("", "google", "", None, None, TODAY), Item("Poster"))
    with speaking(language):
        words = [
            text
            for check in Check
            for text in (check_name(check), finding_words(Found(check, items)), remedy_words(check))
        ]
        assert all(words) and len(set(words)) == len(words)
        assert item_name(items[0]) == "Meta · City" and item_name(items[1]) == "Google Ads"
        assert item_note(Check.WEBHOOKS, items[0]) and item_note(Check.CONSENTS, items[1])
        assert item_note(Check.CODES, items[2]) == "" and all(who_can(check) for check in Check)
