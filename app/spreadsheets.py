"""The bytes of a file as numbered rows of cells: text in whatever encoding with whatever delimiter, or a spreadsheet
whose size is known before it is opened. What a file is, it says by its bytes; its name may not say otherwise."""

import codecs
import csv
import datetime as dt
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import TypeAlias

from app.errors import Invalid, Problem
from app.i18n import _, number

Cell: TypeAlias = str | int | float | dt.date
Row: TypeAlias = tuple[int, Sequence[Cell]]
"""A row's number as an editor counts it, and its cells up to the last one that says something."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands between the cells of a text and before decimals, and the sign that the text begins with."""

    between: str = ","
    decimal: str = "."
    begins: str = ""


FOR_MACHINES = Marks()

LARGEST_FILE = 16 * 1024 * 1024
LARGEST_UNPACKED = 64 * 1024 * 1024
MOST_PARTS = 200
MOST_ROWS = 100_000
MOST_CELLS = 2_000_000
LONGEST_CELL = 4_100
"""The longest text that a plan takes, with an apostrophe before it and some room."""
DELIMITERS = (",", ";", "\t")

PACKED = b"PK"
"""How a packed file begins, which a workbook is."""
_TEXT_ENDINGS, _SHEET_ENDINGS = {".csv", ".tsv", ".txt", ".tab", ".json"}, {".xlsx", ".xlsm"}
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "XLS"), (b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"),
    (b"\x1f\x8b", "gzip"), (b"7z\xbc\xaf", "7z"), (b"Rar!", "RAR"),
)  # fmt: skip
_TAG = re.compile(rb"""<(?:[\w.-]+:)?(row|c)((?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*/?>""")
_TAG_BEGINS = re.compile(rb"<(?:[\w.-]+:)?(?:row|c)[\s/>]")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{0,3})([0-9]{1,7})["']""")
_SAYS_PLACE = re.compile(rb"\sr\s*=")
TORN = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OverflowError, OSError,
    struct.error,
)  # fmt: skip
"""What reading a zip raises where it is damaged, locked, or packed in a way that no spreadsheet is."""


Sheet: TypeAlias = Callable[[], Iterator[Row]]
"""One way to read a file: by a delimiter, or a sheet of a workbook. Its rows may raise Invalid while they are read."""


def read_sheets(data: bytes, name: str) -> list[Sheet]:
    """The ways in which a file may be read, the likeliest first. Raises Invalid where it is no table, or too large."""
    if len(data) > LARGEST_FILE:
        raise refused(_("The file has more than %(n)s bytes; export fewer days at a time.", n=number(LARGEST_FILE)))
    if not data.strip(b"\x00\t\r\n "):
        raise refused(_("The file is empty."))
    check_name(data, name)
    return list(read_workbook(data).values()) if data.startswith(PACKED) else _read_text(data)


def marks_for(language: str) -> Marks:
    """The marks by which a spreadsheet program of this language opens a text as a table, with its letters and numbers
    right: where a comma stands before decimals, a semicolon stands between cells."""
    comma = language != "en"
    return Marks(";" if comma else ",", "," if comma else ".", "\ufeff")


def check_name(data: bytes, name: str) -> None:
    """Raises Invalid where a file is called what it is not: text that is packed, or a packed file that is text."""
    packed, ending = data.startswith(PACKED), PurePath(name).suffix.lower()
    if packed and ending in _TEXT_ENDINGS:
        raise refused(_("The name says that this is text, but it is a packed file. Save it as what it is."))
    if not packed and ending in _SHEET_ENDINGS:
        raise refused(_("The name says that this is a spreadsheet (XLSX), but it is not. Save it as what it is."))
    if not packed and ending == ".zip":
        raise refused(_("The name says that this is a packed file (ZIP), but it is not. Save it as what it is."))


def refused(message: str) -> Invalid:
    """Why the file as a whole is not taken."""
    return Invalid([Problem("file", message)])


def read_table(data: bytes) -> Iterator[Row]:
    """The rows of a text by the delimiter that its first line has most of. Raises Invalid."""
    text = decode(data)
    return _split(text, max(DELIMITERS, key=text.partition("\n")[0].count))


def read_rows(text: str, delimiter: str, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The rows of a text with all their cells; `strict` refuses a quotation mark that is not closed, too. Raises
    Invalid."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    begins, count = 1, 0
    try:
        for cells in reader:
            count += 1
            if count > MOST_ROWS:
                raise _too_many_rows()
            if any(len(cell) > LONGEST_CELL for cell in cells):
                raise refused(
                    _("Row %(row)s has a cell that is longer than any name; the file is damaged.", row=begins)
                )
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error:
        torn = _("A quotation mark is opened and not closed; mend it and paste again.") if strict else _(
            "Row %(row)s cannot be read as a row of a table.", row=begins)  # fmt: skip
        raise refused(torn) from None


def _read_text(data: bytes) -> list[Sheet]:
    text = decode(data)
    if text.lstrip()[:1] in ("<", "{", "["):
        raise refused(_("This is no table: export it as CSV or XLSX."))
    return [partial(_split, text, delimiter) for delimiter in DELIMITERS]


def decode(data: bytes) -> str:
    """The text of a file, whichever of the encodings it is in that platforms and spreadsheets write."""
    foreign = next((kind for start, kind in _FOREIGN if data.startswith(start)), None)
    if foreign is not None:
        raise refused(_("This is a file of the kind %(kind)s; export it as CSV or XLSX.", kind=foreign))
    encoding = _encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8-sig":
            raise refused(_("The characters of the file cannot be read; export it as UTF-8.")) from None
        # What spreadsheets in the Nordic countries save as CSV by themselves; it gives every byte a character.
        text = data.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise refused(_("This is no text: export it as CSV or XLSX."))
    return text


def _encoding_of(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = data[:1000]
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    if start[::2].count(0) > len(start) // 4:
        return "utf-16-be"
    return "utf-8-sig"


def _split(text: str, delimiter: str) -> Iterator[Row]:
    return ((n, _trim(cells)) for n, cells in read_rows(text, delimiter))


def _too_many_rows() -> Invalid:
    return refused(_("The file has more than %(n)s rows; export fewer days at a time.", n=number(MOST_ROWS)))


def _trim(cells: Sequence[Cell]) -> list[Cell]:
    kept = list(cells)
    while kept and isinstance(kept[-1], str) and not kept[-1].strip():
        kept.pop()
    return kept


def read_workbook(data: bytes) -> dict[str, Sheet]:
    """The sheets of a workbook by their names. Raises Invalid where it is none, or too large."""
    from python_calamine import CalamineError, CalamineWorkbook

    sheets: dict[str, Sheet] = {}
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(_unpack(data))) as book:
            for name in book.sheet_names:
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                sheets[name] = partial(_number, rows)
    except CalamineError:
        raise _torn() from None
    return sheets


def _number(rows: Sequence[Sequence[object]]) -> Iterator[Row]:
    return ((n, _trim([_cell(cell) for cell in row])) for n, row in enumerate(rows, 1))


def _torn() -> Invalid:
    return refused(_("The spreadsheet is damaged, locked, or no XLSX; open it, save it as XLSX and try again."))


def _cell(value: object) -> Cell:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, bool) or not isinstance(value, str | int | float | dt.date):
        return str(value)
    return value


def _unpack(data: bytes) -> bytes:
    """The workbook's parts without compression, in a zip that cannot say more than there is: its reader unpacks in
    memory, and lays a sheet out as far as its farthest cell."""
    honest = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(honest, "w") as written:
            parts = [part for part in given.infolist() if part.filename.endswith((".xml", ".rels"))]
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise refused(_("This is a packed file and no spreadsheet (XLSX)."))
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise refused(
                    _("Unpacked, the spreadsheet is larger than %(n)s bytes; save the table alone, as CSV.",
                      n=number(LARGEST_UNPACKED))
                )  # fmt: skip
            for part in parts:
                with given.open(part) as packed:
                    content = packed.read(part.file_size)  # whatever follows is left behind
                if b"sheetData" in content:
                    _check_extent(content)
                written.writestr(part.filename, content)
    except TORN:
        raise _torn() from None
    return honest.getvalue()


def _check_extent(sheet: bytes) -> None:
    """Refuse a sheet with a cell so far out that laying it out would fill the memory."""
    rows = columns = row = column = tags = 0
    for found in _TAG.finditer(sheet):
        tags += 1
        said = _PLACE.search(found[2])
        if said is None and _SAYS_PLACE.search(found[2]):
            raise ValueError("a cell that is nowhere")
        if found[1] == b"row":
            row, column = int(said[2]) if said else row + 1, 0
        else:
            column = _column_number(said[1]) if said else column + 1
            row = int(said[2]) if said else row
        rows, columns = max(rows, row), max(columns, column)
    if tags != sum(1 for _tag in _TAG_BEGINS.finditer(sheet)):
        raise ValueError("a cell that is not written as one")
    if rows > MOST_ROWS:
        raise _too_many_rows()
    if rows * columns > MOST_CELLS:
        raise refused(_("A sheet reaches further than %(n)s cells; save the table alone, as CSV.",
                        n=number(MOST_CELLS)))  # fmt: skip


def _column_number(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place
