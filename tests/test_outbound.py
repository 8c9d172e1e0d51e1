"""Calling other systems: where to, how long, how much, how often."""

import itertools
import socket
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Diverted, Drifted, Refused, TryLater, Unadmitted
from app.outbound import Answer, ClientCredentials, Limits, is_public, open_client

BASE = "https://ats.example/v1"
PUBLIC = "93.184.216.34"
JSON = {"content-type": "application/vnd.api+json; charset=utf-8"}


class Vendor:
    """A vendor behind httpx's own fake transport: gives its answers one after the other, the last for ever."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))

    def get(self, path: str = "/jobs", params: dict[str, str] | None = None, **options: Any) -> Answer:
        usual: dict[str, Any] = {
            "transport": httpx.MockTransport(self.handle),
            "resolve": lambda _host, _port: [PUBLIC],
            "wait": self.pauses.append,
            "limits": Limits(attempts=3),
        }
        base = options.pop("base", BASE)
        with open_client(base, {"Authorization": "Token token=k"}, **{**usual, **options}) as client:
            return client.get(path, params)


def good(content: bytes = b'{"data": []}') -> httpx.Response:
    return httpx.Response(200, headers=JSON, content=content)


def test_an_answer_is_read_as_json_from_the_path_below_the_base_address() -> None:
    vendor = Vendor(good(b'{"data": [1]}'))
    answer = vendor.get("/jobs", {"filter[status]": "all"})
    assert (answer.status, answer.json) == (200, {"data": [1]})
    (request,) = vendor.requests
    assert request.url.path == "/v1/jobs"
    assert dict(request.url.params) == {"filter[status]": "all"}
    assert request.headers["authorization"] == "Token token=k"
    assert request.headers["accept-encoding"] == "identity"


def test_the_connection_goes_to_the_address_that_was_checked_under_the_name_that_was_asked_for() -> None:
    vendor = Vendor(good())
    vendor.get()
    (request,) = vendor.requests
    assert request.url.host == PUBLIC
    assert request.headers["host"] == "ats.example"
    assert request.extensions["sni_hostname"] == "ats.example"


def test_a_name_that_changes_its_address_after_the_check_is_looked_up_and_checked_again() -> None:
    addresses = iter([[PUBLIC], ["127.0.0.1"]])
    vendor = Vendor(httpx.Response(503), good())
    with pytest.raises(Refused, match="private network"):
        vendor.get(resolve=lambda _host, _port: next(addresses))
    assert [request.url.host for request in vendor.requests] == [PUBLIC]


PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:7f00:1", "::127.0.0.1",
    "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "100::1",
    "2001:0:0a00:1::80ff:fffe",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_that_is_not_public_is_called(address: str) -> None:
    vendor = Vendor(good())
    with pytest.raises(Refused, match="private network"):
        vendor.get(resolve=lambda _host, _port: [address])
    with pytest.raises(Refused, match="private network"):
        vendor.get(resolve=lambda _host, _port: [PUBLIC, address])
    assert vendor.requests == []


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_a_public_address_is_called(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_never_makes_it_public(address: Any) -> None:
    wrapped = f"::ffff:{address}"
    assert is_public(wrapped) == is_public(str(address))


@pytest.mark.parametrize(
    "spelling",
    ["localhost", "127.1", "0x7f.1", "2130706433", "017700000001", "[::1]", "[::ffff:127.0.0.1]", "0"],
)  # fmt: skip
def test_no_spelling_of_this_machine_is_called(spelling: str) -> None:
    vendor = Vendor(good())
    with pytest.raises((Refused, TryLater)):
        vendor.get(base=f"https://{spelling}/v1", resolve=None)
    assert vendor.requests == []


@pytest.mark.parametrize(
    "base",
    [
        "http://ats.example", "ftp://ats.example", "https://ats.example:8443", "https://user:pass@ats.example",
        "https://", "ats.example", "file:///etc/passwd", "https://ats.example:port", "",
    ],
)  # fmt: skip
def test_only_plain_https_addresses_are_called(base: str) -> None:
    with pytest.raises(Refused, match=r"must|no address"):
        Vendor(good()).get(base=base)


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/v1/jobs", "http://ats.example/v1", "https://ats.example:444/", "https://[::1", "https://"],
)
def test_a_link_that_points_elsewhere_is_not_followed_with_our_key(link: str) -> None:
    vendor = Vendor(good())
    with pytest.raises(Drifted, match="points away"):
        vendor.get(link)
    assert vendor.requests == []


def test_a_link_on_the_same_host_is_followed_with_its_own_query() -> None:
    vendor = Vendor(good())
    vendor.get("https://ats.example/v1/jobs?page%5Bnumber%5D=2")
    assert dict(vendor.requests[0].url.params) == {"page[number]": "2"}


def test_a_redirect_is_handed_back_and_not_followed() -> None:
    vendor = Vendor(httpx.Response(302, headers={"location": "http://169.254.169.254/"}))
    assert vendor.get().status == 302
    assert len(vendor.requests) == 1


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"x-rate-limit-reset": "9"}, 9.0),
        ({"retry-after": "7", "x-rate-limit-reset": "9"}, 9.0),
        ({"retry-after": "9", "x-rate-limit-reset": "7"}, 9.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 1.0),
        ({}, 1.0),
    ],
)
def test_the_longest_pause_that_is_asked_for_is_kept(headers: dict[str, str], least: float) -> None:
    vendor = Vendor(httpx.Response(429, headers=headers), good())
    assert vendor.get().status == 200
    (pause,) = vendor.pauses
    assert least <= pause <= least + 0.5, "and at most half a backoff of jitter is added"


def test_pauses_double_and_end_after_the_last_attempt() -> None:
    vendor = Vendor(httpx.Response(500))
    with pytest.raises(TryLater, match="status 500"):
        vendor.get(limits=Limits(attempts=4))
    assert len(vendor.requests) == 4
    first, second, third = vendor.pauses
    assert 1 <= first <= 1.5
    assert 2 <= second <= 3
    assert 4 <= third <= 6


def test_a_pause_too_long_to_wait_is_left_to_the_next_run() -> None:
    vendor = Vendor(httpx.Response(429, headers={"retry-after": "3600"}), good())
    with pytest.raises(TryLater) as caught:
        vendor.get()
    assert caught.value.after_seconds == 3600
    assert vendor.pauses == []


@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError("refused"), httpx.ReadTimeout(""), httpx.RemoteProtocolError("cut off")],
)
def test_a_broken_connection_is_tried_again(error: Exception) -> None:
    vendor = Vendor(error, good())
    assert vendor.get().status == 200
    assert len(vendor.pauses) == 1


def test_an_answer_that_takes_too_long_as_a_whole_is_given_up() -> None:
    async def trickle() -> Any:
        import anyio

        while True:
            yield b" "
            await anyio.sleep(0.01)

    transport = httpx.MockTransport(lambda _request: httpx.Response(200, headers=JSON, content=trickle()))
    with pytest.raises(TryLater, match=r"no whole answer within 0.1 s"):
        Vendor(good()).get(transport=transport, limits=Limits(attempts=1, deadline_seconds=0.1))


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    read: list[int] = []

    async def endless() -> Any:
        while True:
            read.append(1)
            yield b" " * 1000

    transport = httpx.MockTransport(lambda _request: httpx.Response(200, headers=JSON, content=endless()))
    with pytest.raises(Drifted, match="larger than 5000 bytes"):
        Vendor(good()).get(transport=transport, limits=Limits(attempts=1, largest_answer=5000))
    assert len(read) == 6


GARBLED = [
    httpx.Response(200, headers={"content-type": "text/html"}, content=b"<html>"),
    httpx.Response(200, content=b"{}"),
    httpx.Response(200, headers=JSON, content=b'{"data": ['),
    httpx.Response(200, headers=JSON, content=b"[" * 100_000),
    httpx.Response(200, headers=JSON, content=b"\xff\xfe\xfd"),
    httpx.Response(204),
]


@pytest.mark.parametrize("answer", GARBLED)
def test_a_success_that_is_no_json_is_tried_again_and_then_a_drift(answer: httpx.Response) -> None:
    passing = Vendor(answer, good())
    assert passing.get().json == {"data": []}
    staying = Vendor(answer)
    with pytest.raises(Drifted, match="the answer is"):
        staying.get()
    assert len(staying.requests) == 3


def test_an_encoded_answer_is_not_unpacked() -> None:
    vendor = Vendor(good())

    def handle(_request: httpx.Request) -> httpx.Response:
        stream = httpx.ByteStream(b"\x1f\x8b packed")
        return httpx.Response(200, headers={**JSON, "content-encoding": "gzip"}, stream=stream)

    with pytest.raises(Drifted):
        vendor.get(transport=httpx.MockTransport(handle))


@pytest.mark.parametrize(
    ("answer", "json"),
    [
        (httpx.Response(401, headers=JSON, content=b'{"errors": []}'), {"errors": []}),
        (httpx.Response(404, headers={"content-type": "text/html"}, content=b"<html>"), None),
        (httpx.Response(400, headers=JSON, content=b"{"), None),
    ],
)
def test_a_refusal_is_handed_back_whatever_it_is_made_of(answer: httpx.Response, json: Any) -> None:
    given = Vendor(answer).get()
    assert (given.status, given.json) == (answer.status_code, json)


def test_a_name_without_an_address_is_tried_again_later() -> None:
    vendor = Vendor(good())
    with pytest.raises(TryLater, match=r"no address is known for no-such-host\.invalid"):
        vendor.get(base="https://no-such-host.invalid", resolve=None)
    assert len(vendor.pauses) == 2


HIDDEN = {
    "internal.example": ["10.1.2.3"], "metadata.google.internal": ["169.254.169.254"], "localtest.me": ["127.0.0.1"],
    "127.0.0.1.nip.io": ["127.0.0.1"], "half.example": [PUBLIC, "192.168.0.1"], "six.example": ["::1"],
    "mapped.example": ["::ffff:10.0.0.1"], "link.example": ["fe80::1"], "tailnet.example": ["100.100.100.100"],
    "unique.example": ["fd12:3456::1"], "nat.example": ["64:ff9b::a00:1"], "nowhere.example": ["0.0.0.0"],  # noqa: S104 (refused)
    "local-nat.example": ["64:ff9b:1::a00:1"], "compatible.example": ["::10.0.0.1"],
    "sixtofour.example": ["2002:c0a8:1::"],
}  # fmt: skip
"""Names that lead to where Kutsu must not call."""

FORBIDDEN = [
    # This machine, in every way in which an address may be written.
    "https://127.0.0.1/", "https://127.0.0.1:443/", "https://127.1/", "https://127.0.1/", "https://0x7f000001/",
    "https://0x7f.0.0.1/", "https://0x7F.1/", "https://0177.0.0.1/", "https://0177.1/", "https://2130706433/",
    "https://017700000001/", "https://127.0.0.1./", "https://localhost/", "https://LOCALHOST/", "https://localhost./",
    "https://0/", "https://0.0.0.0/", "https://[::]/", "https://[::1]/", "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::127.0.0.1]/", "https://127.255.255.254/",
    "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://１２７.0.0.1/",
    # Networks that are not public, and where clouds keep their secrets.
    "https://10.0.0.1/", "https://0xa.1/", "https://012.0.0.1/", "https://167772161/", "https://172.16.0.1/",
    "https://172.31.255.254/", "https://192.168.0.1/", "https://3232235521/", "https://0xc0a80001/",
    "https://169.254.169.254/latest/meta-data/", "https://2852039166/", "https://0xa9fea9fe/",
    "https://0251.0376.0251.0376/", "https://169.254.43518/", "https://[::ffff:169.254.169.254]/",
    "https://[::ffff:a9fe:a9fe]/", "https://[fd00:ec2::254]/", "https://[fe80::1]/", "https://[fc00::1]/",
    "https://[ff02::1]/", "https://[64:ff9b::169.254.169.254]/", "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/", "https://100.64.0.1/", "https://192.0.0.192/", "https://198.18.0.1/",
    "https://224.0.0.1/", "https://255.255.255.255/",
    # Other doors, other schemes, and addresses that are read in two ways.
    "http://ats.example/", "https://ats.example:22/", "https://ats.example:8443/", "https://ats.example:80/",
    "ftp://ats.example/", "file:///etc/passwd", "gopher://ats.example/", "//ats.example/", "ats.example", "",
    "https://user@ats.example/", "https://user:word@ats.example/", "https://ats.example@127.0.0.1/",
    "https://127.0.0.1#@ats.example/", "https://127.0.0.1\\@ats.example/", "https:///127.0.0.1/", "https://",
    "unix:///var/run/docker.sock", "https://[::1", "https://ats.example:99999/", "https://ats.example\r\nHost: x/",
    *(f"https://{name}/" for name in HIDDEN),
]  # fmt: skip


def resolve_without_asking(host: str, port: int) -> list[str]:
    """As the system reads numbers, and as the names above lie."""
    name = host.rstrip(".").lower()
    if name in HIDDEN:
        return HIDDEN[name]
    if name == "localhost":
        return ["127.0.0.1", "::1"]
    if name == "ats.example":
        return [PUBLIC]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError) as error:
        raise TryLater("no such name") from error
    return [str(address[0]) for *_rest, address in found]


@pytest.mark.parametrize("url", FORBIDDEN)
def test_no_spelling_of_a_forbidden_address_is_ever_connected_to(url: str) -> None:
    vendor = Vendor(good())
    with pytest.raises((Refused, TryLater)):
        vendor.get(base=url, resolve=resolve_without_asking)
    assert vendor.requests == []


def test_a_resolver_that_changes_its_mind_at_every_question_is_never_followed() -> None:
    """Whatever is asked second is not what is connected to: the address that was checked is."""
    answers = itertools.cycle([[PUBLIC], ["127.0.0.1"], ["169.254.169.254"], [PUBLIC, "10.0.0.1"], ["::1"]])
    vendor = Vendor(httpx.Response(503))
    for _again in range(50):
        with pytest.raises((Refused, TryLater)):
            vendor.get(resolve=lambda _host, _port: next(answers), limits=Limits(attempts=2))
    assert {request.url.host for request in vendor.requests} == {PUBLIC}
    assert vendor.requests


def test_a_redirect_is_not_followed_wherever_it_leads() -> None:
    vendor = Vendor(httpx.Response(302, headers={"location": "https://127.0.0.1/", **JSON}, content=b"{}"))
    assert vendor.get().status == 302
    assert len(vendor.requests) == 1


PAIR = ClientCredentials(token_url="https://auth.example/token", client_id="city", client_secret="s3cret")
BEARER = {"authorization": "Bearer t1"}


def token(name: str = "t1", seconds: int = 3600) -> httpx.Response:
    body = f'{{"access_token": "{name}", "expires_in": {seconds}}}'
    return httpx.Response(200, headers={"content-type": "application/json"}, content=body.encode())


def test_a_pair_goes_to_the_token_address_alone_and_the_token_to_the_base_address_alone() -> None:
    vendor = Vendor(token(), good())
    vendor.get(credentials=PAIR)
    asked, called = vendor.requests
    assert (asked.method, asked.headers["host"], asked.url.path) == ("POST", "auth.example", "/token")
    assert asked.content == b"grant_type=client_credentials"
    assert asked.headers["authorization"] == "Basic Y2l0eTpzM2NyZXQ="
    assert (called.method, called.headers["host"]) == ("GET", "ats.example")
    assert called.headers["authorization"] == BEARER["authorization"]
    assert "s3cret" not in repr(PAIR)


@pytest.mark.parametrize(("seconds", "tokens"), [(3600, 1), (61, 1), (60, 2), (0, 2)])
def test_a_token_serves_until_it_is_about_to_run_out(seconds: int, tokens: int) -> None:
    vendor = Vendor(token("t1", seconds), *([good()] if tokens == 1 else [good(), token("t2")]), good())
    transport = httpx.MockTransport(vendor.handle)
    with open_client(BASE, {}, credentials=PAIR, transport=transport, resolve=lambda _h, _p: [PUBLIC]) as client:
        client.get("/jobs")
        client.get("/jobs")
    assert [request.method for request in vendor.requests].count("POST") == tokens


def test_a_token_that_is_refused_is_exchanged_once_and_then_the_refusal_stands() -> None:
    taken_back = Vendor(token(), httpx.Response(401), token("t2"), good())
    assert taken_back.get(credentials=PAIR).status == 200
    assert taken_back.requests[-1].headers["authorization"] == "Bearer t2"
    refused = Vendor(token(), httpx.Response(401), token("t2"), httpx.Response(401))
    assert refused.get(credentials=PAIR).status == 401
    assert len(refused.requests) == 4


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_pair_that_is_refused_is_told_from_other_refusals(status: int) -> None:
    vendor = Vendor(httpx.Response(status))
    with pytest.raises(Unadmitted, match=str(status)):
        vendor.get(credentials=PAIR)
    assert len(vendor.requests) == 1


def test_a_token_address_that_does_not_answer_is_tried_again() -> None:
    vendor = Vendor(httpx.Response(503), token(), good())
    assert vendor.get(credentials=PAIR).status == 200


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"access_token": "t", "expires_in": "soon"}', b"null"])
def test_an_answer_without_a_token_is_a_drift(body: bytes) -> None:
    vendor = Vendor(httpx.Response(200, headers=JSON, content=body))
    with pytest.raises(Drifted, match="without a token"):
        vendor.get(credentials=PAIR)


def test_the_token_address_is_guarded_as_the_base_address_is() -> None:
    inside = {"auth.example": "10.0.0.1", "ats.example": PUBLIC}
    vendor = Vendor(token(), good())
    with pytest.raises(Refused, match="private network"):
        vendor.get(credentials=PAIR, resolve=lambda host, _port: [inside[host]])
    with pytest.raises(Refused, match="https://"):
        vendor.get(credentials=ClientCredentials(token_url="http://auth.example", client_id="c", client_secret="s"))
    assert vendor.requests == []


def test_a_redirect_of_the_token_address_is_not_followed() -> None:
    vendor = Vendor(httpx.Response(302, headers={"location": "https://evil.example/token"}))
    with pytest.raises(Diverted, match=r"^https://evil\.example/token$"):
        vendor.get(credentials=PAIR)
    assert len(vendor.requests) == 1
