"""A task while it is done: what its handler writes through, and how it says how far it has come."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.database import Database
from app.tasks.claim import Cancelled, Claim, GivenBack, keep


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a task has come: `done` of `total`, where that is known, and what it is at."""

    done: int
    total: int | None
    message: str


class Running:
    """A claimed task. Whatever is written through its `database` is stored only while the task is still held."""

    def __init__(
        self,
        database: Database,
        claim: Claim,
        clock: Callable[[], dt.datetime],
        is_stopping: Callable[[], bool] = lambda: False,
        show: Callable[[Progress], None] = lambda _progress: None,
    ) -> None:
        self.claim = claim
        self.database = database.guarded(self._keep)
        self._database = database
        self._clock = clock
        self._is_stopping = is_stopping
        self._show = show

    def _keep(self, session: Session) -> None:
        keep(session, self.claim, self._clock())

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far the task has come, between two transactions; here it ends if it is to be stopped."""
        if self._is_stopping():
            raise GivenBack
        said = {"done": done, "total": total, "message": message}
        with self._database.writing(self.claim.organisation_id) as session:
            stop = keep(session, self.claim, self._clock(), **said)
        if stop:
            raise Cancelled
        self._show(Progress(done, total, message))

    def remember(self, session: Session, cursor: Mapping[str, Any]) -> None:
        """Say in the session that stores a step where the next try of the task is to go on."""
        keep(session, self.claim, self._clock(), cursor=dict(cursor))
