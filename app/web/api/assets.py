"""Assets: creatives in a format, and the claims they make."""

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from app.planning.asset import (
    AssetFilter,
    AssetIn,
    AssetOut,
    AssetStatus,
    Format,
    create_asset,
    describe_asset,
    get_asset,
    list_assets,
)
from app.planning.field import Theme
from app.planning.removal import delete_asset
from app.planning.replacing import replace_asset
from app.web.etag import IfMatch, show, show_created
from app.web.paging import Page, PageQuery, to_page
from app.web.patch import merge
from app.web.problems import CREATES, READS, REMOVES, REPLACES
from app.web.session import Now, PlanSession, ReadSession

router = APIRouter(prefix="/assets", tags=["assets"])


class AssetQuery(PageQuery):
    """How assets are listed."""

    sort: Literal["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"] = "name"
    format: Format | None = None
    status: AssetStatus | None = None
    theme: Theme | None = None
    claim_id: uuid.UUID | None = None
    variant_of_id: uuid.UUID | None = None


@router.get("", summary="List assets", responses=READS)
def list_all(query: Annotated[AssetQuery, Query()], session: ReadSession) -> Page[AssetOut]:
    """All assets, or those of a format, status, theme, claim or original."""
    stretch = list_assets(session, query.wanted(AssetFilter), query.window())
    return to_page(stretch, query, describe_asset)


@router.post("", summary="Create an asset", status_code=201, response_model=AssetOut, responses=CREATES)
def create(given: AssetIn, session: PlanSession, now: Now) -> Response:
    """Approval needs alternative text; showing people needs their consent and until when."""
    asset = create_asset(session, given, now=now)
    return show_created(describe_asset(asset), "assets")


@router.get("/{asset_id}", summary="Read an asset", response_model=AssetOut, responses=READS)
def read(asset_id: uuid.UUID, session: ReadSession, request: Request) -> Response:
    """One asset, under the ETag that a change of it must name."""
    return show(describe_asset(get_asset(session, asset_id)), request)


@router.put("/{asset_id}", summary="Replace an asset", response_model=AssetOut, responses=REPLACES)
def replace(
    asset_id: uuid.UUID, given: AssetIn, revision: IfMatch, session: PlanSession, now: Now, request: Request
) -> Response:
    """Its format and claims stay once it has gone out; its status only moves forward."""
    asset = replace_asset(session, asset_id, given, revision=revision, now=now)
    return show(describe_asset(asset), request)


@router.patch("/{asset_id}", summary="Change an asset", response_model=AssetOut, responses=REPLACES)
def change(
    asset_id: uuid.UUID,
    patch: dict[str, Any],
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
) -> Response:
    """A JSON merge patch: what it names is changed, null takes a value away, the rest stays."""
    given = merge(AssetIn, describe_asset(get_asset(session, asset_id)), patch)
    asset = replace_asset(session, asset_id, given, revision=revision, now=now)
    return show(describe_asset(asset), request)


@router.delete("/{asset_id}", summary="Delete an asset", status_code=204, responses=REMOVES)
def delete(asset_id: uuid.UUID, revision: IfMatch, session: PlanSession) -> None:
    """Refused while it is placed or has variants."""
    delete_asset(session, asset_id, revision=revision)
