"""A stand-in ATS: speaks Teamtailor's documented API on a real socket, stricter than a friend would be."""

import contextlib
import datetime as dt
import json
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.demo.documents import Record, Shelf, render, render_included, shelve
from app.demo.faults import Fault, Faults
from app.demo.questions import Question, Refusal, read_question
from app.demo.world import World

KEY = "stand-in-admin-read"
API_VERSION = "20240904"
MEDIA_TYPE = "application/vnd.api+json"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
RESOURCES = ("jobs", "stages", "job-applications", "candidates", "reject-reasons")
DRIP_SECONDS = 0.02
STATUS_OF_FAULT = {Fault.TOO_MANY: 429, Fault.BROKEN: 500, Fault.UNAVAILABLE: 503}


@dataclass(slots=True)
class RateLimit:
    """So many requests in so many seconds, really counted."""

    requests: int = 50
    seconds: float = 10.0
    clock: Callable[[], float] = time.monotonic
    _taken: deque[float] = field(default_factory=deque)

    def take(self) -> bool:
        """Count a request; False if it is one too many."""
        now = self.clock()
        while self._taken and self._taken[0] <= now - self.seconds:
            self._taken.popleft()
        if len(self._taken) >= self.requests:
            return False
        self._taken.append(now)
        return True

    @property
    def headers(self) -> Mapping[str, str]:
        reset = self._taken[0] + self.seconds - self.clock() if self._taken else 0.0
        return {
            "X-Rate-Limit-Limit": str(self.requests),
            "X-Rate-Limit-Remaining": str(self.requests - len(self._taken)),
            "X-Rate-Limit-Reset": str(int(reset) + 1),
        }


class StandIn:
    """Answers the requests for one account."""

    def __init__(
        self,
        world: Callable[[], World],
        faults: Faults,
        rate: RateLimit,
        key: str,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._world = world
        self._faults = faults
        self._rate = rate
        self._key = key
        self._clock = clock
        self._shelved: tuple[World, frozenset[tuple[str, int]], Shelf] | None = None

    async def answer(self, request: Request) -> Response:
        """One request: the door first, then a planned fault, then the question itself."""
        refused = self._check(request)
        if refused is not None:
            return refused
        resource = request.path_params["resource"]
        fault = self._faults.take(resource)
        if fault in STATUS_OF_FAULT:
            return self._error(STATUS_OF_FAULT[fault], fault.value, "Try again later.", {"Retry-After": "3"})
        if fault is Fault.HTML:
            return Response("<html><body>Scheduled maintenance</body></html>", media_type="text/html")
        return self._answer_question(request, resource, fault)

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
            reset = self._rate.headers["X-Rate-Limit-Reset"]
            return self._error(429, "Too Many Requests", "The rate limit is exceeded.", {"Retry-After": reset})
        if request.headers.get("authorization") != f"Token token={self._key}":
            return self._error(401, "Unauthorized", "The API key is not valid.")
        if request.headers.get("x-api-version") != API_VERSION:
            detail = f"The X-Api-Version header must name a version; the current one is {API_VERSION}."
            return self._error(406, "Not Acceptable", detail)
        if request.method not in ("GET", "HEAD"):
            return self._error(403, "Forbidden", "The API key may only read.")
        if request.path_params["resource"] not in RESOURCES:
            return self._error(404, "Record not found", "There is no such resource.")
        return None

    def _document(self, request: Request, resource: str) -> dict[str, Any] | None:
        base = f"{request.url.scheme}://{request.url.netloc}/v1"
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
        world, gone = self._world(), frozenset(self._faults.gone)
        if self._shelved is None or self._shelved[0] is not world or self._shelved[1] != gone:
            self._shelved = (world, gone, shelve(world, gone))
        return self._shelved[2]

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
        if fault is Fault.DRIP:
            return StreamingResponse(_drip(), headers=self._headers(), media_type=MEDIA_TYPE)
        if fault is Fault.HALF:
            body = body[: len(body) // 2]
        return Response(body, headers=self._headers(), media_type=MEDIA_TYPE)

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


async def _drip() -> AsyncIterator[bytes]:
    yield b"{"
    while True:
        await anyio.sleep(DRIP_SECONDS)
        yield b" "


@contextlib.contextmanager
def serving(
    world: World | Callable[[], World],
    faults: Faults | None = None,
    *,
    rate: RateLimit | None = None,
    key: str = KEY,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> Iterator[str]:
    """Serve a world, or whatever world the callable gives at each request, and yield the base address.

    The clock is the one that the answers are dated by.
    """
    look = world if callable(world) else lambda: world
    stand_in = StandIn(look, faults or Faults(), rate or RateLimit(), key, clock)
    routes = [
        Route("/v1/{resource}", stand_in.answer, methods=METHODS),
        Route("/v1/{resource}/{key}", stand_in.answer, methods=METHODS),
    ]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            Starlette(routes=routes),
            log_level="critical",
            lifespan="off",
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        finally:
            server.should_exit = True
            thread.join()
