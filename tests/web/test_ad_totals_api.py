"""`/api/v1/ad-totals`: a file is taken in whole or not at all, as its sender may."""

import pytest

from app.access.token import Role
from tests.intake.ad_files import GOOGLE, workbook
from tests.support.plan import a_placement
from tests.web.conftest import Door

HERE = "/api/v1/ad-totals"


def test_a_machine_sends_a_file_and_takes_it_back(door: Door) -> None:
    machine = door.client(Role.SERVICE)
    assert machine.get(HERE).json() == {"imports": [], "unmatched": []}
    rehearsed = machine.post(HERE, content=GOOGLE.encode(), params={"dry_run": True})
    assert rehearsed.status_code == 201 and machine.get(HERE).json()["imports"] == []
    sent = machine.post(HERE, content=GOOGLE.encode(), params={"name": "march.csv", "account": "City"})
    assert sent.status_code == 201, sent.text
    told = sent.json()
    assert told["spent"] == {"amount": "1254.50", "currency": "EUR"}
    assert (told["platform"], told["state"], told["count"], told["sums_left_out"]) == ("google", "kept", 3, 2)
    assert told["columns_left_out"] == []
    assert (told["replaced"], told["gone"], told["unmatched"]) == (0, [], ["Doctors | search", "Nurses"])
    again = machine.post(HERE, content=GOOGLE.encode(), params={"account": "City"})
    assert again.status_code == 409 and "All of this is here already" in again.json()["detail"]
    (one,) = machine.get(HERE).json()["imports"]
    assert machine.post(f"{HERE}/{one['id']}/undo").json()["state"] == "undone"
    assert machine.get(HERE).json()["unmatched"] == []
    wider = GOOGLE.replace("Conversions", "Reach").encode()
    assert machine.post(HERE, content=wider).json()["columns_left_out"] == ["Reach"]
    assert machine.get(HERE).json()["imports"][0]["columns_left_out"] == ["Reach"]


def test_an_alias_of_an_ad_leads_to_a_placement_and_to_no_channel(door: Door) -> None:
    door.client(Role.SERVICE).post(HERE, content=GOOGLE.encode())
    placement = door.make(a_placement)
    client = door.client()
    given = {"kind": "ad", "observed": "Doctors  | SEARCH", "placement_id": placement}
    assert client.post("/api/v1/source-aliases", json=given).json()["observed"] == "doctors | search"
    assert [one["campaign"] for one in client.get(HERE).json()["unmatched"]] == ["Nurses"]
    channel = client.get(f"/api/v1/placements/{placement}").json()["channel_id"]
    wrong = client.post("/api/v1/source-aliases", json={"kind": "ad", "observed": "x", "channel_id": channel})
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["field"] == "placement_id"


def test_a_refused_file_names_each_row_and_stores_nothing(door: Door) -> None:
    machine = door.client(Role.SERVICE)
    body = workbook([["Wann", "Campaign", "Cost"], ["2026-03-01", "A", "many"]])
    said = {"day": "wann", "currency": "EUR"}
    refused = machine.post(HERE, content=body, params=said)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"field": "rows[2].spend", "message": "Row 2, “Cost”: “many” is no number from 0 on."}
    ]  # fmt: skip
    assert machine.get(HERE).json()["imports"] == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MARKETER])
def test_who_may_not_send_observations_sends_no_file(door: Door, role: Role) -> None:
    client = door.client(role)
    assert client.post(HERE, content=GOOGLE.encode()).status_code == 403
    assert client.get(HERE).status_code == 200


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(door: Door) -> None:
    machine = door.client(Role.SERVICE)
    assert machine.post(HERE, content=b"x", headers={"content-length": str(18 * 1024 * 1024)}).status_code == 413
