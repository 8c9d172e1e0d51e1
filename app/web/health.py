"""Whether this process is alive, whether it can do its work, and the figures of what it does."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from app.errors import Busy
from app.i18n import _
from app.migration import require_current
from app.tasks.reading import oldest_wait, read_queues
from app.tasks.sign import list_alive
from app.web.hooks import HookDoor
from app.web.problems import documented
from app.web.session import Now, Store

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    """A sign of life."""

    status: str


@router.get("/healthz", summary="Alive?")
def read_health() -> Health:
    """Answers as long as the process serves requests, whatever the state of the database."""
    return Health(status="ok")


class Readiness(Health):
    """That it can serve, and how the work behind it gets on; a server serves well without a worker."""

    workers: int = Field(description="How many processes that do tasks were heard of lately.")
    oldest_due_seconds: float = Field(description="How long the task that is due longest has waited.")


@router.get("/readyz", summary="Ready?", responses=documented(503))
def read_readiness(request: Request, database: Store, now: Now) -> Readiness:
    """Answers when the database can be reached, has the schema that this version needs, and takes deliveries."""
    require_current(database)
    if not request.app.state.has_begun():
        raise Busy(_("The store does not let this server write yet; it tries again by itself."))
    hooks: HookDoor = request.app.state.hooks
    if hooks.writer.is_failing:
        raise Busy(_("Deliveries cannot be stored at the moment: look whether the disk is full."))
    with database.reading() as session:
        workers, wait = len(list_alive(session, now)), oldest_wait(read_queues(session, now), now)
    return Readiness(status="ready", workers=workers, oldest_due_seconds=wait.total_seconds())


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
def read_metrics(request: Request) -> Response:
    """Requests by route, method and status, and how long they took; tasks by kind, and how long they wait."""
    return Response(generate_latest(request.app.state.registry), media_type=CONTENT_TYPE_LATEST)
