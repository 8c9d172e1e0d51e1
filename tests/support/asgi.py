"""Asks an application itself, without a server or a client between: for very many requests, in any shape."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that posts a body in so many parts."""

    path: str
    headers: tuple[Header, ...]
    parts: Sequence[bytes]


class Unread(Sequence[bytes]):
    """The parts of a body that fails the test when it is read."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, place: object) -> Any:
        raise AssertionError("the body was read")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]


async def ask(app: ASGIApp, asked: Asked) -> Answer:
    """The answer to one request."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": asked.path, "raw_path": asked.path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"kutsu"), *asked.headers], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "state": {},
    }  # fmt: skip
    parts = iter(asked.parts)
    left = len(asked.parts)
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal left
        left -= 1
        if left < 0:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": next(parts), "more_body": left > 0}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers)
