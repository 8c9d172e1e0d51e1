"""Commits in a process of its own, beside the one that answers: while it stores one group, that one takes the next.

The two speak over a pair of sockets: frames of a length and a pickled value, groups one way and what became of them the
other, in the same order. The process ends when its end of the pair is closed, however the other came to its own.
"""

import asyncio
import gc
import logging
import pickle
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, cast

from app.database import Database
from app.engine import turns_of
from app.group_commit.store import QUIET_SECONDS, STORE_WAIT_SECONDS, Committed, Committer, Group, Tell
from app.group_commit.thread import ThreadDesk
from app.turns import Turns

log = logging.getLogger("kutsu.writer")

END_SECONDS = 15.0
"""How long it may take to commit what was put before the end."""
BUFFER_BYTES = 1024 * 1024
DEPTH = 64
"""How many groups may be under way: those that wait for the process while it commits become one."""
ENOUGH = 24
"""How many rows are put before the process at once: it commits them while a turn of the loop, in which all 64 of a
vendor's connections may bring one, goes on."""
READY = "ready"
_LENGTH = struct.Struct("<I")


class ProcessDesk:
    """Puts groups before a process, and lets it have its turn at SQLite's one lock. Until it has begun, and when it has
    died until another has, a thread stands in for it; never are both at work, so that groups end in their order."""

    enough = ENOUGH

    def __init__(self, database: Database, role: str | None) -> None:
        self._setup = (database.url.render_as_string(hide_password=False), role)
        self._turns = turns_of(database.url) if database.is_sqlite else None
        self._thread = ThreadDesk(database, role)
        self._at_the_thread = 0
        self._link: _Link | None = None
        self._is_hurrying = False
        self._answered = threading.Event()
        self.has_begun = asyncio.Event()

    @property
    def depth(self) -> int:
        """Many for the process; none while the thread has something left that goes before it."""
        if not self.has_begun.is_set():
            return self._thread.depth
        return 0 if self._at_the_thread else DEPTH

    def open(self, loop: asyncio.AbstractEventLoop, tell: Tell) -> None:
        """Begin the thread."""
        self._loop, self._tell = loop, tell
        self._thread.open(loop, self._hear_thread)

    def go_apart(self) -> None:
        """Begin the process."""
        self._link = _Link(self._setup, self._loop, self)

    def put(self, group: Group) -> None:
        """Let a group be committed."""
        if self._link is not None and self.has_begun.is_set() and not self._at_the_thread:
            self._link.send(group)
        else:
            self._at_the_thread += 1
            self._thread.put(group)

    def _hear_thread(self, results: Sequence[Committed | None]) -> None:
        self._at_the_thread -= len(results)
        self._tell(results)

    def begin(self) -> None:
        """The process can be put something before."""
        self.has_begun.set()

    def hear(self, results: Sequence[Committed | None]) -> None:
        """The process says what became of groups."""
        self._answered.set()
        self._tell(results)

    def lose(self, unanswered: int) -> None:
        """The process has died: nothing that was not answered may be taken as stored, and another begins, unless this
        one never did."""
        has_worked = self.has_begun.is_set()
        self.has_begun.clear()
        if has_worked:
            self._link = _Link(self._setup, self._loop, self)
        else:
            log.error("What commits in a process of its own did not begin; a thread does it.")
        if unanswered:
            self.hear([None] * unanswered)

    def hurry(self) -> None:
        """Take a turn at SQLite's lock for the process: among the threads here the lock is handed on without ever
        being free for long enough that somebody else finds it so."""
        if self._turns is None or self._is_hurrying or not self.has_begun.is_set():
            return
        self._is_hurrying = True
        self._answered.clear()
        hold = partial(self._hold_a_turn, self._turns)
        threading.Thread(target=hold, name="turn of the group writer", daemon=True).start()

    def _hold_a_turn(self, turns: Turns) -> None:
        if turns.take(STORE_WAIT_SECONDS, first=True):
            self._answered.wait(STORE_WAIT_SECONDS)
            turns.give()
        self._is_hurrying = False

    def close(self, put_the_rest: Callable[[], None]) -> None:
        """Commit what was put, and the rest, and end."""
        if self._link is not None:
            self._link.close(put_the_rest)
            self._thread.close(lambda: None)
        else:
            self._thread.close(put_the_rest)


class _Link(asyncio.Protocol):
    """One process and the way to it."""

    def __init__(self, setup: Any, loop: asyncio.AbstractEventLoop, desk: ProcessDesk) -> None:
        self._setup, self._loop, self._desk = setup, loop, desk
        self._frames = Frames()
        self._unanswered = 0
        self._transport: asyncio.Transport | None = None
        self._is_lost = self._is_ending = False
        self._end, theirs = socket.socketpair()
        with theirs:
            for end in (self._end, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
            command = [sys.executable, "-m", "app.group_commit.process", str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)  # noqa: S603
        self._connecting = loop.create_task(self._connect())

    async def _connect(self) -> None:
        await self._loop.create_unix_connection(lambda: self, sock=self._end)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(encode(self._setup))

    def send(self, group: Group) -> None:
        self._unanswered += 1
        cast(asyncio.Transport, self._transport).write(encode(group))

    def data_received(self, data: bytes) -> None:
        for said in self._frames.take(data):
            if said == READY:
                self._desk.begin()
            else:
                self._unanswered -= len(said)
                self._desk.hear(said)

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True
        if not self._is_ending:
            self._process.kill()  # if it is not dead by itself: nobody hears it any more
            self._process.wait()
            self._desk.lose(self._unanswered)

    def close(self, put_the_rest: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._finish, put_the_rest)
        except RuntimeError:  # the loop has ended, and nobody waits any more
            self._is_ending = True
            self._end.shutdown(socket.SHUT_WR)
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _finish(self, put_the_rest: Callable[[], None]) -> None:
        put_the_rest()
        self._is_ending = True
        if self._transport is None:
            self._end.shutdown(socket.SHUT_WR)
        elif not self._is_lost:
            self._transport.write_eof()


class Frames:
    """What comes in pieces, put together again."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def take(self, data: bytes) -> Iterator[Any]:
        """The values that are whole now."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                return
            value = pickle.loads(self._buffer[_LENGTH.size : end])  # noqa: S301 (our own process made it)
            del self._buffer[:end]
            yield value


def encode(value: Any) -> bytes:
    """A value as it goes over the wire."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(data)) + data


def serve(parent: socket.socket) -> None:
    """Commit what comes until nobody is there any more; what came meanwhile is committed as one."""
    frames = Frames()
    coming: list[Any] = []
    while not coming and (data := parent.recv(BUFFER_BYTES)):
        coming += frames.take(data)
    if not coming:
        return
    url, role = coming.pop(0)
    committer = Committer(Database(url), role)
    gc.freeze()
    parent.sendall(encode(READY))
    while True:
        if coming:
            parent.sendall(encode(committer.commit(coming)))
            coming.clear()
        if committer.has_to_rest and not select.select([parent], [], [], QUIET_SECONDS)[0]:
            committer.rest()
        data = parent.recv(BUFFER_BYTES)
        if not data:
            break
        coming += frames.take(data)
    committer.close()


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):  # what is put is committed before the end, which the parent says
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as end, suppress(ConnectionError):
        serve(end)
