"""Did applicants who met one ad go further than comparable ones who met another? The count form."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.measurement.journeys import HORIZON_DAYS, WEEK_DAYS, WEEKS, Cause, Journeys, require_codes
from app.measurement.mixture import Contest, Effects, Floats, weigh_effects

UNTRACED = -1
SMALL_LIFT = 0.1
FARTHEST_EFFECT = 20.0


@dataclass(frozen=True, slots=True)
class Lift:
    """Relative change of the share that reaches the stage by the horizon, beside comparable applicants."""

    estimate: float
    low: float
    high: float
    probability_better: float
    probability_small: float


@dataclass(frozen=True, slots=True)
class Progress:
    """One ad's comparison. `observed` and `expected` count advances where other ads have applicants too.

    in_company  whether any applicant shares a stratum with another ad's
    expected  the advances there would have been had its applicants gone as far as those of the others
    lift      null where the ad has no applicant in company, or nobody in company has advanced
    """

    applicants: int
    in_company: bool
    observed: int
    expected: float
    lift: Lift | None


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """Traced applicants in numbers: advanced and weeks at risk of each, and their stratum's weekly hazards.

    ad, stratum, weeks, advanced  shape (n,);  hazard  cumulative subdistribution hazard, (strata, weeks + 1)
    """

    ad: NDArray[np.int64]
    stratum: NDArray[np.int64]
    weeks: NDArray[np.int64]
    observed_weeks: NDArray[np.int64]
    advanced: NDArray[np.bool_]
    hazard: Floats
    ads: int

    @property
    def strata(self) -> int:
        return len(self.hazard)

    @property
    def expected(self) -> Floats:
        """Advances each applicant was due by their stratum's hazard in the weeks they were at risk."""
        return np.asarray(self.hazard[self.stratum, self.weeks])


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


def compare_ads(
    journeys: Journeys,
    ad: NDArray[np.int32],
    stratum: NDArray[np.int32],
    ads: int,
    *,
    level: float = 0.9,
    horizon_days: int = HORIZON_DAYS,
) -> tuple[Progress, ...]:
    """Did applicants who met this ad reach the stage more often than comparable ones who met another?

    journeys  traced and untraced applications, n of them; ad (n,) in −1 (untraced: left out), 0 … ads − 1;
    stratum (n,) codes from 0 of what makes applicants comparable: specialty, or specialty and job.
    Returns one `Progress` per ad, in order. Raises ValueError for codes out of range.

    Those who went out stay in the risk set to the end of their own follow-up (subdistribution hazard by
    weeks), so an effect is one on the share that ever gets there, not on the speed. In each stratum an ad's
    advances are set against the other ads' by what the time at risk made due; strata without company say
    nothing. Effects are shrunk together (`mixture.weigh_effects`) and carried to the share at the horizon.

    Describes; proves no cause. Misleads when what sends people to an ad also decides how far they go within
    a stratum, when one applicant met several ads (an innocent ad that travels with a strong one is praised
    for it), and when the trace was learnt only from those who advanced. The interval of a lone strong ad errs
    toward zero. Source: Fine and Gray 1999 for the risk set; Mantel and Haenszel 1959 for the strata.
    """
    exposure = expose(journeys, ad, stratum, ads)
    return measure_progress(exposure, compare(exposure), level=level, horizon_days=horizon_days)


def measure_progress(
    exposure: Exposure, comparison: Comparison, *, level: float, horizon_days: int
) -> tuple[Progress, ...]:
    """As `compare_ads`, from applicants already brought into numbers."""
    lifts: dict[int, Lift] = {}
    chosen = np.flatnonzero(comparison.comparable)
    if len(chosen):
        effects = weigh_effects(comparison.contest.pick(chosen))
        counts, hazard = comparison.applicants[chosen], hazard_at(exposure.hazard, horizon_days)
        lifts = dict(zip(chosen.tolist(), _describe_lifts(effects, counts, hazard, level), strict=True))
    return tuple(
        Progress(
            int(comparison.applicants[k].sum()),
            bool(comparison.in_company[k]),
            round(comparison.observed[k]),
            float(comparison.expected[k]),
            lifts.get(k),
        )
        for k in range(exposure.ads)
    )


def expose(journeys: Journeys, ad: NDArray[np.int32], stratum: NDArray[np.int32], ads: int) -> Exposure:
    """The traced applicants with their weeks at risk and the hazard of each stratum."""
    require_codes("ad", ad, size=len(journeys), codes=(UNTRACED, max(ads, 0)))
    require_codes("stratum", stratum, size=len(journeys), codes=(0, np.iinfo(np.int32).max))
    traced = ad != UNTRACED
    seen = journeys.select(traced)
    _, strata = np.unique(stratum[traced], return_inverse=True)
    advanced = seen.decided_in_observed_week(Cause.ADVANCED)
    weeks = seen.risk_weeks()
    hazard = _cumulate_hazard(weeks, advanced, strata)
    return Exposure(
        ad[traced].astype(np.int64),
        strata.astype(np.int64),
        weeks,
        seen.observed_weeks(),
        advanced,
        hazard,
        ads,
    )


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
    rest = due.sum(axis=0) - due
    company = rest > 1e-9 * due.sum(axis=0)
    others = observed.sum(axis=0) - observed
    expected = np.divide(due * others, rest, out=np.zeros_like(due), where=company)
    return np.where(company, observed, 0.0).sum(axis=1), expected.sum(axis=1)


def _divide(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _describe_lifts(effects: Effects, counts: NDArray[np.int64], hazard: Floats, level: float) -> list[Lift]:
    tail = (1 - level) / 2
    quantiles = effects.quantile(np.array([tail, 0.5, 1 - tail]))
    lifts = np.column_stack([lift_of(effect, counts, hazard) for effect in quantiles.T])
    small = effects.below(_effect_of_lift(SMALL_LIFT, counts, hazard))
    better = 1 - effects.below(np.zeros(len(counts)))
    rows = np.column_stack([lifts[:, [1, 0, 2]], better, small]).tolist()
    return [Lift(*row) for row in rows]


def hazard_at(hazard: Floats, days: int) -> Floats:
    """Each stratum's cumulative hazard on a day, straight between whole weeks; shape (strata,)."""
    weeks = min(days / WEEK_DAYS, hazard.shape[1] - 1)
    return np.array([np.interp(weeks, np.arange(hazard.shape[1]), row) for row in hazard])


def lift_of(effect: Floats, counts: NDArray[np.int64], hazard: Floats) -> Floats:
    """The relative change of the share reached that each ad's effect (ads,) makes over its own applicants.

    counts (ads, strata) are the ad's applicants and hazard (strata,) the cumulative hazard at the horizon;
    1 − exp(−hazard · e^effect) against effect 0. Rises with the effect, so quantiles carry over.
    """
    base = np.maximum(hazard, 1e-12)
    share = (counts * -np.expm1(-base * np.exp(effect)[:, None])).sum(axis=1)
    return np.asarray(share / (counts * -np.expm1(-base)).sum(axis=1) - 1)


def _effect_of_lift(lift: float, counts: NDArray[np.int64], hazard: Floats) -> Floats:
    """The effect that makes this lift, by bisection; `FARTHEST_EFFECT` where none does."""
    low, high = np.full(len(counts), -FARTHEST_EFFECT), np.full(len(counts), FARTHEST_EFFECT)
    for _ in range(60):
        middle = (low + high) / 2
        under = lift_of(middle, counts, hazard) < lift
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return high
