"""The comparison of ads: what it counts, what must not change it, and its posterior against a plain sum."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.measurement import Cause, Progress, compare_ads
from app.measurement.counts import contest_of
from app.measurement.lift import Base, lift_of
from app.measurement.mixture import (
    SPREADS,
    STEPS,
    Contest,
    choose_step,
    probability_better,
    weigh_effects,
    weigh_rates,
)
from tests.measurement.build import codes_of, journeys_of
from tests.measurement.campaigns import Campaign, Design, draw_campaign


def campaign_of(seed: int, **changes: object) -> Campaign:
    return draw_campaign(replace(Design(ads=5, sizes=(5, 60)), **changes), np.random.default_rng(seed))  # type: ignore[arg-type]


def compare_campaign(campaign: Campaign) -> tuple[Progress, ...]:
    return compare_ads(campaign.journeys, campaign.ad, campaign.specialty, campaign.ads)


def numbers_of(progress: Progress) -> list[float]:
    lift = progress.lift
    assert lift is not None
    rest = [lift.estimate, lift.low, lift.high, lift.probability_better, lift.probability_small]
    return [progress.applicants, progress.observed, progress.expected, *rest]


def plain_probability_better(contest: Contest) -> list[float]:
    """P(b > 0) by a plain sum over spread, centre and a fine grid of effects."""
    effect = np.arange(-4, 4.005, 0.01)
    centre = np.arange(-2, 1.005, 0.05)
    edges = 3 * np.concatenate([[0.0], (SPREADS[1:] + SPREADS[:-1]) / 2])
    prior = np.diff(np.append(1 - np.exp(-edges) * (1 + edges), 1.0))
    above, below = np.zeros(len(contest.own)), 0.0
    others = len(contest.own) - 1
    variances = np.log(1 + (np.exp(SPREADS**2) - 1) / others)
    means, variances = (variances - SPREADS**2) / 2, variances + 0.25
    for place, (spread, mass) in enumerate(zip(SPREADS, prior, strict=True)):
        density = np.exp(-0.5 * (effect / spread) ** 2)
        density /= density.sum()
        prior_of_centre = np.exp(-0.5 * (centre - means[place]) ** 2 / variances[place])
        for middle, chance in zip(centre, prior_of_centre / prior_of_centre.sum(), strict=True):
            odds = contest.share / (1 - contest.share) * np.exp(effect[:, None] + middle)
            log = contest.own * np.log(odds) - (contest.own + contest.others) * np.log1p(odds)
            part = density[:, None] * np.exp(log - log.max())
            weight = mass * chance * np.prod(part.sum(axis=0))
            sign = np.where(np.abs(effect) < 1e-9, 0.5, effect > 0)
            above += weight * (sign[:, None] * part).sum(axis=0) / part.sum(axis=0)
            below += weight
    return [float(value) for value in above / below]


@pytest.mark.parametrize(
    "contest",
    [
        Contest(np.array([6.0, 2.0, 1.0]), np.array([10.0, 14.0, 15.0]), np.array([0.3, 0.3, 0.4])),
        Contest(np.array([60.0, 41.0]), np.array([41.0, 60.0]), np.array([0.5, 0.5])),
        Contest(np.array([3.0, 0.0]), np.array([0.0, 3.0]), np.array([0.5, 0.5])),
    ],
)
def test_the_grid_gives_the_probability_that_a_plain_sum_gives(contest: Contest) -> None:
    plain = plain_probability_better(contest)
    assert probability_better(contest) == pytest.approx(plain, abs=0.006)
    assert 1 - weigh_effects(contest).below(np.zeros(len(plain))) == pytest.approx(plain, abs=0.006)


def test_a_whole_rate_is_less_sure_of_its_sign_than_its_data_and_surer_than_the_effect_alone() -> None:
    contest = Contest(np.array([20.0, 12.0]), np.array([12.0, 20.0]), np.array([0.5, 0.5]))
    better = 1 - weigh_effects(contest).below(np.zeros(2))
    higher = 1 - weigh_rates(contest).below(np.zeros(2))
    assert better[0] < higher[0] < 1


def test_the_grid_gets_finer_as_counts_grow() -> None:
    def step_at(count: float) -> float:
        return choose_step(Contest(np.array([count]), np.array([count]), np.array([0.5])))

    assert [step_at(count) for count in (2.0, 50.0, 400.0, 1e5)] == list(STEPS)


def test_one_stratum_makes_a_contest_of_the_plain_counts() -> None:
    contest = contest_of(np.array([[4.0], [4.0]]), np.array([[2.5], [5.5]]))
    assert contest.own.tolist() == pytest.approx([4, 4])
    assert contest.others.tolist() == pytest.approx([4, 4])
    assert contest.share.tolist() == pytest.approx([2.5 / 8, 5.5 / 8])


def test_strata_are_pooled_as_mantel_and_haenszel_do() -> None:
    """Two strata, ad 0 with 8 of 20 due and 12 observed, 3 of 12 due and 5 observed: by hand

    numerator 12 · 12/20 + 5 · 9/12 = 10.95, denominator 8 · 8/20 + 7 · 3/12 = 4.95.
    """
    observed = np.array([[12.0, 5.0], [8.0, 7.0]])
    due = np.array([[8.0, 3.0], [12.0, 9.0]])
    contest = contest_of(observed, due)
    odds = contest.share[0] / (1 - contest.share[0])
    assert contest.own[0] / contest.others[0] / odds == pytest.approx(10.95 / 4.95)


def test_expected_is_what_the_others_rate_would_have_brought() -> None:
    """4 of 10 against 4 of 20 advance in the first week: at the others' rate the ten would have brought 2."""
    journeys = journeys_of(
        (4, 3, Cause.ADVANCED, 200),
        (6, 30, Cause.OUT, 200),
        (4, 3, Cause.ADVANCED, 200),
        (16, 30, Cause.OUT, 200),
    )
    stratum = np.zeros(30, dtype=np.int32)
    first, second = compare_ads(journeys, codes_of((10, 0), (20, 1)), stratum, 2)
    assert (first.applicants, first.observed, second.applicants, second.observed) == (10, 4, 20, 4)
    assert [first.expected, second.expected] == pytest.approx([2.0, 8.0])
    assert first.lift is not None
    assert second.lift is not None
    assert first.lift.estimate > 0 > second.lift.estimate


def test_an_ad_alone_in_its_stratum_is_compared_with_nobody() -> None:
    """Set against itself it would look exactly average, the surer the larger it is."""
    journeys = journeys_of((80, 3, Cause.ADVANCED, 200), (120, 30, Cause.OUT, 200)).select(np.arange(200))
    ad = np.tile(np.array([0, 1], dtype=np.int32), 100)
    alone = compare_ads(journeys, ad, ad, 2)
    assert [(one.in_company, one.lift) for one in alone] == [(False, None)] * 2


def test_a_lift_carries_the_effect_to_the_share_at_the_horizon() -> None:
    """Half reach it at hazard ln 2; at twice the hazard three quarters do, half as many again."""
    lift = lift_of(np.array([np.log(2.0)]), Base(np.array([0]), np.array([10]), np.array([np.log(2.0)]), 1))
    assert lift[0] == pytest.approx(0.5)


def test_a_lift_is_not_defined_where_no_comparable_applicant_advanced() -> None:
    journeys = journeys_of((20, 30, Cause.OUT, 200))
    progress = compare_ads(journeys, codes_of((10, 0), (10, 1)), np.zeros(20, dtype=np.int32), 2)
    assert [(one.in_company, one.lift) for one in progress] == [(True, None), (True, None)]


def test_one_advance_among_few_is_no_proof() -> None:
    """All the other ads' applicants have failed so far; one success must not decide the matter."""
    journeys = journeys_of((1, 3, Cause.ADVANCED, 200), (5, 30, Cause.OUT, 200), (18, 30, Cause.OUT, 200))
    first = compare_ads(journeys, codes_of((6, 0), (18, 1)), np.zeros(24, dtype=np.int32), 2)[0]
    assert first.lift is not None
    assert 0.5 < first.lift.probability_better < 0.85


@given(st.integers(0, 50), st.permutations(range(5)))
def test_renaming_the_ads_permutes_the_results(seed: int, names: list[int]) -> None:
    campaign = campaign_of(seed)
    renamed = np.where(campaign.ad >= 0, np.array(names)[campaign.ad], -1).astype(np.int32)
    before, after = compare_campaign(campaign), compare_campaign(replace(campaign, ad=renamed))
    for old, new in enumerate(names):
        assert numbers_of(after[new]) == pytest.approx(numbers_of(before[old]), abs=1e-9)


@given(st.integers(0, 50))
def test_the_order_of_applications_does_not_matter(seed: int) -> None:
    campaign = campaign_of(seed)
    order = np.random.default_rng(seed).permutation(len(campaign.ad))
    shuffled = compare_ads(campaign.journeys.select(order), campaign.ad[order], campaign.specialty[order], 5)
    for before, after in zip(compare_campaign(campaign), shuffled, strict=True):
        assert numbers_of(after) == pytest.approx(numbers_of(before), abs=1e-9)


@given(st.integers(0, 50))
def test_an_ad_that_was_never_met_changes_nothing(seed: int) -> None:
    campaign = campaign_of(seed)
    more = compare_campaign(replace(campaign, ads=campaign.ads + 2))
    for before, after in zip(compare_campaign(campaign), more, strict=False):
        assert numbers_of(after) == pytest.approx(numbers_of(before), abs=1e-9)
    assert [(ad.applicants, ad.lift) for ad in more[5:]] == [(0, None), (0, None)]


def test_untraced_applicants_are_left_out() -> None:
    campaign = campaign_of(1)
    traced = campaign.ad >= 0
    alone = compare_ads(campaign.journeys.select(traced), campaign.ad[traced], campaign.specialty[traced], 5)
    assert alone == compare_campaign(campaign)


def test_seeing_everyone_twice_makes_us_surer() -> None:
    campaign = campaign_of(2, sizes=(60, 60), mover=0.4)
    twice = np.tile(np.arange(len(campaign.ad)), 2)
    doubled = compare_ads(campaign.journeys.select(twice), campaign.ad[twice], campaign.specialty[twice], 5)[-1]
    single = compare_campaign(campaign)[-1]
    assert single.lift is not None
    assert doubled.lift is not None
    assert doubled.lift.probability_better > single.lift.probability_better > 0.5


@pytest.mark.parametrize("count", [0, 12])
def test_nothing_or_all_pending_gives_no_lift(count: int) -> None:
    journeys = journeys_of(*([(count, 20, Cause.PENDING, 20)] if count else []))
    ad = np.arange(count, dtype=np.int32) % 2
    progress = compare_ads(journeys, ad, np.zeros(count, dtype=np.int32), 2)
    assert [(one.applicants, one.lift) for one in progress] == [(count // 2, None)] * 2


@pytest.mark.parametrize(
    ("ad", "specialty", "problem"), [(2, 0, "ad must lie"), (-2, 0, "ad must"), (0, -1, "specialty")]
)
def test_codes_out_of_range_are_refused(ad: int, specialty: int, problem: str) -> None:
    journeys = journeys_of((1, 20, Cause.PENDING, 20))
    with pytest.raises(ValueError, match=problem):
        compare_ads(journeys, np.array([ad], dtype=np.int32), np.array([specialty], dtype=np.int32), 2)
