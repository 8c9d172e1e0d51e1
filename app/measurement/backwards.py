"""How many must come for so many to be left: from a number wanted at the end back to the number at the start."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """A share of those at the start, from more than 0 to 1, with its interval where it was estimated."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Needed:
    """A number of people, in whole ones upwards; `high` is null where the share may be nothing."""

    estimate: int
    low: int
    high: int | None


def count_needed(wanted: int, share: Share) -> Needed:
    """How many must start for `wanted` to be left, if so large a share is?

    wanted over the share, and over the ends of its interval the other way round: the doubt about the share alone. It
    says nothing of the chance by which, of so many, more or fewer are left. Raises ValueError unless 0 < value <= 1.
    """
    if not 0 < share.value <= 1:
        raise ValueError("the share must be more than 0 and at most 1")
    estimate = _up(wanted / share.value)
    low = estimate if share.high is None else min(estimate, _up(wanted / share.high))
    if share.low is None:
        return Needed(estimate, low, estimate)
    return Needed(estimate, low, _up(wanted / share.low) if share.low > 0 else None)


def count_left(start: Needed, share: Share) -> Needed:
    """How many of `start` are left, if so large a share is: in whole people upwards. The least are those of the fewest
    who start at the lowest share, the most those of the most at the highest: both doubts at once, at their worst."""
    low, high = (share.value if end is None else end for end in (share.low, share.high))
    most = None if start.high is None else _up(start.high * high)
    return Needed(_up(start.estimate * share.value), _up(start.low * low), most)


def count_before(left: Needed, share: Share) -> Needed:
    """How many must start for `left` to be left, where that has a range of its own: as `count_needed`, the fewest by
    the highest share and the most by the lowest."""
    by_low, by_high = count_needed(left.low, share), None if left.high is None else count_needed(left.high, share)
    return Needed(count_needed(left.estimate, share).estimate, by_low.low, by_high.high if by_high else None)


def _up(number: float) -> int:
    """The next whole number; what is one but for the last bits of a float stays it."""
    return math.ceil(round(number, 9))
