"""Tokens: how an administrator lets other systems in, and ends it."""

import datetime as dt
import uuid

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool

from app.access.token import LONGEST_SYSTEM, ApiToken, Role, Scope, issue_token, list_tokens, revoke_token
from app.web.problems import documented
from app.web.session import Now, ReadSession, WriteSession

router = APIRouter(prefix="/tokens", tags=["tokens"])


class TokenIn(BaseModel):
    """What a new token is for."""

    model_config = ConfigDict(extra="forbid")

    system: str = Field(max_length=LONGEST_SYSTEM, description="The name of the system that will hold it.")
    role: Role
    scopes: list[Scope] | None = Field(None, min_length=1, description="Part of what the role may do; all if null.")
    expires_at: AwareDatetime | None = Field(None, description="Never, if null.")
    sees_small_counts: StrictBool | None = Field(None, description="As the role is by default, if null: not a viewer.")


class TokenOut(BaseModel):
    """What is known of a token; its secret is not."""

    id: uuid.UUID
    system: str
    role: Role
    scopes: list[Scope]
    sees_small_counts: bool
    prefix: str = Field(description="Its first characters, by which to tell it from others.")
    created_at: dt.datetime
    expires_at: dt.datetime | None
    last_used_at: dt.datetime | None = Field(description="To the minute.")
    revoked_at: dt.datetime | None


class NewTokenOut(TokenOut):
    """A token that was just made: the only time it is shown."""

    token: str


class TokensOut(BaseModel):
    """All tokens, the newest first."""

    items: list[TokenOut]


def _known(token: ApiToken) -> dict[str, object]:
    same = (
        "id",
        "system",
        "role",
        "sees_small_counts",
        "prefix",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    return {name: getattr(token, name) for name in same} | {"scopes": sorted(token.allowed)}


@router.get("", summary="List tokens", responses=documented(401, 403, 422, 503))
def list_all(session: ReadSession) -> TokensOut:
    """Those that have ended among them."""
    return TokensOut(items=[TokenOut.model_validate(_known(token)) for token in list_tokens(session)])


@router.post("", summary="Create a token", status_code=201, responses=documented(400, 401, 403, 413, 422, 503))
def create(given: TokenIn, session: WriteSession, now: Now) -> NewTokenOut:
    """The token is in this answer and never shown again."""
    token, secret = issue_token(
        session,
        given.system,
        given.role,
        now=now,
        expires_at=given.expires_at,
        scopes=given.scopes,
        sees_small_counts=given.sees_small_counts,
    )
    return NewTokenOut.model_validate({**_known(token), "token": secret})


@router.delete("/{token_id}", summary="Revoke a token", status_code=204, responses=documented(401, 403, 404, 422, 503))
def revoke(token_id: uuid.UUID, session: WriteSession, now: Now) -> None:
    """It ends at once and for good; the row stays, so that the audit can be read."""
    revoke_token(session, token_id, now=now)
