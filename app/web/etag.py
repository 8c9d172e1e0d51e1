"""Optimistic concurrency over HTTP: an ETag names a row's revision, a change the one it was made from."""

import re
from typing import Annotated, Protocol

from fastapi import Depends, Header, Request, Response

from app.i18n import _
from app.planning.field import Shown
from app.planning.row import Revision
from app.web.problems import BadRequest, NeedsPrecondition

_TAG = re.compile(r'"([0-9]{1,18})"')


def _revision(
    if_match: Annotated[
        str | None, Header(description='The ETag the change was made from, or `*` for any: `"3"`.')
    ] = None,
) -> Revision:
    if if_match is None:
        raise NeedsPrecondition(_("Say which revision you change: send the ETag you read as If-Match."))
    if if_match.strip() == "*":
        return None
    tag = _TAG.fullmatch(if_match.strip())
    if tag is None:
        raise BadRequest(_('If-Match names one ETag as it was read, for example "3", or is *.'))
    return int(tag[1])


IfMatch = Annotated[Revision, Depends(_revision)]


class Revised(Protocol):
    """What is shown at a revision."""

    @property
    def revision(self) -> int: ...
    def model_dump_json(self) -> str: ...


def show(row: Revised, request: Request) -> Response:
    """A row as an answer under its ETag; not modified, if the asker has it already."""
    tag = f'"{row.revision}"'
    seen = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    if request.method == "GET" and seen & {tag, "*"}:
        return Response(status_code=304, headers={"ETag": tag})
    return _answer(row, 200, {"ETag": tag})


def show_created(row: Shown, collection: str) -> Response:
    """A new row as an answer, with where it lives."""
    return _answer(row, 201, {"ETag": f'"{row.revision}"', "Location": f"/api/v1/{collection}/{row.id}"})


def _answer(row: Revised, status: int, headers: dict[str, str]) -> Response:
    return Response(row.model_dump_json(), status, headers, media_type="application/json")
