"""Tasks wait, are held by one at a time, and end; who has lost one changes nothing more."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.organisation import create_organisation, get_data_version
from app.database import Database
from app.errors import Conflict, Missing
from app.planning.channel import Channel
from app.tasks import claim as claims
from app.tasks.claim import LEASE, Cancelled, Fenced, GivenBack, clock_of
from app.tasks.reading import Queue, list_tasks, oldest_wait, pace_of, read_queues
from app.tasks.running import Progress, Running
from app.tasks.task import MOST_ATTEMPTS, State, cancel, enqueue, get_task, try_again, wake_on_enqueue
from tests.support.plan import NOW
from tests.tasks.conftest import SECOND, Yard

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def channel(name: str) -> Channel:
    return Channel(
        name=name, kind="radio", cost_model="fixed", lead_time_days=0, contact="", created_at=NOW, updated_at=NOW
    )


def channels(yard: Yard) -> list[str]:
    with yard.database.reading(yard.id) as session:
        return list(session.scalars(select(Channel.name).order_by(Channel.name)))


def test_of_one_kind_and_subject_one_task_is_open_at_a_time(yard: Yard) -> None:
    first = yard.ask(subject="pit")
    assert yard.ask(subject="pit") == first
    assert yard.ask(subject="moat") != first
    running = yard.hold()
    assert yard.ask(subject="pit") == first
    with yard.database.writing(yard.id) as session:
        claims.finish(session, running.claim, yard.now, {})
    assert yard.ask(subject="pit") != first


def test_the_more_urgent_is_taken_first_and_then_the_older_and_each_once(yard: Yard) -> None:
    asked = [yard.ask(subject=str(n), priority=priority) for n, priority in enumerate((0, 0, 5))]
    taken = [yard.take().id for _ in range(3)]
    assert taken == [asked[2], asked[0], asked[1]]
    assert yard.claim() is None


def test_only_kinds_that_the_holder_can_do_are_taken(yard: Yard) -> None:
    yard.ask("sing")
    assert yard.claim() is None


def test_a_holder_that_was_not_heard_of_for_a_lease_loses_its_task(yard: Yard) -> None:
    yard.ask()
    first = yard.take("one")
    yard.now += LEASE - SECOND
    assert yard.claim("two") is None
    yard.now += SECOND
    second = yard.take("two")
    assert (second.id, second.fence) == (first.id, first.fence + 1)


def test_each_step_keeps_the_task_for_another_lease(yard: Yard) -> None:
    yard.ask()
    running = yard.hold()
    for step in range(3):
        yard.now += LEASE - SECOND
        if step % 2:
            running.progress(step)
        else:
            with running.database.writing(yard.id) as session:
                session.add(channel(f"Radio {step}"))
        assert yard.claim("two") is None


def test_who_lost_a_task_stores_nothing_more_and_cannot_end_it(yard: Yard) -> None:
    task = yard.ask()
    slow = yard.hold("slow")
    yard.now += LEASE
    quick = yard.hold("quick")
    with pytest.raises(Fenced), slow.database.writing(yard.id) as session:
        session.add(channel("Slow"))
    with pytest.raises(Fenced):
        slow.progress(9)
    ways: list[Callable[[Session], object]] = [
        lambda session: claims.finish(session, slow.claim, yard.now, {}),
        lambda session: claims.fail(session, slow.claim, yard.now, "x", again=True),
        lambda session: claims.end_cancelled(session, slow.claim, yard.now),
        lambda session: claims.give_back(session, slow.claim),
    ]
    for end in ways:
        with pytest.raises(Fenced), yard.database.writing(yard.id) as session:
            end(session)
    with quick.database.writing(yard.id) as session:
        session.add(channel("Quick"))
    assert channels(yard) == ["Quick"]
    assert (yard.task(task).holder, yard.task(task).done) == ("quick", 0)


def test_a_task_that_ended_takes_nothing_more_from_its_holder(yard: Yard) -> None:
    yard.ask()
    running = yard.hold()
    with yard.database.writing(yard.id) as session:
        claims.finish(session, running.claim, yard.now, {"dug": 3})
    with pytest.raises(Fenced):
        running.progress(4)


def test_a_clock_that_was_set_back_frees_the_tasks_of_holders_that_are_gone(yard: Yard) -> None:
    yard.ask()
    yard.take("one")
    yard.now -= DAY
    assert yard.take("two").fence == 2


def test_a_machine_with_a_wrong_clock_takes_nobodys_task_on_postgresql(yard: Yard) -> None:
    asked = clock_of(yard.database, yard.clock)
    if yard.database.is_sqlite:
        assert asked() == yard.now
        return
    yard.now += DAY
    ahead = clock_of(yard.database, yard.clock)()
    yard.now -= 2 * DAY
    behind = clock_of(yard.database, yard.clock)()
    assert dt.timedelta() <= behind - ahead < 10 * SECOND


def test_what_waits_is_taken_back_at_once_and_what_runs_stops_at_its_next_step(yard: Yard) -> None:
    waiting, running = yard.ask(subject="1"), yard.ask("fill", priority=1)
    held = yard.hold()
    with yard.database.writing(yard.id) as session:
        assert cancel(session, waiting, now=yard.now).state == State.CANCELLED
        assert cancel(session, running, now=yard.now).state == State.RUNNING
    with held.database.writing(yard.id) as session:
        session.add(channel("What is begun is ended"))
    with pytest.raises(Cancelled):
        held.progress(1)
    with yard.database.writing(yard.id) as session:
        claims.end_cancelled(session, held.claim, yard.now)
    assert (yard.task(running).state, yard.task(running).finished_at) == (State.CANCELLED, yard.now)
    assert yard.claim() is None


def test_what_has_ended_cannot_be_cancelled_and_what_went_well_is_not_tried_again(yard: Yard) -> None:
    task = yard.ask()
    with yard.database.writing(yard.id) as session:
        claims.finish(session, yard.take(), yard.now, {})
    with pytest.raises(Conflict, match="ended already"), yard.database.writing(yard.id) as session:
        cancel(session, task, now=yard.now)
    with pytest.raises(Conflict, match="failed or was cancelled"), yard.database.writing(yard.id) as session:
        try_again(session, task)


def test_a_task_that_failed_waits_longer_after_each_try_and_then_is_left_to_a_person(yard: Yard) -> None:
    task = yard.ask()
    found = yard.task(task)
    waits = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        claim = yard.take()
        assert claim.attempts == attempt
        with yard.database.writing(yard.id) as session:
            claims.fail(session, claim, yard.now, "no spade", again=True)
        found = yard.task(task)
        if found.not_before is not None:
            waits.append(found.not_before - yard.now)
            assert yard.claim() is None
            yard.now = found.not_before
    assert waits == [30 * SECOND, MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert (found.state, found.error, found.finished_at) == (State.FAILED, "no spade", yard.now)
    with yard.database.writing(yard.id) as session:
        try_again(session, task)
    assert yard.take().attempts == 1
    assert yard.task(task).error is None


def test_a_wait_that_was_asked_for_is_kept_to_and_never_longer_than_an_hour(yard: Yard) -> None:
    task = yard.ask()
    for after, wait in ((5 * MINUTE, 5 * MINUTE), (DAY, HOUR)):
        with yard.database.writing(yard.id) as session:
            claims.fail(session, yard.take(), yard.now, "later", again=True, after=after)
        not_before = yard.task(task).not_before
        assert not_before is not None and not_before - yard.now == wait
        yard.now = not_before


def test_a_second_try_waits_for_another_task_of_the_same_kind(yard: Yard) -> None:
    task = yard.ask()
    with yard.database.writing(yard.id) as session:
        claims.fail(session, yard.take(), yard.now, "broken", again=False)
    yard.ask()
    with pytest.raises(Conflict, match="is waiting or running"), yard.database.writing(yard.id) as session:
        try_again(session, task)


def test_a_task_that_ends_its_process_each_time_is_given_up(yard: Yard) -> None:
    task = yard.ask()
    for _attempt in range(MOST_ATTEMPTS):
        yard.take()
        yard.now += LEASE
    assert yard.claim() is None
    with yard.database.writing() as session:
        assert claims.give_up_on_the_hopeless(session, yard.now) == 1
    assert yard.task(task).state == State.FAILED
    assert "started 5 times" in (yard.task(task).error or "")


def test_a_task_that_is_given_back_has_not_been_tried(yard: Yard) -> None:
    yard.ask()
    running = Running(yard.database, yard.take(), yard.clock, is_stopping=lambda: True)
    with pytest.raises(GivenBack):
        running.progress(1)
    with yard.database.writing(yard.id) as session:
        claims.give_back(session, running.claim)
    again = yard.take()
    assert (again.attempts, again.fence) == (1, 2)


def test_the_next_try_goes_on_where_the_last_one_was_broken_off(yard: Yard) -> None:
    yard.ask()
    running = yard.hold()
    with running.database.writing(yard.id) as session:
        session.add(channel("First"))
        running.remember(session, {"after": 1})
    with yard.database.rehearsing(yard.id) as session:
        running.remember(session, {"after": 2})
    yard.now += LEASE
    assert yard.take().cursor == {"after": 1}


def test_a_claim_is_of_one_task_if_one_is_named(yard: Yard) -> None:
    yard.ask(subject="1")
    second = yard.ask(subject="2")
    with yard.database.writing(yard.id) as session:
        claim = claims.claim_this(session, second, "me", yard.now)
        assert claim is not None and claim.id == second
        assert claims.claim_this(session, second, "me too", yard.now) is None


def test_the_bell_rings_when_a_task_was_stored_and_not_before(yard: Yard) -> None:
    bell = threading.Event()
    wake_on_enqueue(bell)
    with yard.database.rehearsing(yard.id) as session:
        enqueue(session, "dig", now=yard.now)
    assert not bell.is_set()
    yard.ask()
    assert bell.is_set()


def test_reports_are_not_made_anew_for_a_task(yard: Yard) -> None:
    def version() -> int:
        with yard.database.reading(yard.id) as session:
            return get_data_version(session)

    before = version()
    yard.ask()
    running = yard.hold()
    running.progress(1)
    with yard.database.writing(yard.id) as session:
        cancel(session, running.claim.id, now=yard.now)
    assert version() == before
    with running.database.writing(yard.id) as session:
        session.add(channel("Radio"))
    assert version() == before + 1


def test_another_organisations_task_is_not_there(yard: Yard) -> None:
    task = yard.ask()
    with yard.database.writing() as session:
        stranger = create_organisation(session, "Town", now=NOW).id
    with yard.database.writing(stranger) as session:
        for act in (get_task, try_again):
            with pytest.raises(Missing):
                act(session, task)
        with pytest.raises(Missing):
            cancel(session, task, now=yard.now)
        assert list_tasks(session) == []


def test_tasks_are_listed_the_open_ones_first_and_chosen_by_state_and_kind(yard: Yard) -> None:
    ended = yard.ask(subject="1")
    with yard.database.writing(yard.id) as session:
        claims.finish(session, yard.take(), yard.now, {})
    older = yard.ask("fill")
    yard.now += SECOND
    newer = yard.ask(subject="2")
    with yard.database.reading(yard.id) as session:
        assert [task.id for task in list_tasks(session)] == [newer, older, ended]
        assert [task.id for task in list_tasks(session, states=[State.QUEUED], kind="fill")] == [older]


def test_how_a_task_gets_on_is_told_once_it_can_be(yard: Yard) -> None:
    task = yard.ask()
    assert pace_of(yard.task(task), yard.now).per_second is None
    shown: list[Progress] = []
    running = Running(yard.database, yard.take(), yard.clock, show=shown.append)
    yard.now += 10 * SECOND
    running.progress(20)
    pace = pace_of(yard.task(task), yard.now)
    assert (pace.share, pace.per_second, pace.left) == (None, 2.0, None)
    running.progress(20, 50, "pit")
    pace = pace_of(yard.task(task), yard.now)
    assert (pace.share, pace.per_second, pace.left) == (0.4, 2.0, 15 * SECOND)
    assert shown == [Progress(20, None, ""), Progress(20, 50, "pit")]


def test_queues_are_counted_by_kind_with_the_oldest_that_is_due(yard: Yard, database_url: str) -> None:
    for subject in ("1", "2"):
        yard.ask(subject=subject)
    yard.ask("fill")
    with yard.database.writing(yard.id) as session:
        claims.fail(session, yard.take(), yard.now, "later", again=True)
    yard.now += 5 * SECOND
    other = Database(database_url)
    with other.reading() as session:
        queues = read_queues(session, yard.now)
        assert queues == [Queue("dig", 2, 0, NOW), Queue("fill", 1, 0, NOW)]
        assert oldest_wait(queues, yard.now) == 5 * SECOND
    other.close()
    assert oldest_wait([], yard.now) == dt.timedelta()
