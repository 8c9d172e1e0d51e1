"""Ways to break a pull off in the middle, and to compare what two pulls have left."""

import sqlite3
from collections.abc import Callable
from typing import Any

from app.funnel.application import Application, Outcome, StageChange
from app.intake.connection import SyncCursor
from app.intake.sync import SyncReport
from tests.intake.town import Account


class Cut(BaseException):
    """Stands for whatever ends a process between two pages."""


def cut_after(pages: int) -> Callable[[SyncReport], None]:
    """A progress callback that breaks the run off after so many pages."""
    seen: list[SyncReport] = []

    def cut(report: SyncReport) -> None:
        seen.append(report)
        if len(seen) == pages:
            raise Cut

    return cut


def failing_commit(after: int) -> Callable[[sqlite3.Connection], None]:
    """A commit that works so many times and then finds the disk full."""
    commits: list[None] = []

    def commit(connection: sqlite3.Connection) -> None:
        commits.append(None)
        if len(commits) > after:
            raise OSError("no space left on disk")
        connection.execute("COMMIT")

    return commit


def shape(account: Account) -> tuple[Any, ...]:
    """The record and the cursors of an account, without the keys that differ between connections."""
    return (
        [
            (row.applied_at, row.furthest, row.current, row.outcome, row.unit)
            for row in account.rows(Application, Application.applied_at)
        ],
        sorted((row.stage, row.occurred_at) for row in account.rows(StageChange)),
        sorted((row.kind, row.occurred_at) for row in account.rows(Outcome)),
        sorted((row.stream, row.cursor["through"]) for row in account.rows(SyncCursor)),
    )
