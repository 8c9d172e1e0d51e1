"""The invented city, built from a seed: its plan, what its ATS shows, who met what, and what is true."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.demo.ad_files import export_files
from app.demo.ahead import AHEAD, make_next_campaign
from app.demo.applicants import Applicant, Trace, draw_applicants, specialty_mix
from app.demo.creatives import make_assets, make_claims
from app.demo.journeys import Journey, draw_journey, send_twice
from app.demo.people import Person, group_by_person, invent_persons
from app.demo.plan import ORGANISATION, Plan
from app.demo.pool import POOL, draw_joined, make_pool_campaign
from app.demo.records import FIRST_APPLICATION, Archive, Filed, find_source
from app.demo.schedule import (
    make_aliases,
    make_campaigns,
    make_channels,
    make_jobs,
    make_placements,
    place,
    placement_keys,
)
from app.demo.touchpoints import ONLY_WATCHED, CityTouchpoint, Meeting, draw_meetings, record_touchpoints
from app.demo.truth import BASE_RATES, EFFECTS, PlacementTruth, Truth
from app.demo.world import World
from app.planning.tracking import ALPHABET, CODE_LENGTH, is_code

FIRST_CANDIDATE, FIRST_STRANGER = 100_001, 900_001
SENT_TWICE, SOURCED = 8, 40
SUREST = 0.95
FOREIGN_CODES = 2


@dataclass(frozen=True, slots=True)
class City:
    """`world` is the ATS on the morning of the day it is built for; `world_at` shows an earlier one."""

    plan: Plan
    world: World
    touchpoints: tuple[CityTouchpoint, ...]
    truth: Truth
    archive: Archive
    ad_files: Mapping[str, bytes]
    """What ad platforms export of its placements, by the names of their files."""

    def world_at(self, moment: dt.datetime) -> World:
        """The ATS as it was: pulled in turn, these show every stage an application went through."""
        return self.archive.picture(moment)


def build_city(seed: int, today: dt.date) -> City:
    """A city's health services on the morning of `today`; the same seed and day give the same city."""
    keys = placement_keys()
    drawn = draw_codes(_stream(seed, 1), len(keys) + 1 + FOREIGN_CODES)
    wrong = drawn[len(keys) :]
    ahead = draw_codes(_stream(seed, 10), len(AHEAD), besides=drawn)
    pool = draw_codes(_stream(seed, 12), len(POOL), besides=[*drawn, *ahead])
    keyed = [*keys, *(row[0] for row in (*AHEAD, *POOL))]
    plan = make_plan(today, dict(zip(keyed, [*drawn[: len(keys)], *ahead, *pool], strict=True)))
    applicants = draw_applicants(_stream(seed, 2), plan, today)
    meetings = draw_meetings(_stream(seed, 3), applicants, today)
    journeys = _draw_journeys(_stream(seed, 4), applicants, meetings)
    grouped = group_by_person(_stream(seed, 5), applicants)
    names = _stream(seed, 6)
    people = invent_persons(names, max(grouped) + 1 + SOURCED, first_id=FIRST_CANDIDATE)
    filed = _file(_stream(seed, 7), plan, applicants, journeys, [people[i] for i in grouped], wrong)
    met = list(zip((people[i] for i in grouped), meetings, strict=True))
    watchers = invent_persons(names, ONLY_WATCHED, first_id=FIRST_STRANGER, known_to_ats=False)
    touchpoints = record_touchpoints(_stream(seed, 8), plan, today, met, watchers)
    added = _add_leads(_stream(seed, 9), plan, today, people[-SOURCED:])
    applied = list(zip((people[i] for i in grouped), applicants, strict=True))
    archive = Archive(plan, _number([*filed, *added]), tuple(draw_joined(_stream(seed, 13), plan, today, applied)))
    morning = dt.datetime.combine(today, dt.time(), dt.UTC)
    files = export_files(_stream(seed, 11), plan, today)
    return City(plan, archive.picture(morning), touchpoints, make_truth(seed, today, plan), archive, files)


def make_plan(today: dt.date, codes: dict[str, str]) -> Plan:
    """The plan with the codes of its placements."""
    return Plan(
        organisation=ORGANISATION,
        claims=make_claims(),
        channels=make_channels(),
        aliases=make_aliases(),
        campaigns=make_campaigns(today),
        assets=make_assets(today),
        placements=make_placements(today, codes),
        jobs=make_jobs(today),
        next_campaign=make_next_campaign(today),
        next_placements=place(AHEAD, today, codes),
        pool_campaign=make_pool_campaign(today),
        pool_placements=place(POOL, today, codes),
    )


def make_truth(seed: int, today: dt.date, plan: Plan) -> Truth:
    """What is true of each placement of the plan."""
    truths = {}
    for placement in plan.placements:
        effect = EFFECTS[placement.key]
        mix = specialty_mix(placement.persona)
        truths[placement.tracking_code] = PlacementTruth(
            code=placement.tracking_code,
            name=placement.name,
            kind=effect.kind,
            relative_effect=effect.relative,
            expected_traced=sum(effect.coded) // 2,
            base_rate=round(sum(share * BASE_RATES[specialty] for specialty, share in mix.items()), 4),
        )
    return Truth(seed, today, truths)


def _stream(seed: int, topic: int) -> np.random.Generator:
    """A source of chance of its own for each topic, so that a change in one leaves the others as they are."""
    return np.random.default_rng([seed, topic])


def draw_codes(rng: np.random.Generator, number: int, besides: Sequence[str] = ()) -> list[str]:
    """So many codes; those of the placements, then those of nobody: a misprint, and other advertisers'."""
    codes: list[str] = []
    while len(codes) < number:
        code = "".join(ALPHABET[i] for i in rng.integers(len(ALPHABET), size=CODE_LENGTH))
        if is_code(code) and code not in codes and code not in besides:
            codes.append(code)
    return codes


def _draw_journeys(
    rng: np.random.Generator, applicants: Sequence[Applicant], meetings: Sequence[Sequence[Meeting]]
) -> list[Journey]:
    """How far each goes: the placements met decide who ever comes to an interview, never how fast."""
    return [
        draw_journey(
            rng, applicant.applied_at,
            reaches_interview=bool(rng.random() < chance_of_interview(applicant, met)),
        )
        for applicant, met in zip(applicants, meetings, strict=True)
    ]  # fmt: skip


def chance_of_interview(applicant: Applicant, met: Sequence[Meeting]) -> float:
    """The specialty's base rate, times the effect of every placement met."""
    chance = BASE_RATES[applicant.specialty]
    for placement in {applicant.placement, *(meeting.placement for meeting in met)} - {None}:
        chance *= EFFECTS[str(placement)].relative
    return min(SUREST, chance)


def _file(
    rng: np.random.Generator,
    plan: Plan,
    applicants: Sequence[Applicant],
    journeys: Sequence[Journey],
    people: Sequence[Person],
    wrong: Sequence[str],
) -> list[Filed]:
    """The applications with the sources that the ATS keeps, and some that were sent a second time."""
    filed = []
    for applicant, journey, person in zip(applicants, journeys, people, strict=True):
        misprint = applicant.placement is not None and EFFECTS[applicant.placement].mistyped
        code = wrong[0] if misprint else wrong[1 + int(rng.integers(FOREIGN_CODES))]
        url, site = find_source(plan, applicant, code, rng.random())
        filed.append(Filed(0, applicant, person, journey, url, site))
    again = [filed[i] for i in rng.choice(len(filed) * 9 // 10, size=SENT_TWICE, replace=False)]
    for first in again:
        at = first.applicant.applied_at + dt.timedelta(minutes=float(rng.uniform(3, 3000)))
        copy = replace(first.applicant, applied_at=at.replace(microsecond=0))
        filed.append(replace(first, applicant=copy, journey=send_twice(rng, copy.applied_at)))
    return filed


def _add_leads(rng: np.random.Generator, plan: Plan, today: dt.date, people: Sequence[Person]) -> list[Filed]:
    """People whom a recruiter found and put into the inbox of a job: leads, not applications."""
    leads = []
    for person in people:
        job = plan.jobs[int(rng.integers(len(plan.jobs)))]
        day = today - dt.timedelta(days=int(rng.integers(5, 400)))
        at = dt.datetime.combine(day, dt.time(9, int(rng.integers(60))), dt.UTC)
        applicant = Applicant(placement=None, specialty=job.specialty, job=job.key, applied_at=at, trace=Trace.NONE)
        leads.append(Filed(0, applicant, person, Journey(at), None, None, sourced=True))
    return leads


def _number(filed: Sequence[Filed]) -> tuple[Filed, ...]:
    """Give keys in the order of time, as an ATS does."""
    ordered = sorted(filed, key=lambda some: (some.applicant.applied_at, some.person.email))
    return tuple(replace(some, id=number) for number, some in enumerate(ordered, start=FIRST_APPLICATION))
