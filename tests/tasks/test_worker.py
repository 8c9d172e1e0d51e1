"""The worker does what is due, says how each task ended, and goes on whatever happens."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from app.access.account_link import Purpose, make_link
from app.access.organisation import create_organisation
from app.access.session import UserSession, start_session
from app.access.user import User
from app.errors import Conflict, NotReady, TryLater
from app.intake.connection import Connection
from app.intake.vendors import connect
from app.tasks.claim import LEASE, claim_this, clock_of
from app.tasks.reading import list_tasks
from app.tasks.running import Progress, Running
from app.tasks.sign import SILENT_AFTER, give_sign, list_alive
from app.tasks.task import OPEN, State, Task, cancel
from app.worker.due import RETENTION_EVERY, SYNC_EVERY, enqueue_due
from app.worker.handlers import TASKS_ARE_KEPT, Handler, Work
from app.worker.loop import LOOK_SECONDS, perform_here
from tests.intake.town import SEALER, SECRET
from tests.support.plan import NOW
from tests.tasks.conftest import SECOND, Yard

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def failing(error: Exception) -> Handler:
    def fail(_work: Work, _running: Running) -> Mapping[str, Any]:
        raise error

    return fail


def digging(yard: Yard) -> Handler:
    def dig(_work: Work, running: Running) -> Mapping[str, Any]:
        yard.done.append(running.claim.subject)
        running.progress(1, 1)
        return {"dug": running.claim.subject}

    return dig


def do_one(yard: Yard, handler: Handler) -> Task:
    """Ask for a task, let a worker do it, and give the task as it is then."""
    task = yard.ask()
    assert yard.worker({"dig": handler}).turn()
    return yard.task(task)


def test_a_task_is_done_and_says_what_came_of_it(yard: Yard) -> None:
    task = do_one(yard, digging(yard))
    assert (task.state, task.result, task.done, task.total) == (State.DONE, {"dug": ""}, 1, 1)
    assert not yard.worker({"dig": digging(yard)}).turn()


def test_what_a_person_must_mend_is_not_tried_again_and_said_in_their_language(yard: Yard) -> None:
    task = do_one(yard, failing(NotReady("The spade is broken; mend it.")))
    assert (task.state, task.error) == (State.FAILED, "The spade is broken; mend it.")


def test_what_may_go_better_later_is_tried_again_after_the_time_that_was_asked_for(yard: Yard) -> None:
    task = do_one(yard, failing(TryLater("It rains.", after_seconds=90)))
    assert (task.state, task.error, task.not_before) == (State.QUEUED, "It rains.", NOW + 90 * SECOND)


def test_what_nobody_foresaw_is_named_without_its_words_and_tried_again(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    task = do_one(yard, failing(ValueError("Aino Virtanen")))
    assert task.state == State.QUEUED
    assert "ValueError" in (task.error or "") and "Aino" not in (task.error or "")
    assert str(task.id) in caplog.text


def test_a_task_that_is_to_be_cancelled_stops_at_its_next_step(yard: Yard) -> None:
    def dig(_work: Work, running: Running) -> Mapping[str, Any]:
        with yard.database.writing(yard.id) as session:
            cancel(session, running.claim.id, now=yard.now)
        running.progress(1)
        raise AssertionError("not reached")

    assert do_one(yard, dig).state == State.CANCELLED


def test_a_worker_that_is_told_to_stop_gives_its_task_back(yard: Yard) -> None:
    task = yard.ask()

    def dig(_work: Work, running: Running) -> Mapping[str, Any]:
        worker.stop()
        running.progress(1)
        raise AssertionError("not reached")

    worker = yard.worker({"dig": dig})
    worker.run()
    found = yard.task(task)
    assert (found.state, found.attempts, found.holder) == (State.QUEUED, 0, None)
    with yard.database.reading() as session:
        assert list_alive(session, yard.now) == []


def test_a_task_that_was_lost_on_the_way_is_left_to_who_holds_it(yard: Yard) -> None:
    def dig(_work: Work, running: Running) -> Mapping[str, Any]:
        yard.now += LEASE
        yard.take("another")
        return {}

    task = do_one(yard, dig)
    assert (task.state, task.holder) == (State.RUNNING, "another")


def test_a_running_worker_wakes_when_a_task_is_asked_for_here(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.worker.loop.POLL_SECONDS", 3600)  # sooner than it would look by itself
    dug = threading.Event()

    def dig(_work: Work, _running: Running) -> Mapping[str, Any]:
        dug.set()
        return {}

    worker = yard.worker({"dig": dig})
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        for subject in ("1", "2"):
            yard.ask(subject=subject)
            assert dug.wait(60)
            dug.clear()
    finally:
        worker.stop()
        thread.join()


def test_an_error_of_the_loop_is_in_the_log_and_the_loop_goes_on(yard: Yard, caplog: pytest.LogCaptureFixture) -> None:
    task = yard.ask()
    worker = yard.worker({"dig": digging(yard)})
    clock = worker._clock
    times = iter([OSError("the database is gone")])

    def broken_at_first() -> dt.datetime:
        for error in times:
            worker._bell.set()
            raise error
        if yard.done:
            worker.stop()
        return clock()

    worker._clock = broken_at_first
    worker.run()
    assert yard.task(task).state == State.DONE
    assert "goes on" in caplog.text


def test_a_worker_looks_what_is_due_now_and_then_and_gives_a_sign_of_life(yard: Yard) -> None:
    worker = yard.worker({})
    worker.turn()
    with yard.database.reading() as session:
        assert [sign.name for sign in list_alive(session, yard.now)] == ["worker"]
    for timer, seen in ((LOOK_SECONDS - 1, NOW), (LOOK_SECONDS, NOW + SECOND)):
        yard.timer, yard.now = timer, NOW + SECOND
        worker.turn()
        with yard.database.reading() as session:
            assert [sign.seen_at for sign in list_alive(session, yard.now)] == [seen]
    with yard.database.reading() as session:
        assert list_alive(session, yard.now + SILENT_AFTER) == []
    with yard.database.writing() as session:
        give_sign(session, "another", now=yard.now + 2 * DAY)
        assert [sign.name for sign in list_alive(session, yard.now + 2 * DAY)] == ["another"]


def at(now: dt.datetime) -> Callable[[], dt.datetime]:
    """A clock that stands."""
    return lambda: now


def a_connection(yard: Yard, name: str = "Rekry", base_url: str | None = None) -> uuid.UUID:
    with yard.database.writing(yard.id) as session:
        made = connect(session, "teamtailor", name, "eu", {"key": "key"}, sealer=SEALER, now=NOW)
        made.base_url = base_url
        return made.id


def pulls(yard: Yard, kind: str = "sync") -> list[str]:
    with yard.database.reading(yard.id) as session:
        return sorted(task.subject for task in list_tasks(session, kind=kind))


def finish_all(yard: Yard) -> None:
    """Whatever waits is done."""
    with yard.database.writing(yard.id) as session:
        for task in list_tasks(session, states=OPEN):
            task.state, task.finished_at = State.DONE, yard.now


def test_a_connection_is_pulled_at_once_and_then_every_hour_or_a_little_later(yard: Yard) -> None:
    connection = str(a_connection(yard))
    enqueue_due(yard.database, yard.clock)
    assert pulls(yard) == [connection]
    enqueue_due(yard.database, at(yard.now + DAY))
    assert pulls(yard) == [connection], "while one waits, no second one is asked for"
    finish_all(yard)
    yard.now += SYNC_EVERY - SECOND
    enqueue_due(yard.database, yard.clock)
    assert pulls(yard) == [connection]
    yard.now += SYNC_EVERY / 10 + SECOND
    enqueue_due(yard.database, yard.clock)
    assert pulls(yard) == [connection] * 2


def test_the_counts_of_a_connection_are_compared_once_a_day_from_its_first_pull_on(yard: Yard) -> None:
    connection = str(a_connection(yard))
    enqueue_due(yard.database, yard.clock)
    assert pulls(yard, "reconcile") == []
    finish_all(yard)
    for hours, compared in ((0, 1), (23, 1), (27, 2)):
        enqueue_due(yard.database, at(NOW + hours * HOUR))
        finish_all(yard)
        assert pulls(yard, "reconcile") == [connection] * compared


def test_connections_are_not_all_pulled_at_the_same_minute(yard: Yard) -> None:
    for n in range(8):
        a_connection(yard, f"Rekry {n}")
    enqueue_due(yard.database, yard.clock)
    finish_all(yard)
    counts = []
    for minute in range(60, 67):
        enqueue_due(yard.database, at(NOW + minute * dt.timedelta(minutes=1)))
        counts.append(len(pulls(yard)))
    assert counts[-1] == 16
    assert len(set(counts)) > 2


def test_what_was_last_done_in_the_future_is_due_now(yard: Yard) -> None:
    connection = str(a_connection(yard))
    enqueue_due(yard.database, at(yard.now + 30 * DAY))
    finish_all(yard)
    enqueue_due(yard.database, yard.clock)
    assert pulls(yard) == [connection] * 2


def test_the_stand_in_of_a_demo_is_not_pulled_by_itself(yard: Yard) -> None:
    a_connection(yard, base_url="http://127.0.0.1:1")
    enqueue_due(yard.database, yard.clock)
    assert pulls(yard) == []


def test_a_system_that_only_sends_is_neither_pulled_nor_compared(yard: Yard) -> None:
    with yard.database.writing(yard.id) as session:
        connect(session, "standard", "Own system", "any", {}, sealer=SEALER, now=NOW)
    for days in (0, 1, 2):
        enqueue_due(yard.database, at(NOW + days * DAY))
        finish_all(yard)
    assert (pulls(yard), pulls(yard, "reconcile")) == ([], [])


def test_each_organisation_forgets_what_has_outlived_its_time_once_a_day(yard: Yard) -> None:
    with yard.database.writing() as session:
        create_organisation(session, "Town", now=NOW)
    assert enqueue_due(yard.database, yard.clock) == 2
    assert enqueue_due(yard.database, yard.clock) == 0
    finish_all(yard)
    assert enqueue_due(yard.database, at(yard.now + RETENTION_EVERY * 1.1)) == 1


def test_ended_tasks_and_what_opened_a_door_once_are_forgotten(yard: Yard) -> None:
    old = yard.ask(subject="old")
    finish_all(yard)
    yard.now += TASKS_ARE_KEPT
    young = yard.ask(subject="young")
    finish_all(yard)
    with yard.database.writing() as session:
        user = User(email="a@example.org", name="A", created_at=NOW)
        session.add(user)
        session.flush()
        start_session(session, user, browser="Firefox", now=yard.now - DAY)
        start_session(session, user, browser="Firefox", now=yard.now)
        make_link(session, user, Purpose.RESET, now=yard.now - DAY)
    yard.now += SECOND
    task = yard.ask("retention")
    perform_here(_work(yard), yard.id, task, show=yard.done.append)
    assert yard.task(task).result == {"tasks": 1, "keys": 0, "ended": 2, "files": 0}
    with yard.database.reading(yard.id) as session:
        assert {one.id for one in list_tasks(session)} == {young, task}
        assert old not in {one.id for one in list_tasks(session)}
    with yard.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(UserSession)) == 1


def _work(yard: Yard) -> Work:
    return Work(yard.database, SECRET, SEALER, yard.clock)


def test_a_task_done_here_and_now_shows_how_far_it_is_and_ends_as_in_a_worker(yard: Yard) -> None:
    task = yard.ask()
    shown: list[Progress] = []
    done = perform_here(_work(yard), yard.id, task, show=shown.append, handlers={"dig": digging(yard)})
    assert (done.state, shown) == (State.DONE, [Progress(1, 1, "")])


def test_a_task_that_a_worker_does_is_left_to_it(yard: Yard) -> None:
    task = yard.ask()
    with yard.database.writing(yard.id) as session:
        claim_this(session, task, "the worker", clock_of(yard.database, yard.clock)())
    with pytest.raises(Conflict, match="the worker"):
        perform_here(_work(yard), yard.id, task, show=yard.done.append, handlers={})


def test_a_task_that_is_broken_off_at_the_keyboard_is_cancelled(yard: Yard) -> None:
    def dig(_work: Work, _running: Running) -> Mapping[str, Any]:
        raise KeyboardInterrupt

    task = yard.ask()
    with pytest.raises(KeyboardInterrupt):
        perform_here(_work(yard), yard.id, task, show=yard.done.append, handlers={"dig": dig})
    assert yard.task(task).state == State.CANCELLED


def test_a_connection_that_is_paused_or_was_ended_is_not_due(yard: Yard) -> None:
    paused, ended = (a_connection(yard, name) for name in ("Paused", "Ended"))
    with yard.database.writing(yard.id) as session:
        session.get_one(Connection, paused).paused_at = NOW
        session.get_one(Connection, ended).disconnected_at = NOW
    enqueue_due(yard.database, yard.clock)
    assert pulls(yard) == []
