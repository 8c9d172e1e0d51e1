"""A database with one organisation, a clock that a test moves, and a worker whose handlers the test gives."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.access.organisation import create_organisation
from app.database import Database
from app.tasks.claim import Claim, claim_next
from app.tasks.running import Running
from app.tasks.task import Task, enqueue, get_task
from app.worker.handlers import Handler, Work
from app.worker.loop import Worker
from tests.intake.town import SEALER, SECRET
from tests.support.plan import NOW

SECOND = dt.timedelta(seconds=1)
KINDS = ("dig", "fill")


@dataclass
class Yard:
    """An organisation with its tasks. `now` is what the holders' clock says."""

    database: Database
    id: uuid.UUID
    now: dt.datetime = NOW
    timer: float = 0.0
    done: list[Any] = field(default_factory=list)

    def clock(self) -> dt.datetime:
        return self.now

    def ask(self, kind: str = "dig", subject: str = "", **said: Any) -> uuid.UUID:
        """Put a task in the queue and give its key."""
        with self.database.writing(self.id) as session:
            return enqueue(session, kind, subject, now=self.now, **said).id

    def task(self, task_id: uuid.UUID) -> Task:
        with self.database.reading(self.id) as session:
            return get_task(session, task_id)

    def claim(self, holder: str = "one") -> Claim | None:
        with self.database.writing() as session:
            return claim_next(session, holder, KINDS, self.now)

    def take(self, holder: str = "one") -> Claim:
        claim = self.claim(holder)
        assert claim is not None
        return claim

    def hold(self, holder: str = "one") -> Running:
        """Take the next task and give what its handler would work with."""
        return Running(self.database, self.take(holder), self.clock)

    def worker(self, handlers: Mapping[str, Handler]) -> Worker:
        work = Work(self.database, SECRET, SEALER, self.clock)
        worker = Worker(work, handlers=handlers, name="worker", timer=lambda: self.timer)
        worker._clock = self.clock  # PostgreSQL's own clock cannot be moved by a test
        return worker


@pytest.fixture
def yard(database_url: str) -> Iterator[Yard]:
    database = Database(database_url)
    with database.writing() as session:
        organisation = create_organisation(session, "City", now=NOW).id
    yield Yard(database, organisation)
    database.close()


@pytest.fixture
def yard_on() -> Iterator[Callable[[str], Yard]]:
    """Makes a yard in the database at an address."""
    with ExitStack() as stack:

        def make(url: str) -> Yard:
            database = Database(url)
            stack.callback(database.close)
            with database.writing() as session:
                organisation = create_organisation(session, "City", now=NOW).id
            return Yard(database, organisation)

        yield make
