"""Urgent requests: what is needed this week, in one call."""

from fastapi import APIRouter, Response

from app.intake.connection import find_vendor
from app.planning.placement import PlacementOut, describe_placement
from app.planning.urgent import UrgentIn, plan_urgent
from app.web.etag import show_created
from app.web.problems import CREATES
from app.web.session import Now, PlanSession

router = APIRouter(prefix="/urgent-requests", tags=["placements"])


@router.post(
    "", summary="Plan what is needed this week", status_code=201, response_model=PlacementOut, responses=CREATES
)
def create(given: UrgentIn, session: PlanSession, now: Now) -> Response:
    """A campaign with one asset in one placement, and its link at once; without days, the week from today on."""
    placement = plan_urgent(session, given, now=now)
    return show_created(describe_placement(placement, find_vendor(session)), "placements")
