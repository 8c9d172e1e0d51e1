"""Tables of reports are sorted by following a head, without a script, and files come in the same order."""

import csv
import datetime as dt
import io
import re
from html import unescape

import pytest
from fastapi import FastAPI

from app.web.application import create_app
from tests.support.client import TestClient
from tests.web.answers_examples import NOW
from tests.web.pages.conftest import visitor
from tests.web.pages.test_plan_pages import page_with_ads

TABLES = {
    "/verdicts?by=format": ("rows", "/verdicts.csv"),
    "/paths?by=format": ("credit-table", "/paths.csv"),
    "/paths?by=format&touches=stage": ("ways", "/paths/ways.csv"),
    "/forecasts?by=format": ("forecast-table", "/forecasts.csv"),
    "/funnel?split=channel": ("split", "/funnel/split.csv"),
}
"""Pages, the table that is meant on each, and its file."""
LATER = dt.timedelta(days=182)
"""By then what was foretold has come true or not."""
LAST = ("Unknown source", "Partly traced: channel known, placement not", "Unmatched codes", "Not traced to an ad")


@pytest.fixture
def reader(town: FastAPI) -> TestClient:
    return visitor(create_app(town.state.database, b"k" * 32, clock=lambda: NOW + LATER))


def table_of(text: str, region: str) -> str:
    (table,) = re.findall(rf'id="{region}">.*?<table.*?</table>', text, re.DOTALL)
    return str(table)


def rows_of(table: str) -> list[str]:
    """The names of its rows, but for those that stay last."""
    body = table.split("<tbody", 1)[1].split("<tfoot", 1)[0]
    names = [unescape(re.sub(r"<span.*?</span>|<[^>]+>", "", name, flags=re.DOTALL)).strip()
             for name in re.findall(r'<th scope="row"[^>]*>(.*?)</th>', body, re.DOTALL)]  # fmt: skip
    return [name for name in names if name not in LAST]


def heads_of(table: str) -> list[str]:
    """Where its heads lead."""
    head = table.split("<thead", 1)[1].split("</thead>", 1)[0]
    return [unescape(address) for address in re.findall(r'<th[^>]*><a href="([^"]*)"', head)]


def ask(page: str, more: str) -> str:
    return f"{page}&{more}"


@pytest.mark.parametrize("page", TABLES)
def test_a_head_sorts_by_its_column_and_followed_again_the_other_way_round(reader: TestClient, page: str) -> None:
    region, _file = TABLES[page]
    heads = heads_of(table_of(reader.get(page).text, region))
    assert len(heads) > 3
    by_name = table_of(reader.get(heads[0]).text, region)
    assert 'aria-sort="ascending"' in by_name
    names = rows_of(by_name)
    assert names == sorted(names, key=str.casefold)
    assert len(names) > 1
    back = table_of(reader.get(heads_of(by_name)[0]).text, region)
    assert ('aria-sort="descending"' in back, rows_of(back)) == (True, names[::-1])


@pytest.mark.parametrize("page", [page for page in TABLES if not page.startswith("/verdicts")])
def test_a_head_leads_back_to_its_table_and_every_head_sorts(reader: TestClient, page: str) -> None:
    region, _file = TABLES[page]
    for address in heads_of(table_of(reader.get(page).text, region)):
        table = table_of(reader.get(address).text, region)
        assert address.endswith(f"#{region}")
        assert len(re.findall("aria-sort", table)) == 1, address


@pytest.mark.parametrize("page", TABLES)
def test_the_file_of_a_table_comes_in_its_order(reader: TestClient, page: str) -> None:
    region, file = TABLES[page]
    word = "ways=-steps" if region == "ways" else "sort=-label"
    text = reader.get(ask(page, word)).text
    (address,) = {unescape(one) for one in re.findall(r'href="([^"]*\.csv[^"]*)"', text) if one.startswith(f"{file}?")}
    lines = [row[0] for row in csv.reader(io.StringIO(reader.get(address).text))][1:]
    names = [name for name in lines if name not in (*LAST, "All applications")]
    assert names == [name for name in rows_of(table_of(text, region)) if name != "All applications"]


@pytest.mark.parametrize("page", TABLES)
def test_an_order_that_is_none_is_refused_with_those_that_are(reader: TestClient, page: str) -> None:
    word = "ways" if TABLES[page][0] == "ways" else "sort"
    answer = reader.get(ask(page, f"{word}=beauty"))
    assert (answer.status_code, "Sort by one of" in answer.text) == (422, True)


@pytest.mark.parametrize("page", ["/paths", "/forecasts", "/funnel"])
def test_another_question_keeps_the_order(reader: TestClient, page: str) -> None:
    assert '<input type="hidden" name="sort" value="label">' in reader.get(f"{page}?sort=label").text


@pytest.mark.parametrize("noun", ["campaign", "channel", "asset", "persona"])
def test_the_ads_of_a_page_of_the_plan_are_sorted_by_each_head(town: FastAPI, reader: TestClient, noun: str) -> None:
    page = page_with_ads(town, noun)
    table = table_of(reader.get(page).text, "ads")
    names, heads = rows_of(table), heads_of(table)
    assert len(heads) == table.partition("</thead>")[0].count("<th ") > 3
    for head in heads:
        assert head.endswith("#ads")
        there = table_of(reader.get(head).text, "ads")
        assert sorted(rows_of(there)) == sorted(names)
        assert there.count("aria-sort") == 1
    by_name = rows_of(table_of(reader.get(f"{page}?sort=label").text, "ads"))
    assert by_name == sorted(by_name, key=str.casefold)
    assert rows_of(table_of(reader.get(f"{page}?sort=-label").text, "ads")) == by_name[::-1]
