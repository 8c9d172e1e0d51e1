"""The jobs that connected systems name, and the vacancies of the plan that they are: said by a person, proposed where
the titles are the same."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import Micros, from_micros, organisation_of
from app.errors import Missing
from app.funnel.application import Application, ObservedJob
from app.i18n import _
from app.planning.job import Job, JobIn, describe_job, get_job, replace_job
from app.planning.problem import read_as
from app.planning.row import begin_change
from app.planning.tracking import fold_name


@dataclass(frozen=True, slots=True)
class SystemJob:
    """A job as a system names it: its key in the record, how many applied, when the last of them did, the vacancy that
    it is said to be, and the only one that is called the same."""

    key: str
    system: str
    title: str
    applications: int
    newest: dt.datetime | None
    vacancy: Job | None
    proposed: Job | None

    @property
    def waits(self) -> bool:
        """Whether nobody has said which vacancy it is."""
        return self.vacancy is None


def list_system_jobs(session: Session) -> list[SystemJob]:
    """All of them: first those that wait and are called like a vacancy, then the others that wait, the last applied
    for first."""
    said, called = _read_vacancies(session)
    counted = select(Application.job_id, func.count().label("n"), func.max(Application.applied_at).label("newest"))
    counts = counted.where(Application.job_id.is_not(None)).group_by(Application.job_id).subquery()
    rows = session.execute(
        select(ObservedJob.id, ObservedJob.system, ObservedJob.title, counts.c.n, counts.c.newest)
        .outerjoin(counts, counts.c.job_id == ObservedJob.id)
        .order_by(counts.c.newest.desc(), ObservedJob.title, ObservedJob.id)
    )
    found = [
        SystemJob(id.hex(), system, title, n or 0, _instant(newest), said.get(id.hex()), _only(called, title))
        for id, system, title, n, newest in rows
    ]
    return sorted(found, key=lambda one: (not one.waits, one.proposed is None, one.newest is None))


def name_proposed(session: Session) -> list[str]:
    """The titles of those that wait and are called like a vacancy, without counting who applied to them."""
    said, called = _read_vacancies(session)
    rows = session.execute(select(ObservedJob.id, ObservedJob.title).order_by(ObservedJob.title, ObservedJob.id))
    return [title for id, title in rows if id.hex() not in said and _only(called, title)]


def _read_vacancies(session: Session) -> tuple[dict[str, Job], dict[str, list[Job]]]:
    """The organisation's own vacancies by the keys of the jobs that they are said to be, and by how they are called."""
    own = session.scalars(select(Job).where(Job.organisation_id == organisation_of(session))).all()
    called: dict[str, list[Job]] = {}
    for one in own:
        called.setdefault(_fold(one.title), []).append(one)
    return {key: one for one in own for key in one.observed_jobs or ()}, called


def _fold(title: str) -> str:
    return fold_name(title) or title


def _only(called: dict[str, list[Job]], title: str) -> Job | None:
    """The one vacancy of this title; none where there are several."""
    alike: Sequence[Job] = called.get(_fold(title), ())
    return alike[0] if len(alike) == 1 else None


def _instant(micros: Micros | None) -> dt.datetime | None:
    return None if micros is None else from_micros(micros)


def match_system_job(session: Session, job_id: uuid.UUID, key: str, *, now: dt.datetime) -> Job:
    """Say that a vacancy is this job of a system. Raises Missing where no system names it, and Invalid where it is
    another vacancy already."""
    begin_change(session)
    job = get_job(session, job_id)
    if key not in {id.hex() for id in session.scalars(select(ObservedJob.id))}:
        raise Missing(_("No system names a job by the key “%(key)s”.", key=key))
    return _replace(session, job, [*describe_job(job).observed_jobs, key], now)


def unmatch_system_job(session: Session, job_id: uuid.UUID, key: str, *, now: dt.datetime) -> Job:
    """Take it back."""
    begin_change(session)
    job = get_job(session, job_id)
    return _replace(session, job, [one for one in describe_job(job).observed_jobs if one != key], now)


def _replace(session: Session, job: Job, keys: Sequence[str], now: dt.datetime) -> Job:
    given = describe_job(job).model_dump(include=set(JobIn.model_fields)) | {"observed_jobs": list(keys)}
    return replace_job(session, job.id, read_as(JobIn, given), revision=None, now=now)
