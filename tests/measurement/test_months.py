"""Months of applying and other ads met are told apart, so that an ad which ran in a good month, or was met beside a
strong one, is not taken for one that moves people."""

from collections.abc import Callable

import numpy as np
import pytest

from app.measurement import Cause, Journeys, Progress, Verdict, compare_ads, compared
from app.measurement.counts import MONTH_DEVIATION, expose, expose_people
from app.measurement.progress import measure_by_counts, measure_by_fates
from tests.measurement.build import codes_of, journeys_of
from tests.measurement.campaigns import Design
from tests.measurement.figures import rate_of_any_false_mover, rate_of_first


def month_of(advanced: int, all_: int) -> list[tuple[int, int, Cause, int]]:
    return [(advanced, 40, Cause.ADVANCED, 200), (all_ - advanced, 20, Cause.OUT, 200)]


@pytest.fixture
def record() -> Journeys:
    """Ads 0 and 1 ran in both of two months, and had 20 of 100 in the first and 40 of 100 in the second; so had ad 2,
    which ran in the second alone."""
    return journeys_of(*[*month_of(20, 100), *month_of(40, 100)] * 2, *month_of(40, 100))


STRATUM = np.zeros(500, dtype=np.int32)
AD, MONTH = codes_of((200, 0), (200, 1), (100, 2)), codes_of((100, 0), (100, 1), (100, 0), (200, 1))


@pytest.mark.parametrize("by", [measure_by_fates, measure_by_counts])
def test_an_ad_of_a_good_month_is_held_against_others_of_that_month(
    by: Callable[..., tuple[Progress, ...]], record: Journeys
) -> None:
    plain, told = (
        by(compared(record, AD, STRATUM, 3, month=month), level=0.9, horizon_days=120)[2].lift
        for month in (None, MONTH)
    )
    assert plain is not None
    assert told is not None
    assert plain.estimate > 0.1
    assert abs(told.estimate) < plain.estimate / 2
    assert told.probability_better < plain.probability_better - 0.05


def test_a_month_is_drawn_to_the_others_and_a_strong_ad_in_it_is_not_taken_for_it(record: Journeys) -> None:
    """In the good month 120 of 300 came and in the other 40 of 200, so by all 96 and 64 were due: 1.25 and 0.63 times,
    less what is drawn to one. Where one ad alone makes a month good, and those beside it had as few as ever, the month
    has less of it."""
    season = expose(record, AD, STRATUM, 3, MONTH).factor
    assert sorted({round(one, 6) for one in season.tolist()}) == pytest.approx([season[0], season[100]])
    assert 0.6 < season[0] < 0.95
    assert 1.05 < season[100] < 1.3
    alone = journeys_of(*[*month_of(20, 100), *month_of(20, 100)] * 2, *month_of(60, 100))
    mixed = expose(alone, AD, STRATUM, 3, MONTH).factor
    assert 1 < mixed[100] < 1 + (season[100] - 1)
    assert MONTH_DEVIATION == 0.3


def test_where_months_are_not_to_be_told_apart_nothing_is_changed_by_them(record: Journeys) -> None:
    assert np.all(expose(record, AD, STRATUM, 3).factor == 1)
    assert np.all(expose(record, AD, STRATUM, 3, np.full(500, 7)).factor == 1)
    nobody = np.full(500, -1, dtype=np.int32)
    assert len(expose(record, nobody, STRATUM, 3, MONTH).factor) == 0
    people = compared(record, AD, STRATUM, 3, month=np.full(500, 7))
    plain = compare_ads(record, AD, STRATUM, 3)
    assert measure_by_fates(people, level=0.9, horizon_days=120) == plain


def test_by_counts_too_an_ad_is_not_praised_for_the_strong_one_that_its_people_met_beside_it() -> None:
    """Ad 0 brings 60 of 100; ads 2 to 4 have 30 of 100 each; half of the hundred of ad 1 met ad 0 as well, and 30 of
    these come, of the other half 15."""
    journeys = journeys_of(*month_of(60, 100), *month_of(30, 100) * 3, *month_of(30, 50), *month_of(15, 50))
    ad = codes_of((100, 0), (100, 2), (100, 3), (100, 4), (100, 1))
    stratum, met = np.zeros(500, dtype=np.int32), (np.arange(400, 450), np.zeros(50, dtype=np.int64))
    alone, besides = (
        measure_by_counts(compared(journeys, ad, stratum, 5, meetings=meetings), level=0.9, horizon_days=120)
        for meetings in (None, met)
    )
    assert alone[1].lift is not None
    assert besides[1].lift is not None
    assert besides[0].lift is not None
    assert alone[1].lift.estimate > 0.15
    assert abs(besides[1].lift.estimate) < 0.08
    assert besides[0].lift.estimate > 0.5
    assert besides[1].expected > alone[1].expected + 8


def test_two_ads_that_everybody_met_together_settle() -> None:
    """600 of 1,000 and 200 of 1,000, so 400 were due of either: the two have the half of 1.5 each, by its logarithm."""
    journeys, stratum = journeys_of(*month_of(600, 1000), *month_of(200, 1000)), np.zeros(2000, dtype=np.int32)
    together = np.arange(1000), np.ones(1000, dtype=np.int64)
    people = compared(journeys, codes_of((1000, 0), (1000, 2)), stratum, 3, meetings=together)
    factor = expose_people(people).factor
    assert factor[0] == pytest.approx(np.sqrt(1.5), abs=0.02)
    assert factor[1000] == 1


@pytest.mark.parametrize("ads", [8, 20])
def test_an_innocent_ad_that_travels_with_a_mover_is_seldom_taken_for_one(ads: int) -> None:
    """By owners alone six of ten of twenty."""
    rate = rate_of_first(Design(ads=ads, mover=0.4, travelling=0.5, followed_up=True), Verdict.MOVED, 40, seed=3)
    assert rate.share <= 0.06 + 2 * rate.error


@pytest.mark.parametrize("ads", [8, 20])
def test_ads_that_ran_in_different_months_of_a_drifting_season_are_seldom_taken_for_movers(ads: int) -> None:
    """Without telling months apart 23 and 36 % of such campaigns name one."""
    design = Design(ads=ads, season=0.4, flight=60, followed_up=True)
    rate = rate_of_any_false_mover(design, 60 if ads == 8 else 30, seed=3)
    assert rate.share <= 0.09 + 2 * rate.error
