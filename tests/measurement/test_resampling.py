"""Credit with intervals from people drawn anew."""

import numpy as np
import pytest

from app.measurement import Rule, removal_effects, share_credit
from app.measurement.resampling import bootstrap_credit
from tests.measurement.test_credit import paths_of

STORY = paths_of(
    ([0, 1], "converted", 20), ([2], "converted", 10), ([1], "null", 40), ([0], "unresolved", 5), ([], "converted", 3)
)
EACH = np.arange(78)


@pytest.mark.parametrize("rule", list(Rule))
def test_the_interval_is_about_as_wide_as_people_make_it(rule: Rule) -> None:
    """Row 2 has ten of 78 people under every rule: √(10 · 68 / 78) people is one standard deviation."""
    low, high = bootstrap_credit(STORY, rule, EACH, resamples=2000)
    value = share_credit(STORY, rule).value
    assert np.all(low <= value)
    assert np.all(value <= high)
    assert (high[2] - low[2]) / 2 == pytest.approx(1.645 * (10 * 68 / 78) ** 0.5, rel=0.12)


def test_a_person_is_drawn_with_all_that_is_theirs() -> None:
    """Ten conversions of one person come or go together, so the interval is far wider than that of ten people's."""
    apart = bootstrap_credit(STORY, Rule.LAST, EACH)
    together = bootstrap_credit(STORY, Rule.LAST, np.where((EACH >= 20) & (EACH < 30), 20, EACH))
    assert together[1][2] - together[0][2] > 2 * (apart[1][2] - apart[0][2])
    whole = removal_effects(STORY, person=np.where((EACH >= 20) & (EACH < 30), 20, EACH))
    each = removal_effects(STORY)
    assert whole.high[2] - whole.low[2] > 2 * (each.high[2] - each.low[2])
    assert whole.credit.tolist() == each.credit.tolist()


def test_the_same_seed_draws_the_same_people() -> None:
    once, again = (bootstrap_credit(STORY, Rule.LINEAR, EACH, seed=3, resamples=20) for _ in range(2))
    assert [end.tolist() for end in once] == [end.tolist() for end in again]
    other = bootstrap_credit(STORY, Rule.LINEAR, EACH, seed=4, resamples=20)
    assert [end.tolist() for end in once] != [end.tolist() for end in other]


def test_nobody_gives_nothing() -> None:
    low, high = bootstrap_credit(paths_of(), Rule.LAST, np.zeros(0, dtype=np.int64))
    assert [low.tolist(), high.tolist()] == [[0, 0, 0], [0, 0, 0]]
