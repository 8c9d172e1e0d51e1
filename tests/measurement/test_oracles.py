"""What statsmodels computes by its own code on the same seeded data; it is a library of developers alone."""

import numpy as np
import pytest
import statsmodels.api as models
from numpy.typing import NDArray
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight
from statsmodels.stats.proportion import proportion_confint, samplesize_proportions_2indep_onetail

from app.measurement import Cause, Journeys, applicants_required, estimate_incidence, proportion_interval
from app.measurement.arrivals import Weeks, find_mode, prior_precisions
from app.measurement.cells import count_cells
from app.measurement.fates import count_fates, fit_fates, trace_course
from app.measurement.hazard import fit_hazard
from app.measurement.journeys import WEEKS
from app.measurement.season import Season
from tests.measurement.campaigns import Design, draw_campaign

DAYS = (30, 60, 90, 120)
WIDEST = -1
"""Of the spreads that effects may have: the prior that pulls least."""


def draw(seed: int, **design: object) -> tuple[Journeys, NDArray[np.int32]]:
    campaign = draw_campaign(Design(untraced=0.0, **design), np.random.default_rng(seed))  # type: ignore[arg-type]
    return campaign.journeys, campaign.ad


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize("seed", range(5))
def test_incidence_and_its_error_are_those_of_another_aalen_johansen(seed: int) -> None:
    journeys, _ad = draw(seed, ads=1, sizes=(60, 600))
    other = CumIncidenceRight(journeys.wait + 1.0, journeys.cause)
    points = estimate_incidence(journeys, DAYS)
    place = np.searchsorted(other.times, np.array(DAYS) + 1.0, side="right") - 1
    assert [point.estimate for point in points] == pytest.approx(other.cinc[0][place].tolist(), abs=1e-12)
    assert [point.standard_error for point in points] == pytest.approx(other.cinc_se[0][place].tolist(), abs=1e-12)


def test_where_nobody_goes_out_it_is_one_less_kaplan_and_meier() -> None:
    journeys, _ad = draw(3, ads=1, sizes=(300, 300))
    advanced = journeys.cause == Cause.ADVANCED
    follow_up = np.where(advanced, journeys.follow_up, journeys.wait)
    alone = Journeys(journeys.wait, np.where(advanced, journeys.cause, Cause.PENDING).astype(np.int8), follow_up)
    other = SurvfuncRight(alone.wait + 1.0, advanced.astype(int))
    points = estimate_incidence(alone, DAYS)
    place = np.searchsorted(other.surv_times, np.array(DAYS) + 1.0, side="right") - 1
    assert [point.estimate for point in points] == pytest.approx((1 - other.surv_prob[place]).tolist(), abs=1e-12)
    assert [point.standard_error for point in points] == pytest.approx(other.surv_prob_se[place].tolist(), rel=1e-9)


@pytest.mark.parametrize(("successes", "trials"), [(3, 20), (1, 7), (19, 20), (55, 431)])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_shares_have_the_interval_of_jeffreys(successes: int, trials: int, level: float) -> None:
    interval = proportion_interval(successes, trials, level)
    other = proportion_confint(successes, trials, alpha=1 - level, method="jeffreys")
    assert (interval.low, interval.high) == pytest.approx(other, abs=1e-12)


@pytest.mark.parametrize(("base", "ratio"), [(0.1, 2.0), (0.2, 1.5), (0.2, 2.0), (0.05, 2.0), (0.35, 1.5)])
def test_so_many_applicants_are_needed_as_another_formula_says(base: float, ratio: float) -> None:
    """Two arms of equal size; of two ads either may be the better, so ours is at half the error."""
    other = samplesize_proportions_2indep_onetail(base * (ratio - 1), base, 0.8, alpha=0.05, alternative="two-sided")
    arm = round(float(other))
    required = applicants_required(base, arm, 2, ratio)
    assert required == pytest.approx(arm, rel=0.02)


def test_weekly_hazards_are_those_of_a_regression_on_every_person_and_week() -> None:
    """Complementary log-log on person-weeks, a level for each week in which somebody advanced; effects beside the first
    ad's, for what is common to all is the prior's to share out."""
    journeys, ad = draw(5, ads=3, sizes=(3000, 3000), mover=0.4)
    weeks, advanced = journeys.risk_weeks(), journeys.decided_in_observed_week(Cause.ADVANCED)
    zeros = np.zeros(len(ad), dtype=np.int64)
    cells = count_cells(zeros, ad[:, None].astype(np.int64), zeros, weeks, advanced, width=3)
    fit = fit_hazard(cells, np.zeros(0))
    person = np.repeat(np.arange(len(ad)), weeks)
    week = np.concatenate([np.arange(count) for count in weeks])
    event = advanced[person] & (week == weeks[person] - 1)
    eventful = np.isin(week, np.flatnonzero(np.bincount(week[event], minlength=WEEKS) > 4))
    design = np.column_stack(
        [week[eventful, None] == np.unique(week[eventful]), ad[person][eventful, None] == [1, 2]]
    ).astype(float)
    other = cloglog(event[eventful].astype(float), design)
    mean = fit.mean[0, WIDEST]
    assert (mean[1:] - mean[0]).tolist() == pytest.approx(other.params[-2:].tolist(), abs=0.01)


def test_followed_up_fates_are_a_regression_of_who_advanced() -> None:
    """Everybody's fate is known, so waiting says nothing: complementary log-log on all who advanced or never will."""
    journeys, ad = draw(6, ads=3, sizes=(4000, 4000), mover=0.35, followed_up=True)
    cause = np.where(journeys.cause == Cause.PENDING, Cause.OUT, journeys.cause).astype(np.int8)
    settled = Journeys(np.minimum(journeys.wait, 180), cause, np.full(len(ad), 182, dtype=np.int32))
    course = trace_course(settled)
    fates = count_fates(ad[:, None].astype(np.int64), settled, course, width=3)
    fit = fit_fates(fates, np.zeros(0), covariances=True)
    design = np.column_stack([np.ones(len(ad)), ad[:, None] == [1, 2]]).astype(float)
    other = cloglog((settled.cause == Cause.ADVANCED).astype(float), design)
    mean, covariance = fit.mean[0, WIDEST], fit.covariance[0, WIDEST]
    assert (mean[1:] - mean[0]).tolist() == pytest.approx(other.params[1:].tolist(), abs=0.005)
    variance = [covariance[k, k] + covariance[0, 0] - 2 * covariance[k, 0] for k in (1, 2)]
    assert np.sqrt(variance).tolist() == pytest.approx(other.bse[1:].tolist(), rel=0.01)


def test_arrivals_are_a_negative_binomial_regression() -> None:
    """One placement that runs in every third week beside a level, and a variance of the mean and a tenth of its
    square."""
    generator = np.random.default_rng(7)
    running = (np.arange(240) % 3 == 0).astype(float)
    counts = generator.negative_binomial(10, 10 / (10 + 20 * np.where(running > 0, 1.6, 1.0)))
    level = Season(np.ones((1, 240)), 1, np.zeros(0))
    weeks = Weeks(counts, running[None], level)
    precision = prior_precisions(level, 1, np.array([50.0]), np.array([1.0]))
    state, _level, hessian = find_mode(weeks, precision, np.array([0.1]), np.array([[3.0, 0.0]]))
    family = models.families.NegativeBinomial(alpha=0.1)
    other = models.GLM(counts, np.column_stack([np.ones(240), running]), family=family).fit()
    assert state[0].tolist() == pytest.approx(other.params.tolist(), abs=5e-3)
    assert np.sqrt(np.diag(np.linalg.inv(hessian[0]))).tolist() == pytest.approx(other.bse.tolist(), rel=1e-2)


def cloglog(hits: NDArray[np.float64], design: NDArray[np.float64]) -> "models.GLM":
    family = models.families.Binomial(link=models.families.links.CLogLog())
    return models.GLM(hits, design, family=family).fit()
