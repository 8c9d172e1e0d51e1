"""The city's applications as the stand-in ATS shows them at one moment, with a source as an ATS keeps it."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.demo.applicants import CHANNEL_NAMES, CHANNEL_PAGES, Applicant, Trace
from app.demo.journeys import Journey, Move, Rejection, Step, Why
from app.demo.people import Person
from app.demo.plan import HOME, Plan, PlannedJob, PlannedPlacement
from app.demo.world import HIRED, IN_PROCESS, INBOX, Application, Candidate, Job, RejectReason, Stage, World
from app.planning.tracking import link, slugify

FIRST_APPLICATION, FIRST_JOB = 500_001, 301
STAGE_NAMES: Mapping[Step, tuple[str, str]] = {
    Step.INBOX: ("Saapuneet", INBOX),
    Step.SCREENING: ("Esikarsinta", IN_PROCESS),
    Step.INTERVIEW: ("Haastattelu", IN_PROCESS),
    Step.OFFER: ("Tarjous", IN_PROCESS),
    Step.HIRED: ("Palkattu", HIRED),
}
REASONS: Mapping[Why, str] = {
    Why.UNQUALIFIED: "Ei täytä kelpoisuutta",
    Why.OTHER_CHOSEN: "Valittiin toinen hakija",
    Why.NO_ANSWER: "Ei vastannut yhteydenottoihin",
    Why.SENT_TWICE: "Sama hakemus kahdesti",
    Why.OTHER_POST: "Otti vastaan toisen paikan",
    Why.TAKEN_BACK: "Perui hakemuksensa",
    Why.TERMS: "Palkka tai työaika ei sopinut",
}
_PLACES_WITHOUT_TRACE = (
    (None, None),
    (None, HOME),
    ("Ura-sivusto", f"{HOME}/avoimet"),
    (None, "https://haku.example/"),
)


@dataclass(frozen=True, slots=True)
class Filed:
    """One application with its person and its whole journey; `sourced` if a recruiter added it."""

    id: int
    applicant: Applicant
    person: Person
    journey: Journey
    url: str | None
    site: str | None
    sourced: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody who left their details and applied to no vacancy, or only later, at `applied_at`."""

    person: Person
    at: dt.datetime
    url: str | None
    site: str | None
    applied_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Archive:
    """Everything that ever happens at the city's ATS, from which any moment's picture is taken."""

    plan: Plan
    filed: tuple[Filed, ...]
    joined: tuple[Joined, ...]

    def picture(self, moment: dt.datetime) -> World:
        """What the ATS shows at this moment: nothing that came later, nothing that was left."""
        known = [some for some in self.filed if some.applicant.applied_at <= moment]
        return World(
            jobs=tuple(_show_job(number, job) for number, job in enumerate(self.plan.jobs, start=FIRST_JOB)),
            candidates=_show_candidates(known, [one for one in self.joined if one.at <= moment], moment),
            reject_reasons=tuple(
                RejectReason(id=why, reason=REASONS[why], rejected_by_company=why.by_company) for why in Why
            ),
            applications=tuple(self._show(some, moment) for some in known),
        )

    def _show(self, filed: Filed, moment: dt.datetime) -> Application:
        move, rejection, changed_at = state_at(filed.journey, moment)
        job = FIRST_JOB + [job.key for job in self.plan.jobs].index(filed.applicant.job)
        return Application(
            id=filed.id,
            candidate_id=filed.person.id,
            job_id=job,
            stage_id=stage_id(job, move.step if move else Step.INBOX),
            created_at=filed.applicant.applied_at,
            updated_at=changed_at,
            changed_stage_at=move.at if move else None,
            rejected_at=rejection.at if rejection else None,
            reject_reason_id=int(rejection.why) if rejection else None,
            sourced=filed.sourced,
            referring_url=filed.url,
            referring_site=filed.site,
            cover_letter=f"Hei, olen {filed.person.first_name} {filed.person.last_name}.",
        )


def state_at(journey: Journey, moment: dt.datetime) -> tuple[Move | None, Rejection | None, dt.datetime]:
    """The last move, the rejection that stands, and when anything last changed."""
    moves = [move for move in journey.moves if move.at <= moment]
    made = [rejection for rejection in journey.rejections if rejection.at <= moment]
    undone = [some.undone_at for some in made if some.undone_at is not None and some.undone_at <= moment]
    standing = next((some for some in made if some.undone_at is None or some.undone_at > moment), None)
    times = [journey.applied_at, *(move.at for move in moves), *(some.at for some in made), *undone]
    return moves[-1] if moves else None, standing, max(times)


def stage_id(job_id: int, step: Step) -> int:
    return job_id * 10 + step


def find_source(plan: Plan, applicant: Applicant, wrong_code: str, chance: float) -> tuple[str | None, str | None]:
    """The referring URL and site that the ATS keeps; `chance` in [0, 1) picks one where several would do."""
    if applicant.placement is None or applicant.trace is Trace.NONE:
        site, url = _PLACES_WITHOUT_TRACE[int(chance * len(_PLACES_WITHOUT_TRACE))]
        return url, site
    placement = plan.placement(applicant.placement)
    if applicant.trace is Trace.CHANNEL:
        return CHANNEL_PAGES.get(placement.channel), CHANNEL_NAMES[placement.channel]
    if applicant.trace is Trace.CODE_IN_LABEL:
        return None, f"Kampanja k-{placement.tracking_code}"
    code = wrong_code if applicant.trace is Trace.WRONG_CODE else placement.tracking_code
    return find_link(plan, placement, code), None


def find_link(plan: Plan, placement: PlannedPlacement, code: str) -> str:
    """The placement's link with a code, its own or one with a misprint, as the ATS keeps it."""
    channel = next(some for some in plan.channels if some.key == placement.channel)
    campaign = next(some for some in plan.every_campaign if some.key == placement.campaign)
    source, medium, concept = (slugify(text) for text in (channel.name, channel.kind, campaign.name))
    return link(placement.target_url, code, source=source, medium=medium, campaign=concept)


def _show_job(number: int, job: PlannedJob) -> Job:
    opened = dt.datetime.combine(job.opens_on, dt.time(8), dt.UTC)
    return Job(
        id=number,
        title=job.title,
        stages=tuple(
            Stage(id=stage_id(number, step), name=name, type=kind, position=int(step))
            for step, (name, kind) in STAGE_NAMES.items()
        ),
        created_at=opened,
        updated_at=opened,
        department=job.unit,
        tags=(f"specialty:{job.specialty}",),
    )


def _show_candidates(filed: Sequence[Filed], joined: Sequence[Joined], moment: dt.datetime) -> tuple[Candidate, ...]:
    """The persons known, each with the source by which they came first, as an ATS keeps it."""
    first: dict[int, Filed] = {}
    for some in filed:
        first.setdefault(some.person.id, some)
    came = {one.person.id for one in joined}
    return (*_show_joined(joined, moment), *_show_applicants({id: one for id, one in first.items() if id not in came}))


def _show_joined(joined: Sequence[Joined], moment: dt.datetime) -> Iterator[Candidate]:
    for one in joined:
        has_applied = one.applied_at is not None and one.applied_at <= moment
        yield Candidate(
            id=one.person.id,
            first_name=one.person.first_name,
            last_name=one.person.last_name,
            email=one.person.email,
            created_at=one.at,
            updated_at=one.applied_at if one.applied_at is not None and has_applied else one.at,
            connected=True,
            referring_url=one.url,
            referring_site=one.site,
        )


def _show_applicants(first: Mapping[int, Filed]) -> Iterator[Candidate]:
    return (
        Candidate(
            id=number,
            first_name=some.person.first_name,
            last_name=some.person.last_name,
            email=some.person.email,
            created_at=some.applicant.applied_at,
            updated_at=some.applicant.applied_at,
            sourced=some.sourced,
            referring_url=some.url,
            referring_site=some.site,
        )
        for number, some in first.items()
    )
