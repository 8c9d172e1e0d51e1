"""Observations by the API, acknowledged and projected, against the bare writing of the rows that they become."""

import datetime as dt
import json
import random
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from app.access.organisation import TrackingMode, create_organisation
from app.database import Database
from app.intake.observe import parse_items, take_in
from tests.bench.ratio import Ratio
from tests.support.databases import migrate, sqlite_url

CALLS, ITEMS_A_CALL, APPLICANTS = 10, 10_000, 20_000
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
SECRET = b"a secret that is only good for benches"
STAGES = ("screened", "interview", "offer", "hired")


def run() -> list[Ratio]:
    """100,000 observations in calls of 10,000; the reference writes the very same rows, 10,000 a commit."""
    bodies = [json.dumps(call).encode() for call in calls()]
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder) / "filled.db"
        taken = seconds_to_take_in(filled, bodies)
        bare = seconds_to_write_bare(filled, Path(folder) / "bare.db")
    return [Ratio("100,000 observations taken in / their rows written bare", bare / taken, at_least=0.15)]


def calls() -> list[list[dict[str, Any]]]:
    """A year of an organisation in the order of time, cut into calls."""
    chance = random.Random(7)  # noqa: S311 (the same year at every run)
    items: list[dict[str, Any]] = []
    number = 0
    while len(items) < CALLS * ITEMS_A_CALL:
        number += 1
        items += life(chance, number)
    items = items[: CALLS * ITEMS_A_CALL]
    items.sort(key=lambda item: item["at"])
    for place, item in enumerate(items):
        item["id"] = f"o{place}"
    return [items[start : start + ITEMS_A_CALL] for start in range(0, len(items), ITEMS_A_CALL)]


def life(chance: random.Random, number: int) -> list[dict[str, Any]]:
    """What is seen of one applicant: some ads, an application, how far it came, how it ended."""
    hour = chance.randrange(24 * 300)
    person, application = f"person-{number}", f"application-{number}"
    code = f"{chance.choice('23456789')}{chance.choice('abcdefgh')}k2m{chance.choice('pqrstuvw')}"
    seen: list[dict[str, Any]] = [
        {"kind": "touchpoint", "type": chance.choice(["click", "attendance"]), "person": person, "tracking_code": code}
        for _ in range(chance.randrange(3))
    ]
    seen.append(
        {
            "kind": "application",
            "person": person,
            "application": application,
            "job": f"job-{chance.randrange(300)}",
            "job_title": "Health centre doctor",
            "attributes": {"specialty": chance.choice(["gp", "paediatrics"])},
            "source": {
                "label": "LinkedIn",
                "url": f"https://jobs.example/apply?utm_source=linkedin&utm_content={code}",
            },
        }
    )
    came_to = STAGES[: chance.randrange(len(STAGES) + 1)]
    seen += [{"kind": "stage_change", "application": application, "stage": stage} for stage in came_to]
    if chance.random() < 0.6:
        seen.append({"kind": "outcome", "application": application, "outcome": "rejected"})
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return [{**one, "at": (start + dt.timedelta(hours=hour + 60 * step)).isoformat()} for step, one in enumerate(seen)]


def seconds_to_take_in(file: Path, bodies: list[bytes]) -> float:
    """Reads, stores, projects and commits every call."""
    migrate(sqlite_url(file))
    database = Database(sqlite_url(file))
    with database.writing() as session:
        organisation = create_organisation(session, "Bench", now=NOW, tracking_mode=TrackingMode.CONSENTED).id
    start = time.perf_counter()
    for body in bodies:
        with database.writing(organisation) as session:
            receipt = take_in(session, "hr", parse_items(body, lines=False), secret=SECRET, now=NOW)
        assert receipt.accepted == ITEMS_A_CALL
    taken = time.perf_counter() - start
    database.close()
    return taken


def seconds_to_write_bare(filled: Path, file: Path) -> float:
    """Writes all rows of all tables again with what SQLite itself offers: the facts of a call and the rows made
    of them in one commit, under the same indexes and with the same care for what is on the disk."""
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"ATTACH '{filled}' AS filled")
    named = "type IN ('table', 'index') AND name NOT LIKE 'sqlite_%' AND sql IS NOT NULL"
    schema = connection.execute(f"SELECT sql, type, name FROM filled.sqlite_master WHERE {named} ORDER BY type DESC")
    tables = [name for sql, type, name in schema.fetchall() if (connection.execute(sql), type == "table")[1]]
    rows = {name: connection.execute(f'SELECT * FROM filled."{name}"').fetchall() for name in tables}
    connection.execute("DETACH filled")
    connection.execute("PRAGMA foreign_keys=OFF")
    start = time.perf_counter()
    for call in range(CALLS):
        connection.execute("BEGIN IMMEDIATE")
        for name, all_rows in rows.items():
            some = all_rows[len(all_rows) * call // CALLS : len(all_rows) * (call + 1) // CALLS]
            if some:
                marks = ", ".join("?" * len(some[0]))
                connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', some)
        connection.execute("COMMIT")
    written = time.perf_counter() - start
    connection.close()
    return written
