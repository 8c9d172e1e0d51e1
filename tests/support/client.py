"""A client of an application that asks it in the thread of the test, without a loop and a thread for each request."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any
from urllib.parse import unquote

import anyio.to_thread
import httpx2
from starlette import testclient
from starlette.types import ASGIApp, Message

MARK = "\ufeff"
"""What a text begins with that a spreadsheet program is to read with its letters right."""


class TestClient(testclient.TestClient):
    """Starlette's client. It hands a request to another thread and back eight times, which takes longer than most
    answers; this one does so only between `with` and its end, and where a loop runs already in the test's thread."""

    __test__ = False

    def __init__(self, app: ASGIApp, *said: Any, **named: Any) -> None:
        super().__init__(app, *said, **named)
        own: Any = self._transport
        self._transport = _AskingHere(self, own)


class _AskingHere(httpx2.BaseTransport):
    def __init__(self, client: TestClient, aside: Any) -> None:
        self._client = client
        self._aside = aside

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._client.portal is not None or _a_loop_runs():
            response: httpx2.Response = self._aside.handle_request(request)
            return response
        return self._ask(request)

    def close(self) -> None:
        self._aside.close()

    def _ask(self, request: httpx2.Request) -> httpx2.Response:
        given: list[Message] = [{"type": "http.request", "body": request.read(), "more_body": False}]
        sent: list[Message] = []
        ended = asyncio.Event()

        async def receive() -> Message:
            if not given:
                await ended.wait()
                return {"type": "http.disconnect"}
            return given.pop()

        async def send(message: Message) -> None:
            sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                ended.set()

        try:
            _loop().run_until_complete(self._aside.app(self._scope(request), receive, send))
        except Exception:
            if self._aside.raise_server_exceptions or not sent:
                raise
        start, *rest = sent
        content = b"" if request.method == "HEAD" else b"".join(message.get("body", b"") for message in rest)
        return httpx2.Response(
            start["status"], headers=start["headers"], stream=httpx2.ByteStream(content), request=request
        )

    def _scope(self, request: httpx2.Request) -> dict[str, Any]:
        url = request.url
        return {
            "type": "http", "http_version": "1.1", "method": request.method, "scheme": url.scheme,
            "path": unquote(url.path), "raw_path": url.raw_path.partition(b"?")[0], "query_string": url.query,
            "root_path": self._aside.root_path, "headers": [(key.lower(), value) for key, value in request.headers.raw],
            "client": self._aside.client, "server": [url.host, url.port or {"http": 80, "https": 443}[url.scheme]],
            "state": self._aside.app_state.copy(),
        }  # fmt: skip


def _a_loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@contextmanager
def keeping_a_thread() -> Iterator[None]:
    """One thread does what requests leave to threads until the block ends: for each request one would begin and end."""

    async def stay() -> None:
        await anyio.to_thread.run_sync(int)  # the thread that does this ends with this task
        begun.set_result(None)
        await asyncio.Event().wait()

    loop = _loop()
    begun = loop.create_future()
    staying = loop.create_task(stay())
    loop.run_until_complete(begun)
    yield
    staying.cancel()
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(staying)
    loop.close()
