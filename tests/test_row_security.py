"""On PostgreSQL row-level security stands behind the sessions' filter: whatever goes past that still sees and
writes nothing foreign. The tests connect as who owns the tables and is no superuser."""

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Table, func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from app.access.organisation import create_organisation
from app.database import Database, OfOrganisation, seeing_units
from app.funnel.daily_click import DailyClick, Follower, count_clicks
from app.group_commit.store import Target, _open_store, make_statement
from app.intake.unit_rule import place_in_units
from app.migration import migrate, migrate_down
from app.planning.channel import Channel
from app.schema import Base
from tests.reports.builders import EARLY, City
from tests.support.databases import Postgres

pytestmark = pytest.mark.postgresql
TABLES: list[Table] = sorted(
    (
        inspect(mapper.class_).local_table
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, OfOrganisation)
    ),
    key=lambda table: table.name,
)
FILLED = ("application", "stage_change", "touchpoint", "system_progress", "fact", "person", "placement", "channel")


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    database = Database(postgresql_url)
    yield database
    database.close()


class Chain:
    """Two cities with rows of the same kinds; the first has two units, in one of which an application is placed."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.city, self.stranger = City(database), City(database)
        self.north, self.south = (City(database, parent=self.city.id) for _ in range(2))
        for one in (self.city, self.stranger, self.north):
            one.places("Poster")
            one.touches("p1", "2026-02-01", label="tram")
            one.hears("x1", "2026-03-01", person="p1", unit="North", via="Poster", interview="2026-03-08")
            one.hears("x2", "2026-03-02", via="Poster", rejected="2026-03-09")
            one.sees()
        with database.writing(self.city.id) as session:
            place_in_units(session, "system:hr", {"North": self.north.id})


@pytest.fixture
def chain(database: Database) -> Chain:
    return Chain(database)


def counts(connection: Connection, *, of: uuid.UUID | None = None) -> dict[str, int]:
    """How many rows of each kind the connection sees; of one organisation, or of all."""
    found = {}
    for table in (Base.metadata.tables[name] for name in FILLED):
        statement = select(func.count()).select_from(table)
        asked = statement if of is None else statement.where(table.c.organisation_id == of)
        found[table.name] = connection.scalar(asked) or 0
    return found


NOTHING = dict.fromkeys(FILLED, 0)


def test_row_level_security_is_on_and_forced_for_every_table_of_organisations(database: Database) -> None:
    protected = select(text("relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"))
    with database.engine.connect() as connection:
        assert not connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
        assert set(connection.scalars(protected)) == {table.name for table in TABLES} | {"organisation"}


def test_who_does_not_say_whose_rows_sees_none_and_writes_none(chain: Chain) -> None:
    with chain.database.engine.connect() as connection:
        assert counts(connection) == NOTHING
        for name in FILLED:
            assert connection.execute(text(f"DELETE FROM {name}")).rowcount == 0


def test_past_the_sessions_filter_there_still_is_nothing_foreign(chain: Chain) -> None:
    for one in (chain.city, chain.stranger, chain.south):
        with chain.database.reading(one.id) as session:
            raw = session.connection()
            assert counts(raw) == counts(raw, of=one.id)
            assert counts(raw, of=chain.stranger.id if one is not chain.stranger else chain.city.id) == NOTHING


def test_a_unit_sees_by_raw_sql_what_is_placed_in_it_and_neither_facts_nor_people(chain: Chain) -> None:
    with chain.database.reading(chain.north.id) as session:
        of_city = counts(session.connection(), of=chain.city.id)
    assert of_city == NOTHING | {"application": 1, "stage_change": 1, "touchpoint": 1, "system_progress": 1}


def test_units_come_into_sight_and_go_out_of_it_again(chain: Chain) -> None:
    with chain.database.reading(chain.city.id) as session:
        raw = session.connection()
        alone = counts(raw)
        assert counts(raw, of=chain.north.id) == NOTHING
        with seeing_units(session):
            assert counts(raw, of=chain.north.id)["fact"] > 0
            assert counts(raw, of=chain.stranger.id) == NOTHING
        assert counts(raw) == alone


def organisations(connection: Connection) -> set[uuid.UUID]:
    return set(connection.scalars(text("SELECT id FROM organisation")))


def test_by_raw_sql_an_organisation_knows_those_in_one_line_with_it_and_no_others(chain: Chain) -> None:
    city, north, south, stranger = (one.id for one in (chain.city, chain.north, chain.south, chain.stranger))
    for one, known in ((city, {city, north, south}), (north, {city, north}), (stranger, {stranger})):
        with chain.database.reading(one) as session:
            assert organisations(session.connection()) == known
            with seeing_units(session):
                assert organisations(session.connection()) == known
            assert organisations(session.connection()) == known
    with chain.database.reading() as session:
        assert organisations(session.connection()) == {city, north, south, stranger}
    with chain.database.engine.connect() as connection:
        assert organisations(connection) == set()


def test_by_raw_sql_an_organisation_is_changed_from_above_alone_and_removed_by_the_operator_alone(
    chain: Chain,
) -> None:
    def changed(by: City, victim: City) -> int:
        with chain.database.rehearsing(by.id) as session:
            statement = text("UPDATE organisation SET retention_days = 1 WHERE id = :id")
            return int(session.connection().execute(statement, {"id": victim.id}).rowcount)

    assert [changed(chain.city, one) for one in (chain.city, chain.north, chain.stranger)] == [1, 1, 0]
    assert [changed(chain.north, one) for one in (chain.city, chain.north, chain.south)] == [0, 1, 0]
    with chain.database.writing(chain.city.id) as session:
        assert session.connection().execute(text("DELETE FROM organisation")).rowcount == 0


def test_by_raw_sql_an_organisation_is_founded_below_ones_own_only(chain: Chain) -> None:
    new = text(
        "INSERT INTO organisation (id, parent_id, name, locale, time_zone, tracking_mode, retention_days, "
        "shares_personas, shares_claims, shares_channels, shares_presets, shares_templates, link_hosts, "
        "data_version, created_at) "
        "VALUES (gen_random_uuid(), :parent, 'West', 'fi', 'Europe/Helsinki', 'off', 1, false, false, false, false, "
        "false, '[]', 0, 0)"
    )
    for parent in (None, chain.stranger.id):
        with (
            pytest.raises(DBAPIError, match="row-level security"),
            chain.database.writing(chain.city.id) as session,
        ):
            session.connection().execute(new, {"parent": parent})
    with chain.database.writing(chain.city.id) as session:
        session.connection().execute(new, {"parent": chain.north.id})


@pytest.mark.parametrize("name", FILLED)
def test_raw_sql_changes_no_row_of_another_organisation_not_even_one_that_is_read(chain: Chain, name: str) -> None:
    with chain.database.writing(chain.north.id) as session, seeing_units(session):
        for victim in (chain.city, chain.stranger):
            where = f"WHERE organisation_id = '{victim.id}'"
            for statement in (
                f"DELETE FROM {name} {where}",
                f"UPDATE {name} SET organisation_id = '{chain.north.id}' {where}",
            ):
                assert session.connection().execute(text(statement)).rowcount == 0


def test_raw_sql_adds_no_row_to_another_organisation(chain: Chain) -> None:
    row: dict[str, Any] = {
        "id": uuid.uuid4(), "revision": 1, "created_at": EARLY, "updated_at": EARLY, "name": "Radio",
        "kind": "radio", "cost_model": "fixed", "lead_time_days": 0, "contact": "",
    }  # fmt: skip
    for victim in (chain.city, chain.stranger):
        with pytest.raises(DBAPIError, match="row-level security"), chain.database.writing(chain.north.id) as session:
            session.connection().execute(insert(Channel.__table__), [row | {"organisation_id": victim.id}])  # type: ignore[arg-type]


def test_what_one_transaction_was_told_is_unknown_to_the_next_on_the_same_connection(chain: Chain) -> None:
    with chain.database.engine.connect() as connection:
        connection.execute(text("SELECT set_config('kutsu.operator', 'on', true)"))
        assert counts(connection)["fact"] > 0
        connection.rollback()
        assert counts(connection) == NOTHING


def test_the_operator_sees_all(chain: Chain) -> None:
    with chain.database.reading() as session:
        raw = session.connection()
        assert all(counts(raw, of=one.id)["fact"] > 0 for one in (chain.city, chain.north, chain.stranger))


def test_taking_the_chain_back_takes_the_policies_away(database: Database, postgresql_url: str) -> None:
    with database.writing() as session:
        create_organisation(session, "City", now=EARLY)
    migrate_down(postgresql_url, "record")
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_policies")) == 0
    migrate(postgresql_url)
    with database.engine.connect() as connection:
        policies = connection.scalar(text("SELECT count(*) FROM pg_policies"))
        assert policies == 4 * (len(TABLES) + 1), "the organisations themselves among them"


def test_the_role_of_the_hot_doors_is_made_where_it_may_be_and_adds_without_reading(postgres: Postgres) -> None:
    with postgres.database() as name:
        url = postgres.url(name).replace("kutsu_test@", "postgres@")
        migrate(url)
        plain = url.replace("+psycopg", "")
        with psycopg.connect(plain) as connection:
            rights = "SELECT has_table_privilege('kutsu_intake', 'fact', %s)"
            asked = (rights, rights.replace("fact", "inbox"))
            found = [
                connection.execute(one, [right]).fetchone() for one in asked for right in ("INSERT", "SELECT", "UPDATE")
            ]
            columns = "SELECT has_column_privilege('kutsu_intake', 'daily_click', %s, %s)"
            changed = [connection.execute(columns, [name, "UPDATE"]).fetchone() for name in ("n", "code")]
        assert found == [(True,), (False,), (False,)] * 2
        assert changed == [(True,), (False,)], "a count is added to, and nothing else changed"
        migrate_down(url, "record")
        with psycopg.connect(plain) as connection:
            assert connection.execute(rights, ["INSERT"]).fetchone() == (False,)


def test_under_the_role_of_the_hot_doors_clicks_are_counted_and_nothing_else_is_read(postgres: Postgres) -> None:
    with postgres.database() as name:
        url = postgres.url(name).replace("kutsu_test@", "postgres@")
        migrate(url)
        database = Database(url)
        with database.writing() as session:
            organisation = create_organisation(session, "City", now=EARLY).id
        store = _open_store(database, "kutsu_intake")
        clicks = Target(DailyClick, adds="n")
        for _again in range(2):
            row = (organisation, "h7k2mq", EARLY.date(), "person", 3)
            store.run([make_statement(clicks, [row], database.engine.dialect)])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            store._connection.execute("SELECT * FROM fact")  # type: ignore[attr-defined]
        store.close()
        with database.reading(organisation) as session:
            assert count_clicks(session, ["h7k2mq"]) == {"h7k2mq": {Follower.PERSON: 6}}
        database.close()
