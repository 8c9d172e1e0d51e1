"""The table of `make bench` says plainly what is met."""

import pytest

from tests.bench.__main__ import table
from tests.bench.ratio import Ratio, fastest


def test_the_table_shows_each_ratio_beside_its_target() -> None:
    ratios = [Ratio("slow / bare", 20.5, at_most=20), Ratio("share of bare", 0.15, at_least=0.15)]
    assert table(ratios).splitlines() == [
        "what           ratio   target",
        "slow / bare    20.50    <= 20  NOT MET",
        "share of bare   0.15  >= 0.15  met",
    ]


def test_a_ratio_without_a_target_is_refused() -> None:
    with pytest.raises(ValueError, match="either at_most or at_least"):
        Ratio("aimless", 1.0)


def test_the_fastest_run_counts() -> None:
    runs: list[int] = []
    assert 0 <= fastest(lambda: runs.append(1), times=3) < 1
    assert len(runs) == 3
