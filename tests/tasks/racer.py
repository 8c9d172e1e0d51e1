"""A process that does tasks in a race: `python -m tests.tasks.racer URL NAME LEASE_SECONDS STOP_AFTER`.

It says `ready`, begins when it is told a line, says each step it has stored, and ends when no task is open. After
STOP_AFTER steps (0: never) it stops itself as SIGSTOP does, between two transactions: stopped inside one it would
hold SQLite's only write lock, and nobody else could go on.
"""

import datetime as dt
import os
import signal
import sys
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

from app.database import Database
from app.planning.channel import Channel
from app.tasks import claim
from app.tasks.reading import read_queues
from app.tasks.running import Running
from app.worker.handlers import Handler, Work
from app.worker.loop import Worker
from tests.intake.town import SEALER, SECRET
from tests.support.plan import NOW

STEPS = 12


def clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def add_row(session: Any, name: str) -> None:
    session.add(
        Channel(
            name=name, kind="radio", cost_model="fixed", lead_time_days=0, contact="", created_at=NOW, updated_at=NOW
        )
    )


def dig(_work: Work, running: Running) -> Mapping[str, Any]:
    """One row that says whose hand it was: a task done twice leaves two."""
    with running.database.writing(running.claim.organisation_id) as session:
        add_row(session, f"{running.claim.subject} {running.claim.fence}")
    return {}


def fill(_work: Work, running: Running, stop_after: int) -> Mapping[str, Any]:
    """Several steps, each stored together with where to go on."""
    for step in range(running.claim.cursor.get("step", 0), STEPS):
        running.progress(step, STEPS)
        with running.database.writing(running.claim.organisation_id) as session:
            add_row(session, f"{running.claim.subject} {step:02} {running.claim.fence}")
            running.remember(session, {"step": step + 1})
        print("step", flush=True)
        if step + 1 == stop_after:
            os.kill(os.getpid(), signal.SIGSTOP)
    return {}


def main(url: str, name: str, lease: str, stop_after: str) -> None:
    claim.LEASE = dt.timedelta(seconds=float(lease))
    database = Database(url)
    handlers: dict[str, Handler] = {"dig": dig, "fill": partial(fill, stop_after=int(stop_after))}
    worker = Worker(Work(database, SECRET, SEALER, clock), handlers=handlers, name=name)
    print("ready", flush=True)
    sys.stdin.readline()
    while _open(database):
        if not worker.turn():
            threading.Event().wait(0.02)
    database.close()


def _open(database: Database) -> bool:
    with database.reading() as session:
        return any(queue.kind in ("dig", "fill") for queue in read_queues(session, clock()))


if __name__ == "__main__":
    main(*sys.argv[1:])
