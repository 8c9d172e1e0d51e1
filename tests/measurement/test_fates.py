"""Model S: against a plain sum over people, what the unresolved say, and what must not change it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from app.measurement import Cause, Progress, compare_ads, compared
from app.measurement.advance import arrange_advances, measure_advances
from app.measurement.fates import Course, Fates, count_fates, fit_fates, trace_course
from app.measurement.journeys import HORIZON_DAYS
from app.measurement.laplace import SPREADS
from app.measurement.progress import measure_progress
from tests.measurement.batches import measure_together
from tests.measurement.build import codes_of, journeys_of
from tests.measurement.campaigns import Campaign, Design, draw_campaign


def campaign_of(seed: int, **changes: object) -> Campaign:
    return draw_campaign(replace(Design(ads=5, sizes=(60, 120)), **changes), np.random.default_rng(seed))  # type: ignore[arg-type]


def test_the_usual_course_is_that_of_those_who_are_watched() -> None:
    """Of a thousand followed up half go out in week 2 and three tenths advance in week 8; a thousand are in week 5."""
    journeys = journeys_of(
        (300, 60, Cause.ADVANCED, 190), (500, 20, Cause.OUT, 190), (200, 190, Cause.PENDING, 190),
        (500, 20, Cause.OUT, 35), (500, 35, Cause.PENDING, 35),
    )  # fmt: skip
    course = trace_course(journeys)
    assert course.weeks == 26
    assert course.out[2:4] == pytest.approx([0, 0.5], abs=0.01)
    assert course.reached[8:10] == pytest.approx([0, 0.3], abs=0.01)
    assert course.arrived[[0, 8, 9, 26]] == pytest.approx([0, 0, 1, 1], abs=0.05)
    # After week 2 all who advance still wait, and two of seven of the others.
    assert course.tilt[[0, 3, 7]] == pytest.approx([0, 2.5, 2.5], abs=0.1)
    assert course.hazard_ratio(30) == pytest.approx(0, abs=0.05)
    assert course.hazard_ratio(400) == 1


def test_the_course_ends_where_nobody_has_been_watched_longer() -> None:
    course = trace_course(journeys_of((5, 20, Cause.ADVANCED, 40), (20, 45, Cause.PENDING, 45)))
    assert course.weeks == 6
    assert course.arrived[-1] == 1
    assert trace_course(journeys_of((5, 5, Cause.PENDING, 5))).weeks == 0


def test_people_are_counted_by_kind_and_by_what_became_of_them() -> None:
    """Two alike: one advanced in week 3, one waits after two weeks; a third of another kind went out; one waited
    through all weeks; what happened in a part-week does not count, nor does who was not watched for a week."""
    journeys = journeys_of(
        (1, 25, Cause.ADVANCED, 70), (1, 20, Cause.PENDING, 20), (1, 9, Cause.OUT, 70), (1, 70, Cause.PENDING, 70),
        (1, 30, Cause.ADVANCED, 31), (1, 5, Cause.OUT, 6),
    )  # fmt: skip
    columns = np.array([[1, 0], [0, 1], [2, 3], [0, 1], [2, 3], [0, 1]])
    course = Course(np.linspace(0, 0.5, 11), np.linspace(0, 0.4, 11))
    fates = count_fates(columns, journeys, course, width=3)
    assert fates.columns.tolist() == [[0, 1], [2, 3]]
    assert (fates.advanced.tolist(), fates.never.tolist(), fates.applicants.tolist()) == ([1, 0], [1, 1], [3, 2])
    assert [place.tolist() for place in np.nonzero(fates.waiting)] == [[0, 1], [2, 4]]
    assert fates.due.tolist() == pytest.approx([0.2 + 2 * 1.0, 0.4 + 1.0])


def plain_mode(
    campaign: Campaign, spread: float, correlation: "np.typing.NDArray[np.float64]"
) -> "np.typing.NDArray[np.float64]":
    """The mode of level, covariates, months and effects by a general optimiser on the sum over every person."""
    month = campaign.month
    before = 3 + month.max() + 1
    journeys, ad, precision = campaign.journeys, campaign.ad, np.linalg.inv(correlation) / spread**2
    course, weeks = trace_course(journeys), journeys.observed_weeks()
    advanced, out = (journeys.decided_in_observed_week(cause) for cause in (Cause.ADVANCED, Cause.OUT))
    comes = 1 - course.reached[weeks] / course.reached[-1]
    stays = (1 - course.reached[-1] - course.out[weeks]) / (1 - course.reached[-1])
    never = out | (~advanced & (weeks == course.weeks))

    def loss(state: "np.typing.NDArray[np.float64]") -> float:
        share = -np.expm1(-np.exp(state[0] + state[1] + state[2] + state[3 + month] + state[before + ad]))
        waiting = np.log(share * comes + (1 - share) * np.maximum(stays, 1e-12))
        logs = np.where(advanced, np.log(share), np.where(never, np.log1p(-share), waiting))[weeks > 0]
        months, effects = state[3:before], state[before:]
        covariates = (state[0] + 1.5) ** 2 / 100 + state[1] ** 2 + 4 * state[2] ** 2 + months @ months / 0.3**2
        return float(-logs.sum() + (covariates + effects @ precision @ effects) / 2)

    found = minimize(loss, np.full(before + ad.max() + 1, -0.1), method="BFGS", options={"gtol": 1e-7})
    return np.asarray(found.x)


@pytest.mark.parametrize(
    ("ads", "of_a_kind", "correlation"), [(3, 1, np.eye(3)), (6, 2, np.kron(np.eye(3), [[1, 0.3], [0.3, 1]]))]
)
def test_the_mode_is_that_of_the_sum_over_every_person(
    ads: int, of_a_kind: int, correlation: "np.typing.NDArray[np.float64]"
) -> None:
    campaign = campaign_of(1, ads=ads, sizes=(30, 60), specialties=1, untraced=0.0, of_a_kind=of_a_kind)
    arranged, place = arrange_advances(campaign.people), 5
    fit = fit_fates(arranged.fates, arranged.deviations, kind=campaign.kind)
    expected = plain_mode(campaign, float(SPREADS[place]), correlation)
    levels = len(arranged.deviations) + 1
    assert fit.level[0, place, :1] == pytest.approx(expected[:1], abs=2e-3)
    assert fit.level[0, place, -6:] == pytest.approx(expected[levels - 7 : levels - 1], abs=2e-3)
    assert fit.mean[0, place] == pytest.approx(expected[-ads:], abs=2e-3)


def test_followed_up_it_is_the_binomial_of_those_who_came() -> None:
    """By hand: where nobody waits, two equal ads of 200 have the share that advanced, and no effect to speak of."""
    journeys = journeys_of((100, 40, Cause.ADVANCED, 200), (300, 20, Cause.OUT, 200))
    ad = codes_of((50, 0), (50, 1), (150, 0), (150, 1))
    advances = measure_advances(compared(journeys, ad, np.zeros(400, dtype=np.int32), 2), 182)
    assert advances.observed.tolist() == [50, 50]
    assert advances.expected == pytest.approx([50, 50], abs=0.5)
    assert -np.expm1(-advances.base.hazard) == pytest.approx([0.25, 0.25], abs=0.005)


def test_of_two_ads_nobody_of_whom_has_advanced_more_the_one_whose_people_wait_on_does_better() -> None:
    """Others show that who waits past week 4 comes in the end: then those who still wait speak for their ad."""
    others = [(40, 60, Cause.ADVANCED, 190), (160, 20, Cause.OUT, 190)]
    recent = [
        (60, 40, Cause.PENDING, 40),
        (40, 20, Cause.OUT, 40),
        (20, 40, Cause.PENDING, 40),
        (80, 20, Cause.OUT, 40),
    ]
    ad = codes_of((200, 0), (100, 1), (100, 2))
    waiting, gone = compare_ads(journeys_of(*others, *recent), ad, np.zeros(400, dtype=np.int32), 3)[1:]
    assert waiting.lift is not None
    assert gone.lift is not None
    assert (waiting.observed, gone.observed) == (0, 0)
    assert waiting.lift.probability_better > 0.95
    assert gone.lift.probability_better < 0.5


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
    arranged = arrange_advances(campaign_of(2).people)
    same = fit_fates(arranged.fates, arranged.deviations, kind=np.array([0, 0, 0, 0, 1]))
    assert same.mean == pytest.approx(fit_fates(arranged.fates, arranged.deviations).mean)


def test_eliminating_the_ads_first_gives_what_whole_matrices_give() -> None:
    """Somebody who met two ads calls for whole matrices; who is next to nobody changes nothing."""
    arranged = arrange_advances(campaign_of(2).people)
    fates, deviations = arranged.fates, arranged.deviations
    apart = fit_fates(fates, deviations)
    together = _with_one_who_met_two(fates, len(deviations))
    whole, full = fit_fates(together, deviations), fit_fates(fates, deviations, covariances=True)
    for other in (whole, full):
        assert other.mean == pytest.approx(apart.mean, abs=1e-6)
        assert other.deviation == pytest.approx(apart.deviation, abs=1e-6)
        assert other.weight == pytest.approx(apart.weight, abs=1e-6)
    assert np.sqrt(np.diagonal(full.covariance, axis1=2, axis2=3)) == pytest.approx(full.deviation)
    assert fit_fates(together, deviations, covariances=True).covariance == pytest.approx(full.covariance, abs=1e-6)


def _with_one_who_met_two(fates: Fates, covariates: int) -> Fates:
    columns = np.column_stack([fates.columns, np.full(len(fates.family), fates.width)])
    pair = np.full(columns.shape[1], fates.width)
    pair[:2] = covariates, covariates + 1
    return replace(
        fates,
        family=np.append(fates.family, 0),
        columns=np.vstack([columns, pair[None, :]]),
        advanced=np.append(fates.advanced, 0),
        never=np.append(fates.never, 1e-12),
        waiting=np.vstack([fates.waiting, np.zeros(fates.waiting.shape[1])]),
        due=np.append(fates.due, 0),
    )


def test_campaigns_fitted_together_are_fitted_each_by_itself() -> None:
    campaigns = [campaign_of(seed, mover=0.4) for seed in range(3)]
    together = measure_together([campaign.people for campaign in campaigns])
    for campaign, measured in zip(campaigns, together, strict=True):
        alone = measure_progress(campaign.people, level=0.9, horizon_days=HORIZON_DAYS)
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
