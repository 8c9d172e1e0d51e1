"""From Greenhouse's flat records to what was seen: applications joined with what hangs on them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

from app.intake.connectors.greenhouse.shapes import (
    Application,
    Candidate,
    Job,
    Named,
    Offer,
    RejectionDetail,
    RejectionReason,
    Stage,
    StageStay,
    TrackingLink,
)
from app.intake.connectors.page import StageSeen
from app.intake.connectors.reading import Read, read_all, read_record

M = TypeVar("M", bound=BaseModel)

FIRST_STAGE = "Applied"
WITHDRAWN = "they rejected us"
"""The type of reason that means that the applicant said no; whatever else it is called, the employer did."""


@dataclass(slots=True)
class Office:
    """What the account's lists say that hold for many applications: read whole at the start of each run."""

    departments: dict[str, str] = field(default_factory=dict)
    offices: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    stages: dict[str, StageSeen] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[TrackingLink]] = field(default_factory=dict)
    reasons: dict[str, RejectionReason] = field(default_factory=dict)
    broken: dict[tuple[str, str], str] = field(default_factory=dict)
    """Why what could not be read of the lists could not, by list and key."""

    def unit_of(self, job: Job | None) -> str | None:
        """The department of a job, else its one office."""
        if job is None:
            return None
        if job.department_id is not None and job.department_id in self.departments:
            return self.departments[job.department_id]
        named = [self.offices[ref] for ref in job.office_ids or () if ref in self.offices]
        return named[0] if len(named) == 1 else None

    def token_of(self, application: Application) -> str | None:
        """The token of the tracking link that credits an application's source; none where several could be it."""
        links = self.links.get(application.source_id or "", [])
        of_job = [link for link in links if link.job_id is not None and link.job_id == application.job_id]
        tokens = {link.token for link in of_job or links}
        return tokens.pop() if len(tokens) == 1 else None

    def outcome_of(self, reason: str | None) -> Literal["rejected", "withdrawn"]:
        known = self.reasons.get(reason or "")
        kind = known.type.name if known is not None and known.type is not None else ""
        return "withdrawn" if kind.strip().lower() == WITHDRAWN else "rejected"


def read_rows(shape: type[M], raws: Iterable[Any]) -> Read:
    """The rows of one kind."""
    return read_all(raws, lambda raw: read_record(shape, raw))


def _learn_named(into: Callable[[Office], dict[str, str]]) -> Callable[[Office, Sequence[Any]], None]:
    return lambda office, rows: into(office).update((row.id, row.name[:200]) for row in rows)


def _learn_jobs(office: Office, rows: Sequence[Any]) -> None:
    office.jobs.update((row.id, row) for row in rows)


def _learn_stages(office: Office, rows: Sequence[Any]) -> None:
    """Everybody starts in the first stage of a job, whatever it is called."""
    first: dict[str, int] = {}
    for row in rows:
        if row.sort_order is not None:
            first[row.job_id] = min(first.get(row.job_id, row.sort_order), row.sort_order)
    for row in rows:
        begins = row.sort_order is not None and row.sort_order == first[row.job_id]
        office.stages[row.id] = StageSeen(
            ref=row.id, name=row.name[:200], vendor_type=FIRST_STAGE if begins else None, position=row.sort_order
        )


def _learn_links(office: Office, rows: Sequence[Any]) -> None:
    for row in rows:
        if row.source_id is not None:
            office.links.setdefault(row.source_id, []).append(row)


def _learn_reasons(office: Office, rows: Sequence[Any]) -> None:
    office.reasons.update((row.id, row) for row in rows)


LISTS: Mapping[str, tuple[type[BaseModel], Callable[[Office, Sequence[Any]], None]]] = {
    "departments": (Named, _learn_named(lambda office: office.departments)),
    "offices": (Named, _learn_named(lambda office: office.offices)),
    "jobs": (Job, _learn_jobs),
    "job_interview_stages": (Stage, _learn_stages),
    "sources": (Named, _learn_named(lambda office: office.sources)),
    "tracking_links": (TrackingLink, _learn_links),
    "rejection_reasons": (RejectionReason, _learn_reasons),
}
"""The lists that are read whole, and what each teaches."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """What hangs on some applications: stays in stages, offers, rejections, and addresses of candidates; and why
    something that hangs on an application could not be read, by its key."""

    stays: Mapping[str, Sequence[StageStay]]
    offers: Mapping[str, Sequence[Offer]]
    details: Mapping[str, Sequence[RejectionDetail]]
    emails: Mapping[str, str]
    broken: Mapping[str, str]


def by_application(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Rows by the application that they hang on."""
    grouped: dict[str, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.application_id, []).append(row)
    return grouped


def find_owners(raw: Any, name: str, keys: Iterable[str]) -> list[str]:
    """Which of the keys a broken row names; all of them where that is broken, too."""
    named = str(raw.get(name)) if isinstance(raw, dict) else ""
    known = list(keys)
    return [named] if named in known else known


def find_listed(stream: str, raw: Any) -> tuple[str, str] | None:
    """By which list and key a broken row of a list is leaned on: a tracking link is by its source."""
    name, of = ("source_id", "sources") if stream == "tracking_links" else ("id", stream)
    key = raw.get(name) if isinstance(raw, dict) else None
    return None if key is None else (of, str(key))


def choose_email(candidate: Candidate) -> str | None:
    """The address by which a person is known elsewhere: the personal one, else the first."""
    told = [email for email in candidate.email_addresses if email.value]
    personal = [email for email in told if (email.type or "").lower() == "personal"]
    return next((email.value for email in personal or told), None)
