"""What measurement promises, over thousands of simulated campaigns: figure, target, reached.

`KUTSU_PROVE_CAMPAIGNS` sets the number of campaigns a case, 2,000 by default. A rate passes with two standard
errors of grace. What is not reached stays in the table, marked as falling short. `make calibrate` runs this file
alone and keeps the table as `docs/calibration.md`.
"""

import itertools
import os

import pytest

from app.measurement import Verdict, applicants_required
from tests.measurement.campaigns import Design
from tests.measurement.figures import (
    Rate,
    coverage_of_expected,
    coverage_of_expected_by_ad,
    coverage_of_lift,
    measure_incidence,
    power_of_later_touch,
    rate_of_ads,
    rate_of_any_false_mover,
    rate_of_first,
    rate_of_last,
    rate_of_later_mover,
    rate_of_later_mover_by_counts,
    rates_beside_movers,
    rates_of_wrong_sign,
    simulated_need,
)
from tests.support.proofs import Proof

pytestmark = pytest.mark.prove

CAMPAIGNS = int(os.environ.get("KUTSU_PROVE_CAMPAIGNS", "2000"))
SMALL, LARGE = (5, 60), (30, 300)


def require_at_most(proof: Proof, figure: str, rate: Rate, most: float) -> None:
    proof(figure, f"<= {100 * most:.0f} %", rate)
    assert rate.share <= most + 2 * rate.error


def require_at_least(proof: Proof, figure: str, rate: Rate, least: float) -> None:
    proof(figure, f">= {100 * least:.0f} %", rate)
    assert rate.share >= least - 2 * rate.error


def name_of(design: Design) -> str:
    followed = "followed up" if design.followed_up else "running"
    return f"{design.ads} ads of {design.sizes[0]}-{design.sizes[1]}, base {100 * design.base:.0f} %, {followed}"


@pytest.mark.parametrize("size", [60, 200, 1000])
def test_incidence_is_unbiased_and_its_interval_covers(size: int, proof: Proof) -> None:
    bias, error, covered = measure_incidence(size, CAMPAIGNS)
    proof(f"bias of F(120), n = {size}", "<= 0.5 pp", f"{100 * bias:+.2f} ± {100 * error:.2f} pp")
    proof(f"95 % interval of F(120), n = {size}", "93-97 %", covered)
    assert size < 200 or abs(bias) <= 0.005 + 2 * error
    assert 0.93 - 2 * covered.error <= covered.share <= 0.97 + 2 * covered.error


@pytest.mark.parametrize(
    "design",
    [
        Design(ads=ads, sizes=sizes, base=base, followed_up=followed_up)
        for ads, sizes, base, followed_up in itertools.product(
            (2, 3, 8, 20), (SMALL, LARGE), (0.08, 0.2, 0.4), (False, True)
        )
    ],
    ids=name_of,
)
def test_a_campaign_in_which_nothing_works_names_no_mover(design: Design, proof: Proof) -> None:
    rate = rate_of_any_false_mover(design, CAMPAIGNS)
    require_at_most(proof, f"any false mover: {name_of(design)}", rate, 0.05)


@pytest.mark.parametrize("sizes", [SMALL, LARGE])
@pytest.mark.parametrize("kind", ["specialty", "job"])
def test_what_sends_people_to_an_ad_does_not_make_it_a_mover(kind: str, sizes: tuple[int, int], proof: Proof) -> None:
    design = Design(sizes=sizes, confounded=kind == "specialty", jobs=16 if kind == "job" else 0)
    rate = rate_of_any_false_mover(design, CAMPAIGNS)
    require_at_most(proof, f"any false mover, confounded by {kind}: {name_of(design)}", rate, 0.06)


@pytest.mark.parametrize("followed_up", [False, True])
@pytest.mark.parametrize("sizes", [SMALL, LARGE])
@pytest.mark.parametrize("season", [0.2, 0.4])
def test_an_ad_that_ran_in_good_months_is_not_taken_for_a_mover(
    season: float, sizes: tuple[int, int], followed_up: bool, proof: Proof
) -> None:
    design = Design(sizes=sizes, season=season, flight=60, followed_up=followed_up)
    rate = rate_of_any_false_mover(design, CAMPAIGNS)
    figure = f"any false mover, months apart by {season} on the logit, ads run for two of six: {name_of(design)}"
    require_at_most(proof, figure, rate, 0.06)


@pytest.mark.parametrize("followed_up", [False, True])
def test_beside_a_season_one_ad_that_doubles_the_rate_is_still_found(followed_up: bool, proof: Proof) -> None:
    design = Design(mover=0.4, season=0.2, flight=60, followed_up=followed_up)
    rate = rate_of_last(design, Verdict.MOVED, CAMPAIGNS // 2)
    proof(f"  and power, one 20 -> 40 % mover, months apart by 0.2: {name_of(design)}", "said, not set", rate)


@pytest.mark.parametrize("sizes", [SMALL, LARGE])
def test_where_hardly_anybody_has_had_the_time_no_mover_is_named(sizes: tuple[int, int], proof: Proof) -> None:
    rate = rate_of_any_false_mover(Design(sizes=sizes, days=90), CAMPAIGNS)
    require_at_most(proof, f"any false mover, cut after 90 days: {name_of(Design(sizes=sizes))}", rate, 0.05)


@pytest.mark.parametrize("followed_up", [False, True])
@pytest.mark.parametrize("ads", [8, 20])
def test_an_innocent_ad_that_travels_with_a_mover_is_not_praised_for_it(
    ads: int, followed_up: bool, proof: Proof
) -> None:
    """Half of its applicants met the mover too."""
    design = Design(ads=ads, mover=0.4, travelling=0.5, followed_up=followed_up)
    rate = rate_of_first(design, Verdict.MOVED, CAMPAIGNS // 2)
    figure = f"ad named of whose applicants half met a mover too: {name_of(design)}"
    require_at_most(proof, figure, rate, 0.06)


@pytest.mark.parametrize("weekly", [0.05, 0.15])
@pytest.mark.parametrize("sizes", [SMALL, LARGE])
def test_a_touch_met_while_waiting_is_not_credited_with_patience(
    sizes: tuple[int, int], weekly: float, proof: Proof
) -> None:
    rate = rate_of_later_mover(sizes, weekly, CAMPAIGNS)
    figure = f"null touch after entry, {100 * weekly:.0f} % a week: 8 ads of {sizes[0]}-{sizes[1]}, running"
    require_at_most(proof, figure, rate, 0.06)


@pytest.mark.parametrize("weekly", [0.05, 0.15, 0.4])
@pytest.mark.parametrize("ads", [1, 3, 8])
def test_below_thirty_advances_such_a_touch_is_not_credited_either(ads: int, weekly: float, proof: Proof) -> None:
    rate = rate_of_later_mover_by_counts(weekly, ads, CAMPAIGNS)
    touches = "a null touch" if ads == 1 else f"some of {ads} null touches"
    require_at_most(proof, f"{touches} after entry, under 30 advances: {100 * weekly:.0f} % a week", rate, 0.05)


@pytest.mark.parametrize("weekly", [0.05, 0.15])
def test_below_thirty_advances_a_touch_that_moves_people_is_sometimes_seen(weekly: float, proof: Proof) -> None:
    found = power_of_later_touch(3.0, weekly, CAMPAIGNS // 4)
    figure = f"a touch after entry that triples the weekly chance, under 30 advances: {100 * weekly:.0f} % a week"
    proof(figure, "said, not set", found)


@pytest.mark.parametrize("followed_up", [False, True])
@pytest.mark.parametrize("sizes", [SMALL, LARGE])
def test_beside_strong_movers_innocent_ads_are_seldom_named(
    sizes: tuple[int, int], followed_up: bool, proof: Proof
) -> None:
    design = Design(ads=24, sizes=sizes, mover=0.5, movers=3, harmful=4, followed_up=followed_up)
    each, found = rates_beside_movers(design, CAMPAIGNS // 4)
    figure = f"{name_of(design)}, three 20 -> 50 %, four halve it"
    require_at_most(proof, f"{figure}: innocent ads named", each, 0.02)
    proof(f"  and movers found: {name_of(design)}", "said, not set", found)


POWER = [
    (Design(sizes=SMALL, mover=0.4), 0.17),
    (Design(sizes=LARGE, mover=0.4), 0.77),
    (Design(sizes=SMALL, mover=0.4, followed_up=True), 0.37),
    (Design(sizes=LARGE, mover=0.4, followed_up=True), 0.88),
]


@pytest.mark.parametrize(("design", "least"), POWER, ids=[name_of(design) for design, _ in POWER])
def test_one_ad_that_doubles_the_rate_is_found(design: Design, least: float, proof: Proof) -> None:
    rate = rate_of_last(design, Verdict.MOVED, CAMPAIGNS)
    require_at_least(proof, f"power, one 20 -> 40 % mover: {name_of(design)}", rate, least)
    proof(
        f"  interval of that ad covers (errs toward zero): {name_of(design)}",
        "said, not set",
        coverage_of_lift(design, min(500, CAMPAIGNS)),
    )
    named = rate_of_any_false_mover(design, min(500, CAMPAIGNS))
    proof(f"  and some other ad is named: {name_of(design)}", "said, not set", named)


@pytest.mark.parametrize("sizes", [SMALL, LARGE])
def test_kin_that_all_move_people_are_found_more_often_than_by_themselves(sizes: tuple[int, int], proof: Proof) -> None:
    akin, apart = (Design(ads=12, sizes=sizes, mover=0.4, movers=3, of_a_kind=size) for size in (3, 1))
    (innocent, found), (_each, alone) = (rates_beside_movers(design, CAMPAIGNS // 10) for design in (akin, apart))
    proof(f"{name_of(akin)}, three of one kind 20 -> 40 %: movers found", "+ 5 pp where small", found)
    proof(f"  the same, not known to be of one kind: {name_of(akin)}", "said, not set", alone)
    proof(f"  and innocent ads named: {name_of(akin)}", "<= 2 %", innocent)
    nobody = rate_of_any_false_mover(Design(ads=12, sizes=sizes, of_a_kind=3), CAMPAIGNS // 10)
    lone = rate_of_last(Design(ads=12, sizes=sizes, mover=0.4, of_a_kind=3), Verdict.MOVED, CAMPAIGNS // 10)
    proof(f"  any false mover, nothing works: {name_of(akin)}", "<= 5 %", nobody)
    proof(f"  power, one alone of its kind moves: {name_of(akin)}", "said, not set", lone)
    assert innocent.share <= 0.02 + 2 * innocent.error
    assert nobody.share <= 0.05 + 2 * nobody.error
    assert found.share >= alone.share + 0.05 * (sizes == SMALL) - 2 * alone.error


OFF_PRIOR = [
    pytest.param(truth, sizes, followed_up, least, 1.0)
    for truth, least in (("logit-normal .5", 0.87), ("null", 0.88))
    for sizes, followed_up in itertools.product((SMALL, LARGE), (False, True))
]
ON_PRIOR = [
    pytest.param("on the prior", sizes, followed_up, 0.88, 0.92)
    for sizes, followed_up in itertools.product((SMALL, LARGE), (False, True))
]


@pytest.mark.parametrize(("truth", "sizes", "followed_up", "least", "most"), [*OFF_PRIOR, *ON_PRIOR])
def test_the_interval_of_a_lift_covers(
    truth: str, sizes: tuple[int, int], followed_up: bool, least: float, most: float, proof: Proof
) -> None:
    design = Design(
        sizes=sizes,
        followed_up=followed_up,
        on_prior=truth == "on the prior",
        spread=0.5 if truth == "logit-normal .5" else 0.0,
    )
    rate = coverage_of_lift(design, CAMPAIGNS // 2)
    figure = f"90 % interval of a lift, {truth}: {name_of(design)}"
    proof(figure, f"{100 * least:.0f}-{100 * most:.0f} %", rate)
    assert least - 2 * rate.error <= rate.share <= most + 2 * rate.error


@pytest.mark.parametrize("followed_up", [False, True])
@pytest.mark.parametrize("sizes", [SMALL, LARGE])
def test_a_verdict_seldom_has_the_wrong_sign(sizes: tuple[int, int], followed_up: bool, proof: Proof) -> None:
    design = Design(sizes=sizes, spread=0.5, followed_up=followed_up)
    of_ads, of_verdicts = rates_of_wrong_sign(design, CAMPAIGNS)
    require_at_most(proof, f"wrong sign, of ads judged: {name_of(design)}", of_ads, 0.02)
    beyond = f"  of verdicts whose true lift is beyond 10 %: {name_of(design)}"
    require_at_most(proof, beyond, of_verdicts, 0.03)


@pytest.mark.parametrize("followed_up", [False, True])
@pytest.mark.parametrize("sizes", [SMALL, LARGE])
@pytest.mark.parametrize(("mover", "most"), [(0.25, 0.05), (0.3, 0.02)])
def test_an_ad_that_works_is_seldom_said_not_to(
    mover: float, most: float, sizes: tuple[int, int], followed_up: bool, proof: Proof
) -> None:
    design = Design(sizes=sizes, mover=mover, followed_up=followed_up)
    rate = rate_of_last(design, Verdict.DID_NOT_MOVE, CAMPAIGNS)
    require_at_most(proof, f"did_not_move although x {mover / 0.2:.2f}: {name_of(design)}", rate, most)


@pytest.mark.parametrize("followed_up", [False, True])
@pytest.mark.parametrize("ads", [3, 12, 20, 40, 100])
def test_however_many_ads_one_that_works_is_seldom_said_not_to(ads: int, followed_up: bool, proof: Proof) -> None:
    design = Design(ads=ads, mover=0.25, followed_up=followed_up)
    rate = rate_of_last(design, Verdict.DID_NOT_MOVE, CAMPAIGNS if ads < 40 else CAMPAIGNS // 4)
    require_at_most(proof, f"did_not_move although x 1.25: {name_of(design)}", rate, 0.05)


@pytest.mark.parametrize("followed_up", [False, True])
def test_an_ad_without_effect_is_often_said_not_to_move(followed_up: bool, proof: Proof) -> None:
    design = Design(followed_up=followed_up)
    rate = rate_of_ads(design, Verdict.DID_NOT_MOVE, CAMPAIGNS // 2)
    require_at_least(proof, f"did_not_move of null ads: {name_of(design)}", rate, 0.25)


def test_the_stated_need_is_near_the_simulated_one(proof: Proof) -> None:
    within: dict[float, list[bool]] = {1.5: [], 2.0: []}
    for ads, base, ratio, others in itertools.product((3, 8, 20), (0.1, 0.2, 0.35), (1.5, 2.0), (32, 165)):
        rest = others * (ads - 1)
        stated = applicants_required(base, rest, ads, ratio)
        need = simulated_need(base, rest, ads, ratio, trials=CAMPAIGNS)
        if stated is not None and need is not None:
            for factor, hits in within.items():
                hits.append(1 / factor <= stated / need <= factor)
    require_at_least(proof, "N more within x 1.5 of the simulated need", Rate.of(within[1.5]), 0.8)
    require_at_least(proof, "N more within x 2 of the simulated need", Rate.of(within[2.0]), 0.9)


@pytest.mark.parametrize("size", [60, 200, 1000])
def test_the_number_expected_of_a_campaign_comes_true(size: int, proof: Proof) -> None:
    rate = coverage_of_expected(size, CAMPAIGNS)
    proof(f"expected reached, campaign of {size}", "88-93 %", rate)
    assert 0.88 - 2 * rate.error <= rate.share <= 0.93 + 2 * rate.error


@pytest.mark.parametrize("sizes", [SMALL, LARGE])
def test_the_number_expected_of_an_ad_comes_true(sizes: tuple[int, int], proof: Proof) -> None:
    design = Design(sizes=sizes, spread=0.5)
    rate = coverage_of_expected_by_ad(design, CAMPAIGNS // 4)
    require_at_least(proof, f"expected reached, per ad: {name_of(design)}", rate, 0.88)
