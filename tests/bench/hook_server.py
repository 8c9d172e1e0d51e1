"""The application in a process of its own, as it is served: with its doors, or with such in their place as do nothing;
or in its place a bare FastAPI that does nothing either."""

import datetime as dt
import functools
import gc
import socket
import sys

import uvicorn
from fastapi import FastAPI, Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.database import Database
from app.web.hooks import PATH, _read_body, answer_empty
from app.web.listening import Listening, collect_seldom
from app.web.opening import Doors, Opening
from tests.intake.hooking import OPEN
from tests.intake.town import SEALER, SECRET


class Idle:
    """Reads a request and answers, through all that lies before a door."""

    def __init__(self, path: str, method: str, status: int, *headers: tuple[bytes, bytes]) -> None:
        self.route = Route(path, self, methods=[method])
        self._status, self._headers = status, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self.route
        await _read_body(receive)
        await answer_empty(send, self._status, *self._headers)


def serve(url: str, door: str = "door") -> None:
    """Print the port and serve until killed."""
    gc.disable()
    if door == "stock":
        config = uvicorn.Config(stock(), log_level="error", access_log=False)
    else:
        doors = Doors(Database(url), SEALER, lambda: dt.datetime.now(dt.UTC), rates=OPEN, apart=door == "door")
        if door == "idle":
            doors.hooks.route = Idle(PATH, "POST", 202).route
        config = uvicorn.Config(
            Opening(doors, functools.partial(load, door)), log_level="error", access_log=False, http=Listening
        )
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(config).run(sockets=[listener])


def load(door: str, doors: Doors) -> FastAPI:
    """The whole application."""
    from app.web import links
    from app.web.application import build_app

    app = build_app(doors, SECRET)
    if door == "idle":
        idle = Idle(
            links.PATH, "GET", 302, (b"location", b"https://jobs.example.org/"), (b"cache-control", b"no-store")
        )
        app.router.routes[:] = [
            idle.route if getattr(one, "path", "") == links.PATH else one for one in app.router.routes
        ]
    collect_seldom()
    return app


def stock() -> FastAPI:
    """What a newcomer would write to take a delivery and do nothing."""
    app = FastAPI()

    @app.post(PATH, status_code=202)
    async def take(request: Request) -> None:
        await request.body()

    collect_seldom()
    return app


if __name__ == "__main__":
    serve(*sys.argv[1:])
