"""Placements: an asset in a channel for a time, with the link to publish."""

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.intake.connection import find_vendor
from app.planning.asset import Format
from app.planning.field import Day, Given, Language, Slug, Url
from app.planning.past_target import correct_target, list_past_targets
from app.planning.placement import (
    Code,
    Placement,
    PlacementFilter,
    PlacementIn,
    PlacementOut,
    PlacementStatus,
    describe_placement,
    get_placement,
    list_placements,
)
from app.planning.placing import create_placement, replace_placement
from app.planning.print_kit import FileKind
from app.planning.recurring import RepeatIn, repeat_placement
from app.planning.removal import delete_placement
from app.planning.typesetting import set_kit
from app.reports.followed import Followed, read_followed
from app.web.etag import IfMatch, show, show_created
from app.web.paging import Page, PageQuery, to_page
from app.web.patch import change as change_row
from app.web.problems import COPIES, CREATES, READS, REMOVES, REPLACES
from app.web.public import public_url
from app.web.session import Now, PlanSession, ReadSession

router = APIRouter(prefix="/placements", tags=["placements"])


def _connected_vendor(session: ReadSession) -> str | None:
    return find_vendor(session)


ConnectedVendor = Annotated[str | None, Depends(_connected_vendor, scope="function")]


class PlacementQuery(PageQuery):
    """How placements are listed."""

    sort: Literal[
        "name", "-name", "starts_on", "-starts_on", "created_at", "-created_at", "updated_at", "-updated_at"
    ] = "name"
    campaign_id: uuid.UUID | None = None
    asset_id: uuid.UUID | None = None
    channel_id: uuid.UUID | None = None
    persona_id: uuid.UUID | None = None
    persona: Slug | None = None
    format: Format | None = None
    status: PlacementStatus | None = None
    tracking_code: Code | None = None
    running_from: Day | None = None
    running_to: Day | None = None


@router.get("", summary="List placements", responses=READS)
def list_all(
    query: Annotated[PlacementQuery, Query()], session: ReadSession, vendor: ConnectedVendor
) -> Page[PlacementOut]:
    """All placements, or those of a campaign, asset, channel, persona, format, status, code or period."""
    stretch = list_placements(session, query.wanted(PlacementFilter), query.window())
    return to_page(stretch, query, lambda placement: describe_placement(placement, vendor))


@router.post("", summary="Create a placement", status_code=201, response_model=PlacementOut, responses=CREATES)
def create(given: PlacementIn, session: PlanSession, now: Now, vendor: ConnectedVendor) -> Response:
    """Its flight lies inside the campaign, its asset promises what the persona has."""
    placement = create_placement(session, given, now=now)
    return show_created(describe_placement(placement, vendor), "placements")


class PlacementsOut(BaseModel):
    """Placements that were made in one call."""

    items: list[PlacementOut]


@router.post("/{placement_id}/repeat", summary="Plan a placement again and again", status_code=201, responses=COPIES)
def repeat(
    placement_id: uuid.UUID, given: RepeatIn, session: PlanSession, now: Now, vendor: ConnectedVendor
) -> PlacementsOut:
    """Flights of the same length every so many weeks, all of them or none, each under a code of its own."""
    made = repeat_placement(session, placement_id, given, now=now)
    return PlacementsOut(items=[describe_placement(one, vendor) for one in made])


@router.get("/{placement_id}", summary="Read a placement", response_model=PlacementOut, responses=READS)
def read(placement_id: uuid.UUID, session: ReadSession, request: Request, vendor: ConnectedVendor) -> Response:
    """One placement, under the ETag that a change of it must name."""
    return show(describe_placement(get_placement(session, placement_id), vendor), request)


@router.put("/{placement_id}", summary="Replace a placement", response_model=PlacementOut, responses=REPLACES)
def replace(
    placement_id: uuid.UUID,
    given: PlacementIn,
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
    vendor: ConnectedVendor,
) -> Response:
    """What its link and its answers rest on stays once it is live; its status only moves forward."""
    placement = replace_placement(session, placement_id, given, revision=revision, now=now)
    return show(describe_placement(placement, vendor), request)


@router.patch("/{placement_id}", summary="Change a placement", response_model=PlacementOut, responses=REPLACES)
def change(
    placement_id: uuid.UUID,
    patch: dict[str, Any],
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
    vendor: ConnectedVendor,
) -> Response:
    """A JSON merge patch: what it names is changed, null takes a value away, the rest stays."""

    def store(given: PlacementIn) -> Placement:
        return replace_placement(session, placement_id, given, revision=revision, now=now)

    shown = describe_placement(get_placement(session, placement_id), vendor)
    placement = change_row(session, PlacementIn, shown, patch, store)
    return show(describe_placement(placement, vendor), request)


@router.delete("/{placement_id}", summary="Delete a placement", status_code=204, responses=REMOVES)
def delete(placement_id: uuid.UUID, revision: IfMatch, session: PlanSession) -> None:
    """Refused once it has gone out, or while a source alias means it."""
    delete_placement(session, placement_id, revision=revision)


class KitQuery(BaseModel):
    """As what a code is handed out."""

    model_config = ConfigDict(extra="forbid")

    kind: FileKind = FileKind.PDF
    language: Language | None = Field(default=None, description="Of all its words; else the asset's own.")


@router.get(
    "/{placement_id}/print-kit", summary="The code of a placement, to print", response_class=Response,
    responses=READS | {200: {"content": {kind.media_type: {} for kind in FileKind}}},
)  # fmt: skip
def print_kit(
    placement_id: uuid.UUID, query: Annotated[KitQuery, Query()], session: ReadSession, request: Request
) -> Response:
    """SVG and PNG are the code with its promise and address, to be set into a layout; PDF is an A4 page that says how
    wide it must be printed."""
    made = set_kit(get_placement(session, placement_id), public_url(request), query.kind, query.language)
    return Response(made, media_type=query.kind.media_type)


@router.get("/{placement_id}/clicks", summary="Read how often a placement's link was followed", responses=READS)
def clicks(placement_id: uuid.UUID, session: ReadSession) -> Followed:
    """By people and by programs, in all and day by day, as far as they may be counted and can be told apart."""
    return read_followed(session, get_placement(session, placement_id).tracking_code)


class TargetIn(Given):
    """Where the link of a placement that has gone out is to lead."""

    target_url: Url


class PastTargetOut(BaseModel):
    """Where it led until it was corrected."""

    target_url: str
    until: dt.datetime


class TargetOut(TargetIn):
    """Where the link leads, and where it led before, the latest first."""

    past: list[PastTargetOut]


@router.get("/{placement_id}/target", summary="Read where a placement leads, and led", responses=READS)
def read_target(placement_id: uuid.UUID, session: ReadSession) -> TargetOut:
    """The target as it stands, with every one that was corrected."""
    placement = get_placement(session, placement_id)
    past = [
        PastTargetOut(target_url=one.target_url, until=one.until) for one in list_past_targets(session, placement_id)
    ]
    return TargetOut(target_url=placement.target_url, past=past)


@router.put(
    "/{placement_id}/target", summary="Correct where a placement leads", response_model=PlacementOut, responses=REPLACES
)
def correct(
    placement_id: uuid.UUID,
    given: TargetIn,
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
    vendor: ConnectedVendor,
) -> Response:
    """After it has gone live, when what is printed cannot be changed; what it led to stays on record."""
    placement = correct_target(session, placement_id, given.target_url, revision=revision, now=now)
    return show(describe_placement(placement, vendor), request)
