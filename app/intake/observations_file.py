"""Observations from a file: row by row in calls of the API's size, so that a long file needs little memory."""

import datetime as dt
import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.database import Database
from app.funnel.fact import Origin
from app.intake.observe import MOST_ITEMS, Receipt, Rejection, parse_array, parse_line, take_in


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
    """Take in a file of observations: a JSON array, or one object a line. Rows that are refused are named by
    their place in the file; running it again stores nothing twice. Progress is told in rows."""
    total = Receipt()
    items = _read_items(file)
    open_session = database.rehearsing if dry_run else database.writing
    for start in itertools.count(0, MOST_ITEMS):
        some = list(itertools.islice(items, MOST_ITEMS))
        if not some:
            return total
        with open_session(organisation_id) as session:
            receipt = take_in(session, system, some, secret=secret, now=now, origin=Origin.FILE)
        total.accepted += receipt.accepted
        total.duplicate += receipt.duplicate
        total.conflict += receipt.conflict
        total.rejected += [Rejection(start + one.index, one.id, one.problem) for one in receipt.rejected]
        on_progress(start + len(some))
    return total


def _read_items(file: Path) -> Iterator[Any]:
    with file.open("rb") as lines:
        first = lines.readline()
        lines.seek(0)
        if first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            yield from parse_array(lines.read())
        else:
            yield from (parse_line(line) for line in lines if line.strip())


def rejects_as_lines(receipt: Receipt) -> str:
    """The refused rows as one JSON object a line: the row's number from 1, its id, the problem."""
    lines = (
        json.dumps({"row": one.index + 1, "id": one.id, "problem": one.problem}, ensure_ascii=False)
        for one in receipt.rejected
    )
    return "".join(f"{line}\n" for line in lines)
