"""Lists in pages: how a page is asked for, and the opaque cursor that leads to the next one."""

import base64
import binascii
import datetime as dt
import json
import uuid
from collections.abc import Callable
from dataclasses import fields
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.i18n import _
from app.planning.field import check_lines
from app.planning.listing import LONGEST_STRETCH, SortValue, Stretch, Window
from app.planning.row import PlanRow
from app.web.problems import BadRequest

T = TypeVar("T")
F = TypeVar("F")
R = TypeVar("R", bound=PlanRow)


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is the cursor of the page after it, null on the last."""

    items: list[T]
    next: str | None


class PageQuery(BaseModel):
    """How a list is asked for; an unknown parameter is refused, since it is most often one misspelt."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=LONGEST_STRETCH)] = 50
    cursor: Annotated[str, Field(max_length=2000)] | None = Field(
        default=None, description="The `next` of the page before."
    )

    def window(self) -> Window:
        """The stretch of the list that is asked for."""
        sort: str = getattr(self, "sort", "name")
        after = None if self.cursor is None else _read_cursor(self.cursor, sort)
        return Window(sort=sort, limit=self.limit, after=after)

    def wanted(self, filter_type: type[F]) -> F:
        """The filter that is asked for."""
        return filter_type(**{field.name: getattr(self, field.name) for field in fields(filter_type)})  # type: ignore[arg-type]


def to_page(stretch: Stretch[R], query: PageQuery, describe: Callable[[R], T]) -> Page[T]:
    """A stretch of rows as a page, each row described."""
    following = _write_cursor(query.window().sort, *stretch.next) if stretch.next else None
    return Page(items=[describe(row) for row in stretch.rows], next=following)


def _write_cursor(sort: str, value: SortValue, row_id: uuid.UUID) -> str:
    text = value if isinstance(value, str) else value.isoformat()
    return base64.urlsafe_b64encode(json.dumps([sort, text, row_id.hex]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: str) -> tuple[SortValue, uuid.UUID]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        written_for, text, row_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if written_for != sort:
            raise BadRequest(_("The cursor belongs to another order; start again without it, or keep `sort`."))
        return _read_value(sort, text), uuid.UUID(row_id)
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
        raise BadRequest(_("The cursor is not one of ours; start again without it.")) from None


def _read_value(sort: str, text: Any) -> SortValue:
    if sort.endswith("_on"):
        return dt.date.fromisoformat(text)
    if sort.endswith("_at"):
        instant = dt.datetime.fromisoformat(text)
        return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
    return check_lines(text)
