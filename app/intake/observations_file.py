"""Observations from a file: row by row in calls of the API's size, so that a long file needs little memory."""

import codecs
import csv
import datetime as dt
import io
import itertools
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from app.access.organisation import Organisation, get_organisation
from app.database import Database
from app.funnel.fact import Origin, TimeQuality
from app.i18n import _, current_language, ngettext, number
from app.intake.application_table import ApplicationTable, read_applications
from app.intake.observe import MOST_ITEMS, Receipt, Rejection, parse_array, parse_line, take_in
from app.intake.stage_proposal import note_own_stages
from app.planning.sheet_file import as_text, defuse
from app.spreadsheets import Cell, marks_for

JSON_ENDINGS = {".json", ".ndjson", ".jsonl"}
Numbered = tuple[int, Any]
"""An item, and the row it stands in, from 1; a sheet's row may hold several."""


@dataclass(frozen=True, slots=True)
class FileItems:
    """The items of a file, the sheet that they come from, if it is one, and how well the times in it are known."""

    items: Iterable[Numbered]
    table: ApplicationTable | None = None
    time_quality: TimeQuality = TimeQuality.EXACT

    def note(self, receipt: Receipt) -> None:
        """Add to what became of the items what is to be said of their sheet."""
        if self.table is not None:
            receipt.unread, receipt.remarks = self.table.unread, self.table.remarks
            receipt.returned = return_rows(self.table, receipt.rejected)


def import_file(
    database: Database,
    organisation_id: uuid.UUID,
    system: str,
    file: Path,
    *,
    secret: bytes,
    now: dt.datetime,
    dry_run: bool = False,
    on_progress: Callable[[int], None] = lambda _done: None,
) -> Receipt:
    """Take in a file of observations: a JSON array, one object a line, or a sheet of applications. Rows that are
    refused are named by their place in the file; running it again stores nothing twice. Progress is told in rows."""
    open_session = database.rehearsing if dry_run else database.writing
    with database.reading(organisation_id) as session:
        organisation = get_organisation(session, organisation_id)
    with file.open("rb") as content:
        found = read_items(content, file.name, organisation, now)
        total, items = Receipt(), iter(found.items)
        while some := list(itertools.islice(items, MOST_ITEMS)):
            with open_session(organisation_id) as session:
                receipt = take_in_numbered(session, system, replace(found, items=some), secret=secret, now=now)
            total.accepted += receipt.accepted
            total.duplicate += receipt.duplicate
            total.conflict += receipt.conflict
            total.rejected += receipt.rejected
            total.rows |= receipt.rows
            on_progress(some[-1][0])
    found.note(total)
    return total


def take_in_numbered(session: Session, system: str, found: FileItems, *, secret: bytes, now: dt.datetime) -> Receipt:
    """Take in the items of a file in one transaction; what is refused is named by its row."""
    rows, items = zip(*found.items, strict=True)
    receipt = take_in(
        session, system, items, secret=secret, now=now, origin=Origin.FILE, time_quality=found.time_quality
    )
    receipt.rejected = [replace(one, index=rows[one.index] - 1) for one in receipt.rejected]
    if found.table is not None:
        receipt.rows = set(rows)
        note_own_stages(session, f"system:{system}", found.table.stages)
    found.note(receipt)
    return receipt


def read_items(content: BinaryIO, name: str, organisation: Organisation, now: dt.datetime) -> FileItems:
    """The items of a file: of a JSON array, one a line, or those that a sheet of applications stands for. Raises
    Invalid."""
    begins = len(codecs.BOM_UTF8) if content.read(3) == codecs.BOM_UTF8 else 0
    content.seek(begins)
    first = content.readline().lstrip()[:1]
    content.seek(0)
    if first not in (b"", b"{", b"[") and PurePath(name).suffix.lower() not in JSON_ENDINGS:
        zone = organisation.zone
        table = read_applications(content.read(), name, zone, now.astimezone(zone).date())
        return FileItems(table.items, table, TimeQuality.APPROXIMATE)
    content.seek(begins)
    items = parse_array(content.read()) if first == b"[" else _read_lines(content)
    return FileItems(enumerate(items, 1))


def _read_lines(content: BinaryIO) -> Iterator[Any]:
    return (parse_line(line) for line in content if line.strip())


def describe_counts(
    accepted: int, duplicate: int, conflict: int, refused: int, sheet: tuple[int, int] | None = None
) -> str:
    """What became of the rows, in a sentence; of a sheet how many of its applications were right, and of how many
    events they told."""
    if sheet is not None:
        right, rows = sheet
        return ngettext(
            "%(right)s of %(n)s application: %(accepted)s new events, %(duplicate)s known already, %(conflict)s in "
            "conflict.",
            "%(right)s of %(n)s applications: %(accepted)s new events, %(duplicate)s known already, %(conflict)s in "
            "conflict.", rows, right=number(right), accepted=number(accepted), duplicate=number(duplicate),
            conflict=number(conflict),
        )  # fmt: skip
    return _(
        "%(accepted)s accepted, %(duplicate)s known already, %(conflict)s in conflict, %(refused)s refused.",
        accepted=number(accepted), duplicate=number(duplicate), conflict=number(conflict), refused=number(refused),
    )  # fmt: skip


def describe_unread(unread: Sequence[str]) -> str:
    """Which columns of a sheet were passed over; nothing where none was."""
    return (
        _("Not read, because we do not know these columns: %(columns)s.", columns=", ".join(unread)) if unread else ""
    )


def return_rows(table: ApplicationTable, rejected: Sequence[Rejection]) -> list[list[Cell]]:
    """The refused rows of a sheet as they stand there, below its head, with the reasons in a column behind them."""
    reasons: dict[int, list[str]] = {}
    for one in rejected:
        reasons.setdefault(one.index + 1, []).append(one.problem)
    width = max((len(table.rows[row]) for row in reasons), default=0)
    width = max(width, len(table.head))
    rows = [(table.head, _("What to mend")), *((table.rows[row], "; ".join(dict.fromkeys(said)))
                                              for row, said in reasons.items())]  # fmt: skip
    return [[*cells, *[""] * (width - len(cells)), said] for cells, said in rows]


def rejects_file(receipt: Receipt) -> tuple[str, list[str]]:
    """The refused rows as a file, its ending and its lines: of a sheet as a table that a spreadsheet program opens and
    that can be mended and sent again, of others as one JSON object a line."""
    if not receipt.returned:
        return "ndjson", rejects_as_lines(receipt).splitlines(keepends=True)
    marks = marks_for(current_language())
    lines = [marks.begins]
    for row in receipt.returned:
        text = io.StringIO()
        csv.writer(text, delimiter=marks.between, lineterminator="\r\n").writerow(defuse(as_text(cell)) for cell in row)
        lines.append(text.getvalue())
    return "csv", lines


def rejects_as_lines(receipt: Receipt) -> str:
    """The refused rows as one JSON object a line: the row's number from 1, its id, the problem."""
    lines = (
        json.dumps({"row": one.index + 1, "id": one.id, "problem": one.problem}, ensure_ascii=False)
        for one in receipt.rejected
    )
    return "".join(f"{line}\n" for line in lines)
