"""What the stand-in ATS knows at one moment: plain rows without behaviour, for whoever invents them to fill.

A world is a picture, not a history: as in the vendor's own API, an application shows the stage it is in and
when it came there, not those it has left. Whoever wants moves to be seen serves a later picture.
"""

import datetime as dt
from dataclasses import dataclass

INBOX, IN_PROCESS, HIRED = "Inbox", "In process", "Hired"
"""The documented stage types; every stage an employer adds is *In process*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of one job: names are the employer's, keys are never shared between jobs."""

    id: int
    name: str
    type: str = IN_PROCESS
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A vacancy; `department` is the unit, and a tag such as `specialty:gp` says what is wanted."""

    id: int
    title: str
    stages: tuple[Stage, ...]
    created_at: dt.datetime
    updated_at: dt.datetime
    status: str = "published"
    department: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A person; the name and the address are there so that tests can look for them where they must not be."""

    id: int
    first_name: str
    last_name: str
    email: str | None
    created_at: dt.datetime
    updated_at: dt.datetime
    sourced: bool = False
    connected: bool = False
    referring_url: str | None = None
    referring_site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectReason:
    """Why somebody went out; False at `rejected_by_company` means that it was the applicant's own wish."""

    id: int
    reason: str
    rejected_by_company: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A job application as it stands. `changed_stage_at` is when it came into its present stage, or None if
    it has never moved; `rejected_at` goes back to None when the rejection is undone."""

    id: int
    candidate_id: int
    job_id: int
    stage_id: int
    created_at: dt.datetime
    updated_at: dt.datetime
    changed_stage_at: dt.datetime | None = None
    rejected_at: dt.datetime | None = None
    reject_reason_id: int | None = None
    sourced: bool = False
    referring_url: str | None = None
    referring_site: str | None = None
    cover_letter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An offer that was made to whoever applied; `starts_on` is the first day of work that it names."""

    id: int
    application_id: int
    created_at: dt.datetime
    sent_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    response: str | None = None
    starts_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The company whose account it is; its key is no number."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything the stand-in serves; keys are unique within each tuple, and stage keys over all jobs."""

    company: Company | None = None
    """Whose account it is; None for a vendor that does not say."""
    jobs: tuple[Job, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    reject_reasons: tuple[RejectReason, ...] = ()
    applications: tuple[Application, ...] = ()
    offers: tuple[Offer, ...] | None = ()
    """None for an account without the add-on."""
