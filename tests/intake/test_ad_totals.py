"""A file takes the place of what is here for exactly its days and accounts, and can be taken back."""

import datetime as dt
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.access.audit_reading import AuditFilter, all_entries
from app.access.organisation import Organisation, create_organisation
from app.database import Database
from app.errors import Conflict, Invalid, Missing
from app.funnel.daily_ad_total import AdImport, DailyAdTotal, list_covered_days, sum_ads
from app.intake.ad_totals.keeping import (
    HELD_FOR,
    UNDONE_WITHIN,
    discard,
    foresee,
    forget_replaced,
    get_import,
    hold,
    keep,
    list_imports,
    undo,
)
from app.intake.ad_totals.reading import read_ad_file
from app.intake.ad_totals.settling import Hints
from tests.support.databases import copy_sqlite
from tests.support.plan import NOW

HOUR = dt.timedelta(hours=1)
Said = dict[tuple[str, str, str], int]
"""What stands: by account, day and campaign, how much was spent."""


class Town:
    """One organisation's imports; each a little later than the one before."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, NOW
        with database.writing() as session:
            self.id = create_organisation(session, f"Town {uuid.uuid4().hex}", now=NOW).id

    def hold(self, *rows: str, platform: str = "meta", currency: str = "EUR") -> uuid.UUID:
        """Rows are written `account day campaign spend`, the day of March 2026."""
        cells = [row.split() for row in rows]
        lines = [f"2026-03-{int(day):02},{account},{name},{spend}.00" for account, day, name, spend in cells]
        data = "\n".join([f"Day,Account,Campaign,Cost ({currency})", *lines]).encode()
        file = read_ad_file(data, "spend.csv", Hints.model_validate({"platform": platform}), dt.date(2026, 4, 1))
        self.now += HOUR
        with self.database.writing(self.id) as session:
            return hold(session, file, "spend.csv", self.now).id

    def reads(self, *rows: str, platform: str = "meta", currency: str = "EUR") -> uuid.UUID:
        held = self.hold(*rows, platform=platform, currency=currency)
        with self.database.writing(self.id) as session:
            return keep(session, held, self.now).id

    def undoes(self, import_id: uuid.UUID) -> None:
        self.now += HOUR
        with self.database.writing(self.id) as session:
            undo(session, import_id, self.now)

    def stands(self) -> Said:
        with self.database.reading(self.id) as session:
            standing = select(DailyAdTotal).where(DailyAdTotal.replaced_at.is_(None))
            found = {(one.account, str(one.day.day), one.campaign): one for one in session.scalars(standing)}
            assert len(found) == session.scalar(select(func.count()).select_from(standing.subquery()))
            return {place: (one.spend_minor or 0) // 100 for place, one in found.items()}


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    database = Database(database_url)
    yield Town(database)
    database.close()


def test_a_file_replaces_exactly_the_days_and_accounts_that_it_covers(town: Town) -> None:
    town.reads("city 1 A 10", "city 1 B 20", "city 2 A 30", "port 1 A 40")
    town.reads("city 1 A 15", "city 3 A 50")
    assert town.stands() == {
        ("city", "1", "A"): 15, ("city", "2", "A"): 30, ("port", "1", "A"): 40, ("city", "3", "A"): 50,
    }  # fmt: skip
    town.reads("city 1 A 99", platform="google")
    with town.database.reading(town.id) as session:
        assert sum(ad.spend_minor or 0 for ad in sum_ads(session)) == (15 + 30 + 40 + 50 + 99) * 100
        assert {place: len(days) for place, days in list_covered_days(session).items()} == {
            ("meta", "city"): 3, ("meta", "port"): 1, ("google", "city"): 1,
        }  # fmt: skip


def test_the_same_file_twice_changes_nothing(town: Town) -> None:
    town.reads("city 1 A 10", "city 2 A 30")
    before = town.stands()
    with pytest.raises(Conflict, match="All of this is here already"):
        town.reads("city 2 A 30", "city 1 A 10")
    with town.database.reading(town.id) as session:
        assert len(list_imports(session)) == 1
        assert session.scalar(select(func.count()).select_from(DailyAdTotal)) == 2
    assert town.stands() == before


def test_what_is_held_counts_nowhere_until_it_is_kept_and_is_forgotten_after_a_day(town: Town) -> None:
    first, second = town.hold("city 1 A 10"), town.hold("city 1 A 20")
    assert town.stands() == {}
    with town.database.writing(town.id) as session:
        discard(session, second)
    with town.database.writing(town.id) as session, pytest.raises(Missing):
        get_import(session, second)
    town.now += HELD_FOR
    town.hold("city 1 A 30")
    with town.database.writing(town.id) as session, pytest.raises(Missing):
        keep(session, first, town.now)


def test_what_it_would_do_is_foreseen(town: Town) -> None:
    town.reads("city 1 A 10", "city 1 B 20", "city 2 C 30")
    held = town.hold("city 1 A 15")
    with town.database.reading(town.id) as session:
        found = foresee(session, get_import(session, held))
    assert (found.replaced, found.replaced_spend, found.gone, found.is_known) == (2, {"EUR": 3000}, ("B",), False)


def test_an_import_taken_back_lets_stand_what_stood_before(town: Town) -> None:
    town.reads("city 1 A 10", "city 2 A 20")
    last, second = town.reads("city 2 A 22"), town.reads("city 2 A 25", "city 3 A 30")
    third = town.reads("city 3 A 35")
    town.undoes(second)
    assert town.stands() == {("city", "1", "A"): 10, ("city", "2", "A"): 22, ("city", "3", "A"): 35}
    town.undoes(last)
    assert town.stands() == {("city", "1", "A"): 10, ("city", "2", "A"): 20, ("city", "3", "A"): 35}
    town.undoes(third)
    assert town.stands() == {("city", "1", "A"): 10, ("city", "2", "A"): 20}
    with pytest.raises(Conflict, match="cannot be taken back any more"):
        town.undoes(third)


def test_after_a_month_nothing_is_taken_back_and_what_was_replaced_is_forgotten(town: Town) -> None:
    first = town.reads("city 1 A 10")
    second = town.reads("city 1 A 20")
    town.now += UNDONE_WITHIN
    for one in (first, second):
        with pytest.raises(Conflict):
            town.undoes(one)
    with town.database.writing(town.id) as session:
        assert forget_replaced(session, town.now) == 1
    assert town.stands() == {("city", "1", "A"): 20}


def test_a_held_file_cannot_be_kept_twice_nor_taken_back(town: Town) -> None:
    held = town.hold("city 1 A 10")
    with pytest.raises(Conflict):
        town.undoes(held)
    with town.database.writing(town.id) as session:
        keep(session, held, town.now)
    with pytest.raises(Conflict, match="not waiting any more"), town.database.writing(town.id) as session:
        keep(session, held, town.now)


def test_imports_move_the_data_version_once_they_are_kept_and_are_told_in_the_audit(town: Town) -> None:
    def version() -> int:
        with town.database.reading(town.id) as session:
            return session.get_one(Organisation, town.id).data_version

    before = version()
    held = town.hold("city 1 A 10")
    assert version() == before
    with town.database.writing(town.id) as session:
        keep(session, held, town.now)
    assert version() > before
    town.undoes(held)
    with town.database.reading(town.id) as session:
        told = [(str(one.action), one.noun) for one in all_entries(session, AuditFilter())]
        assert told[-3:] == [("created", "ad_import"), ("changed", "ad_import"), ("changed", "ad_import")]
        assert session.get_one(AdImport, held).rows is None


@given(
    steps=st.lists(
        st.tuples(st.lists(st.sampled_from("123"), min_size=1, unique=True), st.sampled_from([None, 0, -1])), max_size=6
    )
)
def test_whatever_is_read_and_taken_back_the_newest_that_is_left_stands(
    steps: list[tuple[list[str], int | None]], sqlite_town: Town
) -> None:
    sqlite_town = Town(sqlite_town.database)
    kept: list[tuple[uuid.UUID, dict[str, int]]] = []
    for n, (days, takes_back) in enumerate(steps, 1):
        kept.append((sqlite_town.reads(*(f"city {day} A {n}" for day in days)), dict.fromkeys(days, n)))
        if takes_back is not None:
            sqlite_town.undoes(kept.pop(takes_back)[0])
    expected: dict[str, int] = {}
    for _id, said in kept:
        expected |= said
    assert sqlite_town.stands() == {("city", day, "A"): n for day, n in expected.items()}


@pytest.fixture(scope="module")
def sqlite_town(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    database = Database(copy_sqlite(_migrated_file, tmp_path_factory.mktemp("ads") / "kutsu.db"))
    yield Town(database)
    database.close()


def test_a_file_in_another_currency_takes_the_place_of_nothing(town: Town) -> None:
    """Two accounts of which the file names neither would wipe out each other's days."""
    first = town.reads("a 1 x 10", "a 2 x 20")
    before = town.stands()
    with pytest.raises(Invalid, match=r"account: The file is in SEK, and what is here .* is in EUR"):
        town.reads("a 2 x 20", "a 3 x 30", currency="SEK")
    assert town.stands() == before
    town.reads("a 3 x 30", currency="SEK")
    town.undoes(first)
    town.reads("a 2 x 20", currency="SEK")
    assert town.stands() == {("a", "2", "x"): 20, ("a", "3", "x"): 30}
