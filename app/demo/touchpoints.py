"""Meetings known beside an application's own source: evenings, colleagues, what people say themselves."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.demo.applicants import CHANNEL_NAMES, Applicant, Trace
from app.demo.people import Person
from app.demo.plan import Plan
from app.funnel.touchpoint import TouchpointKind

SESSIONS: Mapping[str, tuple[int, ...]] = {
    "evening-residents": (200,),
    "evening-licence": (212, 184, 156, 128, 100, 76),
}
"""How many days ago each virtual evening was held."""
PUBLIC: Mapping[str, frozenset[str]] = {
    "evening-residents": frozenset({"other_specialty", "resident_general_practice"}),
    "evening-licence": frozenset({"unspecialised"}),
}
ATTENDS_OWN, ATTENDS_TOO = 0.85, 0.1
"""How many of an evening's own applicants were there, and of those whom something else brought soon after."""
_REMEMBERED = dt.timedelta(days=60)
SELF_REPORTS, SAYS_CODE = 0.05, 0.5
"""How many whose link lost everything name the ad in the form, and how many of those by its code."""
REFERRALS = 0.6
"""How many of a colleague's friends are reported by the colleague."""
ONLY_WATCHED = 60
"""People who came to an evening and never applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CityTouchpoint:
    """A meeting with an ad, to be posted as an observation; either a code or a label was observed."""

    id: str
    kind: TouchpointKind
    at: dt.datetime
    email: str
    candidate_id: int | None
    tracking_code: str | None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """That an applicant met a placement before applying, as it will be observed."""

    kind: TouchpointKind
    placement: str
    at: dt.datetime
    says_code: bool = True


def draw_meetings(rng: np.random.Generator, applicants: Sequence[Applicant], today: dt.date) -> list[list[Meeting]]:
    """For each application the meetings that are observed beside its own source."""
    return [
        [
            *_attend(rng, applicant, today),
            *_be_referred(rng, applicant),
            *_report(rng, applicant),
        ]
        for applicant in applicants
    ]


def _attend(rng: np.random.Generator, applicant: Applicant, today: dt.date) -> list[Meeting]:
    meetings = []
    for placement, sessions in SESSIONS.items():
        own, fits = applicant.placement == placement, applicant.specialty in PUBLIC[placement]
        chance = ATTENDS_OWN if own else ATTENDS_TOO * fits
        held = [session_at(today, days) for days in sessions]
        before = [at for at in held if at < applicant.applied_at <= at + _REMEMBERED]
        if rng.random() < chance and before:
            meetings.append(Meeting(TouchpointKind.ATTENDANCE, placement, before[-1]))
    return meetings


def session_at(today: dt.date, days_ago: int) -> dt.datetime:
    """When an evening was held."""
    return dt.datetime.combine(today - dt.timedelta(days=days_ago), dt.time(16), dt.UTC)


def _be_referred(rng: np.random.Generator, applicant: Applicant) -> list[Meeting]:
    if applicant.placement != "card-colleague" or rng.random() >= REFERRALS:
        return []
    at = applicant.applied_at - dt.timedelta(seconds=round(86_400 * (1 + rng.exponential(5.0))))
    return [Meeting(TouchpointKind.REFERRAL, applicant.placement, at)]


def _report(rng: np.random.Generator, applicant: Applicant) -> list[Meeting]:
    if applicant.placement is None or applicant.trace is not Trace.NONE or rng.random() >= SELF_REPORTS:
        return []
    says_code = bool(rng.random() < SAYS_CODE)
    return [Meeting(TouchpointKind.SELF_REPORT, applicant.placement, applicant.applied_at, says_code)]


def record_touchpoints(
    rng: np.random.Generator,
    plan: Plan,
    today: dt.date,
    met: Sequence[tuple[Person, Sequence[Meeting]]],
    watchers: Sequence[Person],
) -> tuple[CityTouchpoint, ...]:
    """The touchpoints of applicants, and of those who only watched, in the order of time."""
    seen = [(person, meeting) for person, meetings in met for meeting in meetings]
    for person in watchers:
        placement = list(SESSIONS)[int(rng.integers(len(SESSIONS)))]
        days = SESSIONS[placement][int(rng.integers(len(SESSIONS[placement])))]
        seen.append((person, Meeting(TouchpointKind.ATTENDANCE, placement, session_at(today, days))))
    seen.sort(key=lambda pair: (pair[1].at, pair[0].email))
    return tuple(_record(plan, f"t{number}", *pair) for number, pair in enumerate(seen, start=1))


def _record(plan: Plan, id_: str, person: Person, meeting: Meeting) -> CityTouchpoint:
    placement = plan.placement(meeting.placement)
    return CityTouchpoint(
        id=id_,
        kind=meeting.kind,
        at=meeting.at,
        email=person.email,
        candidate_id=person.id if person.known_to_ats else None,
        tracking_code=placement.tracking_code if meeting.says_code else None,
        label=None if meeting.says_code else CHANNEL_NAMES[placement.channel],
    )
