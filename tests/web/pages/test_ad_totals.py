"""A platform's file is looked at before it counts, matched to placements by one click, and taken back."""

import csv
import io
import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.access.organisation import Organisation
from app.access.token import Role
from app.funnel.daily_ad_total import AdImport, DailyAdTotal
from app.planning.tracking import SourceAlias
from tests.support.client import TestClient
from tests.support.people import add_person, browser_of
from tests.web.answers_examples import key_of
from tests.web.pages.test_plan_pages import words

HERE = "/data/ad-totals"
EVIL = "=HYPERLINK(1)"
FILE = f"""Campaign report
Day,Campaign,Ad name,Amount spent (EUR),Impressions,Clicks,Results
2026-09-01,Doctors,Film,10.50,1200,12,3
2026-09-01,Doctors,Picture,1.00,100,1,
2026-09-02,"{EVIL}",,2.00,50,0,0.5
Total,,,13.50,1350,13,3.5
"""


@pytest.fixture(autouse=True)
def _nothing_read(town: FastAPI) -> Iterator[None]:
    yield
    with town.state.database.writing() as session:
        for kind in (DailyAdTotal, AdImport, SourceAlias):
            for row in session.scalars(select(kind)):
                session.delete(row)
            session.flush()


def send(reader: TestClient, content: str | bytes = FILE, name: str = "meta.csv", **said: str) -> tuple[int, str]:
    answered = reader.post(HERE, files={"file": (name, content)}, data=said)
    return answered.status_code, answered.headers.get("location") or answered.text


def keep(reader: TestClient, **said: str) -> str:
    status, page = send(reader, **said)
    assert status == 303, page
    assert reader.post(f"{page}/keep").headers["location"] == HERE
    return page


def test_data_in_leads_to_the_files_and_an_empty_page_says_what_comes_here(reader: TestClient) -> None:
    assert f'href="{HERE}"' in reader.get("/data").text
    text = reader.get(HERE).text
    assert "No file is here yet" in text
    assert 'enctype="multipart/form-data"' in text and "To be matched" not in text


def test_what_was_read_is_shown_before_it_counts_and_dropped_or_kept(town: FastAPI, reader: TestClient) -> None:
    _status, page = send(reader)
    text = words(reader.get(page).text)
    assert "This was read. Nothing of it counts yet" in text
    assert "Rows that add others up, left out 1" in text
    assert "1 Sept 2026 Doctors Film 1,200 12 10.50 € 3 to be matched" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "No file is here yet" in reader.get(HERE).text
    assert reader.post(f"{page}/discard").status_code == 303
    assert reader.get(page).status_code == 404
    kept = keep(reader)
    assert "Kept on" in reader.get(kept).text
    changed = send(reader, FILE.replace("Doctors,Film,10.50", "Surgeons,Film,11.00"))[1]
    said = words(reader.get(changed).text).replace("\N{NO-BREAK SPACE}", " ")
    assert "It takes the place of 3 totals that are here for these days, with 13.50 € spent." in said
    reader.post(f"{changed}/discard")
    fewer = send(reader, "Day,Campaign,Amount spent (EUR),Results,Reach,Age\n2026-09-01,Nurses,1.00,,3,30\n")[1]
    assert "Of these columns nothing was read: “Reach”, “Age”. If one of them" in words(reader.get(fewer).text)
    assert "“Doctors” is not in this file and loses its totals of these days" in words(reader.get(fewer).text)
    said = "account’s totals are here, up to 2 Sept 2026; 2 campaigns lead to no placement yet."
    assert said in words(reader.get(HERE).text)
    status, again = send(reader)
    assert status == 303 and "keeping it would change nothing" in reader.get(again).text
    refused = reader.post(f"{again}/keep")
    assert refused.status_code == 422 and "All of this is here already" in refused.text


def test_a_campaign_is_matched_by_one_form_and_its_placement_shows_what_was_spent(reader: TestClient) -> None:
    keep(reader)
    text = reader.get(HERE).text
    assert re.findall(r'name="observed" value="([^"]*)"', text) == ["doctors", "doctors › film", "doctors › picture",
                                                                     EVIL.lower()]  # fmt: skip
    placement = key_of(2)
    before = reader.get(f"/placements/{placement}").text
    assert "Spent by the platform" not in before
    sent = {"observed": ["doctors", "doctors › film"], "means": [f"placement:{placement}", ""]}
    assert reader.post(f"{HERE}/match", data=sent).headers["location"] == f"{HERE}?matched=1"
    assert "Kept: 1 name leads to its placement" in reader.get(f"{HERE}?matched=1").text
    text = words(reader.get(f"/placements/{placement}").text).replace("\N{NO-BREAK SPACE}", " ")
    assert "Spent by the platform’s file" in text and "11.50 €" in text
    assert "Meta, 1 Sept 2026: shown 1,300 times, clicked 13 times, 3 results as the platform counts them" in text
    assert "no verdict rests on it" in text
    (forget,) = re.findall(r'action="([^"]*/forget)"', reader.get(HERE).text)
    assert reader.post(forget).status_code == 303
    assert "Spent by the platform" not in reader.get(f"/placements/{placement}").text


def test_a_placement_of_the_same_name_is_proposed(reader: TestClient) -> None:
    (name,) = re.findall(r"<h1>([^<]*)</h1>", reader.get(f"/placements/{key_of(2)}").text)
    keep(reader, content=f'Day,Campaign,Cost (EUR)\n2026-09-01,"{name.upper()}",1.00\n')
    text = reader.get(HERE).text
    (listed,) = re.findall(rf'<option value="({re.escape(name)} · [^"]*)"', text)
    assert f'value="{listed}" maxlength' in text and "proposed; it counts once you keep it" in text
    sent = {"observed": name.lower(), "means": listed}
    assert reader.post(f"{HERE}/match", data=sent).headers["location"] == f"{HERE}?matched=1"


def test_the_placements_are_written_once_however_many_ads_wait(reader: TestClient) -> None:
    (name,) = re.findall(r"<h1>([^<]*)</h1>", reader.get(f"/placements/{key_of(2)}").text)
    keep(reader, content="Day,Campaign,Cost (EUR)\n" + "".join(f"2026-09-01,Ad {n},1.00\n" for n in range(30)))
    text = reader.get(HERE).text
    assert text.count('list="meant"') == 30 and text.count(f'<option value="{name} · ') == 1


def test_what_was_said_of_an_ad_stays_where_it_was_refused(reader: TestClient) -> None:
    keep(reader)
    refused = reader.post(f"{HERE}/match", data={"observed": ["doctors", EVIL.lower()], "means": ["Nowhere", ""]})
    assert refused.status_code == 422
    assert "There is no placement “Nowhere”; choose one of the list, or write its code." in refused.text
    assert 'value="Nowhere" maxlength' in refused.text


def test_an_import_is_taken_back(reader: TestClient) -> None:
    kept = keep(reader)
    assert reader.post(f"{kept}/undo").status_code == 303
    assert "Taken back" in reader.get(kept).text
    text = reader.get(HERE).text
    assert "No file is here yet" in text and "taken back" in text
    assert reader.post(f"{kept}/undo").status_code == 422


def test_a_file_that_is_refused_names_the_row_and_what_was_said_stays(town: FastAPI, reader: TestClient) -> None:
    status, text = send(reader, "Day,Campaign,Cost\n2026-09-01,A,x\n", account="City", currency="sek", decimal=",")
    assert status == 422
    assert "Row 2, “Cost”: “x” is no number from 0 on." in text and "Nothing was changed." in text
    assert 'value="City"' in text and 'value="sek"' in text and '<option value="," selected>' in text
    assert send(reader, "Day,Campaign,Cost\n2026-09-01,A,1\n", currency="sek")[0] == 303
    columns = {"column-day": "When", "column-spend": "Euros", "column-campaign": "What", "currency": "EUR"}
    assert send(reader, "When,What,Euros\n2026-09-01,A,1.00\n", **columns)[0] == 303
    for wrong in ({"currency": "XXX"}, {"decimal": ";"}, {"platform": "x"}, {"dates": "x"}):
        assert send(reader, **wrong)[0] == 422
    assert reader.post(HERE, data={"account": "x"}).status_code == 422
    with town.state.database.writing() as session:
        assert len(session.scalars(select(AdImport)).all()) == 2
        assert session.scalars(select(DailyAdTotal)).all() == []


def test_a_torn_form_and_what_is_not_there_change_nothing(reader: TestClient) -> None:
    assert reader.post(f"{HERE}/match", data={"observed": ["a", "b"], "means": ["x"]}).status_code == 422
    assert reader.post(f"{HERE}/match", data={"observed": "a", "means": "x"}).status_code == 422
    assert reader.post(f"{HERE}/match", data={"observed": "a", "means": f"placement:{key_of(99)}"}).status_code == 422
    assert reader.post(f"{HERE}/{key_of(99)}/keep").status_code == 404


def test_the_names_that_a_file_brings_are_shown_and_taken_along_as_text(reader: TestClient) -> None:
    keep(reader)
    assert f"{EVIL}" in reader.get(HERE).text
    (head, *rows) = csv.reader(io.StringIO(reader.get(f"{HERE}.csv").text))
    assert head[2] == "Campaign" and {row[2] for row in rows} == {"Doctors", f"'{EVIL}"}
    assert reader.get(f"{HERE}.xlsx").content.startswith(b"PK")


def test_who_may_not_change_the_plan_reads_and_takes_nothing_in(town: FastAPI, reader: TestClient) -> None:
    kept = keep(reader)
    with town.state.database.writing() as session:
        owner = session.scalars(select(Organisation.id)).one()
    add_person(town.state.database, owner, "viewer@kivikoski.example", Role.VIEWER)
    viewer = browser_of(town, "viewer@kivikoski.example")
    text = viewer.get(HERE).text
    assert 'type="file"' not in text and "Doctors" in text and "Take it back" not in viewer.get(kept).text
    assert send(viewer)[0] == viewer.post(f"{kept}/undo").status_code == 403
