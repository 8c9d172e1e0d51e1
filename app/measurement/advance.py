"""Model S: did applicants who met an ad up to their application go further than comparable ones who did not?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.measurement.cells import BANDS, Cells, Floats, Ints, count_cells, weeks_in_bands
from app.measurement.compared import Compared
from app.measurement.hazard import SPREAD_RATE, Fit, fit_hazard
from app.measurement.journeys import Cause
from app.measurement.lift import Base
from app.measurement.posterior import Mixture

SPECIALTY_DEVIATION, JOB_DEVIATION, UNTRACED_DEVIATION = 1.0, 0.5, 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Advances:
    """The model's answer about all ads at once.

    effects             each ad's log ratio of hazards, and so of cumulative incidence on that scale
    base                the ads' applicants at risk, and what they were due by the horizon without the ad
    observed, expected  (ads,) advances in wholly observed weeks of those who met the ad, and those due without it
    """

    effects: Mixture
    base: Base
    observed: Floats
    expected: Floats


def measure_advances(people: Compared, horizon_days: int, spread_rate: float = SPREAD_RATE) -> Advances:
    """Did applicants who met this ad reach the stage more often than comparable ones?

    All ads' effects are fitted at once, beside how long people waited, their specialty (N(0, 1)), their job
    (N(0, 0.5²)) and whether they can be traced at all; a person who met two ads counts for both at once, so
    an innocent ad that travels with a strong one is not praised for it. Those who went out stay at risk to the end of
    their own follow-up (subdistribution), so an effect is one on the share that ever gets there. Ads of one kind, such
    as posters, are shrunk to each other as well as to all.

    Describes; proves no cause. Misleads when what sends people to an ad also decides how far they go beyond
    specialty and job, or when a meeting was learnt only from those who advanced. The interval of a lone
    strong ad errs toward zero. Source: Fine and Gray 1999 for the risk set; `hazard.fit_hazard` for the fit.
    """
    cells, deviations = arrange_advances(people)
    fit = fit_hazard(cells, deviations, kind=people.kind, spread_rate=spread_rate)
    return describe_advances(cells, fit, people.ads, horizon_days)


def arrange_advances(people: Compared) -> tuple[Cells, Floats]:
    """Cells of the model and the prior deviations of its covariates: specialties, jobs, the untraced."""
    specialties, jobs = int(people.specialty.max(initial=-1)) + 1, int(people.job.max(initial=-1)) + 1
    covariates = specialties + jobs + 1
    width = covariates + people.ads
    met = list_met(people, width) + covariates
    untraced = (met >= width).all(axis=1)
    columns = np.column_stack(
        [
            people.specialty,
            specialties + people.job,
            np.where(untraced, specialties + jobs, width),
            np.minimum(met, width),
        ]
    )
    zeros = np.zeros(len(people.ad), dtype=np.int64)
    journeys = people.journeys
    advanced = journeys.decided_in_observed_week(Cause.ADVANCED)
    cells = count_cells(zeros, columns, zeros, journeys.risk_weeks(), advanced, width=width)
    deviations = np.repeat([SPECIALTY_DEVIATION, JOB_DEVIATION, UNTRACED_DEVIATION], [specialties, jobs, 1])
    return cells, deviations


def list_met(people: Compared, nothing: int) -> Ints:
    """The ads each applicant met, a row each, filled up with `nothing`; one column at least."""
    count = np.bincount(people.application, minlength=len(people.ad))
    met = np.full((len(people.ad), max(1, int(count.max(initial=0)))), nothing, dtype=np.int64)
    place = np.arange(len(people.met)) - np.repeat(np.cumsum(count) - count, count)
    met[people.application, place] = people.met
    return met


def describe_advances(cells: Cells, fit: Fit, ads: int, horizon_days: int) -> Advances:
    """What a fit of one family says of each ad."""
    effects = Mixture.of(fit)
    covariates = cells.width - ads
    level, effect = effects.weight @ fit.level[0], effects.weight @ effects.mean
    own = np.concatenate([level[BANDS:], effect, [0.0]])
    row, place = np.nonzero((cells.columns >= covariates) & (cells.columns < cells.width))
    ad = cells.columns[row, place] - covariates
    without = np.exp(own[cells.columns].sum(axis=1)[row] - effect[ad])
    weeks, events = _count_by_row(cells)
    weekly = np.exp(level[:BANDS])
    base = Base(ad, cells.spells[row], without * (weekly @ weeks_in_bands(horizon_days)), ads)
    return Advances(
        effects,
        base,
        np.bincount(ad, weights=events[row], minlength=ads).astype(np.float64),
        np.bincount(ad, weights=without * (weeks @ weekly)[row], minlength=ads).astype(np.float64),
    )


def _count_by_row(cells: Cells) -> tuple[Floats, NDArray[np.float64]]:
    """Weeks at risk by band, those of the advances included, and advances; by row."""
    weeks, events = cells.quiet.copy(), np.zeros(len(cells.quiet))
    np.add.at(weeks, (cells.event_row, cells.event_band), cells.events)
    np.add.at(events, cells.event_row, cells.events)
    return weeks, events
