"""What went wrong, as RFC 9457 problem documents: the one place that turns errors into status codes."""

import logging
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from app import errors
from app.i18n import _
from app.planning.problem import explain
from app.web.problem_document import MEDIA_TYPE, problem_response, unexpected

log = logging.getLogger("kutsu.web")

RETRY_SECONDS = "2"


class BadRequest(errors.KutsuError):
    """The request itself is malformed, whatever it asks for."""


class UnknownMediaType(errors.KutsuError):
    """The body comes in a form that the route does not read."""


class Unauthenticated(errors.KutsuError):
    """Who asks has not said who they are, or not provably."""


class NeedsPrecondition(errors.KutsuError):
    """A change must say which revision it was made from."""


STATUS: dict[type[Exception], HTTPStatus] = {
    BadRequest: HTTPStatus.BAD_REQUEST,
    UnknownMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    NeedsPrecondition: HTTPStatus.PRECONDITION_REQUIRED,
    errors.Missing: HTTPStatus.NOT_FOUND,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Stale: HTTPStatus.PRECONDITION_FAILED,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Denied: HTTPStatus.FORBIDDEN,
    errors.NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.VendorError: HTTPStatus.BAD_GATEWAY,
    OperationalError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of each kind of error; the nearest ancestor of a kind that is not named decides."""


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of the problems that a route answers with."""
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {
        status: {"description": HTTPStatus(status).phrase}
        if status == HTTPStatus.NOT_MODIFIED
        else {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


READS = documented(304, 400, 401, 404, 422, 503)
CREATES = documented(400, 401, 403, 409, 413, 422, 503)
COPIES = documented(400, 401, 403, 404, 409, 413, 422, 503)
REPLACES = documented(400, 401, 403, 404, 409, 412, 413, 422, 428, 503)
REMOVES = documented(400, 401, 403, 404, 409, 412, 422, 428, 503)
"""The problems that each kind of route may answer with."""


def install_problems(app: FastAPI) -> None:
    """Answer every error of the application with a problem document."""
    app.add_exception_handler(errors.KutsuError, _answer_error)
    app.add_exception_handler(OperationalError, _answer_busy_store)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_http)


def status_of(error: Exception) -> HTTPStatus:
    """The status that an error is answered with."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _answer_error(_request: Request, error: Exception) -> Response:
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return unexpected(error)
    found = error.problems if isinstance(error, errors.Invalid) else ()
    detail = _("Nothing was stored: the request breaks a rule.") if found else str(error)
    if isinstance(error, errors.Taken):
        found = (errors.Problem(error.field, _("It is that of %(id)s.", id=error.key)),)
    headers = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.NotReady):
        headers["Retry-After"] = RETRY_SECONDS
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()
    return problem_response(status, detail, found, kind=kind, headers=headers)


def _answer_busy_store(_request: Request, error: Exception) -> Response:
    log.warning("the store did not answer", exc_info=error)
    detail = _("The store is busy or out of reach. Nothing was stored; try again in a moment.")
    headers = {"Retry-After": RETRY_SECONDS}
    return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, detail, kind="not-ready", headers=headers)


def _answer_invalid_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for this kind alone)
    found = error.errors()
    if unreadable := [one for one in found if one["type"] == "json_invalid"]:
        at, why = unreadable[0]["loc"][-1], unreadable[0]["ctx"]["error"]
        detail = _("The body is not JSON from character %(at)s on: %(why)s.", at=at, why=why)
        return problem_response(HTTPStatus.BAD_REQUEST, detail)
    detail = _("Nothing was stored: the request breaks a rule.")
    return problem_response(HTTPStatus.UNPROCESSABLE_ENTITY, detail, list_faults(error), kind="invalid")


def list_faults(error: RequestValidationError) -> list[errors.Problem]:
    """What is wrong with the form of a request, field by field."""
    found = [one | {"loc": _shorten(one["loc"])} for one in error.errors()]
    return [problem for _path, problem in explain(found)]


def _shorten(place: Sequence[int | str]) -> tuple[int | str, ...]:
    """A place without its first step, which says where in the request it is; a field's path is enough."""
    return tuple(place[1:]) or tuple(place)


def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for this kind alone)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(allowed_methods(request.scope))
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Allow": headers["Allow"]})
    details = {
        HTTPStatus.NOT_FOUND: _("There is nothing at this address."),
        HTTPStatus.METHOD_NOT_ALLOWED: _("This address knows %(methods)s.", methods=headers.get("Allow", "")),
    }
    detail = details.get(HTTPStatus(error.status_code), str(error.detail))
    return problem_response(error.status_code, detail, headers=headers)


def allowed_methods(scope: Scope) -> list[str]:
    """The methods that some route answers at this address."""
    routes = scope["app"].router.routes
    known = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches(dict(scope, method=method))[0] == Match.FULL for route in routes)
    ]
    return [*known, *(["HEAD"] if "GET" in known else []), "OPTIONS"]
