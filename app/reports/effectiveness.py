"""Which ads moved people forward: the report that everything else is for."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.funnel.columns import NEVER
from app.funnel.stage import Stage
from app.i18n import _, minor_digits
from app.measurement.cost import cost_per_reached
from app.measurement.credit import Credit as MeasuredCredit
from app.measurement.credit import Ending, Rule, arrange_paths, share_credit
from app.measurement.effectiveness import RowMeasure, measure_rows
from app.measurement.journeys import Journeys
from app.reports.answers import (
    Conversion,
    Cost,
    CostPer,
    Credit,
    Effectiveness,
    Estimate,
    Lift,
    Needs,
    Reason,
    Row,
    RowKind,
    Touched,
    say_why,
)
from app.reports.attribution import Trace
from app.reports.cache import cached
from app.reports.grouping import REST, Group, Grouping, group_applications
from app.reports.plan import PlacementCost
from app.reports.reading import (
    Reading,
    count_totals,
    describe_scope,
    journeys_to,
    meeting_filters,
    read,
    strata,
)
from app.reports.scope import OVERLAPPING, Scope
from app.reports.wording import reason_sentence

PACE_WEEKS = 8
REST_ROWS: dict[Trace, RowKind] = {
    Trace.UNKNOWN: "unknown",
    Trace.PARTLY: "partly_traced",
    Trace.UNMATCHED: "unmatched",
}


def report_effectiveness(session: Session, scope: Scope) -> Effectiveness:
    """Answer the scope's question; computed once per state of the data."""
    return cached(session, scope, "effectiveness", lambda: _report(read(session, scope)))


def _report(reading: Reading) -> Effectiveness:
    grouping = group_applications(reading)
    measures = _measure(reading, grouping)
    credits = _share(reading, grouping)
    rows = [
        _known_row(reading, group, measures[number], credits, number)
        for number, group in enumerate(grouping.groups)
        if group.shown
    ]
    rest = [_rest_row(reading, kind, measures[len(grouping.groups) + offset]) for offset, kind in enumerate(REST)]
    return Effectiveness(
        scope=describe_scope(reading.scope),
        data=reading.data,
        totals=count_totals(reading, meeting_filters(reading)),
        overlapping=reading.scope.by in OVERLAPPING,
        rows=[*rows, *rest],
    )


def _measure(reading: Reading, grouping: Grouping) -> list[RowMeasure]:
    """Every row's measures, the groups first and then the rest.

    Where rows overlap, the counts are each row's whole, but the comparison uses only applicants who met one
    row's ads and no other's: those of several are a side of their own, so that nobody is compared with himself.
    """
    groups = len(grouping.groups)
    application = np.concatenate([grouping.application, *(grouping.rest[kind] for kind in REST)])
    row = np.concatenate(
        [grouping.group, *(np.full(len(grouping.rest[kind]), groups + n) for n, kind in enumerate(REST))]
    )
    described = _measure_once(reading, application, row, groups + len(REST), ads=groups)
    if reading.scope.by not in OVERLAPPING:
        return described
    single, row_of_single = _singled_out(grouping)
    compared = _measure_once(reading, single, row_of_single, groups + 1, ads=groups + 1)
    judged = [_judged_as(*pair) for pair in zip(described, compared[:groups], strict=False)]
    return [*judged, *described[groups:]]


def _singled_out(grouping: Grouping) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    single, first, count = np.unique(grouping.application, return_index=True, return_counts=True)
    return single, np.where(count == 1, grouping.group[first], len(grouping.groups))


def _judged_as(described: RowMeasure, compared: RowMeasure) -> RowMeasure:
    return replace(
        described,
        lift=compared.lift,
        lift_why=compared.lift_why,
        verdict=compared.verdict,
        reason=compared.reason,
        needs=compared.needs,
    )


def _measure_once(
    reading: Reading, application: NDArray[np.int64], row: NDArray[np.int64], rows: int, *, ads: int
) -> list[RowMeasure]:
    columns, scope = reading.columns, reading.scope
    recent = columns.applied[application] > reading.last_day.toordinal() - 7 * PACE_WEEKS
    pace = np.bincount(row[recent], minlength=rows) / PACE_WEEKS
    journeys: Journeys = journeys_to(columns, scope.stage, application)
    return list(
        measure_rows(
            journeys, row.astype(np.int32), strata(columns, application), pace, ads,
            horizon_days=scope.horizon_days, level=scope.level,
        )
    )  # fmt: skip


def _share(reading: Reading, grouping: Grouping) -> dict[Rule, MeasuredCredit]:
    """Credit of each group and of the applications without any, under every rule; a path is an application's."""
    columns, meetings = reading.columns, reading.attribution.meetings
    groups = len(grouping.groups)
    placement = meetings.placement
    table = [np.flatnonzero([placed in group.placements for group in grouping.groups])
             for placed in range(len(reading.plan.placements))]  # fmt: skip
    inside = reading.inside[meetings.application]
    sizes = np.array([len(numbers) for numbers in table], dtype=np.int64)[placement] * inside
    path = np.repeat(meetings.application, sizes)
    order = np.repeat(np.arange(len(placement)), sizes)
    row = np.concatenate([table[one] for one in placement[inside]]) if len(path) else np.zeros(0, np.int64)
    ending = np.where(
        columns.reached[:, reading.scope.stage] != NEVER,
        Ending.CONVERTED,
        np.where(columns.out != NEVER, Ending.NULL, Ending.UNRESOLVED),
    )
    ending = np.where(reading.inside, ending, Ending.NULL).astype(np.int8)
    paths = arrange_paths(path.astype(np.int32), row.astype(np.int32), order, ending, groups)
    return {rule: share_credit(paths, rule, reading.scope.level) for rule in Rule}


def _known_row(
    reading: Reading, group: Group, measure: RowMeasure, credits: dict[Rule, MeasuredCredit], number: int
) -> Row:
    scope = reading.scope
    placements = [reading.plan.placements[one] for one in group.placements]
    chosen = credits[Rule(scope.model.value)]
    return Row(
        **_counted(reading, measure),
        row="known",
        key=group.key,
        code=placements[0].code if scope.by.value == "placement" else None,
        label=group.label,
        costs=_costs([placement.cost for placement in placements if placement.cost]),
        touched=Touched(**{
            rule.value: round(float(credits[rule].value[number])) for rule in (Rule.FIRST, Rule.LAST, Rule.ANY)
        }),
        credit=Credit(
            model=scope.model.value, value=float(chosen.value[number]),
            low=float(chosen.low[number]), high=float(chosen.high[number]),
        ),
        lift=_lift(measure, scope.horizon_days),
        verdict=measure.verdict.value if measure.verdict else None,
        reason=_reason(measure, scope.stage),
        needs=_needs(measure),
        cost_per_reached=_cost_per_reached([placement.cost for placement in placements], measure.reached, scope),
    )  # fmt: skip


def _rest_row(reading: Reading, kind: Trace, measure: RowMeasure) -> Row:
    return Row(
        **_counted(reading, measure),
        row=REST_ROWS[kind],
        key=None,
        label=rest_label(REST_ROWS[kind]),
        costs=[],
        touched=Touched(first=0, last=0, any=0),
        credit=Credit(model=reading.scope.model.value, value=None, low=None, high=None, why="not_recorded"),
        lift=None,
        verdict=None,
        reason=None,
        needs=None,
        cost_per_reached=CostPer(estimate=None, low=None, high=None, currency=None, why="not_recorded"),
    )


def rest_label(kind: RowKind) -> str:
    """What the applications are called of which no placement can be named."""
    return {
        "unknown": _("Unknown source"),
        "partly_traced": _("Partly traced: channel known, placement not"),
        "unmatched": _("Unmatched codes"),
        "known": "",
    }[kind]


def _counted(reading: Reading, measure: RowMeasure) -> dict[str, Any]:
    point, expected = measure.conversion, measure.expected_reached
    return {
        "applications": measure.applications,
        "reached": measure.reached,
        "out": measure.out,
        "pending": measure.pending,
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
        "brought": Estimate(estimate=None, low=None, high=None, why="not_recorded"),
    }


def _lift(measure: RowMeasure, horizon_days: int) -> Lift:
    lift = measure.lift
    if lift is None:
        why = say_why(measure.lift_why)
        return Lift(
            estimate=None, low=None, high=None, probability_better=None, horizon_days=horizon_days, why=why or "too_few"
        )
    return Lift(
        estimate=lift.estimate,
        low=lift.low,
        high=lift.high,
        probability_better=lift.probability_better,
        horizon_days=horizon_days,
    )


def _reason(measure: RowMeasure, stage: Stage) -> Reason | None:
    if measure.reason is None or measure.verdict is None:
        return None
    params = {name: value for name, value in asdict(measure.reason).items() if name != "code" and value is not None}
    code = measure.reason.code.value
    return Reason(code=code, params=params, text=reason_sentence(code, params, stage))


def _needs(measure: RowMeasure) -> Needs | None:
    needs = measure.needs
    if needs is None:
        return None
    return Needs(applications=None if needs.capped else needs.applications, weeks=needs.weeks, capped=needs.capped)


def _costs(costs: Sequence[PlacementCost]) -> list[Cost]:
    sums: dict[tuple[str, str], int] = {}
    for cost in costs:
        sums[cost.currency, cost.basis] = sums.get((cost.currency, cost.basis), 0) + cost.minor
    return [
        Cost(amount=amount_of(minor, currency), currency=currency, basis=basis)  # type: ignore[arg-type]
        for (currency, basis), minor in sorted(sums.items())
    ]


def _cost_per_reached(costs: Sequence[PlacementCost | None], reached: int, scope: Scope) -> CostPer:
    known = [cost for cost in costs if cost is not None]
    if not known or len(known) < len(costs):
        return CostPer(estimate=None, low=None, high=None, currency=None, why="not_recorded")
    currencies = {cost.currency for cost in known}
    if len(currencies) > 1:
        return CostPer(estimate=None, low=None, high=None, currency=None, why="mixed_currency")
    (currency,) = currencies
    per = cost_per_reached(sum(cost.minor for cost in known), reached, scope.level)
    ends = {
        name: None if minor is None else amount_of(minor, currency)
        for name, minor in (("estimate", per.estimate), ("low", per.low), ("high", per.high))
    }
    return CostPer(**ends, currency=currency, why=say_why(per.why))


def amount_of(minor: int, currency: str) -> str:
    """Integer minor units as a decimal string, `1900.00`."""
    digits = minor_digits(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"
