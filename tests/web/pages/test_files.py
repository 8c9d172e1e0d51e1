"""What is taken along: the table as it is seen, in columns that one chose, with nothing in it that runs."""

import csv
import datetime as dt
import io
import re
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from html import unescape
from xml.etree import ElementTree

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from app.access.audit import AuditEntry
from app.i18n import LANGUAGES
from app.planning.campaign import Campaign
from app.reports.workbook import Sheet, Value, write_workbook
from app.spreadsheets import read_table, read_workbook
from app.web.application import create_app
from tests.support.client import MARK, TestClient
from tests.web.answers_examples import NOW, key_of
from tests.web.pages.conftest import visitor
from tests.web.pages.test_plan_pages import page_of, page_with_ads
from tests.web.pages.test_sorting import rows_of, table_of

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PAGES = ("/verdicts", "/funnel", "/paths", "/applications", "/monthly")
WIDE = {
    "/verdicts": ("verdict.applied", "/verdicts", "rows"),
    "/funnel": ("interview.hired", "/funnel/split", "split"),
    "/paths": ("first.any", "/paths", "credit-table"),
    "/monthly": ("all.unknown", "/monthly", "months"),
}
"""Pages with a table whose columns are chosen: which ones, where its files are, and its region."""
TEXTS = some.text(some.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


def opened(book: bytes) -> tuple[ElementTree.Element, list[str]]:
    """The one sheet of a spreadsheet, and the texts that its cells refer to."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))  # noqa: S314 (we have just written it)
        shared = ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))  # noqa: S314 (so is this)
    return sheet, ["".join(text.text or "" for text in one.iter(f"{MAIN}t")) for one in shared.iter(f"{MAIN}si")]


def cells(book: bytes) -> list[list[str | float]]:
    """Every row with its cells: texts as texts, numbers as numbers."""
    sheet, texts = opened(book)
    rows: list[list[str | float]] = []
    for row in sheet.iter(f"{MAIN}row"):
        values = [(cell.get("t"), cell.findtext(f"{MAIN}v")) for cell in row.iter(f"{MAIN}c")]
        rows.append([texts[int(value)] if kind == "s" else float(value) for kind, value in values if value])
    return rows


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_shows_is_taken_along_and_told_in_the_audit(town: FastAPI, page: str) -> None:
    reader = visitor(town)
    text = reader.get(f"{page}?stage=offer").text
    (address,) = {unescape(one) for one in re.findall(rf'href="({page}\.xlsx[^"]*)"', text)}
    answered = reader.get(address)
    assert answered.headers["content-disposition"] == f'attachment; filename="{page[1:]}.xlsx"'
    rows = cells(answered.content)
    assert rows[0] == [unescape(re.findall(r"<h1>([^<]*)</h1>", text)[0])]
    assert any("Only an experiment shows what caused it." in str(row[0]) for row in rows if row)
    with town.state.database.writing() as session:
        told = session.scalars(select(AuditEntry.noun_id).where(AuditEntry.action == "exported")).all()
    assert f"{page[1:]}.xlsx" in told


def table(text: str, region: str) -> list[list[str]]:
    """The rows of the table in a region, what stands in small letters left out."""
    body = text[text.index(f'id="{region}"') :]
    rows = re.findall(r"<tr.*?</tr>", body[: body.index("</table>")], re.DOTALL)
    cells_of = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows)
    return [[plain(re.split(r"<small|<span class", cell)[0]) for cell in row] for row in cells_of]


def plain(cell: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", cell)).strip()


@pytest.mark.parametrize("page", WIDE)
def test_columns_of_every_wide_table_are_chosen_and_both_files_hold_these_in_the_order_seen(
    reader: TestClient, page: str
) -> None:
    chosen, files, region = WIDE[page]
    form = "&".join(f"column={one}" for one in chosen.split("."))
    picked = reader.get(f"{page}?lang=en&{form}&column=")
    assert (picked.status_code, picked.headers["location"]) == (303, f"{page}?lang=en&columns={chosen}#columns")
    text = reader.get(picked.headers["location"]).text
    seen = table(text, region)
    assert {len(row) for row in seen} == {3}
    if 'id="idle"' in text:
        seen += table(text, "idle")[1:]  # one line that opens
    lines = list(csv.reader(io.StringIO(reader.get(f"{files}.csv?columns={chosen}").text.lstrip(MARK))))
    rows = cells(reader.get(f"{files}.xlsx?columns={chosen}").content)
    assert [str(head) for head in rows[-len(lines)]] == lines[0]
    totals = {"/verdicts": "All applications"}  # what is seen of all rows together is no row of its own
    said = [row[0] for row in seen[1:] if row[0] != totals.get(page)]
    assert [line[0] for line in lines[1:]] == said
    assert [row[0] for row in rows[-len(lines) + 1 :]] == said


def test_the_ways_most_travelled_are_taken_along_as_they_are_seen(reader: TestClient) -> None:
    seen = table(reader.get("/paths?stage=offer").text, "ways")
    lines = list(csv.reader(io.StringIO(reader.get("/paths/ways.csv?stage=offer").text.lstrip(MARK))))
    assert lines == seen
    rows = cells(reader.get("/paths/ways.xlsx?stage=offer").content)
    assert [[row[0], *map(str, map(int, row[1:]))] for row in rows[-len(seen) + 1 :]] == seen[1:]


@pytest.mark.parametrize("page", WIDE)
def test_a_column_that_a_table_has_not_is_named(reader: TestClient, page: str) -> None:
    for address in (page, f"{WIDE[page][1]}.csv", f"{WIDE[page][1]}.xlsx"):
        answered = reader.get(f"{address}?columns=height")
        assert answered.status_code == 422
        assert "“height” is none of " in answered.text


def test_a_file_of_commas_is_told_in_the_audit_under_its_name(town: FastAPI) -> None:
    reader = visitor(town)
    names = ["verdicts.csv", "funnel.csv", "split.csv", "paths.csv", "ways.csv", "monthly.csv", "forecasts.csv"]
    for path in ("/verdicts", "/funnel", "/funnel/split", "/paths", "/paths/ways", "/monthly", "/forecasts"):
        assert reader.get(f"{path}.csv").headers["content-type"].startswith("text/csv")
    with town.state.database.writing() as session:
        told = session.scalars(select(AuditEntry.noun_id).where(AuditEntry.action == "exported")).all()
    assert set(names) <= set(told)


def test_the_applications_behind_a_verdict_are_a_spreadsheet_under_what_is_said(
    reader: TestClient,
) -> None:
    page = reader.get(f"/placements/{key_of(2)}/why").text
    (address,) = re.findall(r'href="([^"]*why\.xlsx)"', page)
    rows = cells(reader.get(address).content)
    assert rows[0] == ["Why we say this: Tram-stop poster, Kallio"]
    start = next(number for number, row in enumerate(rows) if row and row[0] == "Record")
    lines = list(csv.DictReader(io.StringIO(reader.get(address.replace(".xlsx", ".csv")).text.lstrip(MARK))))
    assert [row[0] for row in rows[start + 1 :]] == [line["record"] for line in lines]


def test_what_is_foretold_is_a_file_with_both_ends_in_cells_of_their_own(town: FastAPI) -> None:
    half_a_year_later = create_app(town.state.database, b"k" * 32, clock=lambda: NOW + dt.timedelta(days=182))
    reader = visitor(half_a_year_later)
    page = reader.get("/forecasts?by=format").text
    assert 'href="/forecasts.csv?by=format"' in page
    lines = list(csv.DictReader(io.StringIO(reader.get("/forecasts.csv?by=format").text.lstrip(MARK))))
    assert len(lines) == len(table(page, "forecast-table")) - 1 > 0
    assert cells(reader.get("/forecasts.xlsx?by=format").content)[-len(lines) - 1][0] == "Format"
    for line in lines:
        low, came, high = (int(line[name]) for name in ("Foretold, low", "Interview", "Foretold, high"))
        assert (low <= came <= high) == (line["Held"] == "yes")


def test_the_file_has_the_columns_and_the_order_that_are_seen(reader: TestClient) -> None:
    question = "columns=applied.pending.verdict&sort=label&by=format"
    rows = cells(reader.get(f"/verdicts.xlsx?{question}").content)
    start = rows.index(["Format", "Verdict", "Why", "One application would turn it", "Applied", "Pending"])
    text = reader.get(f"/verdicts?{question}").text
    body = text[text.index("<tbody ") :]
    seen = re.findall(r'<th scope="row"[^>]*>\s*(?:<a[^>]*>)?([^<]*?)\s*<', body)
    assert [row[0] for row in rows[start + 1 :]] == [one for one in seen if one != "All applications"]
    assert all(isinstance(row[4], float) for row in rows[start + 1 :])


def test_above_the_table_stands_what_it_was_limited_to(reader: TestClient) -> None:
    rows = cells(reader.get("/funnel.xlsx?specialty=unspecialised").content)
    assert ["Specialty: Not specialised"] in rows


@given(some.lists(some.lists(TEXTS, min_size=2, max_size=2), max_size=4), TEXTS)
def test_no_text_becomes_a_formula_or_a_link_and_all_come_back_as_they_were(rows: list[list[str]], begin: str) -> None:
    starts = ["=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "http://a.example", "internal:A1", "mailto:a@a.example", begin]
    sheet = Sheet(begin, [begin], ["a", "b"], [*rows, *([one, one] for one in starts)])
    book = write_workbook(sheet)
    page, texts = opened(book)
    assert page.findall(f".//{MAIN}f") == []
    assert page.findall(f".//{MAIN}hyperlink") == []
    assert {begin, *starts, *(text for row in rows for text in row)} <= set(texts)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("After which ads did doctors get to interview more often?", "After which ads did doctors get"),
        ("Ads: a/b", "Ads  a b"),
        ("'?'", "Kutsu"),
    ],
)
def test_a_sheet_is_called_what_it_shows_in_signs_that_a_sheet_may_have(title: str, name: str) -> None:
    assert list(read_workbook(write_workbook(Sheet(title, [], ["n"], [[1]])))) == [name]


def test_numbers_days_and_what_is_not_known_stay_what_they_are() -> None:
    values: list[list[Value]] = [[3, 0.25, dt.date(2026, 3, 1), None]]
    page, _texts = opened(write_workbook(Sheet("t", [], ["n", "share", "day", "none"], values, frozenset({1}))))
    last = list(page.iter(f"{MAIN}row"))[-1]
    assert [cell.findtext(f"{MAIN}v") for cell in last] == ["3", "0.25", "46082"]


def test_columns_are_chosen_by_a_form_and_stand_in_the_address(reader: TestClient) -> None:
    picked = reader.get("/verdicts?stage=offer&column=applied&column=out&column=")
    assert (picked.status_code, picked.headers["location"]) == (
        303,
        "/verdicts?stage=offer&columns=applied.out#columns",
    )
    heads = re.findall(r'<th scope="col"[^>]*><a[^>]*>([^<]*)<', reader.get(picked.headers["location"]).text)
    assert heads == ["Placement", "Applied", "Out"]


def test_the_usual_columns_need_no_word_in_the_address(reader: TestClient) -> None:
    asked = "&".join(
        f"column={one}" for one in ("cost", "applied", "reached", "expected", "hired", "change", "verdict")
    )
    assert reader.get(f"/verdicts?{asked}").headers["location"] == "/verdicts#columns"
    assert reader.get("/verdicts?columns=out&column=").headers["location"] == "/verdicts#columns"


def test_a_column_that_is_not_there_is_named(reader: TestClient) -> None:
    answered = reader.get("/verdicts?columns=applied.height")
    assert answered.status_code == 422
    assert "“height” is none of applied, brought" in answered.text


def test_all_columns_can_be_seen_at_once(reader: TestClient) -> None:
    every = "cost.applied.reached.pending.out.expected.share.change.brought.per_reached.verdict"
    text = reader.get(f"/verdicts?columns={every}").text.partition('<details class="idle">')[0]
    heads = re.findall(r'<th scope="col"', text)
    assert len(heads) == 12
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", text, re.DOTALL)
    assert all(row.count("<td") == 11 for row in rows)


def test_a_head_sorts_the_other_way_when_followed_again(reader: TestClient) -> None:
    def address(path: str) -> str:
        (found,) = re.findall(r'<a href="([^"]*)">Cost</a>', reader.get(path).text)
        return str(unescape(found))

    assert address("/verdicts") == "/verdicts?sort=-cost#rows"
    assert address("/verdicts?sort=-cost") == "/verdicts?sort=cost#rows"
    assert address("/verdicts?sort=cost") == "/verdicts?sort=-cost#rows"
    assert 'aria-sort="ascending"' in reader.get("/verdicts?sort=cost").text


@pytest.mark.parametrize("noun", ["campaign", "channel", "asset", "persona"])
def test_the_placements_of_a_page_of_the_plan_are_taken_along_as_they_are_seen(town: FastAPI, noun: str) -> None:
    page = page_with_ads(town, noun)
    reader = visitor(town)
    text = reader.get(f"{page}?sort=-applications").text
    seen = rows_of(re.sub("<small.*?</small>", "", table_of(text, "ads")))
    (address,) = {unescape(one) for one in re.findall(r'href="([^"]*/ads\.csv[^"]*)"', text)}
    lines = list(csv.DictReader(io.StringIO(reader.get(address).text.lstrip(MARK))))
    assert [line["Placement"] for line in lines] == seen
    applied = [int(line["Applied"]) for line in lines]
    assert applied == sorted(applied, reverse=True)
    assert any(line["Verdict"] for line in lines)
    book = cells(reader.get(address.replace(".csv", ".xlsx")).content)
    assert [row[0] for row in book[-len(lines) :]] == seen


def test_what_a_campaign_expected_and_what_came_is_taken_along_and_what_no_system_records_is_no_0(
    town: FastAPI,
) -> None:
    page = page_of(town, Campaign, "Now we must")
    with town.state.database.writing() as session:
        campaign = session.get_one(Campaign, uuid.UUID(page.rpartition("/")[2]))
        campaign.expected_funnel = {"applied": 40, "started": 2}
    reader = visitor(town)
    seen = table(reader.get(page).text, "stages")
    lines = list(csv.reader(io.StringIO(reader.get(f"{page}/expected.csv").text.lstrip(MARK))))
    assert [line[0] for line in lines] == [row[0] for row in seen]
    came = lines[0].index("Came")
    assert [line[came] or "not recorded" for line in lines[1:]] == [row[2] for row in seen[1:]]
    assert lines[-1][:3] == ["Started", "2", ""]
    assert len(cells(reader.get(f"{page}/expected.xlsx").content)) > len(lines)


def test_shares_by_days_after_applying_are_taken_along_with_how_many_are_that_old(reader: TestClient) -> None:
    seen = table(reader.get("/funnel").text, "shares")
    lines = list(csv.DictReader(io.StringIO(reader.get("/funnel/shares.csv").text.lstrip(MARK))))
    assert len(lines) == (len(seen) - 1) * (len(seen[0]) - 1)
    first = {line["Days since applying"]: line["Share"] for line in lines if line["Stage"] == seen[1][0]}
    told = [cell.partition("\N{NO-BREAK SPACE}")[0] for cell in seen[1][1:]]
    assert [f"{float(share) * 100:.0f}" for share in first.values() if share] == [one for one in told if one.isdigit()]
    assert {line["Applications that old"] for line in lines} != {""}
    assert list(csv.reader(io.StringIO(reader.get("/funnel/shares.csv?view=snapshot").text.lstrip(MARK))))[1:] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["/verdicts", "/calendar", "/audit"])
def test_a_table_opens_in_the_spreadsheet_program_of_the_readers_language_and_in_our_own_reader(
    reader: TestClient, page: str, language: str
) -> None:
    text = reader.get(f"{page}.csv?lang={language}").content.decode()
    between, decimal = (",", ".") if language == "en" else (";", ",")
    assert text.startswith("\ufeff") and text.partition("\r\n")[0].count(between) > 3
    lines = [list(cells) for _row, cells in read_table(text.encode())]
    assert lines == [[*row] for row in trimmed(csv.reader(io.StringIO(text[1:]), delimiter=between))]
    shares = [cell for line in lines for cell in line if re.fullmatch(r"-?\d+[.,]\d+", str(cell))]
    assert all(decimal in str(cell) for cell in shares) and (shares or page == "/audit")


def trimmed(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    for row in rows:
        while row and not row[-1].strip():
            row.pop()
        yield row
