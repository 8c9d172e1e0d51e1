"""Whom each row's placements brought, and how many of them will have come to the stage: measured and answered."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.measurement.because import ReachedBecause, reach_because, spread_of
from app.measurement.brought import Brought as Measured
from app.measurement.effectiveness import RowMeasure
from app.measurement.incidence import estimate_incidence
from app.reports.answers import Brought, Estimate, Reason, say_why
from app.reports.brought_words import brought_sentence
from app.reports.grouping import Group
from app.reports.reading import Reading, journeys_to
from app.reports.weeks import measure_arrivals


@dataclass(frozen=True, slots=True)
class RowArrivals:
    """What the weeks say of one row's placements."""

    brought: Measured
    reached: ReachedBecause


def measure_row_arrivals(
    reading: Reading, groups: Sequence[Group], measures: Sequence[RowMeasure]
) -> list[RowArrivals]:
    """For every row: how many more applied, times the share of all in scope that reaches the stage, times how the
    row's own applicants fare against that."""
    scope = reading.scope
    journeys = journeys_to(reading.columns, scope.stage, np.flatnonzero(reading.inside))
    (share,) = estimate_incidence(journeys, (scope.horizon_days,), scope.level)
    spread = spread_of([measure.lift for measure in measures if measure.lift is not None], scope.level)
    arrived = []
    for seed, (brought, measure) in enumerate(zip(measure_arrivals(reading, groups), measures, strict=True)):
        if brought.draws is None:
            reached = ReachedBecause(None, None, None, brought.why)
        else:
            reached = reach_because(brought.draws, share, measure.lift, spread, level=scope.level, seed=seed)
        arrived.append(RowArrivals(brought, reached))
    return arrived


def answer_brought(found: Measured, level: float, *, ended: bool = False) -> Brought:
    """Whom it brought, as reports spell it."""
    answer = Brought(
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        why=say_why(found.why),
        level=level,
        probability_more=found.probability_more,
        weeks=found.weeks,
    )
    text = brought_sentence(found.code.value, found.weeks, answer, ended=ended)
    return answer.model_copy(update={"reason": Reason(code=found.code.value, params=_params(found), text=text)})


def _params(found: Measured) -> dict[str, int]:
    return {} if found.weeks is None else {"weeks": found.weeks}


def answer_reached(found: ReachedBecause) -> Estimate:
    """How many will have reached the stage because of it."""
    return Estimate(estimate=found.estimate, low=found.low, high=found.high, why=say_why(found.why))
