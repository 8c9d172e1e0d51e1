"""The demo city's placements judged from what its ATS shows, without store, connector or report between."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable

import numpy as np

from app.demo.city import City, build_city
from app.demo.journeys import Step
from app.demo.touchpoints import CityTouchpoint
from app.demo.truth import Kind
from app.demo.world import Application, World
from app.measurement.compared import compared
from app.measurement.effectiveness import Judgement, judge_ads
from app.measurement.journeys import Cause, Journeys
from app.measurement.reasons import Verdict
from app.planning.tracking import observe_source

LOOKBACK = dt.timedelta(days=90)


def judge_seeds(seeds: range, today: dt.date, *, pictures: int) -> dict[Kind, Counter[Verdict]]:
    """How often each kind of placement got each verdict, over cities of all these seeds."""
    verdicts: dict[Kind, Counter[Verdict]] = {kind: Counter() for kind in Kind}
    for seed in seeds:
        city = build_city(seed, today)
        for code, judgement in judge_city(city, today, pictures=pictures).items():
            verdicts[city.truth.placements[code].kind][judgement.decision.verdict] += 1
    return verdicts


def judge_city(city: City, today: dt.date, *, pictures: int) -> dict[str, Judgement]:
    """The verdict on each placement by code, from so many weekly pictures of the ATS, the last of today."""
    morning = dt.datetime.combine(today, dt.time(), dt.UTC)
    worlds = [city.world_at(morning - dt.timedelta(weeks=ago)) for ago in range(pictures - 1, 0, -1)]
    first_seen = _find_interviews([*worlds, city.world])
    applications = [one for one in city.world.applications if not one.sourced]
    codes = list(city.truth.placements)
    owners = [_find_owner(one, city.touchpoints) for one in applications]
    ad = np.array([codes.index(code) if code in codes else -1 for code in owners], np.int32)
    tags = sorted({job.tags for job in city.world.jobs})
    specialty = {job.id: tags.index(job.tags) for job in city.world.jobs}
    stratum = np.array([specialty[one.job_id] for one in applications], np.int32)
    ends = [_find_end(one, first_seen.get(one.id), morning) for one in applications]
    journeys = Journeys(
        np.array([(at - one.created_at).days for one, (at, _) in zip(applications, ends, strict=True)], np.int32),
        np.array([cause for _, cause in ends], np.int8),
        np.array([(morning - one.created_at).days for one in applications], np.int32),
    )
    month = np.array([12 * one.created_at.year + one.created_at.month for one in applications], np.int32)
    people = compared(journeys, ad, stratum, len(codes), month=month)
    return dict(zip(codes, judge_ads(people, np.zeros(len(codes))), strict=True))


def _find_interviews(worlds: Iterable[World]) -> dict[int, dt.datetime]:
    """When each application was first seen to have come to an interview or beyond, by the ATS's own date."""
    first: dict[int, dt.datetime] = {}
    for world in worlds:
        for one in world.applications:
            if one.stage_id % 10 >= Step.INTERVIEW and one.changed_stage_at is not None:
                first.setdefault(one.id, one.changed_stage_at)
    return first


def _find_end(one: Application, interview: dt.datetime | None, now: dt.datetime) -> tuple[dt.datetime, Cause]:
    if interview is not None:
        return interview, Cause.ADVANCED
    return (one.rejected_at, Cause.OUT) if one.rejected_at else (now, Cause.PENDING)


def _find_owner(one: Application, touchpoints: Iterable[CityTouchpoint]) -> str | None:
    """The code of the application itself, else of the last meeting inside the lookback."""
    code = observe_source(one.referring_url, one.referring_site).code
    met = [
        touchpoint.tracking_code
        for touchpoint in touchpoints
        if touchpoint.candidate_id == one.candidate_id
        and touchpoint.tracking_code is not None
        and one.created_at - LOOKBACK <= touchpoint.at <= one.created_at
    ]
    return code or (met[-1] if met else None)
