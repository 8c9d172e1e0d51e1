"""Who may write next: those who asked first, and nobody waits for ever."""

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import engine
from app.database import Database
from app.engine import turns_of
from app.turns import Turns, turns_at

PATIENCE = 20.0
"""Seconds after which a test gives up on something that should have come long ago."""


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        threading.Event().wait(0.001)


def ask_in_turn(turns: Turns, works: list[Callable[[], None]]) -> list[threading.Thread]:
    """Threads that do these, each of them waiting for its turn before the next one asks."""
    threads = []
    for number, work in enumerate(works, 1):
        thread = threading.Thread(target=work)
        thread.start()
        threads.append(thread)
        wait_until(lambda number=number: len(turns._waiting) == number)  # type: ignore[misc]
    return threads


def test_a_turn_goes_to_who_asked_first() -> None:
    turns, order = Turns(), list[int]()

    def work(number: int) -> Callable[[], None]:
        def take() -> None:
            assert turns.take(PATIENCE)
            order.append(number)
            turns.give()

        return take

    assert turns.take(0)
    threads = ask_in_turn(turns, [work(number) for number in range(8)])
    turns.give()
    for thread in threads:
        thread.join(PATIENCE)
    assert order == list(range(8))
    assert turns.take(0), "and it is free again"


def test_who_commits_for_many_goes_before_all_who_asked_earlier_and_then_lets_one_of_them() -> None:
    turns, order = Turns(), list[str]()

    def take(name: str, *, first: bool = False, until: int = 0) -> None:
        """Take a turn, and give it when so many wait."""
        assert turns.take(PATIENCE, first=first)
        order.append(name)
        wait_until(lambda: len(turns._waiting) >= until)
        turns.give()

    def take_twice() -> None:
        take("many", first=True)
        take("many", first=True)

    assert turns.take(0)
    threads = ask_in_turn(turns, [lambda: take("one", until=2), lambda: take("two"), take_twice])
    turns.give()
    for thread in threads:
        thread.join(PATIENCE)
    assert order == ["many", "one", "many", "two"]


def test_who_has_waited_too_long_goes_without_and_holds_nobody_up() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.01)
    turns.give()
    assert turns.take(0)


def test_all_who_write_to_one_file_share_its_turns() -> None:
    assert turns_at("one.db") is turns_at("one.db")
    mine = turns_at("one.db")
    assert mine is not turns_at("other.db")


def test_transactions_on_sqlite_are_let_in_as_they_asked(sqlite_file_url: str) -> None:
    # Asking SQLite itself, those who came last and ask most often would be first.
    database, order = Database(sqlite_file_url), list[int]()
    turns = turns_of(database.url)

    def write(number: int) -> Callable[[], None]:
        def work() -> None:
            with database.writing() as session:
                session.connection()
                order.append(number)

        return work

    with database.writing() as session:
        session.connection()
        threads = ask_in_turn(turns, [write(number) for number in range(5)])
    for thread in threads:
        thread.join(PATIENCE)
    database.close()
    assert order == list(range(5))


@pytest.mark.parametrize("ends_well", [True, False])
def test_a_turn_ends_with_its_transaction_whatever_that_comes_to(sqlite_file_url: str, ends_well: bool) -> None:
    database = Database(sqlite_file_url)
    if ends_well:
        with database.writing() as session:
            session.execute(text("SELECT 1"))
    else:
        with pytest.raises(OperationalError), database.writing() as session:
            session.execute(text("SELECT nothing"))
    assert turns_of(database.url).take(0)
    database.close()


def test_a_writer_whose_turn_does_not_come_is_told_that_the_database_is_locked(
    sqlite_file_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCK_TIMEOUT_SECONDS", 0.01)
    database = Database(sqlite_file_url)
    turns = turns_of(database.url)
    assert turns.take(0)
    with pytest.raises(OperationalError, match="database is locked"), database.writing() as session:
        session.connection()
    turns.give()
    with database.writing() as session:
        session.connection()
    database.close()
