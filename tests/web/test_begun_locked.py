"""A server that is begun while somebody else holds the store's lock is not ready, and gets ready by itself."""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.database import Database
from app.engine import LOCK_TIMEOUT_SECONDS
from tests.intake.hook_process import INSTALLED_SEALER, Served, serving_installed
from tests.intake.hooking import Sender, locked, open_sender

RECOVERED_SECONDS = 30.0


@pytest.fixture
def sender(sqlite_file_url: str) -> Iterator[Sender]:
    database = Database(sqlite_file_url)
    yield open_sender(database, sealer=INSTALLED_SEALER)
    database.close()


def ask(served: Served) -> int:
    """Whether it says that it is ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/readyz", timeout=60) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_server_begun_while_the_store_is_locked_is_not_ready_and_recovers_by_itself(
    sender: Sender, sqlite_file_url: str
) -> None:
    with ExitStack() as stack:
        with locked(sender):
            served = stack.enter_context(serving_installed(sqlite_file_url))
            assert ask(served) == 503
            begun = time.perf_counter()
            while time.perf_counter() - begun < 1.5 * LOCK_TIMEOUT_SECONDS:
                assert ask(served) == 503, "longer than any write waits"
        begun = time.perf_counter()
        while ask(served) != 200:
            assert time.perf_counter() - begun < RECOVERED_SECONDS
        assert served.process.stdout is not None
        assert "has no administrator" in served.process.stdout.readline(), "what it could not do before"
