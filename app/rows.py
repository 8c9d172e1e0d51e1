"""Rows that are computed from others: what stands is compared with what should, and only what differs is written."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.database import OfOrganisation, add_rows, chunks, organisation_of, read_columns


def put_rows(
    session: Session,
    row: type[OfOrganisation],
    values: Sequence[Mapping[str, Any]],
    *,
    of: InstrumentedAttribute[bytes],
    among: Collection[bytes],
) -> None:
    """Let those rows of the session's organisation whose `of` is among these be exactly the given ones.

    Most rows that are computed again stay as they are: written all the same, they made a replay a third longer.
    """
    table = cast(Table, sa_inspect(row).local_table)
    (key,) = (column.name for column in table.primary_key)
    names = [column.name for column in table.columns if column.name != "organisation_id"]
    there = _read(session, [getattr(row, name) for name in names], names.index(key), of, among)
    fresh, changed = [], []
    for value in values:
        stands = there.pop(value[key], None)
        if stands is None:
            fresh.append(value)
        elif stands != tuple([value[name] for name in names]):
            changed.append(value)
    for some in chunks(list(there)):
        session.execute(delete(row).where(getattr(row, key).in_(some)))
    add_rows(session, row, fresh)
    if changed:
        this = (table.c[key] == bindparam("this"), table.c.organisation_id == organisation_of(session))
        said: dict[str, Any] = {name: bindparam(f"said_{name}") for name in names if name != key}
        rows = [{"this": one[key], **{f"said_{name}": one[name] for name in said}} for one in changed]
        session.execute(update(table).where(*this).values(said), rows)


def _read(
    session: Session,
    columns: Sequence[InstrumentedAttribute[Any]],
    key: int,
    of: InstrumentedAttribute[bytes],
    among: Collection[bytes],
) -> dict[bytes, tuple[Any, ...]]:
    """The rows, by their key."""
    there: dict[bytes, tuple[Any, ...]] = {}
    for some in chunks(sorted(among)):
        found = read_columns(session, select(*columns).where(of.in_(some)))
        there.update(zip(found[key], zip(*found, strict=True), strict=True))
    return there
