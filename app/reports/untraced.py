"""What cannot be traced, by what is known of it: which rows it may have come through."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.funnel.columns import NEVER, NONE
from app.reports.grouping import REST, Group, Grouping
from app.reports.reading import Reading

ANY = 0
"""The kind of what nothing is known of; others are the number of the channel, counted from one."""


def kinds_of(reading: Reading, application: NDArray[np.int64]) -> NDArray[np.int64]:
    """What is known of where these came from, should no placement be."""
    channel = reading.attribution.channel[application]
    return np.where(channel == NONE, ANY, channel + 1).astype(np.int64)


def list_possible(reading: Reading, groups: Sequence[Group]) -> NDArray[np.bool_]:
    """Whether what is untraced may be each group's, shape (kinds, groups): of a known channel, only of a group that
    has a placement there."""
    number = {id: n for n, (id, _name) in enumerate(reading.plan.channels, 1)}
    possible = np.zeros((len(number) + 1, len(groups)), dtype=np.bool_)
    possible[ANY] = True
    for n, group in enumerate(groups):
        possible[[number.get(reading.plan.placements[one].channel_id, ANY) for one in group.placements], n] = True
    return possible


def count_possible(reading: Reading, grouping: Grouping) -> list[int]:
    """How many that reached the stage and cannot be traced may be each group's own."""
    rest = np.concatenate([grouping.rest[kind] for kind in REST])
    reached = rest[reading.columns.reached[rest, reading.scope.stage] != NEVER]
    possible = list_possible(reading, grouping.groups)
    by_kind = np.bincount(kinds_of(reading, reached), minlength=len(possible))
    return [int(count) for count in by_kind @ possible]
