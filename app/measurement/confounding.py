"""How strong something unmeasured would have to be to explain an association away."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EValue:
    """E-values of the middle and of the end of the interval nearer to no difference (1 where it holds that)."""

    estimate: float
    limit: float


def e_values_of(estimate: float, low: float, high: float) -> EValue:
    """Of a ratio of shares and the ends of its interval."""
    return EValue(e_value(estimate), e_value_of_interval(low, high))


def e_value(ratio: float) -> float:
    """How much must an unmeasured trait go with the ad, and with advancing, to make this ratio out of nothing?

    ratio  of shares that reach the stage, with the ad and without: one plus a lift. For an end of an interval
    that reaches no difference the answer is 1, which the caller sees to (`e_value_of_interval`).
    Both associations, as risk ratios beyond what is adjusted for, must be at least the answer. A ratio below
    one is turned over. Raises ValueError unless 0 < ratio. Source: VanderWeele and Ding 2017.
    """
    if not ratio > 0:
        raise ValueError("the ratio must be positive")
    away = max(ratio, 1 / ratio)
    return away + math.sqrt(away * (away - 1))


def e_value_of_interval(low: float, high: float) -> float:
    """The E-value of the end of an interval that lies nearer to no difference; 1 where the interval holds it."""
    if low <= 1 <= high:
        return 1.0
    return e_value(low if low > 1 else high)
