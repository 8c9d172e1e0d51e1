"""What one application that reached the stage has cost, in whole minor units of one currency."""

from dataclasses import dataclass

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
