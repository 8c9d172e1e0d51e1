"""How vacancies stand, and which campaigns serve them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.i18n import _
from app.planning.campaign import Campaign, read_aim
from app.planning.job import JobStatus


def job_status_name(status: str) -> str:
    """How a vacancy stands."""
    return {
        JobStatus.OPEN.value: _("open"),
        JobStatus.FILLED.value: _("filled"),
        JobStatus.CLOSED.value: _("closed"),
    }[status]


def name_campaigns(session: Session) -> dict[str, list[tuple[str, str]]]:
    """The names and keys of the campaigns that are for each vacancy, by its key."""
    named: dict[str, list[tuple[str, str]]] = {}
    campaigns = select(Campaign).where(Campaign.template.is_(False)).order_by(Campaign.name, Campaign.id)
    for campaign in session.scalars(campaigns):
        for job in read_aim(campaign).jobs:
            named.setdefault(str(job), []).append((campaign.name, str(campaign.id)))
    return named
