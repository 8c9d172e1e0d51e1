"""Webhooks over the API: secrets are added and dropped, and deliveries that wait are listed and taken up again."""

import uuid

import pytest

from app.access.token import Role
from app.database import to_micros
from app.intake.inbox import PROJECT, InboxRow, State, Trust, day_of
from app.intake.sealing import Sealer
from app.intake.vendors import connect
from app.tasks.task import find_open
from tests.intake.signing import sign_standard
from tests.support.client import TestClient
from tests.support.plan import NOW
from tests.web.conftest import Door

BODY = b"[]"


@pytest.fixture
def client(door: Door) -> TestClient:
    return door.client(Role.ADMINISTRATOR)


@pytest.fixture
def id(door: Door) -> uuid.UUID:
    with door.database.writing(door.ours) as session:
        return connect(session, "standard", "Own", "any", {}, sealer=Sealer([b"k" * 32]), now=NOW).id


@pytest.fixture
def place(id: uuid.UUID) -> str:
    return f"/api/v1/connections/{id}/webhooks"


def test_a_secret_is_made_shown_once_and_vouches_at_once(door: Door, client: TestClient, place: str) -> None:
    assert client.get(place).json()["scheme"] is None
    made = client.post(f"{place}/secrets", json={}).json()
    headers = dict(sign_standard(BODY, made["secret"], at=NOW))
    assert client.post(made["path"], content=BODY, headers=headers).status_code == 202
    found = client.get(place).json()
    assert (found["scheme"], [one["which"] for one in found["secrets"]]) == ("standard", ["only"])
    assert made["secret"] not in client.get(place).text


def test_a_change_of_secrets_is_ended_or_taken_back(client: TestClient, place: str) -> None:
    for _again in range(2):
        assert client.post(f"{place}/secrets", json={}).status_code == 201
    assert client.post(f"{place}/secrets", json={}).status_code == 409
    found = client.get(place).json()
    assert [one["which"] for one in found["secrets"]] == ["older", "newer"]
    assert found["change"] == "No delivery has come by the newer secret yet: keep both."
    assert client.delete(f"{place}/secrets/newer").status_code == 204
    assert client.delete(f"{place}/secrets/older").status_code == 409
    assert client.delete(place).status_code == 204
    assert client.get(place).json()["secrets"] == []


def test_a_secret_that_is_refused_is_named(client: TestClient, place: str) -> None:
    answer = client.post(f"{place}/secrets", json={"secret": "short"})
    assert answer.status_code == 422
    assert "secret" in [one["field"] for one in answer.json()["errors"]]


def wait_in_vain(door: Door, connection_id: uuid.UUID, number: int) -> uuid.UUID:
    at, id = to_micros(NOW) + number, uuid.uuid4()
    with door.database.writing(door.ours) as session:
        session.add(InboxRow(
            id=id, connection_id=connection_id, delivery_key=bytes([number]) * 32, body_digest=bytes([number]) * 32,
            received_at=at, day=day_of(at), headers={}, body=b"sealed", trust=Trust.LATE.value,
            state=State.DEAD.value, reason=f"why {number}", tries=1, due_at=at, projected_at=at,
        ))  # fmt: skip
    return id


def test_deliveries_that_wait_are_listed_with_reasons_and_taken_up_again_one_or_all(
    door: Door, client: TestClient, id: uuid.UUID, place: str
) -> None:
    ids = [wait_in_vain(door, id, number) for number in (1, 2, 3)]
    found = client.get(f"{place}/waiting", params={"limit": 2}).json()
    assert (found["total"], [one["reason"] for one in found["items"]]) == (3, ["why 3", "why 2"])
    assert client.post(f"{place}/retry", json={"delivery": str(ids[0])}).json() == {"taken_up": 1}
    assert client.post(f"{place}/retry", json={"delivery": str(ids[0])}).json() == {"taken_up": 0}
    assert client.post(f"{place}/retry", json={}).json() == {"taken_up": 2}
    assert client.get(f"{place}/waiting").json() == {"items": [], "total": 0}
    with door.database.reading(door.ours) as session:
        assert find_open(session, PROJECT, "") is not None


def test_only_an_administrator_may_do_any_of_it(door: Door, place: str) -> None:
    marketer = door.client(Role.MARKETER)
    assert marketer.get(place).status_code == marketer.get(f"{place}/waiting").status_code == 403
    for address in (f"{place}/secrets", f"{place}/retry"):
        assert marketer.post(address, json={}).status_code == 403
