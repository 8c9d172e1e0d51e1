"""A task: one piece of long work of an organisation, as it waits, runs and ends, and how one is asked for."""

import datetime as dt
import enum
import threading
import uuid
import weakref
from typing import Any

from sqlalchemy import BigInteger, Index, SmallInteger, String, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, OfOrganisation, lock, new_id, organisation_of
from app.errors import Conflict, Missing
from app.i18n import _
from app.tasks.said_text import SaidResult, SaidText

LONGEST_TEXT = 500
LONGEST_SUBJECT = 120
MOST_ATTEMPTS = 5
"""A task that was begun so often and never ended is left to a person."""


class State(enum.StrEnum):
    """Where a task stands; the last three are final until somebody asks for another try."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.QUEUED, State.RUNNING)


class Asker(enum.StrEnum):
    """What kind of hand asked for a task."""

    SYSTEM = "system"
    USER = "user"
    TOKEN = "token"  # noqa: S105 (the name of a kind)
    COMMAND = "command"


class Task(OfOrganisation, Base):
    """Of one kind and subject at most one task is open. `fence` grows with every claim: who holds a lower number
    has lost the task and can change nothing more. `cursor` is where a handler that was broken off goes on."""

    __tablename__ = "task"
    counts_as_data = False

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    params: Mapped[dict[str, Any]]
    state: Mapped[State] = mapped_column(String(12), default=State.QUEUED)
    priority: Mapped[int] = mapped_column(SmallInteger, default=0)
    not_before: Mapped[dt.datetime | None]
    holder: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[dt.datetime | None]
    fence: Mapped[int] = mapped_column(BigInteger, default=0)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int | None] = mapped_column(BigInteger)
    message: Mapped[str] = mapped_column(SaidText(LONGEST_TEXT), default="")
    result: Mapped[dict[str, Any]] = mapped_column(SaidResult, default=dict)
    error: Mapped[str | None] = mapped_column(SaidText(LONGEST_TEXT))
    asked_kind: Mapped[Asker] = mapped_column(String(10), default=Asker.SYSTEM)
    asked_by: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]


_IS_OPEN = Task.state.in_(OPEN)
_WHERE: dict[str, Any] = {"sqlite_where": _IS_OPEN, "postgresql_where": _IS_OPEN}
Index("uq_task_open", Task.organisation_id, Task.kind, Task.subject, unique=True, **_WHERE)
Index("ix_task_claim", Task.priority, Task.id, **_WHERE)
Index("ix_task_organisation_id", Task.organisation_id, Task.created_at)


def enqueue(
    session: Session,
    kind: str,
    subject: str = "",
    *,
    now: dt.datetime,
    params: dict[str, Any] | None = None,
    priority: int = 0,
    asked: tuple[Asker, str] = (Asker.SYSTEM, ""),
) -> Task:
    """Ask for a task; while one of the same kind and subject is open, that one is given instead."""
    lock(session, f"task {organisation_of(session)} {kind} {subject}")
    there = find_open(session, kind, subject)
    if there is not None:
        return there
    task = Task(
        kind=kind, subject=subject, params=params or {}, priority=priority, asked_kind=asked[0],
        asked_by=asked[1][:120], created_at=now,
    )  # fmt: skip
    session.add(task)
    session.flush()
    session.info["enqueued"] = True
    return task


def find_open(session: Session, kind: str, subject: str = "") -> Task | None:
    """The task of this kind and subject that waits or runs."""
    return session.scalar(select(Task).where(Task.kind == kind, Task.subject == subject, Task.state.in_(OPEN)))


def get_task(session: Session, task_id: uuid.UUID) -> Task:
    """The organisation's task with this key."""
    task = session.scalar(select(Task).where(Task.id == task_id))
    if task is None:
        raise Missing(_("There is no such task."))
    return task


def _get_for_change(session: Session, task_id: uuid.UUID) -> Task:
    wanted = select(Task).where(Task.id == task_id).with_for_update()
    task = session.scalar(wanted.execution_options(populate_existing=True))
    if task is None:
        raise Missing(_("There is no such task."))
    return task


def cancel(session: Session, task_id: uuid.UUID, *, now: dt.datetime) -> Task:
    """Take a waiting task back at once, and ask a running one to stop at its next step."""
    task = _get_for_change(session, task_id)
    if task.state == State.QUEUED:
        task.state, task.finished_at, task.not_before = State.CANCELLED, now, None
    elif task.state == State.RUNNING:
        task.cancel_asked = True
    elif task.state != State.CANCELLED:
        raise Conflict(_("The task has ended already; there is nothing to cancel."))
    session.flush()
    return task


def try_again(session: Session, task_id: uuid.UUID) -> Task:
    """Put a task that failed or was cancelled back in the queue; it goes on where it was broken off."""
    task = _get_for_change(session, task_id)
    if task.state not in (State.FAILED, State.CANCELLED):
        raise Conflict(_("Only a task that failed or was cancelled can be tried again."))
    lock(session, f"task {task.organisation_id} {task.kind} {task.subject}")
    if find_open(session, task.kind, task.subject) is not None:
        raise Conflict(_("Another task of this kind is waiting or running already; look at that one."))
    task.state, task.attempts, task.not_before, task.cancel_asked = State.QUEUED, 0, None, False
    task.error = task.finished_at = task.holder = task.lease_until = None
    session.flush()
    session.info["enqueued"] = True
    return task


_waiting: "weakref.WeakSet[threading.Event]" = weakref.WeakSet()


def wake_on_enqueue(bell: threading.Event) -> None:
    """Have the bell rung whenever a task was put in the queue by this process, as long as somebody keeps it."""
    _waiting.add(bell)


@event.listens_for(Session, "after_commit")
def _ring(session: Session) -> None:
    if session.info.pop("enqueued", False):
        for bell in list(_waiting):
            bell.set()


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop("enqueued", None)
