"""Long work as a list shows it: what waits, runs and has ended lately, whatever its kind."""

from dataclasses import dataclass

from sqlalchemy import select

from app.intake.connection import Connection
from app.tasks.reading import list_tasks
from app.tasks.task import OPEN, State, Task
from app.web.pages.task_words import Running, describe_end, describe_task, work_name
from app.web.pages.visit import Visit

MOST_WORK = 12


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A task as the list shows it: with its progress while it is open, with how it ended after that."""

    here: str
    what: str
    running: Running | None
    ended: str
    state: str
    may_stop: bool
    may_try_again: bool


def list_work(visit: Visit) -> list[WorkRow]:
    """The open tasks, then those that ended last."""
    names = {str(id): name for id, name in visit.session.execute(select(Connection.id, Connection.name))}
    return [_row(visit, task, names) for task in list_tasks(visit.session, limit=MOST_WORK)]


def _row(visit: Visit, task: Task, names: dict[str, str]) -> WorkRow:
    is_open = task.state in OPEN
    return WorkRow(
        here=f"/data/work/{task.id}",
        what=work_name(task.kind, names.get(task.subject, "")),
        running=describe_task(task, visit.now) if is_open else None,
        ended="" if is_open else describe_end(task, visit.organisation.zone),
        state="broken" if task.state == State.FAILED else "fresh",
        may_stop=is_open and not task.cancel_asked,
        may_try_again=task.state in (State.FAILED, State.CANCELLED),
    )
