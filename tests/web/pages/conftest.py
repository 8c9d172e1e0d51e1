"""Two towns that pages are shown of: one with a plan and a record, one that has nothing yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.database import Database
from tests.support.databases import copy_sqlite
from tests.web.pages.shown import show_examples
from tests.web.pages.town import lay_empty, lay_town, pages_of


@pytest.fixture(scope="module")
def town(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The pages of a town with a plan and a record, and beside them a page for each example."""
    database = Database(copy_sqlite(_migrated_file, tmp_path_factory.mktemp("town") / "kutsu.db"))
    app = pages_of(database, lay_town(database))
    show_examples(app)
    yield app
    database.close()


@pytest.fixture(scope="module")
def empty_town(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The pages of a town that has nothing yet."""
    database = Database(copy_sqlite(_migrated_file, tmp_path_factory.mktemp("empty") / "kutsu.db"))
    yield pages_of(database, lay_empty(database))
    database.close()


def visitor(app: FastAPI, language: str = "en") -> TestClient:
    """Somebody at this computer who reads one language."""
    headers = {"accept": "text/html", "accept-language": language}
    return TestClient(app, "http://127.0.0.1", client=("127.0.0.1", 50000), headers=headers)


@pytest.fixture
def reader(town: FastAPI) -> TestClient:
    return visitor(town)


@pytest.fixture
def newcomer(empty_town: FastAPI) -> TestClient:
    return visitor(empty_town)
