"""The application in a process of its own, as it is served, and beside its door one that does nothing at all."""

import datetime as dt
import gc
import socket
import sys
import uuid

import uvicorn
from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.database import Database
from app.web.hooks import _read_body, answer_empty
from app.web.listening import Listening, collect_seldom
from app.web.opening import Doors, Opening
from tests.intake.hooking import OPEN
from tests.intake.town import SEALER, SECRET


class Idle:
    """Reads a delivery and answers, through all that lies before the door."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _read_body(receive)
        await answer_empty(send, 202)


def serve(url: str) -> None:
    """Print the port and serve until killed."""
    gc.disable()
    doors = Doors(Database(url), SEALER, lambda: dt.datetime.now(dt.UTC), rates=OPEN)
    config = uvicorn.Config(Opening(doors, load), log_level="error", access_log=False, http=Listening)
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(config).run(sockets=[listener])


def load(doors: Doors) -> FastAPI:
    """The application, and before all its routes the one that does nothing."""
    from app.web.application import build_app

    app = build_app(doors, SECRET)
    app.router.routes.insert(0, Route(f"/hooks/{uuid.UUID(int=0)}", Idle(), methods=["POST"]))
    collect_seldom()
    return app


if __name__ == "__main__":
    serve(sys.argv[1])
