"""One projection of an inbox in a process of its own, to be killed; and what it is to be told.

`python -m tests.intake.projecting URL ORGANISATION NOW` says `ready`, begins when it is told a line, and says on its
last line how many deliveries came to an end by its hand.
"""

import datetime as dt
import json
import random
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from app.database import Database
from app.intake.inbox_projection import project_inbox
from tests.intake.hooking import SETTLED, Inbox, application, encode
from tests.intake.pulling import client_for
from tests.intake.town import DAY, SEALER, SECRET, START
from tests.support.house import ROOT


class Projector:
    """A process that projects one organisation's inbox at a time of its own."""

    def __init__(self, inbox: Inbox, now: dt.datetime) -> None:
        url = inbox.database.url.render_as_string(hide_password=False)
        said = (url, str(inbox.organisation_id), now.isoformat())
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

    def end(self) -> dict[str, int]:
        """Wait for its end: how many deliveries came to which."""
        said, _errors = self.process.communicate(timeout=300)
        assert self.process.returncode == 0
        ended: dict[str, int] = json.loads(said)
        return ended


@contextmanager
def projectors(inbox: Inbox, count: int, now: dt.datetime) -> Iterator[list[Projector]]:
    """Processes that are ready to begin; none is left when the block ends."""
    made = [Projector(inbox, now) for _one in range(count)]
    try:
        for one in made:
            one.wait()
        yield made
    finally:
        for one in made:
            one.process.kill()
            one.process.communicate()


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


def main(url: str, organisation: str, now: str) -> None:
    database = Database(url)
    print("ready", flush=True)
    sys.stdin.readline()
    projected = project_inbox(
        database, uuid.UUID(organisation), SECRET, sealer=SEALER, clock=partial(dt.datetime.fromisoformat, now),
        client_for=client_for, limit=1_000_000,
    )  # fmt: skip
    print(json.dumps(projected.ended))


if __name__ == "__main__":
    main(*sys.argv[1:])
