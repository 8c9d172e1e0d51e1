"""Sessions keep to their organisation, the data version moves with every change, and time is kept exactly."""

import datetime as dt
import itertools
import subprocess
import sys
import uuid
import zoneinfo
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    delete,
    func,
    insert,
    inspect,
    select,
    update,
)  # fmt: skip
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Mapper
from sqlalchemy.types import TypeEngine

from app.access.organisation import Organisation, create_organisation
from app.access.token import ApiToken, Role
from app.database import (
    MICROSECOND,
    Database,
    Instant,
    OfOrganisation,
    add_rows,
    chunks,
    from_micros,
    lock,
    organisation_of,
    read_columns,
    to_micros,
)
from app.errors import Denied, NotReady
from app.funnel.columns import NEVER, local_days
from app.funnel.fact import FactRow
from app.funnel.person import Tombstone
from app.schema import Base
from app.tasks.said_text import SaidResult, SaidText
from tests.funnel.builders import touched

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
AUDIT = {"audit_entry", "audit_head"}
"""Every organisation has these from its founding on, and the database refuses their change; test_audit reads them."""
ROWS = sorted(
    (
        mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, OfOrganisation) and mapper.local_table.description not in AUDIT
    ),
    key=lambda row: row.__name__,
)
VALUES: list[tuple[type[TypeEngine[Any]], Any]] = [
    (Instant, NOW), (JSON, {}), (LargeBinary, b"0123456789abcdef"), (Uuid, uuid.UUID(int=7)), (String, "gp"),
    (Boolean, True), (Integer, 1), (Date, NOW.date()), (SaidText, "gp"), (SaidResult, {}),
]  # fmt: skip


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def cities(database: Database) -> tuple[uuid.UUID, uuid.UUID]:
    """Two organisations."""
    with database.writing() as session:
        espoo, vantaa = (create_organisation(session, name, now=NOW).id for name in ("Espoo", "Vantaa"))
    return espoo, vantaa


def version(database: Database, organisation: uuid.UUID) -> int:
    with database.reading() as session:
        return session.get_one(Organisation, organisation).data_version


def tombstone(name: bytes) -> Tombstone:
    return Tombstone(reference=name.ljust(16))


# Every organisation its own


def plant(database: Database, row: type, organisation: uuid.UUID) -> None:
    """Puts a row of any kind into an organisation, whatever it refers to."""
    table: Table = inspect(row).local_table
    values = {
        column.name: next(value for type, value in VALUES if isinstance(column.type, type))
        for column in table.columns
        if column.primary_key or not column.nullable
    }
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        for pragma in ("foreign_keys=OFF", "ignore_check_constraints=ON"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.exec_driver_sql("BEGIN")
        connection.execute(insert(table), [{**values, "organisation_id": organisation}])
        connection.commit()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_a_session_neither_sees_nor_changes_nor_deletes_another_organisations_rows(
    sqlite_file_url: str, row: type
) -> None:
    database = Database(sqlite_file_url)
    with database.writing() as session:
        espoo, vantaa = (create_organisation(session, name, now=NOW).id for name in ("Espoo", "Vantaa"))
    plant(database, row, vantaa)
    key: tuple[Column[Any], ...] = inspect(row).primary_key
    with database.engine.connect() as connection:
        (identity,) = connection.execute(select(*key)).all()
    mapper: Mapper[Any] = inspect(row)
    everything = select(*(one.class_attribute for one in mapper.column_attrs))
    with database.writing(espoo) as session:
        assert session.scalars(select(row)).all() == []
        assert not any(read_columns(session, everything))
        assert session.scalar(select(func.count()).select_from(row)) == 0
        assert session.query(row).all() == []
        assert session.get(row, tuple(identity)) is None
        assert session.execute(update(row).values({key[-1].name: key[-1]})).rowcount == 0  # type: ignore[attr-defined]
        assert session.execute(delete(row)).rowcount == 0  # type: ignore[attr-defined]
    with database.reading(vantaa) as session:
        assert session.scalar(select(func.count()).select_from(row)) == 1
        assert list(zip(*read_columns(session, everything), strict=True)) == session.execute(everything).all()
    with database.reading(espoo, vantaa) as session:
        assert session.scalar(select(func.count()).select_from(row)) == 1
    database.close()


def test_a_join_or_a_subquery_does_not_lead_out_of_the_organisation(
    database: Database, cities: tuple[uuid.UUID, uuid.UUID]
) -> None:
    with database.writing(cities[1]) as session:
        session.add(tombstone(b"a"))
    with database.writing(cities[0]) as session:
        session.add(tombstone(b"b"))
        session.flush()
        all_of_them = select(Tombstone.reference)
        assert session.scalars(select(all_of_them.subquery())).all() == [b"b".ljust(16)]
        assert len(session.scalars(select(Tombstone).where(Tombstone.reference.in_(all_of_them))).all()) == 1


def test_rows_belong_to_the_sessions_organisation_by_themselves(
    database: Database, cities: tuple[uuid.UUID, uuid.UUID]
) -> None:
    with database.writing(cities[0]) as session:
        session.add(tombstone(b"a"))
        add_rows(session, Tombstone, [{"reference": b"b".ljust(16), "organisation_id": cities[1]}])
    with database.reading(cities[0]) as session:
        assert session.scalar(select(func.count()).select_from(Tombstone)) == 2


def test_a_session_writes_no_row_of_another_organisation(
    database: Database, cities: tuple[uuid.UUID, uuid.UUID]
) -> None:
    foreign = {"reference": b"a".ljust(16), "organisation_id": cities[1]}
    with pytest.raises(Denied), database.writing(cities[0]) as session:
        session.add(Tombstone(**foreign))
    with pytest.raises(Denied), database.writing(cities[0]) as session:
        session.execute(insert(Tombstone), [foreign])
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Tombstone)) == 0


def test_a_session_for_nobody_cannot_say_whose_a_row_is(database: Database) -> None:
    with pytest.raises(ValueError, match="unpack"), database.writing() as session:
        session.add(tombstone(b"a"))


def test_a_reading_session_stores_nothing(database: Database, cities: tuple[uuid.UUID, uuid.UUID]) -> None:
    with database.reading(cities[0]) as session:
        session.add(tombstone(b"a"))
        session.flush()
    with database.rehearsing(cities[0]) as session:
        session.add(tombstone(b"b"))
        session.flush()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Tombstone)) == 0


# The data version


def test_every_committed_change_moves_the_version_of_its_organisation_alone(
    database: Database, cities: tuple[uuid.UUID, uuid.UUID]
) -> None:
    versions = [version(database, cities[0])]

    def moved() -> bool:
        versions.append(version(database, cities[0]))
        return versions[-1] == versions[-2] + 1

    with database.writing(cities[0]) as session:
        session.add(tombstone(b"a"))
    assert moved(), "a row is added"
    with database.writing(cities[0]) as session:
        add_rows(session, Tombstone, [{"reference": b"b".ljust(16)}])
    assert moved(), "rows are added past the unit of work"
    with database.writing(cities[0]) as session:
        session.execute(update(Tombstone).values(reference=Tombstone.reference))
    assert moved(), "rows are changed by a statement"
    with database.writing(cities[0]) as session:
        session.get_one(Tombstone, b"a".ljust(16)).reference = b"c".ljust(16)
    assert moved(), "a row is changed"
    with database.writing(cities[0]) as session:
        session.delete(session.get_one(Tombstone, b"c".ljust(16)))
    assert moved(), "a row is deleted"
    with database.writing(cities[0]) as session:
        session.execute(delete(Tombstone))
    assert moved(), "rows are deleted by a statement"
    with database.writing() as session:
        session.add(Tombstone(reference=b"d".ljust(16), organisation_id=cities[0]))
    assert moved(), "the operator adds a row"
    assert version(database, cities[1]) == 0


def test_a_version_stays_where_it_is_when_nothing_changes_or_all_is_undone(
    database: Database, cities: tuple[uuid.UUID, uuid.UUID]
) -> None:
    with database.writing(cities[0]) as session:
        session.add(tombstone(b"a"))
    before = version(database, cities[0])
    with pytest.raises(IntegrityError), database.writing(cities[0]) as session:
        session.add_all([tombstone(b"b"), tombstone(b"a")])
    with database.writing(cities[0]) as session:
        row = session.get_one(Tombstone, b"a".ljust(16))
        row.reference = bytes(row.reference)
    with database.rehearsing(cities[0]) as session:
        session.add(tombstone(b"c"))
        session.flush()
    assert version(database, cities[0]) == before


# Instants


# Hypothesis and a zone put on later want naive bounds.
BOUNDS = (dt.datetime(1990, 1, 1), dt.datetime(2110, 1, 1))  # noqa: DTZ001


@given(
    instant=st.datetimes(*BOUNDS),
    offset=st.integers(-14 * 4, 14 * 4).map(lambda quarters: dt.timezone(dt.timedelta(minutes=15 * quarters))),
)
def test_an_instant_comes_back_to_the_microsecond_in_utc(instant: dt.datetime, offset: dt.timezone) -> None:
    aware = instant.replace(tzinfo=offset)
    assert from_micros(to_micros(aware)) == aware
    assert from_micros(to_micros(aware)).tzinfo is dt.UTC
    assert to_micros(aware + MICROSECOND) == to_micros(aware) + 1


def test_an_instant_is_stored_to_the_microsecond_and_a_naive_one_is_refused(
    database: Database, cities: tuple[uuid.UUID, uuid.UUID]
) -> None:
    instant = dt.datetime(2026, 3, 29, 3, 59, 59, 999_999, tzinfo=dt.timezone(dt.timedelta(hours=3)))

    def token(digest: str, created_at: dt.datetime) -> ApiToken:
        return ApiToken(
            system="hr", role=Role.SERVICE, prefix="kutsu_", digest=digest, created_at=created_at,
            sees_small_counts=False,
        )  # fmt: skip

    with database.writing(cities[0]) as session:
        session.add(token("a", instant))
    with database.reading(cities[0]) as session:
        assert session.scalars(select(ApiToken.created_at)).one() == instant
        assert session.scalars(select(ApiToken).where(ApiToken.created_at >= instant)).one().expires_at is None
    with pytest.raises((StatementError, TypeError), match="naive"), database.writing(cities[0]) as session:
        session.add(token("b", instant.replace(tzinfo=None)))


ZONES = ["Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]


def transitions(zone: zoneinfo.ZoneInfo) -> list[int]:
    """The hours of 2020–2030 in which the clocks of a zone change."""
    hour = 3_600_000_000
    start, end = (to_micros(dt.datetime(year, 1, 1, tzinfo=dt.UTC)) for year in (2020, 2031))
    hours = range(start, end, hour)
    offsets = [from_micros(micros).astimezone(zone).utcoffset() for micros in hours]
    return [micros for micros, (one, other) in zip(hours, itertools.pairwise(offsets), strict=False) if one != other]


@pytest.mark.parametrize("name", ZONES)
def test_days_are_local_around_every_change_of_the_clocks_and_around_every_midnight(name: str) -> None:
    zone = zoneinfo.ZoneInfo(name)
    changes = transitions(zone)
    assert len(changes) == (0 if name == "Asia/Kathmandu" else 22)
    minute = 60_000_000
    instants = [
        change + step * minute + odd
        for change in changes
        for step in range(-26 * 60, 26 * 60, 15)
        for odd in (-1, 0, 1)
    ]
    midnights = (dt.datetime(2020, 1, 1, tzinfo=zone) + dt.timedelta(days=day) for day in range(0, 4000, 3))
    instants += [
        to_micros(midnight.replace(fold=fold)) + odd for midnight in midnights for fold in (0, 1) for odd in (-1, 0, 1)
    ]
    expected = [from_micros(instant).astimezone(zone).date().toordinal() for instant in instants]
    assert local_days(instants, zone).tolist() == expected


def test_every_hour_of_a_year_is_on_one_day() -> None:
    hours = [to_micros(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) + hour * 3_600_000_000 for hour in range(365 * 24)]
    days = local_days(hours, zoneinfo.ZoneInfo("Europe/Helsinki"))
    by_day = {day: int((days == day).sum()) for day in set(days.tolist())}
    assert sum(by_day.values()) == 365 * 24
    assert sorted(by_day.values()) == [2, 22, 23, *[24] * 362, 25], "the year begins two hours after Helsinki's"
    assert (by_day[dt.date(2026, 3, 29).toordinal()], by_day[dt.date(2026, 10, 25).toordinal()]) == (23, 25)


def test_what_has_not_come_is_on_no_day() -> None:
    zone = zoneinfo.ZoneInfo("Europe/Helsinki")
    assert local_days([None, 0], zone).tolist() == [NEVER, dt.date(1970, 1, 1).toordinal()]
    assert local_days([], zone).tolist() == []


# Engines


def test_a_database_of_another_kind_is_refused() -> None:
    with pytest.raises(NotReady, match="neither SQLite nor PostgreSQL"):
        Database("mysql://localhost/kutsu")


def test_a_named_lock_can_be_taken_twice_in_a_transaction(
    database: Database, cities: tuple[uuid.UUID, uuid.UUID]
) -> None:
    with database.writing(cities[0]) as session:
        lock(session, "intake")
        lock(session, "intake")
        assert organisation_of(session) == cities[0]


def test_many_items_come_in_runs() -> None:
    assert [list(run) for run in chunks(range(5), 2)] == [[0, 1], [2, 3], [4]]


def test_rows_added_past_the_unit_of_work_are_the_rows_that_were_given(
    database: Database, cities: tuple[uuid.UUID, uuid.UUID]
) -> None:
    fact = touched(1, code=None, label="ä\N{ZERO WIDTH SPACE}\x00" if database.is_sqlite else "ä")
    row = {name: getattr(fact, name) for name in (*FactRow.__table__.columns.keys(),) if name != "organisation_id"}
    with database.writing(cities[0]) as session:
        add_rows(session, FactRow, [{**row, "kind": fact.kind.value, "time_quality": 0, "origin": 8}])
        add_rows(session, FactRow, [])
    with database.reading(cities[0]) as session:
        (stored,) = session.scalars(select(FactRow))
        assert (stored.key, stored.payload, stored.job) == (fact.key, fact.payload, None)


def test_the_organisations_key_has_its_type_before_the_organisations_table_is_loaded() -> None:
    program = "from app.funnel.fact import FACT; print(FACT.c.organisation_id.type.python_type.__name__)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "UUID"
