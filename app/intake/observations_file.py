"""Observations from a file: row by row in calls of the API's size, so that a long file needs little memory."""

import codecs
import datetime as dt
import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from app.database import Database
from app.funnel.fact import Origin
from app.i18n import _
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
    open_session = database.rehearsing if dry_run else database.writing
    with file.open("rb") as content:
        items = read_items(content)
        for start in itertools.count(0, MOST_ITEMS):
            some = list(itertools.islice(items, MOST_ITEMS))
            if not some:
                break
            with open_session(organisation_id) as session:
                receipt = take_in(session, system, some, secret=secret, now=now, origin=Origin.FILE)
            total.accepted += receipt.accepted
            total.duplicate += receipt.duplicate
            total.conflict += receipt.conflict
            total.rejected += [Rejection(start + one.index, one.id, one.problem) for one in receipt.rejected]
            on_progress(start + len(some))
    return total


def read_items(content: BinaryIO) -> Iterator[Any]:
    """The items of a file: of a JSON array, or one a line. Some editors put a mark of the encoding before them."""
    begins = len(codecs.BOM_UTF8) if content.read(3) == codecs.BOM_UTF8 else 0
    content.seek(begins)
    is_array = content.readline().lstrip().startswith(b"[")
    content.seek(begins)
    if is_array:
        yield from parse_array(content.read())
    else:
        yield from (parse_line(line) for line in content if line.strip())


def describe_counts(accepted: int, duplicate: int, conflict: int, refused: int) -> str:
    """What became of the rows, in a sentence."""
    return _(
        "%(accepted)s accepted, %(duplicate)s known already, %(conflict)s in conflict, %(refused)s refused.",
        accepted=accepted, duplicate=duplicate, conflict=conflict, refused=refused,
    )  # fmt: skip


def rejects_as_lines(receipt: Receipt) -> str:
    """The refused rows as one JSON object a line: the row's number from 1, its id, the problem."""
    lines = (
        json.dumps({"row": one.index + 1, "id": one.id, "problem": one.problem}, ensure_ascii=False)
        for one in receipt.rejected
    )
    return "".join(f"{line}\n" for line in lines)
