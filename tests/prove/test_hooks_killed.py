"""A server that is killed while it takes deliveries: what it acknowledged is there afterwards, once."""

import asyncio
import datetime as dt
import hashlib
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from app.database import Database
from app.intake.inbox import InboxRow
from tests.intake.hook_process import INSTALLED_SEALER, serving_installed
from tests.intake.hooking import Sender, application, encode, open_sender
from tests.intake.signing import WHSEC, sign_standard
from tests.support.flood import Answered, flood, request
from tests.support.proofs import Proof

MOST_AT_A_TIME = 3_000
RESTART_SECONDS = 2.0


@pytest.fixture
def sender(database_url: str) -> Iterator[Sender]:
    database = Database(database_url)
    yield open_sender(database, sealer=INSTALLED_SEALER)
    database.close()


def kill_while_sending(
    sender: Sender, url: str, kills: int, chance: random.Random, longest: float = 3.0, rate: float | None = None
) -> tuple[list[str], list[float]]:
    """The ids of all that was acknowledged, over so many lives of the server, each killed at a moment of so many
    seconds at most, and after how many seconds each acknowledged its first delivery. As fast as they are answered,
    or so many a second."""
    acknowledged: list[str] = []
    starts = []
    for life in range(kills):
        ids = [f"m-{life}-{number}" for number in range(MOST_AT_A_TIME)]
        wires = [(number, _wire(sender.path, id)) for number, id in enumerate(ids)]
        with serving_installed(url) as served:
            first = asyncio.run(flood(served.port, wires[:1], connections=1))
            starts.append(time.perf_counter() - served.begun)
            rest = _flood_until_killed(served.port, wires[1:], served.process, chance.uniform(0.05, longest), rate)
        statuses = first.statuses | rest.statuses
        acknowledged += [ids[number] for number, status in statuses.items() if status == 202]
    return acknowledged, starts


def _wire(path: str, id: str) -> bytes:
    body = encode(application(id, id))
    return request(path, body, dict(sign_standard(body, WHSEC, at=dt.datetime.now(dt.UTC), id=id)))


def _flood_until_killed(
    port: int, wires: list[tuple[int, bytes]], server: subprocess.Popen[str], seconds: float, rate: float | None
) -> Answered:
    killer = threading.Timer(seconds, server.send_signal, [signal.SIGKILL])
    killer.start()
    answered = asyncio.run(flood(port, wires, connections=16, rate=rate))
    killer.cancel()
    return answered


def _lost_and_doubled(sender: Sender, acknowledged: list[str]) -> tuple[int, int]:
    keys = [row.delivery_key for row in sender.rows(InboxRow)]
    there = set(keys)
    lost = sum(hashlib.sha256(id.encode()).digest() not in there for id in acknowledged)
    return lost, len(keys) - len(there)


def _applications(sender: Sender) -> int:
    """How many applications reports count once all deliveries, each of one of its own, have become the record."""
    sender.now = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    sender.project(INSTALLED_SEALER)
    return sender.reported()


def test_what_was_acknowledged_survives_a_kill(sender: Sender, database_url: str) -> None:
    acknowledged, _starts = kill_while_sending(sender, database_url, 2, random.Random(11), 1.0, rate=100)  # noqa: S311
    assert _lost_and_doubled(sender, acknowledged) == (0, 0)
    assert _applications(sender) == len(sender.rows(InboxRow)) > 0


@pytest.mark.prove
def test_nothing_acknowledged_is_lost_or_doubled_over_fifty_kills(
    sender: Sender, database_url: str, proof: Proof
) -> None:
    acknowledged, _starts = kill_while_sending(sender, database_url, 50, random.Random(7))  # noqa: S311
    lost, doubled = _lost_and_doubled(sender, acknowledged)
    kind = database_url.partition(":")[0]
    proof(f"acknowledged over 50 kills ({kind})", ">= 10,000", len(acknowledged))
    proof(f"acknowledged and lost ({kind})", "0", lost)
    proof(f"stored twice ({kind})", "0", doubled)
    assert (lost, doubled) == (0, 0)
    assert len(acknowledged) >= 10_000


@pytest.mark.prove
def test_reports_count_once_what_came_in_between_kills(sender: Sender, database_url: str, proof: Proof) -> None:
    acknowledged, _starts = kill_while_sending(sender, database_url, 10, random.Random(8), 2.0, rate=300)  # noqa: S311
    stored, counted = len(sender.rows(InboxRow)), _applications(sender)
    kind = database_url.partition(":")[0]
    proof(f"applications in the report after 10 kills, less deliveries stored ({kind})", "0", counted - stored)
    proof(f"  acknowledged, each of an application of its own ({kind})", ">= 1,000", len(acknowledged))
    assert counted == stored >= len(acknowledged) >= 1_000


@pytest.mark.prove
def test_a_server_takes_its_first_delivery_soon_after_a_kill(sender: Sender, database_url: str, proof: Proof) -> None:
    _acknowledged, starts = kill_while_sending(sender, database_url, 15, random.Random(5))  # noqa: S311
    kind = database_url.partition(":")[0]
    proof(f"slowest first delivery after a kill, in s ({kind})", f"< {RESTART_SECONDS:g}", round(max(starts), 2))
    assert max(starts) < RESTART_SECONDS
