"""Model C's weekly hazards: against a plain sum over every person and week."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import ndtr

from app.measurement import Cause, compared
from app.measurement.cells import count_cells
from app.measurement.hazard import fit_hazard
from app.measurement.journeys import WEEKS
from app.measurement.laplace import SPREADS
from app.measurement.lift import Base, effect_of_lift, lift_of
from app.measurement.posterior import Mixture
from tests.measurement.build import journeys_of
from tests.measurement.campaigns import Design, draw_campaign


def test_weeks_at_risk_are_counted_by_kind_and_week() -> None:
    """Two alike, at risk in weeks 0 to 4 and 0 to 2, the second until an advance; one of another kind from week 8
    to 10; and one who was not watched for a week."""
    zero = np.zeros(4, dtype=np.int64)
    columns = np.array([[1, 0], [0, 1], [2, 3], [0, 1]])
    cells = count_cells(
        zero, columns, np.array([0, 0, 8, 0]), np.array([5, 3, 11, 0]), np.array([False, True, False, False]),
        width=3,
    )  # fmt: skip
    assert cells.columns.tolist() == [[0, 1], [2, 3]]
    assert cells.quiet[0].tolist() == [2, 2, 1, 1, 1] + [0] * 21
    assert cells.quiet[1].tolist() == [0] * 8 + [1] * 3 + [0] * 15
    assert (cells.event_row.tolist(), cells.event_week.tolist(), cells.events.tolist()) == ([0], [2], [1.0])


def test_the_mode_is_that_of_the_sum_over_every_person_and_week() -> None:
    campaign = draw_campaign(Design(ads=3, sizes=(30, 60), untraced=0.0), np.random.default_rng(1))
    journeys, ad, place = campaign.journeys, campaign.ad, 5
    weeks, advanced = journeys.risk_weeks(), journeys.decided_in_observed_week(Cause.ADVANCED)
    zeros = np.zeros(len(ad), dtype=np.int64)
    cells = count_cells(zeros, np.column_stack([zeros, ad + 1]), zeros, weeks, advanced, width=4)
    fit = fit_hazard(cells, np.ones(1))
    person = np.repeat(np.arange(len(ad)), weeks)
    week = np.concatenate([np.arange(count) for count in weeks])
    event = advanced[person] & (week == weeks[person] - 1)

    def loss(state: "np.typing.NDArray[np.float64]") -> float:
        hazard = np.exp(state[week] + state[WEEKS] + state[WEEKS + 1 + ad[person]])
        log_chance = np.where(event, np.log(-np.expm1(-hazard)), -hazard)
        drift = ((np.diff(state[:WEEKS])) ** 2).sum() + (state[0] + 4) ** 2 / 100
        effects = state[WEEKS + 1 :] / SPREADS[place]
        return float(-log_chance.sum() + (drift + state[WEEKS] ** 2 + effects @ effects) / 2)

    expected = minimize(loss, np.full(WEEKS + 4, -0.1), method="BFGS", options={"gtol": 1e-6}).x
    assert fit.level[0, place, :WEEKS] == pytest.approx(expected[:WEEKS], abs=5e-3)
    assert fit.mean[0, place] == pytest.approx(expected[WEEKS + 1 :], abs=2e-3)


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
