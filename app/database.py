"""Where rows live: the declarative base, column types, engines, and sessions bound to an organisation.

Every session is opened for one organisation (or, by the operator, for none); the filter on its rows is
put on in one place here and nowhere else. PostgreSQL is told as well, transaction by transaction, and its
row-level security filters once more: whatever goes past the filter here still sees nothing foreign.
"""

import copy
import datetime as dt
import functools
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, ClassVar, TypeAlias, TypeVar, cast

import uuid_utils.compat
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    ForeignKey,
    LargeBinary,
    MetaData,
    Select,
    Table,
    TypeDecorator,
    UpdateBase,
    Uuid,
    bindparam,
    event,
    insert,
    make_url,
    select,
    text,
)
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    Mapped,
    ORMExecuteState,
    Session,
    SessionTransaction,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.orm.util import LoaderCriteriaOption

from app.engine import open_engine
from app.errors import Denied
from app.sight import CHAIN, Sight, look_around

ROWS_AT_ONCE = 500
"""Read before they are turned into columns: fewer than make the collector look through all that there is."""
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)

T = TypeVar("T")

Micros: TypeAlias = int
"""An instant as whole microseconds since 1970-01-01 UTC: how facts and the record hold time."""


def to_micros(instant: dt.datetime) -> Micros:
    """An aware instant as microseconds; a naive one is a bug of the caller."""
    return (instant - EPOCH) // MICROSECOND


def from_micros(micros: Micros) -> dt.datetime:
    """Microseconds as an aware instant in UTC."""
    return EPOCH + micros * MICROSECOND


class Instant(TypeDecorator[dt.datetime]):
    """An aware instant, stored as UTC microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else from_micros(value)


class Digest(LargeBinary):
    """A key that is derived from what a row says: 16 bytes of a keyed hash. Both drivers take and give bytes as
    they are; going through every one of them is a tenth of the time of taking observations in."""

    def bind_processor(self, dialect: Dialect) -> None:
        return None

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        return None


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        dt.datetime: Instant,
        bytes: Digest(16),
        uuid.UUID: Uuid,
        dict[str, Any]: JSON,
        dict[str, str]: JSON,
        list[Any]: JSON,
        list[str]: JSON,
        list[dict[str, Any]]: JSON,
    }


class OfOrganisation:
    """A row of one organisation; sessions add the filter on it. Reports are made anew for what `counts_as_data`."""

    # The type is said, not read from the other table, which need not be loaded yet when a query is first built.
    organisation_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("organisation.id"))
    counts_as_data: ClassVar[bool] = True

    @classmethod
    def seen_from(cls, units: Sequence[uuid.UUID], _above: Sequence[uuid.UUID], /) -> ColumnElement[bool]:
        """Which of these rows units see with those above them: their own, if the kind of row says no more."""
        return cls.organisation_id.in_(units)


class Shareable:
    """Put before `OfOrganisation`: rows of a noun that an organisation may share with all units below it, as its
    column named in `shared_by` says. No kind of `OfOrganisation` itself, or the filter would be put on twice."""

    shared_by: ClassVar[str]

    @classmethod
    def seen_from(cls, units: Sequence[uuid.UUID], above: Sequence[uuid.UUID], /) -> ColumnElement[bool]:
        sharing = select(CHAIN.c.id).where(CHAIN.c.id.in_(above), CHAIN.c[cls.shared_by])
        owner: InstrumentedAttribute[uuid.UUID] = cls.organisation_id  # type: ignore[attr-defined]
        return owner.in_(units) | owner.in_(sharing)


def new_id() -> uuid.UUID:
    """A fresh key for a row that people make: time-ordered, so indexes stay dense."""
    return uuid_utils.compat.uuid7()


class Database:
    """One database and the sessions opened on it."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine = open_engine(url)
        self._guard: Callable[[Session], None] = lambda _session: None

    def guarded(self, guard: Callable[[Session], None]) -> "Database":
        """The same database, whose sessions that write begin with the guard and store nothing if that raises."""
        guarded = copy.copy(self)
        guarded._guard = guard  # noqa: SLF001 (a copy of our own)
        return guarded

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self, *organisations: uuid.UUID) -> Iterator[Session]:
        """A session that sees these organisations' rows (all rows if none is named) as they stood when it first
        read, and stores nothing."""
        reader = self.engine
        if not self.is_sqlite:  # whose transactions read one state anyway
            reader = reader.execution_options(isolation_level="REPEATABLE READ")
        with Session(reader, info={"organisations": organisations, "versions": {}}) as session:
            yield session

    @contextmanager
    def writing(self, organisation: uuid.UUID | None = None) -> Iterator[Session]:
        """A session for one organisation's rows that commits once, when the block ends without an error."""
        organisations = () if organisation is None else (organisation,)
        writer = self.engine.execution_options(kutsu_writes=True)
        with Session(writer, info={"organisations": organisations}) as session, session.begin():
            self._guard(session)
            yield session

    @contextmanager
    def rehearsing(self, organisation: uuid.UUID) -> Iterator[Session]:
        """A session that may write as `writing` does, and stores nothing in the end."""
        with Session(self.engine.execution_options(kutsu_writes=True), info={"organisations": (organisation,)}) as one:
            yield one

    def close(self) -> None:
        self.engine.dispose()


def lock(session: Session, name: str) -> None:
    """Hold a named lock until the transaction ends; SQLite's one writer holds everything already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def organisation_of(session: Session) -> uuid.UUID:
    """The one organisation that this session works for."""
    organisation: uuid.UUID
    (organisation,) = session.info["organisations"]
    return organisation


def add_rows(session: Session, row: type[OfOrganisation], values: Sequence[Mapping[str, Any]]) -> None:
    """Add many rows of the session's organisation in one statement, past the unit of work.

    The driver is given the rows column by column: many times faster than binding each value of each row.
    """
    if values:
        connection = session.connection()
        statement, names, processors = _insertion(cast(Table, sa_inspect(row).local_table), connection.dialect)
        organisation = organisation_of(session)
        columns = [
            [organisation] * len(values) if name == "organisation_id" else [value[name] for value in values]
            for name in names
        ]
        for place, process in processors.items():
            columns[place] = [process(value) for value in columns[place]]
        rows: list[Any] = list(zip(*columns, strict=True))
        if not connection.dialect.positional:
            rows = [dict(zip(names, one, strict=True)) for one in rows]
        connection.exec_driver_sql(statement, rows)
        _changed(session).add(organisation)


@functools.cache
def _insertion(table: Table, dialect: Dialect) -> tuple[str, list[str], dict[int, Any]]:
    """The statement that adds a row, its columns in their order, and what makes some values fit for the driver."""
    names = [column.name for column in table.columns]
    found = (column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns)
    processors = {place: process for place, process in enumerate(found) if process is not None}
    return str(insert(table).compile(dialect=dialect)), names, processors


def read_columns(session: Session, statement: Select[*tuple[Any, ...]]) -> list[list[Any]]:
    """The columns of many rows that the session may see: as `add_rows` adds them, past what is done for each row."""
    session.flush()
    if session.info.get("organisations"):
        statement = statement.options(_seen(sight_of(session), changes=False))
    connection = session.connection()
    types = [column.type.dialect_impl(connection.dialect) for column in statement.selected_columns]
    columns: list[list[Any]] = [[] for _type in types]
    with connection.execute(statement) as result:
        cursor = cast(Any, result.cursor)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for column, part in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(part)
    for place, process in enumerate(one.result_processor(connection.dialect, None) for one in types):
        if process is not None:
            columns[place] = list(map(process, columns[place]))
    return columns


@event.listens_for(Session, "after_begin")
def _look_around(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if "organisations" in session.info and not transaction.nested:
        session.info["sight"] = look_around(connection, session.info["organisations"])


@contextmanager
def seeing_units(session: Session) -> Iterator[None]:
    """Let the session also read what belongs to the units below its organisation, until the block ends."""
    before = sight_of(session)
    session.info["sight"] = wider = replace(before, within=before.own + before.below)
    wider.tell(session.connection())
    try:
        yield
    finally:
        session.info["sight"] = before
        with suppress(DBAPIError):  # after an error the transaction takes no word more, and ends with all settings
            before.tell(session.connection())


def sight_of(session: Session) -> Sight:
    """What the session may touch now; asking begins its transaction."""
    session.connection()
    sight: Sight = session.info["sight"]
    return sight


@event.listens_for(Session, "do_orm_execute")
def _stay_inside_the_organisation(state: ORMExecuteState) -> None:
    organisations: Sequence[uuid.UUID] = state.session.info.get("organisations", ())
    if not organisations:
        return
    if not state.is_column_load and not state.is_relationship_load:
        changes = state.is_update or state.is_delete
        state.statement = state.statement.options(_seen(sight_of(state.session), changes))
    if isinstance(state.statement, UpdateBase) and "organisation_id" in state.statement.table.c:
        rows = [state.parameters or {}] if isinstance(state.parameters, Mapping | None) else state.parameters
        for row in rows:
            _refuse_foreign(row.get("organisation_id", organisations[0]), organisations)
        if state.bind_mapper is None or state.bind_mapper.class_.counts_as_data:
            _changed(state.session).add(organisation_of(state.session))


def _seen(sight: Sight, changes: bool) -> LoaderCriteriaOption:
    """The filter of a statement; what is shared or placed from above is read and never changed."""
    within, above = sight.own if changes else sight.within, sight.above
    if changes or not above:
        return with_loader_criteria(
            OfOrganisation,
            lambda row: row.organisation_id.in_(within),
            include_aliases=True,
            propagate_to_loaders=True,
        )
    units, shared_from = (bindparam(None, list(ids), Uuid(), expanding=True, unique=True) for ids in (within, above))
    return with_loader_criteria(
        OfOrganisation,
        lambda row: row.seen_from(units, shared_from),
        include_aliases=True,
        propagate_to_loaders=True,
    )


@event.listens_for(Session, "before_flush")
def _belong_to_the_organisation(session: Session, _context: object, _instances: object) -> None:
    organisations: Sequence[uuid.UUID] = session.info.get("organisations", ())
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, OfOrganisation) and (row not in session.dirty or session.is_modified(row)):
            if row.organisation_id is None:
                row.organisation_id = organisation_of(session)
            _refuse_foreign(row.organisation_id, organisations)
            if row.counts_as_data:
                _changed(session).add(row.organisation_id)


def _refuse_foreign(organisation: uuid.UUID, organisations: Sequence[uuid.UUID]) -> None:
    if organisations and organisation not in organisations:
        raise Denied("A session writes rows of the organisation that it was opened for, and of no other.")


def _changed(session: Session) -> set[uuid.UUID]:
    """The organisations with rows that the session's transaction changes."""
    changed: set[uuid.UUID] = session.info.setdefault("changed", set())
    return changed


@event.listens_for(Session, "before_commit")
def _move_the_data_version(session: Session) -> None:
    """Reports are kept per data version, so every committed change of an organisation's rows moves it."""
    session.flush()
    for organisation in _changed(session):
        session.execute(
            text("UPDATE organisation SET data_version = data_version + 1 WHERE id = :id").bindparams(
                bindparam("id", organisation, type_=Uuid())
            )
        )
    session.info.pop("changed")


def chunks(items: Sequence[T], size: int = 5_000) -> Iterator[Sequence[T]]:
    """The items in runs that fit into one statement's parameters on either database."""
    yield from (items[start : start + size] for start in range(0, len(items), size))
