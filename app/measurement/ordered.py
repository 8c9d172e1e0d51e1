"""Shares of the same applicants at stage after stage, none larger than at a stage before."""

from collections.abc import Sequence
from dataclasses import replace

from app.measurement.incidence import DAYS, IncidencePoint, estimate_incidence, hide_unfollowed, trace_points
from app.measurement.journeys import Journeys


def estimate_stages(
    journeys: Sequence[Journeys], days: Sequence[int] = DAYS, level: float = 0.9
) -> tuple[tuple[IncidencePoint, ...], ...]:
    """What share of the same applications reaches each stage, in the order of the stages, within so many days?

    Whoever reaches a stage has reached those before it, so the true shares do not rise from stage to stage. Separate
    estimates may: whoever drops from sight undecided is taken to fare as those who still wait, and before a later stage
    others wait than before an earlier one. Where estimates rise, the stages concerned share their mean, and so do the
    ends of their intervals (`pool_rising`).

    Each stage counts the same, for they are the same applications. So the squared errors of all stages together are
    never larger than those of the separate estimates, intervals that hold the truth at every stage still do, and
    estimates still rise from day to day: that is why a point that is too early is pooled along before it is hidden.
    Points as of `estimate_incidence`, whose standard errors stay those of the separate estimates.

    Raises ValueError where the journeys are not as many for each stage. Source: Robertson, Wright and Dykstra 1988,
    theorems 1.3.1 and 1.6.1; for the ends of intervals Chernozhukov, Fernandez-Val and Galichon 2009.
    """
    if len({len(one) for one in journeys}) > 1:
        raise ValueError("each stage needs the journeys of the same applications")
    if not journeys or not len(journeys[0]):
        return tuple(estimate_incidence(one, days, level) for one in journeys)
    traced = [trace_points(one, days, level) for one in journeys]
    told = [_pool_stages([point for point, _followed in same_day]) for same_day in zip(*traced, strict=True)]
    return tuple(
        tuple(point if followed else hide_unfollowed(point) for point, (_raw, followed) in zip(own, raw, strict=True))
        for own, raw in zip(zip(*told, strict=True), traced, strict=True)
    )


def pool_rising(values: Sequence[float]) -> list[float]:
    """The numbers nearest to these by least squares of which none is larger than one before it.

    Neighbours that rise are pooled until none does (pool adjacent violators): Robertson, Wright and Dykstra 1988,
    section 1.2.
    """
    pools: list[tuple[float, int]] = []
    for value in values:
        mean, size = value, 1
        while pools and pools[-1][0] < mean:
            before, count = pools.pop()
            mean, size = (mean * size + before * count) / (size + count), size + count
        pools.append((mean, size))
    return [mean for mean, size in pools for _one in range(size)]


def _pool_stages(points: Sequence[IncidencePoint]) -> list[IncidencePoint]:
    ends = [[end for end in (one.estimate, one.low, one.high) if end is not None] for one in points]
    pooled = zip(*(pool_rising(end) for end in zip(*ends, strict=True)), strict=True)
    return [
        replace(point, estimate=estimate, low=low, high=high)
        for point, (estimate, low, high) in zip(points, pooled, strict=True)
    ]
