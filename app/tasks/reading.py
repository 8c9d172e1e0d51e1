"""Reading tasks: lists, how fast one goes and how long it has left, and how long the queue is."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.tasks.task import OPEN, State, Task

MOST_LISTED = 200


def list_tasks(
    session: Session, *, states: Collection[State] = (), kind: str | None = None, limit: int = MOST_LISTED
) -> list[Task]:
    """The organisation's tasks, those that are open before those that have ended, each the newest first."""
    wanted = select(Task).order_by(Task.finished_at.is_not(None), Task.created_at.desc(), Task.id.desc())
    if states:
        wanted = wanted.where(Task.state.in_(states))
    if kind is not None:
        wanted = wanted.where(Task.kind == kind)
    return list(session.scalars(wanted.limit(limit)))


@dataclass(frozen=True, slots=True)
class Pace:
    """How a running task gets on: the share that is done, things done in a second, and the time it has left; each
    is None while it cannot be told."""

    share: float | None
    per_second: float | None
    left: dt.timedelta | None


def pace_of(task: Task, now: dt.datetime) -> Pace:
    """How the task gets on, counted from when it was first begun."""
    share = None if not task.total else min(task.done / task.total, 1.0)
    seconds = (now - task.started_at).total_seconds() if task.started_at is not None else 0.0
    if task.state != State.RUNNING or seconds <= 0 or not task.done:
        return Pace(share, None, None)
    speed = task.done / seconds
    left = None if task.total is None else dt.timedelta(seconds=max(task.total - task.done, 0) / speed)
    return Pace(share, speed, left)


@dataclass(frozen=True, slots=True)
class Queue:
    """The open tasks of one kind: how many wait, how many run, and since when the oldest that is due has waited."""

    kind: str
    waiting: int
    running: int
    oldest_due: dt.datetime | None


def read_queues(session: Session, now: dt.datetime) -> Sequence[Queue]:
    """The queues by kind; of all organisations in a session of nobody."""
    due_since = func.coalesce(Task.not_before, Task.created_at)
    is_due = (Task.state == State.QUEUED) & or_(Task.not_before.is_(None), Task.not_before <= now)
    rows = session.execute(
        select(
            Task.kind,
            func.count().filter(Task.state == State.QUEUED),
            func.count().filter(Task.state == State.RUNNING),
            func.min(due_since).filter(is_due),
        )
        .where(Task.state.in_(OPEN))
        .group_by(Task.kind)
        .order_by(Task.kind)
    )
    return [Queue(*row) for row in rows]


def oldest_wait(queues: Sequence[Queue], now: dt.datetime) -> dt.timedelta:
    """How long the task that is due longest has waited."""
    waits = [now - queue.oldest_due for queue in queues if queue.oldest_due is not None]
    return max([dt.timedelta(), *waits])
