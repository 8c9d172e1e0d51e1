"""Many campaigns measured at once: every step is production's own, only the fits share one call."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from app.measurement.advance import arrange_advances, describe_advances
from app.measurement.cells import Cells
from app.measurement.compared import Compared
from app.measurement.fates import Fates, fit_fates
from app.measurement.journeys import HORIZON_DAYS
from app.measurement.laplace import Fit
from app.measurement.progress import Method, Progress, choose_method, describe_progress, measure_by_counts

TOGETHER = 50


def measure_together(
    people: Iterable[Compared], *, level: float = 0.9, horizon_days: int = HORIZON_DAYS
) -> Iterator[tuple[Progress, ...]]:
    """What `measure_progress` says of each, in order. All must have the same ads, specialties and jobs."""
    everybody = iter(people)
    while batch := list(islice(everybody, TOGETHER)):
        by_fates = [one for one in batch if choose_method(one) is Method.FATES]
        fitted = iter(_fit_together(by_fates, level, horizon_days))
        for one in batch:
            if choose_method(one) is Method.FATES:
                yield next(fitted)
            else:
                yield measure_by_counts(one, level=level, horizon_days=horizon_days)


def _fit_together(people: Sequence[Compared], level: float, horizon_days: int) -> list[tuple[Progress, ...]]:
    arranged = [arrange_advances(one) for one in people]
    told: list[tuple[Progress, ...]] = [()] * len(people)
    for months in {len(one.deviations) for one in arranged}:
        alike = [number for number, one in enumerate(arranged) if len(one.deviations) == months]
        stack = stack_fates([arranged[number].fates for number in alike])
        fit = fit_fates(stack, arranged[alike[0]].deviations, kind=people[0].kind)
        for place, number in enumerate(alike):
            advances = describe_advances(arranged[number], take_family(fit, place), people[number].ads, horizon_days)
            told[number] = describe_progress(people[number], advances, level)
    return told


def stack_fates(fates: Sequence[Fates]) -> Fates:
    """Families side by side, of the same width and number of columns. Nobody waits in a week that is missing."""
    weeks = max(one.waiting.shape[1] for one in fates)
    join = np.concatenate

    def widen(part: "np.typing.NDArray[np.float64]") -> "np.typing.NDArray[np.float64]":
        return np.pad(part, ((0, 0), (0, weeks - part.shape[1])))

    return Fates(
        join([np.full(len(one.family), number) for number, one in enumerate(fates)]),
        join([one.columns for one in fates]),
        join([one.advanced for one in fates]),
        join([one.never for one in fates]),
        join([widen(one.waiting) for one in fates]),
        join([one.due for one in fates]),
        join([widen(one.tilt) for one in fates]),
        fates[0].width,
    )


def stack_cells(cells: Sequence[Cells]) -> Cells:
    """Families side by side; all must have the same width and number of columns."""
    starts = np.cumsum([0, *(len(one.family) for one in cells)])
    join = np.concatenate
    return Cells(
        join([np.full(len(one.family), number) for number, one in enumerate(cells)]),
        join([one.columns for one in cells]),
        join([one.quiet for one in cells]),
        join([one.event_row + start for one, start in zip(cells, starts[:-1], strict=True)]),
        join([one.event_week for one in cells]),
        join([one.events for one in cells]),
        len(cells),
        cells[0].width,
    )


def take_family(fit: Fit, number: int) -> Fit:
    """One family's part of a fit of many."""
    own = slice(number, number + 1)
    return Fit(fit.weight[own], fit.level[own], fit.mean[own], fit.deviation[own], fit.covariance[own])
