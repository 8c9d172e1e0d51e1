"""`/observed-jobs`: the jobs that connected systems name, and the vacancies that they are."""

import datetime as dt
import uuid

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.reports.system_jobs import SystemJob, list_system_jobs
from app.web.problems import documented
from app.web.session import Caller, ReadSession

router = APIRouter(prefix="/observed-jobs", tags=["jobs"])


class ObservedJobOut(BaseModel):
    """A job as a system names it."""

    key: str = Field(description="Its key in the record, made of the connection and the vendor's own key.")
    system: str
    title: str = Field(description="The one that the system stated last.")
    applications: int | None = Field(description="How many applied; null for who may not see small counts.")
    newest: dt.datetime | None = Field(description="When the last of them did; null likewise, or where there is none.")
    vacancy_id: uuid.UUID | None = Field(description="The vacancy that somebody has said it is.")
    proposed_id: uuid.UUID | None = Field(description="The only vacancy that is called the same; nothing rests on it.")


class ObservedJobsOut(BaseModel):
    """All of them."""

    jobs: list[ObservedJobOut]


def describe_system_job(one: SystemJob, *, exact: bool) -> ObservedJobOut:
    """A system's job as the API shows it."""
    return ObservedJobOut(
        key=one.key, system=one.system, title=one.title,
        applications=one.applications if exact else None, newest=one.newest if exact else None,
        vacancy_id=one.vacancy.id if one.vacancy else None, proposed_id=one.proposed.id if one.proposed else None,
    )  # fmt: skip


@router.get("", summary="List the jobs that systems name", responses=documented(401, 403, 422, 503))
def list_observed(session: ReadSession, caller: Caller, waiting: bool = False) -> ObservedJobsOut:
    """First those that wait for somebody to say which vacancy they are, the proposed before the others; `waiting`
    leaves the rest out. A job's `observed_jobs` say it."""
    found = [one for one in list_system_jobs(session) if one.waits or not waiting]
    return ObservedJobsOut(jobs=[describe_system_job(one, exact=caller.sees_small_counts) for one in found])
