"""Races of real processes for tasks: they are started together, stopped, woken and killed."""

import os
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import select

from app.access.organisation import create_organisation
from app.database import Database
from app.planning.channel import Channel
from app.tasks.reading import list_tasks
from app.tasks.task import Task
from tests.support.plan import NOW

ROOT = Path(__file__).parents[2]
LEASE_SECONDS = 0.4


class Racer:
    """One process of the race, which runs this module."""

    def __init__(self, module: str, *said: object) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", module, *map(str, said)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def hear(self, word: str) -> bool:
        """Waits for the next line; whether it is this one."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip() == word

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def stopped(self) -> bool:
        """Waits until the process has stopped itself."""
        _pid, status = os.waitpid(self.process.pid, os.WUNTRACED)
        return os.WIFSTOPPED(status)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        self.process.communicate(timeout=300)
        return self.process.returncode


@contextmanager
def racers(url: str, count: int, lease: float = LEASE_SECONDS, *, stop_after: int = 0) -> Iterator[list[Racer]]:
    """Processes that are ready to do tasks, of which the first stops itself after so many steps; none is left when
    the block ends."""
    said = [(url, f"racer {n}", lease, stop_after if n == 0 else 0) for n in range(count)]
    with ready([Racer("tests.tasks.racer", *one) for one in said]) as field:
        yield field


@contextmanager
def ready(field: list[Racer]) -> Iterator[list[Racer]]:
    """Processes once they are ready; none is left when the block ends."""
    try:
        for racer in field:
            assert racer.hear("ready")
        yield field
    finally:
        for racer in field:
            with suppress(ProcessLookupError):
                racer.process.kill()
            racer.process.communicate()


class Ground:
    """A database with an organisation whose tasks are raced for."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        with self.database.writing() as session:
            self.id: uuid.UUID = create_organisation(session, f"City {uuid.uuid4().hex}", now=NOW).id

    def ask(self, kind: str, count: int) -> None:
        first = len(self.tasks())  # so that no two that were ever asked for have one name
        with self.database.writing(self.id) as session:
            session.add_all(
                Task(kind=kind, subject=f"{n:05}", params={}, created_at=NOW) for n in range(first, first + count)
            )

    def tasks(self) -> list[Task]:
        with self.database.reading(self.id) as session:
            return [task for kind in ("dig", "fill") for task in list_tasks(session, kind=kind, limit=100_000)]

    def done(self) -> Counter[str]:
        """How often each piece of work was done: rows by name without whose hand it was."""
        with self.database.reading(self.id) as session:
            return Counter(name.rpartition(" ")[0] for name in session.scalars(select(Channel.name)))
