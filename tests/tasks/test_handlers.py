"""What each kind of task does: pull, replay, import; broken off anywhere, the next try ends it."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.database import Database
from app.demo.ats import serving
from app.demo.faults import Fault, Faults
from app.demo.fill import PATIENT
from app.funnel.application import Application
from app.funnel.fact import FactRow
from app.funnel.replay import Phase
from app.i18n import speaking
from app.tasks.running import Running
from app.tasks.task import State, Task, cancel, enqueue, get_task, try_again
from app.worker.handlers import BRING, HANDLERS, OBSERVATIONS, RECONCILE, REPLAY, SYNC, Work
from app.worker.loop import Worker
from tests.intake.town import SEALER, SECRET, Account, Town, open_account_at


@pytest.fixture
def town() -> Town:
    town = Town()
    town.fill(35)
    return town


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def account(sqlite_file_url: str, town: Town, faults: Faults) -> Iterator[Account]:
    database = Database(sqlite_file_url)
    with serving(lambda: town.world, faults, rate=PATIENT, clock=lambda: town.now) as base_url:
        yield open_account_at(database, base_url)
    database.close()


def worker(account: Account) -> Worker:
    work = Work(account.database, SECRET, SEALER, lambda: account.now, client_for=account.client)
    kinds = {kind: HANDLERS[kind] for kind in (SYNC, RECONCILE, BRING, REPLAY, OBSERVATIONS)}
    return Worker(work, handlers=kinds, name="worker")


def ask(account: Account, kind: str, subject: str = "", **params: Any) -> uuid.UUID:
    with account.database.writing(account.organisation_id) as session:
        return enqueue(session, kind, subject, now=account.now, params=params).id


def do(account: Account, kind: str, subject: str = "", *, language: str = "en", **params: Any) -> Task:
    """A task that was done, as it is read in a language."""
    task = ask(account, kind, subject, **params)
    assert worker(account).turn()
    with account.database.reading(account.organisation_id) as session, speaking(language):
        return get_task(session, task)


def test_a_pull_says_what_it_read_and_how_far_it_came(account: Account) -> None:
    task = do(account, SYNC, str(account.connection.id))
    assert (task.state, task.error) == (State.DONE, None)
    assert task.result["stored"] == len(account.facts()) == 35
    assert task.done >= 35 and "35 new" in task.message


def test_a_pull_that_the_vendor_refuses_fails_with_what_it_says(account: Account, faults: Faults) -> None:
    faults.plan(Fault.BROKEN, times=99)
    for language, said in (("fi", "keskeytyi: Teamtailor ei vastaa"), ("en", "broken off: Teamtailor does not answer")):
        task = do(account, SYNC, str(account.connection.id), language=language)
        assert task.state == State.FAILED
        assert said in (task.error or "")


def test_comparing_counts_says_what_both_sides_have(account: Account) -> None:
    account.sync()
    compared = do(account, RECONCILE, str(account.connection.id)).result
    assert compared["theirs"] == compared["ours"] > 0 == compared["missing"]


def test_bringing_says_what_was_lacking_and_what_still_is(account: Account) -> None:
    do(account, RECONCILE, str(account.connection.id))
    task = do(account, BRING, str(account.connection.id))
    lacking = len(account.rows(Application))
    assert (task.state, task.result["lacking"], task.result["left"]) == (State.DONE, lacking, 0)
    assert task.done == task.total == lacking > 0


def test_a_replay_that_was_broken_off_goes_on_and_gives_the_same_rows(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.sync()
    before = account.dump(Application, FactRow)
    monkeypatch.setattr("app.worker.handlers.A_STEP", dict.fromkeys(Phase, 4))
    task = ask(account, REPLAY)
    told: list[int] = []

    def stop_on_the_way(running: Running) -> None:
        told.append(running.claim.fence)
        if len(told) == 5:
            with account.database.writing(account.organisation_id) as session:
                cancel(session, task, now=account.now)

    progress = Running.progress

    def progress_and_stop(running: Running, *said: Any, **more: Any) -> None:
        stop_on_the_way(running)
        progress(running, *said, **more)

    monkeypatch.setattr(Running, "progress", progress_and_stop)
    worker(account).turn()
    with account.database.writing(account.organisation_id) as session:
        stopped = get_task(session, task)
        assert (stopped.state, stopped.cursor["phase"]) == (State.CANCELLED, "applications")
        handlers_done = stopped.done
        try_again(session, task)
    worker(account).turn()
    with account.database.reading(account.organisation_id) as session:
        done = get_task(session, task)
    assert (done.state, done.result) == (State.DONE, {"applications": 35})
    assert handlers_done > 0 and len(told) < 5 + 35 / 4 + 8
    assert account.dump(Application, FactRow) == before


AT = "2026-03-01T09:00:00Z"


def observations(path: Path, count: int) -> Path:
    path.write_text(
        "\n".join(
            json.dumps({"id": f"a{n}", "kind": "application", "at": AT, "person": f"p{n}", "application": f"x{n}"})
            for n in range(count)
        )
    )
    return path


def test_a_file_is_imported_and_the_rows_that_were_refused_lie_beside_it(account: Account, tmp_path: Path) -> None:
    file = observations(tmp_path / "in.ndjson", 3)
    file.write_text(file.read_text() + '\n{"id": "bad"}')
    task = do(account, OBSERVATIONS, "in.ndjson", file=str(file), system="hr")
    assert (task.state, task.done) == (State.DONE, 4)
    assert (task.result["accepted"], task.result["rejected"]) == (3, 1)
    assert '"row": 4' in Path(task.result["rejects"]).read_text()
    again = do(account, OBSERVATIONS, "in.ndjson", file=str(file), system="hr")
    assert (again.result["accepted"], again.result["duplicate"]) == (0, 3)


def test_a_file_that_is_gone_is_named_with_the_remedy(account: Account, tmp_path: Path) -> None:
    task = do(account, OBSERVATIONS, "gone", file=str(tmp_path / "gone.ndjson"), system="hr")
    assert task.state == State.FAILED
    assert "gone.ndjson" in (task.error or "") and "import it again" in (task.error or "")
