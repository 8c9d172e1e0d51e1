"""Migrations run up and down on both databases, and make what the models say."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from app.database import Database
from app.errors import NotReady
from app.migration import known_revisions, migrate, migrate_down, require_current, shipped
from app.schema import Base


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    """A database without any table."""
    database = Database(empty_database_url)
    yield database
    database.close()


def tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def indexes(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        inspector = inspect(connection)
        return {str(index["name"]) for table in inspector.get_table_names() for index in inspector.get_indexes(table)}


def test_up_makes_every_table_down_takes_all_away_and_up_makes_them_again(
    database: Database, empty_database_url: str
) -> None:
    for _again in range(2):
        migrate(empty_database_url)
        assert tables(database) == set(Base.metadata.tables)
        require_current(database)
        migrate_down(empty_database_url)
        assert tables(database) == set()


def test_each_step_goes_down_and_up_by_itself(database: Database, empty_database_url: str) -> None:
    migrate(empty_database_url)
    migrate_down(empty_database_url, "plan")
    assert "persona" in tables(database)
    assert "fact" not in tables(database)
    migrate(empty_database_url)
    assert tables(database) == set(Base.metadata.tables)


def test_what_migrations_say_at_their_head_is_what_alembic_reads_of_them() -> None:
    script = ScriptDirectory(str(shipped("migrations")))
    assert known_revisions() == {one.revision: one.down_revision for one in script.walk_revisions()}


def test_models_and_migrations_agree(database: Database, empty_database_url: str) -> None:
    migrate(empty_database_url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        )
        assert compare_metadata(context, Base.metadata) == []
    modelled = {str(index.name) for table in Base.metadata.tables.values() for index in table.indexes}
    assert modelled <= indexes(database), "those with a condition, which are not compared, among them"


def test_migrating_what_is_current_changes_nothing(database: Database, empty_database_url: str) -> None:
    migrate(empty_database_url)
    migrate(empty_database_url)
    require_current(database)


def test_an_empty_database_is_refused_with_the_remedy(database: Database) -> None:
    with pytest.raises(NotReady, match="kutsu migrate"):
        require_current(database)


def test_an_older_schema_is_refused_with_the_remedy(database: Database, empty_database_url: str) -> None:
    migrate(empty_database_url, "plan")
    with pytest.raises(NotReady, match=r"at schema plan.*run `kutsu migrate`"):
        require_current(database)


def test_a_newer_schema_is_refused_with_the_remedy(database: Database, empty_database_url: str) -> None:
    migrate(empty_database_url)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of_tomorrow'"))
    with pytest.raises(NotReady, match=r"of_tomorrow.*install a newer"):
        require_current(database)


def test_a_migration_that_fails_leaves_the_schema_as_it_was(database: Database, empty_database_url: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE lead (id INTEGER)"))
    with pytest.raises(Exception, match="lead"):
        migrate(empty_database_url)
    assert tables(database) == {"lead"}
    with pytest.raises(NotReady):
        require_current(database)
