"""Placements as lines of a sheet: what each column is called, and rows as a spreadsheet copies them read into lines.
What a line means is said in `lines`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from app.errors import Invalid, Problem
from app.i18n import LANGUAGES, _, speaking
from app.spreadsheets import read_rows

MOST_LINES = 500
LONGEST_SHEET = 500_000
"""Characters that are read at once."""
COLUMNS = (
    "asset", "channel", "place", "starts_on", "ends_on", "audience", "planned_cost", "booked_cost", "invoiced_cost",
    "vat_percent", "production_cost", "target_url", "persona", "name", "status",
)  # fmt: skip
"""The columns in their order; a sheet without a header has them in this one."""
VAT = ("vat", "alv", "moms", "mva")
"""How spreadsheets head the column of its rate, with a sign of per cent or without."""
AMOUNTS = ("planned_cost", "booked_cost", "invoiced_cost", "production_cost")

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+\-]?[\d\s.,\u00a0\u202f\u2009]*")

Line: TypeAlias = Mapping[str, str]
"""What one row says, by column; a column that is empty or not there says nothing."""


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with one line: its number from 1 among them, and in which column."""

    line: int
    problem: Problem

    def __str__(self) -> str:
        where = column_title(self.problem.field)
        return _("Row %(n)s, %(column)s: %(problem)s", n=self.line, column=where, problem=self.problem.message)


def column_title(column: str) -> str:
    """What a person calls a column."""
    return {
        "asset": _("Asset"),
        "channel": _("Channel"),
        "place": _("Place"),
        "starts_on": _("Starts"),
        "ends_on": _("Ends"),
        "audience": _("Audience"),
        "planned_cost": _("Planned cost"),
        "booked_cost": _("Booked cost"),
        "invoiced_cost": _("Invoiced cost"),
        "vat_percent": _("VAT rate"),
        "production_cost": _("Production"),
        "target_url": _("Leads to"),
        "persona": _("Persona"),
        "name": _("Name"),
        "status": _("Status"),
    }.get(column, column)


def read_sheet(text: str) -> list[Line]:
    """The rows of a pasted sheet: parted by tabs, semicolons or commas, with a header in any of our languages or
    without one. Raises Invalid naming what is no row of ours."""
    if len(text) > LONGEST_SHEET:
        raise Invalid([Problem("rows", _("This is too much at once; paste at most %(n)s rows.", n=MOST_LINES))])
    rows = [row for row in _split(text) if any(cell.strip() for cell in row)]
    if not rows:
        raise Invalid([Problem("rows", _("Nothing was pasted; copy rows in the spreadsheet and paste them here."))])
    header = _read_header(rows[0])
    body = rows[1:] if header else rows
    if not body:
        raise Invalid([Problem("rows", _("There is a header and no row below it."))])
    if len(body) > MOST_LINES:
        raise Invalid([Problem("rows", _("This is too much at once; paste at most %(n)s rows.", n=MOST_LINES))])
    columns = header or COLUMNS
    _refuse_odd_rows(body, columns)
    return [dict(zip(columns, (cell.strip() for cell in row), strict=False)) for row in body]


def read_sheet_file(path: Path) -> list[Line]:
    """The rows of a file, in UTF-8 or in the UTF-16 that spreadsheets write. Raises Invalid."""
    try:
        raw = path.read_bytes()
        return read_sheet(raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"))
    except OSError as error:
        raise Invalid([Problem("file", _("%(file)s cannot be read: %(why)s", file=path, why=error.strerror))]) from None
    except UnicodeDecodeError:
        remedy = _("%(file)s is no text in UTF-8 or UTF-16; save it anew as CSV in UTF-8.", file=path)
        raise Invalid([Problem("file", remedy)]) from None


def find_formulas(line: Line) -> list[Problem]:
    """Cells that a spreadsheet would take for a formula, if it were handed out again."""
    remedy = _("This begins like a formula; take the first sign out.")
    return [
        Problem(column, remedy) for column, cell in line.items() if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell)
    ]


def _split(text: str) -> list[list[str]]:
    text = text.lstrip("\ufeff")
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = next((one for one in "\t;" if one in first), ",")
    try:
        return [cells for _row, cells in read_rows(text, delimiter, strict=True)]
    except Invalid as error:
        raise Invalid([Problem("rows", one.message) for one in error.problems]) from None


def _read_header(row: Sequence[str]) -> tuple[str, ...] | None:
    """The columns that a first row names, if it is a header: most of its cells are names of columns."""
    known = _known_titles()
    found = [known.get(_fold(cell)) for cell in row]
    if sum(one is not None for one in found) * 2 < len([cell for cell in row if cell.strip()]) + 1:
        return None
    problems = [
        _("There is no column “%(name)s”; take it out, or call it one of: %(known)s.",
          name=cell, known=", ".join(column_title(one) for one in COLUMNS))
        for cell, one in zip(row, found, strict=True) if one is None
    ]  # fmt: skip
    named = [one for one in found if one is not None]
    problems += [
        _("Two columns are called “%(name)s”; take one out.", name=column_title(one))
        for one in COLUMNS if named.count(one) > 1
    ]  # fmt: skip
    if problems:
        raise Invalid([Problem("rows", problem) for problem in problems])
    return tuple(named)


def _known_titles() -> dict[str, str]:
    known = {_fold(column): column for column in COLUMNS} | dict.fromkeys(VAT, "vat_percent")
    for language in LANGUAGES:
        with speaking(language):
            known |= {_fold(column_title(column)): column for column in COLUMNS}
    return known


def _fold(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").replace("%", " ").split())


def _refuse_odd_rows(body: Sequence[Sequence[str]], columns: Sequence[str]) -> None:
    odd = [
        Problem("rows", _("Row %(n)s has more cells than there are columns.", n=n))
        for n, row in enumerate(body, 1) if any(cell.strip() for cell in row[len(columns) :])
    ]  # fmt: skip
    if odd:
        raise Invalid(odd)
