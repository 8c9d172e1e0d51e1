"""Projections of inboxes in a process of its own, to be killed or stopped; and what it is to be told.

`python -m tests.intake.projecting` says `ready`, and then projects one inbox for each line that it is told: URL
ORGANISATION NOW STOP_AFTER. At its end it says how many deliveries came to one by its hand. After STOP_AFTER
transactions (0: never) it says `stopped` and stops itself as SIGSTOP does: inside one it would hold SQLite's only write
lock, and nobody else could go on.
"""

import datetime as dt
import json
import os
import random
import select
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import event, insert
from sqlalchemy import select as select_rows

from app.database import Base, Database
from app.funnel.fact import FactRow
from app.intake.inbox import HookDay, InboxReference, InboxRow
from app.intake.inbox_projection import project_inbox
from tests.funnel.world import RECORD, dump
from tests.intake.hooking import SETTLED, Inbox, application, encode, open_sender
from tests.intake.pulling import client_for
from tests.intake.town import DAY, SEALER, SECRET, START
from tests.support.house import ROOT

LONGEST_SECONDS = 300
"""How long a process may be silent."""


class Projector:
    """A process that projects an organisation's inbox when it is told to, at a time that it is told."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.intake.projecting"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True,
        )  # fmt: skip
        self._said = ""

    def wait(self) -> None:
        """Until it is ready to begin."""
        assert self._listen() == "ready"

    def go(self, inbox: Inbox, now: dt.datetime, stop_after: int = 0) -> None:
        url = inbox.database.url.render_as_string(hide_password=False)
        assert self.process.stdin is not None
        self.process.stdin.write(f"{url} {inbox.organisation_id} {now.isoformat()} {stop_after}\n")
        self.process.stdin.flush()

    def kill_after(self, seconds: float) -> bool:
        """Kill it so long after now; False if it had ended by then."""
        has_ended = self._speaks_within(seconds)
        self.process.kill()
        self.process.wait()
        return not has_ended

    def stopped(self) -> bool:
        """Wait until it has stopped itself; False if it has ended instead."""
        self._said = self._listen()
        if self._said != "stopped":
            return False
        self._said = ""
        _pid, status = os.waitpid(self.process.pid, os.WUNTRACED)
        return os.WIFSTOPPED(status)

    def end(self) -> dict[str, int]:
        """Wait for its end: how many deliveries came to which."""
        ended: dict[str, int] = json.loads(self._said or self._listen())
        self._said = ""
        return ended

    def _listen(self) -> str:
        assert self._speaks_within(LONGEST_SECONDS)
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def _speaks_within(self, seconds: float) -> bool:
        assert self.process.stdout is not None
        return bool(select.select([self.process.stdout], [], [], seconds)[0])


@contextmanager
def projectors(count: int) -> Iterator[list[Projector]]:
    """Processes that are ready to begin; none is left when the block ends."""
    made = [Projector() for _number in range(count)]
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
            rows = [dict(row._mapping) for row in session.execute(select_rows(table))]
            there = connection.execute(select_rows(table)).first()
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
    deliveries = []
    for number, body in enumerate(bodies):
        deliveries.append((f"m{number}", body))
        if number % 20 == 10:
            deliveries.append((f"m{number - 1}", encode(application(f"late{number}", number))))
            deliveries.append((f"broken{number}", b"{"))
    inbox.receive_all(deliveries)
    inbox.now += SETTLED


def stop_after_transactions(database: Database, count: int) -> None:
    """Stop this process once so many of its transactions have ended."""
    left = iter(range(count - 1, -1, -1))

    def stop(*_said: object) -> None:
        if next(left, None) == 0:
            print("stopped", flush=True)
            os.kill(os.getpid(), signal.SIGSTOP)

    event.listen(database.engine, "checkin", stop)


def project(url: str, organisation: str, now: str, stop_after: str) -> dict[str, int]:
    database = Database(url)
    stop_after_transactions(database, int(stop_after))
    projected = project_inbox(
        database, uuid.UUID(organisation), SECRET, sealer=SEALER, clock=partial(dt.datetime.fromisoformat, now),
        client_for=client_for, limit=1_000_000,
    )  # fmt: skip
    database.close()
    return projected.ended


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(project(*line.split())), flush=True)


if __name__ == "__main__":
    main()
