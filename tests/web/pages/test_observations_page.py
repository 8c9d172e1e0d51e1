"""Observations from a file, sent by a form: tried or kept row by row, with a file of what was refused."""

import base64
import csv
import io
import json
import re
from html import unescape

import pytest
import xlsxwriter
from fastapi import FastAPI
from sqlalchemy import select

from app.access.audit import AuditEntry
from app.access.token import Role
from app.funnel.fact import FactKind, FactRow, Origin, TimeQuality
from app.intake.observe import MOST_ITEMS
from tests.support.client import TestClient
from tests.support.people import add_person, browser_of
from tests.web.pages.conftest import visitor

HERE = "/data/observations"
GOOD = '{"id": "a1", "kind": "application", "at": "2026-03-02T10:00:00Z", "person": "p1", "application": "x1"}\n'
NO_STAGE = '{"id": "a2", "kind": "stage_change", "at": "2026-03-09T08:00:00Z", "application": "x1"}\n'


@pytest.fixture
def sender(site: FastAPI) -> TestClient:
    return visitor(site)


def send(sender: TestClient, content: str | bytes, name: str = "ours.ndjson", status: int = 200, **said: str) -> str:
    answered = sender.post(HERE, files={"file": (name, content)}, data=said)
    assert answered.status_code == status, answered.text
    return unescape(answered.text)


def stored(site: FastAPI) -> list[FactRow]:
    with site.state.database.reading(site.state.organisation) as session:
        return list(session.scalars(select(FactRow)))


def rejects(text: str) -> list[dict[str, object]]:
    (held,) = re.findall(
        r'href="data:application/x-ndjson;base64,([^"]+)" download="ours.ndjson.rejected.ndjson"', text
    )
    return [json.loads(line) for line in base64.b64decode(held).decode().splitlines()]


def sheet_rejects(text: str, marks: str = ",") -> list[list[str]]:
    (held,) = re.findall(r'href="data:text/csv;base64,([^"]+)" download="ours.csv.rejected.csv"', text)
    given = base64.b64decode(held).decode()
    assert given.startswith("\ufeff")
    return list(csv.reader(io.StringIO(given[1:]), delimiter=marks))


def test_every_page_that_speaks_of_files_leads_to_the_form(sender: TestClient) -> None:
    for page in ("/data", "/data/connect?vendor=other", "/start"):
        assert f'href="{HERE}"' in sender.get(page).text, page
    text = sender.get(HERE).text
    assert 'enctype="multipart/form-data"' in text and f'href="{HERE}/example.ndjson"' in text
    assert "<td>application, stage</td>" in text


def test_the_example_is_taken_in_whole_and_nothing_of_it_twice(site: FastAPI, sender: TestClient) -> None:
    example = sender.get(f"{HERE}/example.ndjson")
    assert "attachment" in example.headers["content-disposition"]
    assert "3 accepted, 0 known already, 0 in conflict, 0 refused." in send(sender, example.text)
    assert "0 accepted, 3 known already, 0 in conflict, 0 refused." in send(sender, example.text)
    assert {(one.system, one.origin) for one in stored(site)} == {("system:file", Origin.FILE)}
    with site.state.database.reading(site.state.organisation) as session:
        (told,) = session.scalars(select(AuditEntry).where(AuditEntry.noun == "observations"))
        assert (told.noun_id, told.fields, told.actor_kind) == ("file", ["accepted:3", "refused:0"], "user")


def test_a_row_that_is_refused_is_named_and_given_back_as_a_file_and_the_others_are_kept(
    site: FastAPI, sender: TestClient
) -> None:
    text = send(sender, f"{GOOD}{NO_STAGE}no json\n")
    assert "1 accepted, 0 known already, 0 in conflict, 2 refused." in text
    assert "<td>a2</td><td>stage: Field required</td>" in text
    assert [(one["row"], one["id"]) for one in rejects(text)] == [(2, "a2"), (3, None)]
    assert len(stored(site)) == 1


def test_only_saying_what_would_happen_stores_nothing(site: FastAPI, sender: TestClient) -> None:
    text = send(sender, GOOD + NO_STAGE, do="try", system="own")
    assert "1 accepted, 0 known already, 0 in conflict, 1 refused." in text
    assert (
        "ours.ndjson: This was a rehearsal: nothing was stored. Choose the file again" in text and 'value="own"' in text
    )
    assert len(rejects(text)) == 1 and stored(site) == []


def test_what_is_said_otherwise_before_stands_and_the_page_says_so(sender: TestClient) -> None:
    send(sender, GOOD)
    assert "The first one stands" in send(sender, GOOD.replace("p1", "p2"))
    assert "1 accepted" in send(sender, GOOD.replace("p1", "p2"), system="another")


@pytest.mark.parametrize("begins", ["", "\ufeff"])
def test_an_array_and_lines_are_read_with_or_without_a_mark_before_them(sender: TestClient, begins: str) -> None:
    assert "1 accepted" in send(sender, begins + GOOD, do="try")
    assert "1 accepted" in send(sender, f"{begins}[{GOOD}]", do="try")


@pytest.mark.parametrize(
    ("content", "said", "problem"),
    [
        ("", {}, "This file has no observations"),
        ("[1", {}, "is no JSON"),
        ("0\n" * (MOST_ITEMS + 1), {}, "More than 10,000 observations are in this file"),
        ("PK\x03\x04", {"name": "ours.xlsx"}, "The spreadsheet is damaged"),
        ("a,b\n1,2\n", {"name": "ours.csv"}, "one must be called application and one applied"),
        (GOOD, {"system": "x" * 61}, "Name the system in 1 to 60 characters"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing_and_says_why(
    site: FastAPI, sender: TestClient, content: str, said: dict[str, str], problem: str
) -> None:
    text = send(sender, content, status=422, **said)
    assert problem in text and "Nothing was changed." in text
    assert stored(site) == []


def test_a_form_without_a_file_asks_for_one(sender: TestClient) -> None:
    answered = sender.post(HERE, data={"system": "own"})
    assert answered.status_code == 422 and "Choose a file." in answered.text


def test_of_very_many_refused_rows_the_link_holds_whole_lines_that_a_browser_takes(sender: TestClient) -> None:
    text = send(sender, f'{{"id": "{"i" * 200}"}}\n' * MOST_ITEMS, do="try")
    assert 0 < len(rejects(text)) < MOST_ITEMS
    assert "These are the first 50" in text and "That file holds the first of them" in text


def test_a_sheet_is_taken_in_and_sent_again_with_what_was_added_and_its_other_columns_are_named(
    site: FastAPI, sender: TestClient
) -> None:
    rows = ("x1;Anna Aalto;1.3.2026;", "x2;Bo Berg;2.3.2026;tulossa", "x3;;3.3.2026;4.3.2026")
    sheet = "\n".join(("hakemus;Nimi;haettu;haastattelu", *rows))
    text = send(sender, sheet, "ours.csv")
    assert "2 of 3 applications: 3 new events, 0 known already, 0 in conflict." in text
    for on in ("/funnel", "/data/sources", "/start"):
        assert f'class="action" href="{on}"' in text
    assert "Not read, because we do not know these columns: Nimi." in text
    assert '<th scope="row" class="number">3</th><td>x2</td><td>haastattelu: no day;' in text
    head, row = sheet_rejects(text)
    assert (head, row[:4]) == ([*["hakemus", "Nimi", "haettu", "haastattelu"], "What to mend"], rows[1].split(";"))
    assert row[4].startswith("haastattelu: no day;")
    again = send(sender, sheet.replace("1.3.2026;", "1.3.2026;9.3.2026").replace("tulossa", ""), "ours.csv")
    assert "3 of 3 applications: 2 new events, 3 known already, 0 in conflict." in again
    facts = stored(site)
    assert {(one.kind, one.time_quality) for one in facts} == {
        (FactKind.APPLICATION, TimeQuality.APPROXIMATE), (FactKind.STAGE_CHANGE, TimeQuality.APPROXIMATE)
    }  # fmt: skip
    assert not any("Anna" in str(vars(one)) for one in facts)


def test_what_a_sheet_has_no_column_for_is_said_to_be_recorded_nowhere_and_an_empty_column_is_none_who_came(
    sender: TestClient,
) -> None:
    send(sender, "hakemus;haettu;haastattelu;tarjous;palkattu\nx1;1.11.2026;9.11.2026;;\n", "ours.csv")
    text = unescape(sender.get("/funnel").text)
    assert "Not recorded by any system: Screened, Started." in text
    lines = sender.get("/funnel.csv").text.splitlines()
    assert any(line.startswith("Offer,0") for line in lines) and not any(line.startswith("Screened") for line in lines)
    assert "screening" not in sender.get("/").text


def test_a_file_is_said_to_be_as_new_as_its_last_event_and_neither_on_time_nor_sent_by_itself(
    sender: TestClient,
) -> None:
    send(sender, "hakemus;haettu;haastattelu\nx1;1.3.2026;9.3.2026\n", "ours.csv", system="Kuntarekry")
    data, today = unescape(sender.get("/data").text), unescape(sender.get("/").text)
    assert "No system is connected; what is here was sent or read from files: Kuntarekry." in data
    assert "Files read in" in data and "the last event is of 9 Mar 2026" in data and "send by themselves" not in data
    assert "read from files, whose last event is of 9 Mar 2026" in today and "as new as the last file" in today
    assert "on time" not in today and ", late" not in today


def test_refused_rows_of_a_sheet_come_back_as_they_were_without_a_formula_and_are_taken_once_they_are_mended(
    sender: TestClient,
) -> None:
    sheet = "Hakemus;Haettu;Haastattelu;Huomio\n=1+1;10.10.2026;1.10.2026;Määräaika\n"
    head, row = sheet_rejects(send(sender, sheet, "ours.csv"))
    assert row[:4] == ["'=1+1", "10.10.2026", "1.10.2026", "Määräaika"]
    assert row[4] == "Haastattelu (2026-10-01) lies before Haettu (2026-10-10); mend one of the two days"
    row[2] = "20.10.2026"
    mended = "\n".join(";".join(cells) for cells in (head, row))
    assert "1 of 1 application: 2 new events" in send(sender, mended, "ours.csv")
    assert "0 new events, 2 known already" in send(sender, sheet.replace(";1.10.", ";20.10."), "ours.csv")


def test_refused_rows_of_a_sheet_have_the_marks_of_the_readers_spreadsheet_program(sender: TestClient) -> None:
    answered = sender.post(f"{HERE}?lang=fi", files={"file": ("ours.csv", "hakemus,haettu\nx1,huomenna\n")})
    assert [row[:2] for row in sheet_rejects(unescape(answered.text), ";")] == [
        ["hakemus", "haettu"],
        ["x1", "huomenna"],
    ]


def test_a_code_that_is_none_is_kept_as_a_source_and_the_page_says_so(site: FastAPI, sender: TestClient) -> None:
    text = send(sender, "hakemus;haettu;koodi\nx1;1.10.2026;zzzzzz\n", "ours.csv")
    assert "1 of 1 application: 1 new event" in text
    assert "koodi: “zzzzzz” is no tracking code and was kept as the name of the source" in text
    (fact,) = stored(site)
    assert fact.payload["label"] == "zzzzzz"
    assert "zzzzzz" in sender.get("/data/sources").text


def test_the_example_of_a_sheet_and_a_workbook_of_it_say_the_same(sender: TestClient) -> None:
    example = sender.get(f"{HERE}/example.csv").content
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for row, cells in enumerate(csv.reader(io.StringIO(example.decode("utf-8-sig")))):
            sheet.write_row(row, 0, cells)
    assert "2 of 2 applications: 7 new events, 0 known already" in send(sender, example, "applications.csv")
    assert "2 of 2 applications: 0 new events, 7 known already" in send(sender, book.getvalue(), "applications.xlsx")


def test_only_an_administrator_sends_files_of_observations(site: FastAPI) -> None:
    add_person(site.state.database, site.state.organisation, "bo@kivikoski.example", Role.MARKETER)
    marketer = browser_of(site, "bo@kivikoski.example")
    assert marketer.get(HERE).status_code == marketer.get(f"{HERE}/example.ndjson").status_code == 403
    send(marketer, GOOD, status=403)
    assert stored(site) == [] and f'href="{HERE}"' not in marketer.get("/data").text
