"""Several servers share one address beside PostgreSQL, and one of them is killed while people follow links: every click
that was answered is counted, and none twice."""

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.access.organisation import TrackingMode, create_organisation
from app.database import Database
from app.funnel.daily_click import DailyClick
from app.web.links import PATIENCE_SECONDS
from tests.intake.hook_process import INSTALLED
from tests.support.flood import flood, request
from tests.support.house import ROOT
from tests.support.plan import NOW, a_campaign, a_live_placement
from tests.support.proofs import Proof

CODES = ("h7k2mq", "k2mqh7", "mqh7k2", "q7h2km", "w3x4yz")
BROWSER = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"}
STOPS_WITHIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Servers:
    """`kutsu serve` with several processes: the one that watches over them, and the port that they share."""

    process: subprocess.Popen[str]
    port: int

    def workers(self) -> list[int]:
        """The processes that answer."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@contextmanager
def serving_several(url: str, workers: int) -> Iterator[Servers]:
    """So many servers on this database, told to stop at the end; whoever was killed had another begun in its place."""
    said = ["--database", url, "serve", "--port", "0", "--workers", str(workers)]
    environment = {**os.environ, "KUTSU_SECRET_KEY": INSTALLED}
    command = [sys.executable, "-m", "app", *said]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://[^:]+:(\d+)/", process.stdout.readline())
            assert address is not None
            yield Servers(process, int(address[1]))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOPS_WITHIN_SECONDS)


@pytest.fixture
def city(postgresql_url: str) -> Iterator[Database]:
    """A city that lets clicks be counted, with some ads."""
    database = Database(postgresql_url)
    with database.writing() as session:
        ours = create_organisation(session, "City", now=NOW)
        ours.tracking_mode, ours.link_hosts = TrackingMode.AGGREGATE, ["careers.example"]
        ours_id = ours.id
    with database.writing(ours_id) as session:
        campaign = a_campaign(session, status="live").id
        for code in CODES:
            a_live_placement(session, campaign_id=campaign, tracking_code=code)
    yield database
    database.close()


@dataclass(slots=True)
class Followed:
    """What became of clicks, by their codes: sent, answered once they were stored, and stored in the end; `died` were
    on their way to the server that was killed."""

    sent: Counter[str]
    answered: Counter[str]
    stored: Counter[str]
    died: int = 0

    @property
    def lost(self) -> int:
        return (self.answered - self.stored).total()

    @property
    def doubled(self) -> int:
        return (self.stored - self.sent).total()


def follow_and_kill(url: str, city: Database, clicks: int, chance: random.Random, *, workers: int) -> Followed:
    """So many clicks over 32 connections to so many servers, one of which is killed somewhere in the middle of them;
    who lost his connection by it comes again for what he had not asked for yet."""
    before = count_clicks(city)
    wires = [request(f"/k/{CODES[number % len(CODES)]}", b"", BROWSER, "GET") for number in range(clicks)]
    kill_at = chance.randrange(clicks // 4, 3 * clicks // 4)
    asked: list[int] = []
    statuses: dict[int, int] = {}
    seconds: dict[int, float] = {}

    with serving_several(url, workers) as servers:

        def hand_out() -> Iterator[tuple[int, bytes]]:
            for number, wire in enumerate(wires):
                if number == kill_at:
                    os.kill(chance.choice(servers.workers()), signal.SIGKILL)
                asked.append(number)
                yield number, wire

        waiting = hand_out()
        while len(asked) < clicks:
            answered = asyncio.run(flood(servers.port, waiting, connections=32))
            statuses |= answered.statuses
            seconds |= answered.seconds
    assert set(statuses.values()) == {302}
    stored = [number for number in statuses if seconds[number] < PATIENCE_SECONDS]
    return Followed(
        by_code(asked), by_code(stored), count_clicks(city) - before, len(asked) - len(statuses)
    )  # fmt: skip


def by_code(numbers: list[int]) -> Counter[str]:
    return Counter(CODES[number % len(CODES)] for number in numbers)


def count_clicks(city: Database) -> Counter[str]:
    with city.reading() as session:
        counted = select(DailyClick.code, func.sum(DailyClick.n)).group_by(DailyClick.code)
        return Counter({code: int(n) for code, n in session.execute(counted)})


def test_clicks_that_were_answered_survive_the_kill_of_one_of_several_servers(
    city: Database, postgresql_url: str
) -> None:
    followed = follow_and_kill(postgresql_url, city, 400, random.Random(3), workers=2)  # noqa: S311
    assert (followed.lost, followed.doubled) == (0, 0)
    assert followed.answered.total() > 300


@pytest.mark.prove
def test_no_click_is_lost_or_doubled_over_ten_kills_of_one_of_several_servers(
    city: Database, postgresql_url: str, proof: Proof
) -> None:
    chance = random.Random(17)  # noqa: S311
    lives = [follow_and_kill(postgresql_url, city, 2_000, chance, workers=3) for _life in range(10)]
    answered, lost, doubled = (
        sum(one) for one in zip(*((f.answered.total(), f.lost, f.doubled) for f in lives), strict=True)
    )
    proof("clicks answered by 3 servers on PostgreSQL, one of which is killed, 10 times", ">= 19,000", answered)
    proof("  clicks answered and lost", "0", lost)
    proof("  clicks counted twice", "0", doubled)
    proof("  clicks on their way to a server that was killed", "said", sum(one.died for one in lives))
    assert (lost, doubled) == (0, 0)
    assert answered >= 19_000
