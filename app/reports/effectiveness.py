"""Which ads moved people forward: the report that everything else is for."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.funnel.columns import NEVER
from app.funnel.stage import Stage
from app.i18n import _
from app.measurement.credit import Rule
from app.measurement.effectiveness import RowMeasure
from app.measurement.expected import expect_reached
from app.measurement.reasons import BroughtCode
from app.reports.answers import (
    Bounds,
    Brought,
    Conversion,
    Credit,
    Effectiveness,
    Estimate,
    Lift,
    Row,
    RowKind,
    Touched,
    Why,
    say_why,
)
from app.reports.arriving import RowArrivals, answer_brought, answer_reached, measure_row_arrivals
from app.reports.attribution import Trace
from app.reports.cache import cached
from app.reports.costs import find_cost_within, no_cost_per, runs_within, share_cost, share_cost_because, sum_costs
from app.reports.grouping import REST, Group, Grouping, group_applications
from app.reports.measuring import measure_groups
from app.reports.plan import PlacementCost, PlannedPlacement
from app.reports.reading import Reading, count_totals, describe_scope, journeys_to, meeting_filters, read
from app.reports.scope import By, Scope, View
from app.reports.sharing import Share, share_among_rows
from app.reports.telling import tell_lift, tell_needs, tell_reason
from app.reports.untraced import count_possible

Shares = Mapping[Rule, Share]

_NOTHING_RAN: dict[str, Any] = {"estimate": None, "low": None, "high": None, "why": "not_recorded"}
REST_ROWS: dict[Trace, RowKind] = {
    Trace.UNKNOWN: "unknown",
    Trace.PARTLY: "partly_traced",
    Trace.UNMATCHED: "unmatched",
}


def report_effectiveness(session: Session, scope: Scope) -> Effectiveness:
    """Answer the scope's question, by application date; computed once per state of the data."""
    cohort = replace(scope, view=View.COHORT)
    return cached(session, cohort, "effectiveness", lambda: _report(read(session, cohort)))


def _report(reading: Reading) -> Effectiveness:
    grouping = group_applications(reading)
    measures = measure_groups(reading, grouping)
    by_rule = share_among_rows(reading, grouping)
    shares = [{rule: of_rows[number] for rule, of_rows in by_rule.items()} for number in range(len(measures))]
    groups = len(grouping.groups)
    arrivals = measure_row_arrivals(reading, grouping.groups, measures[:groups])
    untraced = count_possible(reading, grouping)
    rows = [
        _known_row(reading, group, measure, share, arrived, more)
        for group, measure, share, arrived, more in zip(
            grouping.groups, measures[:groups], shares[:groups], arrivals, untraced, strict=True
        )
        if group.shown
    ]
    rest = [
        _rest_row(reading, kind, measure, share)
        for kind, measure, share in zip(REST, measures[groups:], shares[groups:], strict=True)
    ]
    found = Effectiveness(
        scope=describe_scope(reading.scope),
        data=reading.data,
        totals=count_totals(reading, meeting_filters(reading)),
        overlapping=grouping.overlapping,
        shared=_count_shared(grouping),
        expected_reached=_expect_in_all(reading),
        rows=[*rows, *rest],
    )
    return _with_hires(found, reading, grouping)


def _expect_in_all(reading: Reading) -> Estimate:
    """How many of all applications asked about will have come to the stage in the end."""
    scope, chosen = reading.scope, np.flatnonzero(meeting_filters(reading))
    found = expect_reached(journeys_to(reading.columns, scope.stage, chosen), level=scope.level)
    return Estimate(estimate=found.estimate, low=found.low, high=found.high, why=say_why(found.why))


def _count_shared(grouping: Grouping) -> int:
    """How many belong to several rows, of those in a row that is shown."""
    shown = np.array([group.shown for group in grouping.groups], dtype=np.bool_)[grouping.group]
    rows = np.bincount(grouping.application)
    return int(np.count_nonzero(rows[np.unique(grouping.application[shown])] > 1))


def _with_hires(found: Effectiveness, reading: Reading, grouping: Grouping) -> Effectiveness:
    """The same answer with how many were hired, whatever stage it is about; where nobody ever was, nothing is said."""
    hired = reading.columns.reached[:, Stage.HIRED] != NEVER
    if not hired.any():
        return found
    members = [grouping.application[grouping.group == n] for n, group in enumerate(grouping.groups) if group.shown]
    members += [grouping.rest[kind] for kind in REST]
    rows = [
        row.model_copy(update={"hired": int(np.count_nonzero(hired[own]))})
        for row, own in zip(found.rows, members, strict=True)
    ]
    return found.model_copy(update={"rows": rows})


def _known_row(
    reading: Reading, group: Group, measure: RowMeasure, shares: Shares, arrived: RowArrivals, untraced: int
) -> Row:
    scope = reading.scope
    placements = [reading.plan.placements[number] for number in group.placements]
    ended = bool(placements) and all(placement.is_over(reading.last_day) for placement in placements)
    costs, no_part = _costs(reading, placements)
    lift = _lift(measure, scope.horizon_days)
    because = share_cost_because(
        costs, arrived.reached, seen=arrived.brought.code is BroughtCode.MORE, level=scope.level
    )
    return Row(
        **_counted(reading, measure, shares),
        row="known",
        key=group.key,
        code=placements[0].code if scope.by is By.PLACEMENT else None,
        label=group.label,
        ended=ended,
        placements=sum(placement.ran for placement in placements),
        begun=measure.applications > 0 or any(placement.ran for placement in placements),
        in_period=no_part != "did_not_run",
        costs=sum_costs(costs),
        costs_to_come=sum_costs(_costs_to_come(reading, placements)),
        reached_bounds=Bounds(least=measure.reached, most=measure.reached + untraced),
        touched=Touched(**{rule.value: round(shares[rule].value or 0) for rule in (Rule.FIRST, Rule.LAST, Rule.ANY)}),
        lift=lift,
        verdict=measure.verdict.value if measure.verdict else None,
        reason=tell_reason(measure.verdict, measure.reason, scope.stage, lift),
        turned_by_one=measure.turned_by_one,
        needs=tell_needs(measure.needs),
        cost_per_reached=no_cost_per(no_part) if no_part else share_cost(costs, measure.reached, scope.level),
        brought=answer_brought(arrived.brought, scope.level, ended=ended),
        reached_because=answer_reached(arrived.reached),
        cost_per_reached_because=no_cost_per(no_part) if no_part else because,
    )


def _costs(reading: Reading, placements: Sequence[PlannedPlacement]) -> tuple[list[PlacementCost | None], Why | None]:
    """What the days of the period cost, and why nobody has a part in it, where so. What never went live has cost
    nothing where it was only planned, or is to run later; where all of a row is such, its costs stand."""
    first, last = reading.scope.from_, reading.scope.to
    due = [placement for placement in placements if _is_due(reading, placement)]
    within = [placement for placement in due or placements if runs_within(placement, first, last)]
    costs = [find_cost_within(placement, first, last, reading.last_day) for placement in within]
    if placements and not within:
        return [], "did_not_run"
    return costs, "too_early" if placements and not due else None


def _is_due(reading: Reading, placement: PlannedPlacement) -> bool:
    return placement.ran or _may_have_cost(placement, reading.last_day)


def _costs_to_come(reading: Reading, placements: Sequence[PlannedPlacement]) -> list[PlacementCost | None]:
    """What is known of the costs of those that have not begun, where others have; its costs are apart from theirs."""
    coming = [placement.cost for placement in placements if not _is_due(reading, placement)]
    return coming if len(coming) < len(placements) else []


def _may_have_cost(placement: PlannedPlacement, day: dt.date) -> bool:
    """Whether what never went live may have cost something by a day: it was to have begun, and is not known to have
    been planned alone."""
    return placement.starts_on <= day and (placement.cost is None or placement.cost.basis != "planned")


def _rest_row(reading: Reading, kind: Trace, measure: RowMeasure, shares: Shares) -> Row:
    return Row(
        **_counted(reading, measure, shares),
        row=REST_ROWS[kind],
        key=None,
        label=rest_label(REST_ROWS[kind]),
        costs=[],
        reached_bounds=None,
        touched=Touched(first=0, last=0, any=0),
        lift=None,
        verdict=None,
        reason=None,
        needs=None,
        cost_per_reached=no_cost_per("not_recorded"),
        brought=Brought(level=reading.scope.level, **_NOTHING_RAN),
        reached_because=Estimate(**_NOTHING_RAN),
        cost_per_reached_because=no_cost_per("not_recorded"),
    )


def rest_label(kind: RowKind) -> str:
    """What the applications are called of which no placement can be named."""
    return {
        "unknown": _("Unknown source"),
        "partly_traced": _("Partly traced: channel known, placement not"),
        "unmatched": _("Unmatched codes"),
        "known": "",
    }[kind]


def _counted(reading: Reading, measure: RowMeasure, shares: Shares) -> dict[str, Any]:
    point, expected, model = measure.conversion, measure.expected_reached, reading.scope.model
    share = shares[Rule(model.value)]
    return {
        "applications": measure.applications,
        "reached": measure.reached,
        "out": measure.out,
        "pending": measure.pending,
        "credit": Credit(
            model=model.value,
            value=share.value,
            low=share.low,
            high=share.high,
            why="too_few" if share.value is None else None,
        ),
        "conversion": Conversion(
            horizon_days=reading.scope.horizon_days,
            estimate=point.estimate,
            low=point.low,
            high=point.high,
            why=say_why(point.why),
        ),
        "expected_reached": Estimate(
            estimate=expected.estimate,
            low=expected.low,
            high=expected.high,
            why=say_why(expected.why),
        ),
    }


def _lift(measure: RowMeasure, horizon_days: int) -> Lift:
    lift = measure.lift
    if lift is None:
        why = say_why(measure.lift_why)
        return Lift(
            estimate=None, low=None, high=None, probability_better=None, horizon_days=horizon_days, why=why or "too_few"
        )
    return tell_lift(lift, horizon_days)
