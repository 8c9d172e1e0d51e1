"""A stand-in for Greenhouse: speaks Harvest v3 as it is documented on a real socket, and refuses the rest."""

import base64
import contextlib
import datetime as dt
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.demo.faults import Fault, Faults
from app.demo.harvest_questions import LARGEST_PAGE, RESOURCES, HarvestQuestion, Unprocessable, read_harvest_question
from app.demo.stand_in import METHODS, STATUS_OF_FAULT, RateLimit, answer_instead, deliver, listening

CLIENT_ID, CLIENT_SECRET = "stand-in-client", "stand-in-secret"
TOKEN_SECONDS = 3600.0

Row: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = Mapping[str, Mapping[int, Row]]
"""Every row that there is at one moment, by resource and key, in the vendor's own names."""


def scope_of(resource: str) -> str:
    """What lets credentials list a resource."""
    return f"harvest:{resource}:list"


@dataclass(slots=True)
class Admission:
    """The pair that is taken, the scopes that it was granted, and the tokens that it was exchanged for."""

    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    seconds: float = TOKEN_SECONDS
    clock: Callable[[], float] = time.monotonic
    scopes: set[str] = field(default_factory=lambda: {scope_of(resource) for resource in RESOURCES})
    _good_until: dict[str, float] = field(default_factory=dict)

    def exchange(self, authorization: str | None) -> str | None:
        """A fresh token for the right pair."""
        pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if authorization != f"Basic {pair}":
            return None
        token = secrets.token_urlsafe(24)
        self._good_until[token] = self.clock() + self.seconds
        return token

    def admits(self, authorization: str | None) -> bool:
        token = (authorization or "").removeprefix("Bearer ")
        return self._good_until.get(token, 0.0) > self.clock()

    def take_back(self) -> None:
        """Let no token count any longer that was given out so far."""
        self._good_until.clear()


class Harvest:
    """Answers the requests for one account."""

    def __init__(
        self,
        rows: Callable[[], Rows],
        faults: Faults,
        rate: RateLimit,
        admission: Admission,
        clock: Callable[[], dt.datetime],
        most_rows: int = LARGEST_PAGE,
    ) -> None:
        self._most_rows = most_rows
        self._rows = rows
        self._faults = faults
        self._rate = rate
        self._admission = admission
        self._clock = clock

    async def exchange(self, request: Request) -> Response:
        """A pair for a token."""
        fault = self._faults.take("token")
        if fault is not None and fault in STATUS_OF_FAULT:
            return self._error(STATUS_OF_FAULT[fault], fault.value, {"Retry-After": "3"})
        if (instead := await answer_instead(fault)) is not None:
            return instead
        form = await request.form()
        if dict(form) != {"grant_type": "client_credentials"}:
            return self._error(400, "The grant_type must be client_credentials.")
        token = self._admission.exchange(request.headers.get("authorization"))
        if token is None:
            return self._error(401, "The client is not known.")
        body = {"access_token": token, "token_type": "Bearer", "expires_in": int(self._admission.seconds)}
        return deliver(json.dumps(body).encode(), self._headers(), "application/json", fault)

    async def answer(self, request: Request) -> Response:
        """One request: the door first, then a planned fault, then the question itself."""
        resource = request.path_params["resource"]
        refused = self._check(request, resource)
        if refused is not None:
            return refused
        fault = self._faults.take(resource)
        if fault is not None and fault in STATUS_OF_FAULT:
            return self._error(STATUS_OF_FAULT[fault], fault.value, {"Retry-After": "3"})
        return await answer_instead(fault) or self._answer_question(request, resource, fault)

    def _check(self, request: Request, resource: str) -> Response | None:
        if not self._rate.take():
            return self._error(429, "The rate limit is exceeded.", {"Retry-After": str(self._rate.reset)})
        if not self._admission.admits(request.headers.get("authorization")):
            return self._error(401, "The access token is not valid.")
        if request.method not in ("GET", "HEAD"):
            return self._error(403, "The credentials may only read.")
        if resource not in RESOURCES:
            return self._error(404, "There is no such resource.")
        if scope_of(resource) not in self._admission.scopes:
            return self._error(403, f"The credentials were not granted {scope_of(resource)}.")
        return None

    def _answer_question(self, request: Request, resource: str, fault: Fault | None) -> Response:
        try:
            question = read_harvest_question(resource, request.query_params.multi_items())
        except Unprocessable as error:
            return self._error(422, str(error))
        found = question.select(self._present(resource))
        size = min(question.size, self._most_rows)
        page, more = found[:size], found[size:]
        headers = self._headers()
        if more or fault is Fault.CIRCLE:
            after = question.after if fault is Fault.CIRCLE else page[-1]["id"]
            headers["Link"] = f'<{_link(request, question, after)}>; rel="next"'
        self._shrink(resource, page)
        names = self._faults.renamed
        spoilt = self._faults.spoilt
        shown = [
            {names.get(name, name): value for name, value in row.items() if (resource, row["id"], name) not in spoilt}
            for row in page
        ]
        return deliver(json.dumps(shown).encode(), headers, "application/json", fault)

    def _present(self, resource: str) -> list[Row]:
        gone = self._faults.gone
        return [row for key, row in self._rows()[resource].items() if (resource, key) not in gone]

    def _shrink(self, resource: str, page: list[Row]) -> None:
        if resource == "applications" and self._faults.shrink and page:
            self._faults.gone.update((resource, row["id"]) for row in page[: self._faults.shrink])
            self._faults.shrink = 0

    def _headers(self) -> dict[str, str]:
        return {"Date": format_datetime(self._clock(), usegmt=True), **self._rate.headers}

    def _error(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
        body = json.dumps({"message": message})
        return Response(
            body, status, headers={**self._headers(), **(headers or {})}, media_type="application/json"
        )  # fmt: skip


def _link(request: Request, question: HarvestQuestion, after: int | None) -> str:
    return f"{request.url.replace(query='')}?cursor={question.cursor_after(after)}"


@contextlib.contextmanager
def serving_harvest(
    rows: Callable[[], Rows],
    faults: Faults | None = None,
    *,
    rate: RateLimit | None = None,
    admission: Admission | None = None,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    most_rows: int = LARGEST_PAGE,
) -> Iterator[str]:
    """Serve whatever rows the callable gives at each request, and yield the base address. `most_rows` come at
    once, however many are asked for."""
    usual = RateLimit(requests=50, seconds=30.0, prefix="X-RateLimit")
    harvest = Harvest(rows, faults or Faults(), rate or usual, admission or Admission(), clock, most_rows)
    routes = [
        Route("/v3/token", harvest.exchange, methods=["POST"]),
        Route("/v3/{resource}", harvest.answer, methods=METHODS),
    ]
    with listening(routes) as address:
        yield f"{address}/v3"
