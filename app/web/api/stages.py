"""Stage maps: what the stages of a connected system mean."""

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.funnel.stage import DecidedBy, Stage
from app.intake.connection import Connection
from app.intake.stage_map import (
    NO_STAGE,
    NamedStage,
    Remapped,
    change_stage_map,
    read_stage_map,
    undo_stage_map,
)
from app.intake.vendors import get_connection
from app.web.etag import IfMatch, show
from app.web.problems import documented
from app.web.session import Now, ReadSession, WriteSession

router = APIRouter(prefix="/connections/{connection_id}/stages", tags=["connections"])

READS = documented(304, 401, 403, 404, 422, 503)
CHANGES = documented(400, 401, 403, 404, 409, 412, 413, 422, 428, 503)


class StageOut(BaseModel):
    """The stages of one name, in however many jobs: what they mean, and what came in them."""

    name: str = Field(description="What a change names it by; `#` and its key where the vendor gave no name.")
    refs: list[str] = Field(description="Their keys at the vendor.")
    vendor_type: str | None
    stage: str | None = Field(
        description="One of ours; `none` where a person said that it is none of ours; null while it waits for one."
    )
    decided_by: DecidedBy
    proposed: str | None = Field(description="What Kutsu makes of type and name.")
    several: bool = Field(description="Whether stages of this name mean several things; a change makes them agree.")
    events: int = Field(description="How many facts speak of it.")
    applications: int = Field(description="How many applications were ever in it.")


class StageMapOut(BaseModel):
    """A stage map, those stages first that wait for a person."""

    revision: int = Field(description="Moves with each change by a person; the ETag names it.")
    undoes_from: dt.datetime | None = Field(description="When the change was made that can be taken back.")
    stages: list[StageOut]


class ChangedStageMapOut(StageMapOut):
    """A stage map after a change."""

    changed: int = Field(description="How many stage names mean something else now, or by another word.")
    applications_counted_anew: int


class StageMapChange(BaseModel):
    """What stages mean, by their names; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    stages: Annotated[
        dict[Annotated[str, Field(max_length=200)], str | None],
        Field(
            default_factory=dict,
            max_length=1000,
            description="One of ours, `none` for none of ours, or `proposed` (or null) to leave it to Kutsu.",
            examples=[{"Haastattelu": "interview", "Talent pool": NO_STAGE}],
        ),
    ]


@router.get("", summary="Read a stage map", response_model=StageMapOut, responses=READS)
def read(connection_id: uuid.UUID, session: ReadSession, request: Request) -> Response:
    """Under the ETag that a change of it must name."""
    return show(describe_map(session, get_connection(session, connection_id)), request)


@router.patch("", summary="Change a stage map", response_model=ChangedStageMapOut, responses=CHANGES)
def change(
    connection_id: uuid.UUID,
    given: StageMapChange,
    revision: IfMatch,
    session: WriteSession,
    now: Now,
    request: Request,
) -> Response:
    """Says what stages mean and counts anew what was ever in them; a person's word outlasts later proposals."""
    connection = get_connection(session, connection_id)
    done = change_stage_map(session, connection.system, given.stages, revision=revision, now=now)
    return show(_changed(session, connection, done), request)


@router.post("/undo", summary="Take the last change back", response_model=ChangedStageMapOut, responses=CHANGES)
def undo(connection_id: uuid.UUID, revision: IfMatch, session: WriteSession, now: Now, request: Request) -> Response:
    """The map as it was before the last change; taken back again, it is that change once more."""
    connection = get_connection(session, connection_id)
    done = undo_stage_map(session, connection.system, revision=revision, now=now)
    return show(_changed(session, connection, done), request)


def describe_map(session: Session, connection: Connection) -> StageMapOut:
    """A connection's stage map as the API shows it."""
    found = read_stage_map(session, connection.system)
    stages = [_describe(stage) for stage in found.stages]
    return StageMapOut(revision=found.revision, undoes_from=found.undoes_from, stages=stages)


def _changed(session: Session, connection: Connection, done: Remapped) -> ChangedStageMapOut:
    shown = describe_map(session, connection)
    return ChangedStageMapOut(**dict(shown), changed=done.stages, applications_counted_anew=done.applications)


def _describe(one: NamedStage) -> StageOut:
    return StageOut(
        name=one.key, refs=list(one.refs), vendor_type=one.vendor_type,
        stage=NO_STAGE if one.passed_over else _slug(one.stage),
        decided_by=one.decided_by, proposed=_slug(one.proposed),
        several=one.several, events=one.events, applications=one.applications,
    )  # fmt: skip


def _slug(stage: Stage | None) -> str | None:
    return None if stage is None else stage.slug
