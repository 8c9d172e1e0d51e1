"""A table as a spreadsheet: numbers as numbers, days as days, and texts as texts, whatever they begin with."""

import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = str | int | float | dt.date | None

LONGEST_TEXT = 32_767
"""What a cell holds."""
LONGEST_NAME = 31
"""Of a sheet, in characters."""
WIDEST = 46
_REFUSED = re.compile(r"[\[\]:*?/\\]|[^\x20-\ud7ff\ue000-\ufffd]")
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table under its title and what must be known to read it. A percentage is a share and its column is named
    in `shares`."""

    title: str
    notes: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[Value]]
    shares: frozenset[int] = field(default=frozenset())


def write_workbook(sheet: Sheet) -> bytes:
    """The table as an XLSX file. No cell is a formula or a link: each value is written as the kind that it is."""
    from xlsxwriter import Workbook

    file = io.BytesIO()
    with Workbook(file, OPTIONS) as book:
        page = book.add_worksheet(name_sheet(sheet.title))
        bold, quiet = book.add_format({"bold": True}), book.add_format({"font_color": "#5f5f57"})
        day, share = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "0.0 %"})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        page.write_string(0, 0, _cut(sheet.title), bold)
        for line, note in enumerate(sheet.notes, 1):
            page.write_string(line, 0, _cut(note), quiet)
        top = len(sheet.notes) + 2
        for column, text in enumerate(sheet.heads):
            page.write_string(top, column, _cut(text), head)
        for line, row in enumerate(sheet.rows, top + 1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(line, column, _cut(value))
                elif isinstance(value, dt.date):
                    page.write_datetime(line, column, value, day)
                elif value is not None:
                    page.write_number(line, column, value, share if column in sheet.shares else None)
        page.freeze_panes(top + 1, 1)
        for column, width in enumerate(_widths(sheet)):
            page.set_column(column, column, width)
    return file.getvalue()


def name_sheet(title: str) -> str:
    """What a sheet of this title may be called: programs refuse some signs, and names that are long or none."""
    return _REFUSED.sub(" ", title)[:LONGEST_NAME].strip(" '") or "Kutsu"


def _cut(text: str) -> str:
    return text[:LONGEST_TEXT]


def _widths(sheet: Sheet) -> list[int]:
    columns = zip(*sheet.rows, strict=True) if sheet.rows else [() for _head in sheet.heads]
    return [
        min(WIDEST, 2 + max([min(len(head), 14), *(len(str(value)) for value in column if value is not None)]))
        for head, column in zip(sheet.heads, columns, strict=True)
    ]
