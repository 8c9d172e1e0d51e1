"""The application in a process of its own, as it is served, and beside its door one that does nothing at all."""

import datetime as dt
import socket
import sys
import uuid

import uvicorn
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.database import Database
from app.web.application import create_app
from app.web.hooks import _END, _START, _read_body
from app.web.listening import Listening, collect_seldom
from tests.intake.hooking import OPEN
from tests.intake.town import SEALER, SECRET


class Idle:
    """Reads a delivery and answers, through all that lies before the door."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _read_body(receive)
        await send(_START[202])
        await send(_END)


def serve(url: str) -> None:
    """Print the port and serve until killed."""
    app = create_app(Database(url), SECRET, clock=lambda: dt.datetime.now(dt.UTC), sealer=SEALER, rates=OPEN)
    app.router.routes.insert(0, Route(f"/hooks/{uuid.UUID(int=0)}", Idle(), methods=["POST"]))
    config = uvicorn.Config(app, log_level="error", access_log=False, http=Listening)
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listener.getsockname()[1], flush=True)
    collect_seldom()
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    serve(sys.argv[1])
