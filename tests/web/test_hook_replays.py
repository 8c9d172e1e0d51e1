"""Deliveries that somebody has recorded and sends again, soon or much later: no report counts anything twice, nor what
was never sent in its time."""

import asyncio
import datetime as dt
import random
from collections.abc import Sequence

import pytest

from app.intake.inbox import InboxRow
from tests.intake.hooking import Sender, application, encode
from tests.intake.signing import NOW
from tests.support.flood import flood, request
from tests.support.proofs import Proof
from tests.support.server import serving

TOLERANCE = 300
SHIFTS = (0, 1, 60, TOLERANCE - 1, TOLERANCE + 1, 3_600, 86_400, 90 * 86_400, -TOLERANCE + 1, -3_600)
"""By how many seconds the clock has moved when a delivery comes again: half inside the tolerance, half outside."""


def wires(sender: Sender, name: str, count: int) -> list[bytes]:
    """Deliveries signed now, each of an application of its own."""
    made = []
    for number in range(count):
        body = encode(application(f"{name}{number}", f"{name}{number}"))
        made.append(request(sender.path, body, sender.sign(body, id=f"m-{name}{number}")))
    return made


def send(sender: Sender, wires: Sequence[bytes]) -> list[int]:
    with serving(sender.app) as base:
        answered = asyncio.run(flood(int(base.rpartition(":")[2]), enumerate(wires), connections=16))
    return list(answered.statuses.values())


def replay(sender: Sender, events: int, replays: int) -> tuple[int, int]:
    """How many replays were acknowledged, and by how much they changed what reports count and what is kept of it. A
    tenth of them comes for the first time, and outside its time: somebody has held it back."""
    seen, held_back = wires(sender, "seen", events), wires(sender, "held", events)
    assert send(sender, seen) == [202] * events
    sender.project()
    assert sender.reported() == events
    each, chance, acknowledged, changed = replays // len(SHIFTS), random.Random(3), 0, 0  # noqa: S311
    for shift in SHIFTS:
        sender.now = NOW + dt.timedelta(seconds=shift)
        late = held_back if abs(shift) > TOLERANCE else seen
        chosen = [chance.choice(late if number % 10 == 0 else seen) for number in range(each)]
        acknowledged += send(sender, chosen).count(202)
        sender.project()
        sender.now = NOW + dt.timedelta(days=91)
        changed += abs(sender.reported() - events)
    there = sender.rows(InboxRow)
    assert sum(row.state == "done" for row in there) == events
    assert {row.state for row in there if row.trust == "late"} == {"dead"}, "who has held it back is not believed"
    return acknowledged, changed


def test_nothing_that_is_sent_again_or_held_back_changes_a_count(sender: Sender) -> None:
    assert replay(sender, events=20, replays=200) == (200, 0)


@pytest.mark.prove
def test_none_of_ten_thousand_replays_changes_a_count(sender: Sender, proof: Proof) -> None:
    acknowledged, changed = replay(sender, events=500, replays=10_000)
    kind = "SQLite" if sender.database.is_sqlite else "PostgreSQL"
    proof(f"replays inside and outside the tolerance, acknowledged ({kind})", "10,000", acknowledged)
    proof(f"  by how much they changed what reports count ({kind})", "0", changed)
    assert (acknowledged, changed) == (10_000, 0)
