"""What one application that reached the stage has cost, in whole minor units of one currency."""

from dataclasses import dataclass

import numpy as np

from app.measurement.because import ReachedBecause
from app.measurement.intervals import count_interval
from app.measurement.reasons import Why


@dataclass(frozen=True, slots=True)
class CostPerReached:
    """Minor units per application that reached the stage; `high` is null where there is no upper limit."""

    estimate: int | None
    low: int | None
    high: int | None
    why: Why | None = None


def cost_per_reached(cost: int, reached: int, level: float = 0.9) -> CostPerReached:
    """What does it cost to bring one application to the stage?

    cost (minor units, not negative) over the number reached; the interval is the cost over the ends of
    Jeffreys' interval for that number, taking the cost as known. With nobody reached there is no estimate
    and no upper limit, only a lower one, and TOO_FEW. Misleads while many are pending: the cost is spent,
    the reaching is still to come. Raises ValueError for a negative cost or number.
    """
    if cost < 0:
        raise ValueError("the cost must not be negative")
    ends = count_interval(reached, level)
    low = round(cost / ends.high)
    if not reached:
        return CostPerReached(None, low, None, Why.TOO_FEW)
    return CostPerReached((2 * cost + reached) // (2 * reached), low, round(cost / ends.low))


def cost_per_because(cost: int, reached: ReachedBecause, *, seen: bool, level: float = 0.9) -> CostPerReached:
    """What does it cost to bring one application to the stage that would not have come to it otherwise?

    cost (minor units, not negative) over the draws of the number reached, taking the cost as known; the draws hold
    the doubt about whom the placement brought and how far they go. `seen` says that it surely brought people: else
    there is no estimate, and TOO_FEW. There is no upper limit where the number may be none, and no limit at all
    where it probably is. Raises ValueError for a negative cost.
    """
    if cost < 0:
        raise ValueError("the cost must not be negative")
    if reached.draws is None:
        return CostPerReached(None, None, None, reached.why)
    tail = (1 - level) / 2
    ends = np.quantile(reached.draws, [1 - tail, 0.5, tail]).tolist()
    low, middle, high = (round(cost / number) if number > 0 else None for number in ends)
    if not seen:
        return CostPerReached(None, low, high, Why.TOO_FEW)
    return CostPerReached(middle, low, high, None if middle is not None else Why.TOO_FEW)
