"""Tasks: long work that waits, runs and has ended, and what may be asked of it."""

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.tasks.reading import MOST_LISTED, list_tasks, pace_of
from app.tasks.task import State, Task, cancel, get_task, try_again
from app.web.problems import documented
from app.web.session import Now, ReadSession, WriteSession

router = APIRouter(prefix="/tasks", tags=["tasks"])


class TaskOut(BaseModel):
    """One task, how far it is, and how it ended."""

    id: uuid.UUID
    kind: str
    subject: str = Field(description="What it is about, for example the key of a connection.")
    state: State
    done: int
    total: int | None = Field(description="Null while it is not known.")
    message: str
    per_second: float | None = Field(description="How fast it goes, counted from its beginning.")
    seconds_left: float | None
    attempts: int
    cancel_asked: bool
    result: dict[str, Any]
    error: str | None
    asked_kind: str
    asked_by: str
    not_before: dt.datetime | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


class TasksOut(BaseModel):
    """The open tasks, then those that have ended; each the newest first."""

    items: list[TaskOut]


class TasksQuery(BaseModel):
    """How tasks are asked for."""

    model_config = ConfigDict(extra="forbid")

    state: list[State] = Field(default=[], description="Only those in one of these states.")
    kind: Annotated[str, Field(max_length=40)] | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = MOST_LISTED


def describe_task(task: Task, now: dt.datetime) -> TaskOut:
    """A task as the API shows it."""
    pace = pace_of(task, now)
    told = {name: getattr(task, name) for name in TaskOut.model_fields.keys() - {"per_second", "seconds_left"}}
    left = None if pace.left is None else pace.left.total_seconds()
    return TaskOut.model_validate({**told, "per_second": pace.per_second, "seconds_left": left})


@router.get("", summary="List tasks", responses=documented(400, 401, 403, 422, 503))
def list_all(session: ReadSession, now: Now, query: Annotated[TasksQuery, Query()]) -> TasksOut:
    """What waits, runs and has ended within the last month."""
    tasks = list_tasks(session, states=query.state, kind=query.kind, limit=query.limit)
    return TasksOut(items=[describe_task(task, now) for task in tasks])


@router.get("/{task_id}", summary="Read a task", responses=documented(401, 403, 404, 422, 503))
def read(task_id: uuid.UUID, session: ReadSession, now: Now) -> TaskOut:
    """How far it is, how fast it goes, and how it ended."""
    return describe_task(get_task(session, task_id), now)


@router.post("/{task_id}/cancel", summary="Cancel a task", responses=documented(401, 403, 404, 409, 422, 503))
def cancel_one(task_id: uuid.UUID, session: WriteSession, now: Now) -> TaskOut:
    """One that waits ends at once; one that runs stops at its next step and keeps what it has stored."""
    return describe_task(cancel(session, task_id, now=now), now)


@router.post("/{task_id}/retry", summary="Try a task again", responses=documented(401, 403, 404, 409, 422, 503))
def retry(task_id: uuid.UUID, session: WriteSession, now: Now) -> TaskOut:
    """One that failed or was cancelled goes on where it was broken off."""
    return describe_task(try_again(session, task_id), now)
