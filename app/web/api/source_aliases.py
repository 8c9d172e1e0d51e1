"""Source aliases: what an ATS calls a source, and the channel or placement that it means."""

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

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
from app.web.etag import IfMatch, show, show_created
from app.web.paging import Page, PageQuery, to_page
from app.web.patch import merge
from app.web.problems import CREATES, READS, REMOVES, REPLACES
from app.web.session import Now, PlanSession, ReadSession

router = APIRouter(prefix="/source-aliases", tags=["source aliases"])


class SourceAliasQuery(PageQuery):
    """How source aliases are listed."""

    sort: Literal["observed", "-observed", "created_at", "-created_at", "updated_at", "-updated_at"] = "observed"
    kind: AliasKind | None = None
    channel_id: uuid.UUID | None = None
    placement_id: uuid.UUID | None = None


@router.get("", summary="List source aliases", responses=READS)
def list_all(query: Annotated[SourceAliasQuery, Query()], session: ReadSession) -> Page[SourceAliasOut]:
    """All source aliases, or those of a kind, channel or placement."""
    stretch = list_source_aliases(session, query.wanted(SourceAliasFilter), query.window())
    return to_page(stretch, query, describe_source_alias)


@router.post("", summary="Create a source alias", status_code=201, response_model=SourceAliasOut, responses=CREATES)
def create(given: SourceAliasIn, session: PlanSession, now: Now) -> Response:
    """Labels are compared without regard to case and blanks, hosts without `www.`."""
    source_alias = create_source_alias(session, given, now=now)
    return show_created(describe_source_alias(source_alias), "source-aliases")


@router.get("/{source_alias_id}", summary="Read a source alias", response_model=SourceAliasOut, responses=READS)
def read(source_alias_id: uuid.UUID, session: ReadSession, request: Request) -> Response:
    """One source alias, under the ETag that a change of it must name."""
    return show(describe_source_alias(get_source_alias(session, source_alias_id)), request)


@router.put("/{source_alias_id}", summary="Replace a source alias", response_model=SourceAliasOut, responses=REPLACES)
def replace(
    source_alias_id: uuid.UUID,
    given: SourceAliasIn,
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
) -> Response:
    """All of it is given anew."""
    source_alias = replace_source_alias(session, source_alias_id, given, revision=revision, now=now)
    return show(describe_source_alias(source_alias), request)


@router.patch("/{source_alias_id}", summary="Change a source alias", response_model=SourceAliasOut, responses=REPLACES)
def change(
    source_alias_id: uuid.UUID,
    patch: dict[str, Any],
    revision: IfMatch,
    session: PlanSession,
    now: Now,
    request: Request,
) -> Response:
    """A JSON merge patch: what it names is changed, null takes a value away, the rest stays."""
    given = merge(SourceAliasIn, describe_source_alias(get_source_alias(session, source_alias_id)), patch)
    source_alias = replace_source_alias(session, source_alias_id, given, revision=revision, now=now)
    return show(describe_source_alias(source_alias), request)


@router.delete("/{source_alias_id}", summary="Delete a source alias", status_code=204, responses=REMOVES)
def delete(source_alias_id: uuid.UUID, revision: IfMatch, session: PlanSession) -> None:
    """Nothing stands on a source alias."""
    delete_source_alias(session, source_alias_id, revision=revision)
