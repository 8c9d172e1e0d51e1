"""Jobs: vacancies to be filled."""

from typing import Literal

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
from app.web.api.plan_rows import PlanRows
from app.web.paging import PageQuery


class JobQuery(PageQuery):
    """How jobs are listed."""

    sort: Literal[
        "title", "-title", "opens_on", "-opens_on", "created_at", "-created_at", "updated_at", "-updated_at"
    ] = "title"
    status: JobStatus | None = None
    specialty: Specialty | None = None
    open_on: Day | None = None


ROWS = PlanRows(
    one="a job",
    many="jobs",
    given=JobIn,
    shown=JobOut,
    query=JobQuery,
    filter=JobFilter,
    list=list_jobs,
    get=get_job,
    describe=describe_job,
    create=create_job,
    replace=replace_job,
    delete=delete_job,
)
router = ROWS.router(
    lists="All jobs, or those of a status or specialty, or open on a day.",
    creates="What is wanted, where, how many, and from when to when.",
    replaces="All of it is given anew.",
    deletes="Nothing stands on a job.",
)
