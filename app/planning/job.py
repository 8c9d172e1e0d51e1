"""A job: a vacancy to be filled, with what is wanted for it."""

import datetime as dt
import enum
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import JSON, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, organisation_of
from app.errors import Missing, Problem
from app.i18n import _
from app.planning.field import Day, Given, Name, Place, Shown
from app.planning.listing import Stretch, Window, read_stretch
from app.planning.persona_schema import Specialty
from app.planning.problem import refuse
from app.planning.row import (
    PlanRow,
    Revision,
    add_row,
    begin_change,
    get_row,
    get_row_to_change,
    move_revision,
)

MOST_OBSERVED = 50


class JobStatus(enum.StrEnum):
    OPEN = "open"
    FILLED = "filled"
    CLOSED = "closed"


class Job(PlanRow, Base):
    __tablename__ = "job"

    title: Mapped[str] = mapped_column(String(200))
    specialty: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(200), default="")
    openings: Mapped[int] = mapped_column(default=1)
    opens_on: Mapped[dt.date]
    closes_on: Mapped[dt.date | None]
    status: Mapped[JobStatus] = mapped_column(String(12), default=JobStatus.OPEN)
    observed_jobs: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """The jobs of connected systems that this one is, by the keys of the record."""


ObservedKey = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class JobIn(Given):
    """A vacancy: what is wanted, where, how many, and from when to when."""

    title: Name
    specialty: Specialty
    unit: Place = ""
    openings: Annotated[int, Field(strict=True, ge=1, le=999)] = 1
    opens_on: Day
    closes_on: Day | None = None
    status: JobStatus = JobStatus.OPEN
    observed_jobs: list[ObservedKey] = Field(
        default=[],
        max_length=MOST_OBSERVED,
        description="The jobs of connected systems that this vacancy is, by their keys in `/api/v1/observed-jobs`: so "
        "the applications to it are known. Each is of one vacancy at most.",
    )


class JobOut(JobIn, Shown):
    """A job as it is stored."""


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs are listed."""

    status: JobStatus | None = None
    specialty: Specialty | None = None
    open_on: dt.date | None = None


def create_job(session: Session, given: JobIn, *, now: dt.datetime) -> Job:
    """Store a new job."""
    begin_change(session)
    refuse([*check_job(given), *_check_observed(session, given, None)])
    return add_row(session, Job(**_columns(given)), now)


def get_job(session: Session, job_id: uuid.UUID) -> Job:
    """One job."""
    return get_row(session, Job, job_id)


def get_job_named(session: Session, name: str) -> Job:
    """The job of this title or key. Raises Missing, also where several have the title."""
    try:
        found = session.scalars(select(Job).where(Job.id == uuid.UUID(name))).all()
    except ValueError:
        found = session.scalars(select(Job).where(Job.title == name)).all()
    if len(found) > 1:
        ids = ", ".join(str(one.id) for one in found)
        raise Missing(_("Several vacancies are called “%(name)s”; name one by its id: %(ids)s.", name=name, ids=ids))
    if not found:
        raise Missing(_("No vacancy has the title or id “%(name)s”.", name=name))
    return found[0]


def list_jobs(session: Session, wanted: JobFilter, window: Window) -> Stretch[Job]:
    """Jobs that fit the filter."""
    statement = select(Job)
    if wanted.status is not None:
        statement = statement.where(Job.status == wanted.status)
    if wanted.specialty is not None:
        statement = statement.where(Job.specialty == wanted.specialty)
    if wanted.open_on is not None:
        statement = statement.where(
            Job.opens_on <= wanted.open_on, or_(Job.closes_on.is_(None), Job.closes_on >= wanted.open_on)
        )
    return read_stretch(session, statement, Job, window)


def replace_job(session: Session, job_id: uuid.UUID, given: JobIn, *, revision: Revision, now: dt.datetime) -> Job:
    """Change a job to what is given."""
    job = get_row_to_change(session, Job, job_id, revision)
    refuse([*check_job(given), *_check_observed(session, given, job)])
    for field, value in _columns(given).items():
        setattr(job, field, value)
    return move_revision(session, job, now)


def delete_job(session: Session, job_id: uuid.UUID, *, revision: Revision) -> None:
    """Delete a job; nothing of the plan stands on one."""
    session.delete(get_row_to_change(session, Job, job_id, revision))
    session.flush()


def check_job(given: JobIn) -> list[Problem]:
    """A job does not close before it opens."""
    if given.closes_on is not None and given.closes_on < given.opens_on:
        return [Problem("closes_on", _("The job closes before it opens; move one of the dates."))]
    return []


def _check_observed(session: Session, given: JobIn, job: Job | None) -> Iterator[Problem]:
    """A system's job is one of ours at most, and is named once."""
    if not given.observed_jobs:
        return
    taken = {key: one.title for one in _own_jobs(session) if one is not job for key in one.observed_jobs or ()}
    for at, key in enumerate(given.observed_jobs):
        if key in taken:
            remedy = _("The system's job is “%(name)s” already; take it out there first.", name=taken[key])
            yield Problem(f"observed_jobs[{at}]", remedy)
        if key in given.observed_jobs[:at]:
            yield Problem(f"observed_jobs[{at}]", _("This is named already; take it out."))


def _own_jobs(session: Session) -> Sequence[Job]:
    return session.scalars(select(Job).where(Job.organisation_id == organisation_of(session))).all()


def _columns(given: JobIn) -> dict[str, Any]:
    return given.model_dump() | {"observed_jobs": given.observed_jobs or None}


def describe_job(job: Job) -> JobOut:
    """A job as the API shows it."""
    plain = {name: getattr(job, name) for name in JobOut.model_fields}
    return JobOut.model_validate(plain | {"observed_jobs": job.observed_jobs or []})
