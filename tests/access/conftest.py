"""A database with two organisations, and the ways to sign in to them."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.access.organisation import create_organisation
from app.access.signing_in import Client, SignedIn, SigningIn
from app.access.token import Role
from app.database import Database
from app.intake.sealing import Sealer
from tests.support.people import EMAIL, PASSWORD, add_person
from tests.support.plan import NOW

HOME = Client("192.0.2.7", "Firefox, Linux")
ELSEWHERE = Client("198.51.100.20", "Chrome, Android")


@dataclass
class House:
    """Two organisations, the ways in, and a clock that may be moved."""

    database: Database
    ours: uuid.UUID
    theirs: uuid.UUID
    now: dt.datetime = NOW

    def __post_init__(self) -> None:
        self.ways = SigningIn(self.database, b"a" * 32, Sealer([b"s" * 32]))

    def add(
        self, email: str = EMAIL, role: Role = Role.VIEWER, *, at: uuid.UUID | None = None, password: str | None = None
    ) -> uuid.UUID:
        return add_person(self.database, at or self.ours, email, role, password)

    def sign_in(self, password: str = PASSWORD, client: Client = HOME, email: str = EMAIL) -> SignedIn:
        return self.ways.by_password(email, password, client, now=self.now)

    def later(self, **time: float) -> None:
        self.now += dt.timedelta(**time)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    database = Database(database_url)
    with database.writing() as session:
        ours, theirs = (create_organisation(session, name, now=NOW).id for name in ("Harbour Town", "Inland"))
    yield House(database, ours, theirs)
    database.close()
