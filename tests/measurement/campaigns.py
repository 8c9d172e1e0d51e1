"""Simulated campaigns of known truth: who met which ad, who will advance, what a cut-off shows of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.measurement.compared import Compared, compared
from app.measurement.journeys import Cause, Journeys

DAYS = 180
SPECIALTY_SHIFT = np.array([-0.5, -0.15, 0.15, 0.5])


@dataclass(frozen=True, slots=True, eq=False)
class Campaign:
    """What reports would hand over, and the truth behind it.

    chance    each applicant's chance of ever advancing;  common  the same had no ad any effect
    advances  who will advance, and after how many days
    kind      (ads,) which of them are akin
    month     of the campaign in which each applies
    too       who met the last ad too, beside the one that owns them
    """

    journeys: Journeys
    ad: NDArray[np.int32]
    specialty: NDArray[np.int32]
    job: NDArray[np.int32]
    ads: int
    chance: NDArray[np.float64]
    common: NDArray[np.float64]
    advances: NDArray[np.bool_]
    days: NDArray[np.float64]
    kind: NDArray[np.int64]
    month: NDArray[np.int64]
    too: NDArray[np.int64]

    @property
    def people(self) -> Compared:
        """Everybody, as measurement takes them."""
        meetings = self.too, np.full(len(self.too), self.ads - 1)
        return compared(
            self.journeys, self.ad, self.specialty, self.ads, job=self.job, kind=self.kind, month=self.month,
            meetings=meetings,
        )  # fmt: skip

    @property
    def lifts(self) -> NDArray[np.float64]:
        """The true relative change of the share that advances, of each ad over its own applicants."""
        mine = [self.ad == k for k in range(self.ads)]
        return np.array([self.chance[own].mean() / self.common[own].mean() - 1 for own in mine])

    def reached_within(self, days: float) -> NDArray[np.bool_]:
        return self.advances & (self.days < days)


@dataclass(frozen=True, slots=True)
class Design:
    """What kind of campaign to draw. Sizes are traced applicants an ad.

    mover       the share of the last ad's applicants that advances, where the base is `base`
    movers      how many of the last ads do so
    harmful     how many of the first ads bring half the base
    spread      standard deviation of all ads' effects on the logit
    on_prior    effects drawn as the model supposes them: cloglog, spread ~ Gamma(2, rate 3)
    confounded  seven tenths of the first ad's applicants come from a specialty that advances more
    of_a_kind   so many ads in a row are of one kind, which says nothing of their effects by itself
    jobs        jobs have their own rates, specialties none; half of an ad's applicants come for two jobs
    season      deviation on the logit of how far people go who apply in one month beside those of others; how many
                apply drifts too, by half as much again in a usual month
    flight      days that each ad runs, at a time of its own; people it brings apply in them, untraced ones always
    days        from the first application to the cut: 90 leave hardly anybody the time
    travelling  the share of the first ad's applicants who met the last one too, and go as far as those of both
    """

    ads: int = 8
    sizes: tuple[int, int] = (30, 300)
    base: float = 0.2
    mover: float | None = None
    movers: int = 1
    harmful: int = 0
    spread: float = 0.0
    on_prior: bool = False
    followed_up: bool = False
    untraced: float = 1 / 3
    specialties: int = 4
    confounded: bool = False
    jobs: int = 0
    of_a_kind: int = 1
    season: float = 0.0
    flight: int = DAYS
    days: int = DAYS
    travelling: float = 0.0


def draw_campaign(design: Design, rng: np.random.Generator) -> Campaign:
    """Arrival over 180 days, or fewer, and a cut at their end (or 200 days later, when followed up)."""
    sizes = rng.integers(design.sizes[0], design.sizes[1] + 1, design.ads)
    lost = round(sizes.sum() * design.untraced / (1 - design.untraced))
    ad = np.concatenate([np.repeat(np.arange(design.ads), sizes), np.full(lost, -1)]).astype(np.int32)
    specialty, job = _draw_specialties(design, ad, rng), _draw_jobs(design, ad, rng)
    common = _common_chances(design, specialty, job, rng)
    travels = rng.random(len(ad)) < design.travelling * (ad == 0) if design.travelling else np.zeros(len(ad), np.bool_)
    chance = np.where(ad >= 0, _move_chances(design, common, ad, travels, rng), common)
    applied = _draw_days(design, ad, rng)
    if design.season:
        season = _drift(design.season, applied, rng)
        common, chance = (_expit(np.log(each / (1 - each)) + season) for each in (common, chance))
    follow_up = np.floor(design.days + 200 * design.followed_up - applied).astype(np.int32)
    advances = rng.random(len(ad)) < chance
    days = rng.lognormal(np.log(65), 0.45, len(ad))
    journeys = _observe(advances, days, rng.lognormal(np.log(30), 0.7, len(ad)), follow_up)
    kind = np.arange(design.ads) // design.of_a_kind
    month = (applied // 30).astype(np.int64)
    too = np.flatnonzero(travels)
    return Campaign(journeys, ad, specialty, job, design.ads, chance, common, advances, days, kind, month, too)


def _draw_days(design: Design, ad: NDArray[np.int32], rng: np.random.Generator) -> NDArray[np.float64]:
    """When each applies, in days from the start of the campaign."""
    if not design.season:
        return rng.uniform(0, design.days, len(ad))
    begin = np.append(rng.uniform(0, DAYS - design.flight, design.ads), 0.0)
    length = np.append(np.full(design.ads, design.flight), DAYS)
    one, other = (begin[ad] + length[ad] * rng.uniform(0, 1, len(ad)) for _ in range(2))
    crowd = _drift(0.5, np.arange(DAYS), rng)
    liked = _expit(crowd[np.floor(one).astype(int)] - crowd[np.floor(other).astype(int)])
    return np.where(rng.random(len(ad)) < liked, one, other)


def _drift(deviation: float, days: NDArray[Any], rng: np.random.Generator) -> NDArray[np.float64]:
    """Levels that wander from month to month, straight between their middles, on each of these days."""
    middles = np.arange(-15, DAYS + 31, 30)
    return np.asarray(np.interp(days, middles, rng.normal(0, deviation, len(middles))), dtype=np.float64)


def _observe(
    advances: NDArray[np.bool_],
    days: NDArray[np.float64],
    out: NDArray[np.float64],
    follow_up: NDArray[np.int32],
) -> Journeys:
    decided = np.floor(np.where(advances, days, out)).astype(np.int64)
    seen = decided <= follow_up
    cause = np.where(seen, np.where(advances, Cause.ADVANCED, Cause.OUT), Cause.PENDING).astype(np.int8)
    return Journeys(np.where(seen, decided, follow_up).astype(np.int32), cause, follow_up)


def _draw_specialties(design: Design, ad: NDArray[np.int32], rng: np.random.Generator) -> NDArray[np.int32]:
    specialty = rng.integers(0, design.specialties, len(ad))
    if design.confounded:
        specialty = np.where((ad == 0) & (rng.random(len(ad)) < 0.7), 0, specialty)
    return specialty.astype(np.int32)


def _draw_jobs(design: Design, ad: NDArray[np.int32], rng: np.random.Generator) -> NDArray[np.int32]:
    if not design.jobs:
        return np.zeros(len(ad), dtype=np.int32)
    own = rng.integers(0, design.jobs, (design.ads + 1, 2))
    job = rng.integers(0, design.jobs, len(ad))
    chosen = own[ad, rng.integers(0, 2, len(ad))]
    return np.where((ad >= 0) & (rng.random(len(ad)) < 0.5), chosen, job).astype(np.int32)


def _common_chances(
    design: Design, specialty: NDArray[np.int32], job: NDArray[np.int32], rng: np.random.Generator
) -> NDArray[np.float64]:
    if design.confounded:
        return np.where(specialty == 0, 0.45, 0.17)
    shifts = np.resize(SPECIALTY_SHIFT, design.specialties)[specialty]
    if design.jobs:
        shifts = rng.normal(0, 0.5, design.jobs)[job]
    return _expit(_logit(design.base) + shifts)


def _move_chances(
    design: Design,
    common: NDArray[np.float64],
    ad: NDArray[np.int32],
    travels: NDArray[np.bool_],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    if design.on_prior:
        hazard = -np.log1p(-common) * np.exp(rng.normal(0, rng.gamma(2, 1 / 3), design.ads))[ad]
        return np.asarray(-np.expm1(-hazard), dtype=np.float64)
    effects = rng.normal(0, design.spread, design.ads)
    if design.mover is not None:
        effects[-design.movers :] = _logit(design.mover) - _logit(design.base)
    effects[: design.harmful] = _logit(design.base / 2) - _logit(design.base)
    return _expit(np.log(common / (1 - common)) + effects[ad] + effects[-1] * travels)


def _logit(chance: float) -> float:
    return float(np.log(chance / (1 - chance)))


def _expit(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-logit)), dtype=np.float64)
