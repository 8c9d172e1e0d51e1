"""From the inbox to facts: deliveries are claimed, read, and stored with how they ended, each facts and state in one
transaction. Any number of processes may do it at once, and any may be killed."""

import datetime as dt
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.database import Database, add_rows, from_micros, lock, to_micros
from app.funnel.fact import Origin
from app.funnel.pseudonym import Pseudonyms
from app.funnel.stage import StageMap, load_stage_maps
from app.i18n import _, join
from app.intake.connection import Connection
from app.intake.connectors.page import ApplicationSeen, ErasedSeen, MoveSeen, Seen, StageSeen
from app.intake.inbox import STAGES, InboxReference, InboxRow, State, Trust, count_day, forget_bodies, is_in_vain
from app.intake.inbox_reading import Broke, Ended, Later, Meant, Reader, Reading
from app.intake.observe import MOST_ITEMS, erased_problem, take_in
from app.intake.sealing import Sealer
from app.intake.sighting import take_in_seen
from app.intake.snapshots import SnapshotMaker
from app.intake.sync import ClientFor
from app.intake.vendors import open_account

MOST_TRIES = 5
MOST_AT_ONCE = 100
LEASE = dt.timedelta(minutes=5)
"""How long a process has what it claimed for itself; if it is killed, another takes it up after that."""
LONGEST_TRANSACTION_SECONDS = 0.1
"""After how long a transaction ends, for on SQLite no delivery can be acknowledged meanwhile."""
MOST_NAMED = 3


@dataclass(slots=True)
class Projected:
    """How many deliveries were taken up, and what became of them."""

    taken: int = 0
    ended: Counter[str] = field(default_factory=Counter)

    @property
    def later(self) -> int:
        return self.ended["later"]

    def describe(self) -> str:
        """In one line."""
        parts = [f"{name} {count}" for name, count in sorted(self.ended.items())]
        return _("%(n)s deliveries taken up: %(parts)s", n=self.taken, parts=", ".join(parts) or _("nothing"))


def project_inbox(
    database: Database,
    organisation_id: uuid.UUID,
    secret: bytes,
    *,
    sealer: Sealer,
    clock: Callable[[], dt.datetime],
    client_for: ClientFor = open_account,
    limit: int = 1_000,
) -> Projected:
    """Turn an organisation's deliveries that are due into facts, up to about `limit` of them, the oldest first."""
    projected = Projected()
    with database.writing(organisation_id) as session:
        settle_mapped(session)
        forget_bodies(session)
    while projected.taken < limit:
        now = clock()
        rows = _claim(database, organisation_id, now, projected)
        if not rows:
            return projected
        pseudonyms = Pseudonyms(secret, organisation_id)
        reader = Reader(database, organisation_id, sealer, client_for, now, pseudonyms)
        readings = reader.read(rows)
        store = _Store(reader.connections, pseudonyms, secret, now)
        left = rows
        while left:
            with database.writing(organisation_id) as session:
                session.expire_on_commit = False
                lock(session, f"intake:{organisation_id}")
                left = store.end_some(session, _still_ours(session, left), readings, projected)
                forget_bodies(session)
        projected.taken += len(rows)
    return projected


def _claim(
    database: Database, organisation_id: uuid.UUID, now: dt.datetime, projected: Projected
) -> Sequence[InboxRow]:
    """Take rows that are due, so that nobody else does for a while. The try is counted before it is made, since a
    row may be what kills the process: once it was tried in vain it is tried alone."""
    due = (
        select(InboxRow)
        .where(InboxRow.state == State.RECEIVED.value, InboxRow.due_at <= to_micros(now))
        .order_by(InboxRow.due_at, InboxRow.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    with database.writing(organisation_id) as session:
        session.expire_on_commit = False
        found = session.scalars(due).all()
        given_up = [row for row in found if row.tries >= MOST_TRIES]
        for row in given_up:
            _finish(session, row, State.DEAD, _("It was tried %(n)s times in vain.", n=MOST_TRIES), now)
            projected.ended[State.DEAD] += 1
        fresh = [row for row in found if row.tries == 0]
        rows = fresh or [row for row in found if row not in given_up][:1]
        for row in rows:
            row.tries += 1
            row.due_at = to_micros(now + LEASE)
        if given_up and not rows:
            session.flush()
    return rows if rows or not given_up else _claim(database, organisation_id, now, projected)


def _still_ours(session: Session, rows: Sequence[InboxRow]) -> Sequence[InboxRow]:
    """Those of the claimed rows that nobody else took after our time for them was over, as this session's."""
    leases = {row.id: (row.due_at, row.tries) for row in rows}
    held = session.scalars(select(InboxRow).where(InboxRow.id.in_(leases)).order_by(InboxRow.received_at, InboxRow.id))
    return [row for row in held.all() if row.state == State.RECEIVED and (row.due_at, row.tries) == leases[row.id]]


class _Store:
    """Stores what deliveries said, and how each ended."""

    def __init__(
        self, connections: dict[uuid.UUID, Connection], pseudonyms: Pseudonyms, secret: bytes, now: dt.datetime
    ) -> None:
        self._connections, self._pseudonyms, self._secret, self._now = connections, pseudonyms, secret, now

    def end_some(
        self, session: Session, rows: Sequence[InboxRow], readings: Mapping[uuid.UUID, Reading], projected: Projected
    ) -> Sequence[InboxRow]:
        """Store deliveries until others have waited long enough for the transaction's end; those that are left."""
        over = time.monotonic() + LONGEST_TRANSACTION_SECONDS
        for count, row in enumerate(rows, 1):
            projected.ended[self.end(session, row, readings[row.id])] += 1
            if time.monotonic() > over:
                return rows[count:]
        return ()

    def end(self, session: Session, row: InboxRow, reading: Reading) -> str:
        """Store one delivery and its state; what breaks is undone for this one alone. Says how it ended."""
        try:
            with session.begin_nested():
                return self._end(session, row, reading)
        except OperationalError:
            raise  # the store is out of reach, and the delivery has no part in that
        except Exception as error:  # noqa: BLE001 (one delivery that breaks us must not stop the others)
            return self._end(session, row, Broke(type(error).__name__))

    def _end(self, session: Session, row: InboxRow, reading: Reading) -> str:
        first = _find_first(session, row)
        if first is not None:
            reason = _(
                "It contradicts an earlier delivery of the same id, which counts (%(first)s came first, this is "
                "%(this)s).",
                first=first.body_digest.hex(),
                this=row.body_digest.hex(),
            )
            count_day(session, row.connection_id, row.day, {"conflict": 1})
            return _finish(session, row, State.DEAD, reason, self._now)
        match reading:
            case Ended():
                maker = SnapshotMaker(self._connections[row.connection_id].system, self._pseudonyms, Origin.WEBHOOK)
                _note_references(session, row, {maker.reference("application", key) for key in reading.asked})
                return _finish(session, row, reading.state, reading.reason, self._now, keep_body=reading.keep_body)
            case Later():
                row.tries, row.reason = 0, reading.reason
                row.due_at = to_micros(self._now + reading.pause)
                return "later"
            case Broke():
                reason = _("It could not be read (%(kind)s).", kind=reading.kind)
                if row.tries >= MOST_TRIES:
                    return _finish(session, row, State.DEAD, reason, self._now)
                row.due_at, row.reason = to_micros(self._now + row.tries * dt.timedelta(minutes=1)), reason
                return "again"
            case Meant():
                return self._store(session, row, reading)

    def _store(self, session: Session, row: InboxRow, meant: Meant) -> str:
        connection = self._connections[row.connection_id]
        if meant.content.observations:
            return self._store_observations(session, row, connection, meant.content.observations)
        maker = SnapshotMaker(connection.system, self._pseudonyms, Origin.WEBHOOK)
        _note_references(session, row, _references(maker, meant.seen))
        taken = take_in_seen(session, maker, meant.seen, row.received_at)
        unmapped = _unmapped(session, connection.system, meant.seen)
        state = State.NEEDS_MAPPING if unmapped else State.DONE
        reason = STAGES + " ".join(unmapped[:MOST_NAMED]) if unmapped else None
        return _finish(session, row, state, reason, self._now, keep_body=not taken.dropped)

    def _store_observations(
        self, session: Session, row: InboxRow, connection: Connection, items: Sequence[object]
    ) -> str:
        if len(items) > MOST_ITEMS:
            return _finish(session, row, State.DEAD, _("It holds more than 10,000 observations."), self._now)
        system, at = connection.system, from_micros(row.received_at)
        _note_references(session, row, self._references_of_items(f"system:{system}", items))
        receipt = take_in(session, system, items, secret=self._secret, now=at, origin=Origin.WEBHOOK)
        problems = [one for one in receipt.rejected if one.problem != erased_problem()]
        if receipt.conflict:
            count_day(session, row.connection_id, row.day, {"conflict": receipt.conflict})
        if problems or receipt.conflict:
            first = (
                join(": ", [str(problems[0].id or problems[0].index), problems[0].problem])
                if problems
                else _("It says something else under an id that came before; what came first counts.")
            )
            is_unknown = not receipt.conflict and all(one.is_unknown for one in problems)
            return _finish(session, row, State.NEEDS_MAPPING if is_unknown else State.DEAD, first, self._now)
        return _finish(session, row, State.DONE, None, self._now, keep_body=not receipt.rejected)

    def _references_of_items(self, system: str, items: Sequence[object]) -> set[bytes]:
        references = set()
        for item in items:
            said = item if isinstance(item, dict) else {}
            for name, kind in (("person", "person"), ("into", "person"), ("application", "application")):
                if isinstance(said.get(name), str):
                    references.add(self._pseudonyms.reference(f"{system}/{kind}", _sayable(said[name])))
            if isinstance(said.get("email"), str):
                references.add(self._pseudonyms.email(_sayable(said["email"])))
        return references


def _sayable(text: str) -> str:
    return text.encode(errors="replace").decode()


def _finish(
    session: Session, row: InboxRow, state: State, reason: str | None, now: dt.datetime, *, keep_body: bool = True
) -> str:
    row.state, row.projected_at = state.value, to_micros(now)
    row.reason = reason
    if not keep_body:
        row.body = None
    if state is State.DEAD:
        count_day(session, row.connection_id, row.day, {"dead": 1})
    return state.value


def _find_first(session: Session, row: InboxRow) -> InboxRow | None:
    """The delivery with the same key and another body that this one lost to."""
    same_key = (InboxRow.connection_id == row.connection_id, InboxRow.delivery_key == row.delivery_key)
    others = session.scalars(select(InboxRow).where(*same_key, InboxRow.id != row.id)).all()
    settled = (State.DONE, State.NEEDS_MAPPING)
    won = [one for one in others if one.state in settled or (one.received_at, one.id) < (row.received_at, row.id)]
    return min(won, key=lambda one: (one.received_at, one.id), default=None)


def _references(maker: SnapshotMaker, seen: Iterable[Seen]) -> set[bytes]:
    """Whom and which applications this speaks of."""
    references: set[bytes] = set()
    for one in seen:
        if isinstance(one, ErasedSeen):
            named = (maker.reference("person", one.candidate), maker.reference("application", one.application))
            references.update(reference for reference in named if reference is not None)
        elif not isinstance(one, StageSeen):
            references.update(maker.make(one, 0).references)
    return references


def _note_references(session: Session, row: InboxRow, references: set[bytes]) -> None:
    known = set(session.scalars(select(InboxReference.reference).where(InboxReference.inbox_id == row.id)))
    fresh = [{"inbox_id": row.id, "reference": reference} for reference in sorted(references - known)]
    add_rows(session, InboxReference, fresh)


def _unmapped(session: Session, system: str, seen: Iterable[Seen]) -> list[str]:
    """The stages that applications stand in and of which nobody has said what they mean."""
    refs = {one.stage.ref for one in seen if isinstance(one, ApplicationSeen | MoveSeen) and one.stage is not None}
    stages = load_stage_maps(session).get(system, StageMap())
    return sorted(ref for ref in refs if not stages.knows(ref))


def settle_mapped(session: Session) -> None:
    """Let those be done whose stages have been given a meaning since; their applications were projected again then."""
    waiting = (InboxRow.state == State.NEEDS_MAPPING.value, InboxRow.reason.startswith(STAGES))
    rows = session.scalars(select(InboxRow).where(*waiting)).all()
    maps = load_stage_maps(session) if rows else {}
    systems = {one.id: one.system for one in session.scalars(select(Connection))} if rows else {}
    for row in rows:
        stages = maps.get(systems[row.connection_id], StageMap())
        refs = (row.reason or "").removeprefix(STAGES).split(" ")
        if all(stages.knows(ref) for ref in refs):
            # It names the first few of its stages: where there may be more of them it is read again.
            is_read_again = len(refs) == MOST_NAMED and row.body is not None
            row.state, row.reason = (State.RECEIVED if is_read_again else State.DONE).value, None
            row.tries = 0


def retry_in_vain(session: Session, now: dt.datetime, *limits: ColumnElement[bool]) -> int:
    """Take deliveries up again that were read in vain, all or within limits; returns how many. Whoever does it vouches
    for late ones."""
    rows = session.scalars(select(InboxRow).where(is_in_vain(), InboxRow.body.is_not(None), *limits)).all()
    for row in rows:
        row.trust = Trust.WHOLE.value if row.trust == Trust.LATE else row.trust
        row.state, row.reason, row.tries, row.due_at = State.RECEIVED.value, None, 0, to_micros(now)
        row.projected_at = None
    return len(rows)


def take_up_again(session: Session, now: dt.datetime) -> int:
    """Let every delivery be read anew whose body is still there and which was not in vain; returns how many."""
    again = (
        update(InboxRow)
        .where(InboxRow.body.is_not(None), InboxRow.state.in_([State.DONE.value, State.NEEDS_MAPPING.value]))
        .values(state=State.RECEIVED.value, reason=None, tries=0, due_at=to_micros(now))
    )
    result = session.execute(again, execution_options={"synchronize_session": False})
    count: int = result.rowcount  # type: ignore[attr-defined]
    return count


def count_states(session: Session) -> dict[str, int]:
    """How many deliveries are in each state."""
    counted = select(InboxRow.state, func.count()).group_by(InboxRow.state).order_by(InboxRow.state)
    return {str(state): count for state, count in session.execute(counted)}


def list_unsettled(session: Session, most: int = 100) -> Sequence[InboxRow]:
    """The deliveries that wait for somebody, the newest first, and the reasons why."""
    waits = InboxRow.state.in_([State.DEAD.value, State.NEEDS_MAPPING.value])
    return session.scalars(select(InboxRow).where(waits).order_by(InboxRow.id.desc()).limit(most)).all()
