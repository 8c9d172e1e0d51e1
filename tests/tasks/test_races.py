"""Several processes, one database: each task is done once, whoever is stopped, woken or killed on the way."""

import signal
from collections.abc import Iterator

import pytest

from app.tasks.task import State
from tests.support.proofs import Proof
from tests.tasks.racer import STEPS
from tests.tasks.racing import LEASE_SECONDS, Ground, racers

LONG_LEASE = 60.0


@pytest.fixture
def ground(database_url: str) -> Iterator[Ground]:
    ground = Ground(database_url)
    yield ground
    ground.database.close()


def race(ground: Ground, url: str, processes: int, tasks: int) -> None:
    """Everybody begins at once; each task must have been done once, by its first holder."""
    before = ground.done()
    ground.ask("dig", tasks)
    with racers(url, processes, LONG_LEASE) as field:
        for racer in field:
            racer.go()
        assert [racer.end() for racer in field] == [0] * processes
    done = ground.done() - before
    assert sum(done.values()) == tasks
    assert all(task.state == State.DONE and task.fence == 1 for task in ground.tasks())


def stop_one(ground: Ground, url: str, after: int) -> int:
    """The first holder stops after so many steps for longer than its lease, and is woken when another has ended
    its task; returns how many rows were stored twice."""
    ground.ask("fill", 1)
    with racers(url, 2, stop_after=after) as (slow, quick):
        slow.go()
        assert slow.stopped()
        quick.go()
        quick_ended = quick.end()
        slow.signal(signal.SIGCONT)
        assert (quick_ended, slow.end()) == (0, 0)
    return check_filled(ground)


def kill_one(ground: Ground, url: str, after: int) -> int:
    """The first holder is killed after so many steps and another goes on; returns how many rows were stored twice."""
    ground.ask("fill", 1)
    with racers(url, 2) as (first, second):
        first.go()
        assert all(first.hear("step") for _ in range(after))
        first.signal(signal.SIGKILL)
        second.go()
        assert second.end() == 0
    return check_filled(ground)


def check_filled(ground: Ground) -> int:
    done = ground.done()
    assert len(done) == STEPS, "no step was lost"
    assert [task.state for task in ground.tasks()] == [State.DONE]
    return sum(done.values()) - STEPS


def test_each_of_many_tasks_is_done_once_by_processes_that_race_for_them(ground: Ground, database_url: str) -> None:
    race(ground, database_url, processes=2, tasks=60)


def test_who_is_stopped_for_longer_than_its_lease_changes_nothing_when_it_wakes(
    ground: Ground, database_url: str
) -> None:
    assert stop_one(ground, database_url, after=3) == 0


def test_a_killed_process_leaves_its_task_to_another_that_goes_on(ground: Ground, database_url: str) -> None:
    assert kill_one(ground, database_url, after=5) == 0


@pytest.mark.prove
@pytest.mark.parametrize("processes", [2, 4])
def test_in_ten_races_each_of_many_tasks_is_done_once(
    ground: Ground, database_url: str, processes: int, proof: Proof
) -> None:
    kind = "SQLite" if ground.database.is_sqlite else "PostgreSQL"
    for _run in range(10):
        race(ground, database_url, processes, tasks=250)
    figure = f"{processes} processes race for 250 tasks on {kind}, 10 runs: tasks done twice or not at all"
    proof(figure, "0 of 2,500", "0 of 2,500")


@pytest.mark.prove
@pytest.mark.parametrize("way", [stop_one, kill_one])
def test_whoever_is_stopped_or_killed_anywhere_nothing_is_done_twice(
    database_url: str, way: object, proof: Proof
) -> None:
    twice = 0
    for run in range(30):
        ground = Ground(database_url)
        twice += (stop_one if way is stop_one else kill_one)(ground, database_url, after=1 + run % (STEPS - 1))
        ground.database.close()
    kind = "SQLite" if database_url.startswith("sqlite") else "PostgreSQL"
    said = f"stopped for longer than its lease of {LEASE_SECONDS} s" if way is stop_one else "killed with -9"
    proof(f"the holder of a task {said} on {kind}, 30 runs: steps stored twice or lost", "0", f"{twice}")
