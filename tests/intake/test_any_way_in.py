"""The same observations by webhook, pull, file and API, in any order and repeated: the record is the same."""

import datetime as dt
import enum
import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.database import Database
from app.funnel.fact import FactRow, Origin
from app.intake.connection import Connection
from app.intake.observations_file import import_file
from app.intake.observe import take_in
from tests.funnel.world import RECORD, Dump, dump
from tests.intake.hooking import Inbox, encode, open_sender
from tests.intake.town import DAY, SECRET, START
from tests.support.databases import copy_sqlite
from tests.support.proofs import Proof

ONE_FILE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
ARRIVAL = ("observed_at", "origin")
"""What may differ: when and by which ways something was heard of."""

PEOPLE = st.sampled_from(["p1", "p2", "p3"])
APPS = st.sampled_from(["x1", "x2", "x3"])
CODES = st.sampled_from([None, "h7k2mq"])
STAGES = st.sampled_from(["screened", "interview", "offer", "hired", "started"])
INSTANTS = st.integers(0, 8).map(lambda half: (START + half * DAY / 2).isoformat())


class Way(enum.StrEnum):
    WEBHOOK = "webhook"
    POLL = "poll"
    FILE = "file"
    API = "api"


@dataclass(frozen=True)
class Telling:
    """What one call, file, pull or delivery holds, and whether the inbox is looked into after it."""

    way: Way
    items: tuple[dict[str, Any], ...]
    then_project: bool


@dataclass(frozen=True)
class History:
    """Observations, and one way in which they all come to be told."""

    items: list[dict[str, Any]]
    tellings: list[Telling]


def _item(kind: str, **said: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), "at": INSTANTS, **said}).map(_named)


def _named(said: dict[str, Any]) -> dict[str, Any]:
    """With an id that is the same whenever the same is said."""
    return {"id": hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16], **said}


ITEMS = st.one_of(
    _item(
        "application",
        person=PEOPLE,
        application=APPS,
        job=st.just("j1"),
        source=st.fixed_dictionaries({"label": st.sampled_from([None, "LinkedIn"]), "tracking_code": CODES}),
    ),
    _item("stage_change", application=APPS, stage=STAGES),
    _item("outcome", application=APPS, outcome=st.sampled_from(["rejected", "withdrawn"])),
    _item("reopened", application=APPS),
    _item("unhired", application=APPS),
    _item("transferred", application=APPS, job=st.sampled_from(["j1", "j2"])),
    _item("touchpoint", person=PEOPLE, type=st.just("referral"), tracking_code=st.just("h7k2mq")),
    _item("lead", person=PEOPLE),
    _item("person_merge", person=PEOPLE, into=PEOPLE),
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Each observation told once or more, by any ways, in any order and in batches of any size."""
    said = list({item["id"]: item for item in draw(st.lists(ITEMS, min_size=1, max_size=12))}.values())
    taken_back = draw(st.lists(st.sampled_from(said), max_size=2, unique_by=lambda item: item["id"]))
    said += [_named({"kind": "void", "at": (START + 9 * DAY).isoformat(), "voids": item["id"]}) for item in taken_back]
    left = draw(st.permutations(said + draw(st.lists(st.sampled_from(said), max_size=8))))
    tellings = []
    while left:
        size = draw(st.integers(1, 4))
        batch = {item["id"]: item for item in left[:size]}
        tellings.append(Telling(draw(st.sampled_from(Way)), tuple(batch.values()), draw(st.booleans())))
        left = left[size:]
    return History(said, tellings)


class Teller:
    """Tells one copy of an organisation; the clock is moved by a minute for each telling."""

    def __init__(self, database: Database, folder: Path) -> None:
        with database.reading() as session:
            connection = session.scalars(select(Connection)).one()
        self._inbox = Inbox(database, connection.organisation_id, connection.id, None)
        self._database, self._system, self._folder = database, connection.system, folder
        self._number = 0

    def tell(self, way: Way, items: Sequence[dict[str, Any]]) -> None:
        self._number += 1
        self._inbox.now += dt.timedelta(minutes=1)
        if way is Way.WEBHOOK:
            self._inbox.receive(encode(*items), key=f"m{self._number}")
        elif way is Way.FILE:
            file = self._folder / f"{self._number}.ndjson"
            file.write_bytes(b"\n".join(encode(item) for item in items))
            receipt = import_file(
                self._database, self._inbox.organisation_id, self._system, file, secret=SECRET, now=self._inbox.now
            )
            assert (receipt.conflict, receipt.rejected) == (0, [])
        else:
            origin = Origin.POLL if way is Way.POLL else Origin.API
            with self._database.writing(self._inbox.organisation_id) as session:
                receipt = take_in(session, self._system, items, secret=SECRET, now=self._inbox.now, origin=origin)
            assert (receipt.conflict, receipt.rejected) == (0, [])

    def project(self) -> None:
        """Bring everything that waits into the record."""
        assert self._inbox.project().ended.keys() <= {"done"}

    def record(self) -> Dump:
        """All rows of facts and record, without what is said of their arrival."""
        with self._database.reading(self._inbox.organisation_id) as session:
            rows = dump(session, (FactRow, *RECORD))
        return {
            name: sorted(({key: value for key, value in row.items() if key not in ARRIVAL} for row in some), key=repr)
            for name, some in rows.items()
        }


@pytest.fixture
def template(_migrated_file: Path, tmp_path: Path) -> Path:
    """A file with an organisation and its connection, to be copied for each history."""
    path = tmp_path / "template.db"
    database = Database(copy_sqlite(_migrated_file, path))
    open_sender(database)
    database.close()
    return path


@contextmanager
def copied(template: Path) -> Iterator[Teller]:
    """A copy of the organisation, the same in everything."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(copy_sqlite(template, Path(folder) / "kutsu.db"))
        yield Teller(database, Path(folder))
        database.close()


def assert_no_way_shows(template: Path, history: History) -> None:
    """Tells a history at once through the API, and by its own ways: both must give the same rows."""
    with copied(template) as teller:
        teller.tell(Way.API, history.items)
        at_once = teller.record()
    with copied(template) as teller:
        for telling in history.tellings:
            teller.tell(telling.way, telling.items)
            if telling.then_project:
                teller.project()
        teller.project()
        assert teller.record() == at_once


@settings(suppress_health_check=ONE_FILE, max_examples=10)
@given(history=histories())
def test_nothing_of_the_ways_order_and_repetitions_of_what_was_told_is_seen_in_the_record(
    template: Path, history: History
) -> None:
    assert_no_way_shows(template, history)


@pytest.mark.prove
def test_a_thousand_histories_by_webhook_pull_file_and_api_give_no_difference(template: Path, proof: Proof) -> None:
    told = 0

    @settings(suppress_health_check=ONE_FILE, max_examples=1000, deadline=None)
    @given(history=histories())
    def tell(history: History) -> None:
        nonlocal told
        assert_no_way_shows(template, history)
        told += 1

    tell()
    proof("random histories by webhook, pull, file and API, in any order: differences", "0 of 1000", f"0 of {told}")
