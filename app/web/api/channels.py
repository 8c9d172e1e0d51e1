"""Channels: where assets are placed."""

from typing import Literal

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
from app.web.api.plan_rows import PlanRows
from app.web.paging import PageQuery


class ChannelQuery(PageQuery):
    """How channels are listed."""

    sort: Literal["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"] = "name"
    kind: ChannelKind | None = None
    cost_model: CostModel | None = None


ROWS = PlanRows(
    one="a channel",
    many="channels",
    given=ChannelIn,
    shown=ChannelOut,
    query=ChannelQuery,
    filter=ChannelFilter,
    list=list_channels,
    get=get_channel,
    describe=describe_channel,
    create=create_channel,
    replace=replace_channel,
    delete=delete_channel,
)
router = ROWS.router(
    lists="All channels, or those of a kind or cost model.",
    creates="Its name and kind go into the links of its placements.",
    replaces="Its kind and what its name puts into links stay once a link has gone out.",
    deletes="Refused while it has placements or source aliases.",
)
