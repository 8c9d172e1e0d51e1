"""One vacancy as something to read: what is wanted, the campaigns that serve it, the jobs of connected systems that it
is said to be, and how many applied to these."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _, date, ngettext, period
from app.intake.vendors import list_connections
from app.planning.job import Job, get_job
from app.reports.funnel import report_funnel
from app.reports.listing import StageCell
from app.reports.names import specialty_name
from app.reports.system_jobs import SystemJob, list_system_jobs, match_system_job, unmatch_system_job
from app.web.pages.administering import only
from app.web.pages.counted import Counted, count_cell
from app.web.pages.door import go_to, read_id
from app.web.pages.funnel import make_bars
from app.web.pages.job_words import job_status_name, name_campaigns
from app.web.pages.judgement import read_key
from app.web.pages.placement_link import PLANNERS
from app.web.pages.row_form import Sent
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class SystemLine:
    """A job as a system names it: whose it is, how many applied, and the vacancy that is called the same."""

    key: str
    title: str
    system: str
    applied: str
    proposed: str


@router.get("/jobs/{job_id}")
def job_page(request: Request, job_id: str) -> Response:
    """One vacancy."""
    return answer(request, lambda visit: _page(visit, job_id))


@router.post("/jobs/{job_id}/match")
def match(request: Request, job_id: str, sent: Sent) -> Response:
    """Say which job of a system it is."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        job = match_system_job(visit.session, read_id(job_id), only(sent, "key"), now=visit.now)
        return go_to(visit.address(f"/jobs/{job.id}", kept="yes"))

    return change(request, do, lambda visit, problems: _page(visit, job_id, problems))


@router.post("/jobs/{job_id}/unmatch")
def unmatch(request: Request, job_id: str, sent: Sent) -> Response:
    """Take that back."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        job = unmatch_system_job(visit.session, read_id(job_id), only(sent, "key"), now=visit.now)
        return go_to(visit.address(f"/jobs/{job.id}", kept="yes"))

    return change(request, do, lambda visit, problems: _page(visit, job_id, problems))


def _page(visit: Visit, job_id: str, problems: Sequence[str] = ()) -> Response:
    job = get_job(visit.session, read_key(job_id, _("job")))
    return visit.page("job.html", job_view(visit, job) | {"problems": problems}, 422 if problems else 200)


def job_view(visit: Visit, job: Job) -> dict[str, Any]:
    """All that the page shows."""
    found, own = list_system_jobs(visit.session), job.organisation_id == visit.organisation.id
    said = [one for one in found if one.vacancy is not None and one.vacancy.id == job.id]
    alike = [one for one in found if one.waits and one.proposed is not None and one.proposed.id == job.id]
    gone = len(job.observed_jobs or ()) - len(said) if own else 0
    return {
        "title": job.title,
        "kept": visit.asked.get("kept") == "yes",
        "words": job_words(job),
        "campaigns": [(name, visit.address(f"/campaigns/{id}"))
                      for name, id in name_campaigns(visit.session).get(str(job.id), [])],
        "may_plan": own and visit.member.place.role in PLANNERS,
        "here": f"/jobs/{job.id}",
        "edit": visit.address(f"/jobs/{job.id}/edit"),
        "said": system_lines(visit, said),
        "gone": ngettext("%(n)s job of a system that it is said to be is not in the record any more.",
                         "%(n)s jobs of systems that it is said to be are not in the record any more.", gone)
        if gone > 0 else "",
        "alike": system_lines(visit, alike),
        "stages": _stages(visit, job) if job.observed_jobs else [],
        "matched": bool(job.observed_jobs),
        "funnel": visit.address("/funnel", vacancy=job.id),
        "verdicts": visit.address("/verdicts", vacancy=job.id),
    }  # fmt: skip


def job_words(job: Job) -> Sequence[str]:
    """`general practice`, `Kallio`, `2 openings`, `since 2 March 2026`, `open`."""
    opened = date(job.opens_on).replace(" ", "\N{NO-BREAK SPACE}")
    days = period(job.opens_on, job.closes_on) if job.closes_on else _("since %(day)s", day=opened)
    openings = ngettext("%(n)s opening", "%(n)s openings", job.openings)
    words = [specialty_name(job.specialty), job.unit, openings, days, job_status_name(job.status)]
    return [one for one in words if one]


def system_lines(visit: Visit, found: Sequence[SystemJob]) -> list[SystemLine]:
    """Jobs of systems, as a list shows them; how many applied is not told to who may not see small counts."""
    names = {one.system: one.name for one in list_connections(visit.session)} if found else {}
    return [
        SystemLine(
            one.key, one.title, names.get(one.system) or one.system.rpartition(":")[2], _applied_words(visit, one),
            str(one.proposed.id) if one.proposed else "",
        )
        for one in found
    ]  # fmt: skip


def _applied_words(visit: Visit, one: SystemJob) -> str:
    if not visit.sees_small_counts:
        return ""
    if one.newest is None:
        return _("nobody has applied")
    last = date(one.newest.astimezone(visit.organisation.zone).date())
    return ngettext("%(n)s has applied, on %(day)s", "%(n)s have applied, the last on %(day)s",
                    one.applications, day=last)  # fmt: skip


def _stages(visit: Visit, job: Job) -> list[tuple[str, Sequence[Counted]]]:
    """The stages that some system speaks of, as the funnel counts them: who came, who waits, withdrew or was
    rejected."""
    scope = visit.scope()
    found = report_funnel(visit.session, replace(scope, filters=replace(scope.filters, vacancy=job.id)))

    def count(n: int, cell: StageCell) -> Counted:
        return count_cell(visit, n, cell, vacancy=job.id, seen="vacancy", kept=None)

    return [(bar.name, [bar.count, *bar.cells[1:]]) for bar in make_bars(found, count)]
