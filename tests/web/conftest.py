"""The application on a database with two organisations, and clients that come in with a token."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.access.organisation import create_organisation
from app.access.token import Role, create_token
from app.database import Database
from app.files.store import FileStore
from app.planning.row import PlanRow
from app.web.application import create_app
from tests.intake.hooking import Sender, open_sender
from tests.support.accounts import nowhere
from tests.support.client import TestClient
from tests.support.plan import NOW, OWN_HOSTS

KEY = b"k" * 32


@dataclass
class Door:
    """The application with its database; `clock` may be moved."""

    database: Database
    ours: uuid.UUID
    theirs: uuid.UUID
    clock: dt.datetime = NOW
    files: FileStore | None = None

    def __post_init__(self) -> None:
        self.app = create_app(self.database, KEY, clock=lambda: self.clock, client_for=nowhere, files=self.files)

    def token(
        self,
        role: Role,
        organisation: uuid.UUID | None = None,
        expires_at: dt.datetime | None = None,
        sees_small_counts: bool = True,
    ) -> str:
        with self.database.writing(organisation or self.ours) as session:
            return create_token(
                session, "tests", role, now=NOW, expires_at=expires_at, sees_small_counts=sees_small_counts
            )

    def client(self, role: Role = Role.MARKETER, organisation: uuid.UUID | None = None) -> TestClient:
        headers = {"Authorization": f"Bearer {self.token(role, organisation)}"}
        return TestClient(self.app, headers=headers)

    def stranger(self) -> TestClient:
        return TestClient(self.app)

    def make(self, build: Callable[[Session], PlanRow], organisation: uuid.UUID | None = None) -> str:
        """Store a row by a builder and give its id."""
        with self.database.writing(organisation or self.ours) as session:
            return str(build(session).id)


def send_applicants(door: Door, brought: Mapping[str, tuple[int, int]]) -> None:
    """By tracking code: so many apply, and of these so many come to an interview a month later."""
    sent = []
    for code, (applied, reached) in brought.items():
        for number in range(applied):
            key = f"{code}-{number}"
            sent.append({"id": f"a{key}", "kind": "application", "at": "2025-09-05T09:00:00Z", "person": f"p{key}",
                         "application": f"x{key}", "source": {"tracking_code": code}})  # fmt: skip
            if number < reached:
                sent.append({"id": f"s{key}", "kind": "stage_change", "at": "2025-10-05T09:00:00Z",
                             "application": f"x{key}", "stage": "interview"})  # fmt: skip
    assert door.client(Role.SERVICE).post("/api/v1/observations", json=sent).json()["accepted"] == len(sent)


@pytest.fixture
def door(database_url: str, tmp_path: Path) -> Iterator[Door]:
    database = Database(database_url)
    with database.writing() as session:
        ours, theirs = (
            create_organisation(session, name, now=NOW, link_hosts=OWN_HOSTS).id for name in ("Harbour Town", "Inland")
        )
    yield Door(database, ours, theirs, files=FileStore(tmp_path / "files", largest=1, largest_recording=2))
    database.close()


@pytest.fixture
def client(door: Door) -> TestClient:
    return door.client()


@pytest.fixture
def sender(database_url: str) -> Iterator[Sender]:
    """A system that sends observations by webhook."""
    database = Database(database_url)
    yield open_sender(database)
    database.close()


@pytest.fixture
def lite(sqlite_file_url: str) -> Iterator[Sender]:
    """A sender on SQLite, for rules that have nothing to do with the store."""
    database = Database(sqlite_file_url)
    yield open_sender(database)
    database.close()
