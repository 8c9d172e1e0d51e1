"""The worker: puts what is due in the queue, takes the next task, does it, and says how it ended."""

import datetime as dt
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.errors import Conflict, KutsuError, TryLater
from app.i18n import _, remembering, speaking
from app.tasks import claim as claims
from app.tasks.claim import Cancelled, Claim, Fenced, GivenBack, clock_of
from app.tasks.running import Progress, Running
from app.tasks.sign import give_sign, take_sign_away
from app.tasks.task import Task, get_task, wake_on_enqueue
from app.worker.due import enqueue_due
from app.worker.handlers import HANDLERS, Handler, Work

log = logging.getLogger("kutsu.worker")

POLL_SECONDS = 5.0
LOOK_SECONDS = 60.0
"""How often a worker looks what is due, and gives a sign of life."""


def name_of_process() -> str:
    """What this process calls itself as a holder of tasks."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Worker:
    """Does tasks until it is told to stop; of any number of workers on one database, each task has one."""

    def __init__(
        self,
        work: Work,
        *,
        handlers: Mapping[str, Handler] = HANDLERS,
        name: str | None = None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._handlers = handlers
        self._timer = timer
        self._looked_at: float | None = None
        self._name = name or f"{name_of_process()}:{uuid.uuid4().hex[:4]}"
        self._clock = clock_of(work.database, work.clock)
        self._stopping = threading.Event()
        self._bell = threading.Event()

    def run(self) -> None:
        """Go on until `stop`; whatever goes wrong is in the log, and the loop goes on."""
        wake_on_enqueue(self._bell)
        while not self._stopping.is_set():
            self._bell.clear()
            if not self._try(self.turn):
                self._bell.wait(POLL_SECONDS)
        self._try(self._take_sign_away)

    def stop(self) -> None:
        """End after the step that is being done; its task is given back."""
        self._stopping.set()
        self._bell.set()

    def _try(self, step: Callable[[], bool]) -> bool:
        try:
            return step()
        except Exception:
            log.exception("the worker goes on after an error")
            return False

    def turn(self) -> bool:
        """Look what is due, if it is time to, and do one task; returns whether there was one."""
        if self._looked_at is None or self._timer() - self._looked_at >= LOOK_SECONDS:
            self._look()
            self._looked_at = self._timer()
        claim = self._claim()
        if claim is None:
            return False
        perform(self._work, claim, self._handlers, self._clock, is_stopping=self._stopping.is_set)
        return True

    def _look(self) -> None:
        now = self._clock()
        with self._work.database.writing() as session:
            give_sign(session, self._name, now=now)
            hopeless = claims.give_up_on_the_hopeless(session, now)
        if hopeless:
            log.error("%s tasks were given up: each of their tries ended with its process", hopeless)
        enqueue_due(self._work.database, self._clock)

    def _claim(self) -> Claim | None:
        now, kinds = self._clock(), tuple(self._handlers)
        with self._work.database.reading() as session:
            if not claims.has_free(session, kinds, now):
                return None
        with self._work.database.writing() as session:
            return claims.claim_next(session, self._name, kinds, now)

    def _take_sign_away(self) -> bool:
        with self._work.database.writing() as session:
            take_sign_away(session, self._name)
        return True


def perform(
    work: Work,
    claim: Claim,
    handlers: Mapping[str, Handler],
    clock: Callable[[], dt.datetime],
    *,
    is_stopping: Callable[[], bool] = lambda: False,
    show: Callable[[Progress], None] = lambda _progress: None,
) -> None:
    """Do a claimed task and say how it ended, in words of the organisation's language."""
    with work.database.reading(claim.organisation_id) as session:
        language = get_organisation(session, claim.organisation_id).locale
    running = Running(work.database, claim, clock, is_stopping, show)
    try:
        with speaking(language), remembering():
            _perform(work, running, handlers[claim.kind], clock)
    except Fenced:
        log.warning("the task %s (%s) was lost to another worker", claim.id, claim.kind)


def _perform(work: Work, running: Running, handler: Handler, clock: Callable[[], dt.datetime]) -> None:
    claim = running.claim
    try:
        result = handler(work, running)
    except GivenBack:
        end: Callable[[Session], object] = partial(claims.give_back, claim=claim)
    except Cancelled:
        end = partial(claims.end_cancelled, claim=claim, now=clock())
    except TryLater as error:
        after = None if error.after_seconds is None else dt.timedelta(seconds=error.after_seconds)
        end = partial(claims.fail, claim=claim, now=clock(), error=str(error), again=True, after=after)
    except KutsuError as error:
        end = partial(claims.fail, claim=claim, now=clock(), error=str(error), again=False)
    except Exception as error:
        log.exception("the task %s (%s) broke off", claim.id, claim.kind)
        said = _("It broke off unexpectedly (%(kind)s); the log says where.", kind=type(error).__name__)
        end = partial(claims.fail, claim=claim, now=clock(), error=said, again=True)
    else:
        end = partial(claims.finish, claim=claim, now=clock(), result=result)
    with work.database.writing(claim.organisation_id) as session:
        end(session)


def perform_here(
    work: Work,
    organisation_id: uuid.UUID,
    task_id: uuid.UUID,
    *,
    show: Callable[[Progress], None],
    handlers: Mapping[str, Handler] = HANDLERS,
) -> Task:
    """Do one task in this process, now, and return it as it ended; one that another process does is left to it."""
    clock = clock_of(work.database, work.clock)
    with work.database.writing(organisation_id) as session:
        claim = claims.claim_this(session, task_id, name_of_process(), clock())
        if claim is None:
            holder = get_task(session, task_id).holder or ""
            raise Conflict(
                _("A worker does this already (%(holder)s); `kutsu tasks list` shows how far it is.", holder=holder)
            )
    try:
        perform(work, claim, handlers, clock, show=show)
    except KeyboardInterrupt:
        with work.database.writing(organisation_id) as session:
            claims.end_cancelled(session, claim, clock())
        raise
    with work.database.reading(organisation_id) as session:
        return get_task(session, task_id)
