"""Records that cannot be read cost no other, are remembered without a key, and come in once they can be read."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.database import Database
from app.funnel.application import Application
from app.funnel.stage import Stage
from app.intake.connection import SyncCursor
from app.intake.connectors.unread import MOST
from app.intake.health import list_health
from app.intake.reconcile import reconcile_connection
from app.intake.stage_map import change_stage_map, read_stage_map
from app.web.pages.health_words import health_sentence
from tests.intake.cutting import shape
from tests.intake.harvest_town import HarvestTown
from tests.intake.town import DAY, HOUR, MINUTE, SEALER, SECRET, START, Account
from tests.intake.vendor_towns import VENDORS, VendorTown, serving_town

BROKEN_AT = {
    "teamtailor": [
        ("job-applications", 2, "sourced"), ("candidates", 2, "email"), ("stages", 3, "name"), ("jobs", 2, "title"),
        ("reject-reasons", 2, "rejected-by-company"),
    ],
    "greenhouse": [
        ("applications", 2, "status"), ("candidates", 2, "email_addresses"), ("application_stages", 2, "entered_at"),
        ("jobs", 2, "name"), ("job_interview_stages", 103, "name"), ("rejection_details", 2, "rejected_at"),
        ("rejection_reasons", 2, "type"), ("offers", 2, "sent_on"), ("sources", 2, "name"),
        ("tracking_links", 2, "token"), ("departments", 2, "name"), ("offices", 2, "name"),
    ],
}  # fmt: skip
"""For each vendor, what of the second application may be broken: list, key and attribute."""
CASES = [(vendor, *broken) for vendor in VENDORS for broken in BROKEN_AT[vendor]]


@pytest.fixture(params=VENDORS)
def served(request: pytest.FixtureRequest) -> Iterator[VendorTown]:
    with serving_town(request.param) as served:
        yield served


def settle(served: VendorTown, count: int = 6) -> None:
    """So many people apply; all that the second one leans on is that one's alone."""
    town = served.town
    if isinstance(town, HarvestTown):
        beside: dict[str, dict[str, Any]] = {
            "departments": {"name": "Kallio"}, "offices": {"name": "Kivikoski"}, "sources": {"name": "Lehti"},
            "tracking_links": {"token": "h7k2mq", "source_id": 2, "job_id": None},
            "jobs": {"name": "Hammaslääkäri", "department_id": 2, "office_ids": [2]},
        }  # fmt: skip
        for table, said in beside.items():
            town.add(table, 2, **said)
    else:
        town.open_job(2)
    town.fill(count)
    if isinstance(town, HarvestTown):
        town.change(2, START + HOUR, job_id=2, source_id=2)
    else:
        town.change(2, START + HOUR, job_id=2)
    town.move(2, 3, START + 2 * HOUR)
    if isinstance(town, HarvestTown):
        town.offer(2, START + 3 * HOUR, key=2, sent_on="2026-03-04")
        town.offer(3, START + 3 * HOUR, key=3, sent_on="2026-03-04")
        town.reject(3, START + 3 * HOUR)
    else:
        town.reject(3, START + 3 * HOUR)
    town.reject(2, START + 4 * HOUR, 2)


def known(account: Account) -> int:
    return len(account.rows(Application))


def waits(account: Account) -> dict[str, int]:
    """Why how many records wait, as Data in counts them."""
    with account.database.reading(account.organisation_id) as session:
        (health,) = list_health(session, account.now)
        return dict(health.unread)


@pytest.mark.parametrize(("vendor", "resource", "key", "name"), CASES)
def test_what_cannot_be_read_costs_no_other_and_comes_in_once_it_can_be(
    database: Database, vendor: str, resource: str, key: int, name: str
) -> None:
    with serving_town(vendor) as served:
        settle(served)
        calm, tried = served.account(database, "calm"), served.account(database, "tried")
        served.faults.spoilt.add((resource, key, name))
        reports = [tried.sync(), tried.sync()]
        why = f"missing: {name.replace('-', '_')}"
        assert [(report.state, known(tried)) for report in reports] == [("done", 5)] * 2
        assert waits(tried) == {why: 1}
        served.faults.clear()
        tried.sync()
        calm.sync()
        calm.sync()
        calm.sync()
    assert (shape(tried), known(tried), waits(tried)) == (shape(calm), 6, {})


def test_what_cannot_be_read_is_told_with_why_and_remedy(lite: Database, served: VendorTown) -> None:
    served.town.fill(3)
    account = served.account(lite, "told")
    served.faults.spoilt.add((served.stream, 2, "rejected_at" if served.vendor == "greenhouse" else "rejected-at"))
    account.sync()
    with lite.reading(account.organisation_id) as session:
        (health,) = list_health(session, account.now)
        said = health_sentence(health, account.now.tzinfo)  # type: ignore[arg-type]
    assert said.text.endswith("is here, but for 1 record that cannot be read (rejected_at is missing).")
    assert "mend them in the system" in said.remedy


def test_what_cannot_be_read_is_missing_when_counts_are_compared(lite: Database, served: VendorTown) -> None:
    account = served.account(lite, "compared")
    for id in (1, 2, 3):
        served.town.apply(id, account.now - DAY)
    served.faults.spoilt.add((served.stream, 2, "sourced" if served.vendor == "teamtailor" else "prospect"))
    account.sync()
    found = reconcile_connection(
        lite, account.organisation_id, account.connection.id, SECRET, sealer=SEALER, clock=lambda: account.now,
        client_for=account.client,
    )  # fmt: skip
    assert [one.key for one in found.missing] == ["2"]
    assert sum(day.theirs for day in found.checks) == 3


def test_no_key_and_no_content_of_what_cannot_be_read_is_kept(lite: Database, served: VendorTown) -> None:
    for id in (770001, 770002, 770003):
        served.town.apply(id, START)
    account = served.account(lite, "kept")
    served.faults.spoilt.add((served.stream, 770002, "sourced" if served.vendor == "teamtailor" else "prospect"))
    account.sync()
    cursors = json.dumps([row.cursor for row in account.rows(SyncCursor)])
    assert waits(account)
    assert "7700" not in cursors
    assert "virtanen" not in cursors.lower()


def test_a_record_without_the_time_of_its_change_fails_the_run_holds_the_cursor_and_costs_no_other(
    lite: Database, served: VendorTown
) -> None:
    served.town.fill(40)
    calm, tried = served.account(lite, "calm"), served.account(lite, "tried")
    served.faults.spoilt.add((served.stream, 2, served.field))
    for _again in range(2):
        report = tried.sync()
        assert (report.state, known(tried)) == ("failed", 39)
        assert report.error is not None
        assert "Some records could not be read (missing: updated_at)" in report.error
    served.faults.clear()
    assert tried.sync().state == "done"
    calm.sync()
    assert (shape(tried), known(tried)) == (shape(calm), 40)


def test_a_record_that_is_gone_or_changed_meanwhile_waits_no_longer(lite: Database, served: VendorTown) -> None:
    served.town.fill(8)
    account = served.account(lite, "gone")
    field = "sourced" if served.vendor == "teamtailor" else "prospect"
    served.faults.spoilt |= {(served.stream, 2, field), (served.stream, 3, field)}
    account.sync()
    assert waits(account) == {f"missing: {field}": 2}
    served.town.lose(2)
    served.town.change(3, account.now + HOUR)
    served.faults.clear()
    account.now += DAY
    account.sync()
    assert (waits(account), known(account)) == ({}, 7)


def test_more_than_are_read_one_by_one_hold_the_cursor_instead(lite: Database) -> None:
    with serving_town("greenhouse") as served:
        for id in range(1, 2 * MOST + 4):
            served.town.apply(id, START + id * MINUTE)
        account = served.account(lite, "many")
        served.faults.spoilt |= {("applications", id, "prospect") for id in range(2, 2 * MOST + 4, 2)}
        report = account.sync()
        assert report.state == "failed"
        assert 0 < sum(waits(account).values()) <= MOST
        served.faults.clear()
        assert account.sync().state == "done"
        assert (known(account), waits(account)) == (2 * MOST + 3, {})


def test_a_status_that_greenhouse_did_not_have_is_stored_and_waits_for_its_meaning(database: Database) -> None:
    with serving_town("greenhouse") as served:
        served.town.fill(3)
        served.town.move(2, 2, START + HOUR)
        served.town.change(2, START + 2 * HOUR, status="on_hold")
        account = served.account(database, "status")
        assert account.sync().state == "done"
    assert known(account) == 3
    with database.writing(account.organisation_id) as session:
        shown = read_stage_map(session, account.connection.system)
        (waiting,) = [stage for stage in shown.stages if stage.waits and stage.events]
        assert (waiting.name, waiting.events) == ("on_hold", 1)
        change_stage_map(
            session, account.connection.system, {waiting.key: "interview"}, revision=shown.revision, now=START
        )
    assert sorted(row.furthest for row in account.rows(Application)) == [Stage.APPLIED, Stage.APPLIED, Stage.INTERVIEW]
