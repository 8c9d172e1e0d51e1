"""Bringing a database's schema up to what this version needs, and saying when it is not."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from app.database import Database
from app.errors import NotReady
from app.i18n import _
from app.sight import OPERATOR

if TYPE_CHECKING:
    from alembic.config import Config

_PACKAGE = Path(__file__).parent
_SAYS = re.compile(r'^(revision|down_revision)\b[^=]*= (?:"(\w+)"|None)$', re.MULTILINE)


def shipped(name: str) -> Path:
    """A file or folder that lies beside the package in a checkout, and inside it once installed."""
    installed = _PACKAGE / "_shipped" / name
    return installed if installed.exists() else _PACKAGE.parent / name


def _config() -> "Config":
    from alembic.config import Config

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
    from alembic import command

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


@cache
def known_revisions() -> Mapping[str, str | None]:
    """Each schema that this version knows, and the one before it, as the migrations say at their head. To load
    Alembic and every migration for that takes a tenth of a server's start."""
    said = (dict(_SAYS.findall(path.read_text())) for path in (shipped("migrations") / "versions").glob("*.py"))
    return {one["revision"]: one["down_revision"] or None for one in said}


def _find_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def require_current(database: Database) -> None:
    """Refuse to work on a schema that this version does not know."""
    known = known_revisions()
    (newest,) = known.keys() - known.values()
    with database.engine.connect() as connection:
        current = _find_revision(connection)
    if current is None:
        raise NotReady(_("The database is empty; `kutsu migrate` sets it up."))
    if current not in known:
        raise NotReady(
            _(
                "The database is at schema %(name)s, which this version does not know; install a newer Kutsu.",
                name=current,
            )
        )
    if current != newest:
        raise NotReady(
            _(
                "The database is at schema %(name)s, this version needs %(newest)s; run `kutsu migrate`.",
                name=current,
                newest=newest,
            )
        )
