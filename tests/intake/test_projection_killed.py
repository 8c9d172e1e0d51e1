"""A projection that is killed with -9 at any moment: the next ones end with the rows of an undisturbed one."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from app.database import Base, Database
from app.funnel.fact import FactRow
from app.intake.inbox import HookDay, InboxReference, InboxRow
from app.intake.inbox_projection import LEASE
from tests.funnel.world import RECORD, dump
from tests.intake.hooking import Inbox, open_sender
from tests.intake.projecting import projectors, receive_observations
from tests.support.databases import copy_sqlite
from tests.support.proofs import Proof

KILLS_A_RECORD = 3
"""Fewer than a delivery is tried: killed so often, none may be given up."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def open_inbox(database: Database, name: str) -> Inbox:
    sender = open_sender(database, name=name)
    return Inbox(database, sender.organisation_id, sender.connection_id, None)


@pytest.fixture
def copy(_migrated_file: Path, tmp_path: Path) -> Callable[[Inbox], Inbox]:
    """Makes a copy of an inbox in a file of its own."""
    return lambda inbox: copy_inbox(inbox, copy_sqlite(_migrated_file, tmp_path / f"{inbox.organisation_id}.db"))


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


def project_through_kills(inbox: Inbox, chance: random.Random, kills: int, seconds: float) -> int:
    """Kill so many projections at random moments of about so many seconds that each takes, then let one end;
    returns how many were killed before they were done."""
    killed = 0
    for _try in range(kills):
        with projectors(inbox, 1, inbox.now) as (one,):
            one.go()
            killed += one.kill_after(chance.uniform(0.1, 0.9) * seconds)
        inbox.now += LEASE
    while inbox.project(after=LEASE).taken:
        pass
    return killed


def differ(inbox: Inbox, calm: Inbox, chance: random.Random, kills: int) -> tuple[int, int]:
    """How many projections were killed, and in how many rows what they ended with is not what an undisturbed one
    ends with."""
    with projectors(calm, 1, calm.now) as (one,):
        begun = time.perf_counter()
        one.go()
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
    for number in range(12):
        inbox = open_inbox(database, f"Killed {number}")
        receive_observations(inbox, 400, chance)
        more, wrong = differ(inbox, copy(inbox), chance, KILLS_A_RECORD)
        killed, different = killed + more, different + wrong
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    proof(f"projections killed with -9 on {kind}", ">= 30", killed)
    proof(f"rows that differ from those of an undisturbed projection on {kind}", "0", different)
    assert different == 0
    assert killed >= 30
