"""Connections over the API: made, tried, changed, ended; their keys go in and never come out."""

import dataclasses
import uuid
from collections.abc import Iterator

import pytest

from app.access.audit import AuditEntry
from app.access.organisation import create_organisation, get_organisation
from app.access.token import Role
from app.database import Database
from app.demo.ats import KEY, serving
from app.demo.stand_in import RateLimit
from app.demo.world import Company
from app.funnel.application import Application
from app.intake.connection import Connection
from app.intake.vendors import open_secrets, seal_secrets
from app.web.application import create_app
from tests.intake.signing import OWN_SIGNATURE
from tests.intake.town import Town
from tests.support.accounts import through
from tests.support.client import TestClient
from tests.support.plan import NOW
from tests.web.conftest import KEY as APP_KEY
from tests.web.conftest import Door

HERE = "/api/v1/connections"
GIVEN = {"vendor": "teamtailor", "name": "Rekry", "region": "eu", "credentials": {"key": f" {KEY}\n"}}
ANY = {"If-Match": "*"}
UNTRIED = {"untried": True}


@pytest.fixture
def client(door: Door) -> TestClient:
    return door.client(Role.ADMINISTRATOR)


@pytest.fixture
def reaching(door: Door) -> Iterator[TestClient]:
    """A client of an application that reaches a stand-in for Europe."""
    world = dataclasses.replace(Town().world, company=Company(id="FkZE7LWdUXo", name="City of Mallila"))
    with serving(world, rate=RateLimit(requests=1000)) as europe:
        app = create_app(door.database, APP_KEY, clock=lambda: door.clock, client_for=through({"eu": europe}))
        yield TestClient(app, headers={"Authorization": f"Bearer {door.token(Role.ADMINISTRATOR)}"})


def stored_key(door: Door, id: str) -> str:
    with door.database.reading(door.ours) as session:
        (connection,) = session.query(Connection).filter(Connection.name != "")
        assert str(connection.id) == id
        return open_secrets(connection, door.app.state.sealer)["key"]


def test_a_system_is_connected_and_its_key_never_shown(client: TestClient, door: Door) -> None:
    made = client.post(HERE, json=GIVEN)
    shown = made.json()
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.headers["location"] == f"{HERE}/{shown['id']}"
    assert shown == {
        "id": shown["id"], "revision": 1, "created_at": "2026-03-01T09:00:00Z", "updated_at": "2026-03-01T09:00:00Z",
        "vendor": "teamtailor", "name": "Rekry", "region": "eu", "system": f"teamtailor:{shown['id']}",
        "state": "active", "paused_at": None, "disconnected_at": None, "company": None, "units": {}, "webhooks": None,
    }  # fmt: skip
    assert stored_key(door, shown["id"]) == KEY
    everything = [client.get(HERE).text, client.get(f"{HERE}/{shown['id']}").text, made.text]
    assert not [text for text in everything if KEY in text]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"vendor": "sap"}, "vendor"),
        ({"region": "moon"}, "region"),
        ({"name": " "}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"credentials": {}}, "credentials.key"),
        ({"credentials": {"key": "two words"}}, "credentials.key"),
        ({"credentials": {"key": "k", "client_id": "c"}}, "credentials.client_id"),
        ({"base_url": "http://127.0.0.1"}, "base_url"),
    ],
)
def test_what_is_wrong_with_a_connection_is_named(client: TestClient, change: dict[str, object], field: str) -> None:
    answer = client.post(HERE, json={**GIVEN, **change})
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field])
    assert client.get(HERE).json()["items"] == []


def test_a_connection_is_renamed_given_another_key_paused_and_resumed(client: TestClient, door: Door) -> None:
    place = client.post(HERE, json=GIVEN).headers["location"]
    change = {"name": "Recruiting", "region": "na"}
    renamed = client.patch(place, json=change, headers={"If-Match": '"1"'}, params=UNTRIED)
    assert (renamed.json()["name"], renamed.json()["region"], renamed.headers["etag"]) == ("Recruiting", "na", '"2"')
    assert client.patch(place, json={"name": "Late"}, headers={"If-Match": '"1"'}).status_code == 412
    client.patch(place, json={"credentials": {"key": "second"}}, headers=ANY, params=UNTRIED)
    assert stored_key(door, place.rpartition("/")[2]) == "second"
    paused = client.patch(place, json={"paused": True}, headers=ANY).json()
    assert (paused["state"], paused["paused_at"]) == ("paused", "2026-03-01T09:00:00Z")
    assert client.patch(place, json={"paused": True}, headers=ANY).json()["revision"] == paused["revision"]
    assert client.patch(place, json={"paused": False}, headers=ANY).json()["state"] == "active"
    assert client.patch(place, json={"name": "x" * 121}, headers=ANY).status_code == 422
    assert client.patch(place, json={"credentials": {"key": ""}}, headers=ANY).status_code == 422


def test_a_name_is_given_once(client: TestClient) -> None:
    client.post(HERE, json=GIVEN)
    other = client.post(HERE, json={**GIVEN, "name": "Second"}).headers["location"]
    assert client.post(HERE, json=GIVEN).status_code == 409
    assert client.patch(other, json={"name": " Rekry "}, headers=ANY).status_code == 409
    assert client.patch(other, json={"name": "Second"}, headers=ANY).status_code == 200


def test_who_disconnects_keeps_the_record_and_may_go_on_with_another_key(client: TestClient, door: Door) -> None:
    place = client.post(HERE, json=GIVEN).headers["location"]
    id = place.rpartition("/")[2]
    add_application(door.database, door, id)
    assert client.delete(place, headers={"If-Match": '"7"'}).status_code == 412
    assert client.delete(place, headers={"If-Match": '"1"'}).status_code == 204
    assert client.get(place).json()["state"] == "disconnected"
    with door.database.reading(door.ours) as session:
        assert session.query(Application).count() == 1
        assert session.query(Connection).one().credentials == b""
    assert client.patch(place, json={"paused": True}, headers=ANY).status_code == 409
    assert client.post(f"{place}/test").status_code == 409
    assert "give it a key" in client.post(HERE, json=GIVEN).json()["detail"]
    again = client.patch(place, json={"credentials": {"key": "new"}}, headers=ANY, params=UNTRIED)
    assert (again.json()["state"], again.json()["id"]) == ("active", id)


def add_application(database: Database, door: Door, connection: str) -> None:
    with database.writing(door.ours) as session:
        session.add(
            Application(
                id=b"x" * 16, system=f"teamtailor:{connection}", applied_at=0, time_quality=0, furthest=0, current=0,
                unmapped=0, observed_at=0, origin=1,
            )
        )  # fmt: skip


def test_connections_are_listed_by_state(client: TestClient) -> None:
    for name in ("A", "B", "C"):
        client.post(HERE, json={**GIVEN, "name": name})
    rows = client.get(HERE).json()["items"]
    client.patch(f"{HERE}/{rows[1]['id']}", json={"paused": True}, headers=ANY)
    client.delete(f"{HERE}/{rows[2]['id']}", headers=ANY)
    for state, names in (("active", ["A"]), ("paused", ["B"]), ("disconnected", ["C"])):
        found = client.get(HERE, params={"state": state}).json()["items"]
        assert [(one["name"], one["state"]) for one in found] == [(name, state) for name in names]


def test_an_account_is_tried_and_says_what_it_shows(reaching: TestClient) -> None:
    place = reaching.post(HERE, json=GIVEN).headers["location"]
    tried = reaching.post(f"{place}/test").json()
    assert (tried["ok"], [one["aspect"] for one in tried["checks"]], tried["region"]) == (
        True, ["access", "stages", "jobs", "applications", "rights", "account"], None,
    )  # fmt: skip
    assert {"name": "Haastattelu", "vendor_type": "In process", "proposed": "interview"} in tried["stages"]
    reaching.patch(place, json={"region": "na", "credentials": {"key": "wrong"}}, headers=ANY, params=UNTRIED)
    refused = reaching.post(f"{place}/test").json()
    assert (refused["ok"], [one["ok"] for one in refused["checks"]]) == (False, [False])


def test_another_key_is_tried_before_it_takes_the_place_of_one_that_works(reaching: TestClient, door: Door) -> None:
    made = reaching.post(HERE, json=GIVEN)
    place, id = made.headers["location"], made.json()["id"]
    with door.database.writing(door.ours) as session:
        session.get_one(Connection, uuid.UUID(id)).credentials = seal_secrets(door.app.state.sealer, {"key": "older"})
    refused = reaching.patch(place, json={"credentials": {"key": "wrong"}, "name": "Other"}, headers=ANY)
    wrong = "Teamtailor refuses the key. Check the key and the region: another region’s key fails too."
    assert (refused.status_code, [(one["field"], one["message"]) for one in refused.json()["errors"]]) == (
        422,
        [("credentials.key", wrong), ("", "Nothing was changed. With `?untried=true` it is stored all the same.")],
    )
    assert (stored_key(door, id), reaching.get(place).json()["name"]) == ("older", "Rekry")
    taken = reaching.patch(place, json={"credentials": {"key": f" {KEY}\n"}}, headers=ANY)
    assert (taken.status_code, taken.json()["company"], stored_key(door, id)) == (200, "City of Mallila", KEY)
    untried = reaching.patch(place, json={"credentials": {"key": "wrong"}}, headers=ANY, params=UNTRIED)
    assert (untried.status_code, untried.json()["company"], stored_key(door, id)) == (200, None, "wrong")


@pytest.mark.parametrize("way", ["patch", "put"])
def test_another_region_is_tried_with_the_key_that_is_there(reaching: TestClient, way: str) -> None:
    place = reaching.post(HERE, json=GIVEN).headers["location"]
    given = {"region": "na"} | ({"name": "Rekry", "units": {}} if way == "put" else {})
    refused = reaching.request(way, place, json=given, headers=ANY)
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (422, ["region", ""])
    assert reaching.get(place).json()["region"] == "eu"
    assert reaching.request(way, place, json=given, headers=ANY, params=UNTRIED).json()["region"] == "na"


def test_a_key_of_another_company_is_refused_over_the_api(reaching: TestClient, door: Door) -> None:
    place = reaching.post(HERE, json=GIVEN).headers["location"]
    add_application(door.database, door, place.rpartition("/")[2])
    refused = reaching.patch(place, json={"credentials": {"key": KEY}}, headers=ANY).json()["errors"][0]
    assert (refused["field"], refused["message"][:35]) == ("credentials.key", "This key opens another account: not")


def test_what_is_done_to_a_connection_is_told_without_its_key(client: TestClient, door: Door) -> None:
    place = client.post(HERE, json=GIVEN).headers["location"]
    client.patch(place, json={"credentials": {"key": "second"}}, headers=ANY, params=UNTRIED)
    client.delete(place, headers=ANY)
    with door.database.reading(door.ours) as session:
        told = session.query(AuditEntry).filter(AuditEntry.noun == "connection").order_by(AuditEntry.number).all()
        assert [(one.action, one.fields) for one in told] == [
            ("created", []), ("changed", ["credentials"]), ("changed", ["credentials", "disconnected_at"]),
        ]  # fmt: skip


def test_a_connection_is_replaced_with_its_unit_rule_and_keeps_its_key(client: TestClient, door: Door) -> None:
    with door.database.writing() as session:
        town = get_organisation(session, door.ours)
        north, south = (str(create_organisation(session, name, now=NOW, parent=town).id) for name in ("North", "South"))
    here = client.post(HERE, json=GIVEN).headers["location"]
    given = {"name": "Hiring", "region": "na", "units": {"Ward 1": north, "ward  2": south}}
    put = client.put(here, json=given, headers={"If-Match": '"1"'}, params=UNTRIED)
    shown = put.json()
    assert (put.status_code, shown["name"], shown["region"]) == (200, "Hiring", "na")
    assert shown["units"] == {"ward 1": north, "ward 2": south}
    assert client.get(here, headers={"If-None-Match": put.headers["etag"]}).status_code == 304
    same = client.put(here, json=given, headers={"If-Match": put.headers["etag"]})
    assert same.headers["etag"] == put.headers["etag"], "so nothing was changed"
    rule = {"system": shown["system"], "units": {"Ward 1": south}}
    assert client.put("/api/v1/organisations/departments", json=rule).status_code == 200
    assert client.put(here, json=given, headers={"If-Match": put.headers["etag"]}).status_code == 412
    assert client.get(here).json()["units"] == {"ward 1": south}
    assert stored_key(door, shown["id"]) == KEY


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"units": {"Ward 1": "01890a5d-ac96-774b-bcce-b302099a8057"}}, "units.Ward 1"),
        ({"region": "moon"}, "region"),
        ({"credentials": {"key": "k"}}, "credentials"),
    ],
)
def test_what_is_wrong_with_a_replacement_is_named_and_changes_nothing(
    client: TestClient, change: dict[str, object], field: str
) -> None:
    made = client.post(HERE, json=GIVEN)
    given = {"name": "Other", "region": "eu", "units": {}, **change}
    answer = client.put(made.headers["location"], json=given, headers=ANY)
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field])
    assert client.get(made.headers["location"]).json() == made.json()


def test_a_signature_is_described_shown_and_changed(client: TestClient) -> None:
    given = {"vendor": "signed", "name": "Own", "region": "any", "credentials": {}, "webhooks": OWN_SIGNATURE}
    made = client.post(HERE, json=given)
    assert (made.status_code, made.json()["webhooks"]["signed_text"]) == (201, "{id}.{timestamp}.{body}")
    change = {"webhooks": OWN_SIGNATURE | {"tolerance_seconds": 900}}
    changed = client.patch(made.headers["location"], json=change, headers=ANY).json()
    assert changed["webhooks"]["tolerance_seconds"] == 900
    wrong = {"webhooks": OWN_SIGNATURE | {"id_header": None}}
    refused = client.patch(made.headers["location"], json=wrong, headers=ANY)
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (422, ["webhooks.id_header"])
    assert client.post(HERE, json=given | {"name": "Other", "webhooks": None}).status_code == 422
