"""The talent pool at Teamtailor: people who left their address, or were brought in, and applied to no job."""

from collections.abc import Iterator

import pytest

from app.database import Database, from_micros
from app.funnel.application import Application, Lead
from app.funnel.person import Person
from tests.intake.town import DAY, HOUR, START, Account, Town
from tests.intake.vendor_towns import VendorTown, serving_town


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
    return served.account(database, "pool")


def labels(account: Account) -> list[str | None]:
    return [row.label for row in account.rows(Lead, Lead.occurred_at)]


def test_whoever_leaves_their_address_is_a_lead_of_that_moment_with_the_source_they_came_by(
    account: Account, town: Town
) -> None:
    town.join(
        7, START + HOUR, referring_site="Rekrymessut", referring_url="https://jobs.example.org/?utm_content=h7k2mq"
    )
    account.sync()
    (lead,) = account.rows(Lead)
    assert (lead.label, lead.code, from_micros(lead.occurred_at)) == ("rekrymessut", "h7k2mq", START + HOUR)
    assert account.rows(Application) == []


def test_nobody_is_a_lead_who_applied_or_of_whom_nothing_says_how_they_came_in(account: Account, town: Town) -> None:
    town.apply(1)
    town.join(2, connected=False)
    town.join(3, connected=False, sourced=True)
    account.sync()
    assert len(account.rows(Lead)) == 1 and len(account.rows(Application)) == 1


def test_a_lead_who_applies_later_stays_one_and_is_the_same_person(account: Account, town: Town) -> None:
    town.join(7)
    account.sync()
    town.apply(1, START + 31 * DAY, candidate_id=7)
    town.join(7, updated_at=START + 31 * DAY)
    account.now += 2 * DAY
    account.sync()
    (lead,), (application,) = account.rows(Lead), account.rows(Application)
    assert lead.person_id == application.person_id
    assert len(account.rows(Person)) == 1


def test_a_later_pull_asks_for_those_who_changed_and_takes_what_is_said_of_them_now(
    account: Account, town: Town
) -> None:
    for id in range(1, 41):
        town.join(id, referring_site="Web")
    first = account.sync()
    town.join(3, updated_at=START + 31 * DAY, referring_site="Fair")
    account.now += 2 * DAY
    second = account.sync()
    assert first.read - 40 == second.read - 1
    assert sorted(map(str, labels(account))) == ["fair", *["web"] * 39]


def test_a_lead_that_cannot_be_read_costs_no_other_and_comes_in_once_it_can_be(
    account: Account, served: VendorTown, town: Town
) -> None:
    for id in (1, 2, 3):
        town.join(id, START + id * HOUR, referring_site=f"Site {id}")
    served.faults.spoilt.add(("candidates", 2, "email"))
    assert account.sync().skipped == {"missing: email": 1}
    assert labels(account) == ["site 1", "site 3"]
    served.faults.clear()
    account.now += 5 * DAY
    account.sync()
    assert labels(account) == ["site 1", "site 2", "site 3"]


def test_a_renamed_field_of_leads_fails_the_run_and_costs_no_application(
    account: Account, served: VendorTown, town: Town
) -> None:
    town.apply(1)
    for id in (2, 3):
        town.join(id)
    served.faults.renamed["connected"] = "brand-new"
    report = account.sync()
    assert report.state == "failed"
    assert (len(account.rows(Application)), labels(account)) == (1, [])
