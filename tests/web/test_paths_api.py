"""Paths and comparisons through the API."""

import pytest

from app.access.token import Role
from tests.support.client import TestClient
from tests.support.people import add_person, browser_of
from tests.support.plan import NOW, a_live_placement
from tests.web.conftest import Door, send_applicants


@pytest.fixture
def codes(door: Door) -> list[str]:
    """Two placements through which thirty each applied; twenty-four and ten of them came to an interview."""
    door.clock = NOW
    with door.database.writing(door.ours) as session:
        codes = [a_live_placement(session).tracking_code for _ in range(2)]
    send_applicants(door, dict(zip(codes, ((30, 24), (30, 10)), strict=True)))
    return codes


def test_paths_have_their_documented_parts_and_a_heading_that_claims_nothing(door: Door, codes: list[str]) -> None:
    client = door.client(Role.VIEWER)
    for asked in ("", "&touches=between", "&intervals=true", "&by=claim"):
        answer = client.get(f"/api/v1/reports/paths?language=en{asked}").json()
        assert answer["heading"] == "Ways of sharing credit, not proof"
        assert {"scope", "data", "paths", "models", "removal_effects"} <= answer.keys()
        assert answer["data"]["waiting"] == {"needs_mapping": 0, "dead": 0, "received": 0}
        total = sum(line["credit"] or 0 for line in answer["models"]["linear"])
        assert total + answer["untouched"] == pytest.approx(34)
    assert client.get("/api/v1/reports/paths?by=nothing").status_code == 422
    filtered = client.get("/api/v1/reports/paths?format=poster&persona=nobody").json()
    assert filtered["scope"]["filters"] == {"persona": "nobody", "format": "poster"}
    assert client.get("/api/v1/reports/paths?model=last").status_code == 422


def test_two_placements_are_set_beside_each_other(door: Door, codes: list[str]) -> None:
    client = door.client(Role.VIEWER)
    asked = {"a": codes[0], "b": codes[1], "language": "en"}
    answer = client.get("/api/v1/reports/comparison", params=asked).json()
    assert (answer["a"]["reached"], answer["b"]["reached"]) == (24, 10)
    assert answer["probability_better"] > 0.95
    assert answer["scope"]["by"] == "placement"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"a": "x", "b": "y"}, "a"),
        ({"a": "x", "b": "x"}, "b"),
        ({"by": "period", "a": "2026", "b": "2025-01-01/2025-02-01"}, "a"),
        ({"by": "theme", "a": "x", "b": "y"}, "by"),
    ],
)
def test_a_comparison_that_cannot_be_made_names_the_field(
    door: Door, codes: list[str], asked: dict[str, str], field: str
) -> None:
    refused = door.client(Role.VIEWER).get("/api/v1/reports/comparison", params=asked)
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert field in str(refused.json())


def test_forecasts_are_answered_for_a_stage_and_a_split(door: Door, codes: list[str]) -> None:
    client = door.client(Role.VIEWER)
    answer = client.get("/api/v1/reports/forecasts?language=en&by=channel&stage=hired&from=2026-01-01").json()
    assert (answer["scope"]["by"], answer["scope"]["stage"]) == ("channel", "hired")
    assert (answer["held"], answer["rows"]) == (0, [])
    assert "nothing to foretell" in answer["finding"]
    assert client.get("/api/v1/reports/forecasts?by=nothing").status_code == 422


def test_neither_opens_without_the_right_to_see_small_counts(door: Door, codes: list[str]) -> None:
    token = door.token(Role.VIEWER, sees_small_counts=False)
    few = TestClient(door.app, headers={"Authorization": f"Bearer {token}"})
    for path in ("paths", "forecasts", f"comparison?a={codes[0]}&b={codes[1]}"):
        assert few.get(f"/api/v1/reports/{path}").status_code == 403


def test_the_page_shows_every_way_and_hands_the_table_out(door: Door, codes: list[str]) -> None:
    add_person(door.database, door.ours)
    browser = browser_of(door.app)
    page = browser.get("/paths").text
    assert "34 of 60 applications came to interview." in page
    assert page.count('<th scope="col" role="columnheader" class="number">') == 4 + 1 + 3, (
        "four ways of sharing, their range, the ways"
    )
    between = browser.get("/paths?touches=between").text
    assert "34 came without meeting anything in between." in between
    assert "Nobody has come to this stage yet" in browser.get("/paths?stage=hired").text
    assert "Shapley" not in browser.get("/paths.csv").text, "what is taken along is what is seen"
    assert browser.get("/paths.csv?columns=shapley").text.count("Shapley") == 1
    assert browser.get("/paths?touches=none").status_code == 422
    assert 'href="/paths"' in browser.get("/verdicts").text


@pytest.mark.parametrize(
    ("chosen", "accepted", "heading"),
    [
        ("", "", "Tapoja jakaa"),
        ("", "de, *;q=0.1", "Tapoja jakaa"),
        ("", "sv-FI, en;q=0.5", "Sätt att"),
        ("en", "sv", "Ways of sharing"),
    ],
)
def test_a_report_speaks_the_language_asked_for_else_the_one_accepted_else_the_organisations(
    door: Door, codes: list[str], chosen: str, accepted: str, heading: str
) -> None:
    query = {"language": chosen} if chosen else {}
    answer = door.client(Role.VIEWER).get("/api/v1/reports/paths", params=query, headers={"accept-language": accepted})
    assert heading in answer.json()["heading"]
