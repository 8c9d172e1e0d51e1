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
from app.measurement.credit import Rule
from app.planning.campaign import Campaign
from app.reports.funnel_split import Split
from app.reports.listing import (
    Cell,
    CreditCell,
    Listed,
    Listing,
    Odd,
    OddCell,
    Part,
    PartOfStage,
    PathCell,
    RowCell,
    StageCell,
    list_counted,
)
from app.reports.paths import Touches
from app.reports.scope import By, Scope
from app.web.application import create_app
from app.web.pages.applications import applications_view, sort_listed
from app.web.pages.counted import counted_words, name_cell, read_cell
from tests.support.client import MARK, TestClient
from tests.support.people import add_person, browser_of
from tests.web.answers_examples import DATA, NOW, key_of
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
    "/monthly",
    "/paths?touches=between",
    "/paths?stage=offer&by=format&from=2026-04-01",
    "/",
    "/personas/gp-young-family?stage=offer",
    "/funnel?from=2026-06-01&to=2026-08-31&specialty=unspecialised&beside=before",
    "/funnel?view=activity&from=2026-06-01&to=2026-08-31&beside=before",
    "/verdicts?from=2026-06-01&stage=offer&beside=before",
]
OPENING = [*(path for path in REPORTS if "activity" not in path), "/paths", "/paths?by=claim"]


def numbers(text: str) -> list[tuple[int, str]]:
    """Every number that opens something, and what it opens."""
    found = re.findall(r'<a class="counted" href="([^"]*)">([\d,]+)(?:\.0)?</a>', text)
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


def test_two_campaigns_beside_each_other_open_whom_they_count(town: FastAPI) -> None:
    with town.state.database.writing() as session:
        one, other = session.scalars(select(Campaign.id).order_by(Campaign.name))
    reader = visitor(town)
    for page in ("funnel", "verdicts"):
        found = set(numbers(reader.get(f"/{page}?campaign={one}&beside={other}").text))
        assert any(str(other) in address for _n, address in found)
        for n, address in found:
            assert listed(reader.get(address).text) == n, address


@pytest.mark.parametrize("path", OPENING)
def test_no_number_of_applications_in_a_table_is_shut(reader: TestClient, path: str) -> None:
    """Amounts, ranges and shares count no applications, and zero has none to show."""
    text = re.sub(r"<small.*?</small>", "", reader.get(path).text, flags=re.DOTALL)
    shut = re.findall(r'<td class="number">\s*([1-9][\d,]*)\s*</td>', text)
    assert shut == [], path


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/monthly", "/monthly"),
        ("/paths?touches=between&by=format", "/paths?touches=between&amp;by=format"),
        ("/", "/"),
    ],
)
def test_the_way_back_leads_to_the_report_that_the_number_stands_in(reader: TestClient, path: str, back: str) -> None:
    found = numbers(reader.get(path).text)
    assert found
    for _n, address in found:
        assert f'<p class="kicker"><a href="{back}">' in reader.get(address).text


@pytest.mark.parametrize("path", ["/forecasts?by=format", "/forecasts?stage=offer&by=channel"])
def test_what_was_foretold_and_what_came_open_the_applications_of_then(town: FastAPI, path: str) -> None:
    reader = visitor(create_app(town.state.database, b"k" * 32, clock=lambda: NOW + dt.timedelta(days=182)))
    found = set(numbers(reader.get(path).text))
    assert any("as_of=" in address for _n, address in found)
    for n, address in found:
        assert listed(reader.get(address).text) == n, address


def test_a_number_of_a_forecast_says_of_when_it_is_and_leads_back(reader: TestClient) -> None:
    asked = "row=unknown&part=reached&seen=forecasts&by=format&stage=offer&to=2026-05-24&as_of=2026-05-24"
    text = reader.get(f"/applications?{asked}").text
    assert "As it stood on 24 May 2026." in text
    assert '<p class="kicker"><a href="/forecasts?by=format&amp;stage=offer">Forecasts</a>' in text


def test_a_code_of_no_placement_opens_the_applications_that_came_with_it(reader: TestClient) -> None:
    assert "odd=code&amp;observed=" in reader.get("/data/sources").text
    text = reader.get("/applications?odd=code").text
    assert listed(text) == 6
    assert "6 came with a code that no placement has." in text


@pytest.mark.parametrize("odd", list(Odd))
def test_whatever_somebody_has_to_look_at_is_listed(town: FastAPI, odd: Odd) -> None:
    counts = {Odd.CODE: 6, Odd.LABEL: 9, Odd.HOST: 0, Odd.UNMAPPED: 3}
    with town.state.database.writing() as session:
        owner = session.scalars(select(Organisation.id)).one()
    with town.state.database.reading(owner) as session:
        found = list_counted(session, Scope(organisation_id=owner, now=NOW), OddCell(odd))
    assert len(found.applications) == counts[odd]


def test_a_way_that_nobody_takes_is_said_to_be_missing(reader: TestClient) -> None:
    assert reader.get("/applications?way=0123456789abcdef&part=applied").status_code == 404
    assert reader.get(f"/applications?credit=first&row=known&key={key_of(99)}").status_code == 404


def test_of_a_period_nobody_is_said_to_have_gone_on(reader: TestClient) -> None:
    """Those who went out in it may have come before it, so what is left over of those who came is no count."""
    asked = "?view=activity&from=2026-05-01&to=2026-05-31"
    text = reader.get(f"/funnel{asked}").text
    heads = ("Came", "Pending since", "Withdrew in the period", "Rejected in the period")
    assert all(f">{head}</th>" in text for head in heads)
    assert "Went on" not in text
    assert not any("part=passed" in address or "part=arrived" in address for _n, address in numbers(text))
    assert reader.get(f"/funnel.csv{asked}").text.lstrip("\ufeff").partition("\n")[0].startswith(
        ",".join(("Stage", *heads))
    )  # fmt: skip


@pytest.mark.parametrize("view", ["cohort", "snapshot"])
def test_a_stage_is_split_on_screen_as_in_its_file_and_nobody_waits_at_the_last(reader: TestClient, view: str) -> None:
    text = reader.get(f"/funnel?view={view}").text
    table = text.partition("Stages in numbers")[2].partition('<tbody role="rowgroup">')[2].partition("</tbody>")[0]
    shown = [[re.sub(r"<[^>]*>|\D", "", cell) for cell in re.findall(r"<td.*?</td>", row)]
             for row in table.split("</tr>") if "<td" in row]  # fmt: skip
    filed = [
        line.split(",")[1:6]
        for line in reader.get(f"/funnel.csv?view={view}").text.lstrip(MARK).split("\r\n")[1:]
        if line
    ]
    assert shown == filed[: len(shown)]
    for came, *parts in shown:
        assert int(came) == sum(map(int, parts))
    assert shown[-1][2] == "0"


def test_the_way_back_asks_the_same_question(reader: TestClient) -> None:
    text = reader.get("/applications?by=format&stage=offer&row=known&key=poster&part=reached&sort=-out").text
    assert 'href="/verdicts?by=format&amp;stage=offer"' in text
    assert "got an offer." in text
    counted = reader.get("/applications?by=format&row=known&key=poster&part=applied").text
    assert "They are counted in the row “Poster”." in counted


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
        ("credit=markov&row=known", "“markov” is none of first, last"),
        ("credit=any&row=fitting", "“fitting” is none of known, unknown"),
        ("way=0&touches=never", "“never” is none of stage, between"),
        ("at=offer&rest=weather", "“weather” is none of persona"),
        ("odd=weather", "“weather” is none of code, label, host, unmapped"),
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
    text = reader.get("/applications?from=2031-01-01").text
    assert "Nobody is counted here." in text
    assert "They are counted" not in text


def test_the_file_has_all_of_them_and_is_told_in_the_audit(town: FastAPI) -> None:
    answered = visitor(town).get("/applications.csv?part=reached&stage=offer")
    lines = answered.text.lstrip(MARK).splitlines()
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
    listing = Listing(scope={}, data=DATA, label="", not_recorded=[], applications=[application(n) for n in range(250)])
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


EVERY_CELL: list[Cell] = [
    *(RowCell(part) for part in Part),
    *(StageCell(Stage.OFFER, part) for part in PartOfStage),
    *(PathCell("0", Touches.STAGE, part) for part in Part),
    *(CreditCell(rule, Touches.BETWEEN, "known", "1") for rule in Rule),
    *(OddCell(odd) for odd in Odd),
]


@pytest.mark.parametrize(
    "cell", [*EVERY_CELL, RowCell(Part.OUT, "fitting"), StageCell(Stage.OFFER, PartOfStage.REACHED, Split.FORMAT)]
)
def test_a_cell_is_read_from_an_address_as_it_was_written(cell: Cell) -> None:
    assert read_cell({name: said for name, said in name_cell(cell).items() if said}) == cell


@pytest.mark.parametrize("cell", EVERY_CELL)
def test_every_number_is_told_in_a_sentence(cell: Cell) -> None:
    assert counted_words(cell, Stage.OFFER, 12).startswith("12 ")


def test_a_stage_that_no_system_records_has_no_column_and_the_list_says_so(town: FastAPI) -> None:
    reader = visitor(town)
    for page, row in (("/applications?row=unknown", "unknown"), ("/verdicts/why?by=format&key=poster", "poster")):
        text = reader.get(page).text
        heads = re.findall(r"<th scope=\"col\"[^>]*>(?:<a[^>]*>)?(\w+)", text)
        assert "Hired" in heads, row
        assert "Started" not in heads, row
        assert "Not recorded by any system: Started." in text, row
    town.state.clock = lambda: NOW
    explained = visitor(town).get("/verdicts/why.csv?by=format&key=poster").text
    assert "started" in explained.splitlines()[0]
