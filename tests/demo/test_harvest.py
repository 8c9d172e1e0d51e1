"""The stand-in for Greenhouse speaks Harvest v3 as it is documented, and refuses the rest."""

import base64
import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from app.demo.faults import Fault, Faults
from app.demo.harvest import CLIENT_ID, CLIENT_SECRET, Admission, serving_harvest
from app.demo.stand_in import RateLimit
from app.errors import Drifted, TryLater, Unadmitted
from app.outbound import Answer, Client, ClientCredentials, Limits, open_client
from tests.demo.test_ats import Clock
from tests.intake.harvest_town import HarvestTown
from tests.intake.town import DAY, START


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town() -> HarvestTown:
    town = HarvestTown()
    town.fill(120)
    return town


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def base_url(town: HarvestTown, faults: Faults, clock: Clock) -> Iterator[str]:
    rate = RateLimit(requests=50, seconds=30, clock=clock, prefix="X-RateLimit")
    admission = Admission(seconds=600, clock=clock)
    with serving_harvest(
        lambda: town.rows, faults, rate=rate, admission=admission, clock=lambda: town.now
    ) as url:  # fmt: skip
        yield url


def opened(base_url: str, secret: str = CLIENT_SECRET) -> Client:
    pair = ClientCredentials(token_url=f"{base_url}/token", client_id=CLIENT_ID, client_secret=secret)
    return open_client(base_url, {}, credentials=pair, allow_private=True, limits=Limits(attempts=1))  # type: ignore[return-value]


@pytest.fixture
def client(base_url: str) -> Iterator[Client]:
    with opened(base_url) as client:  # type: ignore[attr-defined]
        yield client


def cursor_of(answer: Answer) -> str | None:
    link = answer.headers.get("link")
    if link is None:
        return None
    assert link.endswith('>; rel="next"')
    query = urlsplit(link[1:].partition(">")[0]).query
    assert query.startswith("cursor=")
    assert "&" not in query
    return query.removeprefix("cursor=")


def test_a_list_comes_by_descending_keys_a_hundred_at_a_time_unless_asked(client: Client) -> None:
    first = client.get("/applications")
    assert [row["id"] for row in first.json] == list(range(120, 20, -1))
    cursor = cursor_of(first)
    assert cursor is not None
    second = client.get("/applications", {"cursor": cursor})
    assert [row["id"] for row in second.json] == list(range(20, 0, -1))
    assert cursor_of(second) is None
    assert len(client.get("/applications", {"per_page": "500"}).json) == 120


@pytest.mark.parametrize(
    "question",
    [
        "per_page=501", "per_page=0", "per_page=x", "page=2", "limit=10", "sort=created_at",
        "cursor=nonsense", "cursor=bm9uc2Vuc2U",
        "updated_at=2026-03-01T00:00:00Z", "updated_at=gt|2026-03-01T00:00:00Z", "updated_at=gte|yesterday",
        "updated_at=gte|2026-03-01T00:00:00", "updated_at=lte|2026-03-01T00:00:00Z|gte|2026-02-01T00:00:00Z",
        "updated_at=gte|2026-03-01T00:00:00Z|lte", "last_moved_at=gte|2026-03-01T00:00:00Z",
        "ids=1,x", "ids=", "application_ids=1", "per_page=10&per_page=20",
        "ids=" + ",".join(map(str, range(1, 52))),
    ],
)  # fmt: skip
def test_whatever_is_not_documented_is_unprocessable(client: Client, question: str) -> None:
    answer = client.get(f"/applications?{question}")
    assert answer.status == 422
    assert answer.json["message"]


def test_a_cursor_with_another_parameter_or_of_another_list_is_unprocessable(client: Client) -> None:
    cursor = cursor_of(client.get("/applications"))
    assert client.get("/applications", {"cursor": cursor or "", "per_page": "100"}).status == 422
    assert client.get("/offers", {"cursor": cursor or ""}).status == 422


def test_fifty_keys_are_taken_and_pick_out_their_rows(client: Client) -> None:
    keys = ",".join(map(str, range(1, 51)))
    assert len(client.get("/applications", {"ids": keys}).json) == 50
    stays = client.get("/application_stages", {"application_ids": "3,4"}).json
    assert {row["application_id"] for row in stays} == {3, 4}


def test_windows_are_inclusive_on_both_sides_and_on_one(client: Client, town: HarvestTown) -> None:
    town.change(7, START + DAY)
    inside = f"gte|{(START + DAY).isoformat()}|lte|{(START + DAY).isoformat()}"
    assert [row["id"] for row in client.get("/applications", {"updated_at": inside}).json] == [7]
    until = f"lte|{START.isoformat()}"
    assert client.get("/applications", {"created_at": until}).json == []


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic eDp5", "Token token=x"])
def test_a_call_without_a_token_that_was_given_out_is_unauthorised(base_url: str, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    with open_client(base_url, headers, allow_private=True, limits=Limits(attempts=1)) as client:
        assert client.get("/jobs").status == 401


def test_a_token_runs_out(base_url: str, client: Client, clock: Clock) -> None:
    assert client.get("/jobs").status == 200
    clock.seconds = 601.0
    assert client.get("/jobs").status == 200, "a refused token is exchanged once"
    with opened(base_url, "wrong") as wrong, pytest.raises(Unadmitted):  # type: ignore[attr-defined]
        wrong.get("/jobs")


@pytest.mark.parametrize("form", ["", "grant_type=password", "grant_type=client_credentials&scope=all"])
def test_a_pair_is_exchanged_by_the_one_grant_only(base_url: str, form: str) -> None:
    parts = urlsplit(base_url)
    connection = http.client.HTTPConnection(parts.netloc)
    pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/v3/token", form, headers)
    assert connection.getresponse().status == 400
    connection.close()


def test_requests_are_really_counted_in_a_window_of_thirty_seconds(client: Client, clock: Clock) -> None:
    headers = client.get("/jobs").headers
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("50", "49")
    for _more in range(49):
        client.get("/jobs")
    clock.seconds = 4.0
    with pytest.raises(TryLater, match="429") as caught:
        client.get("/jobs")
    assert caught.value.after_seconds == 27, "seconds left, rounded up"
    clock.seconds = 30.0
    assert client.get("/jobs").status == 200


@pytest.mark.parametrize("path", ["/users", "/scorecards", "/eeoc"])
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status == 404


def test_planned_faults_come_when_they_are_due(client: Client, faults: Faults) -> None:
    faults.plan(Fault.HTML, on="jobs")
    faults.plan(Fault.REDIRECT, on="offers")
    faults.plan(Fault.CIRCLE, on="sources")
    with pytest.raises(Drifted, match="text/html"):
        client.get("/jobs")
    assert client.get("/offers").status == 302
    assert cursor_of(client.get("/sources")) is not None
