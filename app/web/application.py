"""Puts the application together: middleware, error answers and routers. Nothing else knows the whole."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI

from app import __version__
from app.access.oidc import Provider
from app.access.refusal import Tally
from app.access.signing_in import SigningIn
from app.database import Database
from app.intake.sealing import Sealer
from app.intake.sender_day import RefusedCounts
from app.intake.sync import ClientFor
from app.intake.vendors import open_account
from app.outbound import ONCE
from app.settings import derive_key
from app.web import api, health, pages
from app.web.hooks import HookDoor
from app.web.links import LinkDoor
from app.web.metrics import QueueFigures
from app.web.opening import Doors
from app.web.pages import show_missing_pages
from app.web.problem_document import ProblemDocument
from app.web.problems import install_problems
from app.web.rights import require_rights
from app.web.session import enforce_right

DESCRIPTION = (
    "Recruitment marketing that can be believed: from a documented persona to how far each ad's doctors got.\n\n"
    "Send a token as `Authorization: Bearer …`. Every problem is answered as `application/problem+json`. A "
    "change names the revision it was made from in `If-Match`."
)
TRY_ONCE: ClientFor = partial(open_account, limits=ONCE)
"""How an account is tried while somebody waits for the answer."""

ROUTES = APIRouter()
"""All routes, put together once however many applications are made: FastAPI takes long to work out each. They stand
beside each other as far as can be: it looks through a router in a router twice over, and so at every level."""
ROUTES.routes += health.router.routes
ROUTES.include_router(api.router, prefix=api.PREFIX, dependencies=[Depends(enforce_right)])
ROUTES.routes += pages.router.routes


def create_app(
    database: Database,
    pseudonym_key: bytes,
    *,
    clock: Callable[[], dt.datetime],
    provider: Provider | None = None,
    sealer: Sealer | None = None,
    client_for: ClientFor = TRY_ONCE,
    **opening: Any,
) -> FastAPI:
    """The application on a database; `clock` says what time it is, people may sign in through `provider`, `sealer`
    opens the secrets of connections, and accounts are tried through `client_for`. What else its doors are opened with
    is handed on to them.
    """
    sealer = sealer or Sealer([derive_key(pseudonym_key, "credentials")])
    doors = Doors(database, sealer, clock, **opening)
    return build_app(doors, pseudonym_key, provider=provider, client_for=client_for)


def build_app(
    doors: Doors,
    pseudonym_key: bytes,
    *,
    provider: Provider | None = None,
    client_for: ClientFor = TRY_ONCE,
    public_url: str | None = None,
) -> FastAPI:
    """The application around doors, which may be open already; what is printed leads to `public_url`."""
    links = LinkDoor(doors.database, doors.clock, doors.hooks.writer, doors.registry)
    app = Kutsu(
        title="Kutsu",
        version=__version__,
        summary="From a documented persona to how far each ad's doctors got.",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        routes=[doors.hooks.route, links.route, *ROUTES.routes],
        lifespan=_lifespan,
    )
    app.state.database = doors.database
    app.state.pseudonym_key = pseudonym_key
    app.state.signing_in = SigningIn(
        doors.database, derive_key(pseudonym_key, "attempts"), Sealer([derive_key(pseudonym_key, "second steps")])
    )
    app.state.provider = provider
    app.state.clock = doors.clock
    app.state.sealer = doors.sealer
    app.state.client_for = client_for
    app.state.public_url = public_url
    app.state.files = doors.files
    app.state.token_uses = {}
    app.state.ended_tokens_tried = {}
    app.state.unknown_tokens = Tally()
    app.state.refused_observations = RefusedCounts(doors.database)
    app.state.exports_told = {}
    doors.registry.register(QueueFigures(doors.database, doors.clock))
    app.state.registry = doors.registry
    app.state.hooks = doors.hooks
    app.state.has_begun = lambda: True
    install_problems(app)
    show_missing_pages(app)
    require_rights(app)
    app.add_middleware(doors.enclose)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    hooks: HookDoor = app.state.hooks
    await anyio.to_thread.run_sync(hooks.close)


class Kutsu(FastAPI):
    """FastAPI, with our problem documents in what it says of itself."""

    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        if "ProblemDocument" not in schemas:
            problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= problem.pop("$defs") | {"ProblemDocument": problem}
        return schema
