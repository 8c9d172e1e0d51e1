"""Vacancies: what is wanted, where, since when, the campaigns that serve them, and the jobs of connected systems of
which nobody has said yet which vacancy they are."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.i18n import _, date, ngettext, number
from app.planning.job import Job, JobIn, JobStatus, create_job, delete_job, describe_job, get_job, replace_job
from app.planning.persona_schema import Specialty
from app.planning.problem import read_as
from app.reports.names import specialty_name
from app.reports.system_jobs import list_system_jobs, match_system_job
from app.web.pages.administering import only
from app.web.pages.door import go_to, read_id
from app.web.pages.form_texts import Fields
from app.web.pages.job import system_lines
from app.web.pages.job_words import job_status_name, name_campaigns
from app.web.pages.placement_link import PLANNERS
from app.web.pages.row_form import RowForm, Sent, Texts
from app.web.pages.row_list import RowLine, list_view
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)
FIELDS = Fields(("title", "specialty", "unit", "openings", "opens_on", "closes_on", "status"))
SHOWN = 50
"""Of the jobs of systems that wait, on the page."""


@router.get("/jobs")
def jobs(request: Request) -> Response:
    """All vacancies."""
    return answer(request, _page)


@router.post("/jobs/match")
def match(request: Request, sent: Sent) -> Response:
    """Say which vacancy a job of a system is."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        match_system_job(visit.session, read_id(only(sent, "vacancy")), only(sent, "key"), now=visit.now)
        return go_to(visit.address("/jobs", kept="yes"))

    return change(request, do, _page)


def _page(visit: Visit, problems: Sequence[str] = ()) -> Response:
    return visit.page("jobs.html", jobs_view(visit) | {"problems": problems}, 422 if problems else 200)


def jobs_view(visit: Visit) -> dict[str, Any]:
    """All that the list shows; those that are open come first."""
    found = visit.session.scalars(select(Job).order_by(Job.opens_on.desc(), Job.title, Job.id)).all()
    found = sorted(found, key=lambda one: one.status != JobStatus.OPEN)
    serving = name_campaigns(visit.session)
    waiting = [one for one in list_system_jobs(visit.session) if one.waits]
    columns = [_("Vacancy"), _("Specialty"), _("Place"), _("Open since"), _("Last day"), _("State"),
               _("Campaigns that serve it"), _("Openings")]  # fmt: skip
    lines = [
        RowLine(
            one,
            one.title,
            [specialty_name(one.specialty), one.unit, date(one.opens_on),
             date(one.closes_on) if one.closes_on else "–", job_status_name(one.status),
             ", ".join(name for name, _id in serving.get(str(one.id), [])) or _("none"), number(one.openings)],
            _("Change %(name)s", name=one.title),
            visit.address(f"/jobs/{one.id}"),
        )
        for one in found
    ]  # fmt: skip
    title, finding = _("Vacancies"), _finding(found, len(waiting))
    own = [one for one in found if one.organisation_id == visit.organisation.id]
    left = len(waiting) - SHOWN
    return list_view(visit, "/jobs", title, finding, columns, lines, _("Add a vacancy")) | {
        "waiting": system_lines(visit, waiting[:SHOWN]),
        "more": ngettext("%(n)s more comes once these are said; kutsu vacancy jobs lists all.",
                         "%(n)s more come once these are said; kutsu vacancy jobs lists all.", left)
        if left > 0 else "",
        "vacancies": [(str(one.id), f"{one.title} · {one.unit}" if one.unit else one.title) for one in own],
    }  # fmt: skip


def _finding(found: list[Job], waiting: int) -> str:
    if not found:
        return _("No vacancy is there yet: what is wanted, where, and since when. A campaign names those it is for.")
    n = sum(one.status == JobStatus.OPEN for one in found)
    opened = ngettext("%(n)s vacancy is open.", "%(n)s vacancies are open.", n)
    if waiting:
        said = ngettext("Of %(n)s job of your systems it is not said which vacancy it is.",
                        "Of %(n)s jobs of your systems it is not said which vacancy each is.", waiting)  # fmt: skip
        return f"{opened} {said}"
    return opened


def write_job(_visit: Visit, job: Job) -> dict[str, str]:
    """A vacancy in the texts of its form."""
    shown = describe_job(job)
    return {name: "" if (value := getattr(shown, name)) is None else str(value) for name in FIELDS.names}


def read_job(_visit: Visit, texts: Texts, before: Job | None) -> JobIn:
    """The vacancy that the texts say. Raises Invalid."""
    given: dict[str, Any] = {name: text for name, text in texts.items() if text}
    given["observed_jobs"] = describe_job(before).observed_jobs if before is not None else []
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
