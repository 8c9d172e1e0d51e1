"""A pull that is killed with -9 at some page: the next one ends with the record of an undisturbed one."""

import random

import pytest

from app.database import Database
from tests.intake.cutting import shape
from tests.intake.killing import pull_through_kills
from tests.intake.town import DAY, START
from tests.intake.vendor_towns import VENDORS, serving_town


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_pull_that_is_killed_is_taken_up_as_if_nothing_had_been(lite: Database, vendor: str) -> None:
    with serving_town(vendor) as served:
        served.town.fill(95)
        served.town.move(50, 4, START + 5 * DAY)
        calm, killed = served.account(lite, "calm"), served.account(lite, "killed")
        calm.sync()
        chance = random.Random(4)  # noqa: S311 (which page is no secret)
        kills, taken, lost = pull_through_kills(served, calm, killed, chance, kills=1, most_pages=3)
        assert (kills, lost) == (1, 0)
        assert 0 < taken < 95, "it was killed in the middle"
        assert shape(killed) == shape(calm)
