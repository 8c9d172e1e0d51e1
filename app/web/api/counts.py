"""Counts compared with a connected system's, day by day, and bringing what only it has."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from app.intake.connection_changes import require_active
from app.intake.differences import CountedDayOut, list_counted_days
from app.intake.reconcile import USUAL_DAYS
from app.intake.vendors import get_connection
from app.tasks.task import Asker, enqueue
from app.web.api.tasks import TaskOut, describe_task
from app.web.exports import tell_report
from app.web.problems import documented
from app.web.session import Caller, Now, ReadSession, WriteSession
from app.worker.due import SOON
from app.worker.handlers import BRING

router = APIRouter(prefix="/connections/{connection_id}/counts", tags=["connections"])


class CountsQuery(BaseModel):
    """How many days are asked for."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[int, Field(ge=1, le=366, description="Of those that were compared, the newest.")] = USUAL_DAYS


class CountsOut(BaseModel):
    """The days that were compared, the newest first."""

    items: list[CountedDayOut]


@router.get(
    "",
    summary="Read compared counts",
    dependencies=[Depends(tell_report)],
    responses=documented(400, 401, 403, 404, 422, 503),
)
def read(connection_id: uuid.UUID, session: ReadSession, query: Annotated[CountsQuery, Query()]) -> CountsOut:
    """What the system and we said of each day when they were last compared, and what differs."""
    found = get_connection(session, connection_id)
    return CountsOut(items=list_counted_days(session, found.id, days=query.days))


@router.post(
    "/bring", summary="Bring what is not here", status_code=202, responses=documented(401, 403, 404, 409, 422, 503)
)
def bring(connection_id: uuid.UUID, session: WriteSession, caller: Caller, now: Now) -> TaskOut:
    """Each application that the last comparison found with the system alone is read by its key, as a task."""
    found = get_connection(session, connection_id)
    require_active(found)
    asked = (Asker.TOKEN, caller.system)
    return describe_task(enqueue(session, BRING, str(found.id), now=now, priority=SOON, asked=asked), now)
