"""Reading a long list in stretches: each goes on after the last row of the one before."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import Session

from app.planning.row import PlanRow

R = TypeVar("R", bound=PlanRow)

SortValue: TypeAlias = str | dt.date | dt.datetime
LONGEST_STRETCH = 200


@dataclass(frozen=True, slots=True)
class Window:
    """Which stretch of a list is wanted; a `sort` that starts with a hyphen runs downwards."""

    sort: str
    limit: int = LONGEST_STRETCH
    after: tuple[SortValue, uuid.UUID] | None = None

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def downwards(self) -> bool:
        return self.sort.startswith("-")


@dataclass(frozen=True, slots=True)
class Stretch(Generic[R]):
    """The rows of a stretch, and what the next one comes after, if there is a next."""

    rows: Sequence[R]
    next: tuple[SortValue, uuid.UUID] | None


def read_stretch(session: Session, statement: Select[R], model: type[R], window: Window) -> Stretch[R]:
    """The rows of one stretch, ordered by the column asked for and then by key, so that no two rows tie."""
    column = getattr(model, window.column)
    if window.after is not None:
        value, row_id = window.after
        beyond = column < value if window.downwards else column > value
        beyond_key = model.id < row_id if window.downwards else model.id > row_id
        statement = statement.where(or_(beyond, and_(column == value, beyond_key)))
    keys = (column.desc(), model.id.desc()) if window.downwards else (column, model.id)
    rows = session.scalars(statement.order_by(*keys).limit(window.limit + 1)).all()
    if len(rows) <= window.limit:
        return Stretch(rows, None)
    last = rows[window.limit - 1]
    return Stretch(rows[: window.limit], (getattr(last, window.column), last.id))
