"""Comparing counts with each vendor: what differs is counted and can be looked up, and no key of theirs is kept."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.access.organisation import get_organisation
from app.database import Database
from app.demo.faults import Fault
from app.errors import VendorError
from app.funnel.application import Application
from app.funnel.pseudonym import Pseudonyms
from app.intake.connectors.page import ErasedSeen
from app.intake.reconcile import (
    CountCheck,
    Reconciled,
    count_disagreements,
    is_known,
    list_count_checks,
    reconcile_connection,
)
from app.outbound import Limits
from tests.intake.test_merges import hear
from tests.intake.town import DAY, HOUR, SEALER, SECOND, SECRET, START, Account
from tests.intake.vendor_towns import VENDORS, VendorTown, serving_town
from tests.support.clocks import list_changes

FIRST_DAY = dt.date(2026, 3, 2)
LATE = dt.datetime(2026, 3, 2, 22, 30, tzinfo=dt.UTC)
"""Half past midnight of the next day in Helsinki."""


@pytest.fixture(params=VENDORS)
def served(request: pytest.FixtureRequest) -> Iterator[VendorTown]:
    with serving_town(request.param) as served:
        yield served


def reconcile(account: Account) -> Reconciled:
    return reconcile_connection(
        account.database, account.organisation_id, account.connection.id, SECRET, sealer=SEALER,
        clock=lambda: account.now, client_for=account.client,
    )  # fmt: skip


def of_day(account: Account, day: dt.date = FIRST_DAY) -> CountCheck:
    (check,) = [row for row in account.rows(CountCheck) if row.day == day]
    assert isinstance(check, CountCheck)
    return check


def test_each_whole_local_day_is_compared_and_an_empty_one_is_zero(database: Database, served: VendorTown) -> None:
    account = served.account(database, "days")
    served.town.fill(3)
    served.town.apply(4, LATE)
    served.town.apply(5, account.now - HOUR)
    account.sync()
    found = reconcile(account)
    assert len(found.checks) == len(account.rows(CountCheck)) == 31
    said = {row.day: (row.theirs, row.ours) for row in account.rows(CountCheck)}
    assert (said[FIRST_DAY], said[FIRST_DAY + DAY], said[FIRST_DAY + 2 * DAY]) == ((3, 3), (1, 1), (0, 0))
    assert sum(theirs for theirs, _ours in said.values()) == 4, "today is not over"
    assert all(row.agrees for row in account.rows(CountCheck))
    assert of_day(account).describe() == "2026-03-02: they say 3, we have 3"


@pytest.mark.parametrize("name", ["Europe/Helsinki", "Atlantic/Azores", "America/New_York", "Australia/Lord_Howe"])
def test_around_changes_of_the_clocks_both_sides_count_the_same_days(
    lite: Database, served: VendorTown, name: str
) -> None:
    zone = ZoneInfo(name)
    for change in list(list_changes(zone))[-2:]:
        account = served.account(lite, f"{name} {change}")
        with account.database.writing(account.organisation_id) as session:
            get_organisation(session, account.organisation_id).time_zone = name
        midnight = dt.datetime.combine(change.astimezone(zone).date(), dt.time(), zone).astimezone(dt.UTC)
        made = [change + half * HOUR / 2 for half in range(-100, 100, 3)]
        made += [midnight - SECOND, midnight, change - SECOND]
        served.town.now = account.now = change + 5 * DAY
        for id, at in enumerate(made, int(change.timestamp())):
            served.town.apply(id, at)
        account.sync()
        reconcile(account)
        counted = {row.day: (row.theirs, row.ours) for row in account.rows(CountCheck) if row.theirs or row.ours}
        expected = Counter(at.astimezone(zone).date() for at in made)
        assert counted == {day: (n, n) for day, n in expected.items()}


def test_what_only_the_vendor_has_is_named_to_who_asks_and_kept_as_a_hash(lite: Database, served: VendorTown) -> None:
    account = served.account(lite, "missing")
    served.town.fill(2)
    account.sync()
    served.town.apply(987654, START + HOUR)
    found = reconcile(account)
    assert [one.key for one in found.missing] == ["987654"]
    check = of_day(account)
    assert (check.theirs, check.ours, check.missing, check.agrees) == (3, 2, 1, False)
    assert check.describe() == "2026-03-02: they say 3, we have 2 (1 not here)"
    pseudonyms = Pseudonyms(SECRET, account.organisation_id)
    reference = pseudonyms.reference(f"{account.connection.system}/application", "987654")
    assert check.differing == {"missing": [reference.hex()], "extra": []}
    with account.database.reading(account.organisation_id) as session:
        assert count_disagreements(session) == {account.connection.id: 1}
        assert [row.day for row in list_count_checks(session, account.connection.id, days=1)] == [
            FIRST_DAY + 29 * DAY
        ]  # fmt: skip
        assert is_known(session, account.connection, pseudonyms, "1")
        assert not is_known(session, account.connection, pseudonyms, "987654")
    path = Path(account.database.url.database or "")
    account.database.close()
    assert b"987654" not in b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))


def test_a_pull_that_catches_up_makes_the_counts_agree(lite: Database, served: VendorTown) -> None:
    account = served.account(lite, "again")
    served.town.fill(2)
    assert of_day_after(account).missing == 2
    account.sync()
    assert of_day_after(account).agrees
    assert len(account.rows(CountCheck)) == 31


def of_day_after(account: Account) -> CountCheck:
    reconcile(account)
    return of_day(account)


def test_an_application_the_vendor_no_longer_lists_stays_here_and_is_named(lite: Database, served: VendorTown) -> None:
    account = served.account(lite, "extra")
    served.town.fill(3)
    account.sync()
    served.town.lose(2)
    found = reconcile(account)
    (extra,) = found.extra
    assert (extra.job, extra.made_at) == ("Terveyskeskuslääkäri", START + dt.timedelta(minutes=2))
    check = of_day(account)
    assert (check.theirs, check.ours, check.extra, check.agrees) == (2, 3, 1, False)
    assert len(account.rows(Application)) == 3


def test_somebody_who_was_erased_here_is_no_difference(lite: Database, served: VendorTown) -> None:
    account = served.account(lite, "erased")
    served.town.fill(3)
    account.sync()
    hear(account, ErasedSeen(candidate="2"))
    reconcile(account)
    check = of_day(account)
    assert (check.theirs, check.ours, check.missing, check.erased, check.extra) == (3, 3, 0, 1, 0)
    assert check.agrees


def test_whoever_was_erased_on_both_sides_is_no_difference_and_whoever_was_lost_beside_them_is(
    database: Database, served: VendorTown
) -> None:
    account = served.account(database, "both")
    served.town.fill(4)
    account.sync()
    for id in (2, 3):
        hear(account, ErasedSeen(application=str(id)))
        served.town.lose(id)
    found = reconcile(account)
    check = of_day(account)
    assert (check.theirs, check.ours, check.missing, check.erased, check.extra) == (2, 4, 0, 2, 0)
    assert (check.agrees, found.extra) == (True, [])
    served.town.lose(4)
    found = reconcile(account)
    check = of_day(account)
    assert (check.erased, check.extra, check.agrees) == (2, 1, False)
    assert [one.made_at for one in found.extra] == [START + dt.timedelta(minutes=4)]


def test_leads_are_counted_by_neither(lite: Database, served: VendorTown) -> None:
    account = served.account(lite, "leads")
    served.town.apply(1)
    lead: dict[str, Any] = {"sourced": True} if served.vendor == "teamtailor" else {"prospect": True}
    served.town.apply(2, START, **lead)
    account.sync()
    reconcile(account)
    assert (of_day(account).theirs, of_day(account).ours) == (1, 1)


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HALF, Fault.REFUSED])
def test_a_vendor_that_cannot_be_asked_leaves_what_was_found_before(
    lite: Database, served: VendorTown, fault: Fault
) -> None:
    account = served.account(lite, "faults")
    served.town.fill(2)
    account.sync()
    reconcile(account)
    account.limits = Limits(attempts=1)
    served.faults.plan(fault, on=served.stream, times=99)
    served.town.apply(3)
    with pytest.raises(VendorError, match=served.name):
        reconcile(account)
    assert of_day(account).theirs == 2
