"""What is promised of two ads, formats or periods that are set beside each other: figure, target, reached.

`KUTSU_PROVE_CAMPAIGNS` sets the number of campaigns a case, a half of it here. `make calibrate` runs this file too.
"""

import itertools
import os

import pytest

from tests.measurement.campaigns import Design
from tests.measurement.contrast_figures import coverage_of_contrast, rate_of_false_claims, rates_of_claims
from tests.support.proofs import Proof

pytestmark = pytest.mark.prove

CAMPAIGNS = int(os.environ.get("KUTSU_PROVE_CAMPAIGNS", "2000")) // 2
SMALL, LARGE, PERIOD = (5, 60), (30, 300), (300, 1000)
"""Applicants of each of the two, and of each ad beside them; those of two periods are many."""
FAMILIES = ((2, LARGE), (2, PERIOD), (3, LARGE), (4, LARGE), (8, SMALL), (8, LARGE), (24, LARGE))


def name_of(design: Design) -> str:
    beside = f" among {design.ads}" if design.ads > 2 else ""
    followed = "followed up" if design.followed_up else "running"
    confounded = ", one confounded by specialty" if design.confounded else ""
    return f"two{beside} of {design.sizes[0]}-{design.sizes[1]}, {followed}{confounded}"


@pytest.mark.parametrize(
    "design",
    [
        *(
            Design(ads=ads, sizes=sizes, followed_up=followed_up)
            for (ads, sizes), followed_up in itertools.product(FAMILIES, (False, True))
        ),
        Design(confounded=True),
        Design(confounded=True, followed_up=True),
    ],
    ids=name_of,
)
def test_where_neither_works_it_is_seldom_said_that_one_goes_further(design: Design, proof: Proof) -> None:
    rate = rate_of_false_claims(design, CAMPAIGNS)
    most = 0.06 if design.confounded else 0.05
    proof(f"said that one goes further, neither does: {name_of(design)}", f"<= {100 * most:.0f} %", rate)
    assert rate.share <= most + 2 * rate.error


@pytest.mark.parametrize(
    "design",
    [
        Design(ads=ads, sizes=sizes, followed_up=followed_up, mover=0.4)
        for (ads, sizes), followed_up in itertools.product(((2, LARGE), (8, SMALL), (8, LARGE)), (False, True))
    ],
    ids=name_of,
)
def test_the_one_that_doubles_the_rate_is_said_to_go_further_and_the_other_never(design: Design, proof: Proof) -> None:
    found, wrong = rates_of_claims(design, CAMPAIGNS // 2)
    proof(f"said that it goes further, 20 -> 40 %: {name_of(design)}", "said, not set", found)
    proof(f"  and that the other does: {name_of(design)}", "<= 2 %", wrong)
    assert wrong.share <= 0.02 + 2 * wrong.error


@pytest.mark.parametrize("followed_up", [False, True])
@pytest.mark.parametrize("sizes", [SMALL, LARGE])
def test_the_interval_of_the_difference_covers_it(sizes: tuple[int, int], followed_up: bool, proof: Proof) -> None:
    design = Design(sizes=sizes, spread=0.5, followed_up=followed_up)
    rate = coverage_of_contrast(design, CAMPAIGNS)
    proof(f"90 % interval of the difference, logit-normal .5: {name_of(design)}", ">= 87 %", rate)
    assert rate.share >= 0.87 - 2 * rate.error
