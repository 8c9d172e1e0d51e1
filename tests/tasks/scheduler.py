"""A process that looks what is due, to race: `python -m tests.tasks.scheduler URL CLOCK STOP_AT`.

CLOCK is a file that says what time it is. The process says `ready`; each time it is told a line it puts what is due in
the queues, has all that waits done in no time, and says `done`. At the STOP_AT-th line (0: never) it stops itself as
SIGSTOP does once it has seen what is due and stored nothing of it yet.
"""

import datetime as dt
import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event

from app.database import Database
from app.tasks.claim import claim_next, finish
from app.worker.due import enqueue_due
from app.worker.handlers import HANDLERS


def do_all(database: Database, now: dt.datetime) -> None:
    """Whatever waits is done by whoever takes it."""
    while True:
        with database.writing() as session:
            claim = claim_next(session, f"scheduler {os.getpid()}", tuple(HANDLERS), now)
        if claim is None:
            return
        with database.writing(claim.organisation_id) as session:
            finish(session, claim, now, {})


def stop_once_seen(database: Database) -> None:
    """Stop this process when its next transaction has ended, so that it holds no lock."""

    def stop(*_said: object) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    event.listen(database.engine, "checkin", stop, once=True)


def main(url: str, clock: str, stop_at: str) -> None:
    def now() -> dt.datetime:
        return dt.datetime.fromisoformat(Path(clock).read_text())

    database = Database(url)
    print("ready", flush=True)
    for number, _line in enumerate(sys.stdin, 1):
        if number == int(stop_at):
            stop_once_seen(database)
        enqueue_due(database, now)
        do_all(database, now())
        print("done", flush=True)
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
