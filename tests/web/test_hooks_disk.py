"""A disk that takes no more: what is not stored is not acknowledged, and the door opens again by itself."""

import hashlib
import resource
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.database import Database
from app.intake.inbox import InboxRow
from tests.intake.hook_process import Served, serving_apart
from tests.intake.hooking import Sender, application, encode, open_sender
from tests.intake.signing import WHSEC, sign_standard

MOST = 400
"""More deliveries than fit into the room that is left."""
ROOM = 64 * 1024


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


def limit_files(served: Served, size: int) -> None:
    """Let the server write no file beyond this size, nor what commits for it."""
    for pid in served.pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_full_disk_is_told_as_one_loses_nothing_acknowledged_and_is_over_when_there_is_room(
    sender: Sender, sqlite_file_url: str
) -> None:
    log = Path(f"{sqlite_file_url.removeprefix('sqlite:///')}-wal")
    acknowledged = []
    with serving_apart(sqlite_file_url) as served:
        answer = deliver(served, sender, "m-first")
        assert answer.status_code == 202
        limit_files(served, log.stat().st_size + ROOM)
        for number in range(MOST):
            answer = deliver(served, sender, f"m-{number}")
            if answer.status_code != 202:
                break
            acknowledged.append(f"m-{number}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
        assert 5 <= int(answer.headers["Retry-After"]) <= 60
        assert deliver(served, sender, "m-again").status_code == 503
        limit_files(served, resource.RLIM_INFINITY)
        assert deliver(served, sender, "m-last").status_code == 202
    there = {row.delivery_key for row in sender.rows(InboxRow)}
    assert len(acknowledged) > 0
    for id in ("m-first", "m-last", *acknowledged):
        assert hashlib.sha256(id.encode()).digest() in there, id
