"""Fixtures for pulling: a served town, and an account that pulls from it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.database import Database
from app.demo.ats import serving
from app.demo.faults import Faults
from app.demo.stand_in import RateLimit
from tests.intake.hooking import Inbox
from tests.intake.projecting import copy_inbox
from tests.intake.town import Account, Town, open_account_at
from tests.support.databases import copy_sqlite


@pytest.fixture
def town() -> Town:
    """A town where nobody has applied yet."""
    return Town()


@pytest.fixture
def faults() -> Faults:
    """The switches of the served town."""
    return Faults()


@pytest.fixture
def base_url(town: Town, faults: Faults) -> Iterator[str]:
    """The address at which the town is served."""
    with serving(lambda: town.world, faults, rate=RateLimit(requests=10_000), clock=lambda: town.now) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database, once on SQLite and once on PostgreSQL."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def copy(_migrated_file: Path, tmp_path: Path) -> Callable[[Inbox], Inbox]:
    """Makes a copy of an inbox in a file of its own."""
    return lambda inbox: copy_inbox(inbox, copy_sqlite(_migrated_file, tmp_path / f"{inbox.organisation_id}.db"))


@pytest.fixture
def lite(sqlite_file_url: str) -> Iterator[Database]:
    """A fresh database on SQLite, for rules that have nothing to do with the store."""
    database = Database(sqlite_file_url)
    yield database
    database.close()


@pytest.fixture
def account(lite: Database, base_url: str) -> Account:
    """An account on SQLite that pulls from the town."""
    return open_account_at(lite, base_url)
