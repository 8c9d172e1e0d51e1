"""Sources that have to be made by hand are listed under the name to type, and ticked off with who and when."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.access.token import Role
from app.database import Database
from app.intake.connection import Connection
from app.intake.made_source import LONGEST_SOURCE, MadeSource, list_sources
from app.planning.placement import Placement
from app.planning.tracking import observe_source
from tests.cli.test_verbs import Kutsu, city, kutsu
from tests.support.people import add_person, browser_of
from tests.support.plan import NOW, a_live_placement, a_placement
from tests.web.conftest import Door, door
from tests.web.pages.test_plan_pages import words

__all__ = ["city", "door", "kutsu"]


def connected(door: Door, vendor: str = "greenhouse", name: str = "Own Greenhouse") -> str:
    with door.database.writing(door.ours) as session:
        one = Connection(vendor=vendor, name=name, region="global", credentials=b"", created_at=NOW, updated_at=NOW)
        session.add(one)
        session.flush()
        return str(one.id)


def placed(door: Door, **fields: object) -> tuple[str, str]:
    """A live placement's key and code."""
    with door.database.writing(door.ours) as session:
        one = a_live_placement(session, **fields)
        return str(one.id), one.tracking_code


def test_the_name_to_type_leads_back_to_the_placement_however_long_it_is(door: Door) -> None:
    connected(door)
    _id, code = placed(door, name="A long name " * 16)
    with door.database.reading(door.ours) as session:
        (one,) = list_sources(session)
    assert len(one.name) <= LONGEST_SOURCE
    assert observe_source(label=one.name).code == code


def test_a_source_is_ticked_off_and_taken_back_over_the_api(door: Door) -> None:
    connection, (placement, code) = connected(door), placed(door, name="Poster")
    here, client = f"/api/v1/connections/{connection}/sources", door.client()
    (one,) = client.get(here).json()["items"]
    assert one == {
        "placement_id": placement, "placement": "Poster", "name": f"Poster k-{code}", "made_at": None, "made_by": None,
    }  # fmt: skip
    assert client.put(f"{here}/{placement}").status_code == client.put(f"{here}/{placement}").status_code == 204
    (one,) = client.get(here).json()["items"]
    assert (one["made_by"], one["made_at"]) == ("tests", "2026-03-01T09:00:00Z")
    assert client.get(f"/api/v1/placements/{placement}").json()["ats_source_ref"] == f"Poster k-{code}"
    assert client.delete(f"{here}/{placement}").status_code == client.delete(f"{here}/{placement}").status_code == 204
    assert client.get(f"/api/v1/placements/{placement}").json()["ats_source_ref"] is None
    assert door.client(Role.VIEWER).put(f"{here}/{placement}").status_code == 403


def test_a_system_that_keeps_what_links_carry_needs_none(door: Door) -> None:
    connection, (placement, _code) = connected(door, "teamtailor"), placed(door)
    here, client = f"/api/v1/connections/{connection}/sources", door.client()
    assert client.get(here).json() == {"items": []}
    refused = client.put(f"{here}/{placement}")
    assert refused.status_code == 409 and "No sources are made by hand" in refused.json()["detail"]


def test_what_has_ended_is_listed_only_if_its_source_was_made(door: Door) -> None:
    connection, client = connected(door), door.client()
    (kept, _code), (dropped, _other) = placed(door, name="Made"), placed(door, name="Never made")
    client.put(f"/api/v1/connections/{connection}/sources/{kept}")
    with door.database.writing(door.ours) as session:
        for one in session.scalars(select(Placement)):
            one.status = "ended"  # type: ignore[assignment]
    items = client.get(f"/api/v1/connections/{connection}/sources").json()["items"]
    assert [one["placement_id"] for one in items] == [kept] and dropped != kept


def test_the_page_lists_names_to_copy_and_says_who_made_which(door: Door) -> None:
    connection, (placement, code) = connected(door), placed(door, name="Poster")
    add_person(door.database, door.ours)
    reader = browser_of(door.app)
    campaign = door.client().get(f"/api/v1/placements/{placement}").json()["campaign_id"]
    here = f"/data/{connection}/sources"
    for page, link in ((f"/data/{connection}", here), (f"/campaigns/{campaign}", f"{here}?campaign={campaign}")):
        text = reader.get(page).text
        assert f'href="{link}"' in text and "1 source is still to be made by hand" in text
    assert f"<code>Poster k-{code}</code>" in reader.get(here).text
    sent = reader.post(f"{here}/made", data={"placement": placement, "campaign": campaign})
    assert sent.headers["location"] == f"{here}?campaign={campaign}"
    said = words(reader.get(sent.headers["location"]).text)
    assert "Made by Anna Aalto on 1 Mar 2026" in said and "Every source that has to be made by hand is made." in said
    assert reader.post(f"{here}/unmade", data={"placement": placement}).headers["location"] == here
    assert "1 source is still to be made by hand" in reader.get(here).text
    assert reader.post(f"{here}/made", data={"placement": "nonsense"}).status_code == 404
    with door.database.writing(door.ours) as session:
        session.scalars(select(Connection)).one().vendor = "teamtailor"
    assert reader.post(f"{here}/made", data={"placement": placement}).status_code == 422
    assert "There is nothing to make here" in reader.get(here).text
    add_person(door.database, door.ours, "viewer@kivikoski.example", Role.VIEWER)
    viewer = browser_of(door.app, "viewer@kivikoski.example")
    assert viewer.post(f"{here}/made", data={"placement": placement}).status_code == 403


def test_how_to_make_sources_is_told_only_where_one_is_to_be_made(door: Door) -> None:
    connection = connected(door)
    add_person(door.database, door.ours)
    reader, here, told = browser_of(door.app), f"/data/{connection}/sources", "Make one for each placement"
    text = reader.get(here).text
    assert "There is nothing to make here" in text and told not in text
    placed(door)
    assert told in reader.get(here).text


def test_a_placement_that_is_deleted_takes_its_tick_along(door: Door) -> None:
    connection = connected(door)
    placement = door.make(a_placement)
    client = door.client()
    client.put(f"/api/v1/connections/{connection}/sources/{placement}")
    etag = client.get(f"/api/v1/placements/{placement}").headers["etag"]
    assert client.delete(f"/api/v1/placements/{placement}", headers={"If-Match": etag}).status_code == 204
    with door.database.reading(door.ours) as session:
        assert session.scalars(select(MadeSource)).all() == []


@pytest.fixture
def code(city: Kutsu) -> str:
    database = Database("sqlite:///test.db")
    with database.reading() as session:
        from app.access.organisation import list_organisations

        (town,) = list_organisations(session)
    with database.writing(town.id) as session:
        found = a_live_placement(session, name="Poster").tracking_code
        session.add(Connection(vendor="greenhouse", name="Own", region="global", credentials=b"", created_at=NOW,
                               updated_at=NOW))  # fmt: skip
    database.close()
    return found


def test_sources_are_listed_and_ticked_off_on_the_command_line(city: Kutsu, code: str) -> None:
    assert city("source", "list", "Own").output == f"{code}: Poster k-{code}; still to be made\n"
    assert city("source", "made", "Own", code).output == f"“Poster k-{code}” is made.\n"
    assert "made on" in city("source", "list", "Own").output
    assert city("source", "made", "Own", code, "--undo").output == "“Poster” is still to be made.\n"


def test_a_target_is_corrected_on_the_command_line(city: Kutsu, code: str, tmp_path: Path) -> None:
    told = city("placement", "correct", code, "https://jobs.example.org/nurse")
    assert told.exit_code == 0, told.output
    assert "“Poster” leads to https://jobs.example.org/nurse from now on." in told.output
    assert "it led to https://jobs.example.org/doctor." in told.output
    assert "target_url" in str(city("placement", "correct", code, "ftp://jobs.example.org/x").exception)
    assert "not one of your own hosts" in str(city("placement", "correct", code, "https://evil.example/x").exception)
