"""What holds for every request: who is let in, what an error looks like, limits, headers, health and figures."""

import datetime as dt
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from sqlalchemy import event

from app.access.token import Role
from app.database import Database
from app.errors import Drifted, KutsuError
from app.migration import migrate_down
from app.web.edge import DEFAULT_BODY_LIMIT, SAFETY_HEADERS, choose_language
from app.web.session import PlanSession, PseudonymKey, WriteSession
from tests.support.client import TestClient
from tests.support.plan import NOW, a_campaign, campaign_fields
from tests.web.conftest import KEY, Door


@pytest.fixture
def database_url(sqlite_file_url: str) -> str:
    """What holds before a row is looked at holds on any database: one is enough here."""
    return sqlite_file_url


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer kutsu_nobody", "Basic eDp5", "Bearer ä"]
)
def test_who_cannot_prove_who_they_are_is_told_how(door: Door, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization.encode("latin-1")}
    answer = door.stranger().get("/api/v1/campaigns", headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["type"] == "urn:kutsu:problem:unauthenticated"


def test_a_token_ends_when_it_says(door: Door) -> None:
    token = door.token(Role.VIEWER, expires_at=NOW + dt.timedelta(hours=1))
    client = TestClient(door.app, headers={"Authorization": f"Bearer {token}"})
    assert client.get("/api/v1/campaigns").status_code == 200
    door.clock = NOW + dt.timedelta(hours=1)
    assert client.get("/api/v1/campaigns").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/api/v1/campaigns/", 404, "not-found"),
        ("DELETE", "/api/v1/campaigns", 405, "method-not-allowed"),
        ("BREW", "/api/v1/campaigns", 405, "method-not-allowed"),
    ],
)
def test_unknown_addresses_and_methods_are_problems_too(
    client: TestClient, method: str, path: str, status: int, kind: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"urn:kutsu:problem:{kind}"
    if status == 405:
        assert answer.headers["allow"] == "GET, POST, HEAD, OPTIONS"


def test_options_says_what_an_address_knows(client: TestClient) -> None:
    answer = client.options("/api/v1/campaigns/1")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"


def test_head_is_get_without_the_body(door: Door, client: TestClient) -> None:
    place = f"/api/v1/campaigns/{door.make(a_campaign)}"
    head, get = client.head(place), client.get(place)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", get.headers["etag"])
    assert head.headers["content-length"] == get.headers["content-length"]
    assert client.head("/nothing").status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[", 400),
        (b"\xff\xfe", 400),
        (b"", 422),
        (b"[]", 422),
        (b"null", 422),
        (b"[" * 100_000, 400),
        (b'"\\ud800"', 422),
    ],
)
def test_a_body_that_is_no_object_is_refused(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post("/api/v1/jobs", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("value", ['"\\ud800"', '"a\\u0000b"', "NaN", "1e400", "{}", '"' + "x" * 300 + '"'])
def test_values_that_cannot_be_stored_are_refused(client: TestClient, value: str) -> None:
    given = json.dumps(campaign_fields(name="§")).replace('"\\u00a7"', value)
    answer = client.post("/api/v1/campaigns", content=given, headers={"Content-Type": "application/json"})
    assert [problem["field"] for problem in answer.json()["errors"]] == ["name"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused_whether_announced_or_not(client: TestClient, chunked: bool) -> None:
    body = b"x" * (DEFAULT_BODY_LIMIT + 1)
    pieces: Iterator[bytes] = iter([body[:1000], body[1000:]])
    answer = client.post(
        "/api/v1/campaigns", content=pieces if chunked else body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:kutsu:problem:too-large")
    assert "1048576" in answer.json()["detail"]
    assert answer.headers["x-frame-options"] == "DENY"


def test_every_answer_carries_the_safety_headers(door: Door, client: TestClient) -> None:
    for answer in (client.get("/healthz"), client.get("/nothing"), client.get("/api/v1/jobs"), client.get("/crash")):
        assert {name: answer.headers[name] for name in SAFETY_HEADERS} == SAFETY_HEADERS
        assert "script-src 'self'; style-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "private, no-cache"
        assert "strict-transport-security" not in answer.headers
    secure = TestClient(door.app, base_url="https://kutsu.example")
    assert secure.get("/healthz").headers["strict-transport-security"] == "max-age=31536000"


def broken(app: FastAPI) -> FastAPI:
    @app.get("/crash")
    def crash() -> None:
        raise ValueError("the secret inside")

    @app.get("/own")
    def own() -> None:
        raise KutsuError("the secret inside")

    @app.get("/vendor")
    def vendor() -> None:
        raise Drifted("The ATS answered in another shape.")

    @app.post("/late")
    def late(session: PlanSession) -> dict[str, Any]:
        raise_on_commit(session)
        return {"stored": True}

    return app


def raise_on_commit(session: Any) -> None:
    @event.listens_for(session, "before_commit")
    def fail(_session: object) -> None:
        raise ValueError("the disk is full")


@pytest.mark.parametrize("path", ["/crash", "/own"])
def test_an_error_of_our_own_shows_a_number_and_no_inside(
    door: Door, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    broken(door.app)
    with caplog.at_level(logging.ERROR, logger="kutsu.web"):
        answer = door.client().get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text
    (record,) = caplog.records
    number = str(record.args[0]) if isinstance(record.args, tuple) else ""
    assert number in answer.json()["detail"]


def test_another_systems_failure_is_not_ours(door: Door) -> None:
    broken(door.app)
    assert door.client().get("/vendor").status_code == 502


def test_what_could_not_be_committed_is_not_answered_as_stored(door: Door) -> None:
    broken(door.app)
    assert door.client().post("/late").status_code == 500


def test_a_route_may_ask_for_the_key_of_pseudonyms(door: Door) -> None:
    @door.app.get("/key")
    def key(pseudonym_key: PseudonymKey) -> bool:
        return pseudonym_key == KEY

    assert door.stranger().get("/key").json() is True


def test_readiness_needs_the_current_schema(door: Door) -> None:
    stranger = door.stranger()
    assert (stranger.get("/healthz").json(), stranger.get("/readyz").json()["status"]) == ({"status": "ok"}, "ready")
    migrate_down(door.database.url.render_as_string(hide_password=False))
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:kutsu:problem:not-ready")
    assert "kutsu migrate" in answer.json()["detail"]
    assert answer.headers["retry-after"] == "2"
    assert stranger.get("/healthz").status_code == 200


def test_a_store_out_of_reach_is_a_passing_problem(door: Door, tmp_path: Any) -> None:
    door.app.state.database = Database(f"sqlite:///{tmp_path}/nowhere/kutsu.db")
    answer = door.stranger().get("/api/v1/campaigns", headers={"Authorization": "Bearer kutsu_x"})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:kutsu:problem:not-ready")
    assert "nowhere" not in answer.text


def test_figures_are_kept_by_route_and_not_by_address(door: Door, client: TestClient) -> None:
    place = f"/api/v1/campaigns/{door.make(a_campaign)}"
    client.get(place)
    client.get(place)
    client.get("/nothing")
    client.request("BREW", "/elsewhere")
    figures = door.stranger().get("/metrics")
    assert figures.headers["content-type"].startswith("text/plain")
    lines = figures.text.splitlines()
    route = "/api/v1/campaigns/{campaign_id}"
    assert f'kutsu_requests_total{{method="GET",route="{route}",status="200"}} 2.0' in lines
    assert f'kutsu_request_seconds_count{{method="GET",route="{route}"}} 2.0' in lines
    assert 'kutsu_requests_total{method="any",route="unmatched",status="404"} 2.0' in lines
    assert place not in figures.text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("fi", "fi"),
        ("fi-FI,fi;q=0.9,en;q=0.8", "fi"),
        ("de, sv;q=0.5, en;q=0.4", "sv"),
        ("en;q=0.2, nb;q=0.7", "nb"),
        ("no", "nb"),
        ("fi;q=0, en", "en"),
        ("fi;q=much", "en"),
        ("*", "en"),
    ],
)
def test_the_language_is_the_best_liked_that_we_speak(accepted: str, language: str) -> None:
    assert choose_language(accepted) == language


def test_the_description_names_every_problem_and_every_route_says_what_it_does(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    assert described == client.get("/openapi.json").json()
    assert {"ProblemDocument", "FieldProblem"} <= described["components"]["schemas"].keys()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert operation["description"], (method, path)
            if path.startswith("/api/"):
                assert {"401", "422", "503"} <= operation["responses"].keys(), (method, path)
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], (method, path, status)


def test_an_answer_that_breaks_off_is_not_taken_for_whole(door: Door) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"begun"
        raise ValueError("halfway")

    @door.app.get("/halfway")
    def halfway() -> StreamingResponse:
        return StreamingResponse(pieces())

    with pytest.raises(ValueError, match="halfway"):
        door.stranger().get("/halfway")


def test_a_route_that_machines_write_to_commits_once(door: Door) -> None:
    @door.app.post("/machine")
    def write(session: WriteSession) -> str:
        return str(a_campaign(session).id)

    written = door.client(Role.SERVICE).post("/machine").json()
    assert door.client().get(f"/api/v1/campaigns/{written}").status_code == 200
