"""The stand-in speaks the documented protocol: its answers have the documented shapes, and it refuses the rest."""

import datetime as dt
import http.client
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest

from app.demo.ats import KEY, serving
from app.demo.faults import Fault, Faults
from app.demo.stand_in import RateLimit
from app.errors import Drifted, TryLater
from app.outbound import Answer, Client, Limits, open_client
from tests.intake.town import DAY, REJECTED, START, Town

VERSION = "20240904"
HEADERS = {"Authorization": f"Token token={KEY}", "X-Api-Version": VERSION}


@dataclass
class Clock:
    """Seconds that pass only when they are told to."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town() -> Town:
    town = Town()
    town.fill(65)
    town.apply(66, START + DAY, referring_url="https://a.example/?utm_content=h7k2mq", referring_site="LinkedIn")
    town.move(66, 5, START + 2 * DAY)
    town.reject(65, START + 3 * DAY, REJECTED)
    return town


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def base_url(town: Town, faults: Faults, clock: Clock) -> Iterator[str]:
    rate = RateLimit(requests=50, seconds=10, clock=clock)
    with serving(lambda: town.world, faults, rate=rate, clock=lambda: town.now) as url:
        yield url


@pytest.fixture
def client(base_url: str) -> Iterator[Client]:
    with open_client(base_url, HEADERS, allow_private=True, limits=Limits(attempts=1)) as client:
        yield client


def ask(base_url: str, path: str, headers: dict[str, str]) -> Answer:
    with open_client(base_url, headers, allow_private=True, limits=Limits(attempts=1)) as client:
        return client.get(path)


def detail(answer: Answer) -> str:
    (error,) = answer.json["errors"]
    assert error["status"] == str(answer.status)
    assert error["title"]
    return str(error["detail"])


@pytest.mark.parametrize("authorization", [None, "Token token=wrong", f"Bearer {KEY}", KEY])
def test_a_wrong_key_is_unauthorised(base_url: str, authorization: str | None) -> None:
    headers = {"X-Api-Version": VERSION, **({"Authorization": authorization} if authorization else {})}
    assert ask(base_url, "/jobs", headers).status == 401


@pytest.mark.parametrize("version", [None, "20210218", "latest"])
def test_a_missing_or_unknown_version_is_not_acceptable_and_the_current_one_is_named(
    base_url: str, version: str | None
) -> None:
    headers = {"Authorization": HEADERS["Authorization"], **({"X-Api-Version": version} if version else {})}
    answer = ask(base_url, "/jobs", headers)
    assert answer.status == 406
    assert VERSION in detail(answer)


@pytest.mark.parametrize(
    ("question", "parameter"),
    [
        ("page[size]=31", "page[size]"),
        ("page[size]=0", "page[size]"),
        ("page[number]=x", "page[number]"),
        ("page=2", "page"),
        ("limit=10", "limit"),
        ("include=candidate,referrals", "include"),
        ("include=", "include"),
        ("sort=changed-stage-at", "sort"),
        ("sort=name", "sort"),
        ("filter[status]=all", "filter[status]"),
        ("filter[created-at]=2026-01-01", "filter[created-at]"),
        ("filter[created-at][from]=yesterday", "filter[created-at][from]"),
        ("filter[created-at][from]=2026-01-01T00:00:00", "filter[created-at][from]"),
        ("sort=created_at&sort=updated_at", "sort"),
    ],
)
def test_whatever_is_not_documented_is_a_bad_request_that_names_the_parameter(
    client: Client, question: str, parameter: str
) -> None:
    answer = client.get(f"/job-applications?{question}")
    assert answer.status == 400
    assert answer.json["errors"][0]["source"] == {"parameter": parameter}


def test_a_single_record_takes_no_filter(client: Client) -> None:
    assert client.get("/job-applications/1?sort=created_at").status == 400
    assert client.get("/job-applications/1", {"include": "stage"}).status == 200


@pytest.mark.parametrize("path", ["/activities", "/departments", "/users", "/job-applications/4711", "/jobs/x"])
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status == 404


def test_a_read_key_writes_nothing(base_url: str) -> None:
    host = urlsplit(base_url).netloc
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        connection = http.client.HTTPConnection(host)
        connection.request(method, "/v1/candidates/1", headers=HEADERS)
        assert connection.getresponse().status == 403
        connection.close()


def test_an_application_has_the_documented_attributes_in_kebab_case(client: Client) -> None:
    answer = client.get("/job-applications/66")
    assert answer.headers["content-type"] == "application/vnd.api+json"
    assert answer.headers["x-api-version"] == VERSION
    record = answer.json["data"]
    assert (record["id"], record["type"]) == ("66", "job-applications")
    assert record["attributes"] == {
        "created-at": "2026-03-03T11:00:00.000+02:00",
        "updated-at": "2026-03-04T11:00:00.000+02:00",
        "changed-stage-at": "2026-03-04T11:00:00.000+02:00",
        "rejected-at": None,
        "sourced": False,
        "referring-url": "https://a.example/?utm_content=h7k2mq",
        "referring-site": "LinkedIn",
        "cover-letter": "",
    }


def test_a_relationship_has_data_only_when_it_was_asked_for(client: Client) -> None:
    plain = client.get("/job-applications/65").json
    assert "included" not in plain
    for relationship in plain["data"]["relationships"].values():
        assert relationship.keys() == {"links"}
    rich = client.get("/job-applications/65", {"include": "candidate,reject-reason"}).json
    relationships = rich["data"]["relationships"]
    assert relationships["candidate"]["data"] == {"type": "candidates", "id": "65"}
    assert relationships["reject-reason"]["data"] == {"type": "reject-reasons", "id": "1"}
    assert "data" not in relationships["stage"]
    assert {(one["type"], one["id"]) for one in rich["included"]} == {("candidates", "65"), ("reject-reasons", "1")}


def test_what_points_nowhere_has_empty_data(client: Client) -> None:
    rich = client.get("/job-applications/66", {"include": "reject-reason"}).json
    assert rich["data"]["relationships"]["reject-reason"]["data"] is None
    assert rich["included"] == []


def test_every_resource_has_its_documented_attributes(client: Client) -> None:
    (job,) = client.get("/jobs", {"include": "department,stages"}).json["data"]
    assert job["attributes"].keys() == {
        "title", "status", "human-status", "internal", "tags", "created-at", "updated-at", "start-date", "end-date",
    }  # fmt: skip
    assert job["relationships"]["stages"]["data"] == [{"type": "stages", "id": str(id)} for id in range(1, 7)]
    stages = client.get("/stages", {"include": "job"}).json["data"]
    assert stages[0]["attributes"] == {"name": "Saapuneet", "stage-type": "Inbox", "row-order": 0}
    assert stages[0]["relationships"]["job"]["data"]["id"] == "1"
    (_own, wish) = client.get("/reject-reasons").json["data"]
    assert wish["attributes"] == {"reason": "Vetäytyi itse", "rejected-by-company": False}
    candidate = client.get("/candidates/66", {"include": "job-applications"}).json["data"]
    assert {"email", "sourced", "referred", "connected", "internal", "unsubscribed", "referring-site"} <= candidate[
        "attributes"
    ].keys()
    assert candidate["relationships"]["job-applications"]["data"] == [{"type": "job-applications", "id": "66"}]


def test_a_list_has_ten_records_a_page_unless_asked_and_links_to_its_neighbours(client: Client) -> None:
    first = client.get("/job-applications").json
    assert len(first["data"]) == 10
    assert first["meta"] == {"record-count": 66, "page-count": 7}
    assert first["links"].keys() == {"first", "last", "next"}
    second = client.get(first["links"]["next"]).json
    assert second["links"].keys() == {"first", "prev", "next", "last"}
    last = client.get(first["links"]["last"]).json
    assert len(last["data"]) == 6
    assert "next" not in last["links"]


def test_an_empty_list_has_one_page(client: Client) -> None:
    empty = client.get("/job-applications", {"filter[created-at][from]": "2030-01-01T00:00:00Z"}).json
    assert (empty["data"], empty["meta"]) == ([], {"record-count": 0, "page-count": 0})
    assert "next" not in empty["links"]


def walk(client: Client, params: dict[str, str]) -> list[int]:
    answer = client.get("/job-applications", {"page[size]": "30", **params})
    assert answer.status == 200
    ids = [int(record["id"]) for record in answer.json["data"]]
    while link := answer.json["links"].get("next"):
        answer = client.get(link)
        ids += [int(record["id"]) for record in answer.json["data"]]
    return ids


def test_windows_are_inclusive_and_sorts_are_applied(client: Client) -> None:
    bounds = {
        "filter[created-at][from]": (START + dt.timedelta(minutes=10)).isoformat(),
        "filter[created-at][to]": (START + dt.timedelta(minutes=50)).isoformat(),
    }
    assert walk(client, {**bounds, "sort": "created_at"}) == list(range(10, 51))
    assert walk(client, {**bounds, "sort": "-created_at"}) == list(range(50, 9, -1))
    assert walk(client, bounds) == list(range(50, 9, -1)), "the newest come first unless asked"
    assert walk(client, {"sort": "updated_at"})[-2:] == [66, 65]


def test_what_was_never_moved_is_in_no_window_of_moves(client: Client) -> None:
    assert walk(client, {"filter[changed-stage-at][from]": START.isoformat()}) == [66]
    assert walk(client, {"filter[changed-stage-at][to]": (START + DAY).isoformat()}) == []


def test_stages_are_filtered_by_their_type(client: Client) -> None:
    assert walk(client, {"filter[stage-type]": "Hired"}) == [66]


def test_jobs_that_are_not_published_are_listed_only_when_asked_for(client: Client, town: Town) -> None:
    (job,) = town.world.jobs
    town.world = replace(town.world, jobs=(job, replace(job, id=2, status="archived", stages=(), department=None)))
    assert len(client.get("/jobs").json["data"]) == 1
    assert len(client.get("/jobs", {"filter[status]": "all"}).json["data"]) == 2
    assert [job["id"] for job in client.get("/jobs", {"filter[status]": "archived"}).json["data"]] == ["2"]
    assert client.get("/jobs", {"filter[status]": "open"}).status == 400


def test_requests_are_really_counted(base_url: str, clock: Clock) -> None:
    with open_client(base_url, HEADERS, allow_private=True, limits=Limits(attempts=1)) as client:
        headers = client.get("/jobs").headers
        assert (headers["x-rate-limit-limit"], headers["x-rate-limit-remaining"]) == ("50", "49")
        for _more in range(49):
            assert client.get("/jobs").status == 200
        clock.seconds = 4.0
        with pytest.raises(TryLater, match="429") as caught:
            client.get("/jobs")
        assert caught.value.after_seconds == 7, "seconds left until the first is forgotten, rounded up"
        clock.seconds = 10.0
        assert client.get("/jobs").status == 200


def test_answers_are_dated_by_the_stand_ins_clock(client: Client, town: Town) -> None:
    town.now = START
    assert client.get("/jobs").headers["date"] == "Mon, 02 Mar 2026 09:00:00 GMT"


def test_a_planned_fault_comes_when_it_is_due_and_passes(client: Client, faults: Faults) -> None:
    faults.plan(Fault.HTML, on="jobs", after=1)
    faults.plan(Fault.BROKEN, on="stages")
    assert client.get("/jobs").status == 200
    with pytest.raises(Drifted, match="text/html"):
        client.get("/jobs")
    assert client.get("/jobs").status == 200
    with pytest.raises(TryLater, match="status 500"):
        client.get("/stages")


def test_a_fixed_world_may_be_served_too(town: Town) -> None:
    with serving(town.world) as url:
        assert ask(url, "/jobs", HEADERS).json["meta"]["record-count"] == 1
