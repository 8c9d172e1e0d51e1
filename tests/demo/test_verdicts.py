"""The demo's verdicts against its truth: one city here, twenty in `make prove`. Seeds are taken as they come."""

from pathlib import Path

import pytest

from tests.demo.verdicts import Tally, judge_city, rate
from tests.support.proofs import Proof


@pytest.fixture(scope="module")
def one_city(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    tally = Tally()
    tally.add(*judge_city(tmp_path_factory.mktemp("cities"), 1))
    return tally


def test_most_strong_movers_of_a_city_are_found(one_city: Tally) -> None:
    assert one_city.movers == 3
    assert one_city.movers_found >= 2, one_city.said


def test_hardly_any_ad_that_does_nothing_is_said_to_have_moved_doctors(one_city: Tally) -> None:
    assert one_city.false_movers <= 1, one_city.said


def test_no_verdict_points_the_wrong_way(one_city: Tally) -> None:
    assert one_city.wrong_sign == 0, one_city.said


def test_of_ads_with_few_applicants_it_is_said_that_nobody_can_tell(one_city: Tally) -> None:
    few = [said for said in one_city.said if said.startswith("few")]
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
