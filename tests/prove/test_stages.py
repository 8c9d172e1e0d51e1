"""What putting shares by stage in order promises, over thousands of simulated campaigns."""

import os
from collections.abc import Sequence

import pytest

from tests.measurement.figures import Rate
from tests.measurement.stage_figures import measure_stages
from tests.support.proofs import Proof

pytestmark = pytest.mark.prove

CAMPAIGNS = int(os.environ.get("KUTSU_PROVE_CAMPAIGNS", "2000"))


@pytest.mark.parametrize("size", [20, 40, 100])
def test_shares_by_stage_in_order_err_no_more_than_separate_ones_and_are_held_as_often(size: int, proof: Proof) -> None:
    told = measure_stages(size, CAMPAIGNS)
    separate, ordered = told.separate, told.ordered
    proof(f"campaigns whose separate shares by stage rise, n = {size}", "said, not set", told.rising)
    before, after = (one.error**0.5 for one in (separate, ordered))
    proof(f"root mean square error of shares by stage, separate, n = {size}", "said, not set", f"{100 * before:.2f} pp")
    proof(f"the same in order, n = {size}", "<= that of separate ones", f"{100 * after:.2f} pp")
    proof(f"90 % intervals of separate shares by stage, n = {size}", "said, not set", _all_of(separate.covered))
    proof(f"90 % intervals of shares in order, n = {size}", ">= 90 %, as separate", _all_of(ordered.covered))
    assert after <= before
    assert _all_of(ordered.covered).share >= 0.9 - 2 * _all_of(ordered.covered).error
    for own, other in zip(ordered.covered, separate.covered, strict=True):
        assert own.share >= min(0.9, other.share) - 2 * own.error


def _all_of(stages: Sequence[Rate]) -> Rate:
    return Rate(sum(one.hits for one in stages), sum(one.trials for one in stages))
