"""The demo city's truth can be found: verdicts over seeds that nobody chose."""

import datetime as dt

import pytest

from app.demo.truth import Kind
from app.measurement.reasons import Verdict
from tests.demo.judging import judge_seeds
from tests.demo.verdicts import rate
from tests.support.proofs import Proof

TODAY = dt.date(2026, 11, 22)
SEEDS = range(20)


@pytest.mark.prove
@pytest.mark.parametrize("pictures", [1, 62], ids=["pulled once", "pulled weekly"])
def test_over_20_seeds_the_movers_are_found_and_ads_that_do_nothing_seldom_are(pictures: int, proof: Proof) -> None:
    verdicts = judge_seeds(SEEDS, TODAY, pictures=pictures)
    movers, nulls, harmful = verdicts[Kind.MOVER], verdicts[Kind.NULL], verdicts[Kind.HARMFUL]
    how = f"20 cities, {pictures} picture(s) of the ATS"
    proof(f"strong movers found, {how}", ">= 80 %", rate(movers[Verdict.MOVED], movers.total()))
    proof(f"false movers among ads that do nothing, {how}", "<= 5 %", rate(nulls[Verdict.MOVED], nulls.total()))
    proof(f"harmful ads called movers, {how}", "0", rate(harmful[Verdict.MOVED], harmful.total()))
    assert movers[Verdict.MOVED] >= 0.8 * movers.total()
    assert nulls[Verdict.MOVED] <= 0.05 * nulls.total()
    assert harmful[Verdict.MOVED] == 0
