"""Intervals for a proportion, for a count and for a curve's value, at whatever sample size."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Interval:
    """Lower and upper end, both inclusive."""

    low: float
    high: float


def proportion_interval(successes: float, trials: float, level: float = 0.9) -> Interval:
    """Between which shares may the true share lie, given `successes` of `trials`?

    Quantiles of Beta(x + 1/2, n - x + 1/2), the posterior under Jeffreys' prior; the end at 0 or 1 is kept
    when nothing or everything succeeded. Good at any n, also for the effective, fractional counts of
    censored data. Misleads when trials influence each other.

    Raises ValueError unless 0 <= successes <= trials. Source: Brown, Cai and DasGupta 2001, section 4.1.2.
    """
    _require_level(level)
    if not 0 <= successes <= trials:
        raise ValueError("successes must lie between 0 and trials")
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    a, b = successes + 0.5, trials - successes + 0.5
    low = 0.0 if successes == 0 else float(betaincinv(a, b, tail))
    return Interval(low, 1.0 if successes == trials else float(betaincinv(a, b, 1 - tail)))


def count_interval(count: float, level: float = 0.9) -> Interval:
    """Between which numbers may the expected number lie, given that `count` were seen?

    Quantiles of Gamma(count + 1/2, 1), the posterior of a Poisson mean under Jeffreys' prior; the lower end
    is 0 when nothing was seen. Raises ValueError for a negative count. Source: Jeffreys 1961; Cai 2005.
    """
    low, high = weighted_count_interval(count, count, level)
    return Interval(float(low), float(high))


def weighted_count_interval(
    total: ArrayLike, squares: ArrayLike, level: float = 0.9
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Between which numbers may the expected total lie, when each event counts for a part?

    A sum of Poisson events with weights w has mean sum(w) = `total` and variance sum(w^2) = `squares`; it is
    matched by a scaled count, which gets Jeffreys' interval. Whole counts (all weights 1) come out as
    `count_interval`. Where nothing was seen the weight of one whole event is assumed. Both arguments have
    one shape; so have the two results. Misleads where one event outweighs all the others.

    Raises ValueError for negative values. Source: the idea of Fay and Feuer 1997, with Jeffreys' half event.
    """
    _require_level(level)
    total, squares = np.asarray(total, dtype=np.float64), np.asarray(squares, dtype=np.float64)
    if np.any(total < 0) or np.any(squares < 0):
        raise ValueError("counts must not be negative")
    from scipy.special import gammaincinv

    tail = (1 - level) / 2
    weight = np.divide(squares, total, out=np.ones_like(total), where=total > 0)
    shape = total / weight + 0.5
    low = np.where(total > 0, weight * gammaincinv(shape, tail), 0.0)
    return low, np.asarray(weight * gammaincinv(shape, 1 - tail), dtype=np.float64)


def log_log_interval(estimate: float, standard_error: float, level: float = 0.9) -> Interval:
    """Between which values may a cumulative incidence lie, given its estimate and standard error?

    Symmetric on log(-log F), so it stays inside (0, 1). Raises ValueError unless 0 < estimate < 1: at the
    ends there is no standard error and `proportion_interval` must answer. Source: Kalbfleisch and Prentice
    2002, section 1.4.
    """
    _require_level(level)
    if not 0 < estimate < 1:
        raise ValueError("the log-log interval needs an estimate strictly between 0 and 1")
    spread = normal_quantile((1 + level) / 2) * standard_error / (estimate * -np.log(estimate))
    return Interval(float(estimate ** np.exp(spread)), float(estimate ** np.exp(-spread)))


def normal_quantile(probability: float) -> float:
    """The point below which a standard normal falls with this probability."""
    from scipy.special import ndtri

    return float(ndtri(probability))


def discrete_interval(draws: NDArray[Any], level: float) -> tuple[int, int, int]:
    """Lower end, middle and upper end of whole-number draws, themselves whole numbers (inverse CDF)."""
    tail = (1 - level) / 2
    low, middle, high = np.quantile(draws, [tail, 0.5, 1 - tail], method="inverted_cdf")
    return int(low), int(middle), int(high)


def _require_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError("level must lie between 0 and 1")
