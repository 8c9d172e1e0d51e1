"""The webhooks of a connection: their secrets, by which of them deliveries came, and those that wait for somebody."""

import datetime as dt
import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import from_micros
from app.intake.connection_changes import require_key
from app.intake.connectors.hook import Reading
from app.intake.deliveries import MOST_LISTED, list_in_vain, read_deliveries
from app.intake.hook_secrets import (
    MOST_SECRETS,
    HookSecret,
    Which,
    add_hook_secret,
    close_hook,
    drop_hook_secret,
    open_hook_secrets,
)
from app.intake.inbox import PROJECT, InboxRow
from app.intake.inbox_projection import retry_in_vain
from app.intake.signed_day import Signed, change_sentence
from app.intake.vendors import get_connection
from app.planning.field import Given
from app.tasks.task import Asker, enqueue
from app.web.problems import documented
from app.web.session import Caller, Keys, Now, ReadSession, WriteSession
from app.worker.due import SOON

router = APIRouter(prefix="/connections/{connection_id}/webhooks", tags=["connections"])

CHANGES = documented(401, 403, 404, 409, 422, 503)
Live = Literal["older", "newer", "only"]


class SecretOut(BaseModel):
    """A live secret, which itself is never shown."""

    which: Live
    since: dt.datetime | None = Field(description="Since when it vouches; null if that was not noted.")


class SignedOut(BaseModel):
    """How many deliveries came by one secret, read in one way."""

    secret: Live | Literal["dropped"]
    reading: Reading = Field(
        description="How the secret fitted: `raw` as it stands, `decoded` from base64, `payload` over that member."
    )
    deliveries: int
    last_at: dt.datetime


class WebhooksOut(BaseModel):
    """What came to a connection's address in the last seven days, and by which secrets."""

    path: str = Field(description="Where deliveries are sent, below the address of this installation.")
    scheme: str | None = Field(description="How they are signed; null where none are taken.")
    secrets: list[SecretOut]
    signed: list[SignedOut]
    change: str | None = Field(description="While two secrets are live: whether the older one can be dropped.")
    counts: dict[str, int]
    waiting: int
    needs_mapping: int
    in_vain: int


class SecretIn(Given):
    """A secret that is to vouch; one is made if none is given."""

    secret: Annotated[str, Field(max_length=2000, json_schema_extra={"writeOnly": True})] | None = None
    scheme: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="How deliveries are signed, if not in the vendor's usual way."
    )


class MadeSecretOut(BaseModel):
    """What was made here is shown this once."""

    path: str
    secret: str | None = Field(description="The secret that was made; null where one was given.")


class WaitingQuery(BaseModel):
    """How many are asked for."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=1_000, description="The newest of them.")] = MOST_LISTED


class WaitingOut(BaseModel):
    """A delivery that could not be used, and why. Of what it says nothing is shown."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    received_at: dt.datetime
    reason: str
    retriable: bool = Field(description="False once its body is gone.")


class WaitingListOut(BaseModel):
    """The deliveries that wait for somebody, the newest first; `total` counts all of them."""

    items: list[WaitingOut]
    total: int


class RetryIn(Given):
    """Which delivery is taken up again; all of the connection's if none is named."""

    delivery: uuid.UUID | None = None


class RetriedOut(BaseModel):
    """How many deliveries are taken up again; they are read by a worker."""

    taken_up: int


@router.get("", summary="Read how webhooks come", responses=documented(401, 403, 404, 422, 503))
def read(connection_id: uuid.UUID, session: ReadSession, caller: Caller, keys: Keys, now: Now) -> WebhooksOut:
    """What came in the last seven days, and by which secret."""
    connection = get_connection(session, connection_id)
    live, found = open_hook_secrets(connection, keys), read_deliveries(session, connection.id, now)
    zone = get_organisation(session, caller.organisation_id).zone
    return WebhooksOut(
        path=_path(connection.id), scheme=connection.hook_scheme,
        secrets=[
            SecretOut(which=_which(one.since, live), since=from_micros(one.since) if one.since > 1 else None)
            for one in live
        ],
        signed=[_describe(one, live) for one in found.signed],
        change=change_sentence(live, found.signed, now, zone) or None,
        counts=found.counts, waiting=found.waiting, needs_mapping=found.needs_mapping, in_vain=found.in_vain,
    )  # fmt: skip


def _path(connection_id: uuid.UUID) -> str:
    return f"/hooks/{connection_id}"


def _which(since: int, live: tuple[HookSecret, ...]) -> Live:
    if len(live) < MOST_SECRETS:
        return "only"
    return "older" if since == live[0].since else "newer"


def _describe(one: Signed, live: tuple[HookSecret, ...]) -> SignedOut:
    is_live = any(one.since == secret.since for secret in live)
    return SignedOut(
        secret=_which(one.since, live) if is_live else "dropped",
        reading=one.reading, deliveries=one.deliveries, last_at=one.last_at,
    )  # fmt: skip


@router.delete("", summary="Take no webhooks any more", status_code=204, responses=CHANGES)
def close(connection_id: uuid.UUID, session: WriteSession, now: Now, request: Request) -> None:
    """Both secrets are forgotten; what came stays."""
    close_hook(session, get_connection(session, connection_id), now=now)
    _forget(request, session, connection_id)


@router.post("/secrets", summary="Let a secret vouch", status_code=201, responses=CHANGES)
def add(
    connection_id: uuid.UUID, given: SecretIn, session: WriteSession, keys: Keys, now: Now, request: Request
) -> MadeSecretOut:
    """Two may be live, so that they are changed without losing a delivery."""
    connection = get_connection(session, connection_id)
    require_key(connection)
    made = add_hook_secret(session, connection, sealer=keys, now=now, secret=given.secret, scheme=given.scheme)
    _forget(request, session, connection_id)
    return MadeSecretOut(path=_path(connection.id), secret=made if given.secret is None else None)


@router.delete("/secrets/{which}", summary="Drop a secret", status_code=204, responses=CHANGES)
def drop(connection_id: uuid.UUID, which: Which, session: WriteSession, keys: Keys, now: Now, request: Request) -> None:
    """End a change of secrets, or take it back: the other one alone vouches from now on."""
    drop_hook_secret(session, get_connection(session, connection_id), which, sealer=keys, now=now)
    _forget(request, session, connection_id)


def _forget(request: Request, session: Session, connection_id: uuid.UUID) -> None:
    """Let the door read the connection anew before it takes the next delivery."""
    session.flush()
    request.app.state.hooks.forget(connection_id)


@router.get("/waiting", summary="List deliveries that wait for somebody", responses=documented(401, 403, 404, 422, 503))
def list_waiting(
    connection_id: uuid.UUID, session: ReadSession, query: Annotated[WaitingQuery, Query()], now: Now
) -> WaitingListOut:
    """Those that could not be used, with the reason of each."""
    connection = get_connection(session, connection_id)
    rows = list_in_vain(session, connection.id, query.limit)
    total = read_deliveries(session, connection.id, now).in_vain
    return WaitingListOut(items=[WaitingOut.model_validate(row) for row in rows], total=total)


@router.post("/retry", summary="Take deliveries up again", status_code=202, responses=CHANGES)
def retry(connection_id: uuid.UUID, given: RetryIn, session: WriteSession, caller: Caller, now: Now) -> RetriedOut:
    """One of those that wait for somebody, or all. Whoever does it vouches for late ones."""
    connection = get_connection(session, connection_id)
    chosen = [] if given.delivery is None else [InboxRow.id == given.delivery]
    count = retry_in_vain(session, now, InboxRow.connection_id == connection.id, *chosen)
    enqueue(session, PROJECT, now=now, priority=SOON, asked=(Asker.TOKEN, caller.system))
    return RetriedOut(taken_up=count)
