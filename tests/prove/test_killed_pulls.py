"""Pulls killed with -9 at random pages, again and again, at each vendor and on each database."""

import random

import pytest

from app.database import Database
from tests.intake.cutting import shape
from tests.intake.killing import pull_through_kills
from tests.intake.town import DAY, START
from tests.intake.vendor_towns import VENDORS, serving_town
from tests.support.proofs import Proof

pytestmark = pytest.mark.prove
KILLS_A_RECORD, RECORDS = 3, 5


@pytest.mark.parametrize("vendor", VENDORS)
def test_no_kill_changes_what_a_pull_ends_with(database_url: str, vendor: str, proof: Proof) -> None:
    database, chance = Database(database_url), random.Random(30)  # noqa: S311 (which page is no secret)
    killed = taken = lost = different = 0
    with serving_town(vendor) as served:
        served.town.fill(200)
        for id in range(1, 200, 7):
            served.town.move(id, 4, START + (5 + id) * DAY / 10)
        calm = served.account(database, "calm")
        calm.sync()
        for number in range(RECORDS):
            account = served.account(database, f"killed {number}")
            counts = pull_through_kills(served, calm, account, chance, KILLS_A_RECORD)
            killed, taken, lost = killed + counts[0], taken + counts[1], lost + counts[2]
            different += shape(account) != shape(calm)
    where = f"{vendor} on {database.url.get_backend_name()}"
    database.close()
    proof(
        f"pulls killed with -9, {where}",
        "records that differ = 0, applications lost = 0",
        f"{killed} kills: {different} differ, {lost} lost of {taken} that the cursors had passed",
    )
    assert (different, lost) == (0, 0)
    assert killed >= RECORDS
    assert taken > 0
