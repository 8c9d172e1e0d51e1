"""Processes that serve and work: they do what is due, stop as they should, and share one address on PostgreSQL."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.access.organisation import create_organisation
from app.cli import cli
from app.database import Database
from app.tasks.reading import list_tasks
from app.tasks.sign import list_alive
from app.tasks.task import State
from tests.support.plan import NOW

ROOT = Path(__file__).parents[2]


@contextmanager
def kutsu(url: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A verb in a process of its own, which is told to stop at the end and must do so by itself."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "KUTSU_SECRET_KEY": "s" * 32}
    command = [sys.executable, "-m", "app", "--database", url, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as one:
        try:
            yield one
        finally:
            one.send_signal(signal.SIGTERM)
            _out, said = one.communicate(timeout=60)
    assert said == ""


def until_done(database: Database) -> None:
    """Waits until the organisation's day's retention was done; the deadline is the test run's own."""
    import select

    while True:
        with database.reading() as session:
            if any(task.state == State.DONE for task in list_tasks(session)):
                return
        select.select([], [], [], 0.05)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.writing() as session:
        create_organisation(session, "City", now=NOW)
    yield database
    database.close()


def test_serving_does_what_is_due_and_stops_in_order(database: Database, database_url: str) -> None:
    with kutsu(database_url, "serve", "--port", "0") as server:
        assert server.stdout is not None
        address = next(word for word in server.stdout.readline().split() if word.startswith("http"))
        with urllib.request.urlopen(address + "readyz", timeout=30) as answer:  # noqa: S310 (our own address)
            assert answer.status == 200
        until_done(database)
    with database.reading() as session:
        assert list_alive(session, NOW) == [], "who ends as it should takes its sign away"


def test_a_worker_beside_the_server_does_what_is_due(database: Database, database_url: str) -> None:
    with kutsu(database_url, "work") as worker:
        assert worker.stdout is not None and worker.stdout.readline().startswith("Kutsu works")
        until_done(database)
    assert worker.returncode == 0


def test_several_servers_share_an_address_on_postgresql_and_each_works(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with kutsu(postgresql_url, "serve", "--port", "0", "--workers", "2") as server:
        assert server.stdout is not None
        address = next(word for word in server.stdout.readline().split() if word.startswith("http"))
        with urllib.request.urlopen(address + "healthz", timeout=60) as answer:  # noqa: S310 (our own address)
            assert answer.status == 200
    database.close()


def test_several_servers_on_sqlite_are_refused_with_the_remedy(sqlite_file_url: str) -> None:
    result = CliRunner().invoke(cli, ["--database", sqlite_file_url, "serve", "--workers", "2"])
    assert "need PostgreSQL" in str(result.exception)
