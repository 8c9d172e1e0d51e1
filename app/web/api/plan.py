"""`/plan`: the whole plan as one file, taken along and read back."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from app.planning.plan_file import export_plan, import_plan
from app.planning.plan_sheets import FORMATS, read_plan_file, write_plan
from app.web.exports import tell_machine_export
from app.web.problems import UnknownMediaType, documented
from app.web.session import Caller, Now, PlanSession, ReadSession, Store

router = APIRouter(prefix="/plan", tags=["plan"])

Format = Literal["json", "xlsx", "zip"]
_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


class PlanResultOut(BaseModel):
    """How many rows of each table were added, changed to what the file says, and found as they are; `waiting` names
    the assets that stay drafts until somebody who signs in approves them, and their placements, which are not live;
    `recoded` the placements that have a fresh code, since that in the file is another organisation's here."""

    model_config = ConfigDict(from_attributes=True)

    added: dict[str, int]
    changed: dict[str, int]
    unchanged: dict[str, int]
    waiting: dict[str, list[str]]
    recoded: list[str]


async def _body(request: Request) -> bytes:
    return await request.body()


def _format_of(request: Request) -> str:
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    for format, media_type in FORMATS.items():
        if sent == media_type:
            return format
    raise UnknownMediaType(f"Send one of {', '.join(FORMATS.values())}.")


@router.get("", summary="Take the whole plan along", responses=documented(400, 401, 403, 422, 503))
def take(
    request: Request, caller: Caller, session: ReadSession, database: Store, now: Now,
    format: Annotated[Format, Query(description="JSON, a workbook, or comma-separated files in a ZIP.")] = "json",
) -> Response:  # fmt: skip
    """Every row of the organisation's own plan; rows name each other by name, slug or tracking code."""
    content = write_plan(export_plan(session), format)
    tell_machine_export(request, caller, database, f"plan.{format}", now)
    return Response(content, media_type=FORMATS[format], headers={"Cache-Control": "no-store"})


@router.post(
    "",
    summary="Read a plan in",
    responses=documented(400, 401, 403, 409, 413, 415, 422, 503),
    openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(FORMATS.values(), _FILE)}},
)
def read_in(
    body: Annotated[bytes, Depends(_body)],
    format: Annotated[str, Depends(_format_of)],
    session: PlanSession,
    now: Now,
    rehearse: Annotated[bool, Query(description="Say what would happen, and store nothing.")] = False,
) -> PlanResultOut:
    """Every row, or none when one breaks a rule. What has a row's name is changed to what the row says, and what no
    row names stays."""
    found = import_plan(session, read_plan_file(f"plan.{format}", body), now=now, rehearse=rehearse)
    return PlanResultOut.model_validate(found)
