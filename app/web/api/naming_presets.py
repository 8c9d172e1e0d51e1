"""Naming presets: how placements are named."""

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

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
from app.web.etag import IfMatch, show, show_created
from app.web.paging import Page, PageQuery, to_page
from app.web.patch import merge
from app.web.problems import CREATES, READS, REMOVES, REPLACES
from app.web.session import Now, PlanSession, ReadSession

router = APIRouter(prefix="/naming-presets", tags=["naming presets"])


class NamingPresetQuery(PageQuery):
    """How naming presets are listed."""

    sort: Literal["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"] = "name"
    locked: bool | None = None


@router.get("", summary="List naming presets", responses=READS)
def list_all(query: Annotated[NamingPresetQuery, Query()], session: ReadSession) -> Page[NamingPresetOut]:
    """All naming presets, those shared with you included, or those that are locked or not."""
    stretch = list_naming_presets(session, query.wanted(NamingPresetFilter), query.window())
    return to_page(stretch, query, describe_naming_preset)


@router.post("", summary="Create a naming preset", status_code=201, response_model=NamingPresetOut, responses=CREATES)
def create(given: NamingPresetIn, session: PlanSession, now: Now) -> Response:
    """Once it is locked, placements have the name that it makes."""
    preset = create_naming_preset(session, given, now=now)
    return show_created(describe_naming_preset(preset), "naming-presets")


@router.get("/{naming_preset_id}", summary="Read a naming preset", response_model=NamingPresetOut, responses=READS)
def read(naming_preset_id: uuid.UUID, session: ReadSession, request: Request) -> Response:
    """One naming preset, under the ETag that a change of it must name."""
    return show(describe_naming_preset(get_naming_preset(session, naming_preset_id)), request)


@router.get("/{naming_preset_id}/proposal", summary="Propose a name", responses=READS)
def propose(naming_preset_id: uuid.UUID, query: Annotated[ToName, Query()], session: ReadSession) -> ProposedName:
    """The name that the preset makes for a placement that is not stored yet."""
    return propose_name(session, naming_preset_id, query)


@router.put(
    "/{naming_preset_id}", summary="Replace a naming preset", response_model=NamingPresetOut, responses=REPLACES
)
def replace(
    naming_preset_id: uuid.UUID,
    given: NamingPresetIn,
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
) -> Response:
    """Placements keep the names they have until they are changed."""
    preset = replace_naming_preset(session, naming_preset_id, given, revision=revision, now=now)
    return show(describe_naming_preset(preset), request)


@router.patch(
    "/{naming_preset_id}", summary="Change a naming preset", response_model=NamingPresetOut, responses=REPLACES
)
def change(
    naming_preset_id: uuid.UUID,
    patch: dict[str, Any],
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
) -> Response:
    """A JSON merge patch: what it names is changed, null takes a value away, the rest stays."""
    given = merge(NamingPresetIn, describe_naming_preset(get_naming_preset(session, naming_preset_id)), patch)
    preset = replace_naming_preset(session, naming_preset_id, given, revision=revision, now=now)
    return show(describe_naming_preset(preset), request)


@router.delete("/{naming_preset_id}", summary="Delete a naming preset", status_code=204, responses=REMOVES)
def delete(naming_preset_id: uuid.UUID, revision: IfMatch, session: PlanSession) -> None:
    """Placements keep the names that it made."""
    delete_naming_preset(session, naming_preset_id, revision=revision)
