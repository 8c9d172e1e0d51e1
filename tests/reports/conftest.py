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
