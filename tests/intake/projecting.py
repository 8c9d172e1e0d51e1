"""One projection of an inbox in a process of its own, to be killed or stopped; and what it is to be told.

`python -m tests.intake.projecting URL ORGANISATION NOW STOP_AFTER` says `ready`, begins when it is told a line, and
says on its last line how many deliveries came to an end by its hand. After STOP_AFTER transactions (0: never) it stops
itself as SIGSTOP does: inside one it would hold SQLite's only write lock, and nobody else could go on.
"""

import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from sqlalchemy import event, insert, select

from app.database import Base, Database
from app.funnel.fact import FactRow
from app.intake.inbox import HookDay, InboxReference, InboxRow
from app.intake.inbox_projection import project_inbox
from tests.funnel.world import RECORD, dump
from tests.intake.hooking import SETTLED, Inbox, application, encode, open_sender
from tests.intake.pulling import client_for
from tests.intake.town import DAY, SEALER, SECRET, START
from tests.support.house import ROOT


class Projector:
    """A process that projects one organisation's inbox at a time of its own."""

    def __init__(self, inbox: Inbox, now: dt.datetime, stop_after: int = 0) -> None:
        url = inbox.database.url.render_as_string(hide_password=False)
        said = (url, str(inbox.organisation_id), now.isoformat(), str(stop_after))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.intake.projecting", *said],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True,
        )  # fmt: skip

    def wait(self) -> None:
        """Until it is ready to begin."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def kill_after(self, seconds: float) -> bool:
        """Kill it so long after now; False if it had ended by then."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.process.kill()
        return self.process.wait() == -9

    def stopped(self) -> bool:
        """Wait until it has stopped itself; False if it has ended instead."""
        _pid, status = os.waitpid(self.process.pid, os.WUNTRACED)
        return os.WIFSTOPPED(status)

    def end(self) -> dict[str, int]:
        """Wait for its end: how many deliveries came to which."""
        said, _errors = self.process.communicate(timeout=300)
        assert self.process.returncode == 0
        ended: dict[str, int] = json.loads(said)
        return ended


@contextmanager
def projectors(inbox: Inbox, count: int, now: dt.datetime, stop_after: int = 0) -> Iterator[list[Projector]]:
    """Processes that are ready to begin, of which the first stops itself; none is left when the block ends."""
    made = [Projector(inbox, now, 0 if number else stop_after) for number in range(count)]
    try:
        for one in made:
            one.wait()
        yield made
    finally:
        for one in made:
            one.process.kill()
            one.process.communicate()


def open_inbox(database: Database, name: str) -> Inbox:
    sender = open_sender(database, name=name)
    return Inbox(database, sender.organisation_id, sender.connection_id, None)


def copy_inbox(inbox: Inbox, url: str) -> Inbox:
    """The same organisation with all its rows, in an empty database."""
    calm = Database(url)
    with inbox.database.reading(inbox.organisation_id) as session, calm.engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in session.execute(select(table))]
            there = connection.execute(select(table)).first()
            if rows and there is None:
                connection.execute(insert(table), rows)
    copied = Inbox(calm, inbox.organisation_id, inbox.connection_id, None)
    copied.now = inbox.now
    return copied


def rows(inbox: Inbox) -> Counter[str]:
    """All that a projection writes, without when and at which try it did."""
    with inbox.database.reading(inbox.organisation_id) as session:
        found = dump(session, (FactRow, *RECORD, HookDay, InboxReference, InboxRow))
    arrival = ("tries", "due_at", "projected_at")
    return Counter(
        f"{name} { {key: value for key, value in row.items() if key not in arrival} }"
        for name, some in found.items()
        for row in some
    )


def receive_observations(inbox: Inbox, count: int, chance: random.Random) -> None:
    """So many deliveries of observations, in any order: applications, what became of them, a conflict and something
    unreadable now and then."""
    bodies = []
    for number in range(count // 2):
        at = START + number * dt.timedelta(minutes=1)
        stage = chance.choice(("screened", "interview", "hired"))
        moved = {
            "id": f"s{number}", "kind": "stage_change", "at": (at + DAY).isoformat(), "application": f"x{number}",
            "stage": stage,
        }  # fmt: skip
        bodies += [encode(application(f"a{number}", number, at=at.isoformat())), encode(moved)]
    chance.shuffle(bodies)
    for number, body in enumerate(bodies):
        inbox.receive(body, key=f"m{number}")
        if number % 20 == 10:
            inbox.receive(encode(application(f"late{number}", number)), key=f"m{number - 1}")
            inbox.receive(b"{", key=f"broken{number}")
    inbox.now += SETTLED


def stop_after_transactions(database: Database, count: int) -> None:
    """Stop this process once so many of its transactions have ended."""
    left = iter(range(count - 1, -1, -1))

    def stop(*_said: object) -> None:
        if next(left, None) == 0:
            os.kill(os.getpid(), signal.SIGSTOP)

    event.listen(database.engine, "checkin", stop)


def main(url: str, organisation: str, now: str, stop_after: str) -> None:
    database = Database(url)
    stop_after_transactions(database, int(stop_after))
    print("ready", flush=True)
    sys.stdin.readline()
    projected = project_inbox(
        database, uuid.UUID(organisation), SECRET, sealer=SEALER, clock=partial(dt.datetime.fromisoformat, now),
        client_for=client_for, limit=1_000_000,
    )  # fmt: skip
    print(json.dumps(projected.ended))


if __name__ == "__main__":
    main(*sys.argv[1:])
