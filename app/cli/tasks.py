"""Verbs on tasks: how far long work is, and stopping it or trying it again; and doing a task here and now."""

import uuid
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import group
from app.cli.runtime import Runtime
from app.i18n import _

if TYPE_CHECKING:
    from app.tasks.task import Task

tasks = group("tasks", "Look at long work, stop it, or try it again.")

Key = Annotated[uuid.UUID, typer.Argument(help="As `kutsu tasks list` shows it")]


@tasks.command("list")
def list_all(context: typer.Context) -> None:
    """What waits and runs, and what has ended lately."""
    from rich.console import Console
    from rich.table import Column, Table
    from sqlalchemy import select

    from app.intake.connection import Connection
    from app.tasks.reading import list_tasks, pace_of

    runtime: Runtime = context.obj
    # A key is there to be copied, so it is whole however narrow the window.
    key = Column("Key", no_wrap=True, min_width=36)
    table = Table(key, "What", Column("State", min_width=9), "Done", "Left", "Said", box=None, pad_edge=False)
    with runtime.database.reading(runtime.organisation_id) as session:
        names = {str(id): name for id, name in session.execute(select(Connection.id, Connection.name))}
        for task in list_tasks(session):
            left = pace_of(task, runtime.now()).left
            done = f"{task.done}/{task.total}" if task.total is not None else str(task.done)
            shown = "" if left is None else str(left).partition(".")[0]
            what = f"{task.kind} {names.get(task.subject, task.subject)}".strip()
            table.add_row(str(task.id), what, str(task.state), done, shown, task.error or task.message)
    Console().print(table)


@tasks.command("cancel")
def cancel_one(context: typer.Context, key: Key) -> None:
    """Stop a task: at once if it waits, at its next step if it runs."""
    from app.tasks.task import State, cancel

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        state = cancel(session, key, now=runtime.now()).state
    typer.echo(_("The task is cancelled.") if state == State.CANCELLED else _("The task stops at its next step."))


@tasks.command("retry")
def retry(context: typer.Context, key: Key) -> None:
    """Try a task again that failed or was cancelled."""
    from app.tasks.task import try_again

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        try_again(session, key)
    typer.echo(_("The task waits; a worker goes on with it."))


def ask_for(runtime: Runtime, kind: str, subject: str = "", **params: Any) -> uuid.UUID:
    """Put a task in the queue for who types this; what somebody waits for goes before what is due by itself."""
    from app.tasks.task import Asker, enqueue
    from app.worker.due import SOON

    asked = (Asker.COMMAND, f"kutsu {runtime.verb}")
    with runtime.database.writing(runtime.organisation_id) as session:
        task = enqueue(session, kind, subject, now=runtime.now(), params=params, priority=SOON, asked=asked)
        return task.id


def do_here(runtime: Runtime, task_id: uuid.UUID, what: str) -> "Task":
    """Do a task in this process, with a bar that shows how far it is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from app.tasks.running import Progress
    from app.worker.loop import perform_here

    columns = (SpinnerColumn(), TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        shown = bar.add_task("", total=None)

        def show(progress: Progress) -> None:
            bar.update(shown, completed=progress.done, total=progress.total)

        return perform_here(runtime.work, runtime.organisation_id, task_id, show=show)
