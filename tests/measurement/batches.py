"""Many campaigns measured at once: every step is production's own, only the fits share one call."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from app.measurement.advance import arrange_advances, describe_advances
from app.measurement.cells import Cells
from app.measurement.compared import Compared
from app.measurement.hazard import Fit, fit_hazard
from app.measurement.journeys import HORIZON_DAYS
from app.measurement.progress import Method, Progress, choose_method, describe_progress, measure_by_counts

TOGETHER = 50


def measure_together(
    people: Iterable[Compared], *, level: float = 0.9, horizon_days: int = HORIZON_DAYS
) -> Iterator[tuple[Progress, ...]]:
    """What `measure_progress` says of each, in order. All must have the same ads, specialties and jobs."""
    everybody = iter(people)
    while batch := list(islice(everybody, TOGETHER)):
        by_hazard = [one for one in batch if choose_method(one) is Method.HAZARD]
        fitted = iter(_fit_together(by_hazard, level, horizon_days))
        for one in batch:
            if choose_method(one) is Method.HAZARD:
                yield next(fitted)
            else:
                yield measure_by_counts(one, level=level, horizon_days=horizon_days)


def _fit_together(people: Sequence[Compared], level: float, horizon_days: int) -> list[tuple[Progress, ...]]:
    if not people:
        return []
    arranged = [arrange_advances(one) for one in people]
    cells = [one for one, _ in arranged]
    fit = fit_hazard(stack_cells(cells), arranged[0][1], kind=people[0].kind)
    return [
        describe_progress(one, describe_advances(own, take_family(fit, number), one.ads, horizon_days), level)
        for number, (one, own) in enumerate(zip(people, cells, strict=True))
    ]


def stack_cells(cells: Sequence[Cells]) -> Cells:
    """Families side by side; all must have the same width and number of columns."""
    starts = np.cumsum([0, *(len(one.family) for one in cells)])
    join = np.concatenate
    return Cells(
        join([np.full(len(one.family), number) for number, one in enumerate(cells)]),
        join([one.columns for one in cells]),
        join([one.quiet for one in cells]),
        join([one.event_row + start for one, start in zip(cells, starts[:-1], strict=True)]),
        join([one.event_band for one in cells]),
        join([one.events for one in cells]),
        join([one.spells for one in cells]),
        len(cells),
        cells[0].width,
    )


def take_family(fit: Fit, number: int) -> Fit:
    """One family's part of a fit of many."""
    own = slice(number, number + 1)
    return Fit(fit.weight[own], fit.level[own], fit.mean[own], fit.deviation[own], fit.covariance[own])
