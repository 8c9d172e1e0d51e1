"""Links that are followed and counted on disk, against the same route that leads on and does nothing: 64 connections,
both in turn, each in a server of its own."""

import asyncio
import datetime as dt
import statistics
import tempfile
from pathlib import Path

from app.access.organisation import TrackingMode, create_organisation
from app.database import Database
from tests.bench.bench_hooks import CONNECTIONS, TURNS, durable_postgres, serving
from tests.bench.ratio import Ratio
from tests.support.databases import migrate, sqlite_url
from tests.support.flood import Answered, flood, request
from tests.support.plan import OWN_HOSTS, a_live_placement

VISITS, CODE = 1_000, "h7k2mq"
BROWSER = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"}


def run() -> list[Ratio]:
    """For each database the median of what was measured in turn."""
    with tempfile.TemporaryDirectory() as folder:
        lite = measure(sqlite_url(Path(folder) / "bench.db"))
    with durable_postgres() as url:
        postgres = measure(url)
    return [
        Ratio("links followed and counted on disk (SQLite) / the same route doing nothing", lite, at_least=0.65),
        Ratio(
            "links followed and counted on disk (PostgreSQL) / the same route doing nothing", postgres, at_least=0.65
        ),
    ]


def measure(url: str) -> float:
    """How many more links a second are followed where nothing is counted."""
    migrate(url)
    database = Database(url)
    now = dt.datetime.now(dt.UTC)
    with database.writing() as session:
        organisation = create_organisation(
            session, "Bench", now=now, tracking_mode=TrackingMode.AGGREGATE, link_hosts=OWN_HOSTS
        ).id
    with database.writing(organisation) as session:
        a_live_placement(session, tracking_code=CODE)
    database.close()
    with serving(url, "door") as port, serving(url, "idle") as idle_port:
        for one in (port, idle_port):
            visit(one)
        rates = [(visit(port), visit(idle_port)) for _turn in range(TURNS)]
        assert {status for pair in rates for one in pair for status in one.statuses.values()} == {302}
    return statistics.median(counted.rate / idle.rate for counted, idle in rates)


def visit(port: int) -> Answered:
    """Follow the link many times."""
    wire = request(f"/k/{CODE}", b"", BROWSER, "GET")
    return asyncio.run(flood(port, [(number, wire) for number in range(VISITS)], connections=CONNECTIONS))


if __name__ == "__main__":
    for ratio in run():
        print(ratio)
