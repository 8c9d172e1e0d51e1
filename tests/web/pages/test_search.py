"""What the page of the search says, and to whom."""

import re

from fastapi import FastAPI

from app.access.organisation import list_organisations
from app.planning.search import MOST_FOUND
from app.web.pages.help import list_words
from tests.support.client import TestClient
from tests.support.people import add_person, browser_of
from tests.support.plan import a_channel


def test_what_is_found_leads_to_where_it_is_told_of(reader: TestClient, town: FastAPI) -> None:
    text = reader.get("/search?q=e").text
    addresses = re.findall(r'<li><a href="([^"]+)"', text)
    assert {address.split("/")[1].split("?")[0] for address in addresses} == {
        "placements",
        "campaigns",
        "assets",
        "channels",
        "personas",
    }
    assert [reader.get(address.replace("&amp;", "&")).status_code for address in addresses] == [200] * len(addresses)


def test_a_code_that_came_in_a_letter_opens_its_placement(reader: TestClient) -> None:
    text = reader.get("/search?q=H7K2M3").text
    assert "1 fits “H7K2M3”." in text
    assert "Tram-stop poster, Kallio" in text


def test_nothing_asked_and_nothing_found_say_what_to_do(reader: TestClient) -> None:
    assert "Type a name, a part of one, or a tracking code." in reader.get("/search").text
    assert "Try fewer letters" in reader.get("/search?q=zebra").text
    assert "Try fewer letters" not in reader.get("/search?q=%7C").text, "there are no fewer than one"


def test_what_is_asked_is_shown_as_it_was_typed_and_never_run(reader: TestClient) -> None:
    text = reader.get("/search", params={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_who_may_not_see_small_counts_finds_the_whole_plan(town: FastAPI, reader: TestClient) -> None:
    database = town.state.database
    with database.reading() as session:
        (organisation,) = list_organisations(session)
    add_person(database, organisation.id, "few@kivikoski.example", sees_small_counts=False)
    text = browser_of(town, "few@kivikoski.example").get("/search?q=e").text
    assert "/personas/gp-young-family" in text
    assert "/placements/" in text


def test_every_word_of_the_help_has_its_meaning_and_stands_once() -> None:
    words = [word for word, _meaning in list_words()]
    assert len(set(words)) == len(words) > 10
    assert all(meaning.endswith(".") for _word, meaning in list_words())


def test_all_that_is_found_can_be_reached(site: FastAPI) -> None:
    with site.state.database.writing(site.state.organisation) as session:
        for n in range(MOST_FOUND + 3):
            a_channel(session, name=f"Radio {n:02}")
    reader = browser_of(site)
    first = reader.get("/search?q=radio").text
    (address,) = re.findall(r'<a href="([^"]+)" rel="next"', first)
    second = reader.get(address.replace("&amp;", "&")).text
    names = [re.findall(r'<li><a href="/channels/[^"]+">([^<]+)', text) for text in (first, second)]
    assert [len(some) for some in names] == [MOST_FOUND, 3]
    assert len({*names[0], *names[1]}) == MOST_FOUND + 3
    assert 'rel="prev"' in second and 'rel="next"' not in second
