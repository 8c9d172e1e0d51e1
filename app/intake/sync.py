"""Pulling from an ATS: each page's facts, the record made of them and the cursor are committed together.

Whatever stops a run, what was stored stays and the next run goes on from there; pages that come twice change
nothing, since equal states are equal facts.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.database import Database, new_id, to_micros
from app.errors import Drifted, Uncallable, VendorError
from app.funnel.application import SystemProgress
from app.funnel.fact import Origin
from app.funnel.pseudonym import Pseudonyms
from app.i18n import _, join
from app.intake.code_words import NO_CODE, codes_words
from app.intake.connection import Connection, SyncCursor, SyncRun, keep_company
from app.intake.connection_changes import require_active
from app.intake.connectors.page import Client, CompanySeen, Cursor, Page
from app.intake.familiar import find_company
from app.intake.inbox import take_up_healed
from app.intake.left_out import skipped_parts
from app.intake.sealing import Sealer
from app.intake.sighting import take_in_seen
from app.intake.snapshots import SnapshotMaker
from app.intake.vendors import VENDORS, get_connection, open_account, open_secrets

RUNNING, DONE, FAILED = "running", "done", "failed"
ERASED = "erased"

ClientFor: TypeAlias = Callable[[Connection, Mapping[str, str]], AbstractContextManager[Client]]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a run has done so far: `codes` counts the applications seen by the field that held their code."""

    run_id: uuid.UUID
    state: str
    read: int = 0
    stored: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None

    def describe(self) -> str:
        """The run in one line: what was read and kept, what was not and why, and which codes came back."""
        parts = [_("%(read)s read, %(stored)s new", read=self.read, stored=self.stored)]
        parts += skipped_parts(self.skipped)
        came = codes_words(self.codes)
        parts += [_("codes: %(came)s", came=came)] if came else []
        parts += [_("broken off: %(error)s", error=self.error)] if self.error else []
        return join("; ", parts)


def sync_connection(
    database: Database,
    organisation_id: uuid.UUID,
    connection_id: uuid.UUID,
    secret: bytes,
    *,
    sealer: Sealer,
    clock: Callable[[], dt.datetime],
    client_for: ClientFor = open_account,
    on_progress: Callable[[SyncReport], None] | None = None,
) -> SyncReport:
    """Read what changed at a connection since the last run. `secret` keys the pseudonyms.

    A failure of the other side is in the report and in the run's row; any other is raised after it was noted.
    """
    with database.reading(organisation_id) as session:
        connection = get_connection(session, connection_id)
        require_active(connection)
        cursors = _load_cursors(session, connection_id)
    secrets = open_secrets(connection, sealer)
    run = _Run(database, organisation_id, connection, Pseudonyms(secret, organisation_id), clock)
    run.begin()
    try:
        with client_for(connection, secrets) as client:
            connector = VENDORS[connection.vendor].connector(client)
            for page in connector.pages(cursors, run.started_at):
                run.store(page)
                if on_progress is not None:
                    on_progress(run.report(RUNNING))
            if connection.company is None:
                run.note_company(find_company(connector))
    except VendorError as error:
        return run.end(FAILED, describe_failure(error))
    except BaseException as error:
        run.end(FAILED, _("The run was broken off (%(kind)s).", kind=type(error).__name__))
        raise
    return run.end(DONE)


def describe_failure(error: VendorError) -> str:
    """What is wrong at the other side, and what to do about it where the words do not say so."""
    if isinstance(error, Uncallable):
        return _("%(address)s is no address that Kutsu calls: it calls only those that begin with https:// and have no "
                 "port of their own. The key is not what is wrong. Disconnect this and connect the system anew; the "
                 "demo's own system answers while `kutsu demo --serve` runs.", address=error.address)  # fmt: skip
    if not isinstance(error, Drifted):
        return str(error)
    return _("%(wrong)s Try again in a few minutes; if it stays so, update Kutsu.", wrong=error)


def _load_cursors(session: Session, connection_id: uuid.UUID) -> dict[str, Cursor]:
    rows = session.scalars(select(SyncCursor).where(SyncCursor.connection_id == connection_id))
    return {row.stream: row.cursor for row in rows}


class _Run:
    """One pull and what it has counted; the counts move when a page has been committed."""

    def __init__(
        self,
        database: Database,
        organisation_id: uuid.UUID,
        connection: Connection,
        pseudonyms: Pseudonyms,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._database = database
        self._organisation_id = organisation_id
        self._connection = connection
        self._maker = SnapshotMaker(connection.system, pseudonyms, Origin.POLL)
        self._clock = clock
        self._id = new_id()
        self._read = 0
        self._stored = 0
        self._skipped: Counter[str] = Counter()
        self._found_in: dict[bytes, str] = {}
        self.started_at = clock()

    def report(self, state: str, error: str | None = None) -> SyncReport:
        codes = Counter(self._found_in.values())
        return SyncReport(self._id, state, self._read, self._stored, dict(self._skipped), dict(codes), error)

    def begin(self) -> None:
        """Note that the run is on; one that was killed before it could say so has failed."""
        with self._database.writing(self._organisation_id) as session:
            unfinished = (SyncRun.connection_id == self._connection.id, SyncRun.state == RUNNING)
            killed = {"state": FAILED, "finished_at": self.started_at, "error": _("The run was killed.")}
            session.execute(update(SyncRun).where(*unfinished).values(**killed))
            session.add(
                SyncRun(
                    id=self._id,
                    connection_id=self._connection.id,
                    started_at=self.started_at,
                    state=RUNNING,
                    skipped={},
                    codes={},
                )
            )

    def store(self, page: Page) -> None:
        """Commit a page: its facts, their record, and where the stream goes on."""
        observed_at = to_micros(self._clock())
        with self._database.writing(self._organisation_id) as session:
            taken = take_in_seen(session, self._maker, page.seen, observed_at)
            applications = {one.fact.application for one in taken.kept if one.fact.application is not None}
            take_up_healed(session, self._connection.id, applications, observed_at)
            self._move_cursor(session, page)
        self._read += page.read
        self._stored += taken.new
        self._skipped.update(page.skipped)
        self._skipped.update({ERASED: taken.dropped} if taken.dropped else {})
        for snapshot in taken.kept:
            if snapshot.fact.application is not None:
                self._found_in[snapshot.fact.application] = snapshot.found_in or NO_CODE

    def _move_cursor(self, session: Session, page: Page) -> None:
        if page.cursor is not None:
            session.merge(
                SyncCursor(
                    organisation_id=self._organisation_id,
                    connection_id=self._connection.id,
                    stream=page.stream,
                    cursor=dict(page.cursor),
                    updated_at=self._clock(),
                )
            )

    def note_company(self, seen: CompanySeen | None) -> None:
        """Keep whose account was read."""
        if seen is not None:
            with self._database.writing(self._organisation_id) as session:
                keep_company(session, self._connection, seen)

    def end(self, state: str, error: str | None = None) -> SyncReport:
        """Note how the run ended; only one that ended well moves the day up to which all is known."""
        report = self.report(state, error)
        with self._database.writing(self._organisation_id) as session:
            row = session.get_one(SyncRun, self._id)
            row.finished_at, row.state, row.error = self._clock(), report.state, report.error
            row.read, row.stored = report.read, report.stored
            row.skipped, row.codes = dict(report.skipped), dict(report.codes)
            if state == DONE:
                self._move_progress(session)
        return report

    def _move_progress(self, session: Session) -> None:
        through, system = to_micros(self.started_at), self._connection.system
        of_system = SystemProgress.system == system
        progress = session.scalar(select(SystemProgress).where(of_system))
        if progress is None:
            session.add(SystemProgress(system=system, through=through))
        else:
            progress.through = max(progress.through, through)
