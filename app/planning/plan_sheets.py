"""The plan's tables as files: JSON, a workbook with a sheet for each noun, or comma-separated files in one ZIP; and
such files read back. A nested field is a column with dots in its name (`text.fi`), a list of names one cell."""

import copy
import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from app.errors import Invalid, Problem
from app.i18n import _
from app.planning.lines import read_amount, read_day, read_rate, read_time
from app.planning.nouns import NOUNS, Noun, Row
from app.planning.plan_file import Tables
from app.planning.plan_problems import SheetRow, in_row, no_table
from app.planning.sheet_file import csv_texts, defuse, packed_files, workbook_texts
from app.spreadsheets import PACKED, check_name

FORMATS = {
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
CONTENT_TYPES = "[Content_Types].xml"
"""What a packed file has that is a workbook."""
LISTS = frozenset({"languages", "claims", "placements", "also_for"})
"""Columns whose cell names several, a comma between them."""
_AS_TYPED = {"date": read_day, "rate": read_rate, "time": read_time}
"""Fields that a sheet may have as people type them."""
_BY_NAME = {"vat_percent": "rate", "booking_closes_at": "time"}
"""What some texts are, which their schema does not say."""
_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?")
_PATH = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")


def write_plan(tables: Tables, format: str) -> bytes:
    """The tables as a file of this format."""
    if format == "json":
        return json.dumps(tables, ensure_ascii=False, indent=1).encode()
    grids = {name: list(_grid(rows)) for name, rows in tables.items() if rows}
    return _workbook(grids) if format == "xlsx" else _packed(grids)


def read_plan_file(name: str, content: bytes) -> Tables:
    """The tables of a file, told apart by what it is: JSON, a workbook, a ZIP of comma-separated files, or one such
    file that is called after its table (`placements.csv`). Raises Invalid."""
    check_name(content, name)
    if content.startswith(PACKED):
        inner = packed_files(content)
        if CONTENT_TYPES not in inner:
            return dict(_read_csv(one, said) for one, said in inner.items())
        return {sheet: list(_rows(sheet, grid)) for sheet, grid in workbook_texts(content).items()}
    if content.lstrip()[:1] in (b"{", b"["):
        return _read_json(content)
    return dict([_read_csv(name, content)])


def _read_json(content: bytes) -> Tables:
    try:
        found = json.loads(content)
        json.dumps(
            copy.deepcopy(found), ensure_ascii=False
        ).encode()  # half a character is none, nor is a bottomless row
    except (ValueError, RecursionError) as error:
        raise Invalid([Problem("file", _("This is no JSON: %(why)s.", why=str(error)))]) from None
    if isinstance(found, dict) and all(isinstance(rows, list) for rows in found.values()):
        wrong = [
            in_row(name, at, row, _("Give an object with named fields."))
            for name, rows in found.items()
            for at, row in enumerate(rows)
            if not isinstance(row, dict)
        ]
        if not wrong:
            return found
        raise Invalid(wrong)
    raise Invalid([Problem("file", _("A plan is an object with a list of rows for each table."))])


def _table_of(name: str) -> str:
    stem = name.replace("\\", "/").rpartition("/")[2].partition(".")[0].lower()
    if stem not in NOUNS:
        known = ", ".join(f"{one}.csv" for one in NOUNS)
        raise Invalid([Problem("file", _("Call the file after its table: %(known)s.", known=known))])
    return stem


def _read_csv(name: str, content: bytes) -> tuple[str, list[Row]]:
    """A table and its rows. What is no table is refused as what it is, whatever it is called."""
    grid = csv_texts(content)
    table = _table_of(name)
    return table, list(_rows(table, grid))


def _grid(rows: Sequence[Row]) -> Iterator[list[str]]:
    """The rows with their heads: a column for each field that any row has, in the order in which they first come."""
    flat = [dict(flatten(row)) for row in rows]
    heads = list(dict.fromkeys(head for row in flat for head in row))
    yield heads
    for row in flat:
        yield [row.get(head, "") for head in heads]


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """A row as its columns and their cells."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from flatten(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and path in LISTS:
        yield path, ", ".join(value)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from flatten(inner, f"{path}.{at}")
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _rows(table: str, grid: Sequence[Sequence[str]]) -> Iterator[Row]:
    """Rows of a table below its heads; empty rows and empty cells say nothing."""
    if not grid:
        return
    if table not in NOUNS:
        raise Invalid([no_table(table)])
    heads = [head.strip() for head in grid[0]]
    wrong = [head for head in heads if head and not _PATH.fullmatch(head)]
    if wrong:
        raise Invalid([
            Problem(f"{table}: {head}", _("%(table)s: “%(column)s” is no column of a plan.", table=table, column=head))
            for head in wrong
        ])  # fmt: skip
    kinds = _kinds(NOUNS[table].schema.model_json_schema())
    for number, cells in enumerate(grid[1:], 2):
        said = {head: cell for head, cell in zip(heads, cells, strict=False) if head and cell != ""}
        if said:
            read = {head: _read_cell(head, cell, kinds) for head, cell in said.items()}
            yield SheetRow(_nest(_read_amounts(read, kinds)), number)


def read_fields(noun: Noun, said: Mapping[str, str], currency: Callable[[], str]) -> Row:
    """Fields of a row from columns and their cells; an empty cell takes its field away, an amount may stand alone."""
    kinds = _kinds(noun.schema.model_json_schema())
    cells = dict[str, str]()
    for head, cell in said.items():
        alone = cell != "" and kinds.get(head) == "money"
        cells |= _read_alone(head, cell, currency()) if alone else {head: cell}
    read = {head: _read_cell(head, cell, kinds) for head, cell in cells.items() if cell}
    return _nest(_read_amounts(read, kinds) | {head: None for head, cell in cells.items() if not cell})


def _read_alone(head: str, cell: str, currency: str) -> dict[str, str]:
    """The columns of an amount that is given by itself; what is none is left for the plan to refuse."""
    try:
        amount = read_amount(cell, currency)
    except ValueError:
        amount = {"amount": cell, "currency": currency}
    return {f"{head}.{part}": one for part, one in amount.items()}


def _read_cell(head: str, cell: str, kinds: Mapping[str, str]) -> Any:
    if head in LISTS:
        return [one.strip() for one in cell.split(",") if one.strip()]
    kind = kinds.get(re.sub(r"\.\d+", "", head))
    if kind == "integer" and re.fullmatch(r"-?\d{1,9}", cell):
        return int(cell)
    if kind == "boolean" and cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    if kind in _AS_TYPED:
        with suppress(ValueError):  # the plan says of what is none which form it wants
            return _AS_TYPED[kind](cell)
    return cell


def _read_amounts(said: Row, kinds: Mapping[str, str]) -> Row:
    """A row whose amounts are written as forms of ours take them, `1.900,50 €`, in the form that the plan takes. What
    is in that form already stays: a number of a workbook has no groups of thousands."""
    read = dict(said)
    for head, cell in said.items():
        of, _dot, last = head.rpartition(".")
        if last != "amount" or kinds.get(re.sub(r"\.\d+", "", of)) != "money" or _PLAIN.fullmatch(cell):
            continue
        beside = said.get(f"{of}.currency", "")
        with suppress(ValueError):
            found = read_amount(cell, beside)
            if found["currency"] == beside or not beside:  # whatever says two currencies stays to be refused
                read |= {f"{of}.{part}": one for part, one in found.items() if one}
    return read


def _kinds(schema: Mapping[str, Any]) -> dict[str, str]:
    """Of each field that is no text, what it is; a list's place is left out of its path."""
    found: dict[str, str] = {}

    def walk(part: Mapping[str, Any], path: str) -> None:
        if "$ref" in part:
            if part["$ref"].endswith("/Money"):
                found[path] = "money"
            part = schema["$defs"][part["$ref"].rpartition("/")[2]]
        for one in part.get("anyOf", ()):
            walk(one, path)
        if "items" in part:
            walk(part["items"], path)
        for name, inner in part.get("properties", {}).items():
            walk(inner, f"{path}.{name}" if path else name)
        if part.get("type") in ("integer", "boolean"):
            found[path] = part["type"]
        if part.get("format") == "date":
            found[path] = "date"
        if path in _BY_NAME:
            found[path] = _BY_NAME[path]

    walk(schema, "")
    return found


def _nest(said: Mapping[str, Any]) -> Row:
    tree: Row = {}
    for head, value in said.items():
        steps, place = head.split("."), tree
        for step in steps[:-1]:
            inner = place.setdefault(step, {})
            place = inner if isinstance(inner, dict) else {}
        place[steps[-1]] = value
    return {name: _as_list(value) for name, value in tree.items()}


def _as_list(value: Any) -> Any:
    """What is numbered is a list; a number that is left out is none of it."""
    if not isinstance(value, dict):
        return value
    inner = {name: _as_list(one) for name, one in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def _workbook(grids: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    from xlsxwriter import Workbook

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(file, options) as book:
        bold = book.add_format({"bold": True})
        for name, grid in grids.items():
            sheet = book.add_worksheet(name)
            for line, cells in enumerate(grid):
                for column, cell in enumerate(cells):
                    sheet.write_string(line, column, cell, None if line else bold)
            sheet.freeze_panes(1, 1)
    return file.getvalue()


def _packed(grids: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, grid in grids.items():
            text = io.StringIO()
            csv.writer(text, lineterminator="\r\n").writerows([defuse(cell) for cell in cells] for cells in grid)
            packed.writestr(f"{name}.csv", "\ufeff" + text.getvalue())
    return file.getvalue()
