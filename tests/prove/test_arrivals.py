"""What "did it bring people?" promises, over many simulated records: figure, target, reached.

`KUTSU_PROVE_CAMPAIGNS` sets the number of records a case, a quarter of it at most 500. `make calibrate` runs this file
too and keeps its table in `docs/calibration.md`.
"""

import os

import pytest

from tests.measurement.arrival_figures import rates_of_arrivals
from tests.measurement.records import RecordDesign
from tests.support.proofs import Proof

pytestmark = pytest.mark.prove

RECORDS = min(500, int(os.environ.get("KUTSU_PROVE_CAMPAIGNS", "2000")) // 4)
WEEKLY = (3.0, 10.0, 30.0)


@pytest.mark.parametrize("weekly", WEEKLY)
def test_where_no_placement_brings_anybody_none_is_said_to(weekly: float, proof: Proof) -> None:
    rates = rates_of_arrivals(RecordDesign(weekly=weekly), RECORDS)
    proof(f"said to bring people, none does: 8 placements, {weekly:.0f} a week", "<= 5 %", rates.any_false)
    proof(f"  90 % interval covers there: {weekly:.0f} a week", "88-100 %", rates.covered)
    proof(f"  placements that get a number: {weekly:.0f} a week", "said, not set", rates.told)
    assert rates.any_false.share <= 0.05 + 2 * rates.any_false.error
    assert rates.covered.share >= 0.88 - 2 * rates.covered.error


@pytest.mark.parametrize("weekly", WEEKLY)
def test_the_interval_covers_where_the_model_holds(weekly: float, proof: Proof) -> None:
    rates = rates_of_arrivals(RecordDesign(weekly=weekly, on_prior=True), RECORDS)
    proof(f"90 % interval of whom each brought, on the prior: {weekly:.0f} a week", "88-92 %", rates.covered)
    assert 0.88 - 2 * rates.covered.error <= rates.covered.share <= 0.92 + 2 * rates.covered.error


@pytest.mark.parametrize("delay", [6.0, 0.0])
@pytest.mark.parametrize("weekly", WEEKLY)
def test_the_interval_covers_where_every_placement_brings_some(weekly: float, delay: float, proof: Proof) -> None:
    rates = rates_of_arrivals(RecordDesign(weekly=weekly, others=0.5, delay=delay), RECORDS)
    figure = f"90 % interval, each brings half as many again: {weekly:.0f} a week, after {delay:.0f} days"
    proof(figure, ">= 87 %", rates.covered)
    assert rates.covered.share >= 0.87 - 2 * rates.covered.error


@pytest.mark.parametrize("weekly", WEEKLY)
def test_one_that_doubles_the_applications_is_found(weekly: float, proof: Proof) -> None:
    rates = rates_of_arrivals(RecordDesign(weekly=weekly, ratio=2.0), RECORDS)
    proof(f"power, one placement doubles the applications: {weekly:.0f} a week", "said, not set", rates.found)
    proof(f"  and some other is said to bring people: {weekly:.0f} a week", "said, not set", rates.any_false)
    proof(f"  and 90 % interval of all covers: {weekly:.0f} a week", "said, not set", rates.covered)
