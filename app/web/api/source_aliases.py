"""Source aliases: what an ATS calls a source, and the channel or placement that it means."""

import uuid
from typing import Literal

from app.planning.alias import (
    SourceAliasFilter,
    SourceAliasIn,
    SourceAliasOut,
    create_source_alias,
    delete_source_alias,
    describe_source_alias,
    get_source_alias,
    list_source_aliases,
    replace_source_alias,
)
from app.planning.tracking import AliasKind
from app.web.api.plan_rows import PlanRows
from app.web.paging import PageQuery


class SourceAliasQuery(PageQuery):
    """How source aliases are listed."""

    sort: Literal["observed", "-observed", "created_at", "-created_at", "updated_at", "-updated_at"] = "observed"
    kind: AliasKind | None = None
    channel_id: uuid.UUID | None = None
    placement_id: uuid.UUID | None = None


ROWS = PlanRows(
    one="a source alias",
    many="source aliases",
    given=SourceAliasIn,
    shown=SourceAliasOut,
    query=SourceAliasQuery,
    filter=SourceAliasFilter,
    list=list_source_aliases,
    get=get_source_alias,
    describe=describe_source_alias,
    create=create_source_alias,
    replace=replace_source_alias,
    delete=delete_source_alias,
)
router = ROWS.router(
    lists="All source aliases, or those of a kind, channel or placement.",
    creates="Labels are compared without regard to case and blanks, hosts without `www.`.",
    replaces="All of it is given anew.",
    deletes="Nothing stands on a source alias.",
)
