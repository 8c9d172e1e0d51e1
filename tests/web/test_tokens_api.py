"""Tokens over the API: made and shown once, listed without their secret, ended for good; their use is kept."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import event

from app.access.audit import Action
from app.access.audit_reading import AuditFilter, all_entries
from app.access.organisation import get_organisation
from app.access.refusal import list_refusals
from app.access.token import Role, list_tokens
from tests.support.client import TestClient
from tests.support.plan import NOW
from tests.web.conftest import Door


def bearer(door: Door, secret: str) -> TestClient:
    return TestClient(door.app, headers={"Authorization": f"Bearer {secret}"})


def test_an_administrator_makes_a_token_sees_it_once_and_ends_it(door: Door) -> None:
    admin = door.client(Role.ADMINISTRATOR)
    given = {"system": "hr", "role": "service", "expires_at": "2026-04-01T00:00:00Z"}
    made = admin.post("/api/v1/tokens", json=given)
    assert made.status_code == 201
    secret, key = made.json()["token"], made.json()["id"]
    assert made.json()["scopes"] == ["observations:write", "plan:read", "reports:read"]
    assert bearer(door, secret).get("/api/v1/jobs").status_code == 200
    listed = admin.get("/api/v1/tokens")
    assert [one["system"] for one in listed.json()["items"]] == ["hr", "tests"]
    assert secret not in listed.text
    assert admin.delete(f"/api/v1/tokens/{key}").status_code == 204
    assert admin.delete(f"/api/v1/tokens/{key}").status_code == 204
    assert bearer(door, secret).get("/api/v1/jobs").status_code == 401
    ended = next(one for one in admin.get("/api/v1/tokens").json()["items"] if one["id"] == key)
    assert ended["revoked_at"] == "2026-03-01T09:00:00Z"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"system": " "}, "system"),
        ({"role": "king"}, "role"),
        ({"scopes": ["plan:write"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"expires_at": "2026-01-01T00:00:00Z"}, "expires_at"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_a_wrong_field_is_refused_and_named(door: Door, changes: dict[str, object], field: str) -> None:
    given = {"system": "hr", "role": "viewer", **changes}
    answer = door.client(Role.ADMINISTRATOR).post("/api/v1/tokens", json=given)
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field])


def last_use(door: Door) -> dt.datetime | None:
    with door.database.reading(door.ours) as session:
        return list_tokens(session)[0].last_used_at


def test_the_use_of_a_token_is_kept_to_the_minute_and_moves_no_report(door: Door) -> None:
    def version() -> int:
        with door.database.reading(door.ours) as session:
            return get_organisation(session, door.ours).data_version

    client = door.client(Role.VIEWER)
    before = version()
    written: list[str] = []

    @event.listens_for(door.database.engine, "before_cursor_execute")
    def see(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE api_token"):
            written.append(statement)

    assert last_use(door) is None
    for seconds, kept in ((0, 0), (59, 0), (60, 60), (61, 60)):
        door.clock = NOW + dt.timedelta(seconds=seconds)
        assert client.get("/api/v1/jobs").status_code == 200
        assert last_use(door) == NOW + dt.timedelta(seconds=kept)
    assert (len(written), version()) == (2, before)


def test_a_store_that_takes_nothing_in_still_answers_who_only_reads(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    client = door.client(Role.VIEWER)

    @event.listens_for(door.database.engine, "checkout")
    def only_read(connection: Any, *_rest: object) -> None:
        sqlite = door.database.is_sqlite
        connection.execute("PRAGMA query_only=ON" if sqlite else "SET default_transaction_read_only = on")
        connection.commit()

    assert client.get("/api/v1/jobs").status_code == 200
    assert "could not be noted" in caplog.text


def test_what_a_token_changes_and_takes_along_is_told_under_its_name(door: Door) -> None:
    client = door.client(Role.MARKETER)
    fields = {"name": "Trams", "kind": "out_of_home", "cost_model": "per_period"}
    channel = client.post("/api/v1/channels", json=fields).json()
    place = f"/api/v1/channels/{channel['id']}"
    client.patch(place, json={"name": "Buses"}, headers={"If-Match": "*"})
    client.delete(place, headers={"If-Match": "*"})
    for minutes in (0, 30, 61):
        door.clock = NOW + dt.timedelta(minutes=minutes)
        client.get("/api/v1/reports/funnel")
    with door.database.reading(door.ours) as session:
        told = [
            (one.actor_kind, one.actor_name, one.action, one.noun_id)
            for one in all_entries(session, AuditFilter(actor="tests"))
        ]
    assert told == [
        ("token", "tests", "created", channel["id"]),
        ("token", "tests", "changed", channel["id"]),
        ("token", "tests", "deleted", channel["id"]),
        ("token", "tests", "exported", "funnel.json"),
        ("token", "tests", "exported", "funnel.json"),
    ]


def test_a_token_that_has_ended_is_told_when_it_is_tried_and_seldom_after_that(door: Door) -> None:
    admin = door.client(Role.ADMINISTRATOR)
    made = admin.post("/api/v1/tokens", json={"system": "hr", "role": "viewer"}).json()
    assert admin.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    for secret in [made["token"]] * 11 + ["kutsu_made-up"] * 3:
        answer = bearer(door, secret).get("/api/v1/jobs")
        assert (answer.status_code, answer.json()["detail"][:20]) == (401, "The token is unknown")
    with door.database.reading(door.ours) as session:
        told = list(all_entries(session, AuditFilter(action=Action.REFUSED)))
        assert [(one.actor_name, one.noun, one.noun_id, one.fields) for one in told] == [
            ("hr", "api_token", made["id"], [times]) for times in ("times:1", "times:10")
        ]


def test_made_up_tokens_are_counted_by_the_hour_and_not_one_of_them_is_kept(door: Door) -> None:
    def counted() -> list[tuple[str, int]]:
        with door.database.reading() as session:
            return [(one.kind, one.count) for one in list_refusals(session, 9)]

    assert [bearer(door, f"kutsu_secret-{n}").get("/api/v1/jobs").status_code for n in range(5)] == [401] * 5
    assert counted() == [("token", 4)]
    door.clock += dt.timedelta(hours=1)
    assert bearer(door, "kutsu_secret-5").get("/api/v1/jobs").status_code == 401
    assert counted() == [("token", 1), ("token", 5)]
    assert door.stranger().get("/api/v1/jobs").status_code == 401
    assert counted() == [("token", 1), ("token", 5)], "who sends none made none up"
