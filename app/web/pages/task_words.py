"""Long work as pages show it: how far it has come, how fast, how long it has left."""

import datetime as dt
from dataclasses import dataclass

from app.i18n import _, moment, ngettext, number
from app.intake.inbox import PROJECT
from app.tasks.reading import pace_of
from app.tasks.task import State, Task
from app.worker.handlers import BRING, OBSERVATIONS, RECONCILE, REPLAY, RETENTION, SYNC


@dataclass(frozen=True, slots=True)
class Running:
    """A task that waits or runs: a share of 1 where that is known, and a sentence."""

    id: str
    share: float | None
    text: str


def describe_task(task: Task, now: dt.datetime) -> Running:
    """An open task in a sentence."""
    if task.state == State.QUEUED:
        text = _("It waits its turn.")
        return Running(str(task.id), None, f"{text} {task.error}" if task.error else text)
    pace = pace_of(task, now)
    parts = [_done(task)]
    if pace.per_second is not None:
        parts.append(_("%(speed)s a second", speed=number(pace.per_second, 1)))
    if pace.left is not None:
        parts.append(_("about %(left)s left", left=duration(pace.left)))
    if task.cancel_asked:
        parts.append(_("stopping"))
    return Running(str(task.id), pace.share, _("%(parts)s.", parts=", ".join(parts)))


def _done(task: Task) -> str:
    """How much is done, of how much where that is known."""
    if not task.done:
        return _("Has begun")
    if task.kind == SYNC:
        return ngettext("%(n)s record read", "%(n)s records read", task.done)
    if task.total is not None:
        return _("%(done)s of %(total)s done", done=number(task.done), total=number(task.total))
    return _("%(done)s done", done=number(task.done))


def describe_end(task: Task, zone: dt.tzinfo) -> str:
    """How a task ended, when and why."""
    when = moment(task.finished_at, zone) if task.finished_at is not None else "–"
    if task.state == State.FAILED:
        return _("Failed on %(when)s: %(error)s", when=when, error=task.error or _("the run ended"))
    return _("Stopped on %(when)s.", when=when) if task.state == State.CANCELLED else _("Done on %(when)s.", when=when)


def result_words(task: Task) -> str:
    """What a task did, in a sentence; nothing where it says nothing of it."""
    did = {name: number(n) for name, n in task.result.items() if isinstance(n, int)}
    known = {
        SYNC: _("%(read)s read, %(stored)s of them new."),
        PROJECT: _("%(taken)s deliveries read."),
        RECONCILE: _("They say %(theirs)s, we have %(ours)s; %(missing)s are not here."),
        BRING: _("%(lacking)s were not here, %(left)s still are not."),
        REPLAY: _("%(applications)s applications computed."),
        OBSERVATIONS: _("%(accepted)s taken in, %(duplicate)s were here already, %(conflict)s contradict what is here, "
                        "%(rejected)s were refused."),
    }  # fmt: skip
    try:
        return known[task.kind] % did
    except KeyError:
        return ""


def work_name(kind: str, name: str) -> str:
    """What a task does, with the name of the connection that it is about."""
    return {
        SYNC: _("Synchronisation of %(name)s", name=name),
        RECONCILE: _("Comparison of the counts of %(name)s", name=name),
        BRING: _("Bringing what only %(name)s has", name=name),
        PROJECT: _("Reading what waits in the inbox"),
        REPLAY: _("Computing the whole record anew"),
        RETENTION: _("Deleting what has been kept long enough"),
        OBSERVATIONS: _("Reading in a file of observations"),
    }.get(kind, kind)


def duration(length: dt.timedelta) -> str:
    """A time in the unit that says enough."""
    seconds = int(length.total_seconds())
    if not seconds:
        return _("less than a second")
    if seconds < 90:
        return ngettext("%(n)s second", "%(n)s seconds", seconds)
    if seconds < 90 * 60:
        return ngettext("%(n)s minute", "%(n)s minutes", round(seconds / 60))
    return ngettext("%(n)s hour", "%(n)s hours", round(seconds / 3600))
