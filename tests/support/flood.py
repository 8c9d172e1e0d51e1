"""Many connections that send as fast as they are answered, or at a pace, and keep what they were answered."""

import asyncio
import functools
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"


def request(path: str, body: bytes, headers: dict[str, str], method: str = "POST") -> bytes:
    """One request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


@dataclass
class Answered:
    """What came back, by the request's number: statuses, how many seconds each took, and the heads of refusals."""

    statuses: dict[int, int] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    refusals: dict[int, bytes] = field(default_factory=dict)
    took: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.statuses) / self.took

    def percentile(self, share: float, status: int | None = None) -> float:
        """The latency, in seconds, that this share of the answers, or of those of one status, stayed below."""
        seconds = sorted(one for number, one in self.seconds.items() if status in (None, self.statuses[number]))
        return seconds[min(len(seconds) - 1, int(share * len(seconds)))]


class _Connection(asyncio.Protocol):
    def __init__(
        self, waiting: Iterator[tuple[int, bytes]], answered: Answered, every: float | None, after: float = 0.0
    ) -> None:
        self._waiting, self._answered, self._every = waiting, answered, every
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._number, self._sent_at, self._due_at = -1, 0.0, time.perf_counter() + after - (every or 0.0)
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def _next(self) -> None:
        if self._every is not None:
            self._due_at += self._every
            pause = self._due_at - time.perf_counter()
            if pause > 0:
                asyncio.get_running_loop().call_later(pause, self._send)
                return
        self._send()

    def _send(self) -> None:
        one = None if self._transport is None else next(self._waiting, None)
        if self._transport is None or one is None:
            self._end()
            return
        self._number, wire = one
        self._sent_at = time.perf_counter()
        self._transport.write(wire)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        if len(rest) < length:
            return
        self._buffer = b""
        status = self._answered.statuses[self._number] = int(head[9:12])
        self._answered.seconds[self._number] = time.perf_counter() - self._sent_at
        if status >= 400:
            self._answered.refusals[self._number] = head.lower()
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._end()

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)
        if self._transport is not None:
            self._transport.close()


async def flood(
    port: int,
    wires: Iterable[tuple[int, bytes]],
    *,
    connections: int = 64,
    rate: float | None = None,
    addresses: Sequence[str] = (LOOPBACK,),
    opened: threading.Event | None = None,
) -> Answered:
    """Send all of it over so many connections, at most at this rate (per second, over all); a connection that is
    lost sends no more. At a rate they take turns, one after the other all through the time between two of one. They
    come from these addresses in turn. The event is set when all have come."""
    waiting, answered = iter(wires), Answered()
    every = connections / rate if rate else None
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    there = []
    for number in range(connections):
        make = functools.partial(_Connection, waiting, answered, every, number / rate if rate else 0.0)
        try:
            local = (addresses[number % len(addresses)], 0)
            _transport, one = await loop.create_connection(make, LOOPBACK, port, local_addr=local)
        except OSError:
            break
        there.append(one)
    if opened is not None:
        opened.set()
    await asyncio.gather(*(one.ended for one in there))
    answered.took = time.perf_counter() - begun
    return answered
