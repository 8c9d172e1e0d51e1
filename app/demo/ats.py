"""A stand-in ATS: speaks Teamtailor's documented API on a real socket, stricter than a friend would be."""

import contextlib
import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.demo.documents import Record, Shelf, render, render_company, render_included, shelve
from app.demo.faults import Fault, Faults
from app.demo.questions import Question, Refusal, read_question
from app.demo.stand_in import METHODS, STATUS_OF_FAULT, RateLimit, answer_instead, deliver, listening
from app.demo.world import World

KEY = "stand-in-admin-read"
API_VERSION = "20240904"
MEDIA_TYPE = "application/vnd.api+json"
ADMIN, PUBLIC = "Admin", "Public"
OPEN_TO_ALL = frozenset({"jobs"})
"""What a key of any scope may read."""
COMPANY = "company"
RESOURCES = (COMPANY, "jobs", "stages", "job-applications", "candidates", "reject-reasons", "job-offers")


class StandIn:
    """Answers the requests for one account."""

    def __init__(
        self,
        world: Callable[[], World],
        faults: Faults,
        rate: RateLimit,
        key: str,
        clock: Callable[[], dt.datetime],
        scope: str = ADMIN,
    ) -> None:
        self._scope = scope
        self._world = world
        self._faults = faults
        self._rate = rate
        self._key = key
        self._clock = clock
        self._shelved: tuple[tuple[World, frozenset[Any], frozenset[Any]], Shelf] | None = None

    async def answer(self, request: Request) -> Response:
        """One request: the door first, then a planned fault, then the question itself."""
        refused = self._check(request)
        if refused is not None:
            return refused
        resource = request.path_params["resource"]
        fault = self._faults.take(resource)
        if fault is not None and fault in STATUS_OF_FAULT:
            return self._error(STATUS_OF_FAULT[fault], fault.value, "Try again later.", {"Retry-After": "3"})
        return await answer_instead(fault) or self._answer_question(request, resource, fault)

    def _answer_question(self, request: Request, resource: str, fault: Fault | None) -> Response:
        try:
            document = self._document(request, resource)
        except Refusal as error:
            return self._error(400, "Bad Request", error.detail, parameter=error.parameter)
        if document is None:
            return self._error(404, "Record not found", f"There is no such record among {resource}.")
        return self._deliver(request, document, fault)

    def _check(self, request: Request) -> Response | None:
        if not self._rate.take():
            pause = {"Retry-After": str(self._rate.reset)}
            return self._error(429, "Too Many Requests", "The rate limit is exceeded.", pause)
        if request.headers.get("authorization") != f"Token token={self._key}":
            return self._error(401, "Unauthorized", "The API key is not valid.")
        if request.headers.get("x-api-version") != API_VERSION:
            detail = f"The X-Api-Version header must name a version; the current one is {API_VERSION}."
            return self._error(406, "Not Acceptable", detail)
        if request.method not in ("GET", "HEAD"):
            return self._error(403, "Forbidden", "The API key may only read.")
        if request.path_params["resource"] == COMPANY and self._world().company is None:
            return self._error(404, "Record not found", "There is no such resource.")
        if request.path_params["resource"] not in RESOURCES:
            return self._error(404, "Record not found", "There is no such resource.")
        if request.path_params["resource"] == "job-offers" and self._world().offers is None:
            return self._error(404, "Record not found", "There is no such resource.")
        if self._scope != ADMIN and request.path_params["resource"] not in OPEN_TO_ALL:
            return self._error(403, "Forbidden", "The scope of the API key does not allow this.")
        return None

    def _document(self, request: Request, resource: str) -> dict[str, Any] | None:
        base = f"{request.url.scheme}://{request.url.netloc}/v1"
        if resource == COMPANY:
            return render_company(self._world(), base)
        pairs = request.query_params.multi_items()
        shelf = self._shelf()
        key = request.path_params.get("key")
        if key is None:
            return self._list(read_question(resource, pairs), shelf, base, pairs)
        question = read_question(resource, pairs, single=True)
        record = shelf.find(resource, int(key)) if key.isascii() and key.isdigit() else None
        if record is None:
            return None
        return self._with_included({"data": self._render(record, question, base)}, [record], question, shelf, base)

    def _shelf(self) -> Shelf:
        world, gone, spoilt = self._world(), frozenset(self._faults.gone), frozenset(self._faults.spoilt)
        of = None if self._shelved is None else self._shelved[0]
        if self._shelved is None or of is None or of[0] is not world or of[1:] != (gone, spoilt):
            self._shelved = ((world, gone, spoilt), shelve(world, gone, spoilt))
        return self._shelved[1]

    def _list(self, question: Question, shelf: Shelf, base: str, pairs: list[tuple[str, str]]) -> dict[str, Any]:
        records = question.select(shelf)
        first = (question.number - 1) * question.size
        page = records[first : first + question.size]
        pages = -(-len(records) // question.size)
        document = {
            "data": [self._render(record, question, base) for record in page],
            "links": _links(f"{base}/{question.resource}", pairs, question.number, pages),
            "meta": {"record-count": len(records), "page-count": pages},
        }
        if question.resource == "job-applications" and self._faults.shrink:
            self._faults.gone.update((record.kind, record.id) for record in page[: self._faults.shrink])
            self._faults.shrink = 0
        return self._with_included(document, page, question, shelf, base)

    def _with_included(
        self, document: dict[str, Any], page: list[Record], question: Question, shelf: Shelf, base: str
    ) -> dict[str, Any]:
        if question.include:
            renamed = self._faults.renamed
            document["included"] = render_included(page, shelf, base, question.include, renamed)
        return document

    def _render(self, record: Record, question: Question, base: str) -> dict[str, Any]:
        return render(record, base, question.include, self._faults.renamed)

    def _deliver(self, request: Request, document: dict[str, Any], fault: Fault | None) -> Response:
        if fault is Fault.CIRCLE:
            document["links"]["next"] = str(request.url)
        body = json.dumps(document, ensure_ascii=False).encode()
        return deliver(body, self._headers(), MEDIA_TYPE, fault)

    def _headers(self) -> dict[str, str]:
        date = format_datetime(self._clock(), usegmt=True)
        return {"Date": date, "X-Api-Version": API_VERSION, **self._rate.headers}

    def _error(
        self,
        status: int,
        title: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        parameter: str | None = None,
    ) -> Response:
        error: dict[str, Any] = {"status": str(status), "title": title, "detail": detail}
        if parameter is not None:
            error["source"] = {"parameter": parameter}
        return Response(
            json.dumps({"errors": [error]}),
            status_code=HTTPStatus(status),
            headers={**self._headers(), **(headers or {})},
            media_type=MEDIA_TYPE,
        )


def _links(url: str, pairs: list[tuple[str, str]], number: int, pages: int) -> dict[str, str]:
    others = [(name, value) for name, value in pairs if name != "page[number]"]
    wanted = {"first": 1, "last": max(pages, 1)}
    if number > 1:
        wanted["prev"] = number - 1
    if number < pages:
        wanted["next"] = number + 1
    return {name: f"{url}?{urlencode([*others, ('page[number]', str(page))])}" for name, page in wanted.items()}


@contextlib.contextmanager
def serving(
    world: World | Callable[[], World],
    faults: Faults | None = None,
    *,
    rate: RateLimit | None = None,
    key: str = KEY,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    scope: str = ADMIN,
) -> Iterator[str]:
    """Serve a world, or whatever world the callable gives at each request, and yield the base address.

    The clock is the one that the answers are dated by, and `scope` what the key was given.
    """
    look = world if callable(world) else lambda: world
    stand_in = StandIn(look, faults or Faults(), rate or RateLimit(), key, clock, scope)
    routes = [
        Route("/v1/{resource}", stand_in.answer, methods=METHODS),
        Route("/v1/{resource}/{key}", stand_in.answer, methods=METHODS),
    ]
    with listening(routes) as address:
        yield f"{address}/v1"
