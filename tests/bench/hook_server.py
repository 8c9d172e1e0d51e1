"""The application in a process of its own, as it is served: with its door, or with one in its place that does nothing;
or in its place a bare FastAPI that does nothing either."""

import datetime as dt
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
    """Reads a delivery and answers, through all that lies before the door."""

    def __init__(self) -> None:
        self.route = Route(PATH, self, methods=["POST"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self.route
        await _read_body(receive)
        await answer_empty(send, 202)


def serve(url: str, door: str = "door") -> None:
    """Print the port and serve until killed."""
    gc.disable()
    if door == "stock":
        config = uvicorn.Config(stock(), log_level="error", access_log=False)
    else:
        doors = Doors(Database(url), SEALER, lambda: dt.datetime.now(dt.UTC), rates=OPEN)
        if door == "idle":
            doors.hooks.route = Idle().route
        config = uvicorn.Config(Opening(doors, load), log_level="error", access_log=False, http=Listening)
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(config).run(sockets=[listener])


def load(doors: Doors) -> FastAPI:
    """The whole application."""
    from app.web.application import build_app

    app = build_app(doors, SECRET)
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
