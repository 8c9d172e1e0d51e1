"""How often one client may come, how long a request may take, and what another site may not do."""

import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from starlette.types import Message, Receive, Scope, Send

from app.access.token import Role
from app.web.application import create_app
from app.web.edge import DEFAULT_BODY_SECONDS, Edge, is_of_another_site
from app.web.limits import Buckets, Rate, Rates
from app.web.listening import Listening
from tests.support.client import TestClient
from tests.web.conftest import KEY, Door


@pytest.fixture
def database_url(sqlite_file_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_file_url


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


# Rates


def test_a_bucket_lets_a_burst_through_and_then_as_many_as_come_in() -> None:
    clock = Clock()
    buckets = Buckets(Rate(per_second=2, burst=3), clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 1]
    clock.now += 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 1]
    clock.now += 100
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 1], "a long rest fills it up and no more"


def test_a_slow_rate_says_how_long_to_wait_and_waiting_so_long_is_enough() -> None:
    clock = Clock()
    buckets = Buckets(Rate(per_second=1 / 6, burst=1), clock)
    assert [buckets.take("a"), buckets.take("a")] == [0, 6]
    clock.now += 6
    assert buckets.take("a") == 0


def test_clients_do_not_pay_for_each_other_and_a_flood_of_them_fills_no_memory() -> None:
    buckets = Buckets(Rate(per_second=1, burst=1), Clock(), most=100)
    assert [buckets.take("a"), buckets.take("b"), buckets.take("a")] == [0, 0, 1]
    for n in range(1000):
        buckets.take(str(n))
    assert len(buckets) == 100


def limited(door: Door, clock: Clock, **rates: Rate) -> Any:
    return create_app(door.database, KEY, clock=lambda: door.clock, rates=Rates(**rates), timer=clock)


def test_who_comes_too_often_is_told_when_to_come_again(door: Door) -> None:
    clock = Clock()
    app = limited(door, clock, token=Rate(per_second=0.5, burst=2))
    busy = TestClient(app, headers={"Authorization": f"Bearer {door.token(Role.VIEWER)}"})
    calm = TestClient(app, headers={"Authorization": f"Bearer {door.token(Role.VIEWER)}"})
    assert [busy.get("/api/v1/jobs").status_code for _ in range(3)] == [200, 200, 429]
    refused = busy.get("/api/v1/jobs")
    assert (refused.headers["retry-after"], refused.headers["content-type"]) == ("2", "application/problem+json")
    assert refused.json()["type"] == "urn:kutsu:problem:too-many"
    assert refused.headers["x-frame-options"] == "DENY"
    assert calm.get("/api/v1/jobs").status_code == 200
    clock.now += 2
    assert busy.get("/api/v1/jobs").status_code == 200


def test_made_up_tokens_do_not_get_round_the_limit_of_an_address(door: Door) -> None:
    client = TestClient(limited(door, Clock(), address=Rate(per_second=1, burst=5)))
    answers = [client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(8)]
    assert answers == [401] * 5 + [429] * 3


def test_where_people_sign_in_guesses_are_few(door: Door) -> None:
    client = TestClient(limited(door, Clock(), sign_in=Rate(per_second=1 / 60, burst=2)))
    guesses = [client.post("/sign-in", data={"password": str(n)}) for n in range(4)]
    assert [guess.status_code == 429 for guess in guesses] == [False, False, True, True]
    assert guesses[-1].headers["retry-after"] == "60"
    assert client.get("/sign-in").status_code != 429


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_what_watches_over_us_is_never_turned_away(door: Door, path: str) -> None:
    client = TestClient(limited(door, Clock(), address=Rate(per_second=1, burst=1)))
    assert [client.get(path).status_code for _ in range(3)] == [200, 200, 200]


# Deadlines


def talk(door: Door, path: str, pieces: list[tuple[float, bytes]], clock: Clock) -> tuple[int, dict[str, str]]:
    """POST a body whose pieces come after so many seconds each; the last piece never is the end."""
    app = create_app(door.database, KEY, clock=lambda: door.clock, timer=clock)
    sent: list[Message] = []
    coming = iter(pieces)

    async def receive() -> Message:
        for seconds, body in coming:
            clock.now += seconds
            return {"type": "http.request", "body": body, "more_body": True}
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [
        (b"authorization", f"Bearer {door.token(Role.ADMINISTRATOR)}".encode()),
        (b"content-type", b"application/json"),
    ]
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": headers, "client": ("198.51.100.7", 1), "server": ("kutsu", 80), "scheme": "http",
        "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    anyio.run(app, scope, receive, send)
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_a_body_that_drips_is_refused_when_its_time_is_over(door: Door) -> None:
    clock = Clock()
    status, headers = talk(door, "/api/v1/jobs", [(1.0, b" ")] * 60, clock)
    assert (status, headers["content-type"], headers["connection"]) == (408, "application/problem+json", "close")
    assert clock.now == 1000 + DEFAULT_BODY_SECONDS + 1


def test_a_long_list_of_observations_may_take_longer(door: Door) -> None:
    clock = Clock()
    assert talk(door, "/api/v1/observations", [(1.0, b" ")] * 90, clock)[0] == 408
    assert clock.now == 1061


def test_a_body_that_stops_coming_is_refused_too(door: Door) -> None:
    clock = Clock()
    assert talk(door, "/api/v1/jobs", [(DEFAULT_BODY_SECONDS - 0.02, b"{")], clock)[0] == 408


def test_an_answer_may_take_longer_than_its_body() -> None:
    clock = Clock()
    heard: list[str] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        clock.now += 60
        heard.append((await receive())["type"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def run() -> None:
        messages: AsyncIterator[Message] = _each(
            {"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}
        )

        async def send(_message: Message) -> None: ...

        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        await Edge(slow, clock=clock)(scope, lambda: anext(messages), send)

    anyio.run(run)
    assert heard == ["http.disconnect"]


async def _each(*messages: Message) -> AsyncIterator[Message]:
    for message in messages:
        yield message


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: kutsu\r\nX-Slow: "])
def test_a_head_that_does_not_come_to_its_end_is_hung_up_on(
    door: Door, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Listening, "head_seconds", 0.2)
    with listening(door.app) as address, socket.create_connection(address, timeout=5) as client:
        client.sendall(said)
        assert client.recv(1) == b""


def test_a_head_that_comes_in_time_is_answered_and_so_is_the_next(door: Door) -> None:
    with listening(door.app) as address, socket.create_connection(address, timeout=5) as client:
        for _again in range(2):
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: kutsu\r\n\r\n")
            received = b""
            while b'"ok"' not in received:
                received += client.recv(1000)
            assert received.startswith(b"HTTP/1.1 200")


class listening:  # noqa: N801 (reads as a verb)
    """The application behind a uvicorn that speaks as `kutsu serve` does."""

    def __init__(self, app: Any) -> None:
        import uvicorn

        config = uvicorn.Config(app, port=0, log_config=None, http=Listening, lifespan="off")
        self._server = uvicorn.Server(config)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> tuple[str, int]:
        self._thread.start()
        return ("127.0.0.1", self._socket.getsockname()[1])

    def __exit__(self, *_error: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()


# Forms of other sites

COOKIE = {"cookie": "kutsu=x"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "foreign"),
    [
        ("POST", "/tokens", {"sec-fetch-site": "same-origin"}, False),
        ("POST", "/tokens", {"sec-fetch-site": "cross-site"}, True),
        ("POST", "/tokens", {"sec-fetch-site": "same-site"}, True),
        ("POST", "/tokens", {"sec-fetch-site": "none"}, True),
        ("POST", "/tokens", {"sec-fetch-site": "cross-site", "origin": "http://kutsu.example"}, True),
        ("POST", "/tokens", {"origin": "http://kutsu.example"}, False),
        ("POST", "/tokens", {"origin": "https://kutsu.example"}, False),
        ("POST", "/tokens", {"origin": "http://KUTSU.example"}, False),
        ("POST", "/tokens", {"origin": "http://kutsu.example.evil.example"}, True),
        ("POST", "/tokens", {"origin": "http://kutsu.example:8080"}, True),
        ("POST", "/tokens", {"origin": "null"}, True),
        ("POST", "/tokens", {"origin": ""}, True),
        ("POST", "/tokens", COOKIE, True),
        ("POST", "/tokens", {}, False),
        ("PUT", "/tokens", {"sec-fetch-site": "cross-site"}, True),
        ("DELETE", "/tokens", {"sec-fetch-site": "cross-site"}, True),
        ("GET", "/tokens", {"sec-fetch-site": "cross-site", **COOKIE}, False),
        ("POST", "/api/v1/jobs", {"sec-fetch-site": "cross-site"}, False),
    ],
)
def test_only_pages_of_our_own_may_change_something(
    method: str, path: str, headers: dict[str, str], foreign: bool
) -> None:
    given = [(b"host", b"kutsu.example"), *((name.encode(), value.encode()) for name, value in headers.items())]
    assert is_of_another_site({"type": "http", "method": method, "path": path, "headers": given}) is foreign


def test_a_form_of_another_site_is_refused_before_it_is_read(door: Door) -> None:
    answer = door.stranger().post("/tokens", data={"system": "x"}, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:kutsu:problem:foreign-site")
