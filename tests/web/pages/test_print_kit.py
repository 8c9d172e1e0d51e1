"""What is printed, as it is taken from the pages and over the API."""

from html import unescape

import pytest
from fastapi import FastAPI

from app.planning.campaign import Campaign
from tests.planning.test_print_kit import pages, read_codes
from tests.support.client import TestClient
from tests.web.answers_examples import key_of
from tests.web.pages.conftest import visitor
from tests.web.pages.test_plan_pages import page_of
from tests.web.pages.town import pages_of

POSTER, CODE = f"/placements/{key_of(2)}", "h7k2m3"


@pytest.mark.parametrize(("kind", "starts"), [("pdf", b"%PDF-"), ("svg", b"<svg"), ("png", b"\x89PNG")])
def test_a_placements_code_is_taken_from_its_page_as_a_file(reader: TestClient, kind: str, starts: bytes) -> None:
    assert f'<button name="kind" value="{kind}">' in reader.get(POSTER).text
    answer = reader.get(f"{POSTER}/print-kit", params={"kind": kind, "language": "fi"})
    assert answer.content.startswith(starts)
    assert answer.headers["content-disposition"] == f'attachment; filename="kutsu-{CODE}.{kind}"'


def test_the_page_shows_the_code_and_says_how_it_is_printed(reader: TestClient) -> None:
    text = unescape(reader.get(POSTER).text)
    assert f'aria-label="QR code that leads to {reader.base_url}/k/{CODE}"' in text
    assert "with its white border, to be read from 1 m" in text


def test_what_is_printed_leads_to_the_address_that_was_set_for_the_installation(
    town: FastAPI,
) -> None:
    app = pages_of(town.state.database)
    app.state.public_url = "https://kutsu.example.org/"
    reader = visitor(app)
    ((page, _text),) = pages(reader.get(f"{POSTER}/print-kit").content)
    assert read_codes(page) == [f"https://kutsu.example.org/k/{CODE}"]
    assert f"<code>https://kutsu.example.org/k/{CODE}</code>" in reader.get(POSTER).text


def test_all_posters_of_a_campaign_are_taken_as_one_sheet(town: FastAPI, reader: TestClient) -> None:
    campaign = page_of(town, Campaign, "Now we must")
    assert "Take the sheet as PDF" in reader.get(campaign).text
    answer = reader.get(f"{campaign}/print-kit", params={"layout": "one", "language": "en"})
    assert answer.headers["content-disposition"] == 'attachment; filename="kutsu-now-we-must.pdf"'
    (hanging, text), (planned, _text) = pages(answer.content)
    assert read_codes(hanging) == [f"{reader.base_url}/k/{CODE}"]
    assert len(read_codes(planned)) == 1
    assert "No night duty" in text


def test_a_campaign_warns_too_where_nobody_else_can_open_what_is_printed(town: FastAPI, reader: TestClient) -> None:
    path = page_of(town, Campaign, "Now we must")
    assert "ask them for it" not in reader.get(path).text
    before, town.state.public_url = town.state.public_url, "http://127.0.0.1:8600"
    try:
        assert "Only this machine can open this address (127.0.0.1)" in reader.get(path).text
    finally:
        town.state.public_url = before


def test_a_campaign_without_a_poster_says_so_in_place_of_the_button(town: FastAPI, reader: TestClient) -> None:
    campaign = page_of(town, Campaign, "All year round")
    assert "No poster or print advertisement is placed in this campaign yet." in unescape(reader.get(campaign).text)
    answer = reader.get(f"{campaign}/print-kit")
    assert (answer.status_code, "place one first" in answer.text) == (422, True)


@pytest.mark.parametrize("wrong", ["kind=gif", "language=sv", "language=xx"])
def test_a_kind_or_language_that_there_is_not_is_refused_with_those_there_are(reader: TestClient, wrong: str) -> None:
    answer = reader.get(f"{POSTER}/print-kit?{wrong}")
    assert answer.status_code == 422
    assert "en, fi" in answer.text or "pdf, svg, png" in answer.text


def test_an_ad_that_is_rarely_printed_says_so_and_has_its_code_all_the_same(reader: TestClient) -> None:
    film = f"/placements/{key_of(5)}"
    assert "rarely printed" in reader.get(film).text
    assert reader.get(f"{film}/print-kit").content.startswith(b"%PDF-")
