"""Whether this process is alive, and whether it can do its work."""

from fastapi import APIRouter
from pydantic import BaseModel

from app.migration import require_current
from app.web.problems import documented
from app.web.session import Store

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    """A sign of life."""

    status: str


@router.get("/healthz", summary="Alive?")
def read_health() -> Health:
    """Answers as long as the process serves requests, whatever the state of the database."""
    return Health(status="ok")


@router.get("/readyz", summary="Ready?", responses=documented(503))
def read_readiness(database: Store) -> Health:
    """Answers when the database can be reached and its schema is the one that this version needs."""
    require_current(database)
    return Health(status="ready")
