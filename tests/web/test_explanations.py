"""Explanations through the API and on their page: open to all readers, the numbers and the list to some."""

import csv
import io
import re
from html import unescape

import pytest

from app.access.token import Role
from tests.support.client import MARK, TestClient
from tests.support.people import add_person, browser_of
from tests.support.plan import NOW, a_live_placement
from tests.web.conftest import Door, send_applicants


@pytest.fixture
def told(door: Door) -> tuple[Door, str]:
    """Three placements of which one brought twelve applicants, seven of them to an interview."""
    door.clock = NOW
    with door.database.writing(door.ours) as session:
        placements = [a_live_placement(session) for _ in range(3)]
        codes = [placement.tracking_code for placement in placements]
        id = str(placements[0].id)
    send_applicants(door, dict(zip(codes, ((12, 7), (20, 3), (20, 3)), strict=True)))
    return door, id


def few(door: Door) -> TestClient:
    token = door.token(Role.VIEWER, sees_small_counts=False)
    return TestClient(door.app, headers={"Authorization": f"Bearer {token}"})


def exports(door: Door) -> list[str]:
    add_person(door.database, door.ours)
    lines = csv.DictReader(io.StringIO(browser_of(door.app).get("/audit.csv").text.lstrip(MARK)))
    return [line["noun_id"] for line in lines if line["action"] == "exported" and line["noun_id"].startswith("explain")]


def test_the_api_explains_and_lists_and_both_are_told_in_the_audit(told: tuple[Door, str]) -> None:
    door, id = told
    client = door.client(Role.VIEWER)
    answer = client.get(f"/api/v1/reports/explain/{id}?language=en").json()
    assert answer["counts"]["applications"] == 12
    assert (answer["exact"], len(answer["applications"]), answer["row"]["key"]) == (True, 12, id)
    file = client.get(f"/api/v1/reports/explain/{id}.csv")
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert file.headers["content-type"].startswith("text/csv")
    assert [row["record"] for row in rows] == [one["record"] for one in answer["applications"]]
    assert sum(row["counted"] == "reached" for row in rows) == 7
    assert {row["interview"] for row in rows} == {"2025-10-05", ""}
    assert sorted(exports(door)) == [f"explain/{id}.csv", f"explain/{id}.json"]


def test_a_token_without_the_right_gets_the_explanation_without_numbers_and_not_the_file(
    told: tuple[Door, str],
) -> None:
    door, id = told
    client = few(door)
    answer = client.get(f"/api/v1/reports/explain/{id}?stage=hired&language=en").json()
    assert (answer["exact"], answer["counts"], answer["applications"], answer["reason"]) == (False, None, None, None)
    assert answer["assumptions"]
    for asked in ("from=2025-09-01", "as_of=2025-10-01", "horizon_days=60"):
        refused = client.get(f"/api/v1/reports/explain/{id}?{asked}&language=en")
        assert (refused.status_code, "small counts" in refused.text) == (422, True)
    assert client.get(f"/api/v1/reports/explain/{id}.csv").status_code == 403
    assert exports(door) == [f"explain/{id}.json"]


def test_any_row_is_explained_by_its_key_and_its_list_is_told_in_the_audit(told: tuple[Door, str]) -> None:
    door, _id = told
    client = door.client(Role.VIEWER)
    rows = client.get("/api/v1/reports/effectiveness?by=format&language=en").json()["rows"]
    (row,) = (row for row in rows if row["row"] == "known")
    answer = client.get(f"/api/v1/reports/explain?by=format&key={row['key']}&language=en").json()
    assert (answer["row"]["label"], answer["row"]["code"]) == (row["label"], None)
    assert (answer["counts"]["applications"], answer["verdict"]) == (row["applications"], row["verdict"])
    assert row["applications"] == 52
    file = client.get(f"/api/v1/reports/explain.csv?by=format&key={row['key']}")
    assert len(list(csv.DictReader(io.StringIO(file.text)))) == 52
    assert sorted(exports(door)) == ["explain/format/poster.csv", "explain/format/poster.json"]
    missing = client.get("/api/v1/reports/explain?by=format&key=video&language=en")
    assert (missing.status_code, "“video”" in missing.text) == (404, True)
    assert client.get("/api/v1/reports/explain?key=poster").status_code == 422


def test_a_token_without_the_right_gets_a_row_without_numbers_and_of_the_whole_record(told: tuple[Door, str]) -> None:
    door, _id = told
    client = few(door)
    answer = client.get("/api/v1/reports/explain?by=format&key=poster&language=en").json()
    assert (answer["exact"], answer["counts"], answer["applications"]) == (False, None, None)
    refused = client.get("/api/v1/reports/explain?by=format&key=poster&format=poster&language=en")
    assert (refused.status_code, "small counts" in refused.text) == (422, True)
    assert client.get("/api/v1/reports/explain.csv?by=format&key=poster").status_code == 403


def test_the_page_of_a_row_keeps_what_it_is_about_and_hands_its_list_out(told: tuple[Door, str]) -> None:
    door, _id = told
    add_person(door.database, door.ours)
    browser = browser_of(door.app)
    verdicts = browser.get("/verdicts?by=format&stage=screened&specialty=gp").text
    link = re.search(r'href="(/verdicts/why[^"]*)"', verdicts)
    assert link is not None
    page = browser.get(unescape(link[1])).text
    for part in ("Here all ads of one format count as one ad.", "What would change it", 'value="screened" selected',
                 '<input type="hidden" name="by" value="format">', '<input type="hidden" name="key" value="poster">',
                 '<a href="/verdicts?by=format">Verdicts</a> › Poster'):  # fmt: skip
        assert part in page, part
    whole = browser.get("/verdicts/why?by=format&key=poster").text
    file = re.search(r'href="([^"]*why\.csv[^"]*)"', whole)
    assert file is not None
    assert len(list(csv.DictReader(io.StringIO(browser.get(unescape(file[1])).text.lstrip(MARK))))) == 52
    (number,) = re.findall(r'href="([^"]*only=reached[^"]*)"', whole)
    assert "Only the 13 that the number counts." in browser.get(unescape(number)).text
    assert browser.get("/verdicts/why?by=format&key=video").status_code == 404


def test_the_page_of_a_row_has_no_number_of_people_for_who_may_not_see_small_counts(told: tuple[Door, str]) -> None:
    door, _id = told
    add_person(door.database, door.ours, "few@kivikoski.example", sees_small_counts=False)
    browser = browser_of(door.app, "few@kivikoski.example")
    page = browser.get("/verdicts/why?by=format&key=poster&from=2025-09-01")
    assert (page.status_code, "You may not see small counts" in page.text) == (200, True)
    for part in ("What was counted", "The applications counted", "<code>"):
        assert part not in page.text, part
    assert browser.get("/verdicts/why.csv?by=format&key=poster").status_code == 403


@pytest.mark.parametrize("asked", ["channel=0", "by=format", "level=2", "stage=applied"])
def test_an_explanation_takes_no_other_question(told: tuple[Door, str], asked: str) -> None:
    door, id = told
    assert door.client(Role.VIEWER).get(f"/api/v1/reports/explain/{id}?{asked}").status_code == 422


def test_the_page_says_why_and_hands_the_list_out(told: tuple[Door, str]) -> None:
    door, id = told
    add_person(door.database, door.ours)
    browser = browser_of(door.app)
    link = re.search(rf'href="(/placements/{id}/why[^"]*)"', browser.get(f"/placements/{id}?stage=screened").text)
    assert link is not None
    page = browser.get(link[1]).text
    assert 'value="screened" selected' in page
    for part in ("What was counted", "What would change it", "The applications counted", "factor 1.9 (used here)"):
        assert part in page
    file = re.search(r'href="([^"]*why\.csv[^"]*)"', page)
    assert file is not None
    assert len(list(csv.DictReader(io.StringIO(browser.get(file[1]).text.lstrip(MARK))))) == 12
    assert exports(door) == [f"explain/{id}.csv"]


def test_the_page_of_who_may_not_see_small_counts_has_no_number_of_people(told: tuple[Door, str]) -> None:
    door, id = told
    add_person(door.database, door.ours, "few@kivikoski.example", sees_small_counts=False)
    browser = browser_of(door.app, "few@kivikoski.example")
    page = browser.get(f"/placements/{id}/why?from=2025-09-01")
    assert (page.status_code, "You may not see small counts" in page.text) == (200, True)
    assert "What is taken for granted" in page.text
    for part in ("What was counted", "The applications counted", "factor", "<code>"):
        assert (part in page.text) is (part == "factor"), part
    assert f'href="/placements/{id}"' in page.text
    assert browser.get(f"/placements/{id}/why.csv").status_code == 403


def test_a_placement_that_nobody_applied_through_says_so(door: Door) -> None:
    door.clock = NOW
    with door.database.writing(door.ours) as session:
        id = str(a_live_placement(session).id)
    add_person(door.database, door.ours)
    page = browser_of(door.app).get(f"/placements/{id}/why").text
    assert "Nobody is known to have applied through this placement." in page
    assert "Whatever had become of its applicants" in page


def test_what_a_verdict_was_reckoned_from_is_taken_along_with_its_rules_and_priors(told: tuple[Door, str]) -> None:
    door, id = told
    add_person(door.database, door.ours)
    browser = browser_of(door.app)
    page = browser.get(f"/placements/{id}/why").text
    link = re.search(r'href="([^"]*why/inputs\.csv[^"]*)"', page)
    assert link is not None
    rows = list(csv.DictReader(io.StringIO(browser.get(unescape(link[1])).text.lstrip(MARK))))
    said = {row["What"]: row["Value"] for row in rows}
    answered = door.client(Role.VIEWER).get(f"/api/v1/reports/explain/{id}").json()
    counts = answered["counts"]
    assert (said["Applied"], said["Compared"]) == (str(counts["applications"]), str(counts["compared"]))
    assert float(said["Usual for comparable applicants"]) == pytest.approx(counts["expected"])
    assert float(said["Against comparable applicants"]) == pytest.approx(answered["lift"]["estimate"], abs=1e-6)
    priors = [row for row in rows if row["Part"] == "The verdict if ads differed less or more"]
    assert [float(row["low"]) for row in priors] == [
        pytest.approx(case["lift"]["low"], abs=1e-6) for case in answered["prior"]["cases"]
    ]
    book = browser.get(unescape(link[1]).replace(".csv", ".xlsx"))
    assert book.headers["content-type"].endswith("sheet")
    add_person(door.database, door.ours, "few@kivikoski.example", sees_small_counts=False)
    assert browser_of(door.app, "few@kivikoski.example").get(unescape(link[1])).status_code == 403
