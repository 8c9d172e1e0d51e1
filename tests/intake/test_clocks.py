"""Clocks that run ahead, behind or back: what they date is kept as it was told and counted, and no time is negative."""

import datetime as dt
import random
from collections.abc import Iterator

import pytest

from app.database import Database, to_micros
from app.funnel.columns import load_columns
from app.funnel.fact import FactRow
from app.funnel.stage import Stage
from app.intake.connection import Connection
from app.intake.health import AHEAD, read_health
from app.reports.funnel import report_funnel
from app.reports.scope import Scope
from app.web.pages.health_words import ahead_sentence
from tests.funnel.world import HELSINKI
from tests.intake.hooking import Inbox, application, encode, open_sender
from tests.intake.town import DAY, MINUTE, START
from tests.support.proofs import Proof

LATER = START + 400 * DAY
WRONG = (-DAY, -AHEAD, dt.timedelta(), AHEAD, AHEAD + MINUTE, DAY)
"""By how much the sender's clock is wrong."""


@pytest.fixture
def inbox(sqlite_file_url: str) -> Iterator[Inbox]:
    database = Database(sqlite_file_url)
    sender = open_sender(database)
    yield Inbox(database, sender.organisation_id, sender.connection_id, None)
    database.close()


def said_ahead(inbox: Inbox) -> tuple[int, int, str]:
    """How many facts are dated later than they came, of how many, and what the connection's page says of it."""
    (connection,) = inbox.rows(Connection)
    with inbox.database.reading(inbox.organisation_id) as session:
        health = read_health(session, connection, inbox.now)
        return health.ahead, health.facts, ahead_sentence(health)


def hear(inbox: Inbox, journeys: int, chance: random.Random) -> dict[int, int]:
    """People apply and are hired on the same day, as a clock says that is wrong in another way each time, and heard by
    one that is set back now and then; the instants told, and how many of each, as they are told."""
    told: dict[int, int] = {}
    for number in range(journeys):
        inbox.now += chance.choice((DAY, DAY, -DAY / 2))
        for what in ("application", "stage_change"):
            at = inbox.now + chance.choice(WRONG)
            told[to_micros(at)] = told.get(to_micros(at), 0) + 1
            said = {"id": f"{what}{number}", "kind": what, "at": at.isoformat(), "application": f"x{number}"}
            said |= {"person": f"p{number}"} if what == "application" else {"stage": "hired"}
            inbox.receive(encode(said), key=f"{what}{number}")
    return told


def negative_times(inbox: Inbox) -> int:
    """In how many applications a report would say that somebody was hired before applying."""
    with inbox.database.reading(inbox.organisation_id) as session:
        columns = load_columns(session, HELSINKI, now=LATER, as_of=None, known_at=None)
        hired = report_funnel(session, Scope(organisation_id=inbox.organisation_id, now=LATER)).stages[-2]
    assert hired.days_to_stage.low is None or hired.days_to_stage.low >= 0
    return int((columns.reached[:, Stage.HIRED] < columns.applied).sum())


def live(inbox: Inbox, journeys: int) -> tuple[int, int, int]:
    """How many facts are kept as they were told, how many applications have a negative time, and how many facts are
    said to be ahead beside how many are, counted by hand."""
    told = hear(inbox, journeys, random.Random(13))  # noqa: S311
    inbox.now = LATER
    inbox.project()
    facts = inbox.rows(FactRow)
    kept: dict[int, int] = {}
    for fact in facts:
        kept[fact.occurred_at] = kept.get(fact.occurred_at, 0) + 1
    assert kept == told, "none is dropped, and none is dated anew"
    ahead = sum(fact.occurred_at - fact.observed_at > AHEAD // dt.timedelta(microseconds=1) for fact in facts)
    assert ahead > 0
    return len(facts), negative_times(inbox), said_ahead(inbox)[0] - ahead


def test_whatever_clocks_say_nothing_is_dropped_and_no_time_is_negative(inbox: Inbox) -> None:
    assert live(inbox, 20) == (40, 0, 0)


def test_what_is_dated_later_than_it_came_is_kept_and_told(inbox: Inbox) -> None:
    for number, wrong in enumerate((-DAY, AHEAD, AHEAD + MINUTE, DAY)):
        at = inbox.now + wrong
        inbox.receive(encode(application(f"a{number}", number, at=at.isoformat())), key=f"m{number}")
    assert inbox.project().ended == {"done": 4}
    count, known, sentence = said_ahead(inbox)
    assert (count, known) == (2, 4)
    assert sentence.startswith("2 pieces of information are dated later than they reached us. They are kept as they")


@pytest.mark.prove
def test_five_hundred_journeys_by_wrong_clocks_show_no_negative_time(inbox: Inbox, proof: Proof) -> None:
    facts, negative, difference = live(inbox, 500)
    proof("facts dated by clocks that are up to a day wrong, kept as they were told", "1,000", facts)
    proof("  applications of which a time to hire below nothing is shown", "0", negative)
    proof("  facts said to be dated later than they came, less those that are", "0", difference)
    assert (facts, negative, difference) == (1_000, 0, 0)
