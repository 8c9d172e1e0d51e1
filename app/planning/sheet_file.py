"""Tables that people keep in spreadsheets: read from bytes, within bounds; and texts that no spreadsheet runs."""

import csv
import datetime as dt
import io
import re
import zipfile
from typing import Any

from app.errors import Invalid, Problem
from app.i18n import _

MOST_BYTES = 64 * 2**20
"""What a packed file may be when it is unpacked."""
MOST_FILES = 200
MOST_ROWS, MOST_COLUMNS = 20_000, 400
_ACTIVE = re.compile(r"'*[=+\-@\t\r]")
_DEFUSED = re.compile(r"'+[=+\-@\t\r]")


def defuse(text: str) -> str:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it that makes it a text."""
    return f"'{text}" if _ACTIVE.match(text) else text


def undefuse(text: str) -> str:
    """A text as it was before it was defused."""
    return text[1:] if _DEFUSED.match(text) else text


def read_csv(content: bytes) -> list[list[str]]:
    """The cells of comma-, semicolon- or tab-separated lines, in UTF-8 or UTF-16. Raises Invalid."""
    text = _decode(content)
    first = text.partition("\n")[0]
    delimiter = max("\t;,", key=first.count)
    try:
        rows = [
            [undefuse(cell) for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        ]
    except csv.Error as error:
        raise Invalid([Problem("file", _("This is no table of commas: %(why)s.", why=str(error)))]) from None
    return _within_bounds(rows)


def read_workbook(content: bytes) -> dict[str, list[list[str]]]:
    """The cells of each sheet of an XLSX file, as texts: days as year-month-day. Raises Invalid."""
    from python_calamine import CalamineError, CalamineWorkbook

    refuse_to_unpack(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (CalamineError, ValueError) as error:
        raise Invalid([Problem("file", _("This is no workbook: %(why)s.", why=str(error)))]) from None
    return {name: _within_bounds([[_as_text(cell) for cell in row] for row in rows]) for name, rows in sheets.items()}


def refuse_to_unpack(content: bytes) -> None:
    """Refuse a packed file that is broken, or that would be larger than we take once it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
    except zipfile.BadZipFile:
        raise Invalid([Problem("file", _("The file is broken; take it again from where it came from."))]) from None
    if len(parts) > MOST_FILES or sum(part.file_size for part in parts) > MOST_BYTES:
        size = MOST_BYTES // 2**20
        raise Invalid([Problem("file", _("Unpacked it is larger than %(n)s MB; send less at a time.", n=size))])


def _decode(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise Invalid([Problem("file", _("This is not UTF-8; save the file in that encoding."))]) from None


def _within_bounds(rows: list[list[str]]) -> list[list[str]]:
    if len(rows) > MOST_ROWS or max(map(len, rows), default=0) > MOST_COLUMNS:
        most = _("At most %(rows)s rows of %(columns)s cells are taken.", rows=MOST_ROWS, columns=MOST_COLUMNS)
        raise Invalid([Problem("file", most)])
    return rows


def _as_text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)
