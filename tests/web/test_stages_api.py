"""Stage maps over the API: read under an ETag, changed by name, taken back."""

import pytest

from app.access.token import Role
from app.funnel.stage import Stage, StageMapping
from app.intake.connection import Connection
from app.intake.sealing import Sealer
from app.intake.vendors import connect
from tests.support.client import TestClient
from tests.support.plan import NOW
from tests.web.conftest import Door


@pytest.fixture
def place(door: Door) -> str:
    """Where the map of a connection with two stages stands."""
    with door.database.writing(door.ours) as session:
        connection: Connection = connect(
            session, "teamtailor", "ATS", "eu", {"key": "k"}, sealer=Sealer([b"k" * 32]), now=NOW
        )
        system = connection.system
        session.add(StageMapping(system=system, stage_ref="3", name="Haastattelu", stage=Stage.INTERVIEW, position=1))
        session.add(StageMapping(system=system, stage_ref="6", name="Odottaa lupaa", vendor_type="In process"))
        return f"/api/v1/connections/{connection.id}/stages"


@pytest.fixture
def client(door: Door) -> TestClient:
    return door.client(Role.ADMINISTRATOR)


def test_a_map_is_read_changed_and_taken_back_under_its_etag(client: TestClient, place: str) -> None:
    read = client.get(place)
    assert (read.status_code, read.headers["etag"]) == (200, '"1"')
    assert read.json() == {
        "revision": 1,
        "undoes_from": None,
        "stages": [
            {
                "name": "Odottaa lupaa", "refs": ["6"], "vendor_type": "In process", "stage": None,
                "decided_by": "proposal", "proposed": None, "several": False, "events": 0, "applications": 0,
            },
            {
                "name": "Haastattelu", "refs": ["3"], "vendor_type": None, "stage": "interview",
                "decided_by": "proposal", "proposed": "interview", "several": False, "events": 0, "applications": 0,
            },
        ],
    }  # fmt: skip
    assert client.get(place, headers={"If-None-Match": '"1"'}).status_code == 304
    given = {"stages": {"Odottaa lupaa": "none", "haastattelu": "screened"}}
    changed = client.patch(place, json=given, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    told = changed.json()
    assert (told["changed"], told["applications_counted_anew"], told["undoes_from"]) == (2, 0, "2026-03-01T09:00:00Z")
    assert {one["name"]: (one["stage"], one["decided_by"]) for one in told["stages"]} == {
        "Odottaa lupaa": ("none", "person"), "Haastattelu": ("screened", "person"),
    }  # fmt: skip
    back = client.post(f"{place}/undo", headers={"If-Match": '"2"'})
    assert back.json()["stages"] == read.json()["stages"]


def test_a_change_that_is_stale_wrong_or_of_no_revision_changes_nothing(client: TestClient, place: str) -> None:
    given = {"stages": {"Haastattelu": "offer"}}
    assert client.patch(place, json=given).status_code == 428
    assert client.patch(place, json=given, headers={"If-Match": '"7"'}).status_code == 412
    assert client.post(f"{place}/undo", headers={"If-Match": '"1"'}).status_code == 409
    wrong = client.patch(place, json={"stages": {"Haastattelu": "ofer", "Loppu": "offer"}}, headers={"If-Match": "*"})
    assert (wrong.status_code, [one["field"] for one in wrong.json()["errors"]]) == (
        422, ["stages.Haastattelu", "stages.Loppu"],
    )  # fmt: skip
    assert client.patch(place, json={"stage": {}}, headers={"If-Match": "*"}).status_code == 422
    assert client.get(place).headers["etag"] == '"1"'
