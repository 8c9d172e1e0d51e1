"""PostgreSQL is restarted while deliveries come in: what was acknowledged is there, once, and the door opens again."""

import asyncio
import hashlib
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.database import Database
from app.intake.inbox import InboxRow
from tests.intake.hook_process import Served, serving_apart
from tests.intake.hooking import Sender, application, encode, open_sender
from tests.intake.signing import WHSEC, sign_standard
from tests.support.databases import Postgres, migrate, running_postgres
from tests.support.flood import Answered, flood, request
from tests.support.proofs import Proof

RECOVERED_SECONDS = 5.0
pytestmark = pytest.mark.postgresql


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    """A PostgreSQL of this test's own."""
    with running_postgres(uuid.uuid4().hex, "restarted", tmp_path) as server:
        yield server


def id_of(life: int, number: int) -> str:
    return f"m-{life}-{number}"


def wires(sender: Sender, life: int, count: int) -> list[tuple[int, bytes]]:
    made = []
    for number in range(count):
        body = encode(application(f"a-{life}-{number}", number))
        made.append((number, request(sender.path, body, dict(sign_standard(body, WHSEC, id=id_of(life, number))))))
    return made


def flood_over_a_restart(server: Postgres, served: Served, sender: Sender, life: int, count: int) -> Answered:
    restarting = threading.Timer(0.2, server.restart)
    restarting.start()
    answered = asyncio.run(flood(served.port, wires(sender, life, count), connections=16))
    restarting.join()
    return answered


def wait_for_the_door(served: Served, sender: Sender, life: int) -> tuple[str, float]:
    """The first delivery that is taken after the server is back, and how long it took to be."""
    begun, number = time.perf_counter(), 1_000_000
    while True:
        body = encode(application(f"a-{life}-{number}", number))
        wire = request(sender.path, body, dict(sign_standard(body, WHSEC, id=id_of(life, number))))
        if asyncio.run(flood(served.port, [(number, wire)], connections=1)).statuses == {number: 202}:
            return id_of(life, number), time.perf_counter() - begun
        assert time.perf_counter() - begun < 10 * RECOVERED_SECONDS
        number += 1


def restart_while_sending(server: Postgres, lives: int, count: int) -> tuple[list[str], set[int], list[float], int]:
    """What was acknowledged over so many restarts, all statuses, the times to the first success, and rows stored."""
    acknowledged, statuses, recovered = [], set[int](), []
    with server.database() as name:
        url = server.url(name)
        migrate(url)
        database = Database(url)
        sender = open_sender(database)
        with serving_apart(url) as served:
            for life in range(lives):
                answered = flood_over_a_restart(server, served, sender, life, count)
                first, seconds = wait_for_the_door(served, sender, life)
                taken = [id_of(life, number) for number, status in answered.statuses.items() if status == 202]
                acknowledged += [*taken, first]
                statuses |= set(answered.statuses.values())
                recovered.append(seconds)
        keys = [row.delivery_key for row in sender.rows(InboxRow)]
        database.close()
    lost = sum(hashlib.sha256(id.encode()).digest() not in set(keys) for id in acknowledged)
    assert len(keys) == len(set(keys))
    return acknowledged, statuses, recovered, lost


def test_a_restart_of_the_database_loses_nothing_acknowledged_and_the_door_opens_again(server: Postgres) -> None:
    acknowledged, statuses, _recovered, lost = restart_while_sending(server, 1, 2_000)
    assert lost == 0
    assert len(acknowledged) > 1
    assert statuses <= {202, 503}


@pytest.mark.prove
def test_nothing_acknowledged_is_lost_over_ten_restarts(server: Postgres, proof: Proof) -> None:
    acknowledged, statuses, recovered, lost = restart_while_sending(server, 10, 2_000)
    proof("acknowledged over 10 restarts of PostgreSQL", ">= 2,000", len(acknowledged))
    proof("acknowledged and lost over restarts of PostgreSQL", "0", lost)
    proof("slowest to take the first delivery again, in s", f"< {RECOVERED_SECONDS:g}", round(max(recovered), 2))
    assert lost == 0
    assert statuses == {202, 503}, "who came while it was away was sent away"
    assert len(acknowledged) >= 2_000
    assert max(recovered) < RECOVERED_SECONDS
