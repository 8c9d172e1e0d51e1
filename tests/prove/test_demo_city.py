"""The demo city's truth can be found: verdicts over seeds that nobody chose."""

import datetime as dt

import pytest

from app.demo.truth import Kind
from app.measurement.reasons import Verdict
from tests.demo.judging import judge_seeds

TODAY = dt.date(2026, 11, 22)
SEEDS = range(20)


@pytest.mark.prove
@pytest.mark.parametrize("pictures", [1, 62], ids=["pulled once", "pulled weekly"])
def test_over_20_seeds_the_movers_are_found_and_ads_that_do_nothing_seldom_are(pictures: int) -> None:
    verdicts = judge_seeds(SEEDS, TODAY, pictures=pictures)
    for kind, counts in verdicts.items():
        shares = "  ".join(f"{verdict.value} {counts[verdict] / counts.total():.1%}" for verdict in Verdict)
        print(f"{pictures:>3} pictures  {kind.value:8} {counts.total():>4} placements  {shares}")
    movers, nulls = verdicts[Kind.MOVER], verdicts[Kind.NULL]
    assert movers[Verdict.MOVED] >= 0.8 * movers.total()
    assert nulls[Verdict.MOVED] <= 0.05 * nulls.total()
    assert verdicts[Kind.HARMFUL][Verdict.MOVED] == 0
