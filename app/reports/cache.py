"""A report is computed once per state of the data and question, however often it is looked at."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import EPOCH
from app.i18n import current_language
from app.reports.scope import Scope

KEPT = 256
Answer = TypeVar("Answer")

_answers: OrderedDict[Hashable, Any] = OrderedDict()
_lock = threading.Lock()


def cached(session: Session, scope: Scope, name: str, compute: Callable[[], Answer]) -> Answer:
    """The report's answer, kept for as long as the data, the question, the day and the language stay as they are."""
    organisation = get_organisation(session, scope.organisation_id)
    today = scope.now.astimezone(organisation.zone).date()
    key = (
        organisation.id, organisation.data_version, today, current_language(), name, replace(scope, now=EPOCH),
    )  # fmt: skip
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
            answer: Answer = _answers[key]
            return answer
    answer = compute()
    with _lock:
        _answers[key] = answer
        while len(_answers) > KEPT:
            _answers.popitem(last=False)
    return answer
