"""What don’t we know yet: the page, its numbers that open what they count, its files, and the same for machines."""

import csv
import io
import re
from html import unescape

import pytest
from fastapi import FastAPI

from app.access.token import Role
from app.planning.campaign import Campaign
from tests.support.client import MARK, TestClient
from tests.support.people import add_person, browser_of
from tests.web.answers_examples import key_of
from tests.web.conftest import Door

PAGE = "/unknown"
TITLE = "What don’t we know yet?"


def words(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text))).strip()


def items(text: str) -> dict[str, str]:
    """Each thing of the page by its kind."""
    return dict(re.findall(r'<li id="(\w+)">(.*?)</dl>', text, re.DOTALL))


def test_today_the_menu_and_the_verdicts_lead_to_what_is_not_known(reader: TestClient) -> None:
    assert f'href="{PAGE}">what we don’t know yet</a>' in unescape(reader.get("/").text)
    assert reader.get("/funnel").text.count(f'href="{PAGE}"') == 1
    assert f'href="{PAGE}?stage=hired">' in reader.get("/verdicts?stage=hired&by=format").text


def test_each_thing_has_its_count_its_share_why_it_is_so_and_what_would_tell_it(reader: TestClient) -> None:
    text = reader.get(PAGE).text
    assert f"<h1>{TITLE}</h1>" in unescape(text)
    source = words(items(text)["source"]).replace("\xa0", " ")
    assert source.startswith("Where they came from 19 of 90 applications · 21 % Why No code, ")
    assert "What would tell For these, it is too late to find out." in source
    named = words(items(text)["source_name"]).replace("\xa0", " ")
    assert named.startswith("What the name of their source means 9 of 90 applications · 10 %")
    assert 'href="/data/sources">Say what they mean' in items(text)["source_name"]
    assert words(items(text)["stages_unheard"]).startswith("Whether anybody comes there 1 of 5 stages Why")
    assert "When Half of those who came to interview did so within" in words(items(text)["pending"])
    assert f'href="/placements/{key_of(3)}"' in text.split('id="cost"')[1]


def test_a_number_opens_as_many_applications_as_it_counts_and_leads_back(reader: TestClient) -> None:
    for asked in ("", "?stage=offer&from=2026-05-01"):
        text = reader.get(f"{PAGE}{asked}").text
        opened = re.findall(r'<a class="counted" href="([^"]+)">(\d+)</a>', text)
        assert len(opened) >= 4
        for address, n in opened:
            listed = reader.get(unescape(address)).text
            assert re.search(rf"\b{n} (applied|neither|were)\b", words(listed)), address
            assert re.search(rf'href="{PAGE}[^"]*">Not known</a>', listed), address


def test_what_is_chosen_limits_the_page_and_stays_in_its_ways(reader: TestClient) -> None:
    text = reader.get(f"{PAGE}?stage=hired&specialty=general_practice").text
    assert 'href="/funnel?stage=hired&amp;specialty=general_practice"' in items(text)["pending"]
    assert "specialty" not in items(text)
    assert "90 applications" in words(items(text)["stages_unmapped"])
    assert re.search(r'href="/data/[^"]+/stages">Say what it means<', items(text)["stages_unmapped"])
    assert reader.get(f"{PAGE}?from=2026-13-01").status_code == 422


@pytest.mark.parametrize("path", ["/funnel", "/paths", "/monthly"])
def test_where_no_system_was_read_a_report_shows_no_number_and_leads_to_the_first_one(
    newcomer: TestClient, path: str
) -> None:
    text = newcomer.get(path).text
    assert "Nobody has applied yet." in text and 'href="/data/connect"' in text
    assert '<td role="cell"' not in text


def test_a_promise_whose_reasons_nobody_described_leads_to_whom_it_is_made(newcomer: TestClient) -> None:
    assert 'No reason to come is described yet. <a href="/personas">' in newcomer.get("/claims/new").text


def test_a_town_that_has_nothing_yet_is_told_how_to_begin(newcomer: TestClient) -> None:
    text = newcomer.get(PAGE).text
    assert "Nobody has applied yet" in text
    assert "of 0 applications" not in text
    assert words(items(text)["not_read"]).startswith("No system has been read yet")
    assert 'class="counted"' not in text


def test_what_the_page_says_is_taken_along_as_a_file(reader: TestClient) -> None:
    page = items(reader.get(PAGE).text)
    lines = list(csv.DictReader(io.StringIO(reader.get(f"{PAGE}.csv").text.lstrip(MARK))))
    assert len(lines) == len(page)
    (source,) = (line for line in lines if line["Not known"] == "Where they came from")
    assert (source["Number"], source["of"]) == ("19", "90")
    assert reader.get(f"{PAGE}.xlsx").content.startswith(b"PK")


APPLICATION = {
    "id": "a1", "kind": "application", "at": "2026-02-20T09:00:00Z", "person": "p1", "application": "x1",
    "source": {"label": "A friend"},
}  # fmt: skip


def test_machines_are_told_the_same(door: Door) -> None:
    door.client(Role.SERVICE).post("/api/v1/observations", json=[APPLICATION])
    answer = door.client().get("/api/v1/reports/unknown?language=en&stage=hired").json()
    told = {one["kind"]: one for one in answer["unknown"]}
    assert (told["source_name"]["n"], told["source_name"]["all"], told["source_name"]["share"]) == (1, 1, 1.0)
    assert told["source_name"]["what"] == "What the name of their source means"
    assert told["pending"]["what"] == "Whether they come to “Hired”"
    assert answer["finding"].replace("\N{NO-BREAK SPACE}", " ") == (
        "1 of 1 applications (100 %) cannot be traced to an ad. 1 of them names a source that nobody has explained "
        "yet. 1 (100 %) may still come to “Hired” or go out."
    )


def test_who_may_not_see_small_counts_gets_none_of_it(town: FastAPI) -> None:
    with town.state.database.reading() as session:
        organisation = session.query(Campaign.organisation_id).limit(1).scalar()
    add_person(town.state.database, organisation, "little@kivikoski.example", Role.VIEWER, sees_small_counts=False)
    few = browser_of(town, "little@kivikoski.example")
    for path in (PAGE, f"{PAGE}.csv", f"{PAGE}.xlsx"):
        assert few.get(path).status_code == 403
    assert f'href="{PAGE}"' not in few.get("/campaigns").text
