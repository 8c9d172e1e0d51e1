"""The rows of the effectiveness report: which placements each stands for, and which applications are its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.funnel.columns import NONE
from app.reports.attribution import Trace
from app.reports.plan import PlannedPlacement
from app.reports.reading import Reading, meeting_filters
from app.reports.scope import OVERLAPPING, By

REST = (Trace.UNKNOWN, Trace.PARTLY, Trace.UNMATCHED)


@dataclass(frozen=True, slots=True)
class Group:
    """A row to be: what it stands for and the placements in it. Groups outside the filters are compared with,
    so that a verdict does not turn with the view, but not shown."""

    key: str
    label: str
    placements: tuple[int, ...]
    shown: bool


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups, and the memberships of applications in them: element i says application[i] is in group[i].

    rest       applications of which no placement is known, by how far they can be traced
    elsewhere  such ones that the filters leave out
    overlapping  whether rows share applications: by factor, claim and theme, where an asset may carry several, and by
                 persona where an ad for several brought somebody
    """

    groups: tuple[Group, ...]
    application: NDArray[np.int64]
    group: NDArray[np.int64]
    rest: dict[Trace, NDArray[np.int64]]
    elsewhere: NDArray[np.int64]
    overlapping: bool


def group_applications(reading: Reading) -> Grouping:
    """Put every application in scope into its rows: one, or several where the split overlaps."""
    by, attribution = reading.scope.by, reading.attribution
    groups = _groups(reading.plan.placements, reading)
    table = _memberships(groups, len(reading.plan.placements))
    inside = np.flatnonzero(reading.inside)
    application, group = _expand(inside, attribution.placement[inside], table)
    trace = attribution.trace[inside]
    if by is By.CHANNEL and not reading.scope.filters.on_placements:
        application, group, trace = _with_channels(reading, groups, inside, application, group, trace)
    shown = meeting_filters(reading)[inside]
    rest = {kind: inside[shown & (trace == kind)] for kind in REST}
    overlapping = by in OVERLAPPING or len(np.unique(application)) < len(application)
    return Grouping(tuple(groups), application, group, rest, inside[~shown & (trace != Trace.KNOWN)], overlapping)


def _groups(placements: Sequence[PlannedPlacement], reading: Reading) -> list[Group]:
    by, filters = reading.scope.by, reading.scope.filters
    members: dict[tuple[str, bool], list[int]] = {}
    labels: dict[str, str] = {}
    for number, placement in enumerate(placements):
        for key, label in placement.groups[by]:
            asked = by is not By.PERSONA or filters.persona in (None, key)
            members.setdefault((key, asked and placement.meets(filters)), []).append(number)
            labels.setdefault(key, label)
    if by is By.CHANNEL and not filters.on_placements:
        for id, name in reading.plan.channels:
            members.setdefault((str(id), filters.channel in (None, id)), [])
            labels.setdefault(str(id), name)
    return [Group(key, labels[key], tuple(numbers), shown) for (key, shown), numbers in members.items()]


def _memberships(groups: Sequence[Group], placements: int) -> list[list[int]]:
    table: list[list[int]] = [[] for _ in range(placements)]
    for number, group in enumerate(groups):
        for placement in group.placements:
            table[placement].append(number)
    return table


def _expand(
    inside: NDArray[np.int64], placement: NDArray[np.int32], table: list[list[int]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    sizes = np.array([*(len(groups) for groups in table), 0], dtype=np.int64)
    flat = np.array([group for groups in table for group in groups], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    count = sizes[placement]
    application = np.repeat(inside, count)
    offset = np.arange(len(application)) - np.repeat(np.cumsum(count) - count, count)
    return application, flat[np.repeat(starts[placement], count) + offset]


def _with_channels(
    reading: Reading,
    groups: Sequence[Group],
    inside: NDArray[np.int64],
    application: NDArray[np.int64],
    group: NDArray[np.int64],
    trace: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """By channel, an application of which only the channel is known is as well traced as any."""
    number_of = {group.key: number for number, group in enumerate(groups)}
    table = np.array([*(number_of.get(str(id), NONE) for id, _name in reading.plan.channels), NONE], dtype=np.int64)
    found = np.where(trace == Trace.PARTLY, table[reading.attribution.channel[inside]], NONE)
    partly = found != NONE
    return (
        np.concatenate([application, inside[partly]]),
        np.concatenate([group, found[partly]]),
        np.where(partly, np.int32(Trace.KNOWN), trace),
    )
