"""The server's side of a connection: a client that does not get to the end of its request's head is hung up on, and
so is one that sends on and on what nobody reads."""

import asyncio
import gc

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
MOST_UNREAD = 4 * 1024 * 1024
"""How many bytes of a body may come after the answer: so many that whoever sends too much gets to read that it is."""
COLLECT_AFTER = (50_000, 20, 50)
"""Python's own numbers look for cycles hundreds of times a second under load, and through all that was loaded at
the start each time: what made answers wait most."""


def collect_seldom() -> None:
    """Tell the collector to leave alone what is loaded by now, and to look at the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()


class Listening(HttpToolsProtocol):
    """Speaks HTTP/1.1 as uvicorn does, waits for the head of each request for so long and no longer, and lets so much
    of a body pass that was answered before its end and no more."""

    head_seconds = HEAD_SECONDS
    _unread = 0
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._wait()
        self._unread = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if self.cycle.response_complete:
            self._unread += len(body)
            if self._unread > MOST_UNREAD:
                self.transport.close()

    def _wait(self) -> None:
        # A connection that is kept alive is closed by uvicorn while no further request has begun.
        self._stop_waiting()
        self._waiting = self.loop.call_later(self.head_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
