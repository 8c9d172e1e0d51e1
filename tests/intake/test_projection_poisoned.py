"""A delivery that kills each process which would store it: it is given up alone, and holds up no other."""

import datetime as dt
import multiprocessing
import os
import random
import signal
from collections import Counter

import pytest
from sqlalchemy import event

from app.database import Database
from app.funnel.application import Application
from app.intake.inbox import HookDay
from app.intake.inbox_projection import LEASE, MOST_AT_ONCE, MOST_TRIES
from tests.intake.hooking import SETTLED, Inbox, application, encode
from tests.intake.projecting import open_inbox
from tests.support.proofs import Proof

POISON = "poisonous"


def plant(inbox: Inbox, count: int, chance: random.Random) -> None:
    """So many good deliveries, and the poison somewhere among them."""
    bodies = [encode(application(f"a{number}", number)) for number in range(count)]
    bodies.insert(chance.randrange(count), encode(application("poison", "poison", source={"label": POISON})))
    inbox.receive_all([(f"m{number}", body) for number, body in enumerate(bodies)])
    inbox.now += SETTLED


def project(inbox: Inbox) -> bool:
    """Project in a process of its own; whether the poison killed it."""
    inbox.database.close()
    process = multiprocessing.get_context("fork").Process(target=_project_and_die, args=(inbox,))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == -signal.SIGKILL


def _project_and_die(inbox: Inbox) -> None:
    """Project, and be killed before a statement that would store the poison."""

    def die(_connection: object, _cursor: object, _statement: str, values: object, *_said: object) -> None:
        if POISON in repr(values):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(inbox.database.engine, "before_cursor_execute", die)
    while inbox.project(after=dt.timedelta()).taken:
        pass


class Poisoned:
    """What came of an inbox with the poison in it, and how many of the good ones the first death kept waiting until
    the time was over for which the dead process had claimed them."""

    def __init__(self, inbox: Inbox) -> None:
        self.deaths = int(project(inbox))
        self.deaths += project(inbox)
        self.kept_waiting = inbox.states().count("received") - 1
        while "received" in (states := inbox.states()):
            assert self.deaths <= 2 * MOST_TRIES, Counter(states)
            inbox.now += LEASE
            self.deaths += project(inbox)
        (self.dead,) = (row for row in inbox.rows() if row.state == "dead")
        self.ended = Counter(states)
        self.applications = len(inbox.rows(Application))
        (day,) = inbox.rows(HookDay)
        self.counted = day.dead


def test_a_delivery_that_kills_the_process_is_tried_alone_and_then_given_up(database: Database) -> None:
    inbox = open_inbox(database, "Poisoned")
    plant(inbox, MOST_AT_ONCE + 20, random.Random(7))  # noqa: S311
    poisoned = Poisoned(inbox)
    assert poisoned.ended == {"done": MOST_AT_ONCE + 20, "dead": 1}
    assert (poisoned.deaths, poisoned.counted) == (MOST_TRIES, 1)
    assert poisoned.dead.reason == f"It was tried {MOST_TRIES} times in vain."
    assert poisoned.applications == MOST_AT_ONCE + 20
    assert poisoned.kept_waiting < MOST_AT_ONCE


@pytest.mark.prove
def test_a_poison_among_thousands_kills_no_more_than_its_tries(database: Database, proof: Proof) -> None:
    count, where = 2_000, "SQLite" if database.is_sqlite else "PostgreSQL"
    inbox = open_inbox(database, "Poisoned")
    plant(inbox, count, random.Random(30))  # noqa: S311
    poisoned = Poisoned(inbox)
    proof(f"processes that one delivery among {count:,} killed with -9 on {where}", f"{MOST_TRIES}", poisoned.deaths)
    proof(f"  dead letters ({where})", "1", poisoned.ended["dead"])
    proof(f"  of the {count:,} others blocked ({where})", "0", count - poisoned.ended["done"])
    proof(f"  waited until the dead process's time was over ({where})", f"< {MOST_AT_ONCE}", poisoned.kept_waiting)
    assert (poisoned.deaths, poisoned.counted) == (MOST_TRIES, 1)
    assert poisoned.ended == {"done": count, "dead": 1}
    assert poisoned.applications == count
    assert poisoned.kept_waiting < MOST_AT_ONCE
