"""The record computed anew from its facts: how many facts a second, and how much memory it takes.

`KUTSU_BENCH_FACTS=1000000 python -m tests.bench.bench_replay` also says how the memory grows with their number.
"""

import datetime as dt
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from app.access.organisation import create_organisation, list_organisations
from app.database import Database, add_rows, to_micros
from app.funnel.fact import FACT, FactKind, FactRow, Origin
from app.funnel.replay import Place, replay_step
from tests.bench.ratio import Ratio
from tests.support.databases import migrate, sqlite_url

FACTS = int(os.environ.get("KUTSU_BENCH_FACTS", "50000"))
FEW, AT_ONCE = 100_000, 20_000
STAGES = ("screened", "interview", "offer", "hired")
START = to_micros(dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
AN_HOUR = 3_600_000_000


def run() -> list[Ratio]:
    """Of a year's facts; when there are more than a few of them, the peak of memory against that of few."""
    rate, peak = measure(FACTS)
    said = f"facts replayed a second ({FACTS:,} facts, peak of {peak:.0f} MB)"
    found = [Ratio(said, rate, at_least=10_000)]
    if FACTS > FEW:
        found.append(Ratio(f"memory of their replay / of that of {FEW:,}", peak / measure(FEW)[1], at_most=1.2))
    return found


def measure(count: int) -> tuple[float, float]:
    """Facts a second, and the peak of memory in MB, of a replay in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "bench.db")
        fill(url, count)
        command = [sys.executable, "-m", "tests.bench.bench_replay", url]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return count / float(said[0]), float(said[1])


def fill(url: str, count: int) -> None:
    """An organisation with so many facts, which the record does not know of yet."""
    migrate(url)
    database = Database(url)
    with database.writing() as session:
        organisation = create_organisation(session, "Bench", now=dt.datetime.now(dt.UTC)).id
    facts, missing = lives(random.Random(7)), count  # noqa: S311 (the same facts at every run)
    while missing > 0:
        some = [fact for fact, _ in zip(facts, range(min(AT_ONCE, missing)), strict=False)]
        with database.writing(organisation) as session:
            add_rows(session, FactRow, some)
        missing -= len(some)
    database.close()


def lives(chance: random.Random) -> Iterator[dict[str, object]]:
    """What is known of one applicant after another: ads that were seen, an application, how far it came."""
    jobs = [chance.randbytes(16) for _ in range(300)]
    while True:
        at = START + chance.randrange(24 * 365) * AN_HOUR
        person, application = chance.randbytes(16), chance.randbytes(16)
        code = f"{chance.choice('23456789')}{chance.choice('abcdefgh')}k2m{chance.choice('pqrstuvw')}"
        for number in range(chance.randrange(3)):
            seen = {"type": "click", "code": code, "label": None, "host": None}
            yield fact(chance, FactKind.TOUCHPOINT, at + number * AN_HOUR, person=person, payload=seen)
        said = {
            "code": code, "label": "LinkedIn", "host": "jobs.example", "utm": {"source": "linkedin", "content": code},
            "attributes": {"specialty": chance.choice(["gp", "paediatrics"])}, "email": None,
            "job_title": "Health centre doctor",
        }  # fmt: skip
        whom = {"person": person, "application": application}
        yield fact(chance, FactKind.APPLICATION, at + 3 * AN_HOUR, **whom, job=chance.choice(jobs), payload=said)
        for number, stage in enumerate(STAGES[: chance.randrange(len(STAGES) + 1)], 1):
            moved = at + number * 100 * AN_HOUR
            yield fact(chance, FactKind.STAGE_CHANGE, moved, application=application, stage_ref=stage)
        if chance.random() < 0.6:
            out = {"outcome": "rejected", "reason": None}
            yield fact(chance, FactKind.OUTCOME, at + 900 * AN_HOUR, application=application, payload=out)


def fact(chance: random.Random, kind: FactKind, at: int, **said: object) -> dict[str, object]:
    """A row of the table of facts."""
    nothing = dict.fromkeys(column.name for column in FACT.columns)
    key = chance.randbytes(16)
    return {
        **nothing, "key": key, "digest": key, "kind": kind.value, "system": "hr", "occurred_at": at,
        "observed_at": at, "sequence": 0, "time_quality": 0, "origin": int(Origin.API), "payload": {}, **said,
    }  # fmt: skip


def replay(url: str) -> None:
    """Print how many seconds it takes to compute a whole record anew, and the peak of memory in MB."""
    database = Database(url)
    (organisation,) = _organisations(database)
    _go_through(database, organisation)  # so that there is a record, all of which is to be computed again
    begun = time.perf_counter()
    _go_through(database, organisation)
    taken = time.perf_counter() - begun
    database.close()
    print(taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _go_through(database: Database, organisation: uuid.UUID) -> None:
    """Step by step, as a worker does it."""
    place: Place | None = Place()
    while place is not None:
        with database.writing(organisation) as session:
            place = replay_step(session, place)


def _organisations(database: Database) -> list[uuid.UUID]:
    with database.reading() as session:
        return [one.id for one in list_organisations(session)]


if __name__ == "__main__":
    if sys.argv[1:]:
        replay(sys.argv[1])
    else:
        for ratio in run():
            print(ratio)
