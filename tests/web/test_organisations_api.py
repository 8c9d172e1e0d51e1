"""An administrator keeps the units of the own organisation; every other's might as well not be there."""

import uuid
from typing import Any

import pytest

from app.access.audit_reading import AuditFilter, all_entries
from app.access.token import Role
from tests.support.client import TestClient
from tests.support.plan import NOW, a_channel, channel_fields
from tests.web.conftest import Door

UNITS = 24
PATH = "/api/v1/organisations"


@pytest.fixture
def admin(door: Door) -> TestClient:
    return door.client(Role.ADMINISTRATOR)


@pytest.fixture
def units(admin: TestClient) -> list[str]:
    """The ids of 24 units."""
    return [found(admin, f"Unit {number:02}")["id"] for number in range(UNITS)]


def found(client: TestClient, name: str, **rest: Any) -> dict[str, Any]:
    answer = client.post(PATH, json={"name": name, **rest})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_units_are_founded_and_listed_below_ones_own(door: Door, admin: TestClient, units: list[str]) -> None:
    ward = found(admin, "Ward", parent_id=units[3], locale="sv")
    listed = admin.get(PATH).json()
    assert [one["name"] for one in listed] == ["Harbour Town", *(f"Unit {n:02}" for n in range(UNITS)), "Ward"]
    assert (ward["parent_id"], ward["locale"]) == (units[3], "sv")
    assert admin.get(f"{PATH}/{ward['id']}").json() == ward
    strangers = door.client(Role.ADMINISTRATOR, door.theirs).get(PATH).json()
    assert [one["name"] for one in strangers] == ["Inland"]


def test_a_foreign_organisation_is_not_there_whatever_is_asked_of_it(
    door: Door, admin: TestClient, units: list[str]
) -> None:
    stranger = door.client(Role.ADMINISTRATOR, door.theirs)
    in_unit = door.client(Role.ADMINISTRATOR, uuid.UUID(units[0]))
    for client, asked in (
        (stranger, units[0]),
        (admin, str(door.theirs)),
        (in_unit, str(door.ours)),
        (in_unit, units[1]),
    ):
        assert client.get(f"{PATH}/{asked}").status_code == 404
        assert client.patch(f"{PATH}/{asked}", json={"name": "Mine"}).status_code == 404
        assert client.post(PATH, json={"name": "Mine", "parent_id": asked}).status_code == 404
    assert [one["id"] for one in in_unit.get(PATH).json()] == [units[0]]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_keep_units(door: Door, role: Role) -> None:
    client = door.client(role)
    calls = [
        client.get(PATH), client.post(PATH, json={"name": "Mine"}), client.get(f"{PATH}/{door.ours}"),
        client.patch(f"{PATH}/{door.ours}", json={}), client.get(f"{PATH}/departments"),
        client.put(f"{PATH}/departments", json={"system": "hr", "units": {}}),
    ]  # fmt: skip
    assert [call.status_code for call in calls] == [403] * len(calls)


def test_an_organisation_is_changed_field_by_field(admin: TestClient, units: list[str]) -> None:
    changed = admin.patch(f"{PATH}/{units[0]}", json={"name": "Harbour", "shares_channels": True}).json()
    assert (changed["name"], changed["shares_channels"], changed["shares_claims"]) == ("Harbour", True, False)
    assert admin.patch(f"{PATH}/{units[0]}", json={"name": "Unit 01"}).status_code == 409
    assert admin.patch(f"{PATH}/{units[0]}", json={"time_zone": "Mars"}).status_code == 422
    assert admin.patch(f"{PATH}/{units[0]}", json={"parent_id": units[1]}).status_code == 422


def test_a_unit_reads_a_shared_channel_and_may_not_change_it(door: Door, admin: TestClient, units: list[str]) -> None:
    channel = door.make(a_channel)
    in_unit = door.client(Role.MARKETER, uuid.UUID(units[0]))
    assert in_unit.get(f"/api/v1/channels/{channel}").status_code == 404
    admin.patch(f"{PATH}/{door.ours}", json={"shares_channels": True})
    shown = in_unit.get(f"/api/v1/channels/{channel}")
    assert shown.status_code == 200
    etag = {"If-Match": shown.headers["ETag"]}
    refused = in_unit.put(f"/api/v1/channels/{channel}", json=channel_fields(), headers=etag)
    assert refused.status_code == 403
    assert "make one of your own" in refused.json()["detail"]
    assert in_unit.delete(f"/api/v1/channels/{channel}", headers=etag).status_code == 403
    strangers = door.client(Role.MARKETER, door.theirs)
    assert strangers.get(f"/api/v1/channels/{channel}").status_code == 404


def test_applications_are_placed_by_department_and_counted_by_unit(
    door: Door, admin: TestClient, units: list[str]
) -> None:
    door.clock = NOW
    sent = [
        {"id": f"a{n}", "kind": "application", "at": "2026-02-01T09:00:00Z", "person": f"p{n}", "application": f"x{n}",
         "attributes": {"unit": f"Department {n}"}}
        for n in range(UNITS)
    ]  # fmt: skip
    sender = door.client(Role.SERVICE)
    assert sender.post("/api/v1/observations", json=sent).json()["accepted"] == UNITS
    rule = {f"department {n}": unit for n, unit in enumerate(units[:-1])}
    placed = admin.put(f"{PATH}/departments", json={"system": "system:tests", "units": rule})
    assert placed.status_code == 200, placed.text
    assert admin.get(f"{PATH}/departments").json() == placed.json()
    assert sum(1 for one in placed.json() if one["unit_id"]) == UNITS - 1

    few = TestClient(
        door.app, headers={"Authorization": f"Bearer {door.token(Role.ADMINISTRATOR, sees_small_counts=False)}"}
    )
    assert few.get(f"{PATH}/departments").json() == [one | {"applications": None} for one in placed.json()]

    def applications(client: TestClient, **asked: str) -> int:
        answer = client.get("/api/v1/reports/effectiveness", params=asked)
        assert answer.status_code == 200, answer.text
        count: int = answer.json()["totals"]["applications"]
        return count

    assert applications(admin) == UNITS
    assert applications(admin, include_units="false") == 1
    each = [applications(door.client(Role.VIEWER, uuid.UUID(unit))) for unit in units]
    assert each == [1] * (UNITS - 1) + [0]
    assert applications(door.client(Role.VIEWER, door.theirs)) == 0


def test_a_rule_to_a_foreign_unit_is_refused(door: Door, admin: TestClient) -> None:
    for foreign in (door.theirs, door.ours, uuid.UUID(int=1)):
        rule = {"system": "system:tests", "units": {"North": str(foreign)}}
        assert admin.put(f"{PATH}/departments", json=rule).status_code == 422


def test_who_gives_a_rule_is_told_row_by_row_and_once(door: Door, admin: TestClient, units: list[str]) -> None:
    def give(rule: dict[str, str]) -> None:
        assert admin.put(f"{PATH}/departments", json={"system": "hr", "units": rule}).status_code == 200

    give({"North": units[0], "South": units[1]})
    give({"north ": units[0], "South": units[2]})
    give({"South": units[2]})
    with door.database.reading(door.ours) as session:
        told = list(all_entries(session, AuditFilter(noun="unit_mapping")))
        assert [(str(one.action), one.noun_id, one.fields) for one in told] == [
            ("created", "hr:north", []),
            ("created", "hr:south", []),
            ("changed", "hr:south", ["unit_id"]),
            ("deleted", "hr:north", []),
        ]
        assert {one.actor_kind for one in told} == {"token"}
