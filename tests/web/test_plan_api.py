"""The plan over HTTP: created, read, changed, listed and deleted, by whom and under which revision."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.access.token import Role
from app.intake.connection import Connection
from tests.support.client import TestClient
from tests.support.plan import (
    NOW,
    UNKNOWN_ID,
    a_campaign,
    a_channel,
    a_claim,
    a_live_placement,
    a_persona,
    a_placement,
    an_asset,
    asset_fields,
    campaign_fields,
    channel_fields,
    name_hosts,
    persona_fields,
    placement_fields,
    text,
)
from tests.web.conftest import Door

ANY = {"If-Match": "*"}


def job_fields() -> dict[str, Any]:
    return {"title": "Health centre doctor", "specialty": "general_practice", "opens_on": "2026-03-01"}


def fields_of(noun: str, session: Session) -> dict[str, Any]:
    """What is sent to create a row of a noun; what it stands on is stored first."""
    if noun == "claims":
        a_persona(session)
        return {"slug": "no-nights", "factor": "no-night-duty", "text": text("No nights")}
    if noun == "placements":
        return {
            key: value if isinstance(value, str) else str(value) for key, value in placement_fields(session).items()
        }
    if noun == "source-aliases":
        return {"kind": "label", "observed": "linkedin", "channel_id": str(a_channel(session).id)}
    if noun == "naming-presets":
        return {"name": "Ours", "pattern": "{campaign} {format}", "locked": False}
    return {
        "personas": persona_fields,
        "campaigns": campaign_fields,
        "assets": lambda: asset_fields(status="draft"),
        "channels": channel_fields,
        "jobs": job_fields,
    }[noun]()


CHANGE: dict[str, dict[str, Any]] = {
    "personas": {"tone": text("Warm")},
    "claims": {"text": {"fi": "Ei öitä", "en": "No nights at all"}},
    "campaigns": {"objective": "Four doctors"},
    "assets": {"theme": "Time"},
    "channels": {"contact": "sales@example.org"},
    "placements": {"place": "Kallio"},
    "jobs": {"openings": 3},
    "source-aliases": {"observed": "facebook"},
    "naming-presets": {"pattern": "{campaign} {channel}"},
}
every_noun = pytest.mark.parametrize("noun", CHANGE)


@every_noun
def test_a_row_is_created_read_listed_changed_and_deleted(door: Door, client: TestClient, noun: str) -> None:
    with door.database.writing(door.ours) as session:
        given = fields_of(noun, session)
    place = f"/api/v1/{noun}"

    created = client.post(place, json=given)
    assert (created.status_code, created.headers["etag"]) == (201, '"1"')
    row = created.json()
    assert created.headers["location"] == f"{place}/{row['id']}"
    assert row | given == row
    assert row["created_at"] == "2026-03-01T09:00:00Z"

    read = client.get(created.headers["location"])
    assert (read.status_code, read.headers["etag"], read.json()) == (200, '"1"', row)
    assert [item["id"] for item in client.get(place).json()["items"] if item["id"] == row["id"]]

    replaced = client.put(created.headers["location"], json=given | CHANGE[noun], headers={"If-Match": '"1"'})
    assert replaced.json() | CHANGE[noun] == replaced.json()
    if noun == "personas":
        assert (replaced.status_code, replaced.json()["version"]) == (201, 2)
        assert replaced.headers["location"] == f"{place}/{replaced.json()['id']}" != created.headers["location"]
    else:
        assert (replaced.status_code, replaced.headers["etag"]) == (200, '"2"')

    last = f"{place}/{replaced.json()['id']}"
    assert client.delete(last, headers={"If-Match": replaced.headers["etag"]}).status_code == 204
    assert client.get(last).status_code == 404


@every_noun
def test_a_patch_changes_what_it_names_and_keeps_the_rest(door: Door, client: TestClient, noun: str) -> None:
    with door.database.writing(door.ours) as session:
        given = fields_of(noun, session)
    row = client.post(f"/api/v1/{noun}", json=given).json()
    patched = client.patch(f"/api/v1/{noun}/{row['id']}", json=CHANGE[noun], headers={"If-Match": '"1"'})
    moving = {"id", "revision", "version", "updated_at"}
    assert {k: v for k, v in patched.json().items() if k not in moving} == {
        k: v for k, v in (row | CHANGE[noun]).items() if k not in moving
    }


@every_noun
def test_a_change_must_say_which_revision_it_was_made_from(client: TestClient, noun: str) -> None:
    place = f"/api/v1/{noun}/{UNKNOWN_ID}"
    body = CHANGE[noun]
    for answer in (client.patch(place, json=body), client.delete(place)):
        assert (answer.status_code, answer.json()["type"]) == (428, "urn:kutsu:problem:needs-precondition")


@every_noun
def test_what_is_not_there_is_not_found(client: TestClient, noun: str) -> None:
    place = f"/api/v1/{noun}/{UNKNOWN_ID}"
    answers = [client.get(place), client.patch(place, json={}, headers=ANY), client.delete(place, headers=ANY)]
    for answer in answers:
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:kutsu:problem:missing")


@every_noun
def test_another_organisations_row_is_not_found(door: Door, noun: str) -> None:
    with door.database.writing(door.theirs) as session:
        given = fields_of(noun, session)
    theirs, ours = door.client(organisation=door.theirs), door.client()
    row = theirs.post(f"/api/v1/{noun}", json=given).json()
    place = f"/api/v1/{noun}/{row['id']}"
    assert ours.get(place).status_code == 404
    assert ours.put(place, json=given, headers=ANY).status_code == 404
    assert ours.patch(place, json=CHANGE[noun], headers=ANY).status_code == 404
    assert ours.delete(place, headers=ANY).status_code == 404
    assert ours.get(f"/api/v1/{noun}").json() == {"items": [], "next": None}
    assert theirs.get(place).json() == row


def test_another_organisations_row_is_nothing_to_stand_on(door: Door, client: TestClient) -> None:
    with door.database.writing(door.ours) as session:
        given = fields_of("placements", session)
    given["campaign_id"] = door.make(a_campaign, door.theirs)
    answer = client.post("/api/v1/placements", json=given)
    assert answer.json()["errors"] == [{"field": "campaign_id", "message": "There is no campaign with this id."}]


@every_noun
@pytest.mark.parametrize("role", [Role.VIEWER, Role.SERVICE])
def test_only_planners_write_and_everybody_reads(door: Door, noun: str, role: Role) -> None:
    with door.database.writing(door.ours) as session:
        given = fields_of(noun, session)
    row = door.client().post(f"/api/v1/{noun}", json=given).json()
    place = f"/api/v1/{noun}/{row['id']}"
    client = door.client(role)
    assert (client.get(place).status_code, client.get(f"/api/v1/{noun}").status_code) == (200, 200)
    for answer in (
        client.post(f"/api/v1/{noun}", json=given),
        client.put(place, json=given, headers=ANY),
        client.patch(place, json=CHANGE[noun], headers=ANY),
        client.delete(place, headers=ANY),
    ):
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:kutsu:problem:denied")
        assert role in answer.json()["detail"]


def test_a_stale_change_is_refused_and_stores_nothing(door: Door, client: TestClient) -> None:
    place = f"/api/v1/campaigns/{door.make(a_campaign)}"
    assert client.patch(place, json={"objective": "Mine"}, headers={"If-Match": '"1"'}).status_code == 200
    late = client.patch(place, json={"objective": "Yours"}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["type"]) == (412, "urn:kutsu:problem:stale")
    assert "at revision 2, yours is 1" in late.json()["detail"]
    assert client.get(place).json()["objective"] == "Mine"
    assert client.delete(place, headers={"If-Match": '"1"'}).status_code == 412


@pytest.mark.parametrize("tag", ["1", 'W/"1"', '"x"', '"1", "2"', '"' + "9" * 30 + '"'])
def test_if_match_names_one_etag(door: Door, client: TestClient, tag: str) -> None:
    place = f"/api/v1/campaigns/{door.make(a_campaign)}"
    answer = client.delete(place, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:kutsu:problem:bad-request")


@pytest.mark.parametrize(
    ("seen", "status"), [('"1"', 304), ('W/"1"', 304), ('"7", "1"', 304), ("*", 304), ('"2"', 200)]
)
def test_what_the_asker_has_is_not_sent_again(door: Door, client: TestClient, seen: str, status: int) -> None:
    answer = client.get(f"/api/v1/campaigns/{door.make(a_campaign)}", headers={"If-None-Match": seen})
    assert (answer.status_code, answer.headers["etag"], bool(answer.content)) == (status, '"1"', status == 200)


def test_a_patch_with_null_takes_a_value_away_and_reaches_into_objects(door: Door, client: TestClient) -> None:
    given = campaign_fields(budget={"amount": "5.00", "currency": "EUR"}, objective="Doctors", concept="Time")
    place = client.post("/api/v1/campaigns", json=given).headers["location"]
    patch = {"objective": None, "budget": {"amount": "7.00"}}
    row = client.patch(place, json=patch, headers=ANY).json()
    assert (row["objective"], row["concept"], row["budget"]) == ("", "Time", {"amount": "7.00", "currency": "EUR"})
    refused = client.patch(place, json={"name": None, "motto": "x"}, headers=ANY).json()
    assert {problem["field"] for problem in refused["errors"]} == {"name", "motto"}


def test_a_persona_put_back_as_it_is_makes_no_version(client: TestClient) -> None:
    created = client.post("/api/v1/personas", json=persona_fields())
    again = client.put(created.headers["location"], json=persona_fields(), headers={"If-Match": '"1"'})
    assert (again.status_code, again.json()) == (200, created.json())


def test_a_broken_rule_names_field_and_remedy_and_stores_nothing(client: TestClient) -> None:
    answer = client.post("/api/v1/campaigns", json=campaign_fields(ends_on=None))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json() == {
        "type": "urn:kutsu:problem:invalid",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "Nothing was stored: the request breaks a rule.",
        "errors": [{"field": "ends_on", "message": "A burst has an end; give one, or make the campaign continuous."}],
    }
    assert client.get("/api/v1/campaigns").json()["items"] == []


def test_a_frozen_link_is_a_conflict(door: Door, client: TestClient) -> None:
    place = f"/api/v1/placements/{door.make(a_live_placement)}"
    answer = client.patch(place, json={"target_url": "https://other.example/"}, headers=ANY)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:kutsu:problem:frozen")


def test_a_link_carries_the_connected_atss_parameter(door: Door, client: TestClient) -> None:
    def connect(session: Session, name: str, vendor: str) -> None:
        session.add(
            Connection(
                vendor=vendor, name=name, region="eu", credentials=b"sealed", revision=1, created_at=NOW, updated_at=NOW
            )
        )

    place = f"/api/v1/placements/{door.make(a_placement)}"
    assert "gh_src" not in client.get(place).json()["link"]
    with door.database.writing(door.ours) as session:
        connect(session, "One", "greenhouse")
        connect(session, "Two", "greenhouse")
    row = client.get(place).json()
    assert row["link"].endswith(f"&gh_src={row['tracking_code']}")
    assert client.get("/api/v1/placements").json()["items"][0]["link"] == row["link"]
    with door.database.writing(door.ours) as session:
        connect(session, "Three", "lever")
    assert "gh_src" not in client.get(place).json()["link"]  # of two vendors, neither is *the* connected one


def test_a_list_is_read_page_by_page(door: Door, client: TestClient) -> None:
    with door.database.writing(door.ours) as session:
        for number in range(5):
            a_campaign(session, name=f"Campaign {number}", starts_on=f"2026-03-0{1 + number % 2}")
    for sort in ("name", "-starts_on", "created_at"):
        whole = client.get("/api/v1/campaigns", params={"sort": sort}).json()
        assert whole["next"] is None
        names: list[str] = []
        params: dict[str, Any] = {"sort": sort, "limit": 2}
        for expected in (2, 2, 1):
            page = client.get("/api/v1/campaigns", params=params).json()
            assert len(page["items"]) == expected
            names += [row["name"] for row in page["items"]]
            params["cursor"] = page["next"]
        assert names == [row["name"] for row in whole["items"]]
        assert params["cursor"] is None


@pytest.mark.parametrize(
    "cursor", ["x", "!!", "ä", "bnVsbA", "WzEsMiwzXQ", "WyJuYW1lIiwiYVx1MDAwMCIsIjAiXQ", "W" * 1999]
)
def test_a_made_up_cursor_is_refused(client: TestClient, cursor: str) -> None:
    answer = client.get("/api/v1/campaigns", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:kutsu:problem:bad-request")


def test_a_cursor_goes_on_in_the_order_it_was_made_for(door: Door, client: TestClient) -> None:
    door.make(a_campaign)
    door.make(a_campaign)
    cursor = client.get("/api/v1/campaigns", params={"limit": 1}).json()["next"]
    answer = client.get("/api/v1/campaigns", params={"limit": 1, "cursor": cursor, "sort": "starts_on"})
    assert (answer.status_code, "another order" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("sort=secret", "sort"),
        ("stauts=live", "stauts"),
        ("status=dead", "status"),
        ("running_on=soon", "running_on"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(client: TestClient, query: str, field: str) -> None:
    answer = client.get(f"/api/v1/campaigns?{query}")
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]


def test_lists_are_filtered(door: Door, client: TestClient) -> None:
    with door.database.writing(door.ours) as session:
        persona = a_persona(session)
        claim = a_claim(session, slug="no-nights")
        asset = an_asset(session, format="video", claim_ids=[claim.id])
        placement = a_live_placement(session, asset_id=asset.id, persona_id=persona.id)
        a_placement(session)
        queries = (
            "placements",
            "placements?persona=gp-young-family",
            "placements?format=video&status=live",
            f"placements?campaign_id={placement.campaign_id}&channel_id={placement.channel_id}",
            f"placements?tracking_code={placement.tracking_code.upper()}",
            "placements?running_from=2026-03-31",
            f"assets?claim_id={claim.id}",
            "claims?factor=no-night-duty",
            "campaigns?status=live&running_on=2026-03-10",
            "personas?slug=gp-young-family",
        )
    found = [len(client.get(f"/api/v1/{query}").json()["items"]) for query in queries]
    assert found == [2, 1, 1, 1, 1, 0, 1, 1, 1, 1]


def test_a_template_is_listed_where_it_is_asked_for_and_copied_over_the_api(door: Door, client: TestClient) -> None:
    with door.database.writing(door.ours) as session:
        template = str(a_campaign(session, name="Autumn", template=True).id)
        source = a_placement(session, name="Poster").campaign_id
    listed = [client.get(f"/api/v1/campaigns{query}").json()["items"] for query in ("", "?template=true")]
    assert [[row["id"] for row in rows] for rows in listed] == [[str(source)], [template]]
    given = {"name": "Autumn 2026", "starts_on": "2026-09-01"}
    created = client.post(f"/api/v1/campaigns/{template}/copy", json=given)
    row = created.json()
    assert (created.status_code, created.headers["etag"], row["template"]) == (201, '"1"', False)
    assert created.headers["location"] == f"/api/v1/campaigns/{row['id']}"
    assert (row["starts_on"], row["ends_on"], row["placements"]) == ("2026-09-01", "2026-10-01", [])
    assert client.post(f"/api/v1/campaigns/{template}/copy", json=given).status_code == 409
    again = client.post(f"/api/v1/campaigns/{source}/copy", json=given | {"name": "Again"}).json()
    planned = client.get("/api/v1/placements", params={"campaign_id": again["id"]}).json()["items"]
    assert [one["id"] for one in planned] == again["placements"] != []
    kept = client.post(f"/api/v1/campaigns/{source}/copy", json=given | {"name": "Kept", "template": True}).json()
    assert (kept["template"], kept["placements"], kept["left_out"]) == (True, [], ["Poster"])


def test_a_preset_proposes_a_name_over_the_api_and_says_what_is_missing(door: Door, client: TestClient) -> None:
    given = {"name": "Ours", "pattern": "{campaign} {place} {year}", "locked": True}
    place = client.post("/api/v1/naming-presets", json=given).headers["location"]
    with door.database.writing(door.ours) as session:
        fields = placement_fields(session, campaign_id=a_campaign(session, name="Now we must").id)
    asked = {name: str(fields[name]) for name in ("campaign_id", "asset_id", "channel_id", "persona_id", "starts_on")}
    proposed = client.get(f"{place}/proposal", params=asked | {"place": "Kallio"})
    assert proposed.json() == {"name": "Now we must Kallio 2026", "locked": True}
    assert client.get(f"{place}/proposal", params=asked).json()["errors"][0]["field"] == "place"
    refused = client.post("/api/v1/placements", json={k: str(v) for k, v in fields.items()} | {"place": "Kallio"})
    assert refused.status_code == 422
    assert "“Now we must Kallio 2026”" in refused.text


@pytest.mark.parametrize(
    ("kind", "media_type"), [("pdf", "application/pdf"), ("svg", "image/svg+xml"), ("png", "image/png")]
)
def test_a_placements_code_comes_over_the_api_in_each_kind(door: Door, kind: str, media_type: str) -> None:
    poster = door.make(a_placement)
    answer = door.client().get(f"/api/v1/placements/{poster}/print-kit", params={"kind": kind, "language": "fi"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


def test_a_campaigns_codes_come_over_the_api_as_one_file(door: Door) -> None:
    with door.database.writing(door.ours) as session:
        campaign = a_placement(session).campaign_id
    answer = door.client().get(f"/api/v1/campaigns/{campaign}/print-kit", params={"layout": "one"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    empty = door.make(a_campaign)
    problem = door.client().get(f"/api/v1/campaigns/{empty}/print-kit").json()
    assert problem["errors"][0]["field"] == "campaign"


def test_the_whole_plan_goes_out_and_comes_back_as_it_was(door: Door, client: TestClient) -> None:
    with door.database.writing(door.ours) as session:
        a_placement(session)
    for format in ("json", "xlsx", "zip"):
        taken = client.get("/api/v1/plan", params={"format": format})
        kind = {"content-type": taken.headers["content-type"]}
        read = client.post("/api/v1/plan", content=taken.content, headers=kind)
        assert (read.status_code, read.json()["added"], read.json()["changed"]) == (200, {}, {})
        assert read.json()["unchanged"]["placements"] == 1


def test_a_plan_with_a_wrong_row_is_refused_with_the_row_and_field_named(client: TestClient) -> None:
    rows = {"channels": [{"name": "Stops", "kind": "out_of_home", "cost_model": "barter"}]}
    answer = client.post("/api/v1/plan", json=rows)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["channels[0].cost_model"]
    assert client.get("/api/v1/channels").json()["items"] == []
    assert client.post("/api/v1/plan", content=b"x", headers={"content-type": "text/plain"}).status_code == 415


def test_what_is_approved_elsewhere_comes_as_a_draft_with_its_placements_not_live_and_is_named(door: Door) -> None:
    with door.database.writing(door.ours) as session:
        name_hosts(session)
        asset = an_asset(session, name="Poster", status="approved")
        a_live_placement(session, name="Kallio", asset_id=asset.id)
        a_placement(session, name="Vallila", asset_id=asset.id)
        ended = a_campaign(session, name="Before", status="ended").id
        a_placement(session, name="Töölö", asset_id=asset.id, campaign_id=ended, status="ended")
    whole = door.client().get("/api/v1/plan").json()
    with door.database.writing(door.theirs) as session:
        name_hosts(session)
    there = door.client(organisation=door.theirs)
    waiting = {"assets": ["Poster"], "placements": ["Kallio"]}
    rehearsed = there.post("/api/v1/plan", json=whole, params={"rehearse": True})
    assert (rehearsed.status_code, rehearsed.json()["waiting"]) == (200, waiting), rehearsed.text
    read = there.post("/api/v1/plan", json=whole).json()
    assert (read["waiting"], sorted(read["recoded"])) == (waiting, ["Kallio", "Töölö", "Vallila"])
    assert [one["status"] for one in there.get("/api/v1/assets").json()["items"]] == ["draft"]
    placed = there.get("/api/v1/placements").json()["items"]
    assert {one["name"]: one["status"] for one in placed} == {
        "Kallio": "planned", "Vallila": "planned", "Töölö": "ended",
    }  # fmt: skip
    again = there.post("/api/v1/plan", json=whole).json()
    assert (again["added"], again["changed"], again["waiting"], again["recoded"]) == ({}, {}, waiting, [])


def test_nothing_waits_of_a_plan_that_comes_back_where_it_was_approved(door: Door, client: TestClient) -> None:
    with door.database.writing(door.ours) as session:
        a_live_placement(session)
    whole = client.get("/api/v1/plan").json()
    read = client.post("/api/v1/plan", json=whole).json()
    assert (read["added"], read["changed"], read["waiting"]) == ({}, {}, {})
    assert client.get("/api/v1/plan").json() == whole


def test_a_plan_is_rehearsed_before_it_is_read_in(client: TestClient) -> None:
    rows = {"channels": [{"name": "Stops", "kind": "out_of_home", "cost_model": "fixed"}]}
    assert client.post("/api/v1/plan", params={"rehearse": True}, json=rows).json()["added"] == {"channels": 1}
    assert client.get("/api/v1/channels").json()["items"] == []


def test_a_machine_reads_what_no_ad_says(door: Door, client: TestClient) -> None:
    with door.database.writing(door.ours) as session:
        a_persona(session)
    (found,) = client.get("/api/v1/messages", params={"persona": "gp-young-family"}).json()
    assert [(one["factor"], one["silent"]) for one in found["messages"]] == [
        ("no-night-duty", True), ("list-size-cap", True),
    ]  # fmt: skip


def test_a_machine_plans_by_a_pattern(door: Door, client: TestClient) -> None:
    persona = door.make(a_persona)
    promise = {"persona_id": persona, "factor": "no-night-duty"}
    given = {"pattern": "evenings", "name": "Evenings", "promises": [promise], "starts_on": "2026-03-02",
             "target_url": "https://jobs.example.org/doctors"}  # fmt: skip
    made = client.post("/api/v1/campaigns-by-pattern", json=given)
    assert (made.status_code, made.json()["ends_on"]) == (201, "2026-04-26")
    placed = client.get("/api/v1/placements", params={"campaign_id": made.json()["id"]}).json()["items"]
    assert len(placed) == 3
    refused = client.post(
        "/api/v1/campaigns-by-pattern", json=given | {"promises": [promise | {"factor": "gold"}], "name": "More"}
    )
    assert [one["field"] for one in refused.json()["errors"]] == ["promises[0].factor"]


def test_the_calendar_comes_as_whole_weeks_with_flights_loads_holidays_and_what_is_due(door: Door) -> None:
    cost = {"amount": "280.00", "currency": "EUR"}
    placement = door.make(lambda session: a_placement(session, planned_cost=cost, name="Poster"))
    answer = (
        door.client().get("/api/v1/calendar", params={"span": "month", "month": "2026-03", "language": "en"}).json()
    )
    assert (answer["first"], answer["last"], answer["country"]) == ("2026-02-23", "2026-04-05", "FI")
    (flight,) = answer["flights"]
    assert (flight["placement_id"], flight["starts_on"], flight["cost"]) == (placement, "2026-03-03", cost)
    assert [(week["monday"], week["running"]) for week in answer["weeks"][:2]] == [("2026-02-23", 0), ("2026-03-02", 1)]
    assert answer["weeks"][1]["costs"] == [{"amount": "60.00", "currency": "EUR"}]
    assert [one["kind"] for one in answer["due"]] == ["starts", "ends"]
    assert {"on": "2026-04-03", "name": "Good Friday"} in answer["public_holidays"]
    assert "Winter holiday" in {one["name"] for one in answer["usual_school_holidays"]}


@pytest.mark.parametrize("wrong", [{"month": "2026-3"}, {"month": "2026-13"}, {"span": "week"}, {"x": "1"}])
def test_a_calendar_of_no_months_is_refused(client: TestClient, wrong: dict[str, str]) -> None:
    assert client.get("/api/v1/calendar", params=wrong).status_code == 422


def test_links_to_the_calendar_are_made_listed_and_revoked_over_the_api(door: Door) -> None:
    client = door.client()
    made = client.post("/api/v1/calendar/shares", json={"name": "Agency", "days": 5})
    assert made.status_code == 201
    path = made.json()["url"].removeprefix(str(client.base_url))
    assert door.stranger().get(path).status_code == 200
    assert made.json()["feed_url"] == f"{made.json()['url']}/feed.ics"
    (listed,) = client.get("/api/v1/calendar/shares").json()["items"]
    assert (listed["name"], "url" in listed) == ("Agency", False)
    reader, other = door.client(Role.VIEWER), door.client(organisation=door.theirs)
    here = f"/api/v1/calendar/shares/{listed['id']}"
    assert (reader.delete(here).status_code, other.delete(here).status_code) == (403, 404)
    assert client.delete(here).status_code == 204
    assert door.stranger().get(path).status_code == 404
    assert client.get("/api/v1/calendar/shares").json()["items"] == []


def test_a_placement_is_planned_again_over_the_api(door: Door, client: TestClient) -> None:
    placement = door.make(lambda session: a_placement(session, starts_on="2026-03-02", ends_on="2026-03-08"))
    made = client.post(f"/api/v1/placements/{placement}/repeat", json={"every_weeks": 1, "times": 2})
    assert made.status_code == 201
    assert [one["starts_on"] for one in made.json()["items"]] == ["2026-03-09", "2026-03-16"]
    assert client.post(f"/api/v1/placements/{placement}/repeat", json={"every_weeks": 1}).status_code == 422


def test_two_versions_of_a_persona_are_compared_over_the_api(client: TestClient) -> None:
    created = client.post("/api/v1/personas", json=persona_fields()).json()
    first = f"/api/v1/personas/{created['id']}"
    assert client.get(f"{first}/differences").json() == {"before": None, "after": 1, "items": []}
    changed = client.patch(first, json={"tone": text("Warm")}, headers={"If-Match": "*"}).json()
    second = f"/api/v1/personas/{changed['id']}/differences"
    found = client.get(second).json()
    assert (found["before"], found["after"]) == (1, 2)
    assert {"field": "tone.fi", "before": persona_fields()["tone"]["fi"], "after": text("Warm")["fi"]} in found["items"]
    assert client.get(second, params={"from": 2}).json()["items"] == []
    assert client.get(second, params={"from": 7}).status_code == 404


def test_a_faulty_field_hides_nothing_of_what_the_others_break(door: Door, client: TestClient) -> None:
    with door.database.writing(door.ours) as session:
        given = fields_of("placements", session)
    made = client.post("/api/v1/placements", json=given).json()
    cost = {"amount": "many", "currency": "EUR"}
    wrong = given | {"planned_cost": cost, "persona_id": str(UNKNOWN_ID), "target_url": "https://jobs.example.org:81/"}
    for told in (
        client.post("/api/v1/placements", json=wrong),
        client.put(f"/api/v1/placements/{made['id']}", json=wrong, headers=ANY),
    ):
        assert (told.status_code, told.json()["detail"]) == (422, "Nothing was stored: the request breaks a rule.")
        assert {one["field"] for one in told.json()["errors"]} >= {"planned_cost.amount", "persona_id", "target_url"}
    assert client.get("/api/v1/placements").json()["items"] == [made]


def test_whoever_may_not_plan_learns_nothing_of_the_plan_from_a_faulty_form(door: Door) -> None:
    told = door.client(Role.VIEWER).post("/api/v1/placements", json={"planned_cost": ""})
    assert (told.status_code, told.json()["errors"]) == (403, [])
