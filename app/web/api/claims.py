"""Claims: the promises that assets make."""

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from app.planning.claim import (
    ClaimFilter,
    ClaimIn,
    ClaimOut,
    create_claim,
    describe_claim,
    get_claim,
    list_claims,
)
from app.planning.removal import delete_claim
from app.planning.replacing import replace_claim
from app.web.etag import IfMatch, show, show_created
from app.web.paging import Page, PageQuery, to_page
from app.web.patch import merge
from app.web.problems import CREATES, READS, REMOVES, REPLACES
from app.web.session import Now, PlanSession, ReadSession

router = APIRouter(prefix="/claims", tags=["claims"])


class ClaimQuery(PageQuery):
    """How claims are listed."""

    sort: Literal["slug", "-slug", "created_at", "-created_at", "updated_at", "-updated_at"] = "slug"
    factor: str | None = None
    slug: str | None = None


@router.get("", summary="List claims", responses=READS)
def list_all(query: Annotated[ClaimQuery, Query()], session: ReadSession) -> Page[ClaimOut]:
    """All claims, or those that carry a factor."""
    stretch = list_claims(session, query.wanted(ClaimFilter), query.window())
    return to_page(stretch, query, describe_claim)


@router.post("", summary="Create a claim", status_code=201, response_model=ClaimOut, responses=CREATES)
def create(given: ClaimIn, session: PlanSession, now: Now) -> Response:
    """Its factor must be one of some persona."""
    claim = create_claim(session, given, now=now)
    return show_created(describe_claim(claim), "claims")


@router.get("/{claim_id}", summary="Read a claim", response_model=ClaimOut, responses=READS)
def read(claim_id: uuid.UUID, session: ReadSession, request: Request) -> Response:
    """One claim, under the ETag that a change of it must name."""
    return show(describe_claim(get_claim(session, claim_id)), request)


@router.put("/{claim_id}", summary="Replace a claim", response_model=ClaimOut, responses=REPLACES)
def replace(
    claim_id: uuid.UUID, given: ClaimIn, revision: IfMatch, session: PlanSession, now: Now, request: Request
) -> Response:
    """Its slug and factor stay once an ad with it has gone out."""
    claim = replace_claim(session, claim_id, given, revision=revision, now=now)
    return show(describe_claim(claim), request)


@router.patch("/{claim_id}", summary="Change a claim", response_model=ClaimOut, responses=REPLACES)
def change(
    claim_id: uuid.UUID,
    patch: dict[str, Any],
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
) -> Response:
    """A JSON merge patch: what it names is changed, null takes a value away, the rest stays."""
    given = merge(ClaimIn, describe_claim(get_claim(session, claim_id)), patch)
    claim = replace_claim(session, claim_id, given, revision=revision, now=now)
    return show(describe_claim(claim), request)


@router.delete("/{claim_id}", summary="Delete a claim", status_code=204, responses=REMOVES)
def delete(claim_id: uuid.UUID, revision: IfMatch, session: PlanSession) -> None:
    """Refused while an asset makes it."""
    delete_claim(session, claim_id, revision=revision)
