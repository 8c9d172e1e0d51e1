"""Who asks, and the session that is opened for them: the dependencies that routes name."""

import datetime as dt
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.audit import Action, Actor, ActorKind, act_as, record
from app.access.organisation import get_organisation
from app.access.refusal import Refused, Tally, count_refusals
from app.access.token import USE_IS_NOTED_EVERY, EndedError, Role, Scope, find_token, note_use
from app.database import Database
from app.errors import Denied
from app.files.store import FileStore
from app.i18n import _, speaking
from app.intake.sealing import Sealer
from app.intake.sync import ClientFor
from app.web.all_faults import with_plan
from app.web.edge import choose_language
from app.web.problems import Unauthenticated
from app.web.rights import right_of, shows_exact_counts

log = logging.getLogger("kutsu.web")

_bearer = HTTPBearer(auto_error=False, description="An API token: `kutsu token create --role marketer`.")


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """The system behind a token, its organisation, and what it may do there."""

    organisation_id: uuid.UUID
    token_id: uuid.UUID
    system: str
    role: Role
    scopes: frozenset[Scope]
    sees_small_counts: bool
    language: str
    """What its `Accept-Language` likes best of those we speak; empty when it names none."""

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.TOKEN, self.system, self.token_id)

    def require(self, scope: Scope) -> None:
        """Refuse who may not do this."""
        if scope not in self.scopes:
            may = ", ".join(sorted(self.scopes))
            raise Denied(
                _(
                    "Your token has the role %(role)s and may do %(may)s; this needs %(needed)s.",
                    role=self.role,
                    may=may,
                    needed=scope,
                )
            )


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _now(request: Request) -> dt.datetime:
    now: dt.datetime = request.app.state.clock()
    return now


def _pseudonym_key(request: Request) -> bytes:
    key: bytes = request.app.state.pseudonym_key
    return key


def _sealer(request: Request) -> Sealer:
    sealer: Sealer = request.app.state.sealer
    return sealer


def _files(request: Request) -> FileStore:
    files: FileStore = request.app.state.files
    return files


def _client_for(request: Request) -> ClientFor:
    client_for: ClientFor = request.app.state.client_for
    return client_for


Keys = Annotated[Sealer, Depends(_sealer)]
ClientForTrials = Annotated[ClientFor, Depends(_client_for)]
Files = Annotated[FileStore, Depends(_files)]
Store = Annotated[Database, Depends(_database)]
PseudonymKey = Annotated[bytes, Depends(_pseudonym_key)]
Now = Annotated[dt.datetime, Depends(_now)]


def _caller(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    database: Store,
    now: Now,
) -> ApiCaller:
    if credentials is None:
        raise Unauthenticated(_("Send a token: `Authorization: Bearer kutsu_…`."))
    try:
        with database.reading() as session:
            token = find_token(session, credentials.credentials, now=now)
            caller = ApiCaller(
                token.organisation_id, token.id, token.system, Role(token.role), token.allowed,
                token.sees_small_counts, choose_language(request.headers.get("accept-language", ""), ""),
            )  # fmt: skip
            last_used_at = token.last_used_at
    except Denied as error:
        if isinstance(error, EndedError):
            _tell_refusal(request, database, error, now)
        else:
            _count_unknown(request, database, now)
        raise Unauthenticated(str(error)) from None
    _note_use(request, database, caller, last_used_at, now)
    return caller


def _tell_refusal(request: Request, database: Database, ended: EndedError, now: dt.datetime) -> None:
    """Tell the audit that a token which has ended was tried: the first time, the tenth, the hundredth, so that
    whoever goes on trying fills nothing. A store that cannot be written to changes nothing of the refusal."""
    tried: dict[uuid.UUID, int] = request.app.state.ended_tokens_tried
    times = tried[ended.token_id] = tried.get(ended.token_id, 0) + 1
    if str(times).strip("0") != "1":
        return
    try:
        with database.writing(ended.organisation_id) as session:
            act_as(session, Actor(ActorKind.TOKEN, ended.system, ended.token_id), now)
            record(session, Action.REFUSED, "api_token", str(ended.token_id), [f"times:{times}"])
    except DBAPIError:
        log.warning("the refusal of a token could not be told")


def _count_unknown(request: Request, database: Database, now: dt.datetime) -> None:
    """Count a token that nobody was ever given. Whoever sends many makes few writes, and learns nothing by them."""
    tally: Tally = request.app.state.unknown_tokens
    due = tally.take(now)
    if not due:
        return
    try:
        with database.writing() as session:
            for hour, times in due:
                count_refusals(session, Refused.TOKEN, hour, times)
    except DBAPIError:
        log.warning("the refusal of an unknown token could not be counted")


def _note_use(
    request: Request, database: Database, caller: ApiCaller, last_used_at: dt.datetime | None, now: dt.datetime
) -> None:
    """Keep when a token was used, once a minute at most; a store that cannot be written to keeps nobody from
    reading, and is asked again a minute later."""
    uses: dict[uuid.UUID, dt.datetime] = request.app.state.token_uses
    known = max((one for one in (last_used_at, uses.get(caller.token_id)) if one is not None), default=None)
    if known is not None and now - known < USE_IS_NOTED_EVERY:
        return
    uses[caller.token_id] = now
    try:
        with database.writing(caller.organisation_id) as session:
            note_use(session, caller.token_id, now=now)
    except DBAPIError:
        log.warning("the use of a token could not be noted")


Caller = Annotated[ApiCaller, Depends(_caller)]


def enforce_right(request: Request, caller: Caller) -> None:
    """Let only those through who may do what the route is declared to ask."""
    right = right_of(request.method, request.url.path)
    if not isinstance(right, Scope):
        raise Denied(_("Nobody may use this address."))
    caller.require(right)
    if shows_exact_counts(request.url.path) and not caller.sees_small_counts:
        raise Denied(
            _(
                "This shows small counts, and your token may not see them. Ask /api/v1/reports/monthly, which hides "
                "them."
            )
        )


def _planner(caller: Caller) -> ApiCaller:
    caller.require(Scope.PLAN_WRITE)
    return caller


Planner = Annotated[ApiCaller, Depends(_planner)]


def _read_session(caller: Caller, database: Store) -> Iterator[Session]:
    with database.reading(caller.organisation_id) as session:
        yield session


@contextmanager
def speaking_to(caller: ApiCaller, session: Session, chosen: str | None) -> Iterator[None]:
    """Give texts in the language that a question chose, else in the one that the caller likes best, else in the
    organisation's."""
    with speaking(chosen or caller.language or get_organisation(session, caller.organisation_id).locale):
        yield


@contextmanager
def writing_for(caller: ApiCaller, database: Database, now: dt.datetime) -> Iterator[Session]:
    """A session that writes in the caller's name."""
    with database.writing(caller.organisation_id) as session:
        act_as(session, caller.actor, now)
        yield session


def _write_session(caller: Caller, database: Store, now: Now) -> Iterator[Session]:
    with writing_for(caller, database, now) as session:
        yield session


def _plan_session(request: Request, planner: Planner, database: Store, now: Now) -> Iterator[Session]:
    with writing_for(planner, database, now) as session:
        try:
            yield session
        except RequestValidationError as error:
            raise with_plan(error, request, session, now) from None


# Scope "function": the session ends, and commits, before the answer leaves; else a 201 could be a lie.
ReadSession = Annotated[Session, Depends(_read_session, scope="function")]
WriteSession = Annotated[Session, Depends(_write_session, scope="function")]
PlanSession = Annotated[Session, Depends(_plan_session, scope="function")]
