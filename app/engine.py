"""Opens the two kinds of database that Kutsu runs on, each so that it keeps what it took and says nothing of rows."""

import functools
import json
import sqlite3
from pathlib import Path

from pydantic_core import from_json
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from app.errors import NotReady
from app.turns import Turns, turns_at

LOCK_TIMEOUT_SECONDS = 5


def open_engine(url: str) -> Engine:
    """An engine whose errors name the statement and never what was in it: errors go to logs."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(url, json_serializer=_json, json_deserializer=from_json, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", functools.partial(_begin_sqlite, turns_of(parsed)))
        event.listen(engine, "checkin", _give_turn)
        return engine
    if parsed.get_backend_name() != "postgresql":
        raise NotReady(f"The database {parsed.render_as_string()} is neither SQLite nor PostgreSQL.")
    try:
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"), json_serializer=_json, pool_pre_ping=True, hide_parameters=True
        )
    except ModuleNotFoundError as error:
        raise NotReady("PostgreSQL needs its driver: pip install 'kutsu[postgresql]'.") from error
    event.listen(engine, "handle_error", _keep_rows_out)
    return engine


def _keep_rows_out(context: ExceptionContext) -> None:
    """PostgreSQL's errors repeat the row that failed; it may hold what no log may hold."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\nDETAIL:")[0], *error.args[1:])


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # Kutsu begins its transactions itself, below
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={LOCK_TIMEOUT_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def turns_of(url: URL) -> Turns:
    """Whose turn it is to write to this SQLite file; a database in memory is its one connection's own."""
    is_file = url.database and not url.database.startswith((":", "file:"))
    return turns_at(str(Path(url.database).resolve())) if is_file and url.database else Turns()


def _begin_sqlite(turns: Turns, connection: Connection) -> None:
    """A writer takes SQLite's one write lock at its start, so it never fails halfway for want of it. A migration
    may have to make a table anew that others refer to, which SQLite lets nobody do who follows references."""
    options = connection.get_execution_options()
    if options.get("kutsu_migrates", False):
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    if not options.get("kutsu_writes", False):
        connection.exec_driver_sql("BEGIN")
        return
    if _TURN not in connection.info:
        if not turns.take(LOCK_TIMEOUT_SECONDS):
            raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked"))
        connection.info[_TURN] = turns
    connection.exec_driver_sql("BEGIN IMMEDIATE")


_TURN = "kutsu turn"


def _give_turn(_connection: sqlite3.Connection | None, record: ConnectionPoolEntry) -> None:
    """Given when the connection comes back to the pool: whatever the transaction came to, it is over then."""
    turns = record.info.pop(_TURN, None)
    if turns is not None:
        turns.give()
