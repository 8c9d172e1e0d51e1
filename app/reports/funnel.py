"""Where our doctors are and where they stop: the stages with those who came on, wait, or went out."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.funnel.columns import NEVER, Columns
from app.funnel.stage import Stage
from app.measurement.incidence import DAYS, days_to_stage, estimate_incidence
from app.measurement.incidence import IncidencePoint as MeasuredPoint
from app.measurement.journeys import Journeys
from app.measurement.ordered import estimate_stages
from app.reports.answers import DaysToStage, Estimate, Funnel, IncidencePoint, OutCounts, StageRow, say_why
from app.reports.cache import cached
from app.reports.reading import Reading, count_totals, describe_scope, journeys_to, known_to_meet_filters, read
from app.reports.scope import Scope, View

Chosen = NDArray[np.bool_]
Shares: TypeAlias = Mapping[int, MeasuredPoint]
"""The share that has come to a stage, by days after applying."""


def report_funnel(session: Session, scope: Scope) -> Funnel:
    """Answer the scope's question; computed once per state of the data."""
    return cached(session, scope, "funnel", lambda: _report(read(session, scope)))


def _report(reading: Reading) -> Funnel:
    cohort = known_to_meet_filters(reading) & _in_period(reading.columns.applied, reading.scope)
    shares = _shares(reading, cohort, [stage for stage in reading.recorded if stage])
    goal = max(reading.recorded)
    return Funnel(
        scope=describe_scope(reading.scope),
        data=reading.data,
        totals=count_totals(reading, cohort),
        stages=[
            _unheard(stage) if stage in reading.unheard
            else _stage(reading, cohort, stage, shares.get(stage), arrives=stage is goal)
            for stage in Stage
        ],
    )  # fmt: skip


def _shares(reading: Reading, cohort: Chosen, stages: Sequence[Stage]) -> dict[Stage, Shares]:
    """What share of all who applied comes to each stage, by the days that are drawn and by the horizon."""
    days = sorted({*DAYS, reading.scope.horizon_days})
    journeys = [journeys_to(reading.columns, stage, cohort) for stage in stages]
    found = estimate_stages(journeys, days, reading.scope.level)
    return {stage: dict(zip(days, points, strict=True)) for stage, points in zip(stages, found, strict=True)}


def _unheard(stage: Stage) -> StageRow:
    """A stage of which no system ever speaks: that nobody was seen there says nothing."""
    nothing = Estimate(estimate=None, low=None, high=None, why="not_recorded")
    return StageRow(
        stage=stage.slug,
        reached=0,
        out=OutCounts(rejected=0, withdrawn=0),
        pending=0,
        conversion_from_previous=nothing,
        conversion_from_start=nothing,
        days_to_stage=DaysToStage(median=None, low=None, high=None, why="not_recorded"),
        incidence=[],
    )


def _stage(reading: Reading, cohort: Chosen, stage: Stage, shares: Shares | None, *, arrives: bool) -> StageRow:
    """One stage; whoever arrives at the last that is recorded waits for nothing."""
    columns, scope = reading.columns, reading.scope
    reached, furthest = who_came(reading, stage)
    out, withdrawn = columns.out != NEVER, columns.withdrawn
    follow_up = journeys_to(columns, stage, cohort).follow_up
    from_start = _estimate(shares[scope.horizon_days]) if shares else _all(follow_up)
    return StageRow(
        stage=stage.slug,
        reached=_size(reached),
        out=OutCounts(rejected=_size(furthest & out & ~withdrawn), withdrawn=_size(furthest & out & withdrawn)),
        pending=0 if arrives else _size(furthest & ~out),
        # All have applied, so the first share after that is the same of all and of those before.
        conversion_from_previous=from_start
        if reading.before(stage) is Stage.APPLIED
        else conversion_between(reading, cohort, stage),
        conversion_from_start=from_start,
        days_to_stage=_days(journeys_to(columns, stage, cohort & _dated(columns, stage)), stage, scope),
        incidence=[_point(follow_up, shares[day]) for day in DAYS] if shares else [],
    )


def who_came(reading: Reading, stage: Stage) -> tuple[Chosen, Chosen]:
    """Who counts as having reached the stage, and whose furthest it is.

    A cohort follows those who applied in the period; an activity report counts who came to the stage in the
    period (pending: and waits there still), or went out at it in the period; a snapshot counts those not out who
    stand at the stage, or beyond it, now.
    """
    columns, scope, chosen = reading.columns, reading.scope, known_to_meet_filters(reading)
    if scope.view is View.SNAPSHOT:
        open_ = chosen & (columns.out == NEVER)
        return open_ & (columns.current >= stage), open_ & (columns.current == stage)
    reached = chosen & (columns.reached[:, stage] != NEVER)
    last = stage is Stage.STARTED
    furthest = reached if last else reached & (columns.reached[:, stage + 1] == NEVER)
    if scope.view is View.ACTIVITY:
        reached = reached & _in_period(columns.reached[:, stage], scope)
        furthest = np.where(columns.out != NEVER, furthest & _in_period(columns.out, scope), furthest & reached)
    return reached, furthest


def conversion_between(reading: Reading, cohort: Chosen, stage: Stage) -> Estimate:
    """What share of those of a cohort who came to the recorded stage before comes to this one."""
    columns, before = reading.columns, reading.before(stage)
    came_before = cohort & (columns.reached[:, before] != NEVER)
    return _conversion(journeys_to(columns, stage, came_before, since=before), stage, reading.scope)


def _dated(columns: Columns, stage: Stage) -> Chosen:
    """Who has not come so far, or did on a day that was stated: a stage that a later one implies has no date."""
    return np.asarray((columns.reached[:, stage] == NEVER) | columns.dated[:, stage])


def _size(chosen: Chosen) -> int:
    return int(np.count_nonzero(chosen))


def _in_period(day: NDArray[np.int32], scope: Scope) -> Chosen:
    inside: Chosen = day != NEVER
    if scope.from_ is not None:
        inside &= day >= scope.from_.toordinal()
    if scope.to is not None:
        inside &= day <= scope.to.toordinal()
    return inside


def _conversion(journeys: Journeys, stage: Stage, scope: Scope) -> Estimate:
    if stage is Stage.APPLIED:
        return _all(journeys.follow_up)
    (point,) = estimate_incidence(journeys, (scope.horizon_days,), scope.level)
    return _estimate(point)


def _estimate(point: MeasuredPoint) -> Estimate:
    return Estimate(estimate=point.estimate, low=point.low, high=point.high, why=say_why(point.why))


def _all(follow_up: NDArray[np.int32]) -> Estimate:
    """Of those who applied all did."""
    if not len(follow_up):
        return Estimate(estimate=None, low=None, high=None, why="too_few")
    return Estimate(estimate=1.0, low=1.0, high=1.0)


def _days(journeys: Journeys, stage: Stage, scope: Scope) -> DaysToStage:
    if stage is Stage.APPLIED:
        return DaysToStage(median=None, low=None, high=None, why="not_recorded")
    days = days_to_stage(journeys, scope.level)
    return DaysToStage(median=days.median, low=days.low, high=days.high, why=say_why(days.why))


def _point(follow_up: NDArray[np.int32], point: MeasuredPoint) -> IncidencePoint:
    return IncidencePoint(
        day=point.day,
        estimate=point.estimate,
        low=point.low,
        high=point.high,
        at_risk=point.at_risk,
        followed=_size(follow_up >= point.day),
        why=say_why(point.why),
    )
