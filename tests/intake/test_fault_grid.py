"""Twelve faults at each vendor: nothing is lost, nothing deleted, the text says why, and the next run cures it."""

from collections.abc import Iterator

import pytest

from app.database import Database
from app.demo.faults import Fault
from app.funnel.application import Application
from app.intake.connection import SyncCursor, SyncRun
from app.outbound import Limits
from tests.intake.cutting import shape
from tests.intake.town import DAY, HOUR, MINUTE, START
from tests.intake.vendor_towns import VENDORS, VendorTown, serving_town
from tests.support.proofs import Proof

RENAMED, GONE, SHRINKING = "a field renamed", "records gone", "pages that shrink"
NO_ANSWER = "does not answer at the moment"
TEXTS: dict[Fault | str, str | None] = {
    Fault.TOO_MANY: f"{NO_ANSWER} (status 429)",
    Fault.UNAVAILABLE: f"{NO_ANSWER} (status 503)",
    Fault.SILENCE: f"{NO_ANSWER} (no whole answer within 0.6 s)",
    Fault.DRIP: f"{NO_ANSWER} (no whole answer within 0.6 s)",
    Fault.HTML: "in a form we do not know: the answer is text/html instead of JSON",
    Fault.HALF: "in a form we do not know: the answer is broken JSON",
    Fault.CIRCLE: "leads in a circle",
    Fault.REFUSED: "refuses the ",
    Fault.REDIRECT: "answers 302 and sends Kutsu on to 169.254.169.254, where it does not go: the key would go along. "
    "Most often a proxy or firewall stands in between",
    RENAMED: "changed them. Try again in a few minutes; if it stays so, update Kutsu.",
    GONE: None,
    SHRINKING: None,
}
"""What a run says of each fault; None where it ends well in spite of it."""
OLD, NEW = 4, 33


@pytest.fixture(params=VENDORS)
def served(request: pytest.FixtureRequest) -> Iterator[VendorTown]:
    with serving_town(request.param) as served:
        yield served


def put_on(served: VendorTown, fault: Fault | str) -> None:
    if isinstance(fault, Fault):
        served.faults.plan(fault, on=served.stream, after=1, times=99)
    elif fault == RENAMED:
        served.faults.renamed[served.field] = "brand_new"
    elif fault == GONE:
        served.faults.gone.update({(served.stream, 2), ("candidates", 3)})
    else:
        served.faults.shrink = 3


def survive(database: Database, served: VendorTown, fault: Fault | str) -> None:
    """Pull through a fault, and once more after it."""
    calm, tried = served.account(database, f"calm {fault}"), served.account(database, f"tried {fault}")
    served.town.fill(OLD)
    calm.sync()
    tried.sync()
    calm.now += DAY
    tried.now += DAY
    at = calm.now - HOUR
    for id in range(OLD + 1, OLD + NEW + 1):
        served.town.apply(id, at + (id - OLD) * MINUTE / 2)
    served.town.move(3, 3, at)
    calm.sync()

    tried.limits = Limits(attempts=2, deadline_seconds=0.6 if fault in (Fault.DRIP, Fault.SILENCE) else 60.0)
    before = cursors(tried)
    acknowledged = {row.id for row in tried.rows(Application)}
    put_on(served, fault)
    report = tried.sync()
    text = TEXTS[fault]
    (run,) = [row for row in tried.rows(SyncRun) if row.id == report.run_id]
    assert (run.state, run.error) == (report.state, report.error)
    if text is None:
        assert report.state == "done"
    else:
        assert report.state == "failed"
        assert served.name in (report.error or "")
        assert text in (report.error or "")
        assert cursors(tried) == before or report.stored > 0
    assert acknowledged <= {row.id for row in tried.rows(Application)}

    served.faults.clear()
    tried.sync()
    assert shape(tried) == shape(calm)


@pytest.mark.parametrize("fault", TEXTS)
def test_a_fault_deletes_nothing_moves_the_cursor_with_stored_pages_only_and_is_cured_by_the_next_run(
    lite: Database, served: VendorTown, fault: Fault | str
) -> None:
    survive(lite, served, fault)


@pytest.mark.prove
@pytest.mark.parametrize("vendor", VENDORS)
def test_every_fault_is_survived_on_each_database(database: Database, vendor: str, proof: Proof) -> None:
    for fault in TEXTS:
        with serving_town(vendor) as served:
            survive(database, served, fault)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    figure = f"faults of {vendor} on {kind} after which nothing is deleted and the next run cures all"
    proof(figure, f"{len(TEXTS)} of {len(TEXTS)}", f"{len(TEXTS)} of {len(TEXTS)}")


def cursors(account: object) -> list[object]:
    return [row.cursor for row in account.rows(SyncCursor, SyncCursor.stream)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.BROKEN, Fault.SILENCE, Fault.REFUSED, Fault.HTML])
def test_a_token_that_cannot_be_had_fails_the_run_and_moves_nothing(lite: Database, fault: Fault) -> None:
    with serving_town("greenhouse") as served:
        served.town.fill(3)
        account = served.account(lite, "tokens")
        account.limits = Limits(attempts=2, deadline_seconds=0.6 if fault is Fault.SILENCE else 60.0)
        served.faults.plan(fault, on="token", times=99)
        report = account.sync()
        assert (report.state, report.read, cursors(account)) == ("failed", 0, [])
        assert "Greenhouse" in (report.error or "")
        served.faults.clear()
        assert account.sync().state == "done"
        assert len(account.rows(Application)) == 3


@pytest.mark.parametrize("field", ["entered_at", "rejected_at", "status", "prospect", "current", "type", "sort_order"])
def test_any_field_that_greenhouse_renames_is_noticed(lite: Database, field: str) -> None:
    with serving_town("greenhouse") as served:
        served.town.fill(3)
        served.town.reject(1, START + DAY)
        account = served.account(lite, "drift")
        served.faults.renamed[field] = "brand_new"
        report = account.sync()
        assert report.state == "failed"
        assert f"missing: {field}" in (report.error or "")
        served.faults.clear()
        account.sync()
        assert len(account.rows(Application)) == 3
