"""What only the vendor has is brought by its key, and the days are compared again."""

from collections.abc import Iterator

import pytest

from app.database import Database
from app.demo.faults import Fault
from app.errors import VendorError
from app.funnel.application import Application
from app.intake.bringing import AT_ONCE, Brought, bring_missing
from app.intake.connectors.page import ErasedSeen
from app.intake.differences import list_counted_days
from app.intake.reconcile import CountCheck
from app.outbound import Limits
from tests.intake.test_merges import hear
from tests.intake.test_reconcile import FIRST_DAY, of_day, reconcile
from tests.intake.town import DAY, HOUR, SEALER, SECRET, START, Account
from tests.intake.vendor_towns import VENDORS, VendorTown, serving_town


@pytest.fixture(params=VENDORS)
def served(request: pytest.FixtureRequest) -> Iterator[VendorTown]:
    with serving_town(request.param) as served:
        yield served


def bring(account: Account, told: list[tuple[int, int]] | None = None) -> Brought:
    heard = [] if told is None else told
    return bring_missing(
        account.database, account.organisation_id, account.connection.id, SECRET, sealer=SEALER,
        clock=lambda: account.now, client_for=account.client, on_progress=lambda *how_far: heard.append(how_far),
    )  # fmt: skip


def test_what_only_the_vendor_has_is_brought_as_a_pull_would_and_its_day_agrees_then(
    database: Database, served: VendorTown
) -> None:
    account = served.account(database, "bring")
    served.town.fill(2)
    account.sync()
    served.town.apply(77, START + HOUR)
    served.town.apply(78, START + 3 * DAY)
    reconcile(account)
    told: list[tuple[int, int]] = []
    assert bring(account, told) == Brought(lacking=2, left=0, skipped={})
    assert told == [(0, 2), (2, 2)]
    assert all(check.agrees for check in account.rows(CountCheck) if isinstance(check, CountCheck))
    assert len(account.rows(Application)) == 4
    before = account.dump(Application)
    account.sync()
    assert account.dump(Application) == before, "a pull that sees the same brings the same facts"


def test_nothing_is_asked_for_where_nothing_is_lacking(lite: Database, served: VendorTown) -> None:
    account = served.account(lite, "nothing")
    served.town.fill(2)
    account.sync()
    reconcile(account)
    served.faults.plan(Fault.UNAVAILABLE, on=served.stream, times=99)
    done = bring(account)
    assert (done, done.describe()) == (Brought(0, 0, {}), "Nothing is lacking.")


def test_who_was_erased_here_is_not_brought_back(lite: Database, served: VendorTown) -> None:
    account = served.account(lite, "erased")
    served.town.fill(2)
    account.sync()
    hear(account, ErasedSeen(candidate="2"))
    served.town.apply(77, START + HOUR)
    reconcile(account)
    assert bring(account) == Brought(lacking=1, left=0, skipped={})
    assert of_day(account).erased == 1


def test_what_was_brought_before_the_vendor_broke_stays_and_the_rest_comes_next_time(
    lite: Database, served: VendorTown
) -> None:
    account = served.account(lite, "broken")
    served.town.fill(AT_ONCE + 3)
    reconcile(account)
    account.limits = Limits(attempts=1)

    def break_after_the_first(done: int, _total: int) -> None:
        if done:
            served.faults.plan(Fault.UNAVAILABLE, on=served.stream, times=99)

    with pytest.raises(VendorError, match=served.name):
        bring_missing(
            account.database, account.organisation_id, account.connection.id, SECRET, sealer=SEALER,
            clock=lambda: account.now, client_for=account.client, on_progress=break_after_the_first,
        )  # fmt: skip
    assert len(account.rows(Application)) == AT_ONCE
    served.faults.clear()
    assert bring(account) == Brought(lacking=3, left=0, skipped={})


def test_one_that_cannot_be_read_keeps_no_other_from_being_brought(lite: Database, served: VendorTown) -> None:
    account = served.account(lite, "unreadable")
    served.town.fill(3)
    reconcile(account)
    served.faults.spoilt.add((served.stream, 2, served.field))
    brought = bring(account)
    assert (brought.lacking, brought.left) == (3, 1)
    assert sum(brought.skipped.values()) >= 1
    assert len(account.rows(Application)) == 2


def test_what_differs_is_listed_by_day_with_its_reference_and_why(database: Database, served: VendorTown) -> None:
    account = served.account(database, "listed")
    served.town.fill(3)
    account.sync()
    served.town.lose(2)
    served.town.apply(77, START + HOUR)
    reconcile(account)
    with account.database.reading(account.organisation_id) as session:
        days = list_counted_days(session, account.connection.id)
    assert [one.day for one in days] == sorted((one.day for one in days), reverse=True)
    (first,) = [one for one in days if not one.agrees]
    assert (first.day, first.theirs, first.ours, first.missing, first.extra) == (FIRST_DAY, 3, 3, 1, 1)
    assert [(one.reason, one.job) for one in first.differing] == [("missing", None), ("extra", "Terveyskeskuslääkäri")]
    kept = of_day(account).differing
    assert [one.reference for one in first.differing] == kept["missing"] + kept["extra"]


def test_what_was_left_out_is_told_by_why() -> None:
    said = Brought(2, 1, {"created_at": 1}).describe()
    assert said == "2 applications were lacking, 1 still are. 1 skipped (created_at)"
