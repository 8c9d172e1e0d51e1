"""Makers of rows for the writer of the hot doors, in a module that another process loads quickly."""

import os
import signal
import sys

from app.database import to_micros
from app.group_commit.store import Row
from app.intake.connectors.hook import Delivery
from app.intake.hook_source import HookSource
from tests.intake.signing import NOW


def make(source: HookSource, number: int, size: int = 100) -> tuple[Row | None, str]:
    if number < 0:
        raise ValueError("cannot be made")
    return source.make_row(Delivery(key=f"m{number}"), {}, b"x" * size, to_micros(NOW) + number), f"m{number}"


def make_none(source: HookSource) -> tuple[Row | None, str]:
    return None, "nothing"


def as_made(row: Row) -> tuple[Row, str]:
    return row, ""


def end_process(source: HookSource) -> tuple[Row | None, str]:
    """A row that kills the process which commits, and no other that looks at it."""
    if sys.argv[0].endswith("process.py"):
        os.kill(os.getpid(), signal.SIGKILL)
    return make(source, 1)
