"""The writer of the hot doors: whoever is told that a row is stored finds it, and whoever is not is told at once."""

import asyncio
import itertools
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from app.database import Database, to_micros
from app.errors import Busy
from app.group_commit.process import ENOUGH, ProcessDesk
from app.group_commit.store import LARGEST_GROUP, LENGTHS, Make, Target, _open_store, make_statement
from app.group_commit.writer import MOST_BYTES_WAITING, GroupWriter
from app.intake.connectors.hook import Delivery
from app.intake.connectors.standard import StandardHooks
from app.intake.hook_source import HookSource, find_hook_source
from app.intake.inbox import INBOX
from tests.intake.hooking import Sender, open_sender
from tests.intake.makers import as_made, end_process, make, make_none
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


async def store(writer: GroupWriter, source: HookSource, numbers: Sequence[int], size: int = 100) -> list[bool]:
    """Which of the rows were said to be stored."""
    tries = (writer.store(source.target, make, source, number, size) for number in numbers)
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


def test_groups_of_any_length_add_each_row_once_by_statements_of_few_lengths(
    sender: Sender, source: HookSource
) -> None:
    store, made = _open_store(sender.database, None), itertools.count()
    statements = set()
    for length in range(1, LARGEST_GROUP + 1):
        rows = [make(source, next(made))[0] for _row in range(length)]
        statement = make_statement(
            source.target, [row for row in rows if row is not None], sender.database.engine.dialect
        )
        statements.add(statement[0])
        assert store.run([statement]) == [length]
    store.close()
    assert len(sender.rows()) == next(made)
    assert len(statements) <= 2 * len(LENGTHS) < 50


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
        await asyncio.gather(*(writer.store(source.target, as_made, made[number]) for number in numbers))

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


def test_rows_that_together_hold_more_than_may_wait_are_refused_until_there_is_room(
    sender: Sender, source: HookSource
) -> None:
    writer = GroupWriter(sender.database)
    third = MOST_BYTES_WAITING // 3

    async def run(numbers: Sequence[int]) -> list[bool]:
        tries = (writer.store(source.target, make, source, number, size=third) for number in numbers)
        return [not isinstance(one, Busy) for one in await asyncio.gather(*tries, return_exceptions=True)]

    async def run_twice() -> list[bool]:
        return [*await run(range(4)), *await run(range(4, 8))]

    assert asyncio.run(run_twice()) == [True, True, True, False] * 2
    writer.close()


def test_a_locked_database_is_told_as_busy_and_taken_up_again(
    sender: Sender, source: HookSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.group_commit.store.STORE_WAIT_SECONDS", 0.05)
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
    from app.group_commit import store as stores

    limit = {"pages": 10}
    prepare = stores._SqliteStore.__init__

    def prepare_small(self: Any, connection: Any, *more: Any) -> None:
        prepare(self, connection, *more)
        connection.execute(f"PRAGMA max_page_count={limit['pages']}")

    monkeypatch.setattr(stores._SqliteStore, "__init__", prepare_small)
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
            await writer.store(source.target, make, source, 1)
        other.execute("ROLLBACK")

    asyncio.run(run())
    other.close()
    writer.close()
    assert writer.is_failing


@pytest.mark.parametrize("apart", [False, True], ids=["thread", "process"])
def test_who_has_nothing_to_store_waits_for_no_store_that_lets_others_wait(
    sender: Sender, source: HookSource, apart: bool
) -> None:
    writer = GroupWriter(sender.database, apart=apart, most_waiting=51)
    other = sqlite3.connect(str(sender.database.url.database), isolation_level=None)

    def put(make_it: Make, *given: int) -> asyncio.Future[str]:
        return asyncio.ensure_future(writer.store(source.target, make_it, source, *given))

    async def run() -> tuple[str, str, bool]:
        await begin(writer)
        await store(writer, source, [0])  # it has its connection
        other.execute("BEGIN IMMEDIATE")
        rows, nothing = [put(make, 1) for _row in range(50)], put(make_none)
        with_them = await nothing
        refused, more = await asyncio.wait([put(make, 1), put(make, 1)], return_when=asyncio.FIRST_COMPLETED)
        assert all(isinstance(one.exception(), Busy) for one in refused)
        when_full, waited = await put(make_none), not rows[0].done()
        other.execute("ROLLBACK")
        assert set(await asyncio.gather(*rows, *more)) == {"m1"}
        await asyncio.to_thread(writer.close)
        return with_them, when_full, waited

    with_them, when_full, waited = asyncio.run(run())
    other.close()
    assert (with_them, when_full) == ("nothing", "nothing")
    assert waited, "who has something is told when it is stored"
    assert len(sender.rows()) == 2


async def begin(writer: GroupWriter) -> None:
    """Wait until the process is there, if there is to be one."""
    if not isinstance(writer._desk, ProcessDesk) or writer._desk._link is None:
        writer.go_apart()
    if isinstance(writer._desk, ProcessDesk):
        await asyncio.wait_for(writer._desk.has_begun.wait(), 60)


@pytest.mark.parametrize("apart", [False, True], ids=["thread", "process"])
def test_what_a_maker_says_is_told_with_a_row_or_without_and_what_cannot_be_made_hinders_no_other(
    database_url: str, apart: bool
) -> None:
    database = Database(database_url)
    sender = open_sender(database)
    source = find_hook_source(database, sender.connection_id, SEALER, to_micros(NOW))
    assert source is not None
    told: list[tuple[Target, int, int]] = []
    writer = GroupWriter(database, apart=apart, on_commit=lambda *one: told.append(one))

    async def run() -> list[Any]:
        await begin(writer)
        items = [writer.store(source.target, make, source, number) for number in (1, -1, 2, 1)]
        items.append(writer.store(source.target, make_none, source))
        said = await asyncio.gather(*items, return_exceptions=True)
        await asyncio.to_thread(writer.close)
        return said

    first, failed, second, again, nothing = asyncio.run(run())
    assert (first, second, again, nothing) == ("m1", "m2", "m1", "nothing")
    assert isinstance(failed, Busy)
    assert len(sender.rows()) == 2
    assert sum(offered for _target, offered, _new in told) == 3
    assert sum(new for _target, _offered, new in told) == 2
    assert {target for target, _offered, _new in told} == {source.target}
    database.close()


@pytest.mark.parametrize("apart", [False, True], ids=["thread", "process"])
def test_rows_that_come_while_others_are_stored_are_stored_too(sender: Sender, source: HookSource, apart: bool) -> None:
    writer = GroupWriter(sender.database, apart=apart)

    async def one_after_another(number: int, begun: asyncio.Task[None]) -> int:
        """Rows until the process is there, and 20 more."""
        count, more = 0, 20
        while more:
            more -= begun.done()
            assert all(await store(writer, source, [1_000_000 * number + count]))
            count += 1
        return count

    async def run() -> int:
        begun = asyncio.create_task(begin(writer))
        counts = await asyncio.gather(*(one_after_another(number, begun) for number in range(4)))
        await asyncio.to_thread(writer.close)
        return sum(counts)

    count = asyncio.run(run())
    assert count >= 80
    assert len(sender.rows()) == count
    assert not writer.is_failing


def test_enough_rows_of_one_turn_of_the_loop_are_stored_while_it_goes_on(sender: Sender, source: HookSource) -> None:
    writer = GroupWriter(sender.database, apart=True)

    async def look() -> int:
        """How many rows are there within 20 seconds in which the loop does nothing else."""
        end = time.monotonic() + 20
        while not (there := len(sender.rows())) and time.monotonic() < end:
            pass
        return there

    async def run() -> int:
        await begin(writer)
        stored = [asyncio.ensure_future(writer.store(source.target, make, source, number)) for number in range(ENOUGH)]
        there = await asyncio.ensure_future(look())
        await asyncio.gather(*stored)
        await asyncio.to_thread(writer.close)
        return there

    assert asyncio.run(run()) == ENOUGH


def test_a_process_that_dies_acknowledges_nothing_and_another_takes_its_place(
    sender: Sender, source: HookSource
) -> None:
    writer = GroupWriter(sender.database, apart=True)

    async def run() -> tuple[list[bool], bool, list[bool], list[bool]]:
        await begin(writer)
        dies = asyncio.create_task(writer.store(source.target, end_process, source))
        together = await store(writer, source, range(5))
        with pytest.raises(Busy):
            await dies
        failing, meanwhile = writer.is_failing, await store(writer, source, range(10, 15))
        await begin(writer)
        after = await store(writer, source, range(20, 25))
        await asyncio.to_thread(writer.close)
        return together, failing, meanwhile, after

    together, failing, meanwhile, after = asyncio.run(run())
    assert not any(together)
    assert failing
    assert all(meanwhile + after)
    assert writer.waiting == 0
    assert len(sender.rows()) == 10


def test_a_process_has_its_turn_among_threads_that_write_one_after_the_other(
    sender: Sender, source: HookSource
) -> None:
    writer, has_ended = GroupWriter(sender.database, apart=True), threading.Event()

    def keep_writing() -> None:
        while not has_ended.is_set():
            with sender.database.writing(sender.organisation_id) as session:
                session.execute(text("UPDATE organisation SET name = name"))
                list(session.execute(text(COUNTING)))

    async def run() -> list[bool]:
        await begin(writer)
        await store(writer, source, [0])  # it has its connection
        threads = [threading.Thread(target=keep_writing) for _thread in range(3)]
        for thread in threads:
            thread.start()
        try:
            return [one for number in range(1, 4) for one in await store(writer, source, [number])]
        finally:
            has_ended.set()
            for thread in threads:
                await asyncio.to_thread(thread.join)
            await asyncio.to_thread(writer.close)

    assert asyncio.run(run()) == [True] * 3


COUNTING = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"
"""Some hundredth of a second of work for SQLite."""
