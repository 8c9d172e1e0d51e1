"""Long work as a list shows it: what waits, runs and has ended lately, whatever its kind."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.intake.connection import Connection
from app.tasks.reading import list_tasks
from app.tasks.task import OPEN, Asker, State, Task
from app.web.pages.task_words import Running, describe_end, describe_task, result_words, work_name
from app.web.pages.visit import Visit

MOST_WORK = 12
MOST_ASKED_FOR = 6


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A task as the list shows it: with its progress while it is open, with how it ended after that."""

    here: str
    what: str
    address: str
    """Where one sees what it was done to."""
    running: Running | None
    ended: str
    result: str
    state: str
    may_stop: bool
    may_try_again: bool


def list_work(visit: Visit) -> list[WorkRow]:
    """The open tasks, then those that ended last."""
    return _rows(visit, list_tasks(visit.session, limit=MOST_WORK))


def list_asked_for(visit: Visit, since: dt.datetime) -> list[WorkRow]:
    """What somebody asked for and runs, or has ended since then, and what failed whoever asked; what is done by itself
    every hour would bury it."""
    tasks = [
        task
        for task in list_tasks(visit.session)
        if (task.asked_kind != Asker.SYSTEM or task.state == State.FAILED)
        and (task.finished_at is None or task.finished_at >= since)
    ]
    return _rows(visit, tasks[:MOST_ASKED_FOR])


def _rows(visit: Visit, tasks: Sequence[Task]) -> list[WorkRow]:
    names = {str(id): name for id, name in visit.session.execute(select(Connection.id, Connection.name))}
    return [_row(visit, task, names) for task in tasks]


def _row(visit: Visit, task: Task, names: dict[str, str]) -> WorkRow:
    is_open = task.state in OPEN
    return WorkRow(
        here=f"/data/work/{task.id}",
        what=work_name(task.kind, names.get(task.subject, "")),
        address=visit.address(f"/data/{task.subject}" if task.subject in names else "/data"),
        running=describe_task(task, visit.now) if is_open else None,
        ended="" if is_open else describe_end(task, visit.organisation.zone),
        result=result_words(task) if task.state == State.DONE else "",
        state="broken" if task.state == State.FAILED else "fresh",
        may_stop=is_open and not task.cancel_asked,
        may_try_again=task.state in (State.FAILED, State.CANCELLED),
    )
