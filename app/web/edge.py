"""What happens to every request and answer: limits of rate, size and time, the guard against forms of other sites,
language, safety headers, HEAD, our own errors."""

import re
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.i18n import LANGUAGES, _, speaking
from app.web.limits import Limiter, Rates
from app.web.problem_document import problem_response, unexpected

DEFAULT_BODY_LIMIT = 1024 * 1024
FILES = ("/api/v1/ad-totals", "/data/ad-totals", "/data/observations", "/api/v1/plan", "/plan/file")
"""Where files are sent to, of at most 16 MiB; a form has a few lines around its file."""
BODY_LIMITS: Mapping[str, int] = {"/api/v1/observations": 16 * 1024 * 1024} | dict.fromkeys(FILES, 17 * 1024 * 1024)
"""The largest body, in bytes, for the routes that take more than most."""
DEFAULT_BODY_SECONDS = 10.0
BODY_SECONDS: Mapping[str, float] = dict.fromkeys(("/api/v1/observations", *FILES), 60.0)
"""How long a body may take to come, for the routes that wait longer than most."""
ASSET_FILES = re.compile(r"(/api/v1)?/assets/[^/]+/files")
"""Where files of assets are sent to; how large they may be is a setting."""
AROUND_A_FILE = 64 * 1024
"""What a form sends beside its file."""
FILE_SECONDS = 1800.0
READING = frozenset({"GET", "HEAD", "OPTIONS"})
HOOKS = "/hooks/"
"""Where vendors send to, who take a status of 400 and beyond for the end and send no more."""
MACHINES = ("/api/", HOOKS)
"""Where no cookie opens anything, so that no other site can use a visitor's browser to get in."""

SAFETY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ONE_YEAR = "max-age=31536000"


class TooLargeError(Exception):
    """The body is longer than the route takes; the refusal is on its way already."""


class TooSlowError(Exception):
    """The body takes longer to come than the route waits; the refusal is on its way already."""


class Edge:
    """The outermost layer, so that what it adds is on every answer."""

    def __init__(
        self,
        app: ASGIApp,
        rates: Rates | None = None,
        clock: Callable[[], float] = time.monotonic,
        body_seconds: Mapping[str, float] = BODY_SECONDS,
        on_too_large: Callable[[str], None] | None = None,
        longest_file: int = DEFAULT_BODY_LIMIT,
    ) -> None:
        self._app = app
        self._longest_file = longest_file
        self._on_too_large = on_too_large
        self._clock = clock
        self._limiter = Limiter(rates or Rates(), clock)
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        body = _Body(scope, receive, answer, self._clock, self._allowance(scope["path"]), self._on_too_large)
        with speaking(choose_language(Headers(scope=scope).get("accept-language", ""))):
            refusal = self._refusal(scope)
            if refusal is not None:
                await answer.close_with(refusal, receive)
                return
            if await body.is_announced_too_large():
                return
            try:
                await self._app(_with_get_for_head(scope), body.receive, answer.send)
            except Exception as error:
                if not answer.started:
                    await unexpected(error)(scope, receive, answer.send)
                elif not answer.closed:
                    raise

    def _allowance(self, path: str) -> tuple[int, float]:
        """How many bytes a body may have at this address, and how many seconds it may take to come."""
        if ASSET_FILES.fullmatch(path):
            return self._longest_file + AROUND_A_FILE, FILE_SECONDS
        return BODY_LIMITS.get(path, DEFAULT_BODY_LIMIT), self._body_seconds.get(path, DEFAULT_BODY_SECONDS)

    def _refusal(self, scope: Scope) -> Response | None:
        """Why a request is not even looked at, if so."""
        headers, client = Headers(scope=scope), scope.get("client")
        address = client[0] if client else ""
        wait = self._limiter.wait(scope["method"], scope["path"], address, headers.get("authorization", ""))
        if wait and scope["path"].startswith(HOOKS):
            detail = _("Too much comes from your address at once; send it again in a while.")
            return problem_response(503, detail, kind="busy", headers={"Retry-After": str(max(wait, 5))})
        if wait:
            detail = _("You ask more often than is taken here; come again in %(n)s seconds.", n=wait)
            return problem_response(429, detail, kind="too-many", headers={"Retry-After": str(wait)})
        if is_of_another_site(scope):
            detail = _("This comes from another site, so nothing was changed; open the page here and send it again.")
            return problem_response(403, detail, kind="foreign-site")
        return None


def is_of_another_site(scope: Scope) -> bool:
    """Whether a request that changes something may have been sent by another site from a visitor's browser.

    A browser says which site it is on; what says nothing and brings no cookie is no browser.
    """
    if scope["method"] in READING or scope["path"].startswith(MACHINES):
        return False
    headers = Headers(scope=scope)
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site != "same-origin"
    if origin is not None:
        return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    return "cookie" in headers


class _Answer:
    """One answer on its way out: it gets the safety headers, and no body when only its head was asked for."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self.started = False
        self.closed = False

    async def send(self, message: Message) -> None:
        if self.closed:
            return
        if message["type"] == "http.response.start":
            self.started = True
            _make_safe(MutableHeaders(scope=message), self._scope)
        elif message["type"] == "http.response.body" and self._scope["method"] == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)

    async def close_with(self, response: Response, receive: Receive) -> None:
        """Give this answer, and drop whatever the application still says."""
        if not self.started:
            await response(self._scope, receive, self.send)
        self.closed = True


class _Body:
    """A request's body on its way in, up to the size that its route takes and the time that it waits."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        answer: _Answer,
        clock: Callable[[], float],
        allowance: tuple[int, float],
        on_too_large: Callable[[str], None] | None = None,
    ) -> None:
        self._on_too_large = on_too_large
        self._scope, self._receive, self._answer = scope, receive, answer
        self._limit, self._seconds = allowance
        self._clock, self._begun = clock, clock()
        self._whole = False
        self._size = 0

    async def is_announced_too_large(self) -> bool:
        """Whether the length that is announced is refused, without a byte of it read."""
        announced = Headers(scope=self._scope).get("content-length", "")
        if not announced.isdecimal() or int(announced) <= self._limit:
            return False
        await self._refuse()
        return True

    async def receive(self) -> Message:
        if self._whole:  # what comes now is the end of the connection, which may wait as long as the answer takes
            return await self._receive()
        message = await self._receive_in_time()
        self._size += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._size > self._limit:
            await self._refuse()
            raise TooLargeError
        return message

    async def _receive_in_time(self) -> Message:
        # Counted from the beginning of the request, so that a body that drips gains nothing by each drop.
        left = self._begun + self._seconds - self._clock()
        with anyio.move_on_after(left):
            message = await self._receive()
            if self._clock() <= self._begun + self._seconds:
                return message
        detail = _("The body took longer than %(n)s seconds to come; nothing was stored.", n=f"{self._seconds:g}")
        refusal = problem_response(408, detail, kind="too-slow", headers={"Connection": "close"})
        await self._answer.close_with(refusal, self._receive)
        raise TooSlowError

    async def _refuse(self) -> None:
        if self._on_too_large is not None:
            self._on_too_large(self._scope["path"])
        detail = _("At most %(n)s bytes are taken here; send less at a time.", n=self._limit)
        await self._answer.close_with(problem_response(413, detail, kind="too-large"), self._receive)


def choose_language(accepted: str, otherwise: str = "en") -> str:
    """The language that the reader likes best of those we speak; when none of them is named, the other one."""
    wishes: list[tuple[float, int, str]] = []
    for part in accepted.split(","):
        tag, _semicolon, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        wishes.append((-weight, len(wishes), tag.strip().lower().partition("-")[0]))
    spoken = ({"no": "nb", "nn": "nb"}.get(tag, tag) for weight, _order, tag in sorted(wishes) if weight < 0)
    return next((tag for tag in spoken if tag in LANGUAGES), otherwise)


def _make_safe(headers: MutableHeaders, scope: Scope) -> None:
    for name, value in SAFETY_HEADERS.items():
        headers.setdefault(name, value)
    if scope.get("scheme") == "https":
        headers.setdefault("Strict-Transport-Security", ONE_YEAR)
    headers.setdefault("Cache-Control", "private, no-cache")
    headers.add_vary_header("Accept-Language")


def _with_get_for_head(scope: Scope) -> Scope:
    # A copy: the server looks at its own scope to know that no body follows.
    return {**scope, "method": "GET", _ASKED: "HEAD"} if scope["method"] == "HEAD" else scope


_ASKED = "kutsu.asked_method"


def asked_method(scope: Scope) -> str:
    """The method that was asked with: what is answered as a GET may have been a HEAD."""
    method: str = scope.get(_ASKED, scope["method"])
    return method
