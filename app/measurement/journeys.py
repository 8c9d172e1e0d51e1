"""Journeys: how long applications waited for one stage and how the waiting ended, in days and whole weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

HORIZON_DAYS = 120
WEEK_DAYS = 7
WEEKS = 26


class Cause(IntEnum):
    """How the waiting for the stage ended; the values are the coding of `Journeys.cause`."""

    PENDING = 0
    ADVANCED = 1
    OUT = 2


@dataclass(frozen=True, slots=True, eq=False)
class Journeys:
    """One stage's waiting times, one element per application; every array has shape (n,).

    wait       days from application to the first advance to the stage or to going out, else to `follow_up`
    cause      `Cause`: pending, advanced or out
    follow_up  days from application to the last completed sync of its connection, also for those who
               are decided: that everyone's end of observation is known is what lets those who went
               out stay in the risk set without weights

    Raises ValueError where shapes differ, a day is negative, a decision lies after the follow-up, or a
    pending application stopped waiting before it.
    """

    wait: NDArray[np.int32]
    cause: NDArray[np.int8]
    follow_up: NDArray[np.int32]

    def __post_init__(self) -> None:
        for name in ("wait", "cause", "follow_up"):
            require_codes(name, getattr(self, name), size=len(self.wait))
        if np.any((self.cause < Cause.PENDING) | (self.cause > Cause.OUT)):
            raise ValueError("cause must be 0 (pending), 1 (advanced) or 2 (out)")
        if np.any(self.wait < 0) or np.any(self.wait > self.follow_up):
            raise ValueError("wait must lie between 0 and follow_up")
        if np.any((self.cause == Cause.PENDING) & (self.wait != self.follow_up)):
            raise ValueError("a pending application waits until its follow_up")

    def __len__(self) -> int:
        return len(self.wait)

    def select(self, mask: NDArray[Any]) -> Self:
        """The journeys that a boolean mask, or an array of positions, picks out."""
        return type(self)(self.wait[mask], self.cause[mask], self.follow_up[mask])

    @property
    def reached_count(self) -> int:
        return int(np.count_nonzero(self.cause == Cause.ADVANCED))

    @property
    def out_count(self) -> int:
        return int(np.count_nonzero(self.cause == Cause.OUT))

    @property
    def pending_count(self) -> int:
        return int(np.count_nonzero(self.cause == Cause.PENDING))

    def observed_weeks(self) -> NDArray[np.int64]:
        """Whole weeks each application was watched for, at most `WEEKS`."""
        return np.minimum(self.follow_up // WEEK_DAYS, WEEKS).astype(np.int64)

    def decided_in_observed_week(self, cause: Cause) -> NDArray[np.bool_]:
        """Which applications ended by this cause in a week that was watched to its end.

        An event of the current part-week is not counted, because its event-free people cannot be either.
        """
        week = self.wait // WEEK_DAYS
        return np.asarray((self.cause == cause) & (week < self.observed_weeks()), dtype=np.bool_)

    def risk_weeks(self) -> NDArray[np.int64]:
        """Weeks in the subdistribution risk set: to the week of the advance, else to the end of follow-up."""
        weeks = self.observed_weeks()
        return np.where(self.decided_in_observed_week(Cause.ADVANCED), self.wait // WEEK_DAYS + 1, weeks)


def require_codes(name: str, values: NDArray[Any], *, size: int, codes: Sequence[int] | None = None) -> None:
    """Raise ValueError unless `values` is a flat array of `size` integers, within [codes[0], codes[1])."""
    if values.ndim != 1 or len(values) != size or not np.issubdtype(values.dtype, np.integer):
        raise ValueError(f"{name} must be {size} whole numbers in one dimension")
    if codes is not None and size and (values.min() < codes[0] or values.max() >= codes[1]):
        raise ValueError(f"{name} must lie in [{codes[0]}, {codes[1]})")
