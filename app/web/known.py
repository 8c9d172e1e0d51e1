"""What a hot door knows by name: read from the database now and then, in the background where it can be."""

import asyncio
import functools
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from app.errors import KutsuError

KNOWN_SECONDS = 2.0
"""How long a thing is taken as it was read: so soon a dropped secret stops vouching, and a corrected target is old."""
STALE_SECONDS = 60.0
"""How long it may serve when it cannot be read again."""
ANEW_SECONDS = 0.1
"""How much time lies between two readings of a name for those who would be refused by what is known of it, so that
forgeries keep nobody else from reading."""
MOST_KNOWN = 1_000
_NEVER = (None, float("-inf"))

T = TypeVar("T")


class Known(Generic[T]):
    """Things by name, and names of nothing; `read` finds one, on a thread of its own, and says None where none is."""

    def __init__(self, read: Callable[[str], T | None]) -> None:
        self._read_one = read
        self._known: dict[str, tuple[T | None, float]] = {}
        self._asked: dict[str, asyncio.Task[T | None]] = {}
        self._anew: dict[str, tuple[asyncio.Task[T | None], float]] = {}
        """By name the reading that began last or is to begin, and when it does."""

    def forget(self, name: str) -> None:
        """Read it anew before it is needed next; what is being read is out of date already."""
        for known in (self._known, self._asked, self._anew):
            known.pop(name, None)

    def recall(self, name: str) -> T | None:
        """The thing as it was read lately, however long ago."""
        return self._known.get(name, _NEVER)[0]

    def at_once(self, name: str) -> T | None:
        """The thing, if it was read lately; it is read again before that is too long ago, so that nobody waits."""
        found, read_at = self._known.get(name, _NEVER)
        age = time.monotonic() - read_at
        if found is None or age >= KNOWN_SECONDS:
            return None
        if age >= KNOWN_SECONDS / 2:
            self._read(name)
        return found

    async def find(self, name: str) -> T | None:
        """The thing, read now if need be. Raises what reading raises, unless what was read not long ago may serve."""
        found, read_at = self._known.get(name, _NEVER)
        if time.monotonic() - read_at < KNOWN_SECONDS:
            return found
        try:
            return await asyncio.shield(self._read(name))
        except KutsuError:
            raise
        except Exception:
            if found is not None and time.monotonic() - read_at < STALE_SECONDS:
                return found
            raise

    async def anew(self, name: str, since: float | None = None) -> T | None:
        """The thing, read since then (of `time.monotonic`), or since now, for who would be refused by what was read
        before: all who come before a reading begins wait for that one. Raises what reading raises: nothing older may
        refuse anybody."""
        found, read_at = self._known.get(name, _NEVER)
        if since is not None and read_at >= since:
            return found
        now = time.monotonic()
        task, begins_at = self._anew.get(name, _NEVER)
        if task is None or begins_at < (now if since is None else since):
            if len(self._anew) >= MOST_KNOWN:
                self._anew.clear()
            begins_at = max(now, begins_at + ANEW_SECONDS)
            task = asyncio.ensure_future(self._read_in(name, begins_at - now))
            task.add_done_callback(_hear)
            self._anew[name] = (task, begins_at)
        return await asyncio.shield(task)

    async def _read_in(self, name: str, seconds: float) -> T | None:
        """The thing, read when so much time has gone by."""
        if seconds > 0:
            await asyncio.sleep(seconds)
        self._asked.pop(name, None)  # it may have begun before what is looked for was there
        return await self._read(name)

    def _read(self, name: str) -> asyncio.Task[T | None]:
        """Read a thing, once for all who ask while it is read."""
        task = self._asked.get(name)
        if task is None:
            task = self._asked[name] = asyncio.ensure_future(self._read_apart(name))
            task.add_done_callback(functools.partial(self._has_read, name))
        return task

    def _has_read(self, name: str, task: asyncio.Task[T | None]) -> None:
        if self._asked.get(name) is task:
            del self._asked[name]
        _hear(task)

    async def _read_apart(self, name: str) -> T | None:
        began_at = time.monotonic()
        found = await asyncio.to_thread(self._read_one, name)
        if self._asked.get(name) is asyncio.current_task():
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[name] = (found, began_at)
        return found


def _hear(task: "asyncio.Task[Any]") -> None:
    """Whoever waits for a reading is told of its failure; if nobody does, it is read again before long."""
    if not task.cancelled():
        task.exception()
