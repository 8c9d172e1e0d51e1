"""The problem document (RFC 9457) and the answer that carries it: all that the doors need of problems before the rest
is loaded."""

import logging
import uuid
from collections.abc import Sequence
from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from app import errors
from app.i18n import _

log = logging.getLogger("kutsu.web")

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """One rule that was broken: where, and what to do about it."""

    field: str = Field(description="Path to the field: `worries[0].text.fi`, a parameter, or a header.")
    message: str


class ProblemDocument(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(examples=["urn:kutsu:problem:invalid"])
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default_factory=list)


def problem_response(
    status: int,
    detail: str,
    found: Sequence[errors.Problem] = (),
    *,
    kind: str | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem document as an answer."""
    phrase = HTTPStatus(status).phrase
    document = ProblemDocument(
        type=f"urn:kutsu:problem:{kind or phrase.lower().replace(' ', '-')}",
        title=phrase,
        status=status,
        detail=detail,
        errors=[FieldProblem(field=problem.field, message=problem.message) for problem in found],
    )
    return JSONResponse(document.model_dump(), status, headers, media_type=MEDIA_TYPE)


def unexpected(error: Exception) -> Response:
    """The answer to an error of our own: a number to find it by in the log, and nothing of its inside."""
    number = uuid.uuid4().hex[:12]
    log.error("unexpected error %s", number, exc_info=error)
    detail = _("Something went wrong on our side; it is in the log as %(number)s.", number=number)
    return problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
