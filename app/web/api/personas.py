"""Personas: documented groups of doctors, in versions."""

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.planning.field import Slug
from app.planning.library import DifferenceOut, compare_with
from app.planning.persona import (
    Persona,
    PersonaFilter,
    create_persona,
    describe_persona,
    get_persona,
    list_personas,
    replace_persona,
)
from app.planning.persona_schema import CareerStage, PersonaIn, PersonaOut, Specialty
from app.planning.removal import delete_persona
from app.web.etag import IfMatch, show, show_created
from app.web.paging import Page, PageQuery, to_page
from app.web.patch import merge
from app.web.problems import CREATES, READS, REMOVES, REPLACES
from app.web.session import Now, PlanSession, ReadSession

router = APIRouter(prefix="/personas", tags=["personas"])


NEXT_VERSION: dict[int | str, dict[str, Any]] = {201: {"model": PersonaOut, "description": "The next version"}}


class PersonaQuery(PageQuery):
    """How personas are listed."""

    sort: Literal[
        "slug",
        "-slug",
        "reviewed_on",
        "-reviewed_on",
        "created_at",
        "-created_at",
        "updated_at",
        "-updated_at",
    ] = "slug"
    slug: Slug | None = None
    specialty: Specialty | None = None
    career_stage: CareerStage | None = None
    factor: Slug | None = None
    all_versions: bool = False


@router.get("", summary="List personas", responses=READS)
def list_all(query: Annotated[PersonaQuery, Query()], session: ReadSession) -> Page[PersonaOut]:
    """The newest version of every persona, or all versions, or those that fit."""
    stretch = list_personas(session, query.wanted(PersonaFilter), query.window())
    return to_page(stretch, query, describe_persona)


@router.post("", summary="Create a persona", status_code=201, response_model=PersonaOut, responses=CREATES)
def create(given: PersonaIn, session: PlanSession, now: Now) -> Response:
    """The first version of a slug, or a higher version than any stored."""
    persona = create_persona(session, given, now=now)
    return show_created(describe_persona(persona), "personas")


@router.get("/{persona_id}", summary="Read a persona", response_model=PersonaOut, responses=READS)
def read(persona_id: uuid.UUID, session: ReadSession, request: Request) -> Response:
    """One persona, under the ETag that a change of it must name."""
    return show(describe_persona(get_persona(session, persona_id)), request)


@router.put("/{persona_id}", summary="Replace a persona", response_model=PersonaOut, responses=REPLACES | NEXT_VERSION)
def replace(
    persona_id: uuid.UUID,
    given: PersonaIn,
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
) -> Response:
    """Changed content becomes the next version, which is answered; placements keep the version they have."""
    persona = replace_persona(session, persona_id, given, revision=revision, now=now)
    return _show_version(persona, persona_id, request)


@router.patch("/{persona_id}", summary="Change a persona", response_model=PersonaOut, responses=REPLACES | NEXT_VERSION)
def change(
    persona_id: uuid.UUID,
    patch: dict[str, Any],
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
) -> Response:
    """A JSON merge patch: what it names is changed, null takes a value away, the rest stays."""
    given = merge(PersonaIn, describe_persona(get_persona(session, persona_id)), patch)
    persona = replace_persona(session, persona_id, given, revision=revision, now=now)
    return _show_version(persona, persona_id, request)


@router.delete("/{persona_id}", summary="Delete a persona", status_code=204, responses=REMOVES)
def delete(persona_id: uuid.UUID, revision: IfMatch, session: PlanSession) -> None:
    """One version; refused while a placement is for it or a claim needs it."""
    delete_persona(session, persona_id, revision=revision)


class VersionQuery(BaseModel):
    """The version that another is held against."""

    model_config = ConfigDict(extra="forbid")

    from_: Annotated[int | None, Field(alias="from", ge=1, description="Else the one before this.")] = None


class DifferencesOut(BaseModel):
    """What one version says otherwise than another of the same persona."""

    before: int | None = Field(description="The version that it is held against; null where there is none before.")
    after: int = Field(description="The version that was asked for.")
    items: list[DifferenceOut]


@router.get("/{persona_id}/differences", summary="Compare two versions of a persona", responses=READS)
def differences(
    persona_id: uuid.UUID,
    session: ReadSession,
    query: Annotated[VersionQuery, Query()],
) -> DifferencesOut:
    """Each field in which this version differs from another, with what both say."""
    persona = get_persona(session, persona_id)
    before, found = compare_with(session, persona, query.from_)
    return DifferencesOut(before=before.version if before else None, after=persona.version, items=found)


def _show_version(persona: Persona, changed_id: uuid.UUID, request: Request) -> Response:
    if persona.id == changed_id:
        return show(describe_persona(persona), request)
    return show_created(describe_persona(persona), "personas")
