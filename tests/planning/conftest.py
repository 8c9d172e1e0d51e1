"""A database with one organisation, and a session that writes for it."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from app.access.organisation import create_organisation
from app.database import Database
from tests.support.plan import NOW, OWN_HOSTS


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def organisation_named(database: Database, name: str) -> uuid.UUID:
    with database.writing() as session:
        return create_organisation(session, name, now=NOW, link_hosts=OWN_HOSTS).id


@pytest.fixture
def organisation(database: Database) -> uuid.UUID:
    return organisation_named(database, "Harbour Town")


@pytest.fixture
def session(database: Database, organisation: uuid.UUID) -> Iterator[Session]:
    with database.writing(organisation) as session:
        yield session
