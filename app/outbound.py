"""The one way out: GET (and forms, where a protocol wants them) with a guard against private addresses, a
deadline, a size limit and retries.

What an answer means is the caller's business; here it is only made sure that there is one, that it is JSON,
and that nobody can make Kutsu call where it must not. Texts are technical: the caller words them for people.
"""

import base64
import functools
import ipaddress
import json
import math
import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import anyio
import anyio.to_thread
import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from app.errors import Diverted, Drifted, Refused, TryLater, Unadmitted, Uncallable

ATTEMPTS = 5
DEADLINE_SECONDS = 60.0
LARGEST_ANSWER = 10 * 1024 * 1024
FIRST_PAUSE_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 120.0
"""Asked to wait for longer, a run gives up and leaves the rest to the next one."""
TOKEN_SPARE_SECONDS = 60.0
"""How long before its end a token is no longer trusted to outlast a call."""
TIMEOUT = httpx.Timeout(connect=10.0, read=30.0, write=10.0, pool=10.0)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")
"""Kept for protocols; some clouds answer with their secrets there, and not every Python knows all of it as private."""

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said; `json` is None where an error came without any."""

    status: int
    headers: Mapping[str, str]
    json: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how often one call is tried, and how much it may bring."""

    attempts: int = ATTEMPTS
    deadline_seconds: float = DEADLINE_SECONDS
    largest_answer: int = LARGEST_ANSWER


ONCE = Limits(attempts=1, deadline_seconds=15.0)
"""How an account is tried while somebody waits for the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """A pair that `token_url` exchanges for a token that lasts a while: OAuth 2's grant of that name (RFC 6749,
    4.4). The pair goes nowhere else, the token only to the client's base address."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)


class _Garbled(TryLater):
    """An answer that claims success and is no JSON: a page of a proxy, or one cut off halfway."""


class Client:
    """Calls one base address; every answer is read whole, within one deadline, and never redirected."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        portal: BlockingPortal,
        base_url: str,
        limits: Limits,
        wait: Callable[[float], None],
        credentials: ClientCredentials | None = None,
    ) -> None:
        self._http = http
        self._portal = portal
        self._base_url = base_url.rstrip("/")
        self._limits = limits
        self._wait = wait
        self._token = None if credentials is None else _Token(credentials)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """The answer to a GET of a path below the base address, or of a link on the same host.

        Raises TryLater when there is none after some attempts, Drifted when what came is no JSON, Unadmitted when the
        client's credentials are refused, and Diverted when these are asked for elsewhere.
        """
        url = self._absolute(path)
        if self._token is None:
            return self._patiently("GET", url, params)
        answer = self._patiently("GET", url, params, headers=self._token.headers(self._patiently))
        if answer.status == 401:  # taken back before its time, perhaps: one fresh token is tried
            self._token.drop()
            answer = self._patiently("GET", url, params, headers=self._token.headers(self._patiently))
        return answer

    def _patiently(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._portal.call(self._in_time, method, url, params, form, headers)
            except TryLater as error:
                pause = _pause_after(attempt, error)
                if attempt < self._limits.attempts and pause <= LONGEST_PAUSE_SECONDS:
                    self._wait(pause)
                elif isinstance(error, _Garbled):
                    raise Drifted(str(error)) from error
                else:
                    raise

    def post_form(self, path: str, fields: Mapping[str, str]) -> Answer:
        """The answer to a form; it is sent once, for it may not be right to send it again."""
        return self._portal.call(self._in_time, "POST", self._absolute(path), None, fields)

    def _absolute(self, path: str) -> str:
        if not path.startswith(("http://", "https://")):
            return self._base_url + path
        try:
            foreign = _origin(path) != _origin(self._base_url)
        except httpx.InvalidURL:
            foreign = True
        if foreign:
            # The key travels with every call, so a link may not send it elsewhere.
            raise Drifted("a link points away from the server that gave it")
        return path

    # The calls run on an event loop for one reason: only there does a deadline hold for a whole call, names
    # and headers included, however slowly the bytes drip.
    async def _in_time(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        try:
            with anyio.fail_after(self._limits.deadline_seconds):
                return await self._ask(method, url, params, form, headers)
        except TimeoutError as error:
            raise TryLater(f"no whole answer within {self._limits.deadline_seconds:g} s") from error
        except httpx.TransportError as error:
            raise TryLater(str(error) or type(error).__name__) from error

    async def _ask(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        async with self._http.stream(method, url, params=params, data=form, headers=headers) as response:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > self._limits.largest_answer:
                    raise Drifted(f"the answer is larger than {self._limits.largest_answer} bytes")
        if response.status_code == 429 or response.status_code >= 500:
            raise TryLater(f"status {response.status_code}", _asked_pause(response.headers))
        return Answer(response.status_code, response.headers, _read_json(response, bytes(body)))


class _Token:
    """The token that a pair was exchanged for, until it is about to run out."""

    def __init__(self, credentials: ClientCredentials) -> None:
        self._credentials = credentials
        self._headers: Mapping[str, str] = {}
        self._good_until = -math.inf

    def headers(self, post: Callable[..., Answer]) -> Mapping[str, str]:
        """What a call carries; a new token is fetched by `post` where none is good."""
        if time.monotonic() >= self._good_until:
            self._fetch(post)
        return self._headers

    def drop(self) -> None:
        self._good_until = -math.inf

    def _fetch(self, post: Callable[..., Answer]) -> None:
        pair = f"{self._credentials.client_id}:{self._credentials.client_secret}"
        basic = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        form = {"grant_type": "client_credentials"}
        # Asking for a second token does no harm, so unlike other forms this one is sent again.
        answer = post("POST", self._credentials.token_url, form=form, headers=basic)
        if answer.status in (400, 401, 403):
            raise Unadmitted(f"status {answer.status} for a token")
        if 300 <= answer.status < 400:
            raise Diverted(answer.status, answer.headers.get("location", ""))
        try:
            token, seconds = str(answer.json["access_token"]), float(answer.json["expires_in"])
        except (TypeError, KeyError, ValueError) as error:
            raise Drifted(f"status {answer.status} without a token") from error
        self._headers = {"Authorization": f"Bearer {token}"}
        self._good_until = time.monotonic() + seconds - TOKEN_SPARE_SECONDS


@contextmanager
def open_client(
    base_url: str,
    headers: Mapping[str, str],
    *,
    credentials: ClientCredentials | None = None,
    allow_private: bool = False,
    transport: httpx.AsyncBaseTransport | None = None,
    resolve: Resolve | None = None,
    wait: Callable[[float], None] = time.sleep,
    limits: Limits | None = None,
) -> Iterator[Client]:
    """A client for one base address. `allow_private` is for a stand-in on loopback, never for stored ones."""
    for address in (base_url, *([credentials.token_url] if credentials else [])):
        _check_base(address, allow_private=allow_private)
    inner = transport or httpx.AsyncHTTPTransport(verify=_trusted(), limits=httpx.Limits(max_connections=2))
    guarded = _Guarded(inner, resolve or _resolve, allow_private=allow_private)
    # An encoded answer could be small on the wire and huge in memory.
    plain = {"Accept-Encoding": "identity", "Accept": "application/vnd.api+json, application/json", **headers}
    with start_blocking_portal() as portal:
        http = httpx.AsyncClient(
            headers=plain, timeout=TIMEOUT, transport=guarded, follow_redirects=False, trust_env=False
        )
        try:
            yield Client(http, portal, base_url, limits or Limits(), wait, credentials)
        finally:
            portal.call(http.aclose)


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Whom the client believes: the packaged authorities. Reading them takes longer than most calls."""
    return httpx.create_ssl_context(trust_env=False)


def _check_base(base_url: str, *, allow_private: bool) -> None:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise Refused(f"{base_url!r} is no address") from error
    if not url.host or url.userinfo:
        raise Refused(f"{base_url!r} must be an address with a host and without a name or password")
    if not allow_private and (url.scheme != "https" or url.port not in (None, 443)):
        raise Uncallable(base_url)


def _origin(url: str) -> tuple[str, str, int | None]:
    parsed = httpx.URL(url)
    return (parsed.scheme, parsed.host, parsed.port)


class _Guarded(httpx.AsyncBaseTransport):
    """Looks the host up, refuses it if any of its addresses is private, and connects to the address that was
    checked: a name that changes its answer between the check and the connection gains nothing by it."""

    def __init__(self, inner: httpx.AsyncBaseTransport, resolve: Resolve, *, allow_private: bool) -> None:
        self._inner = inner
        self._resolve = resolve
        self._allow_private = allow_private

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host, port = request.url.host, request.url.port or 443
        addresses = await anyio.to_thread.run_sync(functools.partial(self._resolve, host, port), abandon_on_cancel=True)
        if not self._allow_private and not all(is_public(address) for address in addresses):
            raise Refused(f"{host} is on a private network, where Kutsu does not call")
        if host not in addresses:
            request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=addresses[0])
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _resolve(host: str, port: int) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TryLater(f"no address is known for {host}") from error
    return [str(address[0]) for *_rest, address in found]


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, and so does any IPv4 address wrapped inside it."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if wrapped is None and ip in NAT64:
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and ip not in PROTOCOLS


def _read_json(response: httpx.Response, body: bytes) -> Any:
    """The body as JSON. An error may come as anything; a success that is no JSON is garbled."""
    content_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    plain = response.headers.get("content-encoding", "identity") == "identity"
    if plain and (content_type == "application/json" or content_type.endswith("+json")):
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            if response.is_success:
                raise _Garbled("the answer is broken JSON") from error
    elif response.is_success:
        raise _Garbled(f"the answer is {content_type or 'of no stated type'} instead of JSON")
    return None


def _asked_pause(headers: Mapping[str, str]) -> float | None:
    """How many seconds the other side asks for; both headers count seconds from now."""
    asked = [_seconds(headers.get(name)) for name in ("retry-after", "x-rate-limit-reset")]
    return max((seconds for seconds in asked if seconds is not None), default=None)


def _seconds(value: str | None) -> float | None:
    return float(value) if value is not None and value.isascii() and value.isdigit() else None


def _pause_after(attempt: int, error: TryLater) -> float:
    """The longer of what was asked for and a doubling backoff, spread so that clients do not come as one."""
    backoff = min(FIRST_PAUSE_SECONDS * 2.0 ** (attempt - 1), LONGEST_BACKOFF_SECONDS)
    jitter = random.uniform(0.0, backoff / 2)  # noqa: S311 (nothing is kept secret by it)
    return max(error.after_seconds or 0.0, backoff) + jitter
