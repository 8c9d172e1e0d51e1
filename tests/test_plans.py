"""SQLite finds many facts and rows of the record by their keys without going through all that an organisation has."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import InstrumentedAttribute

from app.access.organisation import create_organisation
from app.database import Database
from app.funnel.application import Application, Lead, ObservedJob, Outcome, StageChange
from app.funnel.fact import FactRow
from app.funnel.person import Person, PersonAlias
from app.funnel.touchpoint import Touchpoint

KEYS = (
    Application.id, Application.person_id, FactRow.key, FactRow.application, FactRow.person, Lead.id, ObservedJob.id,
    Outcome.application_id, Person.id, PersonAlias.person_id, PersonAlias.reference, StageChange.application_id,
    Touchpoint.id,
)  # fmt: skip
MANY = 2_000
"""As many as a step of a replay asks for at once."""


@pytest.fixture
def database(sqlite_file_url: str) -> Iterator[Database]:
    database = Database(sqlite_file_url)
    yield database
    database.close()


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_rows_are_found_by_their_keys(database: Database, key: InstrumentedAttribute[bytes]) -> None:
    asked: list[tuple[str, Any]] = []
    with database.writing() as session:
        organisation = create_organisation(session, "Tampere", now=dt.datetime(2026, 11, 26, tzinfo=dt.UTC)).id
    with database.reading(organisation) as session:
        listen = (database.engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        event.listen(*listen)
        session.execute(select(key.class_).where(key.in_([bytes(16)] * MANY))).all()
        event.remove(*listen)
        statement, values = asked[-1]
        lines = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    assert f"({key.key}=?)" in lines[0][3], lines
