"""Holding a task: claimed by one statement, kept by a lease that each step renews, lost for good once another
holder's number is higher.

Instants come from one clock for all holders of a database (`clock_of`); a lease that lies further ahead than a
lease can is from before that clock was set back, and has run out.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, update
from sqlalchemy.orm import Session

from app.database import Database, Instant, from_micros
from app.i18n import _, remembering
from app.tasks.task import MOST_ATTEMPTS, State, Task

LEASE = dt.timedelta(minutes=2)
SET_BACK = dt.timedelta(minutes=1)
"""How much further ahead a lease must lie to be from before a clock was set back: a claim that waited for the
store asks with a time that is a little old."""
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(hours=1)


class Interruption(BaseException):
    """What ends a handler's work from outside; no error of the handler's, so it does not catch it as one."""


class Fenced(Interruption):
    """The task was given to another holder, or ended; nothing more of what this one does is stored."""


class Cancelled(Interruption):
    """Somebody asked for the task to be stopped."""


class GivenBack(Interruption):
    """The process is about to end; another goes on with the task."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A task that this process holds."""

    id: uuid.UUID
    organisation_id: uuid.UUID
    kind: str
    subject: str
    params: Mapping[str, Any]
    cursor: Mapping[str, Any]
    fence: int
    attempts: int


def clock_of(database: Database, clock: Callable[[], dt.datetime]) -> Callable[[], dt.datetime]:
    """The clock that all holders of this database go by: on PostgreSQL its own, so that a machine whose clock is
    wrong takes nobody's task away; on SQLite that of its one machine."""
    if database.is_sqlite:
        return clock

    def ask() -> dt.datetime:
        with database.engine.connect() as connection:
            micros = select(func.floor(func.extract("epoch", func.clock_timestamp()) * 1_000_000))
            return from_micros(int(connection.scalar(micros) or 0))

    return ask


def is_free(now: dt.datetime) -> ColumnElement[bool]:
    """Which tasks may be claimed: those whose time has come, and those whose holder was not heard of in time."""
    waits = and_(Task.state == State.QUEUED, or_(Task.not_before.is_(None), Task.not_before <= now))
    return and_(or_(waits, _is_abandoned(now)), Task.attempts < MOST_ATTEMPTS)


def _is_abandoned(now: dt.datetime) -> ColumnElement[bool]:
    return and_(Task.state == State.RUNNING, or_(Task.lease_until <= now, Task.lease_until > now + LEASE + SET_BACK))


def has_free(session: Session, kinds: Collection[str], now: dt.datetime) -> bool:
    """Whether there is anything to claim; asked in a session of nobody."""
    return session.scalar(select(Task.id).where(is_free(now), Task.kind.in_(kinds)).limit(1)) is not None


def claim_next(session: Session, holder: str, kinds: Collection[str], now: dt.datetime) -> Claim | None:
    """Take the next task of these kinds, of any organisation; asked in a session of nobody."""
    return _claim(session, holder, now, and_(is_free(now), Task.kind.in_(kinds)))


def claim_this(session: Session, task_id: uuid.UUID, holder: str, now: dt.datetime) -> Claim | None:
    """Take this task, if nobody holds it; somebody waits for it, so it need not wait for its time."""
    free = or_(Task.state == State.QUEUED, _is_abandoned(now))
    return _claim(session, holder, now, and_(free, Task.id == task_id))


def _claim(session: Session, holder: str, now: dt.datetime, which: ColumnElement[bool]) -> Claim | None:
    in_order = select(Task.id).where(which).order_by(Task.priority.desc(), Task.id).limit(1)
    chosen = in_order.with_for_update(skip_locked=True).scalar_subquery()
    taken = (
        update(Task)
        .where(Task.id == chosen)
        .values(
            state=State.RUNNING, holder=holder[:120], lease_until=now + LEASE, fence=Task.fence + 1,
            attempts=Task.attempts + 1, not_before=None, error=None,
            started_at=func.coalesce(Task.started_at, literal(now, Instant())),
        )
        .returning(
            Task.id, Task.organisation_id, Task.kind, Task.subject, Task.params, Task.cursor, Task.fence, Task.attempts
        )
    )  # fmt: skip
    row = session.execute(taken, execution_options={"synchronize_session": False}).one_or_none()
    return None if row is None else Claim(*row)


def give_up_on_the_hopeless(session: Session, now: dt.datetime) -> int:
    """End the tasks that were begun too often and never came to an end; asked in a session of nobody."""
    with remembering():
        text = _("It was started %(n)s times, and its process ended each time; look into the log.", n=MOST_ATTEMPTS)
    hopeless = and_(_is_abandoned(now), Task.attempts >= MOST_ATTEMPTS)
    ended = update(Task).where(hopeless).values(state=State.FAILED, error=text, finished_at=now, lease_until=None)
    return len(session.execute(ended.returning(Task.id)).all())


def keep(session: Session, claim: Claim, now: dt.datetime, **said: Any) -> bool:
    """Renew the lease and note what is said of the task; asked in the session whose changes depend on it, and
    until that ends nobody else can take the task. Returns whether somebody asked to stop it."""
    return _change(session, claim, lease_until=now + LEASE, **said)


def _change(session: Session, claim: Claim, **values: Any) -> bool:
    held = (Task.id == claim.id, Task.fence == claim.fence, Task.state == State.RUNNING)
    change = update(Task).where(*held).values(values).returning(Task.cancel_asked)
    row = session.execute(change, execution_options={"synchronize_session": False}).one_or_none()
    if row is None:
        raise Fenced
    return bool(row[0])


def finish(session: Session, claim: Claim, now: dt.datetime, result: Mapping[str, Any]) -> None:
    """The task is done."""
    _change(session, claim, state=State.DONE, finished_at=now, result=dict(result), lease_until=None, cursor={})


def end_cancelled(session: Session, claim: Claim, now: dt.datetime) -> None:
    """The task was stopped because somebody asked for it."""
    _change(session, claim, state=State.CANCELLED, finished_at=now, lease_until=None)


def give_back(session: Session, claim: Claim) -> None:
    """Let another process go on with it; this try does not count."""
    _change(session, claim, state=State.QUEUED, holder=None, lease_until=None, attempts=claim.attempts - 1)


def fail(
    session: Session, claim: Claim, now: dt.datetime, error: str, *, again: bool, after: dt.timedelta | None = None
) -> bool:
    """The try failed. If it may go better again, the task waits longer after each try, or as long as was asked;
    returns whether it is tried again."""
    again = again and claim.attempts < MOST_ATTEMPTS
    if again:
        wait = min(max(FIRST_WAIT * 2 ** (claim.attempts - 1), after or FIRST_WAIT), LONGEST_WAIT)
        _change(session, claim, state=State.QUEUED, not_before=now + wait, error=error, holder=None, lease_until=None)
    else:
        _change(session, claim, state=State.FAILED, finished_at=now, error=error, lease_until=None)
    return again
