"""What happens to the store while tasks are done: it is locked, or its connections are cut; the work goes on."""

import sqlite3
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select, text

from app.database import Database
from app.planning.channel import Channel
from app.tasks.running import Running
from app.tasks.task import State
from app.worker.handlers import Work
from tests.tasks.conftest import Yard
from tests.tasks.racer import add_row


def test_a_store_that_is_locked_for_a_while_loses_no_task_and_is_tried_again(
    sqlite_file_url: str, yard_on: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("app.engine.LOCK_TIMEOUT_SECONDS", 0)
    yard: Yard = yard_on(sqlite_file_url)
    task = yard.ask()
    holder = sqlite3.connect(yard.database.url.database or "", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    worker = yard.worker({"dig": dig_once})
    assert not worker._try(worker.turn)
    assert "locked" in caplog.text
    assert yard.task(task).state == State.QUEUED
    holder.execute("ROLLBACK")
    holder.close()
    assert worker._try(worker.turn)
    assert yard.task(task).state == State.DONE


@pytest.mark.postgresql
def test_connections_that_are_cut_in_the_middle_of_a_task_cost_one_try_and_no_step(
    postgresql_url: str, yard_on: Any
) -> None:
    yard: Yard = yard_on(postgresql_url)
    task = yard.ask()
    cut = threading.Event()

    def dig(_work: Work, running: Running) -> Mapping[str, Any]:
        for step in range(running.claim.cursor.get("step", 0), 3):
            with running.database.writing(yard.id) as session:
                add_row(session, f"step {step}")
                running.remember(session, {"step": step + 1})
            if step == 1 and not cut.is_set():
                cut.set()
                with running.database.writing(yard.id) as session:
                    add_row(session, "never stored")
                    session.flush()
                    cut_all(yard.database)
        return {}

    worker = yard.worker({"dig": dig})
    worker._try(worker.turn)
    found = yard.task(task)
    assert found.state in (State.QUEUED, State.RUNNING)
    yard.now = found.not_before or (found.lease_until or yard.now)
    assert worker._try(worker.turn)
    assert yard.task(task).state == State.DONE
    with yard.database.reading(yard.id) as session:
        names = session.scalars(select(Channel.name).order_by(Channel.name)).all()
    assert names == ["step 0", "step 1", "step 2"]


def dig_once(_work: Work, running: Running) -> Mapping[str, Any]:
    running.progress(1, 1)
    return {}


def cut_all(database: Database) -> None:
    """What a restart of PostgreSQL does to whoever is connected."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with database.engine.connect() as connection:
        connection.execute(text(f"{others} AND pid <> pg_backend_pid()"))
