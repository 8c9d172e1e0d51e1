"""Faults of a vendor while it is asked about what its webhooks named: nothing that was acknowledged is lost, and all
of it comes in once the vendor answers well again."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from app.database import Database
from app.demo.faults import Fault
from app.funnel.application import Application
from app.outbound import Limits
from tests.intake.cutting import shape
from tests.intake.hooking import Inbox, hook_at
from tests.intake.test_fault_grid import RENAMED, TEXTS, put_on
from tests.intake.town import DAY, START, Account
from tests.intake.vendor_towns import VENDORS, VendorTown, serving_town
from tests.support.proofs import Proof

FAULTS = tuple(fault for fault in TEXTS if fault is RENAMED or (isinstance(fault, Fault) and fault is not Fault.CIRCLE))
"""Those that can befall an answer about single applications."""
NAMED = 4


@pytest.fixture(params=VENDORS)
def served(request: pytest.FixtureRequest) -> Iterator[VendorTown]:
    with serving_town(request.param) as served:
        yield served


def tell(vendor: str, id: int) -> Mapping[str, Any]:
    """What a vendor sends when an application was changed."""
    if vendor == "greenhouse":
        return {"action": "candidate_stage_change", "payload": {"application": {"id": id}}}
    return {"payload": {"event_name": "job_application.update", "data": {"id": str(id)}}}


def survive(database: Database, served: VendorTown, fault: Fault | str) -> None:
    """Webhooks come, the vendor has a fault, and then has none."""
    served.town.fill(NAMED)
    served.town.move(3, 3, START + DAY)
    calm, told = served.account(database, f"calm {fault}"), served.account(database, f"told {fault}")
    calm.sync()
    hooked = hook_at(told)
    for id in range(1, NAMED + 1):
        hooked.receive(json.dumps(tell(served.vendor, id)).encode())
    told.limits = Limits(attempts=1, deadline_seconds=0.6 if fault in (Fault.DRIP, Fault.SILENCE) else 60.0)
    served.faults.plan(fault, on=served.stream, times=99) if isinstance(fault, Fault) else put_on(served, fault)
    hooked.project()
    assert set(hooked.states()) <= {"received", "needs_mapping"}
    assert all(served.name in row.reason for row in hooked.rows())
    assert told.rows(Application) == []

    served.faults.clear()
    heal(told, hooked)
    assert hooked.states() == ["done"] * NAMED
    assert shape(told) == shape(calm)


def heal(told: Account, hooked: Inbox) -> None:
    while hooked.project().taken:
        pass
    told.sync()
    hooked.project()


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_webhook_named_comes_in_after_a_fault_of_the_vendor(
    lite: Database, served: VendorTown, fault: Fault | str
) -> None:
    survive(lite, served, fault)


@pytest.mark.prove
@pytest.mark.parametrize("vendor", VENDORS)
def test_no_fault_costs_what_a_webhook_named_on_either_database(database: Database, vendor: str, proof: Proof) -> None:
    for fault in FAULTS:
        with serving_town(vendor) as served:
            survive(database, served, fault)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    figure = f"faults of {vendor} on {kind} while webhooks are followed up, after which all that they named is here"
    proof(figure, f"{len(FAULTS)} of {len(FAULTS)}", f"{len(FAULTS)} of {len(FAULTS)}")
