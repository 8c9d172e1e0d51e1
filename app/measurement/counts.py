"""The count form of the comparison: each ad's advances beside those of the other ads in its strata, for a few dozen."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.measurement.compared import UNTRACED, Compared
from app.measurement.journeys import WEEK_DAYS, WEEKS, Cause, Journeys, require_codes
from app.measurement.lift import Base
from app.measurement.mixture import Contest, Floats

MONTH_DEVIATION, AD_DEVIATION = 0.3, 0.5
TURNS = 20

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """Traced applicants in numbers: advanced and weeks at risk of each, and their stratum's weekly hazards.

    ad, stratum, weeks, advanced  shape (n,);  hazard  cumulative subdistribution hazard, (strata, weeks + 1)
    factor  (n,) how many times as many advance by the month of applying, and by other ads met than the own
    """

    ad: NDArray[np.int64]
    stratum: NDArray[np.int64]
    weeks: NDArray[np.int64]
    observed_weeks: NDArray[np.int64]
    advanced: NDArray[np.bool_]
    hazard: Floats
    factor: Floats
    ads: int

    @property
    def strata(self) -> int:
        return len(self.hazard)

    @property
    def expected(self) -> Floats:
        """Advances each applicant was due, had its own ad no effect, in the weeks they were at risk."""
        return np.asarray(self.hazard[self.stratum, self.weeks] * self.factor)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """All ads' counts and each ad beside the others of its strata; applicants has shape (ads, strata)."""

    applicants: NDArray[np.int64]
    contest: Contest
    observed: Floats
    expected: Floats

    @property
    def comparable(self) -> NDArray[np.bool_]:
        """Ads with applicants at risk beside others', of whom somebody advanced."""
        return np.asarray((self.contest.share > 0) & (self.contest.own + self.contest.others > 0))

    @property
    def in_company(self) -> NDArray[np.bool_]:
        alone = self.applicants == self.applicants.sum(axis=0)
        return np.asarray(((self.applicants > 0) & ~alone).any(axis=1))


def expose(
    journeys: Journeys,
    ad: NDArray[np.int32],
    stratum: NDArray[np.int32],
    ads: int,
    month: NDArray[np.integer] | None = None,
    meetings: Pairs | None = None,
) -> Exposure:
    """The traced applicants with their weeks at risk, the hazard of each stratum, and what else moves it.

    meetings  positions in the journeys and ads that were met, a pair once, those of the ads that own among them
    """
    require_codes("ad", ad, size=len(journeys), codes=(UNTRACED, max(ads, 0)))
    require_codes("stratum", stratum, size=len(journeys), codes=(0, np.iinfo(np.int32).max))
    traced = ad != UNTRACED
    seen = journeys.select(traced)
    _, strata = np.unique(stratum[traced], return_inverse=True)
    advanced = seen.decided_in_observed_week(Cause.ADVANCED)
    weeks = seen.risk_weeks()
    hazard = _cumulate_hazard(weeks, advanced, strata)
    own, factor = ad[traced].astype(np.int64), np.ones(len(weeks))
    if len(own) and (month is not None or meetings is not None):
        met = (np.arange(len(own)), own) if meetings is None else _number_traced(meetings, traced)
        months = np.zeros(len(own), dtype=np.int64) if month is None else month[traced]
        factor = _weigh_company(hazard[strata, weeks], advanced, own, months, met)
    return Exposure(
        own,
        strata.astype(np.int64),
        weeks,
        seen.observed_weeks(),
        advanced,
        hazard,
        factor,
        ads,
    )


def expose_people(people: Compared) -> Exposure:
    """The same of people who are compared, with their months and all ads that they met."""
    met = people.application, people.met
    return expose(people.journeys, people.ad.astype(np.int32), people.stratum, people.ads, people.month, met)


def _number_traced(meetings: Pairs, traced: NDArray[np.bool_]) -> Pairs:
    """The meetings of the traced, by their places among these."""
    kept = traced[meetings[0]]
    return (np.cumsum(traced) - 1)[meetings[0][kept]], meetings[1][kept]


def _weigh_company(
    due: Floats, advanced: NDArray[np.bool_], own: NDArray[np.int64], month: NDArray[np.integer], met: Pairs
) -> Floats:
    """How many times as many advance as their stratum makes due, shape (n,), of people who apply in the month of each
    and met the other ads that each met beside its own.

    Advances are Poisson: what is due times a factor of the month and one of every ad met, which are gamma-distributed
    around one with `MONTH_DEVIATION` and `AD_DEVIATION`; found in turns, so that a month is not praised for a strong ad
    that ran in it, nor an ad for a good month or for a strong ad that its people met too. Source: Lee and Nelder 1996,
    whose h-likelihood these turns climb.
    """
    who, ad = met
    apart = bool(np.ptp(month))
    of_month, of_ad, of_all = np.ones(len(due)), np.ones(int(ad.max()) + 1), np.ones(len(due))
    for _turn in range(TURNS):
        if apart:
            of_month = _rate_by_code(month, advanced, due * of_all, MONTH_DEVIATION)[month]
        without = (due * of_month * of_all)[who] / of_ad[ad]
        # Half of the way each time: two ads that everybody met together would overshoot for ever.
        of_ad = np.sqrt(of_ad * _rate_by_code(ad, advanced[who], without, AD_DEVIATION))
        of_all = np.exp(np.bincount(who, weights=np.log(of_ad)[ad], minlength=len(due)))
    return np.asarray(of_month * of_all / of_ad[own])


def _rate_by_code(codes: NDArray[np.integer], advanced: NDArray[np.bool_], due: Floats, deviation: float) -> Floats:
    """The mean rate ratio of each code, after so many advances where so many were due, by a gamma prior."""
    observed, expected = (np.bincount(codes, weights=one) for one in (advanced, due))
    return np.asarray((observed + deviation**-2) / (expected + deviation**-2), dtype=np.float64)


def _cumulate_hazard(weeks: NDArray[np.int64], advanced: NDArray[np.bool_], strata: NDArray[np.int64]) -> Floats:
    """Nelson-Aalen by whole weeks within each stratum, shape (strata, WEEKS + 1), starting at 0."""
    size, width = int(strata.max(initial=-1)) + 1, WEEKS + 1
    leaving = np.bincount(strata * width + weeks, minlength=size * width).reshape(size, width)
    events = np.bincount((strata * width + weeks)[advanced], minlength=size * width).reshape(size, width)
    at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    return np.cumsum(events / np.maximum(at_risk, 1), axis=1)


def compare(exposure: Exposure) -> Comparison:
    """Every ad's advances beside those of the other ads in its strata."""
    cell = exposure.ad * exposure.strata + exposure.stratum
    shape = (exposure.ads, exposure.strata)
    observed = sum_by_cell(cell, exposure.advanced, shape)
    due = sum_by_cell(cell, exposure.expected, shape)
    applicants = np.bincount(cell, minlength=math.prod(shape)).reshape(shape)
    return Comparison(applicants, contest_of(observed, due), *_in_company(observed, due))


def sum_by_cell(cell: NDArray[np.int64], weights: NDArray[Any], shape: tuple[int, ...]) -> Floats:
    """Sums of `weights` over the cells, whose codes count through an array of this shape."""
    return np.bincount(cell, weights=weights, minlength=math.prod(shape)).astype(np.float64).reshape(shape)


def contest_of(observed: Floats, due: Floats) -> Contest:
    """Pool the strata (last axis) of advances `observed` and `due` by ad into one contest per ad.

    Mantel-Haenszel weights: the ratio own/others · (1 − share)/share is the pooled rate ratio, and a stratum
    counts the less the more of it the ad is. With one stratum the contest is exact, not pooled.
    """
    total, advances = due.sum(axis=-2, keepdims=True), observed.sum(axis=-2, keepdims=True)
    part = np.divide(due, total, out=np.zeros_like(due), where=total > 0)
    part = np.where(part > 1 - 1e-9, 1.0, part)
    room = (1 - part) * total
    share = _divide((part * room).sum(axis=-1), room.sum(axis=-1))
    own = _divide((observed * (1 - part)).sum(axis=-1), 1 - share)
    others = _divide(((advances - observed) * part).sum(axis=-1), share)
    return Contest(np.where(share > 0, own, 0.0), others, share)


def _in_company(observed: Floats, due: Floats) -> tuple[Floats, Floats]:
    """Each ad's advances, and those due at the others' rate, over the strata that the others share."""
    rest, company = due.sum(axis=0) - due, shared_strata(due)
    others = observed.sum(axis=0) - observed
    expected = np.divide(due * others, rest, out=np.zeros_like(due), where=company)
    return np.where(company, observed, 0.0).sum(axis=1), expected.sum(axis=1)


def shared_strata(due: Floats) -> NDArray[np.bool_]:
    """For each ad the strata in which other ads have advances due too; `due` (ads, strata)."""
    return np.asarray(due.sum(axis=0) - due > 1e-9 * due.sum(axis=0))


def _divide(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def base_of(exposure: Exposure, comparison: Comparison, horizon_days: int) -> Base:
    """The ads' applicants by stratum, and what each stratum's hazard makes due by the horizon."""
    ad, stratum = np.nonzero(comparison.applicants)
    hazard = hazard_at(exposure.hazard, horizon_days)[stratum]
    return Base(ad, comparison.applicants[ad, stratum], hazard, exposure.ads)


def hazard_at(hazard: Floats, days: int) -> Floats:
    """Each stratum's cumulative hazard on a day, straight between whole weeks; shape (strata,)."""
    weeks = min(days / WEEK_DAYS, hazard.shape[1] - 1)
    return np.array([np.interp(weeks, np.arange(hazard.shape[1]), row) for row in hazard])
