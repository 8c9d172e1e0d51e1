"""The pooled hazard model: against a plain sum, and what must not change it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import ndtr

from app.measurement import Cause, Progress, compare_ads, compared
from app.measurement.advance import arrange_advances, measure_advances
from app.measurement.cells import BANDS, band_of, count_cells, weeks_in_bands
from app.measurement.hazard import SPREADS, fit_hazard
from app.measurement.lift import Base, effect_of_lift, lift_of
from app.measurement.posterior import Mixture
from tests.measurement.batches import measure_together
from tests.measurement.build import codes_of, journeys_of
from tests.measurement.campaigns import Campaign, Design, draw_campaign


def campaign_of(seed: int, **changes: object) -> Campaign:
    return draw_campaign(replace(Design(ads=5, sizes=(60, 120)), **changes), np.random.default_rng(seed))  # type: ignore[arg-type]


def test_weeks_at_risk_are_counted_by_kind_and_band() -> None:
    """Two alike, at risk in weeks 0 to 4 and 0 to 2, the second until an advance; one of another kind from week 8
    to 10; and one who was not watched for a week."""
    zero = np.zeros(4, dtype=np.int64)
    columns = np.array([[1, 0], [0, 1], [2, 3], [0, 1]])
    cells = count_cells(
        zero, columns, np.array([0, 0, 8, 0]), np.array([5, 3, 11, 0]), np.array([False, True, False, False]),
        width=3,
    )  # fmt: skip
    assert cells.columns.tolist() == [[0, 1], [2, 3]]
    assert cells.spells.tolist() == [2, 1]
    assert cells.quiet.tolist() == [[4, 2, 1, 0, 0, 0, 0], [0, 0, 0, 1, 2, 0, 0]]
    assert (cells.event_row.tolist(), cells.event_band.tolist(), cells.events.tolist()) == ([0], [1], [1.0])


def test_bands_hold_whole_weeks_and_days_fill_them_in_turn() -> None:
    assert band_of(np.array([0, 1, 2, 5, 6, 8, 9, 12, 13, 17, 18, 25])).tolist() == [0, 0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    assert weeks_in_bands(35).tolist() == [2, 2, 1, 0, 0, 0, 0]
    assert weeks_in_bands(400).sum() == 26


def plain_mode(
    campaign: Campaign, spread: float, correlation: "np.typing.NDArray[np.float64]"
) -> "np.typing.NDArray[np.float64]":
    """The mode of bands and effects by a general optimiser on the sum over every person and week."""
    journeys, ad, precision = campaign.journeys, campaign.ad, np.linalg.inv(correlation) / spread**2
    weeks = journeys.risk_weeks()
    advanced = journeys.decided_in_observed_week(Cause.ADVANCED)
    person = np.repeat(np.arange(len(ad)), weeks)
    week = np.concatenate([np.arange(count) for count in weeks])
    event = advanced[person] & (week == weeks[person] - 1)
    band = band_of(week)

    def loss(state: "np.typing.NDArray[np.float64]") -> float:
        hazard = np.exp(state[band] + state[BANDS + 2 + ad[person]] + state[BANDS] + state[BANDS + 1])
        log_chance = np.where(event, np.log(-np.expm1(-hazard)), -hazard)
        bands = state[:BANDS] + 4
        apart = ((bands - bands.mean()) ** 2).sum() / 4 + BANDS * bands.mean() ** 2 / (4 + 100 * BANDS)
        effects = state[BANDS + 2 :]
        covariates = state[BANDS] ** 2 + 4 * state[BANDS + 1] ** 2
        return float(-log_chance.sum() + (apart + covariates + effects @ precision @ effects) / 2)

    found = minimize(loss, np.full(BANDS + 2 + ad.max() + 1, -0.1), method="BFGS", options={"gtol": 1e-7})
    return np.asarray(found.x)


@pytest.mark.parametrize(
    ("ads", "of_a_kind", "correlation"), [(3, 1, np.eye(3)), (6, 2, np.kron(np.eye(3), [[1, 0.3], [0.3, 1]]))]
)
def test_the_mode_is_that_of_the_sum_over_every_person_and_week(
    ads: int, of_a_kind: int, correlation: "np.typing.NDArray[np.float64]"
) -> None:
    campaign = campaign_of(1, ads=ads, sizes=(30, 60), specialties=1, untraced=0.0, of_a_kind=of_a_kind)
    people = campaign.people
    cells, deviations = arrange_advances(people)
    fit = fit_hazard(cells, deviations, kind=people.kind)
    place = 5
    expected = plain_mode(campaign, float(SPREADS[place]), correlation)
    assert fit.level[0, place, :BANDS] == pytest.approx(expected[:BANDS], abs=2e-3)
    assert fit.mean[0, place] == pytest.approx(expected[BANDS + 2 :], abs=2e-3)


def test_kin_of_a_strong_kind_are_believed_sooner_and_strangers_as_before() -> None:
    """Three ads in a row that move people, known to be of one kind or not."""
    akin, apart = (
        draw_campaign(Design(ads=12, sizes=(30, 60), mover=0.4, movers=3, of_a_kind=size), np.random.default_rng(4))
        for size in (3, 1)
    )
    known, unknown = (
        [one.lift.probability_better for one in compare(campaign) if one.lift] for campaign in (akin, apart)
    )
    assert len(known) == len(unknown) == 12
    assert sum(known[-3:]) > sum(unknown[-3:]) + 0.02
    assert sum(known[:-3]) <= sum(unknown[:-3]) + 0.2


def compare(campaign: Campaign) -> tuple[Progress, ...]:
    return next(iter(measure_together([campaign.people])))


def test_where_most_ads_are_of_one_kind_nothing_is_supposed_to_be_common_to_it() -> None:
    people = campaign_of(2).people
    cells, deviations = arrange_advances(people)
    same = fit_hazard(cells, deviations, kind=np.array([0, 0, 0, 0, 1]))
    assert same.mean == pytest.approx(fit_hazard(cells, deviations).mean)


def test_eliminating_the_ads_first_gives_what_whole_matrices_give() -> None:
    """Somebody who met two ads calls for whole matrices; whose person-weeks are next to nothing changes nothing."""
    people = campaign_of(2).people
    cells, deviations = arrange_advances(people)
    apart = fit_hazard(cells, deviations)
    columns = np.column_stack([cells.columns, np.full(len(cells.family), cells.width)])
    covariates = len(deviations)
    pair = np.full(columns.shape[1], cells.width)
    pair[:2] = covariates, covariates + 1
    together = replace(
        cells,
        family=np.append(cells.family, 0),
        columns=np.vstack([columns, pair[None, :]]),
        quiet=np.vstack([cells.quiet, np.full(BANDS, 1e-12)]),
        spells=np.append(cells.spells, 1e-12),
    )
    whole = fit_hazard(together, deviations)
    full = fit_hazard(cells, deviations, covariances=True)
    for other in (whole, full):
        assert other.mean == pytest.approx(apart.mean, abs=1e-6)
        assert other.deviation == pytest.approx(apart.deviation, abs=1e-6)
        assert other.weight == pytest.approx(apart.weight, abs=1e-6)
    assert np.sqrt(np.diagonal(full.covariance, axis1=2, axis2=3)) == pytest.approx(full.deviation)
    assert fit_hazard(together, deviations, covariances=True).covariance == pytest.approx(full.covariance, abs=1e-6)


def test_campaigns_fitted_together_are_fitted_each_by_itself() -> None:
    campaigns = [campaign_of(seed, mover=0.4) for seed in range(3)]
    together = measure_together([campaign.people for campaign in campaigns])
    for campaign, measured in zip(campaigns, together, strict=True):
        alone = compare_ads(campaign.journeys, campaign.ad, campaign.specialty, campaign.ads)
        for one, other in zip(alone, measured, strict=True):
            assert one.lift is not None
            assert other.lift is not None
            assert other.lift.estimate == pytest.approx(one.lift.estimate, abs=1e-4)
            assert other.lift.probability_better == pytest.approx(one.lift.probability_better, abs=1e-5)


def travelling() -> tuple[Progress, ...]:
    """Ad 0 moves 60 of 100; ads 2 to 4 have 30 of 100 each; half of the hundred that ad 1 owns met ad 0 as well, and
    do as those of ad 0 do, the other half as those of the others."""
    journeys = journeys_of(
        (60, 40, Cause.ADVANCED, 200), (40, 20, Cause.OUT, 200),
        *[(30, 40, Cause.ADVANCED, 200), (70, 20, Cause.OUT, 200)] * 3,
        (30, 40, Cause.ADVANCED, 200), (20, 20, Cause.OUT, 200),
        (15, 40, Cause.ADVANCED, 200), (35, 20, Cause.OUT, 200),
    )  # fmt: skip
    ad = codes_of((100, 0), (100, 2), (100, 3), (100, 4), (100, 1))
    meetings = (np.arange(400, 450), np.zeros(50, dtype=np.int64))
    return compare_ads(journeys, ad, np.zeros(500, dtype=np.int32), 5, meetings=meetings)


def test_an_innocent_ad_that_travels_with_a_strong_one_is_not_praised_for_it() -> None:
    strong, innocent, *_ = travelling()
    assert (strong.applicants, innocent.applicants) == (150, 100)
    assert strong.lift is not None
    assert innocent.lift is not None
    assert strong.lift.probability_better > 0.95
    assert innocent.lift.probability_better < 0.75


def test_jobs_that_go_further_do_not_make_movers_of_their_ads() -> None:
    """Two jobs of one specialty, half of whose applicants come through two ads each, at 50 and at 20 of 100."""
    journeys = journeys_of(
        *[(50, 40, Cause.ADVANCED, 200), (50, 20, Cause.OUT, 200)] * 3,
        *[(20, 40, Cause.ADVANCED, 200), (80, 20, Cause.OUT, 200)] * 3,
    )
    ad = codes_of((100, 0), (100, 1), (100, -1), (100, 2), (100, 3), (100, -1))
    nothing, job = np.zeros(600, dtype=np.int32), codes_of((300, 0), (300, 1))
    blind = compare_ads(journeys, ad, nothing, 4)
    seeing = compare_ads(journeys, ad, nothing, 4, job=job)
    probability = [
        [one.lift.probability_better for one in progress if one.lift is not None] for progress in (blind, seeing)
    ]
    assert probability[0][0] > 0.9 > probability[1][0]


def test_observed_and_expected_are_counted_over_the_applicants_who_were_watched() -> None:
    """By hand: with no ad effect to speak of what is expected of an ad is what its applicants did."""
    campaign = campaign_of(3, sizes=(300, 300), followed_up=True)
    advances = measure_advances(campaign.people, 120)
    decided = campaign.journeys.decided_in_observed_week(Cause.ADVANCED)
    assert advances.observed.tolist() == [np.count_nonzero(decided & (campaign.ad == ad)) for ad in range(5)]
    assert advances.expected.sum() == pytest.approx(advances.observed.sum(), rel=0.03)


def test_a_mixture_answers_as_its_normals_do() -> None:
    mixture = Mixture(np.array([0.25, 0.75]), np.array([[0.0, 1.0], [0.5, 1.0]]), np.array([[1.0, 2.0], [0.5, 2.0]]))
    bound = np.array([0.3, 1.0])
    below = mixture.below(bound)
    assert below.tolist() == pytest.approx([0.25 * ndtr(0.3) + 0.75 * ndtr(-0.4), 0.5])
    assert mixture.quantile(below)[0, 0] == pytest.approx(0.3, abs=1e-5)
    assert mixture.quantile(np.array([0.05]))[1, 0] == pytest.approx(1 - 2 * 1.644854, abs=1e-5)


def test_the_effect_of_a_lift_is_the_one_that_makes_it() -> None:
    base = Base(np.array([0, 0, 1]), np.array([3, 1, 2]), np.array([0.2, 0.6, 5.0]), 2)
    effect = effect_of_lift(0.1, base)
    assert lift_of(effect, base)[0] == pytest.approx(0.1, abs=1e-4)
    assert effect[1] == 20.0


def test_positions_and_ads_of_meetings_must_exist() -> None:
    nothing = np.zeros(1, dtype=np.int32)
    journeys = journeys_of((1, 20, Cause.PENDING, 20))
    for who, met in ((1, 0), (0, 2), (-1, 0)):
        with pytest.raises(ValueError, match="must lie in"):
            compared(journeys, nothing, nothing, 2, meetings=(np.array([who]), np.array([met])))
