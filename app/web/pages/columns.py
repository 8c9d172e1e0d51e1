"""The columns of a wide table: which there are, which an address asks for, and the form that chooses them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from fastapi.responses import RedirectResponse

from app.errors import Invalid, Problem
from app.i18n import _
from app.web.pages.visit import Visit

SEPARATOR = "."
"""Between names in an address; a comma would be written as %2C."""
HERE = "columns"
"""Where columns are chosen on a page."""


class Choosable(Protocol):
    """A column with the name that an address knows it by."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def usual(self) -> bool: ...


C = TypeVar("C", bound=Choosable)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is there unless it is taken away."""

    name: str
    title: str
    usual: bool = True


@dataclass(frozen=True, slots=True)
class ColumnForm:
    """The form that chooses columns: each with whether it is shown, and what else the address asks."""

    choices: Sequence[tuple[str, str, bool]]
    asked: dict[str, str]
    path: str


def choose_columns(every: Sequence[C], asked: str | None) -> list[C]:
    """The columns that an address asks for, in the order of the table; the usual ones when it asks for none.
    Raises Invalid for one that is not there."""
    if asked is None:
        return [one for one in every if one.usual]
    names = asked.split(SEPARATOR)
    known = {one.name for one in every}
    if unknown := [name for name in names if name not in known]:
        wrong = _("“%(text)s” is none of %(known)s.", text=unknown[0], known=", ".join(sorted(known)))
        raise Invalid([Problem("columns", wrong)])
    return [one for one in every if one.name in names]


def name_columns(every: Sequence[Choosable], names: Sequence[str]) -> str | None:
    """How an address asks for these columns; nothing for the usual ones."""
    chosen = [one.name for one in every if one.name in names]
    usual = [one.name for one in every if one.usual]
    return SEPARATOR.join(chosen) if chosen and chosen != usual else None


def go_to_chosen(visit: Visit, every: Sequence[Choosable]) -> RedirectResponse | None:
    """To the address of the columns that a form picked, at the form; nothing when no form was sent."""
    picked = visit.request.query_params.getlist("column")
    if not picked:
        return None
    return RedirectResponse(f"{visit.same_address(column=None, columns=name_columns(every, picked))}#{HERE}", 303)


def column_form(
    visit: Visit, every: Sequence[Choosable], chosen: Sequence[Choosable], passing: Collection[str] = ()
) -> ColumnForm:
    """The form, with what is chosen now; `passing` are words of the address that are over once it is sent."""
    names = {one.name for one in chosen}
    asked = {name: said for name, said in visit.asked.items() if name not in {"columns", "column", *passing}}
    return ColumnForm([(one.name, one.title, one.name in names) for one in every], asked, visit.request.url.path)
