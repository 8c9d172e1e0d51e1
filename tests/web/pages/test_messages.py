"""Who is told what: the page, its files, and the same by API."""

import re
from html import unescape

from fastapi import FastAPI

from tests.support.client import MARK, TestClient
from tests.web.pages.conftest import visitor


def page(reader: TestClient, path: str) -> str:
    answer = reader.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def test_the_list_says_of_each_persona_what_no_ad_says(reader: TestClient) -> None:
    text = page(reader, "/messages")
    assert "No ad speaks of 1 of 3 reasons to come." in text
    assert '<a href="/messages?persona=gp-young-family">GP with a young family</a>' in text
    assert re.findall(r'class="number">(\d+)<', text)[:3] == ["3", "1", "1"]
    assert "A list of one's own, kept over years." in text


def test_one_persona_is_laid_out_by_reason_and_format(reader: TestClient) -> None:
    text = page(reader, "/messages?persona=gp-young-family")
    assert "No ad for “GP with a young family” speaks of 1 of 3 reasons to come." in text
    heads = [part.split("<", 1)[0] for part in text.split('<th scope="col">')[1:]]
    assert heads == ["Reason to come", "Event", "Newsletter", "Poster", "Video"]
    assert "“No night duty” · planned" in text
    assert "no ad says so" in text
    assert "what said so has ended" in text
    assert "Known from 2 sources, 1 of them verified; the newest is of 1 Mar 2025, 1 year old." in text


def test_a_persona_that_nobody_described_is_no_page(reader: TestClient) -> None:
    assert reader.get("/messages?persona=nobody").status_code == 404
    assert reader.get("/messages?campaign=nothing").status_code == 404


def test_without_a_persona_the_page_says_what_is_missing(newcomer: TestClient) -> None:
    assert "No persona is described yet" in page(newcomer, "/messages")


def test_what_is_taken_along_has_a_row_for_each_ad_and_for_each_silence(reader: TestClient) -> None:
    rows = reader.get("/messages.csv?persona=gp-young-family").text.lstrip(MARK).splitlines()
    assert rows[0].startswith("Persona,Reason,What it is,Proof,Asset")
    assert sum("no ad speaks of it" in row for row in rows) == 1
    assert reader.get("/messages.xlsx").content[:2] == b"PK"


def test_the_page_speaks_the_readers_language(town: FastAPI) -> None:
    assert "Terveysaseman lääkäri ei päivystä öisin." in page(visitor(town, "fi"), "/messages?persona=gp-young-family")
