"""Tables that people keep in spreadsheets: their cells as texts, and texts that no spreadsheet runs."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable

from app.errors import Invalid, Problem
from app.i18n import _, number
from app.planning.problem import refuse
from app.spreadsheets import LARGEST_UNPACKED, MOST_PARTS, TORN, Cell, Row, read_table, read_workbook, refused

_ACTIVE = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+\-]?[\d\s.,\u00a0\u202f\u2009]*")
_DEFUSED = re.compile(r"'+[=+\-@\t\r]")


def defuse(text: str) -> str:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it that makes it a text."""
    return f"'{text}" if _ACTIVE.match(text) else text


def undefuse(text: str) -> str:
    """A text as it was before it was defused."""
    return text[1:] if _DEFUSED.match(text) else text


def csv_texts(content: bytes) -> list[list[str]]:
    """The cells of comma-, semicolon- or tab-separated lines. Raises Invalid naming each that is a formula as it stands
    there: a file of ours has none."""
    rows = list(_texts(read_table(content)))
    heads = rows[0] if rows else []
    refuse(
        Problem("file", _("Row %(n)s, column %(column)s: “%(cell)s” begins like a formula; take the first sign out.",
                          n=n, column=head, cell=cell[:60]))
        for n, row in enumerate(rows[1:], 2) for head, cell in zip(heads, row, strict=False) if _is_formula(cell)
    )  # fmt: skip
    return [[undefuse(cell) for cell in row] for row in rows]


def _is_formula(text: str) -> bool:
    return bool(_ACTIVE.match(text)) and not text.startswith("'") and not _NUMBER.fullmatch(text)


def workbook_texts(content: bytes) -> dict[str, list[list[str]]]:
    """The cells of each sheet of an XLSX file: days as year-month-day. Raises Invalid."""
    return {name: list(_texts(rows())) for name, rows in read_workbook(content).items()}


def packed_files(content: bytes) -> dict[str, bytes]:
    """The files in a ZIP by their names. Raises Invalid where it is broken, or too large once it is unpacked."""
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        raise _broken() from None
    with packed:
        parts = [part for part in packed.infolist() if not part.is_dir()]
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            most = number(LARGEST_UNPACKED)
            raise refused(_("Unpacked it has more than %(n)s bytes; send less at a time.", n=most))
        try:
            return {part.filename: packed.read(part) for part in parts}
        except TORN:
            raise _broken() from None


def _broken() -> Invalid:
    return refused(_("The file is broken; take it again from where it came from."))


def _texts(rows: Iterable[Row]) -> Iterable[list[str]]:
    return ([as_text(cell) for cell in cells] for _number, cells in rows)


def as_text(cell: Cell) -> str:
    """A cell as it would be typed, a day as year-month-day."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)
