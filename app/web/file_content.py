"""The bytes of an asset's file as an answer: of a type from our list, never run, and found by keys alone."""

from http import HTTPStatus

from fastapi import Request
from fastapi.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from app.errors import Missing
from app.files.store import FileStore, lacking
from app.i18n import _
from app.planning.asset_file import AssetFile
from app.web.problem_document import problem_response

INERT = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class _NoSuchPart(Exception):
    """A part was asked for that the file does not have."""


class _Content(FileResponse):
    """A file, whole or in the parts asked for; a part that is not there is a problem like any other."""

    size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def say(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= HTTPStatus.BAD_REQUEST:
                raise _NoSuchPart
            await send(message)

        try:
            await super().__call__(scope, receive, say)
        except _NoSuchPart:
            detail = _("The file has %(n)s bytes; ask for a part of them, like bytes=0-999.", n=self.size)
            await problem_response(416, detail, headers={"Content-Range": f"bytes */{self.size}"})(scope, receive, send)


def hand_out(request: Request, store: FileStore, file: AssetFile) -> Response:
    """The file, whole or the ranges asked for; pictures and recordings to be shown, the rest to be kept. Raises
    Missing, NotReady."""
    if file.removed_at is not None:
        raise Missing(_("There is no such file."))
    tag = f'"{file.sha256}"'
    seen = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    if seen & {tag, "*"}:
        return Response(status_code=304, headers={**INERT, "ETag": tag})
    path = store.path(file.organisation_id, file.sha256)
    if not path.is_file():
        raise lacking(file.name)
    content = _Content(
        path, headers={**INERT, "ETag": tag}, media_type=file.kind.value, filename=file.name,
        content_disposition_type="inline" if file.kind.is_picture or file.kind.is_recording else "attachment",
    )  # fmt: skip
    content.size = file.size
    return content
