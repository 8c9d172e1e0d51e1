"""First campaigns: a pattern and a promise become a whole plan, in one call."""

from fastapi import APIRouter, Response

from app.planning.campaign import CampaignOut, describe_campaign
from app.planning.starting import StartIn, start_campaign
from app.web.etag import show_created
from app.web.problems import CREATES
from app.web.session import Now, PlanSession

router = APIRouter(prefix="/campaigns-by-pattern", tags=["campaigns"])


@router.post("", summary="Plan by a pattern", status_code=201, response_model=CampaignOut, responses=CREATES)
def create(given: StartIn, session: PlanSession, now: Now) -> Response:
    """A draft with channels, a claim, assets and placements for one persona and one of its reasons to come; every
    placement has its link, and none a cost yet."""
    return show_created(describe_campaign(start_campaign(session, given, now=now)), "campaigns")
