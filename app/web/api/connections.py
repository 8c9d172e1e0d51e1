"""Connections: accounts at applicant tracking systems. Their keys go in and never come out."""

import uuid
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select

from app.errors import Invalid, Problem
from app.funnel.unit import load_unit_rules
from app.i18n import _
from app.intake.connection import Connection, ConnectionState
from app.intake.connection_changes import (
    ConnectionChange,
    ConnectionIn,
    ConnectionOut,
    ConnectionReplacement,
    change_connection,
    describe_connection,
    disconnect,
    replace_connection,
)
from app.intake.connectors.page import CompanySeen
from app.intake.trial import Aspect, Trial, find_problems, try_change, try_stored
from app.intake.vendors import connect, get_connection
from app.planning.listing import read_stretch
from app.web.etag import IfMatch, show, show_created
from app.web.paging import Page, PageQuery, to_page
from app.web.problems import CREATES, READS, REMOVES, REPLACES, documented
from app.web.session import Caller, ClientForTrials, Keys, Now, PseudonymKey, ReadSession, Store, WriteSession

router = APIRouter(prefix="/connections", tags=["connections"])


class ConnectionQuery(PageQuery):
    """How connections are listed."""

    sort: Literal["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"] = "name"
    state: ConnectionState | None = None


class CheckOut(BaseModel):
    """One thing that was tried."""

    aspect: Aspect
    ok: bool
    text: str = Field(description="How it is, or what is wrong and what to do about it.")


class ProposedStageOut(BaseModel):
    """A stage of the account, and what Kutsu makes of it."""

    name: str
    vendor_type: str | None
    proposed: str | None


class TrialOut(BaseModel):
    """How an account can be read."""

    ok: bool
    checks: list[CheckOut]
    region: str | None = Field(description="Where the key is of, if it is another region than was said.")
    stages: list[ProposedStageOut]


Untried = Annotated[bool, Query(description="Whether to store another key or region without trying it.")]


@router.get("", summary="List connections", responses=READS)
def list_all(query: Annotated[ConnectionQuery, Query()], session: ReadSession) -> Page[ConnectionOut]:
    """All of them, those that were disconnected among them, or those of a state."""
    statement = select(Connection)
    if query.state is not None:
        paused, ended = Connection.paused_at.is_not(None), Connection.disconnected_at.is_not(None)
        statement = statement.where(
            {
                ConnectionState.ACTIVE: ~paused & ~ended,
                ConnectionState.PAUSED: paused & ~ended,
                ConnectionState.DISCONNECTED: ended,
            }[query.state]
        )
    rules = load_unit_rules(session)
    stretch = read_stretch(session, statement, Connection, query.window())
    return to_page(stretch, query, lambda connection: describe_connection(connection, rules))


@router.post("", summary="Connect a system", status_code=201, response_model=ConnectionOut, responses=CREATES)
def create(given: ConnectionIn, session: WriteSession, keys: Keys, now: Now) -> Response:
    """Its key is sealed and never shown again. Whether it can be read is another question: see `test`."""
    connection = connect(
        session, given.vendor, given.name, given.region, given.credentials, sealer=keys, now=now,
        webhooks=given.webhooks,
    )  # fmt: skip
    return show_created(describe_connection(connection, load_unit_rules(session)), "connections")


@router.get("/{connection_id}", summary="Read a connection", response_model=ConnectionOut, responses=READS)
def read(connection_id: uuid.UUID, session: ReadSession, request: Request) -> Response:
    """One connection, under the ETag that a change of it must name."""
    return show(describe_connection(get_connection(session, connection_id), load_unit_rules(session)), request)


@dataclass(frozen=True, slots=True)
class Tried:
    """A change of which the key was tried, if it is another, and whose account that opens, where the vendor says so."""

    given: ConnectionChange
    company: CompanySeen | None = None


def _tried(
    connection_id: uuid.UUID,
    given: ConnectionChange,
    caller: Caller,
    database: Store,
    keys: Keys,
    client_for: ClientForTrials,
    secret: PseudonymKey,
    untried: Untried = False,
) -> Tried:
    """What is to change; another key that does not open what is read is refused before it is stored."""
    if untried:
        return Tried(given)
    trial = try_change(database, caller.organisation_id, connection_id, given, keys, client_for, secret)
    if trial is not None and not trial.ok:
        last = Problem("", _("Nothing was changed. With `?untried=true` it is stored all the same."))
        raise Invalid([*find_problems(trial, given), last])
    return Tried(given, None if trial is None else trial.company)


def _tried_replacement(
    connection_id: uuid.UUID,
    given: ConnectionReplacement,
    caller: Caller,
    database: Store,
    keys: Keys,
    client_for: ClientForTrials,
    secret: PseudonymKey,
    untried: Untried = False,
) -> ConnectionReplacement:
    """The same of a whole connection, whose key has to be of its region."""
    change = ConnectionChange(region=given.region)
    _tried(connection_id, change, caller, database, keys, client_for, secret, untried)
    return given


@router.put("/{connection_id}", summary="Replace a connection", response_model=ConnectionOut, responses=REPLACES)
def replace(
    connection_id: uuid.UUID,
    given: Annotated[ConnectionReplacement, Depends(_tried_replacement)],
    revision: IfMatch,
    session: WriteSession,
    keys: Keys,
    now: Now,
    request: Request,
) -> Response:
    """Its name, region and unit rule; another rule places its applications anew. Its key stays: PATCH replaces it.
    Another region is tried with it first."""
    connection = replace_connection(session, connection_id, given, revision=revision, sealer=keys, now=now)
    request.app.state.hooks.forget(connection.id)
    return show(describe_connection(connection, load_unit_rules(session)), request)


@router.patch("/{connection_id}", summary="Change a connection", response_model=ConnectionOut, responses=REPLACES)
def change(
    connection_id: uuid.UUID,
    tried: Annotated[Tried, Depends(_tried)],
    revision: IfMatch,
    session: WriteSession,
    keys: Keys,
    now: Now,
    request: Request,
) -> Response:
    """Rename it, give it another key or region, pause it, or let it be read again. Another key or region is tried
    first: one that does not open what is read is refused, and what there was stays."""
    connection = change_connection(
        session, connection_id, tried.given, revision=revision, sealer=keys, now=now, company=tried.company
    )
    request.app.state.hooks.forget(connection.id)
    return show(describe_connection(connection, load_unit_rules(session)), request)


@router.delete("/{connection_id}", summary="Disconnect a system", status_code=204, responses=REMOVES)
def end(connection_id: uuid.UUID, revision: IfMatch, session: WriteSession, now: Now) -> None:
    """Its key is forgotten and nothing more is read; what was read stays, under its name."""
    disconnect(session, connection_id, revision=revision, now=now)


@router.post("/{connection_id}/test", summary="Try an account", responses=documented(401, 403, 404, 409, 422, 503))
def test(
    connection_id: uuid.UUID,
    caller: Caller,
    database: Store,
    keys: Keys,
    client_for: ClientForTrials,
    secret: PseudonymKey,
) -> TrialOut:
    """Whether it answers, takes the key, shows what Kutsu reads and is the account that was read before; nothing is
    stored."""
    return _describe(try_stored(database, caller.organisation_id, connection_id, keys, client_for, secret))


def _describe(trial: Trial) -> TrialOut:
    return TrialOut(
        ok=trial.ok,
        checks=[CheckOut(aspect=one.aspect, ok=one.ok, text=one.text) for one in trial.checks],
        region=trial.region,
        stages=[
            ProposedStageOut(
                name=one.name, vendor_type=one.vendor_type, proposed=None if one.stage is None else one.stage.slug
            )
            for one in trial.stages
        ],
    )
