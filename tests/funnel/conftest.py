"""A world of facts, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from app.database import Database
from tests.funnel.world import World


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An organisation without any fact, on either database."""
    database = Database(database_url)
    yield World(database)
    database.close()


@pytest.fixture
def sqlite_world(sqlite_file_url: str) -> Iterator[World]:
    """An organisation without any fact, on SQLite alone."""
    database = Database(sqlite_file_url)
    yield World(database)
    database.close()


@pytest.fixture
def postgresql_world(postgresql_url: str) -> Iterator[World]:
    """An organisation without any fact, on PostgreSQL alone."""
    database = Database(postgresql_url)
    yield World(database)
    database.close()
