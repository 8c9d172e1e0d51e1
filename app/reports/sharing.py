"""Sharing the applications that reached the stage among the rows that they met on their way. It proves no effect."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.funnel.columns import NEVER, NONE
from app.measurement.credit import FEWEST_CONVERTED, Ending, Rule, arrange_paths, share_credit
from app.reports.grouping import REST, Grouping
from app.reports.reading import Reading

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Share:
    """One row's part of the applications that reached the stage; null where too few did for this way of sharing."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class _Steps:
    """Steps of those who reached the stage, in their order. A path is an application's; its last step is its own
    source, or the row of what cannot be traced where no placement is known to own it (then `placement` is NONE).
    """

    path: Positions
    placement: Positions
    rest: Positions
    day: Positions
    paths: int


def share_among_rows(reading: Reading, grouping: Grouping) -> dict[Rule, list[Share]]:
    """Each rule's shares of every row, the groups first and then the rest; where rows do not overlap, the shares
    of all rows add up to the applications that reached the stage (`any` apart, which counts all that were met)."""
    steps = _list_steps(reading, grouping)
    rules = dict.fromkeys((Rule.FIRST, Rule.LAST, Rule.ANY, Rule(reading.scope.model.value)))
    return {rule: _share(reading, grouping, steps, rule) for rule in rules}


def _list_steps(reading: Reading, grouping: Grouping) -> _Steps:
    """Rows of the rest are numbered behind the groups; one more holds what the filters leave out."""
    attribution, groups = reading.attribution, len(grouping.groups)
    arrived = reading.inside & (reading.columns.reached[:, reading.scope.stage] != NEVER)
    met = arrived[attribution.meetings.application]
    unplaced = np.flatnonzero(arrived & (attribution.placement == NONE))
    home = np.full(len(arrived), groups + len(REST))
    home[grouping.application] = grouping.group  # by channel a row may hold what no placement is known for
    for number, kind in enumerate(REST):
        home[grouping.rest[kind]] = groups + number
    path = np.cumsum(arrived) - 1
    return _Steps(
        path=path[np.concatenate([attribution.meetings.application[met], unplaced])],
        placement=np.concatenate([attribution.meetings.placement[met], np.full(len(unplaced), NONE)]),
        rest=np.concatenate([np.full(np.count_nonzero(met), NONE), home[unplaced]]),
        day=np.concatenate([attribution.meetings.day[met], reading.columns.applied[unplaced]]),
        paths=int(np.count_nonzero(arrived)),
    )


def _share(reading: Reading, grouping: Grouping, steps: _Steps, rule: Rule) -> list[Share]:
    level, groups = reading.scope.level, len(grouping.groups)
    group_of = np.full(len(reading.plan.placements) + 1, NONE)
    for number, group in enumerate(grouping.groups):
        group_of[list(group.placements)] = number
    row = np.where(steps.placement == NONE, steps.rest, group_of[steps.placement])
    shares = _share_exclusively(steps, row, groups + len(REST) + 1, rule, level)[:-1]
    if grouping.overlapping:
        shares[:groups] = [
            _share_exclusively(steps, np.where(np.isin(steps.placement, group.placements), 0, 1), 2, rule, level)[0]
            for group in grouping.groups
        ]
    return shares


def _share_exclusively(steps: _Steps, row: Positions, rows: int, rule: Rule, level: float) -> list[Share]:
    ending = np.full(steps.paths, Ending.CONVERTED, dtype=np.int8)
    if rule is Rule.SHAPLEY and steps.paths < FEWEST_CONVERTED:
        return [Share(None, None, None)] * rows
    order = np.arange(len(row))
    paths = arrange_paths(steps.path.astype(np.int32), row.astype(np.int32), order, ending, rows, steps.day)
    credit = share_credit(paths, rule, level)
    return [Share(*ends) for ends in np.column_stack([credit.value, credit.low, credit.high]).tolist()]
