"""What leaves the screen: a page on paper, and the picture of a drawing."""

import re
from collections.abc import Iterator

import pypdfium2
import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, ViewportSize, expect

from tests.support.browser import Watch
from tests.support.people import COOKIE, open_session
from tests.support.server import serving
from tests.web.answers_examples import key_of
from tests.web.pages.shown import address

UPRIGHT = ViewportSize(width=672, height=1000)
"""A sheet of A4 within its margins."""


@pytest.fixture(scope="module")
def site(town: FastAPI) -> Iterator[str]:
    with serving(town) as base_url:
        yield base_url


@pytest.fixture
def watch(watch: Watch, town: FastAPI) -> Watch:
    watch.carry_cookie(COOKIE, open_session(town))
    return watch


def open_drawn(watch: Watch, url: str, colours: str = "light") -> Page:
    page = watch.open(color_scheme=colours)
    page.goto(url)
    page.locator(".plot .main-svg").first.wait_for()
    return page


@pytest.mark.parametrize("path", ["/verdicts", address("verdicts", "city"), address("funnel", "city"), "/paths",
                                  f"/placements/{key_of(2)}"])  # fmt: skip
def test_on_paper_drawings_and_tables_are_there_whole(watch: Watch, site: str, path: str) -> None:
    page = open_drawn(watch, site + path)
    page.emulate_media(media="print")
    page.set_viewport_size(UPRIGHT)
    drawing = page.locator(".plot .main-svg").first
    expect(drawing).to_have_attribute("width", "670")
    assert drawing.is_visible()
    cut = page.evaluate("""(edge) => [...document.querySelectorAll("main *")].filter((one) =>
        one.getBoundingClientRect().right > edge + 1 && !one.closest(".plot, .hidden")
    ).map((one) => one.outerHTML.slice(0, 120))""", UPRIGHT["width"])  # fmt: skip
    assert cut == []


@pytest.mark.parametrize("span", ["month", "quarter"])
def test_a_calendar_is_printed_on_one_sheet_of_a3(watch: Watch, site: str, span: str) -> None:
    page = watch.open()
    page.goto(f"{site}/calendar?span={span}&month=2026-03")
    with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)) as sheets:
        sizes = [tuple(round(points / 72 * 25.4) for points in sheet.get_size()) for sheet in sheets]
    assert sizes == [(420, 297)]


def read_sheets(page: Page) -> list[str]:
    """The words of each sheet without what is between them, which a reader of such files makes up."""
    with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)) as sheets:
        return ["".join(sheet.get_textpage().get_text_range().split()) for sheet in sheets]


def test_a_calendar_that_needs_several_sheets_has_its_months_on_each_and_no_channel_is_cut(
    watch: Watch, site: str
) -> None:
    page = watch.open()
    page.goto(f"{site}/calendar?span=years&month=2026-01&lang=en")
    page.evaluate("""() => {
        const lanes = document.querySelector(".lanes"), last = [...lanes.querySelectorAll(".lane:has(.flight)")].at(-1);
        const bar = last.querySelector(".flight");
        for (let n = 0; n < 5; n++) last.querySelector(".track").append(bar.cloneNode(true));
        for (let n = 0; n < 40; n++) {
            const lane = last.cloneNode(true);
            lane.querySelector("h2").textContent = `Begun${n} channel`;
            lane.querySelector(".track").lastElementChild.textContent = `Over${n} ad`;
            lanes.append(lane);
        }
    }""")
    sheets = read_sheets(page)
    drawn = [text for text in sheets if "Begun" in text]
    assert len(drawn) > 2
    for text in drawn:
        assert "20262027JanFebMar" in text
        assert re.findall(r"Begun(\d+)", text) == re.findall(r"Over(\d+)", text)
    assert all(f"{n}/{len(sheets)}" in text for n, text in enumerate(sheets, 1))
    assert "Kivikoski·Calendar·29Dec2025" in sheets[-1], "the lists say of what they are"


def test_a_drawing_goes_to_paper_in_dark_ink_and_comes_back_to_the_screen_as_it_was(watch: Watch, site: str) -> None:
    page = open_drawn(watch, site + address("verdicts", "city"), colours="dark")
    text = page.locator(".plot .ytick text").first
    before, ink = text.evaluate("(one) => getComputedStyle(one).fill"), "rgb(0, 0, 0)"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".plot .ytick text").first).to_have_css("fill", ink)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".plot .ytick text").first).to_have_css("fill", before)
    assert before != ink


def test_on_paper_the_scale_of_a_split_stands_in_its_own_column_and_a_total_below_all_rows(
    watch: Watch, site: str
) -> None:
    page = open_drawn(watch, site + "/funnel?split=channel")
    page.emulate_media(media="print")
    page.set_viewport_size(UPRIGHT)
    scale, head = page.locator(".split thead .axis"), page.locator(".split thead th:has(.axis)")
    outer, inner = head.bounding_box(), scale.bounding_box()
    assert outer is not None
    assert inner is not None
    assert outer["x"] <= inner["x"] < inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
    assert page.locator("tfoot").first.evaluate("(one) => getComputedStyle(one).display") == "table-row-group"


def test_without_a_script_paper_has_the_table_of_each_drawing_open(watch: Watch, site: str) -> None:
    page = watch.open(java_script_enabled=False)
    page.goto(f"{site}/placements/{key_of(2)}")
    page.emulate_media(media="print")
    cell = page.locator("#people-table tbody td").first
    assert cell.is_visible()


def test_the_bars_of_the_funnel_are_saved_as_a_picture_with_every_word_beside_them(watch: Watch, site: str) -> None:
    page = watch.open()
    page.goto(f"{site}/funnel?view=snapshot&format=poster")
    page.evaluate("""() => {
        window.written = [], window.images = 0;
        const { fillText, drawImage } = CanvasRenderingContext2D.prototype;
        Object.assign(CanvasRenderingContext2D.prototype, {
            fillText(text, ...place) { window.written.push(text); return fillText.call(this, text, ...place); },
            drawImage(...what) { window.images += 1; return drawImage.call(this, ...what); },
        });
    }""")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a picture").click()
    assert download.value.suggested_filename == "funnel.png"
    written = " ".join(page.evaluate("window.written"))
    for said in (page.locator(".finding").first.inner_text(), "Format: Poster", "Screened", "went on"):
        assert said in written, said
    bars = page.locator("[data-drawn] svg.stack").count()
    assert page.evaluate("window.images") >= bars > 3


def test_a_saved_picture_says_what_it_shows_of_how_many_from_when_and_what_was_chosen(watch: Watch, site: str) -> None:
    page = open_drawn(watch, site + "/verdicts?format=poster")
    page.evaluate("""() => {
        window.written = [];
        const write = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
            window.written.push(text);
            return write.call(this, text, ...place);
        };
    }""")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a picture").click()
    written = " ".join(page.evaluate("window.written"))
    assert written.startswith(page.locator("figure.chart h2").inner_text())
    for said in ("Format: Poster", page.locator(".data-line").first.inner_text()):
        assert said in written
    assert (page.locator("figure.chart").get_attribute("data-counted") or "?") in written
    head = download.value.path().read_bytes()[16:24]
    drawn = page.locator(".plot").bounding_box()
    assert drawn is not None
    assert int.from_bytes(head[4:], "big") > 2 * drawn["height"] + 100
