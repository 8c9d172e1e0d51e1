"""What a server serves from its first moment on: the door for deliveries at once, the rest as soon as it is loaded.

Loading the API and the pages takes longer than all that a delivery needs, and after a crash vendors are sending.
"""

import asyncio
import datetime as dt
import logging
import signal
import time
from collections.abc import Callable
from typing import TypeAlias

from prometheus_client import CollectorRegistry
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database import Database
from app.files.store import FileStore, beside
from app.intake.sealing import Sealer
from app.web.edge import Edge
from app.web.hooks import HookDoor
from app.web.limits import Rates
from app.web.metrics import Metrics, RequestFigures

log = logging.getLogger("kutsu.web")


class Doors:
    """The door for deliveries, and what it shares with the application that grows around it."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        clock: Callable[[], dt.datetime],
        *,
        rates: Rates | None = None,
        timer: Callable[[], float] = time.monotonic,
        files: FileStore | None = None,
        apart: bool = False,
    ) -> None:
        """`rates` and `timer` say how often one client may come, by which clock; files of assets lie in `files`;
        `apart` lets a process of its own commit what comes through the hot doors."""
        self.database, self.sealer, self.clock = database, sealer, clock
        self.files = files or FileStore(beside(database.url))
        self._rates, self._timer = rates, timer
        self.registry = CollectorRegistry()
        self.hooks = HookDoor(database, sealer, clock, self.registry, apart=apart)
        self.figures = RequestFigures(self.registry)

    def enclose(self, app: ASGIApp) -> ASGIApp:
        """An application with the layers that lie around every answer."""
        return Edge(
            Metrics(app, self.figures), rates=self._rates, clock=self._timer, on_too_large=self.hooks.note_oversize,
            longest_file=self.files.longest_body,
        )  # fmt: skip


Load: TypeAlias = Callable[[Doors], ASGIApp]
"""Makes the whole application around doors that are open already; runs on a thread of its own."""


def _end_server() -> None:
    signal.raise_signal(signal.SIGTERM)


class Opening:
    """An application that takes deliveries while the rest of it is loaded; whoever asks for the rest waits for it."""

    def __init__(self, doors: Doors, load: Load, give_up: Callable[[], None] = _end_server) -> None:
        self._doors, self._load, self._give_up = doors, load, give_up
        self._route = doors.hooks.route
        self._door = doors.enclose(self._take)
        self._whole: ASGIApp | None = None
        self._loading: asyncio.Future[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._whole is not None:
            await self._whole(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif self._route.matches(scope)[0] == Match.FULL:
            await self._door(scope, receive, send)
        else:
            whole = await asyncio.shield(self._begin())
            await whole(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.update(self._route.matches(scope)[1])
        await self._route.handle(scope, receive, send)

    def _begin(self) -> "asyncio.Future[ASGIApp]":
        if self._loading is None:
            self._loading = asyncio.ensure_future(asyncio.to_thread(self._load, self._doors))
        return self._loading

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say that we are there at once, and let the whole begin and end as it wishes when it is there too."""
        begin, end = await receive(), asyncio.ensure_future(receive())
        await send({"type": "lifespan.startup.complete"})
        try:
            whole = self._whole = await self._begin()
        except Exception:
            log.exception("Kutsu could not be loaded whole, and ends.")
            self._give_up()
            await end
            await asyncio.to_thread(self._doors.hooks.close)
            await send({"type": "lifespan.shutdown.complete"})
            return
        self._doors.hooks.writer.go_apart()
        told = iter((begin,))

        async def hear() -> Message:
            return next(told, None) or await end

        async def say(message: Message) -> None:
            if message["type"] != "lifespan.startup.complete":  # that was said
                await send(message)

        await whole(scope, hear, say)
