"""How a connection is: late, broken, paused, ended, and since when; told by the clock that is handed in."""

import datetime as dt
import uuid
from dataclasses import dataclass

import pytest

from app.access.organisation import create_organisation
from app.database import Database
from app.intake.connection import SyncRun
from app.intake.connection_changes import ConnectionChange, change_connection, disconnect
from app.intake.health import LATE_AFTER, Condition, Health, list_health
from app.intake.schemes import STANDARD
from app.intake.vendors import VENDORS, connect
from app.web.pages.health_words import Sentence, data_finding, health_sentence
from tests.intake.town import HOUR, MINUTE, SEALER, START


@dataclass
class Employer:
    """An organisation with one connection, whose runs are told by hand."""

    database: Database
    organisation: uuid.UUID
    connection: uuid.UUID

    def ran(self, at: dt.datetime, error: str | None = None, codes: dict[str, int] | None = None) -> None:
        state = "done" if error is None else "failed"
        run = SyncRun(id=uuid.uuid4(), connection_id=self.connection, started_at=at, finished_at=at + MINUTE,
                      state=state, error=error, skipped={}, codes=codes or {})  # fmt: skip
        with self.database.writing(self.organisation) as session:
            session.add(run)

    def health(self, now: dt.datetime) -> Health:
        with self.database.reading(self.organisation) as session:
            (found,) = list_health(session, now)
            session.expunge_all()
            return found

    def said(self, now: dt.datetime) -> Sentence:
        return health_sentence(self.health(now), dt.UTC)

    def change(self, now: dt.datetime, *, paused: bool) -> None:
        with self.database.writing(self.organisation) as session:
            change_connection(
                session, self.connection, ConnectionChange(paused=paused), revision=None, sealer=SEALER, now=now
            )


def employ(database: Database, vendor: str = "teamtailor") -> Employer:
    with database.writing() as session:
        organisation = create_organisation(session, "Kivikoski", now=START).id
    known = VENDORS[vendor]
    secrets, region = dict.fromkeys(known.secrets, "a" * 20), next(iter(known.regions))
    with database.writing(organisation) as session:
        made = connect(session, vendor, "Rekry", region, secrets, sealer=SEALER, now=START).id
    return Employer(database, organisation, made)


@pytest.fixture
def employer(database: Database) -> Employer:
    return employ(database)


def test_what_was_never_read_is_new_and_not_late(employer: Employer) -> None:
    assert employer.health(START + 10 * LATE_AFTER).condition is Condition.NEW
    assert employer.said(START).text == "Not read yet."


def test_it_is_fresh_to_the_minute_at_which_it_is_late(employer: Employer) -> None:
    employer.ran(START)
    assert employer.health(START + LATE_AFTER).condition is Condition.FRESH
    late = START + LATE_AFTER + MINUTE
    assert employer.health(late).condition is Condition.LATE
    said = employer.said(late)
    assert said.text == "Late: nothing has been read since 2 Mar 09:00."
    assert "kutsu serve" in said.remedy


def test_it_is_broken_since_the_first_failure_and_says_the_last(employer: Employer) -> None:
    employer.ran(START, codes={"none": 3})
    employer.ran(START + HOUR, "first words")
    employer.ran(START + 2 * HOUR, "last words")
    health = employer.health(START + 3 * HOUR)
    assert (health.condition, health.since, health.through) == (Condition.BROKEN, START + HOUR, START)
    assert health.codes == {"none": 3}, "of the last run that went well"
    said = employer.said(START + 3 * HOUR)
    assert said.text == "Broken since 2 Mar 10:00: last words"
    assert "synchronise" in said.remedy
    again = health_sentence(health, dt.UTC, is_read=True)
    assert again.text == "It is being read again. Until now it was broken since 2 Mar 10:00: last words"
    assert data_finding([health], [], [], dt.UTC) == "Rekry is broken."


def test_a_run_that_goes_well_cures_it_whatever_failed_before(employer: Employer) -> None:
    employer.ran(START, "words")
    employer.ran(START + HOUR)
    assert employer.said(START + 2 * HOUR).text == "On time: all that had happened by 2 Mar 10:00 is here."


def test_what_is_paused_is_neither_late_nor_broken_until_it_is_resumed(employer: Employer) -> None:
    employer.ran(START, "words")
    employer.change(START + HOUR, paused=True)
    long_after = START + 10 * LATE_AFTER
    assert employer.said(long_after).text == "Paused since 2 Mar 10:00: nothing is read."
    assert data_finding([employer.health(long_after)], [], [], dt.UTC) == "Rekry is paused; all else comes in."
    employer.change(long_after, paused=False)
    assert employer.health(long_after).condition is Condition.BROKEN


def test_what_is_disconnected_says_since_when_and_needs_nobody(employer: Employer) -> None:
    employer.ran(START)
    with employer.database.writing(employer.organisation) as session:
        disconnect(session, employer.connection, revision=None, now=START + HOUR)
    said = employer.said(START + 10 * LATE_AFTER)
    assert said == Sentence("Disconnected on 2 Mar 10:00; what was read until then stays.")
    finding = data_finding([employer.health(START + 10 * LATE_AFTER)], [], [], dt.UTC)
    assert finding == "No system is connected yet, so nothing comes in by itself."


def test_a_system_that_sends_by_itself_is_never_late(database: Database) -> None:
    sender = employ(database, STANDARD)
    health = sender.health(START + 10 * LATE_AFTER)
    assert (health.is_asked, health.condition) == (False, Condition.NEW)
    assert sender.said(START).text == "Nothing has been sent yet."
