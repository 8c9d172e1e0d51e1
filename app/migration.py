"""Bringing a database's schema up to what this version needs, and saying when it is not."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.database import Database
from app.errors import NotReady
from app.i18n import _
from app.sight import OPERATOR

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """A file or folder that lies beside the package in a checkout, and inside it once installed."""
    installed = _PACKAGE / "_shipped" / name
    return installed if installed.exists() else _PACKAGE.parent / name


def _config() -> Config:
    config = Config(shipped("alembic.ini"))
    config.set_main_option("script_location", str(shipped("migrations")).replace("%", "%%"))
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Migrate the database up to a revision, in one transaction."""
    _run(url, "upgrade", revision)


def migrate_down(url: str, revision: str = "base") -> None:
    """Migrate the database down to a revision, in one transaction."""
    _run(url, "downgrade", revision)


def _run(url: str, direction: str, revision: str) -> None:
    config = _config()
    database = Database(url)
    try:
        engine = database.engine.execution_options(kutsu_writes=True, kutsu_migrates=True)
        with engine.begin() as connection:
            # Migrations move rows of every organisation, as the operator does.
            OPERATOR.tell(connection)
            config.attributes["connection"] = connection
            getattr(command, direction)(config, revision)
            if database.is_sqlite:
                _check_references(connection)
    finally:
        database.close()


def _check_references(connection: Connection) -> None:
    """What SQLite does not do while it makes tables anew: see that every reference still leads to a row."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise NotReady(
            _(
                "A row of %(table)s refers to a row of %(other)s that is not there; nothing was migrated.",
                table=broken[0],
                other=broken[2],
            )
        )


def require_current(database: Database) -> None:
    """Refuse to work on a schema that this version does not know."""
    script = ScriptDirectory.from_config(_config())
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        raise NotReady(_("The database is empty; `kutsu migrate` sets it up."))
    if current not in {revision.revision for revision in script.walk_revisions()}:
        raise NotReady(
            _(
                "The database is at schema %(name)s, which this version does not know; install a newer Kutsu.",
                name=current,
            )
        )
    if current != script.get_current_head():
        newest = script.get_current_head()
        raise NotReady(
            _(
                "The database is at schema %(name)s, this version needs %(newest)s; run `kutsu migrate`.",
                name=current,
                newest=newest,
            )
        )
