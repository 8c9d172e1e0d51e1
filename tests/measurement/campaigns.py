"""Simulated campaigns whose truth is known: who met which ad, who will advance, and what a cut-off shows of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.measurement.journeys import Cause, Journeys

DAYS = 180
SPECIALTY_SHIFT = np.array([-0.5, -0.15, 0.15, 0.5])


@dataclass(frozen=True, slots=True, eq=False)
class Campaign:
    """What reports would hand over, and the truth behind it: `chance` of each ever advancing, days if so."""

    journeys: Journeys
    ad: NDArray[np.int32]
    specialty: NDArray[np.int32]
    ads: int
    chance: NDArray[np.float64]
    days: NDArray[np.float64]
    advances: NDArray[np.bool_]
    day_of_out: NDArray[np.float64]

    def reached_by(self, day: float) -> NDArray[np.bool_]:
        return self.advances & (self.days <= day)


@dataclass(frozen=True, slots=True)
class Design:
    """What kind of campaign to draw. Sizes are traced applicants an ad; effects are shifts of the logit."""

    ads: int = 8
    sizes: tuple[int, int] = (30, 300)
    base: float = 0.2
    mover: float | None = None
    spread: float = 0.0
    followed_up: bool = False
    untraced: float = 1 / 3
    specialties: int = 4
    confounded: bool = False
    jobs: int = 0


def draw_campaign(design: Design, rng: np.random.Generator) -> Campaign:
    """Arrival over 180 days and a cut at day 180 (or 200 days later, when followed up)."""
    sizes = rng.integers(design.sizes[0], design.sizes[1] + 1, design.ads)
    lost = int(round(sizes.sum() * design.untraced / (1 - design.untraced)))
    ad = np.concatenate([np.repeat(np.arange(design.ads), sizes), np.full(lost, -1)]).astype(np.int32)
    specialty = _draw_specialties(design, ad, rng)
    chance = _chances(design, ad, specialty, rng)
    arrival = rng.uniform(0, DAYS, len(ad))
    cut = DAYS + (200 if design.followed_up else 0)
    advances = rng.random(len(ad)) < chance
    days = rng.lognormal(np.log(65), 0.45, len(ad))
    out = rng.lognormal(np.log(30), 0.7, len(ad))
    follow_up = np.floor(cut - arrival).astype(np.int32)
    return Campaign(
        _observe(advances, days, out, follow_up), ad, specialty, design.ads, chance, days, advances, out
    )


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
    if design.jobs:
        own = rng.integers(0, design.jobs, (design.ads + 1, 2))
        job = rng.integers(0, design.jobs, len(ad))
        chosen = own[ad, rng.integers(0, 2, len(ad))]
        job = np.where((ad >= 0) & (rng.random(len(ad)) < 0.5), chosen, job)
        specialty = job
    return specialty.astype(np.int32)


def _chances(
    design: Design, ad: NDArray[np.int32], specialty: NDArray[np.int32], rng: np.random.Generator
) -> NDArray[np.float64]:
    logit = np.full(len(ad), np.log(design.base / (1 - design.base)))
    if design.jobs:
        logit += rng.normal(0, 0.5, design.jobs)[specialty]
    elif design.confounded:
        logit = np.log(np.where(specialty == 0, 0.45 / 0.55, 0.17 / 0.83))
    else:
        logit += np.resize(SPECIALTY_SHIFT, design.specialties)[specialty]
    effects = rng.normal(0, design.spread, design.ads) if design.spread else np.zeros(design.ads)
    if design.mover is not None:
        effects[-1] = np.log(design.mover / (1 - design.mover) * (1 - design.base) / design.base)
    logit += np.where(ad >= 0, effects[ad], 0.0)
    return np.asarray(1 / (1 + np.exp(-logit)), dtype=np.float64)
