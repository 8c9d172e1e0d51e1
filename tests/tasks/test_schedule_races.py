"""Several processes look what is due: each thing is asked for once, whoever is stopped between looking and asking."""

import datetime as dt
import itertools
import random
import signal
import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.access.organisation import create_organisation
from app.database import Database
from app.intake.vendors import connect
from app.tasks.task import Task
from app.worker.due import RECONCILE_EVERY, RETENTION_EVERY, SPREAD, SYNC_EVERY
from tests.intake.town import SEALER
from tests.support.plan import NOW
from tests.support.proofs import Proof
from tests.tasks.racing import Racer, ready

LOOKS, BETWEEN = 24, dt.timedelta(minutes=25)
AWAY = 5
"""For how many looks of the others one process is stopped: longer than the time from one pull to the next."""
EVERY = {"sync": SYNC_EVERY, "reconcile": RECONCILE_EVERY, "retention": RETENTION_EVERY}


class Schedule:
    """Two organisations with two connections each, and a clock that several processes read."""

    def __init__(self, database: Database, clock: Path) -> None:
        self.database, self.clock, self.now = database, clock, NOW
        for name in ("City", "Town"):
            with database.writing() as session:
                organisation = create_organisation(session, f"{name} {uuid.uuid4().hex}", now=NOW).id
            with database.writing(organisation) as session:
                for system in ("Rekry", "Other"):
                    connect(session, "teamtailor", system, "eu", {"key": "key"}, sealer=SEALER, now=NOW)

    def race(self, processes: int, stop_at: int) -> None:
        """So many processes look together, again and again. The first stops itself at one look, when it has seen what
        is due and stored nothing of it, and is woken some looks later."""
        url = self.database.url.render_as_string(hide_password=False)
        said = [(url, self.clock, 0 if number else stop_at) for number in range(processes)]
        with ready([Racer("tests.tasks.scheduler", *one) for one in said]) as (first, *others):
            for look in range(1, LOOKS + 1):
                self.now += BETWEEN
                self.clock.write_text(self.now.isoformat())
                if look == stop_at:
                    first.go()
                    assert first.stopped()
                if look == stop_at + AWAY:
                    first.signal(signal.SIGCONT)
                    assert first.hear("done")
                together = others if stop_at <= look < stop_at + AWAY else [first, *others]
                for racer in together:
                    racer.go()
                assert all(racer.hear("done") for racer in together)

    def list_asked(self) -> dict[tuple[uuid.UUID, str, str], list[dt.datetime]]:
        """When each thing was asked for."""
        asked = defaultdict(list)
        with self.database.reading() as session:
            for task in session.scalars(select(Task).order_by(Task.created_at)):
                asked[task.organisation_id, task.kind, task.subject].append(task.created_at)
        return asked

    def judge(self, since: dt.datetime) -> tuple[int, int, int]:
        """How often something was asked for since then, how often again before its time, and how often not when its
        time had come."""
        count = doubled = lost = 0
        for (_organisation, kind, _subject), times in self.list_asked().items():
            late = EVERY[kind] * (1 + SPREAD) + BETWEEN
            new = [at for at in times if at > since]
            count += len(new)
            doubled += sum(later - earlier < EVERY[kind] for earlier, later in itertools.pairwise(times))
            lost += sum(later - earlier > late for earlier, later in itertools.pairwise(new))
            lost += not new or self.now - new[-1] > late or new[0] - since > 2 * BETWEEN
        return count, doubled, lost


@pytest.fixture
def schedule(database_url: str, tmp_path: Path) -> Iterator[Schedule]:
    database = Database(database_url)
    yield Schedule(database, tmp_path / "clock")
    database.close()


def test_what_is_due_is_asked_for_once_by_processes_that_look_together(schedule: Schedule) -> None:
    schedule.race(2, stop_at=1)
    assert len(schedule.list_asked()) == 2 * (2 * 2 + 1)
    count, doubled, lost = schedule.judge(NOW)
    assert (doubled, lost) == (0, 0)
    assert count >= LOOKS


@pytest.mark.prove
@pytest.mark.parametrize("processes", [2, 4])
def test_in_twenty_races_what_is_due_is_asked_for_once(schedule: Schedule, processes: int, proof: Proof) -> None:
    chance = random.Random(28)  # noqa: S311
    found = [0, 0, 0]
    for _run in range(20):
        since = schedule.now
        schedule.race(processes, stop_at=chance.randint(1, LOOKS - AWAY))
        found = [before + now for before, now in zip(found, schedule.judge(since), strict=True)]
        schedule.now += dt.timedelta(days=2)
    where = f"{processes} processes on {'SQLite' if schedule.database.is_sqlite else 'PostgreSQL'}, 20 runs"
    proof(f"tasks put in the queues by a schedule that {where} look at, one stopped on the way", ">= 700", found[0])
    proof(f"  asked for twice: {where}", "0", found[1])
    proof(f"  not asked for: {where}", "0", found[2])
    assert found[1:] == [0, 0]
    assert found[0] >= 700
