"""Commits on a thread of the process that answers."""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress

from app.database import Database
from app.group_commit.store import LARGEST_GROUP, QUIET_SECONDS, Committer, Group, Tell


class ThreadDesk:
    """Commits on a thread of this process, which shares the interpreter with all else: one group at a time, since each
    step between two of them is one that others wait for."""

    depth = 1
    enough = LARGEST_GROUP

    def __init__(self, database: Database, role: str | None) -> None:
        self._committer = Committer(database, role)
        self._groups: queue.SimpleQueue[Group | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def open(self, loop: asyncio.AbstractEventLoop, tell: Tell) -> None:
        """Begin the thread."""
        self._thread = threading.Thread(target=self._run, args=(loop, tell), name="group writer", daemon=True)
        self._thread.start()

    def go_apart(self) -> None:
        """It stays where it is."""

    def put(self, group: Group) -> None:
        """Let a group be committed."""
        self._groups.put(group)

    def hurry(self) -> None:
        """Its turn to write comes by itself."""

    def close(self, put_the_rest: Callable[[], None]) -> None:
        """Commit what was put, and the rest, and end."""
        put_the_rest()
        self._groups.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self, loop: asyncio.AbstractEventLoop, tell: Tell) -> None:
        while (group := self._next()) is not None:
            results = self._committer.commit([group])
            with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                loop.call_soon_threadsafe(tell, results)
        self._committer.close()

    def _next(self) -> Group | None:
        if self._committer.has_to_rest:
            with suppress(queue.Empty):
                return self._groups.get(timeout=QUIET_SECONDS)
            self._committer.rest()
        return self._groups.get()
