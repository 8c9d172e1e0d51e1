"""One application with all that hangs on it, as it is seen from outside."""

import datetime as dt

from app.intake.connectors.greenhouse.history import trace
from app.intake.connectors.greenhouse.records import Hanging, Office
from app.intake.connectors.greenhouse.shapes import Application
from app.intake.connectors.page import ApplicationSeen, LeadSeen, Seen


def join(application: Application, hanging: Hanging, office: Office, today: dt.date) -> tuple[Seen, ...]:
    """The application and its moves, or the lead that a prospect is: one that was turned into an application is
    listed beside that one and stays the lead it was."""
    email = hanging.emails.get(application.candidate_id)
    label = office.sources.get(application.source_id or "")
    code = office.token_of(application)
    if application.prospect or application.status == "converted":
        lead = LeadSeen(
            lead=application.id, candidate=application.candidate_id, email=email, seen_at=application.created_at,
            updated_at=application.updated_at, label=label, code=code,
        )  # fmt: skip
        return (lead,)
    history = trace(
        application,
        hanging.stays.get(application.id, ()),
        hanging.offers.get(application.id, ()),
        office.stages,
        today,
    )
    job = office.jobs.get(application.job_id or "")
    unit = office.unit_of(job)
    out_at, reason = _rejection(application, hanging)
    seen = ApplicationSeen(
        application=application.id, candidate=application.candidate_id, email=email,
        job=application.job_id, job_title=job.name[:200] if job else None,
        applied_at=application.created_at, updated_at=application.updated_at,
        stage=history.stage, entered_at=history.entered_at, out_at=out_at,
        outcome=office.outcome_of(reason) if out_at else None, reason=reason if out_at else None,
        label=label, code=code, attributes={"unit": unit} if unit else {},
    )  # fmt: skip
    return (*history.moves(application.id), seen)


def find_broken(application: Application, hanging: Hanging, office: Office) -> str | None:
    """Why an application cannot be read whole, where something that it leans on could not be. It is read when all
    of it can be: half of it would be another fact of the same moment."""
    leans_on = {("jobs", application.job_id), ("sources", application.source_id)}
    if (job := office.jobs.get(application.job_id or "")) is not None:
        leans_on |= {("departments", job.department_id), *(("offices", ref) for ref in job.office_ids or ())}
    for stay in hanging.stays.get(application.id, ()):
        leans_on.add(("job_interview_stages", stay.job_interview_stage_id))
    for detail in hanging.details.get(application.id, ()):
        leans_on.add(("rejection_reasons", detail.rejection_reason_id))
    whys = (why for (of, key), why in office.broken.items() if (of, key) in leans_on)
    return hanging.broken.get(application.id) or next(whys, None)


def _rejection(application: Application, hanging: Hanging) -> tuple[dt.datetime | None, str | None]:
    """When the application went out and by which reason; a rejection that was undone is no longer its status."""
    if application.status != "rejected":
        return None, None
    details = hanging.details.get(application.id, ())
    latest = max(details, key=lambda detail: (detail.rejected_at or application.created_at, detail.id), default=None)
    told = application.rejected_at or (latest.rejected_at if latest else None)
    return told or application.updated_at, latest.rejection_reason_id if latest else None
