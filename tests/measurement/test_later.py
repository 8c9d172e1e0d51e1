"""Model C: touches after the entry to the stage before, and the immortal time they must not be credited with."""

import numpy as np
import pytest

from app.measurement import THRESHOLDS, Cause, Compared, compared
from app.measurement.cells import Ints
from app.measurement.journeys import Journeys
from app.measurement.later import (
    arrange_later_touches,
    count_later_touches,
    judge_later_touches,
    measure_later_touches,
)
from tests.measurement.build import journeys_of
from tests.measurement.figures import rate_of_later_mover, rate_of_later_mover_by_counts


def gather(journeys: Journeys, ads: int = 1) -> Compared:
    nothing = np.zeros(len(journeys), dtype=np.int32)
    return compared(journeys, nothing - 1, nothing, ads)


def touches(*each: tuple[int, int, int]) -> tuple[Ints, Ints, Ints]:
    person, ad, day = np.array(each, dtype=np.int64).reshape(-1, 3).T
    return person, ad, day


def test_a_touch_counts_from_the_whole_week_after_it_and_those_who_went_out_leave() -> None:
    """One advances in week 3 and was touched on day 9: weeks 0 and 1 without, 2 and 3 with. One goes out in week 1,
    touched on day 8: both weeks without. One waits through four weeks, touched twice: from week 1 on, once."""
    journeys = journeys_of((1, 25, Cause.ADVANCED, 70), (1, 13, Cause.OUT, 70), (1, 28, Cause.PENDING, 28))
    cells, deviations = arrange_later_touches(gather(journeys), *touches((0, 0, 9), (1, 0, 8), (2, 0, 15), (2, 0, 3)))
    assert len(deviations) == 2
    flagged = (cells.columns == 2).any(axis=1)
    assert cells.quiet[~flagged].sum(axis=0)[:5].tolist() == [3, 2, 0, 0, 0]
    assert cells.quiet[flagged].sum(axis=0)[:5].tolist() == [0, 1, 2, 1, 0]
    assert [flagged[row] for row in cells.event_row] == [True]
    assert cells.event_week.tolist() == [3]


def test_a_touch_after_the_end_of_the_waiting_changes_nothing() -> None:
    journeys = journeys_of((5, 25, Cause.ADVANCED, 70), (5, 28, Cause.PENDING, 28))
    before, _ = arrange_later_touches(gather(journeys), *touches())
    after, _ = arrange_later_touches(gather(journeys), *touches((0, 0, 30), (0, 0, 24), (7, 0, 400)))
    assert np.array_equal(before.quiet, after.quiet)
    assert np.array_equal(before.columns[:, :2], after.columns[:, :2])


def test_a_touch_that_doubles_the_weekly_chance_is_seen_and_its_effect_is_the_ratio_of_the_chances() -> None:
    generator = np.random.default_rng(1)
    wait = np.full(4000, 181)
    start = generator.integers(0, 20, 4000) * 7
    for week in range(26):
        chance = np.where(start // 7 + 1 <= week, 0.08, 0.04)
        hit = (wait == 181) & (generator.random(4000) < chance)
        wait[hit] = week * 7 + 3
    cause = np.where(wait < 181, Cause.ADVANCED, Cause.PENDING).astype(np.int8)
    follow_up = np.full(4000, 182, dtype=np.int32)
    journeys = Journeys(np.where(wait < 181, wait, 182).astype(np.int32), cause, follow_up)
    person = np.arange(4000)
    later = measure_later_touches(gather(journeys), person, np.zeros(4000, dtype=np.int64), start)
    assert later.effects is not None
    assert not later.by_counts
    low, middle, high = later.effects.quantile(np.array([0.05, 0.5, 0.95]))[0]
    assert low < np.log(np.log(0.92) / np.log(0.96)) < high
    assert middle == pytest.approx(0.71, abs=0.12)


def test_a_touch_that_does_nothing_is_seldom_taken_for_a_mover() -> None:
    rate = rate_of_later_mover((30, 300), 0.15, 100, seed=2)
    assert rate.share <= 0.06 + 2 * rate.error


def test_touches_must_be_of_people_and_ads_that_exist() -> None:
    people = gather(journeys_of((2, 20, Cause.PENDING, 20)))
    for touch in ((2, 0, 1), (0, 1, 1), (0, 0, -1)):
        with pytest.raises(ValueError, match="must lie in"):
            arrange_later_touches(people, *touches(touch))


def test_below_thirty_advances_those_of_a_week_are_shared_by_who_had_met_the_ad_by_then() -> None:
    """Week 1: of five at risk two have met it, and one of these two advances. Week 2: of three left one has met it, and
    one advances who has not. Expected of the ad 2/5 and 1/3, so by Mantel and Haenszel its odds are 3/5 against 1/3."""
    journeys = journeys_of(
        (1, 8, Cause.ADVANCED, 70), (1, 15, Cause.ADVANCED, 70), (1, 21, Cause.PENDING, 21),
        (1, 21, Cause.PENDING, 21), (1, 13, Cause.OUT, 70),
    )  # fmt: skip
    met = touches((0, 0, 3), (2, 0, 5), (1, 0, 16), (3, 0, 30))
    contest = count_later_touches(gather(journeys), *met)
    odds = contest.own / contest.others * (1 - contest.share) / contest.share
    assert odds == pytest.approx([(3 / 5) / (1 / 3)])
    later = measure_later_touches(gather(journeys), *met)
    assert (later.by_counts, later.ads.tolist()) == (True, [0])


def test_whoever_was_never_at_risk_beside_others_is_not_compared() -> None:
    journeys = journeys_of((3, 8, Cause.ADVANCED, 70), (4, 21, Cause.PENDING, 21))
    everybody = touches(*((person, 0, 0) for person in range(7)))
    later = measure_later_touches(gather(journeys, ads=2), *everybody)
    assert (later.ads.tolist(), later.effects) == ([], None)


def test_with_few_advances_a_strong_touch_is_seen_and_other_jobs_are_not_compared_with() -> None:
    """Half of forty met it at once; of these nine advance in week 3 and of the others one. Where all who met it are of
    another job than all others, nobody is left to compare with."""
    journeys = journeys_of(
        (9, 24, Cause.ADVANCED, 70), (11, 70, Cause.PENDING, 70),
        (1, 24, Cause.ADVANCED, 70), (19, 70, Cause.PENDING, 70),
    )  # fmt: skip
    met = touches(*((person, 0, 0) for person in range(20)))
    later = measure_later_touches(gather(journeys), *met)
    assert later.effects is not None
    chance = float(1 - later.effects.below(np.zeros(1))[0])
    middle = float(np.exp(later.effects.quantile(np.array([0.5]))[0, 0]))
    assert judge_later_touches(middle, chance, by_counts=True)
    assert 1.5 < middle < 9
    job = np.repeat([0, 1], 20).astype(np.int32)
    apart = compared(journeys, np.full(40, -1, dtype=np.int32), np.zeros(40, dtype=np.int32), 1, job=job)
    assert measure_later_touches(apart, *met).effects is None


@pytest.mark.parametrize("ads", [1, 3])
def test_with_few_advances_too_a_touch_that_does_nothing_is_seldom_taken_for_a_mover(ads: int) -> None:
    rate = rate_of_later_mover_by_counts(0.15, ads, 150, seed=2)
    assert rate.share <= 0.06 + 2 * rate.error


def test_later_touches_need_more_than_ads_met_before() -> None:
    assert THRESHOLDS.better_later > THRESHOLDS.better_of(8)
