"""Rows of the effectiveness report in an order, a page at a time. What cannot be traced ends every page, so that no
page looks as if all were known."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from app.errors import Invalid, Problem
from app.i18n import _
from app.reports.answers import Effectiveness, Row

T = TypeVar("T")
MOST_ROWS = 1000
VERDICTS = ("did_not_move", "cannot_tell", "moved")


def _cost(row: Row) -> tuple[str, Decimal] | None:
    currencies = {cost.currency for cost in row.costs}
    if len(currencies) != 1:
        return None
    return currencies.pop(), sum((Decimal(cost.amount) for cost in row.costs), Decimal(0))


def _amount(amount: str | None, currency: str | None) -> tuple[str, Decimal] | None:
    return None if amount is None or currency is None else (currency, Decimal(amount))


SORTS: dict[str, Callable[[Row], Any]] = {
    "label": lambda row: row.label.casefold(),
    "applications": lambda row: row.applications,
    "reached": lambda row: row.reached,
    "out": lambda row: row.out,
    "pending": lambda row: row.pending,
    "hired": lambda row: row.hired,
    "conversion": lambda row: row.conversion.estimate,
    "expected_reached": lambda row: row.expected_reached.estimate,
    "credit": lambda row: row.credit.value,
    "lift": lambda row: row.lift and row.lift.estimate,
    "probability_better": lambda row: row.lift and row.lift.probability_better,
    "verdict": lambda row: VERDICTS.index(row.verdict) if row.verdict else None,
    "needs": lambda row: row.needs and row.needs.applications,
    "cost": _cost,
    "cost_per_reached": lambda row: _amount(row.cost_per_reached.estimate, row.cost_per_reached.currency),
}
"""What rows can be ordered by; a row without the number comes after those that have it, whichever way."""


def order_rows(
    answer: Effectiveness, sort: str | None = None, limit: int | None = None, cursor: str | None = None
) -> Effectiveness:
    """The answer with its known rows ordered by `sort` (largest first after a `-`), at most `limit` of them from
    where `cursor` says; `next` is the cursor of the page after, if there is one."""
    if limit is not None and not 1 <= limit <= MOST_ROWS:
        raise Invalid([Problem("limit", _("Give 1 to %(most)s rows.", most=MOST_ROWS))])
    known = _sorted([row for row in answer.rows if row.row == "known"], sort)
    start = 0 if cursor is None else _start(known, sort, cursor)
    page = known[start:] if limit is None else known[start : start + limit]
    more = start + len(page) < len(known)
    rest = [row for row in answer.rows if row.row != "known"]
    return answer.model_copy(update={"rows": [*page, *rest], "next": _write_cursor(sort, page[-1]) if more else None})


def _sorted(rows: Sequence[Row], sort: str | None) -> list[Row]:
    if sort is None:
        return list(rows)
    return sort_by(sorted(rows, key=lambda row: (row.label.casefold(), row.key or "")), sort, SORTS)


def sort_by(
    lines: Sequence[T], sort: str | None, values: Mapping[str, Callable[[T], Any]], word: str = "sort"
) -> list[T]:
    """The lines by the value that `sort` names, largest first after a `-`; equal ones stay in their order, and those
    without the value come last, either way. Raises Invalid, of the `word` that asked, for what is none of them."""
    if sort is None:
        return list(lines)
    value = values.get(sort.removeprefix("-"))
    if value is None:
        raise Invalid([Problem(word, _("Sort by one of %(names)s, a - before it.", names=", ".join(values)))])
    having = [line for line in lines if value(line) is not None]
    return [
        *sorted(having, key=value, reverse=sort.startswith("-")),
        *(line for line in lines if value(line) is None),
    ]


def _write_cursor(sort: str | None, last: Row) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, last.key]).encode()).decode()


def _start(rows: Sequence[Row], sort: str | None, cursor: str) -> int:
    keys = [[sort, row.key] for row in rows]
    try:
        return keys.index(json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))) + 1
    except ValueError as error:
        raise Invalid([Problem("cursor", _("This cursor belongs to another list; begin without one."))]) from error
