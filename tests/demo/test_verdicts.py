"""The demo's verdicts against its truth: two cities here, twenty in `make prove`. Seeds are taken as they come."""

from pathlib import Path

import pytest

from tests.demo.verdicts import Tally, judge_city, rate
from tests.support.proofs import Proof


@pytest.fixture(scope="module")
def two_cities(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    tally = Tally()
    for seed in (1, 2):
        tally.add(*judge_city(tmp_path_factory.mktemp("cities"), seed))
    return tally


def test_most_strong_movers_of_two_cities_are_found(two_cities: Tally) -> None:
    assert two_cities.movers == 6
    assert two_cities.movers_found >= 4, two_cities.said


def test_hardly_any_ad_that_does_nothing_is_said_to_have_moved_doctors(two_cities: Tally) -> None:
    assert two_cities.false_movers <= 1, two_cities.said


def test_no_verdict_points_the_wrong_way(two_cities: Tally) -> None:
    assert two_cities.wrong_sign == 0, two_cities.said


def test_of_ads_with_few_applicants_it_is_said_that_nobody_can_tell(two_cities: Tally) -> None:
    few = [said for said in two_cities.said if said.startswith("few")]
    assert sum("cannot_tell" in said for said in few) >= len(few) - 1


@pytest.mark.prove
def test_over_twenty_cities_verdicts_agree_with_the_truth(tmp_path: Path, proof: Proof) -> None:
    tally = Tally()
    for seed in range(1, 21):
        tally.add(*judge_city(tmp_path, seed))
    proof(
        "strong movers found, 20 cities through store and connector", ">= 80 %", rate(tally.movers_found, tally.movers)
    )
    proof("false movers of ads that do nothing or harm", "said, not set", rate(tally.false_movers, tally.not_movers))
    proof("cities with a false mover", "said, not set", rate(tally.cities_with_false_mover, tally.cities))
    proof("wrong sign, of the placements judged", "said, not set", rate(tally.wrong_sign, tally.judged))
    proof("cannot tell, of all placements", "said, not set", rate(tally.cannot_tell, tally.placements))
    assert tally.movers_found >= 0.8 * tally.movers
