"""Two towns that pages are shown of: one with a plan and a record, one that has nothing yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.database import Database
from tests.support.client import TestClient
from tests.support.databases import copy_sqlite
from tests.support.people import browser_of
from tests.web.pages.shown import show_examples
from tests.web.pages.town import lay_empty, lay_town, pages_of


@pytest.fixture(scope="module")
def town(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The pages of a town with a plan and a record, and beside them a page for each example."""
    database = Database(copy_sqlite(_migrated_file, tmp_path_factory.mktemp("town") / "kutsu.db"))
    lay_town(database)
    app = pages_of(database)
    show_examples(app)
    yield app
    database.close()


@pytest.fixture(scope="module")
def empty_town(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The pages of a town that has nothing yet."""
    database = Database(copy_sqlite(_migrated_file, tmp_path_factory.mktemp("empty") / "kutsu.db"))
    lay_empty(database)
    yield pages_of(database)
    database.close()


@pytest.fixture
def site(_migrated_file: Path, tmp_path: Path) -> Iterator[FastAPI]:
    """A town that has nothing yet, of the test's own to write in."""
    database = Database(copy_sqlite(_migrated_file, tmp_path / "kutsu.db"))
    organisation = lay_empty(database)
    app = pages_of(database)
    app.state.organisation = organisation
    yield app
    database.close()


def visitor(app: FastAPI, language: str = "en") -> TestClient:
    """Somebody who is signed in and reads one language."""
    return browser_of(app, language=language)


@pytest.fixture
def reader(town: FastAPI) -> TestClient:
    return visitor(town)


@pytest.fixture
def newcomer(empty_town: FastAPI) -> TestClient:
    return visitor(empty_town)


@pytest.fixture
def bare(_migrated_file: Path, tmp_path: Path) -> Iterator[FastAPI]:
    """An employer that has nothing yet."""
    database = Database(copy_sqlite(_migrated_file, tmp_path / "kutsu.db"))
    app = pages_of(database)
    app.state.organisation = lay_empty(database)
    yield app
    database.close()


@pytest.fixture
def bare_planner(bare: FastAPI) -> TestClient:
    """Somebody who plans for it."""
    return visitor(bare)
