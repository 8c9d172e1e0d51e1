"""What is told of a request over the API that is refused: all that is wrong in one round, of its form and of the plan,
and nothing that only follows from something else that is told."""

from typing import Any

from app.planning.asset import AssetIn
from app.planning.campaign import CampaignIn
from app.planning.placement import PlacementIn
from tests.support.client import TestClient
from tests.support.plan import a_campaign, a_channel, a_live_placement, a_persona, a_placement, an_asset
from tests.web.conftest import Door

KNOWN = {"placements": PlacementIn.model_fields, "campaigns": CampaignIn.model_fields, "assets": AssetIn.model_fields}
NOBODY = "00000000-0000-0000-0000-000000000001"


def faults(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.text
    return sorted(error["field"] for error in answer.json()["errors"])


def test_one_refusal_names_faults_of_needed_fields_and_of_the_plan(door: Door, client: TestClient) -> None:
    campaign = door.make(lambda session: a_campaign(session, name="Now we must"))
    parts = {"asset_id": door.make(an_asset), "channel_id": door.make(a_channel), "persona_id": door.make(a_persona)}
    placement = {
        "name": "", "campaign_id": campaign, **parts, "starts_on": "2026-02-01", "ends_on": "soon", "status": "flying",
        "planned_cost": {"amount": "1.00", "currency": "EUR"}, "booked_cost": {"amount": "1.00", "currency": "SEK"},
        "target_url": "https://10.0.0.1/doctor",
    }  # fmt: skip
    wrong = ["booked_cost.currency", "ends_on", "name", "starts_on", "status", "target_url"]
    assert faults(client.post("/api/v1/placements", json=placement)) == wrong
    nameless = {name: value for name, value in placement.items() if name not in ("name", "campaign_id")}
    wrong = ["booked_cost.currency", "campaign_id", "ends_on", "name", "status", "target_url"]
    assert faults(client.post("/api/v1/placements", json=nameless)) == wrong, "of no campaign nobody knows the days"
    lost = placement | {"asset_id": NOBODY, "ends_on": "2026-05-01", "status": "planned"}
    wrong = ["asset_id", "booked_cost.currency", "ends_on", "name", "starts_on", "target_url"]
    assert faults(client.post("/api/v1/placements", json=lost)) == wrong, "its days are held against the campaign"
    again = {"name": "Now we must", "kind": "bust", "starts_on": "2026-03-01", "aim": {"personas": ["nobody"]},
             "template": True, "status": "live"}  # fmt: skip
    assert faults(client.post("/api/v1/campaigns", json=again)) == ["aim.personas[0]", "kind", "name", "status"]
    asset = {"name": "Poster", "format": "postre", "languages": ["xx"], "shows_people": True, "claim_ids": [NOBODY]}
    wrong = ["claim_ids[0]", "consent_expires_on", "format", "languages[0]"]
    assert faults(client.post("/api/v1/assets", json=asset)) == wrong


def test_a_change_is_told_all_that_is_wrong_with_it_and_nothing_that_follows_from_a_fault(
    door: Door, client: TestClient
) -> None:
    placement = door.make(lambda session: a_placement(session, planned_cost={"amount": "1.00", "currency": "EUR"}))
    asset = door.make(lambda session: an_asset(session, status="draft"))
    campaign = door.make(lambda session: a_campaign(session, starts_on="2026-03-01", ends_on="2026-03-31"))
    door.make(lambda session: a_campaign(session, name="Now we must"))

    def change(place: str, changes: dict[str, Any]) -> list[str]:
        there, ours = client.get(f"/api/v1/{place}").json(), {"If-Match": "*"}
        found = faults(client.patch(f"/api/v1/{place}", json=changes, headers=ours))
        given = {name: value for name, value in (there | changes).items() if name in KNOWN[place.partition("/")[0]]}
        assert faults(client.put(f"/api/v1/{place}", json=given, headers=ours)) == found, "as when it is replaced"
        assert client.get(f"/api/v1/{place}").json() == there, "nothing was stored"
        return found

    changes: dict[str, Any] = {"name": "", "starts_on": "2026-02-01", "target_url": "https://10.0.0.1/doctor"}
    assert change(f"placements/{placement}", changes) == ["name", "starts_on", "target_url"]
    changes = {"starts_on": "some day", "ends_on": "2026-02-01", "status": "flying", "place": "x" * 201}
    assert change(f"placements/{placement}", changes) == ["place", "starts_on", "status"], "the end is held to no start"
    changes = {"kind": "bust", "ends_on": "2026-02-01", "name": "Now we must"}
    assert change(f"campaigns/{campaign}", changes) == ["ends_on", "kind", "name"]
    assert change(f"campaigns/{campaign}", {"kind": "bust", "name": "Now we must"}) == ["kind", "name"]
    changes = {"name": "", "shows_people": True, "alt_text": {"sv": "Läkare"}}
    assert change(f"assets/{asset}", changes) == ["alt_text.sv", "consent_expires_on", "name"]


def test_of_a_placement_that_went_out_what_is_frozen_is_told_beside_what_is_wrong(
    door: Door, client: TestClient
) -> None:
    place = f"/api/v1/placements/{door.make(a_live_placement)}"
    elsewhere = {"target_url": "https://jobs.example.org/other"}
    alone = client.patch(place, json=elsewhere, headers={"If-Match": "*"})
    assert alone.status_code == 409 and "target_url is corrected and not changed" in alone.json()["detail"]
    answer = client.patch(place, json=elsewhere | {"starts_on": "2026-02-01"}, headers={"If-Match": "*"})
    assert faults(answer) == ["", "starts_on"]
    assert "target_url" in answer.json()["errors"][-1]["message"]
