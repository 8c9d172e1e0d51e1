"""Rows on disk, as many as there are in one statement: what commits for all who wait, in whichever process it runs."""

import collections
import functools
import itertools
import logging
import sqlite3
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, cast

from sqlalchemy import Dialect, Table

from app.database import Base, Database, chunks
from app.engine import turns_of
from app.errors import Busy
from app.i18n import _
from app.turns import Turns

log = logging.getLogger("kutsu.writer")

LARGEST_GROUP = 256
LENGTHS: Sequence[int] = (1, 2, 4, 8, 16, 24, 32, 48, *range(64, LARGEST_GROUP + 1, 16))
"""How many rows a statement may have where each length is prepared apart."""
STORE_WAIT_SECONDS = 4.0
"""How long the database may make a commit wait: less than anybody waits for its end."""
CHECKPOINT_AFTER_ROWS = 20_000
ASK_AGAIN_MS = 10
"""How long SQLite itself waits for its lock before it is asked anew: it would look ever more seldom, and miss most of
the moments at which another process that writes again and again lets go of it."""
CACHE_KIB = 10 * 1024
"""How much of a SQLite file is kept at hand: so much of the inbox's keys that a flood is not slowed by reading them."""
QUIET_SECONDS = 0.05
"""How long nothing has to come until nobody is taken to wait."""

Row: TypeAlias = tuple[Any, ...]
"""The values of one row, in the order of its table's columns."""
Statement: TypeAlias = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a row goes, and for whom it is counted; `adds` names the column of a count that is added to the row which
    is there already."""

    kind: type[Base]
    of: Hashable = None
    adds: str | None = None

    @property
    def table(self) -> Table:
        """The table of its rows."""
        return cast(Table, self.kind.__table__)


Make: TypeAlias = Callable[..., tuple[Row | None, str]]
"""Makes a row when its group is about to be committed, and says what whoever waits for it is told; no row where there
is nothing to store. Many made one after the other take a third of the time that each takes between all that a door
does. A function of a module, for it may be called in another process."""
Item: TypeAlias = tuple[Target, Make, tuple[Any, ...]]
Group: TypeAlias = list[Item]
"""What is committed together or not at all."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of a group: for each item what its maker said, None where it could make nothing of it; and for
    targets (by the place of an item) how many rows were offered and how many of them were new, with those of later
    groups that were committed together with it."""

    said: list[str | None]
    counts: list[tuple[int, int, int]]


Tell: TypeAlias = Callable[[Sequence[Committed | None]], None]
"""Is told what became of the groups that were put first; None where nothing may be taken as stored."""


class Store(Protocol):
    """A connection of the writer's own."""

    def run(self, statements: Sequence[Statement]) -> list[int]:
        """Commit all of them, in one transaction; how many rows each changed."""

    def rest(self) -> None:
        """Do what can wait until nobody does."""

    def close(self) -> None: ...


class Committer:
    """Commits groups over one connection, which is opened when it is first needed and anew after a failure."""

    def __init__(self, database: Database, role: str | None) -> None:
        self._dialect = database.engine.dialect
        self._open_store = functools.partial(_open_store, database, role)
        self._store: Store | None = None
        self._unchecked = 0

    def commit(self, groups: Sequence[Group]) -> list[Committed | None]:
        """Commit all that came as one, and say what became of each group."""
        try:
            made = _Made(groups, self._dialect)
            changed = self._run(made.statements)
        except Exception as error:  # noqa: BLE001 (whatever it was, nobody may be told that it is stored)
            # Of the error no more than its name: its text may hold what was to be stored.
            log.error("A commit failed: %s", type(error).__name__)  # noqa: TRY400
            self.close()
            return [None] * len(groups)
        self._unchecked += sum(map(len, groups))
        if self._unchecked > CHECKPOINT_AFTER_ROWS:
            self.rest()
        return made.count(changed)

    def _run(self, statements: list[Statement]) -> list[int]:
        if not statements:
            return []
        self._store = self._store or self._open_store()
        return self._store.run(statements)

    @property
    def has_to_rest(self) -> bool:
        """Whether there is something to do that can wait until nobody does."""
        return self._store is not None and self._unchecked > LARGEST_GROUP

    def rest(self) -> None:
        """Do what can wait."""
        if self._store is not None:
            with suppress(Exception):
                self._store.rest()
        self._unchecked = 0

    def close(self) -> None:
        """Close the connection."""
        store, self._store = self._store, None
        if store is not None:
            with suppress(Exception):
                store.close()


@dataclass(slots=True)
class _Offered:
    """The rows of one target, from all groups that are committed together; counted with the first that has one."""

    group: int
    place: int
    rows: list[Row] = field(default_factory=list)

    def statements(self, target: Target, dialect: Dialect) -> Iterator[Statement]:
        for rows in chunks(self.rows, LARGEST_GROUP):
            yield make_statement(target, list(rows), dialect)


class _Made:
    """Groups whose rows are made: as few statements as there can be, for each costs a way to the database."""

    def __init__(self, groups: Sequence[Group], dialect: Dialect) -> None:
        self._offered: dict[Target, _Offered] = {}
        self._said = [[self._make(number, *one) for one in enumerate(group)] for number, group in enumerate(groups)]
        self._statements = [list(one.statements(target, dialect)) for target, one in self._offered.items()]
        self.statements = list(itertools.chain.from_iterable(self._statements))

    def _make(self, group: int, place: int, item: Item) -> str | None:
        target, make, given = item
        try:
            row, said = make(*given)
        except Exception as error:  # noqa: BLE001 (what can be made of the others is stored)
            log.error("A row could not be made: %s", type(error).__name__)  # noqa: TRY400
            return None
        if row is not None:
            self._offered.setdefault(target, _Offered(group, place)).rows.append(row)
        return said

    def count(self, changed: Sequence[int]) -> list[Committed | None]:
        """What became of each group, by how many rows each statement changed."""
        some = iter(changed)
        counts: list[list[tuple[int, int, int]]] = [[] for _group in self._said]
        for one, statements in zip(self._offered.values(), self._statements, strict=True):
            new = sum(itertools.islice(some, len(statements)))
            counts[one.group].append((one.place, len(one.rows), new))
        return [Committed(*one) for one in zip(self._said, counts, strict=True)]


def make_statement(target: Target, rows: list[Row], dialect: Dialect) -> Statement:
    """The one statement that adds all of these rows."""
    added = _add_up(target, rows)
    if dialect.name == "sqlite":
        added = added if target.adds else _fill_up(added)
    fitted = _fit(target.table, dialect, added)
    if dialect.name == "sqlite":
        values = [*fitted.alike, *itertools.chain.from_iterable(zip(*fitted.columns, strict=True))]
        count = len(added) if fitted.columns else 1
        return _values_statement(target.table, target.adds, fitted.is_alike, count), values
    return _unnest_statement(target.table, target.adds, dialect, fitted.is_alike), [*fitted.alike, *fitted.columns]


def _open_store(database: Database, role: str | None) -> Store:
    """A connection to commit over; on PostgreSQL it takes the role, where there is such a one."""
    pooled = database.engine.raw_connection()
    connection = pooled.driver_connection
    pooled.detach()
    if database.is_sqlite:
        return _SqliteStore(connection, turns_of(database.url))
    return _PostgresStore(connection, role)


class _SqliteStore:
    """Each call of the driver is one chance for other threads to take over: so a single statement commits by itself."""

    def __init__(self, connection: Any, turns: Turns) -> None:
        self._connection, self._turns = connection, turns
        for pragma in (f"busy_timeout={ASK_AGAIN_MS}", "wal_autocheckpoint=0", f"cache_size=-{CACHE_KIB}"):
            connection.execute(f"PRAGMA {pragma}")

    def run(self, statements: Sequence[Statement]) -> list[int]:
        over = time.monotonic() + STORE_WAIT_SECONDS
        if not self._turns.take(STORE_WAIT_SECONDS, first=True):
            raise not_stored()
        try:
            while True:
                try:
                    return self._run(statements)
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > over:
                        raise
        finally:
            self._turns.give()

    def _run(self, statements: Sequence[Statement]) -> list[int]:
        execute = self._connection.execute
        if len(statements) == 1:
            return [execute(*statements[0]).rowcount]
        execute("BEGIN IMMEDIATE")
        try:
            changed = [execute(sql, values).rowcount for sql, values in statements]
            execute("COMMIT")
        except Exception:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            raise
        return changed

    def rest(self) -> None:
        """Move the log into the file, now that nobody waits."""
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        self._connection.close()


class _PostgresStore:
    """Rows go column by column, so that a statement is the same whatever their number and is prepared once."""

    def __init__(self, connection: Any, role: str | None) -> None:
        self._connection = connection
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

    def run(self, statements: Sequence[Statement]) -> list[int]:
        if len(statements) == 1:
            return [self._run(*statements[0])]
        with self._connection.transaction():
            return [self._run(*statement) for statement in statements]

    def _run(self, sql: str, values: list[Any]) -> int:
        changed: int = self._connection.execute(sql, values, prepare=True).rowcount
        return changed

    def rest(self) -> None:
        """PostgreSQL does that by itself."""

    def close(self) -> None:
        self._connection.close()


def not_stored() -> Busy:
    """What whoever waits in vain is told."""
    return Busy(_("It could not be stored at the moment; send it again in a while."))


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


def _fill_up(rows: list[Row]) -> list[Row]:
    """Rows with the last of them again and again, up to one of a few lengths: SQLite prepares a statement for each
    length and keeps it, which takes as long as to add the rows, and 100 kB. A row that is there is left alone."""
    return rows + rows[-1:] * (next(length for length in LENGTHS if length >= len(rows)) - len(rows))


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
