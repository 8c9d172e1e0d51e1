"""A report is computed once per state of the data and question, however often and by however many it is asked."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.access.organisation import get_data_version, get_organisation
from app.database import EPOCH, seeing_units
from app.funnel.record import uncollected
from app.i18n import current_language
from app.reports.scope import Scope

KEPT = 256
Answer = TypeVar("Answer")

_answers: OrderedDict[Hashable, Future[Any]] = OrderedDict()
_lock = threading.Lock()


def cached(session: Session, scope: Scope, name: str, compute: Callable[[], Answer]) -> Answer:
    """The report's answer, computed with a view of the units if the question includes them, and kept for as long
    as the data, the question, the day and the language stay as they are.

    Who asks while another computes the same waits for that answer. A session that has changed something sees
    what nobody else does yet, so it computes for itself.
    """

    def answer() -> Answer:
        with uncollected(), in_sight(session, scope):
            return compute()

    if session.info.get("changed") or session.new or session.dirty or session.deleted:
        return answer()
    key = _key(session, scope, name)
    with _lock:
        kept = _answers.get(key)
        future = kept or _keep(key)
        _answers.move_to_end(key)
    if kept is None:
        _compute(key, future, answer)
    kept_or_made: Answer = future.result()
    return kept_or_made


def in_sight(session: Session, scope: Scope) -> AbstractContextManager[None]:
    """Lets the session see the units if the question includes them."""
    return seeing_units(session) if scope.include_units else nullcontext()


def _key(session: Session, scope: Scope, name: str) -> Hashable:
    organisation = get_organisation(session, scope.organisation_id)
    today = scope.now.astimezone(organisation.zone).date()
    return (
        str(session.get_bind().engine.url), organisation.id, get_data_version(session),
        organisation.time_zone, today, current_language(), name, replace(scope, now=EPOCH),
    )  # fmt: skip


def _keep(key: Hashable) -> Future[Any]:
    _answers[key] = future = Future[Any]()
    while len(_answers) > KEPT:
        _answers.popitem(last=False)
    return future


def _compute(key: Hashable, future: Future[Any], compute: Callable[[], Any]) -> None:
    """Fulfil the promise; what fails is told to all who wait and is not kept."""
    try:
        future.set_result(compute())
    except BaseException as error:
        with _lock:
            _answers.pop(key, None)
        future.set_exception(error)
        raise
