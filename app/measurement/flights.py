"""For how much of each week a placement could bring people: while it ran, and for some weeks after it was met."""

import numpy as np
from numpy.typing import NDArray

from app.measurement.cells import Floats
from app.measurement.journeys import WEEK_DAYS

LATER = np.array([0.45, 0.37, 0.13, 0.05])
"""Who applies in the week of meeting a placement, and in the three weeks after it: a delay of six days on average.
Simulated: where nobody waits at all, intervals still cover what they should."""


def spread_flights(
    first_day: int, weeks: int, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """For how much of each week placements ran, and how much of what they bring was due in it; each (K, W) in 0 … 1.

    first_day   ordinal of the first of W weeks
    starts, ends  (K,) ordinals of each placement's first and last day
    """
    monday = first_day + WEEK_DAYS * np.arange(-len(LATER) + 1, weeks)
    days = np.minimum(ends[:, None] + 1, monday + WEEK_DAYS) - np.maximum(starts[:, None], monday)
    ran = np.clip(days / WEEK_DAYS, 0.0, 1.0)
    before = len(LATER) - 1
    due = sum(part * ran[:, before - lag : before - lag + weeks] for lag, part in enumerate(LATER))
    return ran[:, before:], np.asarray(due, dtype=np.float64)
