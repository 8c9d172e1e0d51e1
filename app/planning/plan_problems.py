"""What is wrong with a plan's file: said of each row for machines, and cause by cause for people."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from app.errors import Invalid, Problem
from app.i18n import _
from app.planning.nouns import AT, NOUNS, Row, as_called
from app.planning.row import quote_names

_CALLED = ("name", "slug", "title", "reference", "observed", "tracking_code")
"""What a row may be called by, the first that it has."""


class SheetRow(dict[str, Any]):
    """A row that a sheet has, with the number that a spreadsheet shows beside it."""

    def __init__(self, said: Row, number: int) -> None:
        self.number = number
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class RowProblem(Problem):
    """What is wrong with a row: the cause by itself, its table and column, and what the row is called."""

    cause: str
    table: str
    column: str
    name: str


def in_row(table: str, at: int, row: object, message: str, field: str = "") -> RowProblem:
    """What is wrong with a row, the one `at` this place from 0 of its table: the text itself says in which row and
    column of a sheet, since a page and a command show nothing else."""
    noun = NOUNS.get(table)
    field = as_called(noun, field) if noun else field
    column, name = AT.sub(r".\1", field), call_row(row)
    place = {
        "table": table, "problem": message, "column": column, "name": name,
        "n": row.number if isinstance(row, SheetRow) else at + 1,
    }  # fmt: skip
    if field:
        said = _("%(table)s, row %(n)s (%(name)s), column %(column)s: %(problem)s", **place)
    else:
        said = _("%(table)s, row %(n)s (%(name)s): %(problem)s", **place)
    return RowProblem(f"{table}[{at}].{field}".removesuffix("."), said, message, table, column, name)


def no_table(name: str) -> Problem:
    """A table that no plan has."""
    return Problem(name, _("A plan has no table “%(name)s”; it has %(known)s.", name=name, known=", ".join(NOUNS)))


def call_row(row: object) -> str:
    """What a row of a file is called."""
    said = [row.get(name) for name in _CALLED] if isinstance(row, dict) else []
    return next((one for one in said if isinstance(one, str) and one.strip()), _("without a name"))


@contextmanager
def by_cause() -> Iterator[None]:
    """Let what is wrong be told once for each cause: how many rows have it, and the first of them by name."""
    try:
        yield
    except Invalid as error:
        causes: dict[object, list[Problem]] = {}
        for one in error.problems:
            same = (one.table, one.column, one.cause) if isinstance(one, RowProblem) else one
            causes.setdefault(same, []).append(one)
        raise Invalid([Problem("", _say_cause(alike)) for alike in causes.values()]) from None


def _say_cause(alike: Sequence[Problem]) -> str:
    first, *others = alike
    if not isinstance(first, RowProblem) or not others:
        return first.message
    place = {"table": first.table, "column": first.column, "problem": first.cause, "n": len(alike),
             "names": quote_names(one.name for one in alike if isinstance(one, RowProblem))}  # fmt: skip
    if first.column:
        return _("%(table)s, %(n)s rows (%(names)s), column %(column)s: %(problem)s", **place)
    return _("%(table)s, %(n)s rows (%(names)s): %(problem)s", **place)
