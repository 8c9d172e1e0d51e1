"""A process that is killed while it takes files: what it acknowledged is there and whole, and what it left behind goes
in time."""

import datetime as dt
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.access.organisation import create_organisation
from app.database import Database
from app.files.store import FileStore, Swept
from app.planning.asset_file import AssetFile
from app.planning.filing import find_faulty, sweep_files
from tests.support.house import ROOT
from tests.support.plan import NOW, an_asset
from tests.support.proofs import Proof

TODAY = dt.datetime.now(dt.UTC)
LATER = dt.timedelta(days=31)
KILLS, LONGEST_LIFE, LEAST = 12, 1.5, 60
"""How many processes are killed, after so many seconds at most from their first file on."""


class Office:
    """A database and a folder that outlive the processes which work on them."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.database, self.store = url, Database(url), FileStore(folder / "files")
        with self.database.writing() as session:
            self.organisation = create_organisation(session, "Town", now=NOW).id
        self.acknowledged: set[str] = set()

    def live(self, number: int, *, dies: bool = False, seconds: float = 60.0) -> int:
        """One life of a process that adds files until it dies by itself or is killed; how many it acknowledged."""
        with self.database.writing(self.organisation) as session:
            asset = an_asset(session, status="draft").id
        words = [self.url, str(self.store.folder), str(self.organisation), str(asset), str(100 * number)]
        command = [sys.executable, "-m", "tests.files.adder", *words, *(["dies"] if dies else [])]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            first = process.stdout.readline().strip()
            killer = threading.Timer(seconds, process.kill)
            killer.start()
            said = {first, *(line.strip() for line in process.stdout if line.endswith("\n"))} - {""}
            killer.cancel()
        self.acknowledged |= said
        return len(said)

    def lost(self) -> int:
        """Of what was acknowledged, how much is not there or not whole."""
        with self.database.reading(self.organisation) as session:
            faulty = {one.sha256 for one in find_faulty(session, self.store)}
        return sum(one in faulty or not self.store.path(self.organisation, one).is_file() for one in self.acknowledged)

    def on_disk(self) -> set[str]:
        assert self.store.folder is not None
        return {one.name for one in (self.store.folder / self.organisation.hex).rglob("*") if one.is_file()}

    def sweep(self, at: dt.datetime) -> Swept:
        with self.database.writing(self.organisation) as session:
            return sweep_files(session, self.store, at)

    def named(self) -> set[str]:
        with self.database.reading(self.organisation) as session:
            return set(session.scalars(select(AssetFile.sha256)))


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    office = Office(database_url, tmp_path)
    yield office
    office.database.close()


def test_killed_between_the_bytes_and_their_row_nothing_acknowledged_is_lost_and_the_rest_is_swept(
    office: Office,
) -> None:
    assert office.live(1, dies=True) == 0
    assert (len(office.on_disk()), office.named()) == (2, set()), "in place, and as it came"
    assert office.sweep(TODAY) == Swept(0, 0)
    assert office.sweep(TODAY + LATER) == Swept(1, 1)
    assert office.on_disk() == set()


@pytest.mark.prove
def test_over_many_kills_nothing_acknowledged_is_lost_and_nothing_is_left_behind(office: Office, proof: Proof) -> None:
    chance = random.Random(3)  # noqa: S311
    for number in range(KILLS):
        office.live(number, seconds=chance.uniform(0.0, LONGEST_LIFE))
    kind = office.url.partition(":")[0]
    proof(f"files acknowledged over {KILLS} kills ({kind})", f">= {LEAST}", len(office.acknowledged))
    proof(f"files acknowledged and lost ({kind})", "0", office.lost())
    assert office.lost() == 0
    assert len(office.acknowledged) >= LEAST
    assert office.acknowledged <= office.named()
    office.sweep(TODAY + dt.timedelta(days=2))
    office.sweep(TODAY + dt.timedelta(days=40))
    proof(f"files on disk that nothing names, in the end ({kind})", "0", len(office.on_disk() - office.named()))
    assert office.on_disk() == office.named()
