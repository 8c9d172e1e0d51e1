"""Whether those went on sooner who met an ad on the way, after they had come to the stage before."""

import numpy as np
from numpy.typing import NDArray

from app.funnel.columns import NEVER, NONE, Ints
from app.measurement.compared import UNTRACED, compared
from app.measurement.later import Later, judge_later_touches, measure_later_touches
from app.reports.answers import Estimate, Hastened
from app.reports.attribution import Meeting
from app.reports.grouping import Grouping
from app.reports.reading import Reading, journeys_to

TOO_FEW = Estimate(estimate=None, low=None, high=None, why="too_few")


def measure_hastening(reading: Reading, grouping: Grouping, met: Meeting) -> list[Hastened]:
    """Of each group, by how much more often in a week those went on who had met it, beside comparable people who had
    not, or not yet.

    met  of all applicants, on the days after they came to the stage before
    Over all who came there, whatever the filters on the plan, so that an answer does not turn with the view; only
    groups that somebody met. While fewer than thirty have gone on each group is counted by itself.
    """
    columns, stage = reading.columns, reading.scope.stage
    before = reading.before(stage)
    chosen = np.flatnonzero(reading.inside & (columns.reached[:, before] != NEVER))
    journeys = journeys_to(columns, stage, chosen, since=before)
    specialty, job = (codes[chosen] - NONE for codes in (columns.specialty, columns.job))
    nobodys = np.full(len(chosen), UNTRACED, dtype=np.int32)
    who, group, day = _list_touches(reading, grouping, met, chosen)
    shown = np.unique(group)
    people = compared(journeys, nobodys, specialty, len(shown), job=job)
    later = measure_later_touches(people, who, np.searchsorted(shown, group), day)
    told = {number: _tell(grouping, number, later, TOO_FEW, None) for number in shown.tolist()}
    if later.effects is not None:
        tail = (1 - reading.scope.level) / 2
        ratios = np.exp(later.effects.quantile(np.array([0.5, tail, 1 - tail]))).tolist()
        chances = (1 - later.effects.below(np.zeros(len(later.ads)))).tolist()
        for number, (middle, low, high), chance in zip(shown[later.ads].tolist(), ratios, chances, strict=True):
            ratio = Estimate(estimate=middle, low=low, high=high)
            told[number] = _tell(grouping, number, later, ratio, chance)
    return list(told.values())


def _list_touches(
    reading: Reading, grouping: Grouping, met: Meeting, chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Position among the chosen, group, and days since the stage before, of each meeting in each of its groups."""
    place = np.full(reading.columns.count, NONE)
    place[chosen] = np.arange(len(chosen))
    entered: Ints = reading.columns.reached[:, reading.before(reading.scope.stage)]
    parts = []
    for number, group in enumerate(grouping.groups):
        own = np.isin(met.placement, group.placements) & (place[met.application] != NONE)
        who = met.application[own]
        parts.append((place[who], np.full(len(who), number), met.day[own] - entered[who]))
    nothing = np.zeros(0, dtype=np.int64)
    who, group_, day = (np.concatenate(each) for each in zip((nothing,) * 3, *parts, strict=True))
    return who.astype(np.int64), group_.astype(np.int64), day.astype(np.int64)


def _tell(grouping: Grouping, number: int, later: Later, ratio: Estimate, chance: float | None) -> Hastened:
    group, middle = grouping.groups[number], ratio.estimate
    sooner = middle is not None and judge_later_touches(middle, chance or 0.0, by_counts=later.by_counts)
    return Hastened(
        key=group.key,
        label=group.label,
        ratio=ratio,
        probability_sooner=chance,
        model="counts" if later.by_counts else "weeks",
        verdict="sooner" if sooner else "cannot_tell",
    )
