"""What stands where on a page: measured in Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Locator, Page

from tests.support.browser import Watch, barriers
from tests.web.pages.screens import LOADED, Sites, open_sites, show


@pytest.fixture(scope="module")
def sites(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    with open_sites(_migrated_file, tmp_path_factory.mktemp("screens")) as sites:
        yield sites


def open_screen(watch: Watch, sites: Sites, screen: str, width: int, state: str = LOADED) -> Page:
    page = show(watch, sites, {"screen": screen, "state": state, "language": "en"})
    page.set_viewport_size({"width": width, "height": 900})
    return page


def box_of(found: Locator) -> FloatRect:
    box = found.bounding_box()
    assert box is not None
    return box


@pytest.mark.parametrize("width", [320, 390, 640, 1000, 1280])
def test_the_two_days_of_a_period_stand_on_one_line(watch: Watch, sites: Sites, width: int) -> None:
    page = open_screen(watch, sites, "verdicts", width)
    if width < 640:
        page.get_by_text("Filters", exact=True).click()
    first, last = (box_of(page.get_by_label(name, exact=True)) for name in ("Applied from", "to"))
    assert first["y"] == last["y"]
    assert 0 < last["x"] - (first["x"] + first["width"]) < 16


CUT = """(selects) => selects.filter((one) => {
    const style = getComputedStyle(one), brush = document.createElement("canvas").getContext("2d");
    brush.font = style.font;
    const text = brush.measureText(one.selectedOptions[0].text).width;
    const ARROW = 12;
    return one.offsetWidth && text + ARROW > one.clientWidth - parseFloat(style.paddingLeft);
}).map((one) => one.selectedOptions[0].text)"""


@pytest.mark.parametrize("screen", ["verdicts", "funnel", "calendar", "people", "audit", "matrix", "placements"])
@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_chosen_is_shown_whole(watch: Watch, sites: Sites, screen: str, width: int) -> None:
    page = open_screen(watch, sites, screen, width)
    if width < 640:
        page.evaluate("document.querySelectorAll('details.fold').forEach((one) => { one.open = true; })")
    for select in page.locator("select:visible").all():
        names = select.locator("option").all_text_contents()
        select.select_option(index=names.index(max(names, key=len)))
    assert page.locator("select:visible").evaluate_all(CUT) == []


@pytest.mark.parametrize("screen", ["channels", "claims"])
def test_on_a_phone_a_list_of_the_plan_is_read_without_scrolling_to_the_side(
    watch: Watch, sites: Sites, screen: str
) -> None:
    page = open_screen(watch, sites, screen, 390)
    table = page.locator("main table")
    assert table.locator("tbody tr").count() > 0
    assert page.locator("main .scroll").evaluate("(one) => one.scrollWidth - one.clientWidth") == 0
    heads = table.locator("td[data-head]").evaluate_all("(all) => all.map((one) => one.dataset.head)")
    assert set(heads) == set(table.locator("thead th").all_text_contents()[1:-1])
    assert barriers(page) == []


def test_the_bars_of_a_column_have_one_scale_whose_ends_are_named(watch: Watch, sites: Sites) -> None:
    page = open_screen(watch, sites, "funnel by persona", 1280)
    drawn = page.locator("table.split svg")
    ends = page.locator("table.split thead svg text").all_text_contents()
    assert ends == ["0\N{NO-BREAK SPACE}%", "100\N{NO-BREAK SPACE}%"]
    assert drawn.count() > 2
    assert len({round(box_of(one)["x"]) for one in drawn.all()}) == 1
    first = page.locator(".funnel .conversion svg")
    assert len({round(box_of(one)["x"]) for one in first.all()}) == 1
    assert first.first.locator("text").all_text_contents() == ends


def test_in_the_calendar_a_public_holiday_is_drawn_other_than_a_weekend(watch: Watch, sites: Sites) -> None:
    page = open_screen(watch, sites, "calendar", 1280)
    legend = page.locator(".timeline-legend")
    looks = [
        legend.locator(f".{name}").evaluate("(one) => getComputedStyle(one).background")
        for name in ("weekend", "closed")
    ]
    assert looks[0] != looks[1]
    assert "weekend" in legend.inner_text()
    assert "public holiday" in legend.inner_text()


def test_the_days_on_which_a_source_was_seen_stand_on_one_line(watch: Watch, sites: Sites) -> None:
    page = open_screen(watch, sites, "sources", 1280)
    cells = page.locator("td.seen")
    assert cells.count() > 0
    lines = cells.evaluate_all(
        "(all) => all.map((one) => { const r = document.createRange(); r.selectNodeContents(one);"
        " return r.getClientRects().length; })"
    )
    assert set(lines) == {1}
