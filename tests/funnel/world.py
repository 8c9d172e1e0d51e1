"""An organisation in a database, told facts and asked for its rows and numbers."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from app.access.organisation import create_organisation
from app.database import Database, from_micros
from app.funnel.application import Application, Lead, ObservedJob, Outcome, StageChange
from app.funnel.columns import NONE, Columns, load_columns
from app.funnel.erasure import erase_person
from app.funnel.fact import Fact, FactRow
from app.funnel.person import Person, PersonAlias
from app.funnel.record import record_facts, replay
from app.funnel.touchpoint import Touchpoint
from tests.funnel.builders import on, ref

HELSINKI = zoneinfo.ZoneInfo("Europe/Helsinki")
NOW = from_micros(on(400))
RECORD = (Application, StageChange, Outcome, Touchpoint, Lead, ObservedJob, Person, PersonAlias)
Dump = dict[str, list[dict[str, Any]]]


class World:
    """One organisation; each call is a transaction of its own."""

    def __init__(self, database: Database, name: str = "City of Kuvitteila") -> None:
        self.database = database
        with database.writing() as session:
            self.id: uuid.UUID = create_organisation(session, name, now=NOW).id

    def tell(self, *facts: Fact) -> None:
        """Store facts, and bring the record up to date with them."""
        with self.database.writing(self.id) as session:
            record_facts(session, facts)

    def replay(self) -> None:
        with self.database.writing(self.id) as session:
            replay(session)

    def erase(self, person: str) -> int:
        with self.database.writing(self.id) as session:
            return erase_person(session, ref(person), HELSINKI)

    def record(self) -> Dump:
        """Every row of the record."""
        with self.database.reading(self.id) as session:
            return dump(session)

    def application(self, app: str = "x1") -> dict[str, Any]:
        """The row of one application."""
        (row,) = (row for row in self.record()["application"] if row["id"] == ref(app))
        return row

    def rows(self, table: str, app: str = "x1") -> list[dict[str, Any]]:
        """The changes or outcomes of one application, by time."""
        rows = [row for row in self.record()[table] if row["application_id"] == ref(app)]
        return sorted(rows, key=lambda row: row["occurred_at"])

    def person_of(self, app: str) -> bytes:
        return cast(bytes, self.application(app)["person_id"])

    def columns(self, *, as_of: dt.date | None = None, known_at: dt.datetime | None = None) -> Columns:
        with self.database.reading(self.id) as session:
            return load_columns(session, HELSINKI, now=NOW, as_of=as_of, known_at=known_at)


def numbers(session: Session, *, as_of: dt.date | None = None, known_at: dt.datetime | None = None) -> list[str]:
    """What reports can see of each person, whoever it is: the applications, and the touches in their order.

    Up to when a system was read is left out: that is said of the past only by today's knowledge.
    """
    columns = load_columns(session, HELSINKI, now=NOW, as_of=as_of, known_at=known_at)
    people: dict[int, tuple[list[str], list[str]]] = {}
    for place, person in enumerate(columns.person.tolist()):
        seen = [
            columns.applied[place], columns.reached[place].tolist(), columns.out[place], columns.withdrawn[place],
            columns.current[place], columns.unmapped[place], _name(columns.codes, columns.code[place]),
            _name(columns.labels, columns.label[place]), _name(columns.hosts, columns.host[place]),
            _name(columns.specialties, columns.specialty[place]),
        ]  # fmt: skip
        people.setdefault(person, ([], []))[0].append(str(list(map(str, seen))))
    touches = columns.touches
    for place, person in enumerate(touches.person.tolist()):
        met = (
            touches.day[place], _name(columns.codes, touches.code[place]), _name(columns.labels, touches.label[place]),
        )  # fmt: skip
        people.setdefault(person, ([], []))[1].append(str(list(map(str, met))))
    return sorted(str((sorted(applications), touches)) for applications, touches in people.values())


def _name(names: tuple[str, ...], number: int) -> str | None:
    return None if number == NONE else names[number]


def dump(session: Session, rows: Sequence[type] = RECORD) -> Dump:
    """The rows of tables, in an order that depends on what they say alone."""
    tables = [cast(Table, row.__table__) for row in rows]  # type: ignore[attr-defined]
    return {
        table.name: sorted((dict(row._mapping) for row in session.execute(select(table))), key=repr) for table in tables
    }


@contextmanager
def rehearsal(world: World) -> Iterator[Session]:
    """A session whose work is undone in the end: a fresh world for each of many examples."""
    with world.database.rehearsing(world.id) as session:
        yield session


def tell_in(session: Session, batches: Iterable[Sequence[Fact]]) -> Dump:
    """Tell facts batch by batch, as by so many transactions; gives the facts and the record."""
    for batch in batches:
        record_facts(session, batch)
        session.flush()
        session.expunge_all()
    return dump(session, (FactRow, *RECORD))
