"""Jobs: vacancies to be filled."""

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from app.planning.field import Day
from app.planning.job import (
    JobFilter,
    JobIn,
    JobOut,
    JobStatus,
    create_job,
    delete_job,
    describe_job,
    get_job,
    list_jobs,
    replace_job,
)
from app.planning.persona_schema import Specialty
from app.web.etag import IfMatch, show, show_created
from app.web.paging import Page, PageQuery, to_page
from app.web.patch import merge
from app.web.problems import CREATES, READS, REMOVES, REPLACES
from app.web.session import Now, PlanSession, ReadSession

router = APIRouter(prefix="/jobs", tags=["jobs"])


class JobQuery(PageQuery):
    """How jobs are listed."""

    sort: Literal[
        "title", "-title", "opens_on", "-opens_on", "created_at", "-created_at", "updated_at", "-updated_at"
    ] = "title"
    status: JobStatus | None = None
    specialty: Specialty | None = None
    open_on: Day | None = None


@router.get("", summary="List jobs", responses=READS)
def list_all(query: Annotated[JobQuery, Query()], session: ReadSession) -> Page[JobOut]:
    """All jobs, or those of a status or specialty, or open on a day."""
    stretch = list_jobs(session, query.wanted(JobFilter), query.window())
    return to_page(stretch, query, describe_job)


@router.post("", summary="Create a job", status_code=201, response_model=JobOut, responses=CREATES)
def create(given: JobIn, session: PlanSession, now: Now) -> Response:
    """What is wanted, where, how many, and from when to when."""
    job = create_job(session, given, now=now)
    return show_created(describe_job(job), "jobs")


@router.get("/{job_id}", summary="Read a job", response_model=JobOut, responses=READS)
def read(job_id: uuid.UUID, session: ReadSession, request: Request) -> Response:
    """One job, under the ETag that a change of it must name."""
    return show(describe_job(get_job(session, job_id)), request)


@router.put("/{job_id}", summary="Replace a job", response_model=JobOut, responses=REPLACES)
def replace(
    job_id: uuid.UUID, given: JobIn, revision: IfMatch, session: PlanSession, now: Now, request: Request
) -> Response:
    """All of it is given anew."""
    job = replace_job(session, job_id, given, revision=revision, now=now)
    return show(describe_job(job), request)


@router.patch("/{job_id}", summary="Change a job", response_model=JobOut, responses=REPLACES)
def change(
    job_id: uuid.UUID,
    patch: dict[str, Any],
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
) -> Response:
    """A JSON merge patch: what it names is changed, null takes a value away, the rest stays."""
    given = merge(JobIn, describe_job(get_job(session, job_id)), patch)
    job = replace_job(session, job_id, given, revision=revision, now=now)
    return show(describe_job(job), request)


@router.delete("/{job_id}", summary="Delete a job", status_code=204, responses=REMOVES)
def delete(job_id: uuid.UUID, revision: IfMatch, session: PlanSession) -> None:
    """Nothing stands on a job."""
    delete_job(session, job_id, revision=revision)
