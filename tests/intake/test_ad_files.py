"""Ad platforms' files are read as they are exported, or refused with the row and the column named."""

import datetime as dt
import io
import tracemalloc
import zipfile
import zlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.errors import Invalid
from app.funnel.daily_ad_total import Platform
from app.i18n import speaking
from app.intake.ad_totals.headers import HEADERS, Field, find_columns
from app.intake.ad_totals.reading import AdFile, AdRow, read_ad_file
from app.intake.ad_totals.settling import Hints
from app.intake.ad_totals.values import DayOrder, read_day, read_number, tell_decimal
from app.spreadsheets import LARGEST_FILE
from tests.intake.ad_files import GOOGLE, LINKEDIN, META_FI, META_NB, META_SV, PLAIN, workbook

TODAY = dt.date(2026, 3, 20)
FIRST, SECOND = dt.date(2026, 3, 1), dt.date(2026, 3, 2)


def read(text: str | bytes, name: str = "", **hints: Any) -> AdFile:
    data = text if isinstance(text, bytes) else text.encode()
    return read_ad_file(data, name, Hints.model_validate(hints), TODAY)


def refusal(text: str | bytes, name: str = "", **hints: Any) -> list[str]:
    with pytest.raises(Invalid) as caught:
        read(text, name, **hints)
    return [str(problem) for problem in caught.value.problems]


def test_google_ads_titles_and_totals_are_left_out_and_its_dashes_are_nothing() -> None:
    found = read(GOOGLE)
    assert (found.platform, found.currency, found.sums_left_out) == (Platform.GOOGLE, "EUR", 2)
    assert found.rows == (
        AdRow(FIRST, "", "Doctors | search", "", None, 12_340, 210, 123_450, 350),
        AdRow(SECOND, "", "Doctors | search", "", None, 800, 12, 2_000, 0),
        AdRow(SECOND, "", "Nurses", "", None, 40, None, None, 0),
    )


def test_meta_in_finnish_with_the_currency_in_its_header_and_decimal_commas() -> None:
    found = read(META_FI)
    assert (found.platform, found.currency, found.sums_left_out) == (Platform.META, "EUR", 1)
    assert found.rows == (
        AdRow(FIRST, "", "Lääkärit 2026-03", "Video k-h7k2mq", "h7k2mq", 10_000, 50, 120_006, 1_200),
        AdRow(SECOND, "", "Lääkärit 2026-03", "Kuva", None, 400, 5, 3_450, 500),
    )


@pytest.mark.parametrize(
    ("text", "hints", "currency"),
    [
        ("day;campaign;cost\n2026-03-01;A;12,00 kr\n", {"currency": "NOK"}, "NOK"),
        ("day;campaign;cost (kr)\n2026-03-01;A;12,00\n", {"currency": "SEK"}, "SEK"),
        ("day;campaign;cost;currency\n2026-03-01;A;12,00 kr.;DKK\n", {}, "DKK"),
        ("day,campaign,cost (CAD)\n2026-03-01,A,$12.00\n", {}, "CAD"),
        ("day,campaign,cost (€)\n2026-03-01,A,12.00\n", {}, "EUR"),
    ],
)
def test_a_sign_that_several_currencies_have_is_that_of_the_one_that_is_named(
    text: str, hints: dict[str, str], currency: str
) -> None:
    found = read(text, **hints)
    assert (found.currency, found.rows[0].spend_minor) == (currency, 1_200)


@pytest.mark.parametrize(
    ("text", "currency", "spend", "clicks"), [(META_NB, "NOK", 100_050, 9), (META_SV, "SEK", 9_990, 3)]
)
def test_meta_in_norwegian_and_swedish(text: str, currency: str, spend: int, clicks: int) -> None:
    found = read(text)
    assert (found.currency, found.rows[0].spend_minor, found.rows[0].clicks) == (currency, spend, clicks)


def test_linkedin_in_utf_16_with_tabs_a_preamble_and_the_month_first() -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        found = read(LINKEDIN.encode(encoding))
        assert (found.platform, found.currency) == (Platform.LINKEDIN, "EUR")
        assert [(row.day, row.account, row.spend_minor) for row in found.rows] == [
            (FIRST, "Kivikoski", 3_333), (dt.date(2026, 3, 14), "Kivikoski", 3_334),
        ]  # fmt: skip


def test_columns_that_nothing_is_read_of_are_named_as_the_file_calls_them() -> None:
    assert read(META_FI).columns_left_out == ("Klikkaukset (kaikki)",)
    assert read(LINKEDIN).columns_left_out == ("Campaign Group Name", "Campaign ID")
    assert read(GOOGLE).columns_left_out == ()
    assert read("Day,Campaign,Cost (EUR),Reach, ,Cost / conv.\n2026-03-01,A,1,2,3,4\n").columns_left_out == (
        "Reach", "Cost / conv.",
    )  # fmt: skip


def test_a_plain_table_with_a_code_and_local_dates() -> None:
    found = read(PLAIN.encode("cp1252"), "spend.csv")
    assert found.platform is Platform.OTHER
    assert [(row.day, row.code, row.spend_minor) for row in found.rows] == [
        (FIRST, "h7k2mq", 1250),
        (SECOND, "h7k2mq", 750),
    ]


def test_a_spreadsheet_is_read_from_whichever_sheet_has_the_headers() -> None:
    rows: list[list[Any]] = [
        ["Report"], [], ["Day", "Campaign name", "Amount spent (EUR)", "Impressions", "Results"],
        [FIRST, "Doctors", 12.345, 1200, 2], ["2026-03-02", "Doctors", "1,5", 90, ""], ["Total", "", 13.85, 1290, 2],
    ]  # fmt: skip
    found = read(workbook(rows, before=2), "spend.xlsx")
    assert (found.platform, found.sums_left_out) == (Platform.META, 1)
    assert [(row.day, row.spend_minor, row.impressions) for row in found.rows] == [
        (FIRST, 1235, 1200), (SECOND, 150, 90),
    ]  # fmt: skip


def test_what_a_platform_breaks_down_is_added_up_by_day_and_ad() -> None:
    found = read("day,campaign,cost (EUR),clicks\n2026-03-01,A,1.10,2\n2026-03-01,A,2.20,\n2026-03-01,B,1.00,\n")
    assert [(row.campaign, row.spend_minor, row.clicks) for row in found.rows] == [("A", 330, 2), ("B", 100, None)]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("Final URL", "https://jobs.example.org/x?utm_content=h7k2mq&a=1"), ("Final URL suffix", "utm_content=h7k2mq"),
        ("URL parameters", "?a=1&k=H7K2MQ"), ("Ad name", "h7k2mq"), ("Ad name", "Video (k:h7k2mq)"),
        ("Tracking code", "h7k 2mq"),
    ],
)  # fmt: skip
def test_the_code_is_found_in_the_address_in_its_column_and_marked_in_a_name(column: str, cell: str) -> None:
    found = read(f"Day\tCampaign\t{column}\tCost (EUR)\n2026-03-01\tA\t{cell}\t1.00\n")
    assert found.rows[0].code == "h7k2mq"


def test_headers_of_ones_own_are_named_by_hand() -> None:
    text = "Kuluja;Milloin;Mikä\n1,50;1.3.2026;Lääkärit\n"
    assert any("“Kuluja”, “Milloin”, “Mikä”" in one for one in refusal(text))
    columns = {"day": "milloin", "spend": "KULUJA", "campaign": "Mikä"}
    found = read(text, columns=columns, currency="EUR", platform="other", account="Lehti")
    assert found.rows == (AdRow(FIRST, "Lehti", "Lääkärit", "", None, None, None, 150, None),)


@pytest.mark.parametrize(
    ("text", "hints", "said"),
    [
        ("day,campaign,cost (EUR)\n2026-03-01,A,1,234\n", {}, None),
        ('day,campaign,cost (EUR)\n2026-03-01,A,"1,234"\n', {}, "Row 2, “cost (EUR)”: In “1,234” the mark may stand"),
        ('day,campaign,cost (EUR)\n2026-03-01,A,"1,2"\n2026-03-01,B,1.2\n', {}, "decimal: Some numbers have a point"),
        ("day,campaign,cost (EUR)\n3/4/2025,A,1.2\n", {}, "Row 2, “day”: “3/4/2025” may begin with the day"),
        ("day,campaign,cost (EUR)\n13/4/2025,A,1.2\n4/13/2025,A,1.2\n", {}, "dates: Some dates begin with the day"),
        ("day,campaign,cost\n2026-03-01,A,1.2\n", {}, "currency: The file does not say the currency"),
        ("day,campaign,cost (EUR),currency\n2026-03-01,A,1.2,SEK\n", {}, "currency: The file has amounts in EUR, SEK"),
        ("day,campaign,cost,currency\n2026-03-01,A,1.2,EUR\n2026-03-01,A,1,NOK\n", {}, "amounts in EUR, NOK"),
        ("day,campaign,cost (EUR),cost (SEK)\n2026-03-01,A,1.2,13\n", {}, "currency: The file has amounts in EUR, SEK"),
        ("day,campaign,cost (EUR),amount spent (SEK)\n2026-03-01,A,1.2,13\n", {}, "amounts in EUR, SEK"),
        ("day,campaign,cost\n2026-03-01,A,1.2 €\n2026-03-02,A,13 SEK\n", {}, "amounts in EUR, SEK"),
        ("day,campaign,cost (SEK)\n2026-03-01,A,€1.2\n", {}, "amounts in EUR, SEK"),
        ("Reporting starts,Reporting is over,Campaign name,Amount spent (EUR)\n2026-03-01,2026-03-07,A,1.2\n", {},
         "day: “Reporting starts” is when a report begins, and no column that we know says when it ends"),
        ("day,campaign,cost,currency\n2026-03-01,A,1.2,XQX\n", {}, "currency: No country pays in XQX"),
        ("day;campaign;cost\n2026-03-01;A;12 kr\n", {},
         "The amounts are in “kr”, which is that of several currencies, such as SEK, NOK, DKK, ISK; say which it is."),
        ("day,campaign,cost\n2026-03-01,A,$1.20\n", {}, "are in “$”, which is that of several currencies"),
        ("day,campaign,cost (kr)\n2026-03-01,A,1.20\n", {}, "currency: The amounts are in “kr”"),
        ("day,campaign,cost ($)\n2026-03-01,A,1.20\n", {}, "currency: The amounts are in “$”"),
        ("day,campaign,cost (EUR)\n2026-03-01,A,$1.20\n", {}, "currency: The file has amounts in EUR, $; export"),
        ("day;campaign;cost\n2026-03-01;A;12 kr\n2026-03-01;B;$3\n", {}, "currency: The file has amounts in $, kr"),
        ("day;campaign;cost\n2026-03-01;A;12 kr\n2026-03-01;B;€3\n", {}, "currency: The file has amounts in EUR, kr"),
        ("day,campaign,cost\n2026-03-01,A,$1.20\n", {"currency": "EUR"}, "currency: The file has amounts in EUR, $"),
        ("day,campaign,cost (EUR)\n2026-03-01,A,-1.2\n", {}, "Row 2, “cost (EUR)”: “-1.2” is no number"),
        ("day,campaign,cost (EUR)\n2026-03-01,A,=1+1\n", {}, "“=1+1” is no number"),
        ("day,campaign,cost (EUR),clicks\n2026-03-01,A,1.5,1.5\n", {}, "Row 2, “clicks”: “1.5” is no whole number"),
        ("day,campaign,cost (EUR)\n2026-02-30,A,1\n", {}, "Row 2, “day”: “2026-02-30” is no day"),
        ("day,campaign,cost (EUR)\n2026-03-22,A,1\n", {}, "“day”: On 22 Mar 2026 nothing can have been shown yet"),
        ("campaign,cost (EUR),clicks\nA,1,2\n", {}, "day: No column says the day. Export it by day"),
        ("day,cost (EUR),clicks\n2026-03-01,1,2\n", {}, "campaign: No column names the campaign"),
        ("day,campaign,cost (EUR)\nTotal,,5\n", {}, "file: There is no row of a day"),
        ("reporting starts,reporting ends,campaign,cost (EUR)\n2026-03-01,2026-03-31,A,1\n", {},
         "Row 2, “reporting starts”: It covers 1 Mar 2026 to 31 Mar 2026; export it by day"),
        ("day,campaign,cost (EUR)\n2026-03-01,A\u202e,1\n", {}, "Row 2, “campaign”: Take out the control character"),
        (f"day,campaign,cost (EUR)\n2026-03-01,{'A' * 500},1\n", {}, "Row 2, “campaign”: At most 400 characters"),
        (f"day,campaign,cost (EUR)\n2026-03-01,{'A' * 5000},1\n", {}, "Row 2 has a cell that is longer"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_named_and_nothing_is_guessed(
    text: str, hints: dict[str, Any], said: str | None
) -> None:
    if said is None:
        assert read(text, **hints).rows[0].spend_minor == 100
    else:
        assert any(said in one for one in refusal(text, **hints)), refusal(text, **hints)


@pytest.mark.parametrize(
    ("text", "hints", "expected"),
    [
        ('day,campaign,cost (EUR)\n2026-03-01,A,"1,234"\n', {"decimal": ","}, (FIRST, 123)),
        ('day,campaign,cost (EUR)\n2026-03-01,A,"1,234"\n', {"decimal": "."}, (FIRST, 123_400)),
        ('day,campaign,cost (EUR),clicks\n2026-03-01,A,"1,234","1,234"\n', {}, (FIRST, 123_400)),
        ("day,campaign,cost (EUR)\n3/4/2025,A,1\n", {"dates": "day-first"}, (dt.date(2025, 4, 3), 100)),
        ("day,campaign,cost (EUR)\n3/4/2025,A,1\n", {"dates": "month-first"}, (dt.date(2025, 3, 4), 100)),
        ("day,campaign,cost\n2026-03-01,A,1\n", {"currency": "JPY"}, (FIRST, 1)),
        ("day,campaign,cost (EUR),cost (SEK)\n2026-03-01,A,1.2,13\n", {"columns": {"spend": "cost (SEK)"}},
         (FIRST, 1300)),
        ("day,campaign,cost\n2026-03-01,A,EUR 1.20\n", {}, (FIRST, 120)),
    ],
)  # fmt: skip
def test_what_somebody_says_of_a_file_settles_it(
    text: str, hints: dict[str, Any], expected: tuple[dt.date, int]
) -> None:
    (row,) = read(text, **hints).rows
    assert (row.day, row.spend_minor) == expected


def test_of_many_broken_rows_the_first_are_named_and_the_rest_counted() -> None:
    said = refusal("day,campaign,cost (EUR)\n" + "2026-03-01,A,x\n" * 30)
    assert len(said) == 21 and said[-1] == "file: 10 more values cannot be read."


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.csv", "The file is empty"),
        (b"\x00 \n", "a.csv", "The file is empty"),
        (workbook([["Day"]]), "spend.csv", "The name says that this is text, but it is a packed file"),
        (GOOGLE.encode(), "spend.xlsx", "The name says that this is a spreadsheet (XLSX), but it is not"),
        (b"%PDF-1.7 day,campaign", "", "a file of the kind PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "spend.xls", "a file of the kind XLS"),
        (b"<html><table>", "spend.csv", "This is no table"),
        (b"day,\x00campaign,\x01cost\n" * 3, "spend.csv", "This is no text"),
        (b"\xff\xfe\x00", "", "The characters of the file cannot be read"),
        (b"PK\x03\x04 no zip at all", "", "The spreadsheet is damaged"),
        (b"x" * (LARGEST_FILE + 1), "", "more than 16,777,216 bytes"),
        (b"day,campaign,cost (EUR)\n" + b"2026-03-01,A,1\n" * 100_001, "", "more than 100,000 rows"),
    ],
)  # fmt: skip
def test_a_file_that_lies_about_its_kind_or_is_too_large_is_refused(data: bytes, name: str, said: str) -> None:
    (problem,) = refusal(data, name)
    assert said in problem, problem


def packed(parts: dict[str, bytes], *, bytes_said: dict[str, int] | None = None) -> bytes:
    """A zip of these parts; of some the directory may say another size than they have."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in parts.items():
            written.writestr(name, content)
        for info in written.filelist:
            info.file_size = (bytes_said or {}).get(info.filename, info.file_size)
            if info.filename in (bytes_said or {}):
                info.CRC = zlib.crc32(parts[info.filename][: info.file_size])
    return made.getvalue()


def changed(book: bytes, part: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as given:
        return packed({name: given.read(name) for name in given.namelist()} | {part: content})


SHEET = "xl/worksheets/sheet1.xml"
AS_SHEET = b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>%s</sheetData></worksheet>"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (b"<row r='1'><c r='A1'/><c r='XFD1'><v>1</v></c></row><row r='99999'><c r='A99999'><v>1</v></c></row>",
         "reaches further than 2,000,000 cells"),
        (b"<row><c><v>1</v></c></row><row r='1048576'><c r='A1048576'><v>1</v></c></row>", "more than 100,000 rows"),
        (b"<row r='1'><c r='&#88;FD1048576'><v>1</v></c></row>", "The spreadsheet is damaged"),
        (b"<row r='1'><c foo='>' r='XFD1048576'><v>1</v></c></row>", "more than 100,000 rows"),
        (b"<row r='1'><c foo=> r='XFD1048576'><v>1</v></c></row>", "The spreadsheet is damaged"),
        (b"<row/>" * 100_001, "more than 100,000 rows"),
        (b"<row>" + b"<c/>" * 2_000_001 + b"</row>", "reaches further than 2,000,000 cells"),
    ],
)  # fmt: skip
def test_a_sheet_that_would_fill_the_memory_is_refused_before_it_is_laid_out(cells: bytes, said: str) -> None:
    (problem,) = refusal(changed(workbook([["Day"]]), SHEET, AS_SHEET % cells))
    assert said in problem, problem


def test_a_zip_bomb_is_refused_by_its_directory_and_one_that_hides_its_size_unpacks_no_further() -> None:
    zeros = b" " * (80 * 1024 * 1024)
    open_bomb = changed(workbook([["Day"]]), "xl/media.xml", zeros)
    hidden = packed({"xl/workbook.xml": b"<workbook/>", SHEET: zeros}, bytes_said={SHEET: 1000})
    tracemalloc.start()
    try:
        assert "larger than 67,108,864 bytes" in refusal(open_bomb)[0]
        refusal(hidden)
        assert tracemalloc.get_traced_memory()[1] < 32 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_packed_file_that_is_no_spreadsheet_and_one_with_too_many_parts_are_refused() -> None:
    assert "no spreadsheet (XLSX)" in refusal(packed({"word/document.xml": b"<x/>"}))[0]
    many = {"xl/workbook.xml": b"<x/>"} | {f"xl/{n}.xml": b"" for n in range(300)}
    assert "larger than" in refusal(packed(many))[0]


@given(
    st.binary(max_size=400), st.sampled_from(["", "PK\x03\x04", "day,campaign,cost (EUR)\n", "\ufeffday;campaign\n"])
)
@example(b"\xff\xfe\x00", "")
def test_any_bytes_are_read_or_refused_with_a_reason(data: bytes, start: str) -> None:
    is_read_or_refused(start.encode() + data)


def is_read_or_refused(data: bytes) -> None:
    try:
        said = [str(row.day) for row in read(data).rows]
    except Invalid as error:
        said = [problem.field and problem.message for problem in error.problems]
    assert said and all(said)


WHOLE = workbook([["Day", "Campaign", "Cost (EUR)"], ["2026-03-01", "A", 1.5]])
"""Made once: a workbook says when it was made, so that no two are the same."""


@given(st.data())
def test_a_spreadsheet_torn_at_any_byte_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(WHOLE)
    for _n in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    is_read_or_refused(bytes(whole))


GROUPS = {
    ".": [",", " ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "'"],
    ",": [".", " ", "\N{NO-BREAK SPACE}"],
}


@given(st.decimals(0, 9_999_999, places=2), st.sampled_from([".", ","]), st.data())
def test_an_amount_reads_as_it_was_written_whatever_its_marks(amount: Decimal, mark: str, data: st.DataObject) -> None:
    group = data.draw(st.sampled_from(GROUPS[mark]))
    text = f"{amount:,.2f}".replace(",", "#").replace(".", mark).replace("#", group)
    for written in (text, f"{text} kr", f"€{text}", f"EUR {text}"):
        assert tell_decimal([written.replace(" ", "").strip("€EURkr")], []) == {mark}
        assert read_number(written, mark) == amount


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
def test_a_day_reads_as_it_was_written_in_every_language(day: dt.date) -> None:
    from babel.dates import format_date

    assert (
        read_day(day.isoformat(), None) == read_day(f"{day.isoformat()} 00:00:00", None) == read_day(day, None) == day
    )
    assert read_day(f"{day.day}.{day.month}.{day.year}", None) == day
    assert read_day(f"{day.day}/{day.month}/{day.year}", DayOrder.DAY_FIRST) == day
    assert read_day(f"{day.month}/{day.day}/{day.year}", DayOrder.MONTH_FIRST) == day
    for language in ("en", "en_GB", "fi", "sv", "nb"):
        for form in ("long", "full", "medium"):
            assert read_day(format_date(day, form, locale=language), None) == day


def columns_of(headers: Sequence[str]) -> dict[Field, str]:
    return {field: column.header for field, column in find_columns(headers, {}).items()}


@pytest.mark.parametrize(
    "heads",
    [
        ["Päivä", "Kampanja", "Hinta", "Impressiot", "Klikkaukset", "Konversiot"],
        ["Dag", "Kampanj", "Kostnad", "Exponeringar", "Klick", "Konverteringar"],
        ["Dag", "Kampanje", "Kostnad", "Visninger", "Klikk", "Konverteringer"],
    ],
)
def test_google_ads_columns_are_known_as_its_help_calls_them(heads: list[str]) -> None:
    """https://support.google.com/google-ads/answer/2454071 with hl=fi, sv and no."""
    wanted = (Field.DAY, Field.CAMPAIGN, Field.SPEND, Field.IMPRESSIONS, Field.CLICKS, Field.RESULTS)
    assert columns_of(heads) == dict(zip(wanted, heads, strict=True))


def test_of_two_columns_that_say_the_same_the_closer_one_is_taken() -> None:
    assert columns_of(["Clicks (all)", "Link clicks"])[Field.CLICKS] == "Link clicks"
    assert columns_of(["Reporting starts", "Day"])[Field.DAY] == "Day"


def test_no_header_means_two_things() -> None:
    names = [name for field in HEADERS.values() for name in field]
    assert len(set(names)) == len(names)


def test_what_is_wrong_is_said_in_the_readers_language() -> None:
    with speaking("fi"):
        assert refusal("day,campaign,cost (EUR)\n2026-03-01,A,x\n")[0].startswith("rows[2].spend: Rivi 2, ”cost (EUR)”")


def test_a_sum_of_one_day_that_names_no_ad_is_left_out_and_counted() -> None:
    head = "Reporting starts,Reporting ends,Campaign name,Impressions,Link clicks,Amount spent (EUR)"
    rows = ["2026-11-01,2026-11-01,,100,5,12.5", "2026-11-01,2026-11-01,A,100,5,12.5"]
    found = read_ad_file("\n".join([head, *rows]).encode(), "meta.csv", Hints(), dt.date(2026, 11, 22))
    assert ([row.campaign for row in found.rows], found.sums_left_out) == (["A"], 1)
