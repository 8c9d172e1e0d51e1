"""A process that is killed in the middle of a migration leaves the schema as it was, and every row; the next
`kutsu migrate` completes it."""

import hashlib
import multiprocessing
import os
import signal
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, Table, event, insert, select

from app.database import Database
from app.errors import NotReady
from app.migration import migrate, migrate_down, require_current
from app.sight import Sight
from tests.support.proofs import Proof

AT_ONCE = 10_000
MANY = 200_000
"""How many facts and as many applications there are."""
OLD = "audit"
"""The schema that is migrated from: the steps after it make tables with many rows anew."""
OPERATOR = Sight(own=(), within=(), above=())
ORGANISATION = {
    "parent_id": None, "name": "City", "locale": "en", "time_zone": "UTC", "tracking_mode": "off",
    "retention_days": 1, "data_version": 1, "created_at": 0,
}  # fmt: skip
FACT = {
    "kind": "snapshot", "system": "s", "person": None, "job": None, "voids": None, "stage_ref": None,
    "stage_name": None, "sequence": 0, "time_quality": 0, "origin": 1, "payload": {"a": "ä"},
}  # fmt: skip
APPLICATION = {
    "system": "s", "person_id": None, "job_id": None, "time_quality": 0, "code": None, "label": None, "host": None,
    "utm": None, "specialty": None, "unit": None, "furthest": 0, "current": 0, "outcome": None, "unmapped": 0,
    "origin": 1,
}  # fmt: skip


class Filled:
    """A database in the old schema, with rows; `seen` is what they are, and `stamped` the mark of it all."""

    def __init__(self, url: str, rows: int) -> None:
        self.url = url
        migrate(url, OLD)
        self.database = Database(url)
        names = ("organisation", "fact", "application")
        self.tables = [Table(name, MetaData(), autoload_with=self.database.engine) for name in names]
        organisation = uuid.UUID(int=1)
        owner = {"organisation_id": organisation.hex if self.database.is_sqlite else organisation}
        keys = [n.to_bytes(16, "big") for n in range(rows)]
        facts = [
            FACT | owner | {"key": key, "digest": key, "application": key, "occurred_at": n, "observed_at": n}
            for n, key in enumerate(keys)
        ]
        applications = [
            APPLICATION | owner | {"id": key, "applied_at": n, "observed_at": n} for n, key in enumerate(keys)
        ]
        some: Sequence[list[dict[str, Any]]] = (
            [ORGANISATION | {"id": owner["organisation_id"]}], facts, applications,
        )  # fmt: skip
        with self.database.engine.execution_options(kutsu_writes=True).begin() as connection:
            for table, values in zip(self.tables, some, strict=True):
                connection.execute(insert(table), values)
        self.seen, self.stamped = self.look(), self.stamp()

    def look(self) -> list[str]:
        """Every row of the tables, in the columns of the old schema."""
        found = []
        with self.database.engine.connect() as connection:
            OPERATOR.tell(connection)
            for table in self.tables:
                cursor, digest = connection.connection.cursor(), hashlib.sha256()
                cursor.execute(str(select(table).order_by(*table.primary_key.columns)))
                while rows := cursor.fetchmany(AT_ONCE):
                    digest.update(repr(rows).encode())
                found.append(digest.hexdigest())
        return found

    def stamp(self) -> Any:
        """What is another as soon as anything is: to look at all rows takes seconds, and this is done after every
        kill. Of SQLite the bytes of its file, which holds all that was committed once the last who used it is gone; of
        PostgreSQL how many rows each table has, and the sum of their hashes."""
        if self.database.is_sqlite:
            self.database.close()
            file = Path(self.database.url.database or "")
            assert not file.with_name(f"{file.name}-wal").exists()
            with file.open("rb") as bytes_of_it:
                return hashlib.file_digest(bytes_of_it, "sha256").hexdigest()
        with self.database.engine.connect() as connection:
            OPERATOR.tell(connection)
            of_each = "SELECT count(*), sum(hashtextextended(one::text, 0)) FROM {} AS one"
            return [connection.exec_driver_sql(of_each.format(table.name)).one() for table in self.tables]

    def die_at(self, number: int) -> bool:
        """Migrate in a process that is killed before its statement of this number, or before its commit; whether
        it got as far as that."""
        self.database.close()
        process = multiprocessing.get_context("fork").Process(target=_migrate_and_die, args=(self.url, number))
        process.start()
        process.join()
        return process.exitcode == -signal.SIGKILL

    def is_as_before(self) -> bool:
        """Whether all rows are there, in a schema that is wholly the old one, and is refused with the remedy."""
        self.require_remedy()
        return bool(self.stamp() == self.stamped)

    def require_remedy(self) -> None:
        """The schema is refused, with what is to be done."""
        with pytest.raises(NotReady, match="run `kutsu migrate`"):
            require_current(self.database)

    def complete(self) -> None:
        """The next `kutsu migrate` ends what was broken off, and back again it gives the same rows."""
        migrate(self.url)
        require_current(self.database)
        assert self.look() == self.seen
        migrate_down(self.url, OLD)
        self.require_remedy()
        assert self.look() == self.seen


def _migrate_and_die(url: str, number: int) -> None:
    count = 0

    def before(*_said: Any, **_more: Any) -> None:
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "commit", before)
    migrate(url)


def kill_everywhere(filled: Filled) -> tuple[int, int]:
    """Kill at each statement in turn; returns how many kills there were, and after how many all was as before."""
    kills = whole = 0
    while filled.die_at(1 + kills):
        kills += 1
        whole += filled.is_as_before()
    return kills, whole


def test_a_migration_that_is_killed_leaves_all_as_it_was_and_the_next_completes_it(empty_database_url: str) -> None:
    filled = Filled(empty_database_url, rows=50)
    for number in (7, 25):
        assert filled.die_at(number)
        assert filled.is_as_before()
    filled.complete()
    filled.database.close()


@pytest.mark.prove
def test_a_migration_killed_at_any_statement_loses_nothing(empty_database_url: str, proof: Proof) -> None:
    filled = Filled(empty_database_url, MANY)
    kind = "SQLite" if filled.database.is_sqlite else "PostgreSQL"
    kills, whole = kill_everywhere(filled)
    require_current(filled.database)  # the last, for which there was no such statement, ran to its end
    assert filled.look() == filled.seen
    filled.database.close()
    proof(
        f"kill -9 in a migration of {MANY:,} facts and as many applications, at each of its statements, on {kind}: "
        "all as it was", "all", f"{whole} of {kills}",
    )  # fmt: skip
    assert whole == kills > 300
