"""A disk that takes no more: what is not stored is not acknowledged, and the door opens again by itself."""

import hashlib
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.database import Database
from app.intake.inbox import InboxRow
from tests.intake.hook_process import Served, serving_apart
from tests.intake.hooking import Sender, application, encode, open_sender
from tests.intake.signing import WHSEC, sign_standard
from tests.support.proofs import Proof

MOST = 400
"""More deliveries than fit into the room that is left."""
ROOM = 64 * 1024
RECOVERED_SECONDS = 5.0
ROUNDS = 10


@pytest.fixture
def sender(sqlite_file_url: str) -> Iterator[Sender]:
    database = Database(sqlite_file_url)
    yield open_sender(database)
    database.close()


def deliver(served: Served, sender: Sender, id: str) -> httpx.Response:
    """Send one delivery."""
    body = encode(application(id, 1))
    address = f"http://127.0.0.1:{served.port}{sender.path}"
    return httpx.post(address, content=body, headers=dict(sign_standard(body, WHSEC, id=id)), timeout=30)


def is_ready(served: Served) -> bool:
    """What the server says to whoever watches over it."""
    status = httpx.get(f"http://127.0.0.1:{served.port}/readyz", timeout=30).status_code
    assert status in (200, 503)
    return status == 200


def take_up_again(served: Served, sender: Sender, id: str) -> float:
    """Give the room back; how many seconds later the first delivery is taken and the server says that it is ready."""
    begun, number = time.perf_counter(), 0
    limit_files(served, resource.RLIM_INFINITY)
    while deliver(served, sender, f"{id}-{number}").status_code != 202 or not is_ready(served):
        assert time.perf_counter() - begun < 10 * RECOVERED_SECONDS
        number += 1
    return time.perf_counter() - begun


def fill_up(served: Served, sender: Sender, log: Path, name: str) -> list[str]:
    """Leave little room and deliver until there is none; what was acknowledged by then."""
    acknowledged = []
    limit_files(served, log.stat().st_size + ROOM)
    for number in range(MOST):
        if deliver(served, sender, f"{name}-{number}").status_code != 202:
            break
        acknowledged.append(f"{name}-{number}")
    return acknowledged


def limit_files(served: Served, size: int) -> None:
    """Let the server write no file beyond this size, nor what commits for it."""
    for pid in served.pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def count_lost(sender: Sender, acknowledged: list[str]) -> int:
    """How many of these deliveries are not stored."""
    there = {row.delivery_key for row in sender.rows(InboxRow)}
    return sum(hashlib.sha256(id.encode()).digest() not in there for id in acknowledged)


def test_a_full_disk_is_told_as_one_loses_nothing_acknowledged_and_is_over_when_there_is_room(
    sender: Sender, sqlite_file_url: str
) -> None:
    log = Path(f"{sqlite_file_url.removeprefix('sqlite:///')}-wal")
    with serving_apart(sqlite_file_url) as served:
        answer = deliver(served, sender, "m-first")
        assert answer.status_code == 202
        assert is_ready(served)
        acknowledged = fill_up(served, sender, log, "m")
        answer = deliver(served, sender, "m-again")
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
        assert 5 <= int(answer.headers["Retry-After"]) <= 60
        assert not is_ready(served), "whoever watches is told too"
        assert take_up_again(served, sender, "m-last") < RECOVERED_SECONDS
    assert len(acknowledged) > 0
    assert count_lost(sender, ["m-first", *acknowledged]) == 0


@pytest.mark.prove
def test_ten_full_disks_lose_nothing_and_are_over_soon_after_there_is_room(
    sender: Sender, sqlite_file_url: str, proof: Proof
) -> None:
    log = Path(f"{sqlite_file_url.removeprefix('sqlite:///')}-wal")
    acknowledged, red, recovered = [], 0, []
    with serving_apart(sqlite_file_url) as served:
        deliver(served, sender, "m-first")
        for turn in range(ROUNDS):
            acknowledged += fill_up(served, sender, log, f"m-{turn}")
            red += not is_ready(served)
            recovered.append(take_up_again(served, sender, f"m-{turn}-last"))
    lost = count_lost(sender, acknowledged)
    proof("full disks of which /readyz told", f"{ROUNDS} of {ROUNDS}", f"{red} of {ROUNDS}")
    proof("acknowledged before the disk was full and lost", "0", f"{lost} of {len(acknowledged)}")
    slowest = round(max(recovered), 2)
    proof(
        "slowest to take a delivery and be ready after there is room again, in s", f"< {RECOVERED_SECONDS:g}", slowest
    )
    assert (red, lost) == (ROUNDS, 0)
    assert len(acknowledged) >= ROUNDS
    assert slowest < RECOVERED_SECONDS
