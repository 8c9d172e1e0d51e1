"""The writer of the hot doors: whoever is told that a row is stored finds it, and whoever is not is told at once."""

import asyncio
import functools
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.database import Database, to_micros
from app.errors import Busy
from app.group_commit import GroupWriter, MakeRow, Target
from app.intake.connectors.hook import Delivery
from app.intake.connectors.standard import StandardHooks
from app.intake.hook_source import HookSource, find_hook_source
from app.intake.inbox import INBOX
from tests.intake.hooking import Sender, open_sender
from tests.intake.signing import NOW
from tests.intake.town import SEALER


@pytest.fixture
def sender(sqlite_file_url: str) -> Iterator[Sender]:
    database = Database(sqlite_file_url)
    yield open_sender(database)
    database.close()


@pytest.fixture
def source(sender: Sender) -> HookSource:
    found = find_hook_source(sender.database, sender.connection_id, SEALER, to_micros(NOW))
    assert found is not None
    return found


def row(source: HookSource, number: int, size: int = 100) -> MakeRow:
    return lambda: source.make_row(Delivery(key=f"m{number}"), {}, b"x" * size, to_micros(NOW) + number)


async def store(writer: GroupWriter, source: HookSource, numbers: range, **said: Any) -> list[bool]:
    """Which of the rows were said to be stored."""
    tries = (writer.store(source.target, row(source, number, **said)) for number in numbers)
    return [not isinstance(one, BaseException) for one in await asyncio.gather(*tries, return_exceptions=True)]


def test_all_who_wait_are_committed_together_and_told(sender: Sender, source: HookSource) -> None:
    told: list[tuple[Target, int, int]] = []
    writer = GroupWriter(sender.database, on_commit=lambda *one: told.append(one))

    async def run() -> list[bool]:
        first = await store(writer, source, range(300))
        return first + await store(writer, source, range(10))

    assert all(asyncio.run(run()))
    writer.close()
    assert len(sender.rows()) == 300
    assert sum(offered for _target, offered, _new in told) == 310
    assert sum(new for _target, _offered, new in told) == 300
    assert len(told) < 20, "one commit for many"


@pytest.mark.parametrize("numbers", [[1], [1, 2, 3], [1, 1]])
def test_a_row_is_stored_as_it_was_made_whatever_others_of_its_group_say(database_url: str, numbers: list[int]) -> None:
    database = Database(database_url)
    sender = open_sender(database)
    source = find_hook_source(database, sender.connection_id, SEALER, to_micros(NOW))
    assert source is not None
    made = {}
    for number in numbers:
        headers = {"webhook-event": "x"} if number == 2 else {}
        one = replace(source, scheme=StandardHooks(kept_headers=frozenset({"webhook-event"})))
        made[number] = one.make_row(Delivery(key=f"m{number}"), headers, b"body", to_micros(NOW) + number)

    async def run() -> None:
        await asyncio.gather(
            *(writer.store(source.target, functools.partial(made.__getitem__, number)) for number in numbers)
        )

    writer = GroupWriter(database)
    asyncio.run(run())
    writer.close()
    names = [column.name for column in INBOX.columns]
    stored = {tuple(str(getattr(row, name)) for name in names) for row in sender.rows()}
    assert stored == {tuple(map(str, row)) for row in made.values()}
    database.close()


def test_a_queue_that_is_full_refuses_at_once_and_loses_nothing_it_took(sender: Sender, source: HookSource) -> None:
    writer = GroupWriter(sender.database, most_waiting=20)
    stored = asyncio.run(store(writer, source, range(100)))
    writer.close()
    assert stored.count(True) == 20
    assert len(sender.rows()) == 20
    assert writer.waiting == 0


def test_a_locked_database_is_told_as_busy_and_taken_up_again(
    sender: Sender, source: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.group_commit.STORE_WAIT_SECONDS", 0.05)
    writer = GroupWriter(sender.database)
    other = sqlite3.connect(str(sender.database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def run() -> tuple[list[bool], bool, list[bool], bool]:
        refused, failing = await store(writer, source, range(5)), writer.is_failing
        other.execute("ROLLBACK")
        return refused, failing, await store(writer, source, range(5)), writer.is_failing

    refused, failing, stored, still = asyncio.run(run())
    other.close()
    writer.close()
    assert (any(refused), failing) == (False, True)
    assert (all(stored), still) == (True, False)
    assert len(sender.rows()) == 5


def test_a_full_disk_acknowledges_nothing_that_is_not_there_and_recovers_alone(
    sender: Sender, source: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app import group_commit

    limit = {"pages": 10}
    prepare = group_commit._SqliteStore.__init__

    def prepare_small(self: Any, connection: Any, *more: Any) -> None:
        prepare(self, connection, *more)
        connection.execute(f"PRAGMA max_page_count={limit['pages']}")

    monkeypatch.setattr(group_commit._SqliteStore, "__init__", prepare_small)
    writer = GroupWriter(sender.database)

    async def run() -> tuple[list[bool], list[bool]]:
        acknowledged = []
        for number in range(30):
            acknowledged += await store(writer, source, range(number, number + 1), size=20_000)
        limit["pages"] = 1_000_000
        return acknowledged, await store(writer, source, range(100, 110))

    acknowledged, after = asyncio.run(run())
    writer.close()
    assert not all(acknowledged)
    assert all(after)
    assert len(sender.rows()) == acknowledged.count(True) + 10


def test_who_waits_too_long_is_told_so(sender: Sender, source: HookSource) -> None:
    writer = GroupWriter(sender.database, longest_wait=0.0)
    other = sqlite3.connect(str(sender.database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def run() -> None:
        with pytest.raises(Busy):
            await writer.store(source.target, row(source, 1))
        other.execute("ROLLBACK")

    asyncio.run(run())
    other.close()
    writer.close()
    assert writer.is_failing
