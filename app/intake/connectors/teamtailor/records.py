"""From Teamtailor's records to what was seen, and the count of those that could not be used."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from app.intake.connectors.page import ApplicationSeen, CompanySeen, LeadSeen, StageSeen, Unusable
from app.intake.connectors.reading import Read, read_all, read_record
from app.intake.connectors.teamtailor.shapes import (
    ApplicationRecord,
    Candidate,
    CompanyRecord,
    Department,
    Included,
    IncludedJob,
    JobRecord,
    Listing,
    PoolPlace,
    PoolRecord,
    Reason,
    StageRecord,
)

INBOX = "inbox"
SPECIALTY_TAG = "specialty:"
"""A tag such as `specialty:gp` on a job says what it is about; Teamtailor has no field for it."""


@dataclass(frozen=True, slots=True)
class JobSeen:
    """What the jobs' list says of a job."""

    ref: str
    title: str
    attributes: Mapping[str, str]


def read_company(found: Listing | None) -> CompanySeen | None:
    """Whose account it is, if the vendor says so in a form that we know."""
    read = read_all(found.data if found is not None else (), lambda raw: read_record(CompanyRecord, raw))
    return next((CompanySeen(ref=one.id, name=one.attributes.name[:200]) for one in read.records), None)


def read_stages(listing: Listing) -> Read:
    """The stages of a list of stages."""
    return read_all(listing.data, read_stage)


def read_included_stages(listing: Listing) -> list[StageSeen]:
    """The stages that came along with applications; broken ones are counted where stages are listed."""
    stages = [raw for raw in listing.included if isinstance(raw, dict) and raw.get("type") == "stages"]
    return read_all(stages, read_stage).records


def read_stage(raw: Any) -> StageSeen:
    record = read_record(StageRecord, raw)
    stage = record.attributes
    return StageSeen(
        ref=record.id, name=stage.name[:200],
        vendor_type=stage.stage_type and stage.stage_type[:60], position=stage.row_order,
    )  # fmt: skip


def read_jobs(listing: Listing) -> Read:
    """The jobs of a list of jobs, each with what it says of unit and specialty."""
    included = Included(listing)

    def read(raw: Any) -> JobSeen:
        record = read_record(JobRecord, raw)
        department = included.find("departments", record.relationships.department.ref, Department)
        attributes = {"unit": department.attributes.name[:200]} if department else {}
        for tag in record.attributes.tags:
            if tag.lower().startswith(SPECIALTY_TAG):
                attributes["specialty"] = tag[len(SPECIALTY_TAG) :].strip().lower()[:40]
        return JobSeen(record.id, record.attributes.title[:200], attributes)

    return read_all(listing.data, read)


def read_jobs_of(listing: Listing) -> list[str]:
    """The keys of the jobs that came along with applications."""
    jobs = [raw for raw in listing.included if isinstance(raw, dict) and raw.get("type") == "jobs"]
    return [str(raw["id"]) for raw in jobs if "id" in raw]


def read_applications(
    listing: Listing, jobs: Mapping[str, JobSeen], broken_jobs: Mapping[str, str] = MappingProxyType({})
) -> Read:
    """The applications and leads of a list of job applications. One whose job or stage cannot be read cannot be
    either: half of it would be another fact of the same moment."""
    included = Included(listing)
    return read_all(listing.data, lambda raw: _read_application(raw, included, jobs, broken_jobs))


def _read_application(
    raw: Any, included: Included, jobs: Mapping[str, JobSeen], broken_jobs: Mapping[str, str]
) -> ApplicationSeen | LeadSeen:
    record = read_record(ApplicationRecord, raw)
    said, to = record.attributes, record.relationships
    candidate = included.find("candidates", to.candidate.ref, Candidate)
    email = candidate.attributes.email if candidate else None
    if said.sourced:
        return LeadSeen(
            lead=record.id, candidate=to.candidate.ref, email=email, seen_at=said.created_at,
            updated_at=said.updated_at, url=said.referring_url, label=said.referring_site,
        )  # fmt: skip
    if (why := broken_jobs.get(to.job.ref or "")) is not None:
        raise Unusable(why)
    job = jobs.get(to.job.ref or "")
    stage = _read_stage_of(to.stage.ref, included)
    never_moved = stage is not None and (stage.vendor_type or "").lower() == INBOX
    return ApplicationSeen(
        application=record.id, candidate=to.candidate.ref, email=email,
        job=to.job.ref, job_title=_title(to.job.ref, included, job),
        applied_at=said.created_at, updated_at=said.updated_at, stage=stage,
        entered_at=said.changed_stage_at or (said.created_at if never_moved else None),
        out_at=said.rejected_at,
        outcome=_outcome(to.reject_reason.ref, included) if said.rejected_at else None,
        reason=to.reject_reason.ref if said.rejected_at else None,
        url=said.referring_url, label=said.referring_site,
        attributes=job.attributes if job else {},
    )  # fmt: skip


def read_pool(listing: Listing) -> Read:
    """For each of a list of candidates the lead that they are, or None: whoever applied to a job is none here, and of
    somebody who neither asked to hear of vacancies nor was brought in by the employer the applications are gone."""
    return read_all(listing.data, _read_candidate)


def _read_candidate(raw: Any) -> LeadSeen | None:
    if read_record(PoolPlace, raw).relationships.job_applications.data:
        return None
    record = read_record(PoolRecord, raw)
    said = record.attributes
    if not (said.connected or said.sourced or said.referred):
        return None
    return LeadSeen(
        lead=f"candidate {record.id}", candidate=record.id, email=said.email, seen_at=said.created_at,
        updated_at=said.updated_at, url=said.referring_url, label=said.referring_site,
    )  # fmt: skip


def _read_stage_of(ref: str | None, included: Included) -> StageSeen | None:
    """The stage that an application stands in; only its key is known where it did not come along."""
    if ref is None:
        return None
    raw = included.get("stages", ref)
    return StageSeen(ref=ref, name="") if raw is None else read_stage(raw)


def _title(ref: str | None, included: Included, listed: JobSeen | None) -> str | None:
    job = included.find("jobs", ref, IncludedJob)
    if job is not None:
        return job.attributes.title[:200]
    return listed.title if listed else None


def _outcome(reason: str | None, included: Included) -> Literal["rejected", "withdrawn"]:
    """A reason that is not the company's is the applicant's own wish."""
    found = included.find("reject-reasons", reason, Reason)
    return "withdrawn" if found is not None and not found.attributes.rejected_by_company else "rejected"
