"""Every number opens what it counts: as many applications as it says, by keys that name nobody."""

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.audit import AuditEntry
from app.access.organisation import Organisation
from app.access.token import Role
from app.errors import Invalid
from app.funnel.stage import Stage
from app.reports.listing import Listed, Listing, Part, PartOfStage, RowCell, StageCell
from app.reports.scope import By
from app.web.pages.applications import applications_view, counted_words, sort_listed
from tests.support.client import TestClient
from tests.support.people import add_person, browser_of
from tests.web.answers_examples import DATA, key_of
from tests.web.pages.conftest import visitor
from tests.web.pages.town import show

REPORTS = [
    *(f"/verdicts?by={by.value}" for by in By),
    "/verdicts?stage=offer&from=2026-04-01&format=poster",
    "/funnel",
    "/funnel?stage=hired&specialty=general_practice&to=2026-09-30",
    "/funnel?view=activity&from=2026-05-01",
    "/funnel?split=specialty&format=poster",
    "/funnel?split=channel&from=2026-04-01",
    "/funnel?split=campaign&stage=hired",
    "/funnel?view=snapshot",
    f"/placements/{key_of(2)}?stage=offer",
]


def numbers(text: str) -> list[tuple[int, str]]:
    """Every number that opens something, and what it opens."""
    found = re.findall(r'<a class="counted" href="([^"]*)">([\d,]+)</a>', text)
    return [(int(n.replace(",", "")), unescape(address)) for address, n in found]


def listed(text: str) -> int:
    """How many applications the page says it lists, and does list."""
    (said,) = re.findall(r"<h1>(\d+) applications?</h1>", text)
    assert text.count('<tr><th scope="row"><code>') == int(said)
    return int(said)


@pytest.mark.parametrize("path", REPORTS)
def test_a_number_opens_exactly_as_many_applications_as_it_says(reader: TestClient, path: str) -> None:
    found = set(numbers(reader.get(path).text))
    assert found
    for n, address in found:
        assert listed(reader.get(address).text) == n, address


def test_in_a_period_what_is_known_by_subtraction_opens_nothing(reader: TestClient) -> None:
    opened = [address for _n, address in numbers(reader.get("/funnel?view=activity&from=2026-05-01").text)]
    assert not any("part=passed" in address or "part=arrived" in address for address in opened)


def test_the_way_back_asks_the_same_question(reader: TestClient) -> None:
    text = reader.get("/applications?by=format&stage=offer&row=known&key=poster&part=reached&sort=-out").text
    assert 'href="/verdicts?by=format&amp;stage=offer"' in text
    assert "got an offer." in text
    assert "They are counted in the row “Poster”." in text


def test_a_list_names_nobody_and_says_where_each_came_from(reader: TestClient) -> None:
    text = reader.get("/applications").text
    assert "names nobody" in text
    assert f'href="/placements/{key_of(2)}"' in text
    assert "Unknown source" in text


def test_who_may_not_see_small_counts_is_told_why(town: FastAPI) -> None:
    with town.state.database.writing() as session:
        owner = session.scalars(select(Organisation.id)).one()
    add_person(town.state.database, owner, "sees@not.example", Role.VIEWER, sees_small_counts=False)
    for path in ("/applications", "/applications.csv"):
        answered = browser_of(town, "sees@not.example").get(path)
        assert answered.status_code == 403
        assert "An administrator of your organisation can give you the right" in answered.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("row=weather", "“weather” is none of known, unknown"),
        ("part=passed", "“passed” is none of applied, reached, out, pending"),
        ("at=lunch&part=reached", "“lunch” is none of applied"),
        ("at=offer&part=out", "“out” is none of reached, passed"),
        ("sort=height", "“height” is none of applied"),
    ],
)
def test_a_cell_that_is_none_of_ours_is_named(reader: TestClient, asked: str, said: str) -> None:
    answered = reader.get(f"/applications?{asked}")
    assert answered.status_code == 422
    assert said in answered.text


def test_a_row_that_left_the_plan_is_said_to_be_missing(reader: TestClient) -> None:
    assert reader.get(f"/applications?row=known&key={key_of(99)}").status_code == 404


def test_a_number_that_counts_nobody_any_more_says_so(reader: TestClient) -> None:
    assert "Nobody is counted here any more" in reader.get("/applications?from=2031-01-01").text


def test_the_file_has_all_of_them_and_is_told_in_the_audit(town: FastAPI) -> None:
    answered = visitor(town).get("/applications.csv?part=reached&stage=offer")
    lines = answered.text.splitlines()
    assert lines[0].startswith("record,applied,screened,interview,offer,hired,started,out,outcome")
    assert len(lines) - 1 == listed(visitor(town).get("/applications?part=reached&stage=offer").text)
    with town.state.database.writing() as session:
        told = session.scalars(select(AuditEntry.noun_id).where(AuditEntry.action == "exported")).all()
    assert "applications.csv" in told


def application(n: int, **parts: Any) -> Listed:
    made: dict[str, Any] = {
        "record": f"{n:032x}", "applied": dt.date(2026, 1, 1) + dt.timedelta(days=n), "stages": {}, "out": None,
        "current": "applied", "outcome": None, "specialty": None, "row": "unknown", "key": None, "label": "Unknown",
    }  # fmt: skip
    return Listed(**{**made, **parts})


def test_what_has_no_value_comes_last_in_either_direction() -> None:
    days = {1: {"offer": dt.date(2026, 5, 1)}, 2: {}, 3: {"offer": dt.date(2026, 4, 1)}}
    applications = [application(n, stages=stages) for n, stages in days.items()]
    for sort, order in (("offer", [3, 1, 2]), ("-offer", [1, 3, 2]), ("-applied", [3, 2, 1])):
        assert [int(one.record, 16) for one in sort_listed(applications, sort)] == order
    with pytest.raises(Invalid):
        sort_listed(applications, "--offer")


def test_known_sources_come_before_those_that_cannot_be_traced() -> None:
    known = application(2, row="known", key=key_of(1), label="Zebra")
    assert sort_listed([application(1), known], "source") == [known, application(1)]


def test_a_long_list_comes_in_pages(town: FastAPI) -> None:
    listing = Listing(scope={}, data=DATA, label="", applications=[application(n) for n in range(250)])
    cell = RowCell(Part.APPLIED)
    show(town, "/examples/long-list", "applications.html",
         lambda visit: applications_view(visit, visit.question(), cell, listing))  # fmt: skip
    reader, seen, text = visitor(town), list[str](), ""
    address: str | None = "/examples/long-list"
    while address:
        text = reader.get(address).text
        seen += re.findall(r"<code>(\w+)</code>", text)
        following = re.search(r'href="([^"]*)" rel="next"', text)
        address = unescape(following[1]) if following else None
    assert len(seen) == 250
    assert "201–250 of 250" in text
    assert "1–100 of 250" in reader.get("/examples/long-list?first=7000").text
    assert "101–200 of 250" in reader.get("/examples/long-list?first=133").text


@pytest.mark.parametrize("cell", [*(RowCell(part) for part in Part), *(StageCell(Stage.OFFER, p) for p in PartOfStage)])
def test_every_number_is_told_in_a_sentence(cell: RowCell | StageCell) -> None:
    assert counted_words(cell, Stage.OFFER, 12).startswith("12 ")
