"""Over HTTP: many placements from rows, invoices and weeks, what is needed this week, the plan against what came."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.access.token import Role
from app.funnel.daily_click import DailyClick, Follower
from app.planning.placement import PlacementStatus
from app.planning.row import PlanRow
from tests.support.client import TestClient
from tests.support.plan import NOW, a_campaign, a_channel, a_live_placement, a_persona, a_placement, an_asset
from tests.web.conftest import Door, send_applicants

ANY = {"If-Match": "*"}


@pytest.fixture
def campaign(door: Door) -> str:
    def lay(session: Session) -> PlanRow:
        an_asset(session, name="Poster")
        a_channel(session, name="Stops")
        a_persona(session)
        return a_campaign(session, name="Now we must")

    return door.make(lay)


def rows(*places: str, asset: str = "Poster") -> dict[str, str]:
    head = "asset;channel;place;persona;target_url;planned_cost;alv %"
    line = f"{asset};Stops;{{}};gp-young-family;https://jobs.example.org/doctor;1 000,00;25,5"
    return {"rows": "\n".join([head, *map(line.format, places)])}


def test_many_placements_are_planned_at_once_or_none(door: Door, client: TestClient, campaign: str) -> None:
    here = f"/api/v1/campaigns/{campaign}/placements"
    made = client.post(here, json=rows("Kallio", "Vallila"))
    assert made.status_code == 201
    shown = made.json()["placements"]
    assert [(one["place"], one["vat_percent"], one["linked_late"]) for one in shown] == [
        ("Kallio", "25.5", False), ("Vallila", "25.5", False),
    ]  # fmt: skip
    assert shown[0]["cost_with_vat"] == {"amount": "1255.00", "currency": "EUR"}
    refused = client.post(here, json=rows("Käpylä", asset="Postre"))
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["rows[1].asset"]
    assert client.post(here, json=rows("Käpylä", "Kallio")).status_code == 422, "the second is there already"
    assert client.get(f"/api/v1/placements?campaign_id={campaign}").json()["items"][2:] == []


def test_an_invoice_is_recorded_read_listed_counted_by_week_and_taken_back(
    door: Door, client: TestClient, campaign: str
) -> None:
    client.post(f"/api/v1/campaigns/{campaign}/placements", json=rows("Kallio", "Vallila"))
    given = {
        "campaign_id": campaign, "reference": "JCDecaux 10234", "amount": {"amount": "100.01", "currency": "EUR"},
        "vat_percent": "24", "starts_on": "2026-03-01", "ends_on": "2026-03-31",
    }  # fmt: skip
    made = client.post("/api/v1/invoices", json=given)
    assert made.status_code == 201
    assert [share["amount"]["amount"] for share in made.json()["shares"]] == ["50.01", "50.00"]
    where = made.headers["location"]
    assert client.get(where).json() == made.json()
    assert client.get(f"/api/v1/campaigns/{campaign}/invoices").json() == {"items": [made.json()]}
    weeks = client.get(f"/api/v1/campaigns/{campaign}/weeks").json()["weeks"]
    assert (weeks[0]["monday"], len(weeks)) == ("2026-02-23", 6)
    assert sum(round(float(week["cost"]["amount"]) * 100) for week in weeks) == 10_001
    assert client.delete(where).status_code == 428
    assert client.delete(where, headers=ANY).status_code == 204
    assert client.get(where).status_code == 404
    refused = client.post("/api/v1/invoices", json={**given, "starts_on": "2026-04-01"})
    assert refused.status_code == 422


def test_what_is_needed_this_week_is_one_call(door: Door, client: TestClient, campaign: str) -> None:
    parts = {
        "channel_id": client.get("/api/v1/channels").json()["items"][0]["id"],
        "persona_id": client.get("/api/v1/personas").json()["items"][0]["id"],
    }
    given = {"name": "Locums", "format": "social_ad", "target_url": "https://jobs.example.org/locums", **parts}
    made = client.post("/api/v1/urgent-requests", json=given)
    assert made.status_code == 201
    assert (made.json()["starts_on"], made.json()["ends_on"]) == ("2026-03-01", "2026-03-07")
    assert client.get(made.headers["location"]).json()["link"].startswith("https://jobs.example.org/locums?")
    assert client.post("/api/v1/urgent-requests", json=given).status_code == 409, "there is a campaign of that name"


def test_a_campaign_says_what_it_aims_at_and_who_brought_it_where(client: TestClient, campaign: str) -> None:
    here = f"/api/v1/campaigns/{campaign}"
    aim = {"personas": ["gp-young-family"], "claims": [], "jobs": [], "talent_pool": True, "leads_wanted": 30}
    changed = client.patch(here, json={"aim": aim, "status": "approved"}, headers=ANY).json()
    assert changed["aim"] == aim
    assert [step["status"] for step in changed["steps"]] == ["draft", "approved"]
    assert changed["steps"][-1]["kind"] == "token"
    refused = client.patch(here, json={"aim": {**aim, "claims": ["free-beer"]}}, headers=ANY)
    assert [error["field"] for error in refused.json()["errors"]] == ["aim.claims[0]"]


def test_going_live_and_ending_answer_with_what_was_not_in_order_and_no_other_change_does(
    door: Door, client: TestClient
) -> None:
    campaign = door.make(lambda session: a_campaign(session, name="Spring", status="approved"))
    here = f"/api/v1/campaigns/{campaign}"
    assert "warnings" not in client.patch(here, json={"concept": "Come north"}, headers=ANY).json()
    door.clock += dt.timedelta(minutes=1)
    (empty,) = client.patch(here, json={"status": "live"}, headers=ANY).json()["warnings"]
    assert (empty["kind"], empty["what"]) == ("nothing-placed", "Nothing is placed in this campaign yet.")
    assert empty["remedy"] and empty["roles"] == ["marketer", "consultant", "administrator"]
    door.clock += dt.timedelta(minutes=1)
    given = {"name": "Spring", "kind": "burst", "starts_on": "2026-03-01", "ends_on": "2026-03-31", "status": "live"}
    assert "warnings" not in client.put(here, json=given, headers=ANY).json(), "it was live already"
    door.clock += dt.timedelta(minutes=1)
    assert client.patch(here, json={"status": "ended"}, headers=ANY).json()["warnings"] == []


def test_who_may_not_see_small_counts_is_not_warned_with_them(door: Door) -> None:
    def lay(session: Session) -> PlanRow:
        campaign = a_campaign(session, status="live", starts_on="2026-01-01", ends_on="2026-12-31")
        over = a_live_placement(session, campaign_id=campaign.id, starts_on="2026-01-02", ends_on="2026-01-09")
        over.status = PlacementStatus.ENDED
        session.add(DailyClick(code=over.tracking_code, day=NOW.date(), follower=Follower.PERSON, n=3))
        return campaign

    noted = []
    for sees in (True, False):
        here = f"/api/v1/campaigns/{door.make(lay)}"
        headers = {"Authorization": f"Bearer {door.token(Role.MARKETER, sees_small_counts=sees)}", **ANY}
        warned = TestClient(door.app, headers=headers).patch(here, json={"status": "ended"}).json()["warnings"]
        (receiving,) = [one for one in warned if one["kind"] == "ended-receiving"]
        noted += [thing["note"] for thing in receiving["things"]]
    assert noted == ["met 3 times, 1 Mar 2026", ""]


def test_an_evening_is_for_several_personas_over_the_api(door: Door, client: TestClient) -> None:
    first = str(door.make(lambda session: a_persona(session, slug="persona-1")))
    second = str(door.make(lambda session: a_persona(session, slug="persona-2")))
    placement = door.make(lambda session: a_placement(session, persona_id=first))
    here = f"/api/v1/placements/{placement}"
    said = client.patch(here, json={"also_for_ids": [second]}, headers=ANY).json()
    assert (said["persona_id"], said["also_for_ids"]) == (first, [second])
    for asked in ({"persona": "persona-2"}, {"persona_id": second}, {"persona": "persona-1"}):
        assert [one["id"] for one in client.get("/api/v1/placements", params=asked).json()["items"]] == [str(placement)]
    (wrong,) = client.patch(here, json={"also_for_ids": [first]}, headers=ANY).json()["errors"]
    assert (wrong["field"], wrong["message"]) == ("also_for_ids", "It names persona-1 twice; name each one once.")
    assert client.delete(f"/api/v1/personas/{second}", headers=ANY).status_code == 409


def test_a_job_of_a_system_is_listed_matched_and_counted_and_small_counts_are_kept_from_who_may_not_see_them(
    door: Door, client: TestClient
) -> None:
    wanted = {"title": "GP", "specialty": "general_practice", "opens_on": "2026-03-01"}
    vacancy = client.post("/api/v1/jobs", json=wanted).json()
    assert vacancy["observed_jobs"] == []
    told = [
        {
            "id": f"a{n}",
            "kind": "application",
            "at": "2026-02-20T09:00:00Z",
            "person": f"p{n}",
            "application": f"x{n}",
            "job": job,
            "job_title": job,
        }
        for n, job in enumerate(["GP", "Nurse"])
    ]
    assert door.client(Role.SERVICE).post("/api/v1/observations", json=told).json()["accepted"] == 2
    first, second = client.get("/api/v1/observed-jobs").json()["jobs"]
    assert (first["title"], first["applications"], first["vacancy_id"]) == ("GP", 1, None)
    assert (first["proposed_id"], second["proposed_id"]) == (vacancy["id"], None)
    here = f"/api/v1/jobs/{vacancy['id']}"
    said = client.patch(here, json={"observed_jobs": [first["key"]]}, headers=ANY).json()
    assert said["observed_jobs"] == [first["key"]]
    assert [one["title"] for one in client.get("/api/v1/observed-jobs?waiting=true").json()["jobs"]] == ["Nurse"]
    asked = client.get(f"/api/v1/reports/funnel?vacancy={vacancy['id']}").json()
    assert asked["totals"]["applications"] == 1
    wrong = client.patch(here, json={"observed_jobs": ["GP"]}, headers=ANY).json()["errors"]
    assert wrong[0]["message"].startswith("Give the key of a system’s job")
    blind = {"Authorization": f"Bearer {door.token(Role.MARKETER, sees_small_counts=False)}"}
    hidden = TestClient(door.app, headers=blind).get("/api/v1/observed-jobs").json()["jobs"]
    assert {(one["applications"], one["newest"]) for one in hidden} == {(None, None)}


def plan_of(client: TestClient, **asked: str) -> dict[str, Any]:
    answer = client.get("/api/v1/reports/plan", params=asked)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_the_plan_stands_against_what_came(door: Door, client: TestClient) -> None:
    reckoning = {"hires_wanted": 2, "rates": {"hired": "10"}}
    with door.database.writing(door.ours) as session:
        expected = {"applied": 40, "interview": 10}
        budget = {"amount": "5000", "currency": "EUR"}
        live = a_campaign(
            session, name="Live", status="live", starts_on="2025-08-01", ends_on="2026-03-31", budget=budget,
            expected_funnel=expected, reckoning=reckoning,
        )  # fmt: skip
        placement = a_live_placement(
            session, campaign_id=live.id, starts_on="2025-09-01", ends_on="2025-09-30", tracking_code="h7k2mq",
            invoiced_cost={"amount": "900", "currency": "EUR"}, production_cost={"amount": "90", "currency": "EUR"},
        )  # fmt: skip
        a_placement(session)
        campaign, code = str(live.id), placement.tracking_code
    send_applicants(door, {code: (8, 3)})
    every = plan_of(client)
    assert len(every["campaigns"]) == 2
    (row,) = plan_of(client, campaign=campaign)["campaigns"]
    assert (row["name"], row["status"], row["placements"], row["budget"]["amount"]) == ("Live", "live", 1, "5000.00")
    assert {one["basis"]: one["amount"]["amount"] for one in row["spent"]} == {
        "invoiced": "900.00", "production": "90.00",
    }  # fmt: skip
    stages = {stage["stage"]: (stage["expected"], stage["came"]) for stage in row["stages"]}
    assert (stages["applied"], stages["interview"], stages["offer"]) == ((40, 8), (10, 3), (None, 0))
    steps = {step["step"]: step["estimate"] for step in row["reckoned"]["steps"]}
    assert (steps["applied"], steps["hired"], row["reckoned"]["hires_wanted"]) == (20, 2, 2)
    assert row["reckoned"]["cost_basis"] == "history"
    assert row["reckoned"]["cost"]["estimate"] == "2250.00", "900 for 8 is 112.50 each"
    assert (row["reckoned"]["cost_of"], row["reckoned"]["cost_each"]["estimate"]) == (8, "112.50")


@pytest.mark.parametrize("month", ["9999-12", "0000-01", "2101-01"])
def test_months_that_no_plan_has_are_refused_by_field(client: TestClient, month: str) -> None:
    answer = client.get("/api/v1/calendar", params={"month": month})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["month"])
