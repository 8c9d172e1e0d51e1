"""Long work as pages show it: how far it has come, how fast, how long it has left."""

import datetime as dt
from dataclasses import dataclass

from app.i18n import _, ngettext, number
from app.tasks.reading import pace_of
from app.tasks.task import State, Task


@dataclass(frozen=True, slots=True)
class Running:
    """A task that waits or runs: a share of 1 where that is known, and a sentence."""

    id: str
    share: float | None
    text: str


def describe_task(task: Task, now: dt.datetime) -> Running:
    """An open task in a sentence."""
    if task.state == State.QUEUED:
        text = _("Waits for a worker to take it up.")
        return Running(str(task.id), None, f"{text} {task.error}" if task.error else text)
    pace = pace_of(task, now)
    parts = [ngettext("%(n)s record read", "%(n)s records read", task.done) if task.done else _("Has begun")]
    if pace.per_second is not None:
        parts.append(_("%(speed)s a second", speed=number(pace.per_second, 1)))
    if pace.left is not None:
        parts.append(_("about %(left)s left", left=duration(pace.left)))
    if task.cancel_asked:
        parts.append(_("stopping"))
    return Running(str(task.id), pace.share, _("%(parts)s.", parts=", ".join(parts)))


def duration(length: dt.timedelta) -> str:
    """A time in the unit that says enough."""
    seconds = int(length.total_seconds())
    if seconds < 90:
        return ngettext("%(n)s second", "%(n)s seconds", seconds)
    if seconds < 90 * 60:
        return ngettext("%(n)s minute", "%(n)s minutes", round(seconds / 60))
    return ngettext("%(n)s hour", "%(n)s hours", round(seconds / 3600))
