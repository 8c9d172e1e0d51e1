"""One thread that commits for many: whatever rows wait are added in one statement, and then all who wait are told.

No timer: while one commit is on its way to the disk the next rows gather, so the slower the disk the larger the
groups. The first group is what came in one turn of the event loop: were each row handed over by itself, the thread
would wrest the interpreter from the loop for the first of them. A row that is there already is left alone, or
added to. Whoever was told that a row is stored finds it after a crash.
"""

import asyncio
import collections
import functools
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Dialect, Table

from app.database import Database
from app.engine import turns_of
from app.errors import Busy
from app.i18n import _
from app.turns import Turns

log = logging.getLogger("kutsu.writer")

MOST_WAITING = 2_000
LARGEST_GROUP = 256
LONGEST_WAIT_SECONDS = 5.0
STORE_WAIT_SECONDS = 4.0
"""How long the database may make a commit wait: less than anybody waits for its end."""
SWEEP_SECONDS = 0.25
RED_SECONDS = 30.0
"""How long after a failure nothing is expected to work, unless it does: then somebody has to try again."""
CHECKPOINT_AFTER_ROWS = 20_000

Row: TypeAlias = tuple[Any, ...]
"""The values of one row, in the order of its table's columns."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a row goes, and for whom it is counted; `adds` names the column of a count that is added to the row which
    is there already."""

    table: Table
    of: Hashable = None
    adds: str | None = None


MakeRow: TypeAlias = Callable[[], Row]
"""Makes a row when its group is about to be committed: many one after the other take a third of the time that each
takes between all that a door does."""
Told: TypeAlias = Callable[[Target, int, int], None]
"""Is told of each commit: the target, how many rows were offered, and how many of them were new."""
_Item: TypeAlias = tuple[Target, MakeRow, "asyncio.Future[None]"]


class _Store(Protocol):
    """A connection of the writer's own."""

    def add(self, groups: Sequence[tuple[Target, list[Row]]]) -> list[int]: ...
    def rest(self) -> None: ...
    def close(self) -> None: ...


class GroupWriter:
    """Takes rows on one event loop and commits them on a thread of its own, which starts with the first row."""

    def __init__(
        self,
        database: Database,
        *,
        on_commit: Told | None = None,
        role: str | None = None,
        most_waiting: int = MOST_WAITING,
        longest_wait: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        self._open_store = functools.partial(_open_store, database, role)
        self._on_commit = on_commit
        self._most_waiting, self._longest_wait = most_waiting, longest_wait
        self._gathering: collections.deque[_Item] = collections.deque()
        self._groups: queue.SimpleQueue[list[_Item] | None] = queue.SimpleQueue()
        self._is_committing = False
        self._waiting = 0
        self._futures: dict[asyncio.Future[None], float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._sweeping = False
        self._failed_at: float | None = None

    @property
    def waiting(self) -> int:
        """How many rows are neither stored nor given up."""
        return self._waiting

    @property
    def is_failing(self) -> bool:
        """Whether the last commit failed, and not so long ago that it should be tried again."""
        return self._failed_at is not None and time.monotonic() - self._failed_at < RED_SECONDS

    async def store(self, target: Target, make_row: MakeRow) -> None:
        """Come back when the row is on disk. Raises Busy when it may not be: when too many wait already, the
        database refuses, or it takes too long."""
        if self._waiting >= self._most_waiting:
            raise Busy(_("Too much is waiting to be stored; send it again in a while."))
        loop = self._loop or self._start()
        future = loop.create_future()
        self._waiting += 1
        self._futures[future] = loop.time()
        self._gathering.append((target, make_row, future))
        if not self._is_committing:
            self._is_committing = True
            loop.call_soon(self._hand_over)
        if not self._sweeping:
            self._sweeping = True
            loop.call_later(SWEEP_SECONDS, self._sweep)
        await future

    def close(self) -> None:
        """Commit what waits and end the thread."""
        if self._thread is not None:
            self._groups.put(self._take(self._most_waiting))
            self._groups.put(None)
            self._thread.join()
            self._thread = self._loop = None

    def _start(self) -> asyncio.AbstractEventLoop:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="group writer", daemon=True)
        self._thread.start()
        return self._loop

    def _sweep(self) -> None:
        """Give up for those who have waited too long; what they wait for may be stored all the same."""
        loop = asyncio.get_running_loop()
        born_before = loop.time() - self._longest_wait
        for future in [one for one, born in self._futures.items() if born <= born_before]:
            del self._futures[future]
            if not future.done():
                self._failed_at = time.monotonic()
                future.set_exception(_not_stored())
        self._sweeping = bool(self._futures)
        if self._sweeping:
            loop.call_later(SWEEP_SECONDS, self._sweep)

    def _hand_over(self) -> None:
        """Let the thread commit what has gathered, if anything has."""
        group = self._take(LARGEST_GROUP)
        self._is_committing = bool(group)
        if group:
            self._groups.put(group)

    def _take(self, most: int) -> list[_Item]:
        """The first of what has gathered; the loop and the thread may both take, each row once."""
        taken: list[_Item] = []
        with suppress(IndexError):
            while len(taken) < most:
                taken.append(self._gathering.popleft())
        return taken

    def _run(self) -> None:
        store: _Store | None = None
        unchecked = 0
        while (items := self._groups.get()) is not None:
            try:
                store = store or self._open_store()
                self._commit(store, items)
            except Exception as error:  # noqa: BLE001 (whatever it was, nobody may be told that it is stored)
                # Of the error no more than its name: its text may hold what was to be stored.
                log.error("A commit failed: %s", type(error).__name__)  # noqa: TRY400
                self._tell([*items, *self._take(self._most_waiting)], failed=True)
                _close(store)
                store = None
            else:
                self._tell(items, failed=False)
                unchecked += len(items)
                if not self._gathering or unchecked > CHECKPOINT_AFTER_ROWS:
                    unchecked = self._rest(store, unchecked)
        _close(store)

    def _rest(self, store: _Store, unchecked: int) -> int:
        if unchecked < LARGEST_GROUP:
            return unchecked
        with suppress(Exception):
            store.rest()
        return 0

    def _commit(self, store: _Store, items: Sequence[_Item]) -> None:
        groups: dict[Target, list[Row]] = {}
        for target, make_row, _future in items:
            groups.setdefault(target, []).append(make_row())
        new = store.add([(target, _add_up(target, rows)) for target, rows in groups.items()])
        if self._on_commit is not None:
            for (target, rows), count in zip(groups.items(), new, strict=True):
                self._on_commit(target, len(rows), count)

    def _tell(self, items: Sequence[_Item], *, failed: bool) -> None:
        loop = self._loop
        with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            if loop is not None:
                loop.call_soon_threadsafe(self._settle, items, failed)

    def _settle(self, items: Sequence[_Item], failed: bool) -> None:
        self._waiting -= len(items)
        self._failed_at = time.monotonic() if failed else None
        for _target, _make_row, future in items:
            self._futures.pop(future, None)
            if future.done():
                continue
            if failed:
                future.set_exception(_not_stored())
            else:
                future.set_result(None)
        self._hand_over()


def _not_stored() -> Busy:
    return Busy(_("It could not be stored at the moment; send it again in a while."))


def _close(store: _Store | None) -> None:
    if store is not None:
        with suppress(Exception):
            store.close()


def _open_store(database: Database, role: str | None) -> _Store:
    pooled = database.engine.raw_connection()
    connection = pooled.driver_connection
    pooled.detach()
    if database.is_sqlite:
        return _SqliteStore(connection, database.engine.dialect, turns_of(database.url))
    return _PostgresStore(connection, database.engine.dialect, role)


class _SqliteStore:
    """Each group is one statement, and each call of the driver is one chance for other threads to take over: so a
    single statement commits by itself."""

    def __init__(self, connection: Any, dialect: Dialect, turns: Turns) -> None:
        self._connection, self._dialect, self._turns = connection, dialect, turns
        for pragma in (f"busy_timeout={int(STORE_WAIT_SECONDS * 1000)}", "wal_autocheckpoint=0", "cache_size=-16384"):
            connection.execute(f"PRAGMA {pragma}")

    def add(self, groups: Sequence[tuple[Target, list[Row]]]) -> list[int]:
        if not self._turns.take(STORE_WAIT_SECONDS):
            raise _not_stored()
        try:
            return self._add(groups)
        finally:
            self._turns.give()

    def _add(self, groups: Sequence[tuple[Target, list[Row]]]) -> list[int]:
        execute = self._connection.execute
        if len(groups) == 1:
            return [self._insert(*groups[0])]
        execute("BEGIN IMMEDIATE")
        try:
            new = [self._insert(target, rows) for target, rows in groups]
            execute("COMMIT")
        except Exception:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            raise
        return new

    def _insert(self, target: Target, rows: list[Row]) -> int:
        fitted = _fit(target.table, self._dialect, rows)
        values = [*fitted.alike, *itertools.chain.from_iterable(zip(*fitted.columns, strict=True))]
        statement = _values_statement(target.table, target.adds, fitted.is_alike, len(rows) if fitted.columns else 1)
        count: int = self._connection.execute(statement, values).rowcount
        return count

    def rest(self) -> None:
        """Move the log into the file, now that nobody waits."""
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        self._connection.close()


class _PostgresStore:
    """Rows go column by column, so that a statement is the same whatever their number and is prepared once."""

    def __init__(self, connection: Any, dialect: Dialect, role: str | None) -> None:
        self._connection, self._dialect = connection, dialect
        connection.rollback()
        connection.autocommit = True
        settings = {
            "statement_timeout": f"{int(STORE_WAIT_SECONDS * 1000)}",
            "synchronous_commit": "on",
            "kutsu.operator": "on",
        }
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", [name, value])
        if role is not None:
            self._take_role(role)

    def _take_role(self, role: str) -> None:
        """Have no rights but the door's, where the database knows the role and lets us take it."""
        import psycopg

        with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue):
            self._connection.execute("SELECT set_config('role', %s, false)", [role])

    def add(self, groups: Sequence[tuple[Target, list[Row]]]) -> list[int]:
        if len(groups) == 1:
            return [self._insert(*groups[0])]
        with self._connection.transaction():
            return [self._insert(target, rows) for target, rows in groups]

    def _insert(self, target: Target, rows: list[Row]) -> int:
        fitted = _fit(target.table, self._dialect, rows)
        statement = _unnest_statement(target.table, target.adds, self._dialect, fitted.is_alike)
        count: int = self._connection.execute(statement, [*fitted.alike, *fitted.columns], prepare=True).rowcount
        return count

    def rest(self) -> None:
        """PostgreSQL does that by itself."""

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Rows as the driver takes them: what all of them say alike once, all else column by column."""

    is_alike: tuple[bool, ...]
    alike: list[Any]
    columns: list[list[Any]]


def _add_up(target: Target, rows: list[Row]) -> list[Row]:
    """The rows as they are, or one for each key with the sum of what is to be added: a statement may change a row
    but once."""
    if target.adds is None:
        return rows
    place = target.table.columns.keys().index(target.adds)
    sums: collections.Counter[Row] = collections.Counter()
    for row in rows:
        sums[row[:place] + row[place + 1 :]] += row[place]
    return [(*key[:place], count, *key[place:]) for key, count in sums.items()]


def _fit(table: Table, dialect: Dialect, rows: list[Row]) -> _Fitted:
    alike, columns, is_alike = [], [], []
    for values, process in zip(zip(*rows, strict=True), _processors(table, dialect), strict=True):
        first = values[0]
        same = values.count(first) == len(values)
        is_alike.append(same)
        if same:
            alike.append(first if process is None else process(first))
        else:
            columns.append(list(values) if process is None else [process(value) for value in values])
    return _Fitted(tuple(is_alike), alike, columns)


@functools.lru_cache(maxsize=64)
def _processors(table: Table, dialect: Dialect) -> list[Any]:
    return [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns]


@functools.lru_cache(maxsize=1024)
def _values_statement(table: Table, adds: str | None, is_alike: tuple[bool, ...], count: int) -> str:
    once = itertools.count(1)
    places = [next(once) if same else None for same in is_alike]
    each = itertools.count(next(once))
    rows = (f"({', '.join(f'?{place or next(each)}' for place in places)})" for _row in range(count))
    return f"{_into(table)} VALUES {', '.join(rows)} {_where_there_is_one(table, adds)}"


@functools.lru_cache(maxsize=64)
def _unnest_statement(table: Table, adds: str | None, dialect: Dialect, is_alike: tuple[bool, ...]) -> str:
    kinds = [column.type.compile(dialect=dialect) for column in table.columns]
    names = [f"one_{place}" for place in range(len(kinds))]
    once = ", ".join(f"%s::{kind} AS {name}" for kind, name, same in zip(kinds, names, is_alike, strict=True) if same)
    arrays = ", ".join(f"%s::{kind}[]" for kind, same in zip(kinds, is_alike, strict=True) if not same)
    each = ", ".join(name for name, same in zip(names, is_alike, strict=True) if not same)
    sources = [f"(SELECT {once}) AS once"] if once else []
    sources += [f"unnest({arrays}) AS each ({each})"] if arrays else []
    end = _where_there_is_one(table, adds)
    return f"{_into(table)} SELECT {', '.join(names)} FROM {', '.join(sources)} {end}"  # noqa: S608 (names of ours)


def _into(table: Table) -> str:
    return f'INSERT INTO "{table.name}" ({", ".join(column.name for column in table.columns)})'


def _where_there_is_one(table: Table, adds: str | None) -> str:
    if adds is None:
        return "ON CONFLICT DO NOTHING"
    key = ", ".join(column.name for column in table.primary_key.columns)
    return f'ON CONFLICT ({key}) DO UPDATE SET {adds} = "{table.name}".{adds} + excluded.{adds}'
