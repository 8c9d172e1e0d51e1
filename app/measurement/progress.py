"""Did applicants who met one ad go further than comparable ones who met another? One comparison for all ads."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from app.measurement.advance import Advances, measure_advances
from app.measurement.compared import Compared, compared
from app.measurement.counts import base_of, compare, expose_people
from app.measurement.journeys import HORIZON_DAYS, Cause, Journeys
from app.measurement.lift import Lift, describe_lifts
from app.measurement.mixture import SPREAD_RATE, weigh_effects

FEWEST_ADVANCES = 30
MOST_ADS = 12
"""More ads than these are compared by counts. Where a few strong ads are among many, the common spread widens and
a model of all ads asks for 0.985 before it names no innocent one: in 20 cities of 24 ads it then found 47 of 60 strong
movers, counts at 0.95 found 58 and named 1 of 100 that do nothing."""


class Method(StrEnum):
    """How ads were compared: by the fates of applicants, or by counts where few have advanced or many ads compete."""

    FATES = "fates"
    COUNTS = "counts"


@dataclass(frozen=True, slots=True)
class Progress:
    """One ad's comparison.

    applicants  those who met the ad, or by counts those it owns
    in_company  whether any of them is of a kind that another ad has too: specialty, by counts job as well
    observed    advances in wholly observed weeks; by counts only where other ads have applicants too
    expected    the advances there would have been had its applicants gone as far as those of the others
    lift        null where nobody in company was watched for a week, or nobody at all has advanced
    """

    applicants: int
    in_company: bool
    observed: int
    expected: float
    lift: Lift | None
    method: Method = Method.COUNTS


def compare_ads(
    journeys: Journeys,
    ad: NDArray[np.int32],
    specialty: NDArray[np.int32],
    ads: int,
    *,
    job: NDArray[np.int32] | None = None,
    meetings: tuple[NDArray[np.integer], NDArray[np.integer]] | None = None,
    level: float = 0.9,
    horizon_days: int = HORIZON_DAYS,
) -> tuple[Progress, ...]:
    """Did applicants who met this ad reach the stage more often than comparable ones who met another?

    Arguments as `compared.compared`. Returns one `Progress` per ad, in order. From 30 advances of traced
    applicants on, and for a dozen ads at most, by their fates (`advance.measure_advances`), else by counts, where a
    person belongs to one ad, others met and the month are allowed for (`counts.expose`), and strata are specialty and
    job together. Raises ValueError for codes out of range.

    An effect is one on the share that ever gets there, not on the speed: by counts, those who went out stay in the risk
    set to the end of their own follow-up (subdistribution hazard by weeks). Effects are shrunk together and carried to
    the share at the horizon.

    Describes; proves no cause: see `advance.measure_advances` for what misleads.
    """
    people = compared(journeys, ad, specialty, ads, job=job, meetings=meetings)
    return measure_progress(people, level=level, horizon_days=horizon_days)


def choose_method(people: Compared) -> Method:
    """The model of fates wants 30 advances, in wholly observed weeks and of people who met an ad, and a dozen ads at
    most."""
    if people.ads > MOST_ADS:
        return Method.COUNTS
    traced = np.zeros(len(people.ad), dtype=np.bool_)
    traced[people.application] = True
    advanced = people.journeys.decided_in_observed_week(Cause.ADVANCED) & traced
    return Method.FATES if np.count_nonzero(advanced) >= FEWEST_ADVANCES else Method.COUNTS


def measure_progress(
    people: Compared, *, level: float, horizon_days: int, spread_rate: float = SPREAD_RATE
) -> tuple[Progress, ...]:
    """As `compare_ads`, from people already gathered. The spread of ads' effects ~ Gamma(2, `spread_rate`)."""
    by = measure_by_fates if choose_method(people) is Method.FATES else measure_by_counts
    return by(people, level=level, horizon_days=horizon_days, spread_rate=spread_rate)


def measure_by_fates(
    people: Compared, *, level: float, horizon_days: int, spread_rate: float = SPREAD_RATE
) -> tuple[Progress, ...]:
    """Every ad's comparison by model S."""
    return describe_progress(people, measure_advances(people, horizon_days, spread_rate), level)


def describe_progress(people: Compared, advances: Advances, level: float) -> tuple[Progress, ...]:
    """What model S says of each ad, for those in company whom somebody watched for a week at least."""
    watched = advances.base.sum_by_ad(np.ones(len(advances.base.ad))) > 0
    in_company = people.in_company
    chosen = np.flatnonzero(in_company & watched)
    lifts = describe_lifts(advances.effects.pick(chosen), advances.base.pick(chosen), level) if len(chosen) else []
    by_ad = dict(zip(chosen.tolist(), lifts, strict=True))
    applicants = np.bincount(people.met, minlength=people.ads)
    return tuple(
        Progress(
            int(applicants[k]),
            bool(in_company[k]),
            round(advances.observed[k]),
            float(advances.expected[k]),
            by_ad.get(k),
            Method.FATES,
        )
        for k in range(people.ads)
    )


def measure_by_counts(
    people: Compared, *, level: float, horizon_days: int, spread_rate: float = SPREAD_RATE
) -> tuple[Progress, ...]:
    """Every ad's comparison by the count form (`mixture.weigh_effects`); strata without company say nothing."""
    exposure = expose_people(people)
    comparison = compare(exposure)
    in_company, chosen = comparison.in_company, np.flatnonzero(comparison.comparable)
    lifts: list[Lift] = []
    if len(chosen):
        effects = weigh_effects(comparison.contest.pick(chosen), spread_rate)
        lifts = describe_lifts(effects, base_of(exposure, comparison, horizon_days).pick(chosen), level)
    by_ad = dict(zip(chosen.tolist(), lifts, strict=True))
    return tuple(
        Progress(
            int(comparison.applicants[k].sum()),
            bool(in_company[k]),
            round(comparison.observed[k]),
            float(comparison.expected[k]),
            by_ad.get(k),
        )
        for k in range(people.ads)
    )
