"""Files of assets: sent as they are, kept without what cameras and programs noted in them, handed out unchanged."""

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.database import Database
from app.files.kinds import MediaType
from app.files.receiving import Received, Receiving
from app.i18n import _
from app.planning.asset import get_asset
from app.planning.asset_file import AssetFile, AssetFileIn, AssetFileOut, get_file, list_files
from app.planning.filing import add_file, put_back, remove_file
from app.web.etag import IfMatch
from app.web.file_content import hand_out
from app.web.problems import COPIES, READS, REMOVES, BadRequest, documented
from app.web.session import ApiCaller, Files, Now, Planner, PlanSession, ReadSession, Store, writing_for

router = APIRouter(prefix="/assets/{asset_id}/files", tags=["assets"])

BINARY = {"schema": {"type": "string", "format": "binary"}}
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"description": "OK", "content": {kind.value: BINARY for kind in MediaType}},
    206: {"description": "Partial Content"},
}


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that has come, and what is said of it."""

    given: AssetFileIn
    received: Received


async def _receive(
    asset_id: uuid.UUID,
    given: Annotated[AssetFileIn, Query()],
    request: Request,
    planner: Planner,
    database: Store,
    files: Files,
) -> AsyncIterator[SentFile]:
    """The file that the body is, on disk; nothing of it is read for an asset that is not there."""
    await run_in_threadpool(_find_asset, database, planner, asset_id)
    receiving = await run_in_threadpool(Receiving, files, planner.organisation_id, given.name)
    with receiving:
        try:
            async for part in request.stream():
                await run_in_threadpool(receiving.write, part)
        except ClientDisconnect:
            raise BadRequest(_("The file broke off on its way; send it again.")) from None
        yield SentFile(given, await run_in_threadpool(receiving.finish))


def _find_asset(database: Database, caller: ApiCaller, asset_id: uuid.UUID) -> None:
    with database.reading(caller.organisation_id) as session:
        get_asset(session, asset_id)


@router.get("", summary="List an asset's files", responses=READS)
def list_all(asset_id: uuid.UUID, session: ReadSession, removed: bool = False) -> Sequence[AssetFileOut]:
    """The ad itself first; or those that were removed and can be put back."""
    asset = get_asset(session, asset_id)
    return [_show(file) for file in list_files(session, asset.id, removed=removed)]


@router.post(
    "",
    summary="Add a file to an asset",
    status_code=HTTPStatus.CREATED,
    responses=COPIES,
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}},
)
def add(
    asset_id: uuid.UUID,
    planner: Planner,
    sent: Annotated[SentFile, Depends(_receive)],
    database: Store,
    files: Files,
    now: Now,
    response: Response,
) -> AssetFileOut:
    """PNG, JPEG, WebP, GIF, PDF, MP4, WebM, MP3 or WebVTT, told by its bytes. Where and with what a picture or film was
    taken is left out of what is kept; a PDF is kept as it is."""
    with writing_for(planner, database, now) as session:
        shown = _show(add_file(session, files, asset_id, sent.received, sent.given, now=now))
    response.headers["Location"] = f"/api/v1/assets/{asset_id}/files/{shown.id}"
    return shown


@router.get("/{file_id}", summary="Read what a file is", responses=READS)
def read(asset_id: uuid.UUID, file_id: uuid.UUID, session: ReadSession) -> AssetFileOut:
    """What is known of one file, removed or not."""
    return _show(get_file(session, asset_id, file_id))


@router.get(
    "/{file_id}/content",
    summary="Take a file",
    response_class=Response,
    responses=CONTENT | documented(304, 400, 401, 404, 416, 422, 503),
)
def take(asset_id: uuid.UUID, file_id: uuid.UUID, session: ReadSession, request: Request, files: Files) -> Response:
    """The bytes, whole or a range of them."""
    return hand_out(request, files, get_file(session, asset_id, file_id))


@router.delete("/{file_id}", summary="Remove a file", status_code=204, responses=REMOVES)
def remove(asset_id: uuid.UUID, file_id: uuid.UUID, revision: IfMatch, session: PlanSession, now: Now) -> None:
    """From the asset under the ETag that it was read with; it can be put back for 30 days."""
    remove_file(session, asset_id, file_id, revision=revision, now=now)


@router.post("/{file_id}/put-back", summary="Put a file back", responses=documented(401, 403, 404, 409, 422, 503))
def restore(asset_id: uuid.UUID, file_id: uuid.UUID, session: PlanSession, now: Now) -> AssetFileOut:
    """A removed file is the asset's again."""
    return _show(put_back(session, asset_id, file_id, now=now))


def _show(file: AssetFile) -> AssetFileOut:
    return AssetFileOut.model_validate(file)
