"""Channels: where assets are placed."""

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from app.planning.channel import (
    ChannelFilter,
    ChannelIn,
    ChannelKind,
    ChannelOut,
    CostModel,
    create_channel,
    describe_channel,
    get_channel,
    list_channels,
)
from app.planning.removal import delete_channel
from app.planning.replacing import replace_channel
from app.web.etag import IfMatch, show, show_created
from app.web.paging import Page, PageQuery, to_page
from app.web.patch import merge
from app.web.problems import CREATES, READS, REMOVES, REPLACES
from app.web.session import Now, PlanSession, ReadSession

router = APIRouter(prefix="/channels", tags=["channels"])


class ChannelQuery(PageQuery):
    """How channels are listed."""

    sort: Literal["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"] = "name"
    kind: ChannelKind | None = None
    cost_model: CostModel | None = None


@router.get("", summary="List channels", responses=READS)
def list_all(query: Annotated[ChannelQuery, Query()], session: ReadSession) -> Page[ChannelOut]:
    """All channels, or those of a kind or cost model."""
    stretch = list_channels(session, query.wanted(ChannelFilter), query.window())
    return to_page(stretch, query, describe_channel)


@router.post("", summary="Create a channel", status_code=201, response_model=ChannelOut, responses=CREATES)
def create(given: ChannelIn, session: PlanSession, now: Now) -> Response:
    """Its name and kind go into the links of its placements."""
    channel = create_channel(session, given, now=now)
    return show_created(describe_channel(channel), "channels")


@router.get("/{channel_id}", summary="Read a channel", response_model=ChannelOut, responses=READS)
def read(channel_id: uuid.UUID, session: ReadSession, request: Request) -> Response:
    """One channel, under the ETag that a change of it must name."""
    return show(describe_channel(get_channel(session, channel_id)), request)


@router.put("/{channel_id}", summary="Replace a channel", response_model=ChannelOut, responses=REPLACES)
def replace(
    channel_id: uuid.UUID,
    given: ChannelIn,
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
) -> Response:
    """Its kind and what its name puts into links stay once a link has gone out."""
    channel = replace_channel(session, channel_id, given, revision=revision, now=now)
    return show(describe_channel(channel), request)


@router.patch("/{channel_id}", summary="Change a channel", response_model=ChannelOut, responses=REPLACES)
def change(
    channel_id: uuid.UUID,
    patch: dict[str, Any],
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
) -> Response:
    """A JSON merge patch: what it names is changed, null takes a value away, the rest stays."""
    given = merge(ChannelIn, describe_channel(get_channel(session, channel_id)), patch)
    channel = replace_channel(session, channel_id, given, revision=revision, now=now)
    return show(describe_channel(channel), request)


@router.delete("/{channel_id}", summary="Delete a channel", status_code=204, responses=REMOVES)
def delete(channel_id: uuid.UUID, revision: IfMatch, session: PlanSession) -> None:
    """Refused while it has placements or source aliases."""
    delete_channel(session, channel_id, revision=revision)
