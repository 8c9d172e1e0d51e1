"""Teamtailor says that a candidate was destroyed also when they were merged into another: its list tells which."""

import dataclasses

import pytest

from app.database import Database
from app.demo.faults import Fault, Faults
from app.funnel.application import Application
from app.funnel.person import Person, Tombstone
from app.funnel.stage import Stage
from app.intake.inbox import InboxRow
from tests.intake.hooking import Inbox, hook_at
from tests.intake.test_merges import counts, replayed
from tests.intake.town import DAY, HOUR, START, Account, Town, open_account_at


@pytest.fixture
def account(database: Database, base_url: str) -> Account:
    return open_account_at(database, base_url)


@pytest.fixture
def hooked(account: Account, town: Town) -> Inbox:
    """The inbox of an account that was read: four people, one of whom came to an interview."""
    town.fill(4)
    town.move(1, 3, START + DAY)
    account.sync()
    return hook_at(account)


def merge(town: Town, candidate: int, into: int, account: Account) -> None:
    """The vendor puts a candidate's applications with another one, and the candidate is no more."""
    for one in town.world.applications:
        if one.candidate_id == candidate:
            town.change(one.id, account.now, candidate_id=into)
    forget(town, candidate)


def forget(town: Town, candidate: int) -> None:
    people = tuple(one for one in town.world.candidates if one.id != candidate)
    town.world = dataclasses.replace(town.world, candidates=people)


def test_whoever_was_merged_stays_with_all_that_happens_to_their_applications_later(
    hooked: Inbox, account: Account, town: Town
) -> None:
    before = counts(account)
    merge(town, 1, 2, account)
    hooked.event("candidate.destroy", 1)
    assert hooked.project().ended == {"done": 1}
    assert counts(account) == before
    assert (account.rows(Tombstone), len(account.rows(Person))) == ([], 3)
    town.move(1, 4, account.now + HOUR)
    account.now += DAY
    assert "erased" not in account.sync().skipped
    assert account.rows(Application, Application.applied_at)[0].furthest == Stage.OFFER
    told = counts(account)
    assert replayed(account) == told


def test_whoever_was_destroyed_is_erased(hooked: Inbox, account: Account, town: Town) -> None:
    before = counts(account)
    town.lose(1)
    forget(town, 1)
    hooked.event("candidate.destroy", 1)
    assert hooked.project().ended == {"done": 1}
    assert counts(account) == before
    assert len(account.rows(Tombstone)) >= 2, "the candidate and the application"


def test_while_the_vendor_does_not_answer_nobody_is_erased_or_merged(
    hooked: Inbox, account: Account, town: Town, faults: Faults
) -> None:
    merge(town, 1, 2, account)
    hooked.event("candidate.destroy", 1)
    faults.plan(Fault.UNAVAILABLE, times=99)
    assert hooked.project().ended == {"later": 1}
    assert account.rows(Tombstone) == []
    faults.clear()
    assert hooked.project().ended == {"done": 1}
    assert (account.rows(Tombstone), len(account.rows(Person))) == ([], 3)


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.HTML])
def test_what_was_said_stands_where_the_list_cannot_be_asked(
    hooked: Inbox, account: Account, town: Town, faults: Faults, fault: Fault
) -> None:
    merge(town, 1, 2, account)
    faults.plan(fault, times=99)
    hooked.event("candidate.destroy", 1)
    assert hooked.project().ended == {"done": 1}
    assert [row.state for row in account.rows(InboxRow)] == ["done"]
    assert account.rows(Tombstone) != []
