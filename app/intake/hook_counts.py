"""Counting what comes to the door, in memory, and adding it to the day's row now and then: a refused delivery
costs the database nothing. What was counted since the last time is lost with a killed process; deliveries are not."""

import datetime as dt
import logging
import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field

from app.database import Database, Micros, lock
from app.group_commit.store import Target
from app.intake.hook_source import HookSource, read_taken
from app.intake.inbox import PROJECT, count_day
from app.intake.signed_day import count_signed
from app.tasks.task import enqueue

SOON = 10
"""The priority of reading what came, as of all that somebody waits for."""

_NONE = (0, 0)

log = logging.getLogger("kutsu.hooks")


@dataclass(slots=True)
class _Counted:
    organisation_id: uuid.UUID
    counts: Counter[str] = field(default_factory=Counter)
    taken: dict[str, tuple[int, Micros]] = field(default_factory=dict)
    """By what is told of deliveries: how many, and when the last of them came."""
    last_refused: tuple[Micros, bytes] | None = None


class HookCounts:
    """Counts by connection and day; may be told from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[tuple[uuid.UUID, int], _Counted] = {}
        self._sources: dict[uuid.UUID, HookSource] = {}

    def learn(self, source: HookSource) -> None:
        """Take a connection's deliveries to be of this organisation and day from now on."""
        self._sources[source.connection_id] = source

    def note(self, source: HookSource, what: str, count: int = 1) -> None:
        """Count something."""
        with self._lock:
            self._of(source).counts[what] += count

    def note_taken(self, source: HookSource, said: str, at: Micros) -> None:
        """Count a delivery that is on disk, by what was told of it."""
        with self._lock:
            taken = self._of(source).taken
            taken[said] = (taken.get(said, _NONE)[0] + 1, at)

    def note_refused(self, source: HookSource, at: Micros, digest: bytes) -> None:
        """Count a delivery that nobody vouches for."""
        with self._lock:
            counted = self._of(source)
            counted.counts["refused"] += 1
            counted.last_refused = (at, digest)

    def note_commit(self, target: Target, offered: int, new: int) -> None:
        """Count what was received; what was there already had come before. The writer writes for others too."""
        source = self._sources.get(target.of)  # type: ignore[call-overload]
        if source is None:
            return
        with self._lock:
            counts = self._of(source).counts
            counts["received"] += offered
            counts["duplicate"] += offered - new

    def _of(self, source: HookSource) -> _Counted:
        key = (source.connection_id, source.day)
        counted = self._counted.get(key)
        if counted is None:
            counted = self._counted[key] = _Counted(source.organisation_id)
        return counted

    def flush(self, database: Database, now: dt.datetime) -> None:
        """Add what was counted to the rows of its days, and put in the queue that there is something to read; what
        could not be added is kept for the next time."""
        with self._lock:
            counted, self._counted = self._counted, {}
        for (connection_id, day), some in counted.items():
            try:
                self._store(database, connection_id, day, some, now)
            except Exception as error:  # noqa: BLE001 (a count must not stop what it counts)
                log.warning("Counts of deliveries could not be stored: %s", type(error).__name__)
                self._keep(connection_id, day, some)

    def _store(self, database: Database, connection_id: uuid.UUID, day: int, some: _Counted, now: dt.datetime) -> None:
        if some.counts["refused"]:
            log.warning("%d deliveries to connection %s were refused", some.counts["refused"], connection_id)
        with database.writing(some.organisation_id) as session:
            lock(session, f"hook day {connection_id}")
            if some.counts["received"] > some.counts["duplicate"]:
                enqueue(session, PROJECT, "", now=now, priority=SOON)
            late = sum(count for said, (count, _at) in some.taken.items() if not read_taken(said).on_time)
            row = count_day(session, connection_id, day, {**some.counts, "late": late})
            for said, (count, at) in some.taken.items():
                told = read_taken(said)
                count_signed(session, connection_id, day, told.since, told.reading, told.is_older, count, at)
            if some.last_refused is not None:
                row.last_refused_at, row.last_refused = some.last_refused

    def _keep(self, connection_id: uuid.UUID, day: int, some: _Counted) -> None:
        with self._lock:
            later = self._counted.setdefault((connection_id, day), _Counted(some.organisation_id))
            later.counts.update(some.counts)
            for said, (count, at) in some.taken.items():
                of_later, last = later.taken.get(said, _NONE)
                later.taken[said] = (of_later + count, max(at, last))
            later.last_refused = later.last_refused or some.last_refused
