"""`GET /messages`: who is told what, and what no ad says."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from app.planning.messages import PersonaMessagesOut, describe_messages, list_messages
from app.web.problems import READS
from app.web.session import ReadSession

router = APIRouter(prefix="/messages", tags=["personas"])


@router.get("", summary="Who is told what", responses=READS)
def list_all(
    session: ReadSession,
    persona: Annotated[str | None, Query(description="The slug of one persona.", max_length=80)] = None,
    campaign_id: Annotated[uuid.UUID | None, Query(description="Of the assets placed in one campaign alone.")] = None,
) -> list[PersonaMessagesOut]:
    """For every persona in its newest version each reason to come, and the assets that speak of it."""
    return [describe_messages(one) for one in list_messages(session, slug=persona, campaign_id=campaign_id)]
