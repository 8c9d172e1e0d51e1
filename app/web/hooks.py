"""The door for webhooks: verify the bytes, hand them to the one writer, answer when they are on disk.

A plain ASGI endpoint, since FastAPI's wrapping takes longer than all the rest. It parses nothing: what is signed is
kept, whatever it says. It never answers that something is stored which is not, and never blames the sender for a
failure of ours, for vendors give up at that.
"""

import asyncio
import datetime as dt
import hashlib
import logging
import random
import time
import uuid
from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Gauge
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from app.database import Database, Micros, to_micros
from app.errors import Busy
from app.group_commit.writer import GroupWriter
from app.i18n import _
from app.intake.hook_counts import HookCounts
from app.intake.hook_source import REFUSED, HookSource, find_hook_source, take_delivery
from app.intake.inbox import day_of
from app.intake.sealing import Sealer
from app.web.known import Known
from app.web.problem_document import problem_response

log = logging.getLogger("kutsu.hooks")

PATH = "/hooks/{connection_id}"
INTAKE_ROLE = "kutsu_intake"
COUNTS_SECONDS = 5.0
RETRY_SECONDS = (5, 60)


class HookDoor:
    """Takes deliveries for all connections of the installation."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        clock: Callable[[], dt.datetime],
        registry: CollectorRegistry,
        **writing: Any,
    ) -> None:
        self._database, self._sealer, self._clock = database, sealer, clock
        self.route = Route(PATH, self, methods=["POST"], name="receive_delivery")
        self.counts = HookCounts()
        self.writer = GroupWriter(database, on_commit=self.counts.note_commit, role=INTAKE_ROLE, **writing)
        self._known = Known(self._read_source)
        self._flushing: asyncio.TimerHandle | None = None
        self._flushes: set[asyncio.Future[None]] = set()
        waiting = Gauge("kutsu_hooks_waiting", "Deliveries that are not on disk yet.", registry=registry)
        waiting.set_function(lambda: self.writer.waiting)

    def forget(self, connection_id: uuid.UUID) -> None:
        """Read a connection anew before its next delivery; what is being read is out of date already."""
        self._known.forget(str(connection_id))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self.route  # which FastAPI says of its own routes alone; requests are counted by it
        body = await _read_body(receive)
        if body is None:
            return
        try:
            status = await self._take(scope["path_params"]["connection_id"], scope["headers"], body)
        except Busy as error:
            wait = str(random.randint(*RETRY_SECONDS))  # noqa: S311 (so that they do not come back as one)
            response = problem_response(503, str(error), kind="busy", headers={"Retry-After": wait})
            await response(scope, receive, send)
            return
        if status in _REFUSALS:
            await problem_response(status, _REFUSALS[status]())(scope, receive, send)
            return
        await answer_empty(send, status)

    async def _take(self, connection: str, raw_headers: list[tuple[bytes, bytes]], body: bytes) -> int:
        """Store a delivery that is signed; the status to answer with."""
        at = to_micros(self._clock())
        source = self._known_at(connection, at) or await self._find(connection, at)
        if source is None:
            return 404
        self._flush_soon()
        said = await self._store(source, raw_headers, body, at)
        if said == REFUSED:
            known, source = source, await self._read_anew(str(source.connection_id))
            if source is None:
                return 404
            if (source.scheme, source.secrets) != (known.scheme, known.secrets):
                said = await self._store(source, raw_headers, body, at)
        if said == REFUSED:
            self.counts.note_refused(source, at, hashlib.sha256(body).digest())
            return 401
        self.counts.note_taken(source, said, at)
        return source.scheme.success_status

    async def _store(self, source: HookSource, raw_headers: list[tuple[bytes, bytes]], body: bytes, at: Micros) -> str:
        given = source, raw_headers, body, at
        return await self.writer.store(source.target, take_delivery, *given, size=len(body))

    def _known_at(self, connection: str, at: Micros) -> HookSource | None:
        """The connection as it was read lately, with the key of the day."""
        source = self._known.at_once(connection)
        return source if source is not None and source.day == day_of(at) else None

    async def _find(self, connection: str, at: Micros) -> HookSource | None:
        """The connection, read now if need be; None where none takes deliveries at this address."""
        try:
            name = str(uuid.UUID(connection))
        except ValueError:
            return None
        known, asked_at = self._known.recall(name), time.monotonic()
        if known is not None and known.day != day_of(at):
            self._known.forget(name)
        try:
            found = await self._known.find(name)
        except Exception as error:
            raise _unreadable() from error
        return found or await self._read_anew(name, asked_at)

    async def _read_anew(self, name: str, since: float | None = None) -> HookSource | None:
        """The connection as it is now, before a sender who may never try again is refused by what was known."""
        try:
            return await self._known.anew(name, since)
        except Exception as error:
            raise _unreadable() from error

    def _read_source(self, name: str) -> HookSource | None:
        source = find_hook_source(self._database, uuid.UUID(name), self._sealer, to_micros(self._clock()))
        if source is not None:
            self.counts.learn(source)
        return source

    def note_oversize(self, path: str) -> None:
        """Count a delivery that the edge refused for its size."""
        source = self._known.recall(path.rpartition("/")[2])
        if source is not None:
            self.counts.note(source, "oversize")
            self._flush_soon()

    def _flush_soon(self) -> None:
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_later(COUNTS_SECONDS, self._flush)

    def _flush(self) -> None:
        self._flushing = None
        flush = asyncio.ensure_future(asyncio.to_thread(self.counts.flush, self._database, self._clock()))
        self._flushes.add(flush)
        flush.add_done_callback(self._flushes.discard)

    def close(self) -> None:
        """Store what waits and what was counted."""
        if self._flushing is not None:
            self._flushing.cancel()
        self.writer.close()
        self.counts.flush(self._database, self._clock())


def _unreadable() -> Busy:
    return Busy(_("Its secrets cannot be read at the moment; send it again in a while."))


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body; None if the sender went away before its end."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        return body
    parts = []
    while message["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()
    return None


_REFUSALS: dict[int, Callable[[], str]] = {
    401: lambda: _("None of the connection's secrets signed this. Check the secret and how deliveries are signed."),
    404: lambda: _("No connection takes deliveries at this address."),
}


async def answer_empty(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    """A status and no body. Its headers are made each time, for what lies around the door adds to them."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0"), *headers]})
    await send(_END)


_END: Message = {"type": "http.response.body", "body": b""}
