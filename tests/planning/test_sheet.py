"""Rows as a spreadsheet copies them are read as what they say, or named as what they are not."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.i18n import LANGUAGES, speaking
from app.planning.lines import read_amount, read_day
from app.planning.sheet import COLUMNS, MOST_LINES, column_title, find_formulas, read_sheet

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(str.strip)


def refused(text: str) -> list[str]:
    with pytest.raises(Invalid) as error:
        read_sheet(text)
    assert {problem.field for problem in error.value.problems} == {"rows"}
    return [problem.message for problem in error.value.problems]


@given(
    rows=st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=6), delimiter=st.sampled_from("\t;,")
)
def test_what_a_spreadsheet_writes_is_read_as_it_was(rows: list[list[str]], delimiter: str) -> None:
    columns = ("place", "asset", "name", "target_url")
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows([columns, *rows])
    kept = [row for row in rows if any(row)]
    if kept:
        assert read_sheet(written.getvalue()) == [dict(zip(columns, row, strict=True)) for row in kept]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_header_may_be_in_any_of_our_languages_and_in_any_order(language: str) -> None:
    with speaking(language):
        titles = [column_title(column) for column in reversed(COLUMNS)]
    (line,) = read_sheet("\t".join(titles) + "\n" + "\t".join(COLUMNS) + "\n")
    assert line == dict(zip(reversed(COLUMNS), COLUMNS, strict=True))


def test_without_a_header_the_columns_stand_in_their_order() -> None:
    assert read_sheet("Poster\tTram stops\tKallio\t2026-03-03\n") == [
        {"asset": "Poster", "channel": "Tram stops", "place": "Kallio", "starts_on": "2026-03-03"}
    ]


def test_what_is_no_sheet_of_ours_is_refused_and_named() -> None:
    assert refused(" \n") == ["Nothing was pasted; copy rows in the spreadsheet and paste them here."]
    assert refused("asset\tplace\n") == ["There is a header and no row below it."]
    assert "no column “weather”" in refused("asset\tplace\tweather\nA\tB\tC")[0]
    assert "Two columns are called “Asset”" in refused("asset\tplace\tAsset\nA\tB\tC")[0]
    assert refused("asset\tplace\nA\tB\tC") == ["Row 1 has more cells than there are columns."]
    assert "A quotation mark is opened" in refused('asset\tplace\n"A\tB')[0]
    assert "at most 500 rows" in refused("A\n" * (MOST_LINES + 1))[0]
    assert "at most 500 rows" in refused("A" * 600_000)[0]


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd"])
def test_a_cell_that_is_a_formula_is_named_by_its_column(cell: str) -> None:
    assert [problem.field for problem in find_formulas({"asset": "A", "place": cell})] == ["place"]
    assert find_formulas({"planned_cost": "-1 900,00", "place": "Kallio – east"}) == []


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1900", "1900", "EUR"), ("1 900,50 €", "1900.50", "EUR"), ("1.900,50", "1900.50", "EUR"),
        ("1,900.50", "1900.50", "EUR"), ("1.900", "1900", "EUR"), ("1,234,567", "1234567", "EUR"),
        ("1900,5", "1900.5", "EUR"), ("1\u00a0900", "1900", "EUR"), ("SEK 1900", "1900", "SEK"), ("£5", "5", "GBP"),
        ("0", "0", "EUR"),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_people_of_any_country_write_it(text: str, amount: str, currency: str) -> None:
    assert read_amount(text, "EUR") == {"amount": amount, "currency": currency}


@pytest.mark.parametrize(("text", "currency"), [("900 kr", "SEK"), ("kr 900", "NOK")])
def test_crowns_are_those_of_the_currency_beside_them_and_of_no_other(text: str, currency: str) -> None:
    assert read_amount(text, currency) == {"amount": "900", "currency": currency}
    with pytest.raises(ValueError, match="in crowns, and this is counted in EUR"):
        read_amount(text, "EUR")


@pytest.mark.parametrize("text", ["much", "-1900", "1900 apples", "€", "", "1900 XYZ"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"1900\.00"):
        read_amount(text, "EUR")


def test_a_day_may_be_written_as_here_or_as_everywhere() -> None:
    assert (read_day("3.11.2026"), read_day("2026-11-03")) == ("2026-11-03", "2026-11-03")


@pytest.mark.parametrize("text", ["soon", "31.2.2026", "2026-02-31", "20260203", "3/11/2026"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="year-month-day"):
        read_day(text)
