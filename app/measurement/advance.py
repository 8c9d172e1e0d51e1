"""Model S: did applicants who met an ad up to their application go further than comparable ones who did not?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.measurement.cells import Floats, Ints
from app.measurement.compared import Compared
from app.measurement.fates import Course, Fates, count_fates, fit_fates, trace_course
from app.measurement.laplace import SPREAD_RATE, Fit
from app.measurement.lift import Base
from app.measurement.posterior import Mixture

SPECIALTY_DEVIATION, JOB_DEVIATION, UNTRACED_DEVIATION = 1.0, 0.5, 1.0
MONTH_DEVIATION = 0.3
"""Simulated, months apart by 0.2 or 0.4 on the logit and ads that run for two of six: without months 6 to 23 % of
campaigns named a false mover."""


@dataclass(frozen=True, slots=True, eq=False)
class Advances:
    """The model's answer about all ads at once.

    effects             each ad's log ratio of hazards, and so of cumulative incidence on that scale
    base                the ads' applicants watched for a week, and what they were due by the horizon without the ad
    observed, expected  (ads,) advances in wholly observed weeks of those who met the ad, and those due without it
    """

    effects: Mixture
    base: Base
    observed: Floats
    expected: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Arranged:
    """What the model reads: fates by kind, the usual course, and the prior deviations of the covariates."""

    fates: Fates
    course: Course
    deviations: Floats


def measure_advances(people: Compared, horizon_days: int, spread_rate: float = SPREAD_RATE) -> Advances:
    """Did applicants who met this ad reach the stage more often than comparable ones?

    All ads' effects are fitted at once, beside specialty (N(0, 1)), job (N(0, 0.5²)), the month of applying
    (N(0, 0.3²)), for ads run at different times, and whether people can be traced at all; a person who met two ads
    counts for both at once, so an innocent ad that travels with a strong one is not praised for it. An effect is one on
    the share that ever gets there. Ads of one kind, such as posters, are shrunk to each other as well as to all.

    Describes; proves no cause. Misleads when what sends people to an ad also decides how far they go beyond
    specialty, job and month, when a meeting was learnt only from those who advanced, or when one ad's applicants are
    decided on much faster or slower than others. The interval of a lone strong ad errs toward zero. Source:
    `fates.fit_fates`.
    """
    arranged = arrange_advances(people)
    fit = fit_fates(arranged.fates, arranged.deviations, kind=people.kind, spread_rate=spread_rate)
    return describe_advances(arranged, fit, people.ads, horizon_days)


def arrange_advances(people: Compared) -> Arranged:
    """Covariates are specialties, jobs, the untraced and months, in this order; the course is that of all."""
    specialties, jobs = int(people.specialty.max(initial=-1)) + 1, int(people.job.max(initial=-1)) + 1
    months = int(people.month.max(initial=0)) + 1
    months = months if months > 1 else 0
    others = specialties + jobs + 1
    covariates = others + months
    width = covariates + people.ads
    met = list_met(people, width) + covariates
    untraced = (met >= width).all(axis=1)
    columns = np.column_stack(
        [
            people.specialty,
            specialties + people.job,
            np.where(untraced, others - 1, width),
            others + people.month if months else np.full(len(people.month), width),
            np.minimum(met, width),
        ]
    )
    course = trace_course(people.journeys)
    prior = [SPECIALTY_DEVIATION, JOB_DEVIATION, UNTRACED_DEVIATION, MONTH_DEVIATION]
    deviations = np.repeat(prior, [specialties, jobs, 1, months])
    return Arranged(count_fates(columns, people.journeys, course, width=width), course, deviations)


def list_met(people: Compared, nothing: int) -> Ints:
    """The ads each applicant met, a row each, filled up with `nothing`; one column at least."""
    count = np.bincount(people.application, minlength=len(people.ad))
    met = np.full((len(people.ad), max(1, int(count.max(initial=0)))), nothing, dtype=np.int64)
    place = np.arange(len(people.met)) - np.repeat(np.cumsum(count) - count, count)
    met[people.application, place] = people.met
    return met


def describe_advances(arranged: Arranged, fit: Fit, ads: int, horizon_days: int) -> Advances:
    """What a fit of one family says of each ad."""
    fates, effects = arranged.fates, Mixture.of(fit)
    covariates = fates.width - ads
    level, effect = effects.weight @ fit.level[0], effects.weight @ effects.mean
    own = np.concatenate([level[1:], effect, [0.0]])
    row, place = np.nonzero((fates.columns >= covariates) & (fates.columns < fates.width))
    ad = fates.columns[row, place] - covariates
    without = np.exp(level[0] + own[fates.columns].sum(axis=1)[row] - effect[ad])

    def sum_by_ad(values: Floats) -> NDArray[np.float64]:
        return np.bincount(ad, weights=values, minlength=ads).astype(np.float64)

    return Advances(
        effects,
        Base(ad, fates.applicants[row], without * arranged.course.hazard_ratio(horizon_days), ads),
        sum_by_ad(fates.advanced[row]),
        sum_by_ad(-np.expm1(-without) * fates.due[row]),
    )
