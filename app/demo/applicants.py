"""Who applies in the invented city: because of which placement, for what, when, and with what trace."""

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.demo.plan import Plan, PlannedPlacement
from app.demo.schedule import DAYS
from app.demo.truth import EFFECTS, Effect

UNTRACED_SHARE = 1 / 3
POPULATION: Mapping[str, float] = {
    "general_practice": 0.4,
    "resident_general_practice": 0.16,
    "other_specialty": 0.18,
    "unspecialised": 0.26,
}
"""Share of each specialty among doctors who look for work in the region."""
FOCUS = 0.5
"""How much of a placement's public is of its persona's specialty because it was made for it; the rest are
the population as it is. This ties placements to specialties, which any fair comparison has to undo."""
MONTH = (1.15, 1.1, 1.05, 1.0, 0.95, 0.75, 0.45, 1.2, 1.25, 1.1, 1.0, 0.55)
"""How eager people are to apply, January to December: quiet in July and before Christmas."""
PERSONA_SPECIALTY: Mapping[str, str] = {
    "doctor-trained-abroad": "unspecialised",
    "gp-leaving-private-chain": "general_practice",
    "gp-young-family": "general_practice",
    "newly-licensed": "unspecialised",
    "researcher-clinician": "resident_general_practice",
    "resident-primary-care-months": "other_specialty",
    "senior-part-time": "general_practice",
    "specialist-in-general-practice-returning": "general_practice",
}


CHANNEL_NAMES: Mapping[str, str] = {
    "linkedin": "LinkedIn",
    "meta": "Facebook",
    "google": "Google Ads",
    "board": "Lääkärinpaikat",
    "youtube": "YouTube",
    "letters": "Rekrytointikirje",
    "training": "Koulutuskirje",
    "evenings": "Verkkoilta",
    "news": "Uutissivusto",
    "stops": "Pysäkkimainos",
    "boards": "Ilmoitustaulu",
    "colleagues": "Työkaveri",
    "radio": "Radio Lahdenranta",
    "journal": "Vastaanotto-lehti",
    "site": "Artikkeli",
}
"""What the ATS, or somebody asked in its form, calls a channel."""
LINKED = frozenset({"linkedin", "meta", "google", "board", "youtube", "letters", "training", "evenings", "news"})
"""Channels whose links may lose the code on the way and leave the channel's name; a poster leaves nothing."""
CHANNEL_PAGES: Mapping[str, str] = {
    "linkedin": "https://www.linkedin.com/feed/",
    "meta": "https://www.facebook.com/",
    "board": "https://www.laakarinpaikat.example/ilmoitus",
}
"""The page before, where the ATS keeps it."""


class Trace(enum.StrEnum):
    """What of the placement remains in the application."""

    CODE_IN_URL = "code_in_url"
    CODE_IN_LABEL = "code_in_label"
    CHANNEL = "channel"
    WRONG_CODE = "wrong_code"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """One application before anything has become of it; `placement` is why it was sent, seen or not."""

    placement: str | None
    specialty: str
    job: str
    applied_at: dt.datetime
    trace: Trace


def draw_applicants(rng: np.random.Generator, plan: Plan, today: dt.date) -> list[Applicant]:
    """Everybody who applies, in the order of time: brought by a placement, or by nothing that was bought."""
    drawn: list[Applicant] = []
    for placement in plan.placements:
        effect = EFFECTS[placement.key]
        days = _draw_days(rng, placement, today, _total(rng, effect))
        traces = _draw_traces(rng, placement, effect, len(days))
        mix = specialty_mix(placement.persona)
        drawn += _apply(rng, plan, placement.key, mix, list(zip(days, traces, strict=True)))
    untraced = sum(applicant.trace is Trace.NONE for applicant in drawn)
    missing = (UNTRACED_SHARE * len(drawn) - untraced) / (1 - UNTRACED_SHARE)
    days = _spread_days(rng, today, DAYS, 0, int(rng.poisson(missing)))
    drawn += _apply(rng, plan, None, POPULATION, [(day, Trace.NONE) for day in days])
    return sorted(drawn, key=lambda applicant: applicant.applied_at)


def specialty_mix(persona: str) -> dict[str, float]:
    """The specialties of those whom a placement for this persona reaches."""
    aimed_at = PERSONA_SPECIALTY[persona]
    return {specialty: (1 - FOCUS) * share + FOCUS * (specialty == aimed_at) for specialty, share in POPULATION.items()}


def _total(rng: np.random.Generator, effect: Effect) -> int:
    least, most = effect.coded
    return round(int(rng.integers(least, most, endpoint=True)) / effect.traced)


def _draw_traces(rng: np.random.Generator, placement: PlannedPlacement, effect: Effect, total: int) -> list[Trace]:
    """What remains of the placement in each application, whatever will become of it."""
    coded = round(total * effect.traced)
    in_label = int(rng.binomial(coded, 0.08))
    lost = total - coded
    wrong = lost // 2 if effect.mistyped else int(rng.binomial(lost, 0.08))
    channel = int(rng.binomial(lost - wrong, 0.4)) if placement.channel in LINKED else 0
    traces = (
        [Trace.CODE_IN_URL] * (coded - in_label)
        + [Trace.CODE_IN_LABEL] * in_label
        + [Trace.WRONG_CODE] * wrong
        + [Trace.CHANNEL] * channel
        + [Trace.NONE] * (lost - wrong - channel)
    )
    return [traces[i] for i in rng.permutation(total)]


def _draw_days(rng: np.random.Generator, placement: PlannedPlacement, today: dt.date, count: int) -> list[dt.date]:
    """Days on which people apply because of a placement: in its flight, or some days after they met it."""
    begin = (today - placement.starts_on).days
    end = 0 if placement.ends_on is None else (today - placement.ends_on).days
    met = _spread_days(rng, today, begin, end, count)
    lags = rng.exponential(6.0, count)
    last = today - dt.timedelta(days=1)
    return [min(day + dt.timedelta(days=int(lag)), last) for day, lag in zip(met, lags, strict=True)]


def _spread_days(rng: np.random.Generator, today: dt.date, begin: int, end: int, count: int) -> list[dt.date]:
    """Days from `begin` to `end` days ago, as eager as the season is."""
    days = [today - dt.timedelta(days=ago) for ago in range(begin, max(end, 1) - 1, -1)]
    weights = np.array([MONTH[day.month - 1] * (0.5 if day.weekday() >= 5 else 1.0) for day in days])
    return [days[i] for i in rng.choice(len(days), size=count, p=weights / weights.sum())]


def _apply(
    rng: np.random.Generator,
    plan: Plan,
    placement: str | None,
    mix: Mapping[str, float],
    occasions: Sequence[tuple[dt.date, Trace]],
) -> list[Applicant]:
    specialties = rng.choice(list(mix), size=len(occasions), p=list(mix.values()))
    seconds = rng.integers(5 * 3600, 21 * 3600, size=len(occasions))
    jobs = {name: [job.key for job in plan.jobs if job.specialty == name] for name in mix}
    choices = rng.random(len(occasions))
    return [
        Applicant(
            placement=placement,
            specialty=str(specialty),
            job=jobs[specialty][int(choice * len(jobs[specialty]))],
            applied_at=dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(seconds=int(second)),
            trace=trace,
        )
        for (day, trace), specialty, second, choice in zip(occasions, specialties, seconds, choices, strict=True)
    ]
