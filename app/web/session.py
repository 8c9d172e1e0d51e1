"""Who asks, and the session that is opened for them: the dependencies that routes name."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from app.access.token import PLANNERS, Role, find_token
from app.database import Database
from app.errors import Denied
from app.i18n import _
from app.web.problems import Unauthenticated

_bearer = HTTPBearer(auto_error=False, description="An API token: `kutsu token create --role marketer`.")


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """The system behind a token, its organisation, and what it may do there."""

    organisation_id: uuid.UUID
    system: str
    role: Role

    def require(self, roles: frozenset[Role]) -> None:
        """Refuse who has none of these roles."""
        if self.role not in roles:
            needed = ", ".join(sorted(roles))
            raise Denied(
                _(
                    "Your token has the role %(role)s; this needs one of %(needed)s.",
                    role=self.role,
                    needed=needed,
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


Store = Annotated[Database, Depends(_database)]
PseudonymKey = Annotated[bytes, Depends(_pseudonym_key)]
Now = Annotated[dt.datetime, Depends(_now)]


def _caller(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)], database: Store, now: Now
) -> ApiCaller:
    if credentials is None:
        raise Unauthenticated(_("Send a token: `Authorization: Bearer kutsu_…`."))
    try:
        with database.reading() as session:
            token = find_token(session, credentials.credentials, now=now)
            return ApiCaller(token.organisation_id, token.system, Role(token.role))
    except Denied as error:
        raise Unauthenticated(str(error)) from None


Caller = Annotated[ApiCaller, Depends(_caller)]


def _planner(caller: Caller) -> ApiCaller:
    caller.require(PLANNERS)
    return caller


Planner = Annotated[ApiCaller, Depends(_planner)]


def _read_session(caller: Caller, database: Store) -> Iterator[Session]:
    with database.reading(caller.organisation_id) as session:
        yield session


def _write_session(caller: Caller, database: Store) -> Iterator[Session]:
    with database.writing(caller.organisation_id) as session:
        yield session


def _plan_session(planner: Planner, database: Store) -> Iterator[Session]:
    with database.writing(planner.organisation_id) as session:
        yield session


# Scope "function": the session ends, and commits, before the answer leaves; else a 201 could be a lie.
ReadSession = Annotated[Session, Depends(_read_session, scope="function")]
WriteSession = Annotated[Session, Depends(_write_session, scope="function")]
PlanSession = Annotated[Session, Depends(_plan_session, scope="function")]
