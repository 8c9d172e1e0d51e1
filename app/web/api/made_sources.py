"""`/connections/{id}/sources`: which sources are made by hand in a connected system, and which are still to be made."""

import datetime as dt
import uuid

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.intake.made_source import SourceByHand, list_sources, tick_source, untick_source
from app.intake.vendors import get_connection
from app.web.problems import documented
from app.web.session import Caller, Now, PlanSession, ReadSession

router = APIRouter(prefix="/connections/{connection_id}/sources", tags=["connections"])


class SourceOut(BaseModel):
    """The source of one placement; `made_at` is null while it is still to be made."""

    placement_id: uuid.UUID
    placement: str
    name: str = Field(description="What to type there; it carries the placement's tracking code.")
    made_at: dt.datetime | None
    made_by: str | None = Field(description="The key of a user, or the name of a token's system.")


class SourcesOut(BaseModel):
    """Those first that are still to be made; none in a system that needs none."""

    items: list[SourceOut]


def _describe(one: SourceByHand) -> SourceOut:
    return SourceOut(
        placement_id=one.placement.id, placement=one.placement.name, name=one.name,
        made_at=one.made.at if one.made else None, made_by=one.made.actor_name if one.made else None,
    )  # fmt: skip


@router.get("", summary="List sources made by hand", responses=documented(401, 404, 422, 503))
def list_all(connection_id: uuid.UUID, session: ReadSession) -> SourcesOut:
    """The placements that are planned or run, and others whose source was made."""
    connection = get_connection(session, connection_id)
    return SourcesOut(items=[_describe(one) for one in list_sources(session, connection_id=connection.id)])


@router.put("/{placement_id}", summary="Tick off a source", status_code=204,
            responses=documented(401, 403, 404, 409, 422, 503))  # fmt: skip
def tick(connection_id: uuid.UUID, placement_id: uuid.UUID, session: PlanSession, caller: Caller, now: Now) -> None:
    """It was made; the placement's `ats_source_ref` is its name from now on."""
    tick_source(session, get_connection(session, connection_id), placement_id, caller.actor, now=now)


@router.delete("/{placement_id}", summary="Take a source's tick back", status_code=204,
               responses=documented(401, 403, 404, 422, 503))  # fmt: skip
def untick(connection_id: uuid.UUID, placement_id: uuid.UUID, session: PlanSession, now: Now) -> None:
    """It was not made after all."""
    untick_source(session, get_connection(session, connection_id).id, placement_id, now=now)
