"""Vacancies: what is wanted, where, since when, and the campaigns that serve them. Nothing matches them with the jobs
that systems name, so no applications are counted here."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.i18n import _, date, ngettext, number
from app.planning.campaign import Campaign, read_aim
from app.planning.job import Job, JobIn, JobStatus, create_job, delete_job, describe_job, get_job, replace_job
from app.planning.persona_schema import Specialty
from app.planning.problem import read_as
from app.reports.names import specialty_name
from app.web.pages.form_texts import Fields
from app.web.pages.row_form import RowForm, Texts
from app.web.pages.row_list import RowLine, list_view
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)
FIELDS = Fields(("title", "specialty", "unit", "openings", "opens_on", "closes_on", "status"))


@router.get("/jobs")
def jobs(request: Request) -> Response:
    """All vacancies."""
    return answer(request, lambda visit: visit.page("row_list.html", jobs_view(visit)))


def jobs_view(visit: Visit) -> dict[str, Any]:
    """All that the list shows; those that are open come first."""
    found = visit.session.scalars(select(Job).order_by(Job.opens_on.desc(), Job.title, Job.id)).all()
    found = sorted(found, key=lambda one: one.status != JobStatus.OPEN)
    serving = _name_campaigns(visit)
    columns = [_("Vacancy"), _("Specialty"), _("Place"), _("Open since"), _("Last day"), _("State"),
               _("Campaigns that serve it"), _("Openings")]  # fmt: skip
    lines = [
        RowLine(
            one,
            one.title,
            [specialty_name(one.specialty), one.unit, date(one.opens_on),
             date(one.closes_on) if one.closes_on else "–", job_status_name(one.status),
             ", ".join(serving.get(str(one.id), [])) or _("none"), number(one.openings)],
            _("Change %(name)s", name=one.title),
        )
        for one in found
    ]  # fmt: skip
    return list_view(visit, "/jobs", _("Vacancies"), _finding(found), columns, lines, _("Add a vacancy"))


def _name_campaigns(visit: Visit) -> dict[str, list[str]]:
    """The names of the campaigns that are for each vacancy, by its key."""
    named: dict[str, list[str]] = {}
    campaigns = select(Campaign).where(Campaign.template.is_(False)).order_by(Campaign.name, Campaign.id)
    for campaign in visit.session.scalars(campaigns):
        for job in read_aim(campaign).jobs:
            named.setdefault(str(job), []).append(campaign.name)
    return named


def _finding(found: list[Job]) -> str:
    if not found:
        return _("No vacancy is there yet: what is wanted, where, and since when. A campaign names those it is for.")
    n = sum(one.status == JobStatus.OPEN for one in found)
    opened = ngettext("%(n)s vacancy is open.", "%(n)s vacancies are open.", n)
    unmatched = _("How many applied to each is not known: the jobs that systems name are not matched with these.")
    return f"{opened} {unmatched}"


def job_status_name(status: str) -> str:
    """How a vacancy stands."""
    return {
        JobStatus.OPEN.value: _("open"),
        JobStatus.FILLED.value: _("filled"),
        JobStatus.CLOSED.value: _("closed"),
    }[status]


def write_job(job: Job) -> dict[str, str]:
    """A vacancy in the texts of its form."""
    shown = describe_job(job)
    return {name: "" if (value := getattr(shown, name)) is None else str(value) for name in FIELDS.names}


def read_job(_visit: Visit, texts: Texts, _before: Job | None) -> JobIn:
    """The vacancy that the texts say. Raises Invalid."""
    given: dict[str, Any] = {name: text for name, text in texts.items() if text}
    openings = texts["openings"]
    if openings.isascii() and openings.isdecimal() and len(openings) < 6:
        given["openings"] = int(openings)
    return read_as(JobIn, given)


def _choices(_visit: Visit, _job: Job | None, _texts: Texts) -> dict[str, Any]:
    return {
        "specialties": [(one.value, specialty_name(one)) for one in Specialty],
        "statuses": [(one.value, job_status_name(one)) for one in JobStatus],
    }


FORM = RowForm(
    path="/jobs",
    template="job_form.html",
    fields=FIELDS,
    get=get_job,
    empty=lambda visit: FIELDS.empty() | {"openings": "1", "opens_on": str(visit.today), "status": JobStatus.OPEN},
    write=write_job,
    read=read_job,
    create=create_job,
    replace=replace_job,
    title=lambda one: _("Change %(name)s", name=one.title) if one is not None else _("A new vacancy"),
    more=_choices,
    delete=delete_job,
)
router.routes += FORM.router().routes
