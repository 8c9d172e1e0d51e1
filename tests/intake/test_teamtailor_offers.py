"""Offers at Teamtailor: when one was sent, and that whoever took it has started."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest

from app.database import Database, from_micros
from app.funnel.application import Application, StageChange
from app.funnel.stage import Stage
from tests.intake.town import DAY, HOUR, START, Account, Town
from tests.intake.vendor_towns import VendorTown, serving_town

BEGINS = START + 20 * DAY
HIRED_STAGE, INTERVIEW = 5, 3


@pytest.fixture
def served() -> Iterator[VendorTown]:
    with serving_town("teamtailor") as served:
        yield served


@pytest.fixture
def town(served: VendorTown) -> Town:
    assert isinstance(served.town, Town)
    return served.town


@pytest.fixture
def account(database: Database, served: VendorTown) -> Account:
    account = served.account(database, "offers")
    account.now = START + 10 * DAY
    return account


def entered(account: Account) -> list[tuple[Stage, dt.datetime]]:
    """The stages that were entered and stand, with when."""
    rows = account.rows(StageChange, StageChange.occurred_at)
    return [(row.stage, from_micros(row.occurred_at)) for row in rows if row.undone_at is None]


def noon(at: dt.datetime) -> dt.datetime:
    return at.replace(hour=12)


def test_an_offer_that_was_sent_is_an_offer_at_that_moment_whatever_stage_the_application_is_in(
    account: Account, town: Town
) -> None:
    town.apply(1)
    town.move(1, INTERVIEW, START + DAY)
    account.sync()
    town.offer(7, 1, START + 11 * DAY)
    account.now += 2 * DAY
    assert account.sync().stored == 1
    assert entered(account)[-1] == (Stage.OFFER, START + 11 * DAY)
    assert account.sync().stored == 0


def test_whoever_was_hired_has_started_when_the_day_of_the_offer_has_come(account: Account, town: Town) -> None:
    town.apply(1)
    town.offer(7, 1, START + DAY, response="accepted", answered_at=START + 2 * DAY, starts_on=BEGINS.date())
    town.move(1, HIRED_STAGE, START + 3 * DAY)
    account.sync()
    assert entered(account)[-1] == (Stage.HIRED, START + 3 * DAY)
    account.now = BEGINS + HOUR
    account.sync()
    assert entered(account)[-1] == (Stage.STARTED, noon(BEGINS))
    town.change(1, BEGINS + 5 * DAY)
    account.now = BEGINS + 6 * DAY
    account.sync()
    (row,) = account.rows(Application)
    assert (row.furthest, row.current) == (Stage.STARTED, Stage.STARTED)


def test_nobody_starts_who_was_not_hired_and_a_hire_told_late_starts_then(account: Account, town: Town) -> None:
    town.apply(1)
    town.offer(7, 1, START + DAY, response="accepted", answered_at=START + 2 * DAY, starts_on=BEGINS.date())
    account.now = BEGINS + DAY
    account.sync()
    assert entered(account)[-1] == (Stage.OFFER, START + DAY)
    town.move(1, HIRED_STAGE, BEGINS + 3 * DAY)
    account.now = BEGINS + 4 * DAY
    account.sync()
    assert entered(account)[-2:] == [(Stage.HIRED, BEGINS + 3 * DAY), (Stage.STARTED, BEGINS + 3 * DAY)]


def test_the_day_of_the_last_offer_that_was_not_declined_counts(account: Account, town: Town) -> None:
    town.apply(1)
    town.offer(7, 1, START + DAY, response="rejected", answered_at=START + 5 * DAY, starts_on=BEGINS.date())
    town.offer(8, 1, START + 2 * DAY, response="accepted", answered_at=START + 3 * DAY, starts_on=(BEGINS + DAY).date())
    town.move(1, HIRED_STAGE, START + 4 * DAY)
    account.now = BEGINS + 3 * DAY
    account.sync()
    assert entered(account)[-1] == (Stage.STARTED, noon(BEGINS + DAY))


def test_an_offer_on_paper_after_the_hire_does_not_take_the_hire_back(account: Account, town: Town) -> None:
    town.apply(1)
    town.move(1, HIRED_STAGE, START + DAY)
    account.sync()
    town.offer(7, 1, START + 9 * DAY)
    account.now += DAY
    account.sync()
    (row,) = account.rows(Application)
    assert (row.furthest, row.current) == (Stage.HIRED, Stage.HIRED)


def test_an_account_without_the_add_on_is_read_all_the_same_and_says_so(account: Account, town: Town) -> None:
    town.apply(1)
    town.world = dataclasses.replace(town.world, offers=None)
    report = account.sync()
    assert (report.state, report.stored, report.skipped) == ("done", 1, {"offers not given": 1})


def test_an_offer_that_cannot_be_read_costs_no_other_and_comes_in_once_it_can_be(
    account: Account, served: VendorTown, town: Town
) -> None:
    for id in (1, 2, 3):
        town.apply(id)
        town.offer(10 + id, id, START + id * DAY)
    served.faults.spoilt.add(("job-offers", 12, "sent-at"))
    assert account.sync().skipped == {"missing: sent_at": 1}
    assert len(entered(account)) == 3 + 2
    served.faults.clear()
    account.now += 5 * DAY
    account.sync()
    assert (Stage.OFFER, START + 2 * DAY) in entered(account)
    assert len(entered(account)) == 3 + 3


def test_offers_whose_fields_were_renamed_fail_the_run_and_cost_nothing_else(
    account: Account, served: VendorTown, town: Town
) -> None:
    for id in (1, 2):
        town.apply(id)
        town.offer(10 + id, id, START + id * DAY)
    served.faults.renamed["answered-at"] = "brand-new"
    report = account.sync()
    assert (report.state, len(account.rows(Application))) == ("failed", 2)
    assert "missing: answered_at" in (report.error or "")
    served.faults.clear()
    account.sync()
    assert len(entered(account)) == 2 + 2


def test_nothing_that_an_offer_says_in_words_or_money_is_kept(account: Account, town: Town) -> None:
    town.apply(1)
    town.offer(7, 1, START + DAY, starts_on=BEGINS.date())
    account.sync()
    assert "secret" not in str([fact.payload for fact in account.facts()])
