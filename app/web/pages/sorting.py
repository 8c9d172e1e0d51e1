"""Heads that sort a table by their column. The order stands in the address, so it needs no script, and goes along into
links and files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from app.reports.ordering import sort_by
from app.web.pages.visit import Visit

T = TypeVar("T")
SORT = "sort"
"""What an address calls the order of its table."""


@dataclass(frozen=True, slots=True)
class Head:
    """A head of a table; it sorts by its column when followed, the other way round when followed again."""

    name: str
    title: str
    address: str | None
    sorted: str
    """`ascending`, `descending`, or nothing."""
    numeric: bool


def sort_head(visit: Visit, name: str, title: str, *, numeric: bool = True, word: str = SORT, at: str = "") -> Head:
    """The head of a column that the table can be sorted by: numbers largest first.

    word  what the address calls the order of this table
    at    the place on the page where the table stands, if it is not the first thing there
    """
    address, sorted_ = find_order(visit, f"-{name}" if numeric else name, word)
    return Head(name, title, f"{address}#{at}" if at else address, sorted_, numeric)


def find_order(visit: Visit, first: str, word: str = SORT) -> tuple[str, str]:
    """Where a head leads that sorts as `first` says when it is followed first, and how the table is sorted by it."""
    name, asked = first.removeprefix("-"), visit.asked.get(word)
    other = name if first.startswith("-") else f"-{name}"
    sorted_ = {name: "ascending", f"-{name}": "descending"}.get(asked or "", "")
    return visit.same_address(**{word: other if asked == first else first}), sorted_


def sort_lines(
    visit: Visit, lines: Sequence[T], values: Mapping[str, Callable[[T], Any]], *, word: str = SORT
) -> list[T]:
    """The lines as the address asks for them, else as they are; one without the number comes last, either way.
    Raises Invalid for what they cannot be sorted by."""
    return sort_by(lines, visit.asked.get(word), values, word)
