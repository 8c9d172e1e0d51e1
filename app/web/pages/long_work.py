"""Stopping long work, whatever its kind, and trying it again."""

import uuid
from collections.abc import Callable, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.access.token import Role
from app.tasks.task import Task, cancel, try_again
from app.web.pages.data_in import data_view
from app.web.pages.door import go_to, read_id
from app.web.pages.visit import Visit, change

router = APIRouter(include_in_schema=False)


@router.post("/data/work/{task_id}/stop")
def stop(request: Request, task_id: str) -> Response:
    """Take back what waits; what runs stops at its next step, and what it has stored stays."""
    return _do(request, task_id, lambda visit, id: cancel(visit.session, id, now=visit.now))


@router.post("/data/work/{task_id}/again")
def again(request: Request, task_id: str) -> Response:
    """Put what failed or was stopped back in the queue."""
    return _do(request, task_id, lambda visit, id: try_again(visit.session, id))


def _do(request: Request, task_id: str, do: Callable[[Visit, uuid.UUID], Task]) -> Response:
    def as_administrator(visit: Visit) -> Response:
        visit.require((Role.ADMINISTRATOR,))
        do(visit, read_id(task_id))
        return go_to(visit.address("/data"))

    def with_problems(visit: Visit, problems: Sequence[str]) -> Response:
        return visit.page("data.html", data_view(visit, problems), 422)

    return change(request, as_administrator, with_problems)
