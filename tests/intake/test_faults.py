"""What goes wrong with a vendor, over real sockets: nothing is lost, nothing counted twice, and the text says why."""

import pytest

from app.database import Database
from app.demo.faults import Fault, Faults
from app.funnel.application import Application
from app.intake.connection import SyncCursor
from app.intake.sync import SyncReport, sync_connection
from app.outbound import Limits
from tests.intake.cutting import shape
from tests.intake.town import DAY, HOUR, SEALER, SECOND, SECRET, START, Account, Town, open_account_at

PASSING = [Fault.TOO_MANY, Fault.BROKEN, Fault.UNAVAILABLE, Fault.DRIP, Fault.HTML, Fault.HALF]


def limits(fault: Fault, attempts: int = 3) -> Limits:
    """A deadline that only an answer without an end is meant to meet, however busy the machine is."""
    return Limits(attempts=attempts, deadline_seconds=0.6 if fault is Fault.DRIP else 60.0)


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_waited_out(account: Account, town: Town, faults: Faults, fault: Fault) -> None:
    town.fill(35)
    account.limits = limits(fault)
    faults.plan(fault, after=1, times=2)
    report = account.sync()
    assert (report.state, report.stored) == ("done", 35)
    assert len(account.pauses) == 2
    if fault in (Fault.TOO_MANY, Fault.UNAVAILABLE):
        assert min(account.pauses) >= 3, "the vendor asked for three seconds"


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault.TOO_MANY, "Teamtailor does not answer at the moment (status 429). The next run goes on."),
        (Fault.BROKEN, "Teamtailor does not answer at the moment (status 500). The next run goes on."),
        (Fault.UNAVAILABLE, "Teamtailor does not answer at the moment (status 503). The next run goes on."),
        (Fault.DRIP, "Teamtailor does not answer at the moment (no whole answer within 0.6 s)."),
        (Fault.HTML, "Teamtailor answers in a form we do not know: the answer is text/html instead of JSON."),
        (Fault.HALF, "Teamtailor answers in a form we do not know: the answer is broken JSON."),
        (Fault.CIRCLE, "Teamtailor leads in a circle: a page names as its next one that was read before."),
    ],
)
@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_fault_that_stays_ends_the_run_and_the_next_one_ends_as_if_nothing_had_been(
    account: Account, town: Town, faults: Faults, fault: Fault, text: str, after: int
) -> None:
    town.fill(65)
    account.limits = limits(fault, attempts=2)
    faults.plan(fault, after=after, times=99)
    report = account.sync()
    assert report.state == "failed"
    assert (report.error or "").startswith(text)
    assert len(account.rows(Application)) == report.stored
    faults.clear()
    account.sync()
    with_faults = shape(account)
    calm = open_account_at(account.database, account.connection.base_url or "", name="calm")
    calm.sync()
    assert with_faults == shape(calm)


def test_rows_that_vanish_while_they_are_read_hide_none_of_the_others(
    account: Account, town: Town, faults: Faults
) -> None:
    town.fill(95)
    faults.shrink = 3
    assert account.sync().state == "done"
    assert len(account.rows(Application)) == 95, "three were read before they went; all others are still there"


def test_rows_that_are_changed_while_they_are_read_hide_none_of_the_others(account: Account, town: Town) -> None:
    account.sync()
    account.now += DAY
    for id in range(1, 96):
        town.apply(id, account.now - HOUR + id * SECOND)
    changed: list[int] = []

    def change_what_was_read(report: SyncReport) -> None:
        if report.stored:
            changed.append(len(changed) + 1)
            town.change(changed[-1], account.now + HOUR)

    account.sync(on_progress=change_what_was_read)
    assert len(changed) > 3
    assert len(account.rows(Application)) == 95


def test_an_account_that_never_comes_to_rest_is_left_for_later(account: Account, town: Town) -> None:
    for id in range(1, 65):
        town.apply(id)

    def lose_one(_report: object) -> None:
        town.lose(town.world.applications[0].id)

    report = account.sync(on_progress=lose_one)
    assert report.state == "failed"
    assert report.error == "The applications at Teamtailor change faster than they can be read."


@pytest.mark.parametrize("name", ["updated-at", "rejected-at", "sourced", "referring-url"])
def test_a_renamed_field_fails_the_run_keeps_what_was_read_and_leaves_the_cursor(
    database: Database, base_url: str, town: Town, faults: Faults, name: str
) -> None:
    account = open_account_at(database, base_url)
    town.fill(35)
    account.sync()
    before = [row.cursor for row in account.rows(SyncCursor, SyncCursor.stream)]
    town.move(3, 3, account.now + HOUR)
    account.now += DAY
    faults.renamed[name] = "brand-new"
    report = account.sync()
    field = name.replace("-", "_")
    assert report.state == "failed"
    why = f"Most records of a page could not be read (missing: {field}): Teamtailor changed them."
    assert report.error == f"{why} Try again in a few minutes; if it stays so, update Kutsu."
    assert report.skipped == {f"missing: {field}": 1}
    assert len(account.rows(Application)) == 35
    assert [row.cursor for row in account.rows(SyncCursor, SyncCursor.stream)] == before
    faults.clear()
    assert account.sync().stored == 1


def test_a_renamed_stage_type_is_noticed_before_any_application_is_read(
    account: Account, town: Town, faults: Faults
) -> None:
    town.fill(3)
    faults.renamed["stage-type"] = "kind"
    report = account.sync()
    assert report.error is not None
    assert "missing: stage_type" in report.error
    assert account.rows(Application) == []


def test_a_record_that_is_gone_costs_only_what_it_said(account: Account, town: Town, faults: Faults) -> None:
    town.fill(3)
    faults.gone.update({("candidates", 1), ("jobs", 1)})
    report = account.sync()
    assert (report.state, report.stored) == ("done", 3)
    with_address = [fact.payload["email"] is not None for fact in account.facts()]
    assert with_address == [False, True, True]


def test_an_application_that_vanished_is_not_deleted_here(account: Account, town: Town, faults: Faults) -> None:
    town.fill(3)
    account.sync()
    faults.gone.add(("job-applications", 2))
    account.now += DAY
    account.sync()
    assert len(account.rows(Application)) == 3


def test_a_wrong_key_is_refused_with_what_to_check(lite: Database, base_url: str) -> None:
    report = open_account_at(lite, base_url, key="another").sync()
    assert report.state == "failed"
    assert report.error == ("Teamtailor refuses the key. Check the key and the region: another region’s key fails too.")


def test_a_vendor_that_cannot_be_reached_is_tried_again_later(lite: Database) -> None:
    account = open_account_at(lite, "http://127.0.0.1:1/v1")
    report = account.sync()
    assert report.error is not None
    assert report.error.startswith("Teamtailor does not answer at the moment")
    assert len(account.pauses) == 2


def test_an_address_on_this_machine_is_refused_unless_a_stand_in_is_meant(lite: Database, base_url: str) -> None:
    account = open_account_at(lite, base_url)
    report = sync_connection(
        lite, account.organisation_id, account.connection.id, SECRET, sealer=SEALER, clock=lambda: START
    )
    assert report.state == "failed"
    assert report.error is not None
    assert "https://" in report.error
