"""A projection that is killed with -9 at any moment: the next ones end with the rows of an undisturbed one."""

import random
import time
from collections.abc import Callable

import pytest

from app.database import Database
from app.intake.inbox_projection import LEASE
from tests.intake.hooking import Inbox
from tests.intake.projecting import open_inbox, projectors, receive_observations, rows
from tests.support.proofs import Proof

KILLS_A_RECORD = 3
"""Fewer than a delivery is tried: killed so often, none may be given up."""
MOST_RECORDS = 30
"""Some are done before they are killed, the more the busier the machine is."""


def project_through_kills(inbox: Inbox, chance: random.Random, kills: int, seconds: float) -> int:
    """Kill so many projections at random moments of about so many seconds that each takes, then let one end;
    returns how many were killed before they were done."""
    killed = 0
    for _try in range(kills):
        with projectors(1) as (one,):
            one.go(inbox, inbox.now)
            killed += one.kill_after(chance.uniform(0.1, 0.9) * seconds)
        inbox.now += LEASE
    while inbox.project(after=LEASE).taken:
        pass
    return killed


def differ(inbox: Inbox, calm: Inbox, chance: random.Random, kills: int) -> tuple[int, int]:
    """How many projections were killed, and in how many rows what they ended with is not what an undisturbed one
    ends with."""
    with projectors(1) as (one,):
        begun = time.perf_counter()
        one.go(calm, calm.now)
        assert sum(one.end().values()) == len(calm.states())
        seconds = time.perf_counter() - begun
    killed = project_through_kills(inbox, chance, kills, seconds)
    ours, theirs = rows(inbox), rows(calm)
    calm.database.close()
    assert any(row.startswith("application ") for row in theirs)
    return killed, ((ours - theirs) + (theirs - ours)).total()


def test_a_projection_that_is_killed_is_taken_up_as_if_nothing_had_been(
    database: Database, copy: Callable[[Inbox], Inbox]
) -> None:
    inbox, chance = open_inbox(database, "Killed"), random.Random(3)  # noqa: S311
    receive_observations(inbox, 60, chance)
    assert differ(inbox, copy(inbox), chance, kills=1) == (1, 0)


@pytest.mark.prove
def test_thirty_kills_of_projections_change_no_row(
    database: Database, copy: Callable[[Inbox], Inbox], proof: Proof
) -> None:
    chance, killed, different = random.Random(30), 0, 0  # noqa: S311
    for number in range(MOST_RECORDS):
        inbox = open_inbox(database, f"Killed {number}")
        receive_observations(inbox, 400, chance)
        more, wrong = differ(inbox, copy(inbox), chance, KILLS_A_RECORD)
        killed, different = killed + more, different + wrong
        if killed >= 30:
            break
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    proof(f"projections killed with -9 on {kind}", ">= 30", killed)
    proof(f"rows that differ from those of an undisturbed projection on {kind}", "0", different)
    assert different == 0
    assert killed >= 30
