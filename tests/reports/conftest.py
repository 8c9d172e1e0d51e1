"""An empty city for every test, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from app.database import Database
from tests.reports.builders import City


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def city(database: Database) -> City:
    return City(database)


@pytest.fixture
def sqlite_city(sqlite_file_url: str) -> Iterator[City]:
    """A city for what does not depend on the database."""
    opened = Database(sqlite_file_url)
    yield City(opened)
    opened.close()
