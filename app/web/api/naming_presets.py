"""Naming presets: how placements are named."""

import uuid
from typing import Annotated, Literal

from fastapi import Query

from app.planning.naming import (
    NamingPresetFilter,
    NamingPresetIn,
    NamingPresetOut,
    ProposedName,
    ToName,
    create_naming_preset,
    describe_naming_preset,
    get_naming_preset,
    list_naming_presets,
    replace_naming_preset,
)
from app.planning.placing import propose_name
from app.planning.removal import delete_naming_preset
from app.web.api.plan_rows import PlanRows
from app.web.paging import PageQuery
from app.web.problems import READS
from app.web.session import ReadSession


class NamingPresetQuery(PageQuery):
    """How naming presets are listed."""

    sort: Literal["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"] = "name"
    locked: bool | None = None


ROWS = PlanRows(
    one="a naming preset",
    many="naming presets",
    given=NamingPresetIn,
    shown=NamingPresetOut,
    query=NamingPresetQuery,
    filter=NamingPresetFilter,
    list=list_naming_presets,
    get=get_naming_preset,
    describe=describe_naming_preset,
    create=create_naming_preset,
    replace=replace_naming_preset,
    delete=delete_naming_preset,
)
router = ROWS.router(
    lists="All naming presets, those shared with you included, or those that are locked or not.",
    creates="Once it is locked, placements have the name that it makes.",
    replaces="Placements keep the names they have until they are changed.",
    deletes="Placements keep the names that it made.",
)


@router.get("/{naming_preset_id}/proposal", summary="Propose a name", responses=READS)
def propose(naming_preset_id: uuid.UUID, query: Annotated[ToName, Query()], session: ReadSession) -> ProposedName:
    """The name that the preset makes for a placement that is not stored yet."""
    return propose_name(session, naming_preset_id, query)
