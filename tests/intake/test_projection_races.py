"""Several processes project one inbox at once: each delivery comes to an end once, whoever is stopped on the way."""

import random
import signal
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from app.database import Database
from app.intake.inbox_projection import LEASE
from tests.intake.hooking import Inbox
from tests.intake.projecting import Projector, open_inbox, projectors, receive_observations, rows
from tests.support.proofs import Proof

ENDS = ("done", "dead", "needs_mapping")
MOST_TRANSACTIONS = 12


def begin(processes: Sequence[Projector], inbox: Inbox) -> None:
    for one in processes:
        one.go(inbox, inbox.now)


def race(inbox: Inbox, processes: Sequence[Projector], stop_after: int, *, ahead: bool) -> tuple[int, bool]:
    """Project the inbox by processes that begin together, or of which the first goes ahead. Where that stops itself on
    the way the others end what they can take, and once its lease is over the rest; then it is woken. Returns how many
    deliveries came to an end, by whoever it was, and whether the first was stopped before it was done."""
    ended: Counter[str] = Counter()
    first, *others = processes
    first.go(inbox, inbox.now, stop_after)
    is_stopped = ahead and first.stopped()
    begin(others, inbox)
    is_stopped = is_stopped if ahead else first.stopped()
    for one in others:
        ended.update(one.end())
    inbox.now += LEASE
    begin(others, inbox)
    for one in others:
        ended.update(one.end())
    if is_stopped:
        first.process.send_signal(signal.SIGCONT)
    ended.update(first.end())
    while inbox.project(after=LEASE).taken:  # what broke is tried again some minutes later
        pass
    return sum(ended[end] for end in ENDS), is_stopped


def judge(
    inbox: Inbox, calm: Inbox, processes: Sequence[Projector], stop_after: int, *, ahead: bool
) -> tuple[bool, int, int]:
    """Whether the first was stopped, how many ends there were too many or too few, and in how many rows the record
    differs from what one process alone makes of the same inbox."""
    processes[-1].go(calm, calm.now)
    processes[-1].end()
    ended, is_stopped = race(inbox, processes, stop_after, ahead=ahead)
    ours, theirs = rows(inbox), rows(calm)
    calm.database.close()
    assert any(row.startswith("application ") for row in theirs)
    return is_stopped, abs(ended - len(inbox.states())), ((ours - theirs) + (theirs - ours)).total()


def test_each_delivery_comes_to_an_end_once_though_one_process_is_stopped_for_longer_than_its_lease(
    database: Database, copy: Callable[[Inbox], Inbox]
) -> None:
    inbox = open_inbox(database, "Raced for")
    receive_observations(inbox, 60, random.Random(28))  # noqa: S311
    with projectors(2) as processes:
        assert judge(inbox, copy(inbox), processes, 2, ahead=True) == (True, 0, 0)


@pytest.mark.prove
@pytest.mark.parametrize("count", [2, 4])
def test_in_twenty_races_for_the_inbox_each_delivery_comes_to_an_end_once(
    database: Database, copy: Callable[[Inbox], Inbox], count: int, proof: Proof
) -> None:
    chance = random.Random(20)  # noqa: S311
    stopped = wrong = different = 0
    with projectors(count) as processes:
        for number in range(20):
            inbox = open_inbox(database, f"Raced for {number}")
            receive_observations(inbox, 400, chance)
            stop_after = chance.randint(2, MOST_TRANSACTIONS)
            found = judge(inbox, copy(inbox), processes, stop_after, ahead=number % 2 == 0)
            stopped, wrong, different = stopped + found[0], wrong + found[1], different + found[2]
    where = f"{count} processes on {'SQLite' if database.is_sqlite else 'PostgreSQL'}, 20 runs"
    proof(f"{where}, race for the inbox: stopped for longer than the lease", ">= 10", stopped)
    proof(f"{where}, race for the inbox: deliveries ended twice or not at all", "0", wrong)
    proof(f"{where}, race for the inbox: rows that differ from what one process makes", "0", different)
    assert (wrong, different) == (0, 0)
    assert stopped >= 10
