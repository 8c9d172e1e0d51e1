"""One that commits for many: whatever rows wait are added in one statement, and then all who wait are told.

No timer: while one commit is on its way to the disk the next rows gather, so the slower the disk the larger the
groups. The first group is what came in one turn of the event loop, or enough of it. A row that is there already is left
alone, or added to. Whoever was told that a row is stored finds it after a crash.
"""

import asyncio
import collections
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeAlias

from app.database import Database
from app.errors import Busy
from app.group_commit.process import ProcessDesk
from app.group_commit.store import (
    LARGEST_GROUP,
    Committed,
    Group,
    Item,
    Make,
    Target,
    Tell,
    not_stored,
)  # fmt: skip
from app.group_commit.thread import ThreadDesk
from app.i18n import _

log = logging.getLogger("kutsu.writer")

MOST_WAITING = 2_000
MOST_BYTES_WAITING = 64 * 1024 * 1024
ANSWERED_SECONDS = 5.0
"""By when whoever waits has been told what became of it, or that nobody knows."""
SWEEP_SECONDS = 0.25
LONGEST_WAIT_SECONDS = ANSWERED_SECONDS - 2 * SWEEP_SECONDS
"""After how long nobody waits on: it may take a sweep until that is seen, and to be told takes time as well."""
TOLD_AT_ONCE = 32
"""Of how many of those who wait it is looked in one turn of the loop whether they have anything to store."""
RED_SECONDS = 30.0
"""How long after a failure nothing is expected to work, unless it does: then somebody has to try again."""

Told: TypeAlias = Callable[[Target, int, int], None]
"""Is told of each commit: the target, how many rows were offered, and how many of them were new."""


class _Waiting(NamedTuple):
    """A row that is to be made, who waits for it since when, and about how many bytes it holds."""

    item: Item
    future: "asyncio.Future[str]"
    size: int
    since: float


class Desk(Protocol):
    """Where groups are committed, in the order in which they were put."""

    @property
    def depth(self) -> int:
        """How many groups may be under way."""

    @property
    def enough(self) -> int:
        """How many rows need not wait for others that come in the same turn of the loop."""

    def open(self, loop: asyncio.AbstractEventLoop, tell: Tell) -> None:
        """Begin; `tell` is called on the loop with what became of groups."""

    def go_apart(self) -> None:
        """Commit in a process of its own from now on, if it has one."""

    def put(self, group: Group) -> None:
        """Let a group be committed."""

    def hurry(self) -> None:
        """The group that is under way has waited for long."""

    def close(self, put_the_rest: Callable[[], None]) -> None:
        """Commit what was put, and the rest, and end. Not called on the loop."""


class GroupWriter:
    """Takes rows on one event loop and lets them be committed on a thread of its own, or in a process of its own
    (`apart`), where it takes nothing of the interpreter's time."""

    def __init__(
        self,
        database: Database,
        *,
        on_commit: Told | None = None,
        role: str | None = None,
        apart: bool = False,
        most_waiting: int = MOST_WAITING,
        longest_wait: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        self._desk: Desk = ProcessDesk(database, role) if apart else ThreadDesk(database, role)
        self._on_commit = on_commit
        self._most_waiting, self._longest_wait = most_waiting, longest_wait
        self._gathering: collections.deque[_Waiting] = collections.deque()
        self._under_way: collections.deque[list[_Waiting]] = collections.deque()
        self._is_called = False
        self._waiting = self._bytes_waiting = 0
        self._unanswered: dict[asyncio.Future[str], _Waiting] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sweeping = self._is_slow = False
        self._failed_at: float | None = None

    @property
    def waiting(self) -> int:
        """How many rows are neither stored nor given up."""
        return self._waiting

    @property
    def is_failing(self) -> bool:
        """Whether the last commit failed, and not so long ago that it should be tried again."""
        return self._failed_at is not None and time.monotonic() - self._failed_at < RED_SECONDS

    def start(self) -> asyncio.AbstractEventLoop:
        """Begin before the first row comes."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._desk.open(self._loop, self._settle)
        return self._loop

    def go_apart(self) -> None:
        """Begin the process, if there is to be one: when nothing else is being loaded, for a thread stands in."""
        self.start()
        self._desk.go_apart()

    async def store(self, target: Target, make: Make, *given: Any, size: int = 0) -> str:
        """Come back when the row that is made, of about so many bytes, is on disk, with what its maker said. Raises
        Busy when it may not be: when too much waits already, the database refuses, or it takes too long. Whoever has
        nothing to store does not wait for a store that lets others wait, and takes no room of theirs."""
        if self._is_slow and (said := _tell_without_a_row(make, given)) is not None:
            return said
        if self._waiting >= self._most_waiting or self._bytes_waiting + size > MOST_BYTES_WAITING:
            raise Busy(_("Too much is waiting to be stored; send it again in a while."))
        loop = self._loop or self.start()
        future: asyncio.Future[str] = loop.create_future()
        self._waiting += 1
        self._bytes_waiting += size
        self._unanswered[future] = waiting = _Waiting((target, make, given), future, size, loop.time())
        self._gathering.append(waiting)
        if len(self._gathering) >= self._desk.enough:
            self._hand_over()
        elif not self._is_called and len(self._under_way) < self._desk.depth:
            self._is_called = True
            loop.call_soon(self._end_turn)
        if not self._sweeping:
            self._sweeping = True
            loop.call_later(SWEEP_SECONDS, self._sweep)
        return await future

    def close(self) -> None:
        """Commit what waits and end."""
        if self._loop is not None:
            self._desk.close(partial(self._hand_over, self._most_waiting))
            self._loop = None

    def _sweep(self) -> None:
        """Give up for those who have waited too long; what they wait for may be stored all the same."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for one in [one for one in self._unanswered.values() if one.since <= now - self._longest_wait]:
            del self._unanswered[one.future]
            if not one.future.done():
                self._failed_at = time.monotonic()
                one.future.set_exception(not_stored())
        self._sweeping = bool(self._unanswered)
        was_slow = self._is_slow
        self._is_slow = self._sweeping and now - next(iter(self._unanswered.values())).since > SWEEP_SECONDS
        if self._is_slow:
            self._desk.hurry()
        if self._is_slow and not was_slow:  # who comes later is told at once
            self._tell_without_rows(list(self._unanswered.values()))
        if self._sweeping:
            loop.call_later(SWEEP_SECONDS, self._sweep)

    def _tell_without_rows(self, waiting: Sequence[_Waiting]) -> None:
        """Tell those who have nothing to store, some at a time, so that others are answered meanwhile."""
        for one in waiting[:TOLD_AT_ONCE]:
            said = None if one.future.done() else _tell_without_a_row(*one.item[1:])
            if said is not None:
                one.future.set_result(said)
        if waiting[TOLD_AT_ONCE:]:
            asyncio.get_running_loop().call_soon(self._tell_without_rows, waiting[TOLD_AT_ONCE:])

    def _end_turn(self) -> None:
        self._is_called = False
        self._hand_over()

    def _hand_over(self, depth: int | None = None) -> None:
        """Let what has gathered be committed, as far as groups may be under way."""
        while self._gathering and len(self._under_way) < (depth or self._desk.depth):
            waiting = [self._gathering.popleft() for _item in range(min(len(self._gathering), LARGEST_GROUP))]
            self._under_way.append(waiting)
            try:
                self._desk.put([one.item for one in waiting])
            except Exception as error:  # noqa: BLE001 (whatever it was, nobody may be told that it is stored)
                log.error("A group could not be put before its writer: %s", type(error).__name__)  # noqa: TRY400
                self._end(self._under_way.pop(), None)

    def _settle(self, results: Sequence[Committed | None]) -> None:
        """Tell those who wait what became of the groups that were put first."""
        for committed in results:
            waiting = self._under_way.popleft()
            self._end(waiting, committed)
            if committed is not None and self._on_commit is not None:
                for place, offered, new in committed.counts:
                    self._on_commit(waiting[place].item[0], offered, new)
        self._hand_over()

    def _end(self, waiting: list[_Waiting], committed: Committed | None) -> None:
        self._waiting -= len(waiting)
        self._bytes_waiting -= sum(one.size for one in waiting)
        self._failed_at = time.monotonic() if committed is None else None
        all_said = [None] * len(waiting) if committed is None else committed.said
        for one, said in zip(waiting, all_said, strict=True):
            self._unanswered.pop(one.future, None)
            if one.future.done():
                continue
            if said is None:
                one.future.set_exception(not_stored())
            else:
                one.future.set_result(said)


def _tell_without_a_row(make: Make, given: tuple[Any, ...]) -> str | None:
    """What the maker says where there is nothing to store, which needs no store; None where there may be."""
    with suppress(Exception):  # it is told where rows are made
        row, said = make(*given)
        return said if row is None else None
    return None
