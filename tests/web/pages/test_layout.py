"""What stands where on a page: measured in Chromium."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from app.web.pages.interval import WIDTH, ratio_place
from tests.support.browser import Watch, barriers
from tests.support.people import COOKIE, open_session
from tests.web.pages.screens import EMPTY, LOADED, PLACEMENT, Sites, open_sites, show


@pytest.fixture(scope="module")
def sites(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    with open_sites(_migrated_file, tmp_path_factory.mktemp("screens")) as sites:
        yield sites


def open_screen(watch: Watch, sites: Sites, screen: str, width: int, state: str = LOADED) -> Page:
    page = show(watch, sites, {"screen": screen, "state": state, "language": "en"})
    page.set_viewport_size({"width": width, "height": 900})
    return page


def open_address(watch: Watch, sites: Sites, address: str, width: int) -> Page:
    site = sites.by_state[LOADED]
    watch.carry_cookie(COOKIE, open_session(site.app))
    page = watch.open(viewport={"width": width, "height": 900})
    page.goto(site.base_url + address.format_map(site.keys))
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


@pytest.mark.parametrize(
    ("screen", "tables"), [("verdicts", 2), ("formats", 1), ("funnel by persona", 3), ("persona", 1)]
)
def test_on_a_phone_each_number_of_a_report_stands_in_sight_with_its_name(
    watch: Watch, sites: Sites, screen: str, tables: int
) -> None:
    page = open_screen(watch, sites, screen, 390)
    regions = page.locator("main .scroll")
    assert regions.count() >= tables
    assert regions.evaluate_all("(all) => all.map((one) => one.scrollWidth - one.clientWidth)") == [0] * regions.count()
    for cell in page.locator("table.cards tbody tr:first-child td.number").all():
        shown = cell.evaluate("(one) => getComputedStyle(one, '::before').content")
        assert shown == f'"{cell.get_attribute("data-head")}"'


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


ENDS = """(table) => [...table.querySelectorAll(".scale svg")].map((axis) => {
    const scope = axis.closest("thead") ? table.querySelectorAll("tbody .track") : table.querySelectorAll(".track");
    const [none, all] = [...axis.querySelectorAll("text")].map((text) => text.getBoundingClientRect());
    const at = [...scope].map((one) => one.getBoundingClientRect()).map((one) => [one.left, one.right]);
    return { marks: at.length, off: Math.max(...at.map(([first, last]) =>
        Math.max(Math.abs(first - none.left), Math.abs(last - all.right)))) };
})"""


@pytest.mark.parametrize(
    ("address", "drawn"),
    [
        ("/funnel?split=persona", "table.split"),
        ("/funnel", ".funnel"),
        ("/verdicts?by=channel&from=2026-06-01&to=2026-08-31&beside=before", ".beside table"),
        ("/verdicts?columns=applied.share.verdict", "table.verdicts"),
        ("/styleguide", "#doubt"),
        ("/styleguide", ".beside table"),
    ],
)
@pytest.mark.parametrize("width", [390, 1280])
def test_a_scale_of_shares_stands_right_above_the_bars_it_measures(
    watch: Watch, sites: Sites, address: str, drawn: str, width: int
) -> None:
    page = open_address(watch, sites, address, width)
    scales = page.locator(drawn).first.evaluate(ENDS)
    assert len(scales) == 1
    assert scales[0]["marks"] > 0
    assert scales[0]["off"] <= 1.5


LINES = """(all) => all.map((drawing) => {
    const middle = (one) => { const box = one.getBoundingClientRect(); return box.x + box.width / 2; };
    return [...drawing.querySelectorAll(".no-difference")].map(middle);
})"""


@pytest.mark.parametrize("width", [390, 1280])
def test_the_line_of_no_difference_stands_where_the_axis_says_and_a_change_of_nothing_lies(
    watch: Watch, sites: Sites, width: int
) -> None:
    page = open_address(watch, sites, "/verdicts", width)
    table = page.locator("table.verdicts")
    equal = box_of(table.locator("thead svg text", has_text="=").first)
    drawings = table.locator("td.change svg")
    lines = drawings.evaluate_all(LINES)
    assert len(lines) > 2
    scale, left = box_of(drawings.first)["width"] / WIDTH, box_of(drawings.first)["x"]
    for line in lines:
        assert line == [pytest.approx(equal["x"] + equal["width"] / 2, abs=0.75)]
        assert line == [pytest.approx(left + scale * ratio_place(0), abs=0.75)]


@pytest.mark.parametrize("address", ["/styleguide", PLACEMENT])
@pytest.mark.parametrize("media", [{"forced_colors": "active"}, {"media": "print"}])
def test_the_line_of_no_difference_is_there_in_forced_colours_and_on_paper(
    watch: Watch, sites: Sites, address: str, media: Any
) -> None:
    page = open_address(watch, sites, address, 1280)
    page.emulate_media(**media)
    line = page.locator(".change .no-difference").first
    assert line.evaluate("(one) => getComputedStyle(one).stroke") not in {"none", "rgba(0, 0, 0, 0)"}
    assert box_of(page.locator(".change svg").first)["height"] > 10


def test_on_a_placement_no_number_goes_past_the_list_it_stands_in(watch: Watch, sites: Sites) -> None:
    page = open_address(watch, sites, PLACEMENT, 1280)
    edge = box_of(page.locator(".numbers").first)
    all_figures = page.locator(".numbers .figures").all()
    assert len(all_figures) > 1
    for figures in all_figures:
        figures.evaluate("(one) => { one.textContent = 'between +1 136 % (+182 to +1 194 %)' }")
        box = box_of(figures)
        assert box["x"] + box["width"] <= edge["x"] + edge["width"]


@pytest.mark.parametrize("screen", ["verdicts", "funnel"])
def test_in_forced_colours_the_entry_that_is_open_looks_other_than_the_rest(
    watch: Watch, sites: Sites, screen: str
) -> None:
    page = open_screen(watch, sites, screen, 1280)
    page.emulate_media(forced_colors="active")
    looks = "(all) => all.map((one) => [getComputedStyle(one).borderBottomColor, getComputedStyle(one).fontWeight])"
    for menu in page.locator("nav:visible").filter(has=page.locator("a[aria-current]")).all():
        here = menu.locator("a[aria-current]").evaluate_all(looks)
        for other in menu.locator("a:not([aria-current])").evaluate_all(looks):
            assert [other[0] != one[0] and other[1] != one[1] for one in here] == [True]


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


def test_the_shares_of_a_row_stand_on_one_line_whether_drawn_or_only_told(watch: Watch, sites: Sites) -> None:
    row = open_screen(watch, sites, "funnel by persona", 1280).locator(".split tbody tr").first
    tops = {round(box_of(share)["y"]) for share in row.locator(".line small, .figures").all()}
    assert len(tops) == 1, tops


def test_on_a_form_each_box_to_tick_stands_at_the_edge_and_beside_its_first_line(watch: Watch, sites: Sites) -> None:
    page = open_screen(watch, sites, "new campaign", 390)
    for label in page.locator("form.sheet label:has(input[type=checkbox])").all():
        around, box = box_of(label), box_of(label.locator("input"))
        assert box["x"] == around["x"] and box["y"] - around["y"] < 8


def test_the_days_on_which_a_source_was_seen_stand_on_one_line(watch: Watch, sites: Sites) -> None:
    page = open_screen(watch, sites, "sources", 1280)
    cells = page.locator("td.seen")
    assert cells.count() > 0
    lines = cells.evaluate_all(
        "(all) => all.map((one) => { const r = document.createRange(); r.selectNodeContents(one);"
        " return r.getClientRects().length; })"
    )
    assert set(lines) == {1}


@pytest.mark.parametrize("forced", [False, True])
def test_a_table_that_goes_on_beyond_the_edge_of_its_window_shows_so(watch: Watch, sites: Sites, forced: bool) -> None:
    page = open_screen(watch, sites, "paths", 390)
    page.emulate_media(forced_colors="active" if forced else "none", reduced_motion="reduce")
    region = page.locator("#credit-table")
    ends = "(one) => [getComputedStyle(one).borderLeftWidth, getComputedStyle(one).borderRightWidth]"
    assert region.evaluate("(one) => one.scrollWidth > one.clientWidth")
    if not forced:
        assert region.evaluate("(one) => getComputedStyle(one).backgroundAttachment") == "local, local, scroll, scroll"
        return
    assert region.evaluate(ends) == ["0px", "3px"]
    region.evaluate("(one) => { one.scrollLeft = one.scrollWidth; }")
    expect(region).to_have_css("border-left-width", "3px")
    assert region.evaluate(ends) == ["3px", "0px"]
    page.set_viewport_size({"width": 1600, "height": 900})
    page.reload()
    assert page.locator("#credit-table").evaluate("(one) => one.scrollWidth === one.clientWidth")
    expect(region).to_have_css("border-left-width", "0px")


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_ticked_stands_beside_the_first_line_of_what_it_says(watch: Watch, sites: Sites, width: int) -> None:
    page = open_screen(watch, sites, "first hour", width, EMPTY)
    labels = page.locator(".choices label:has(small)")
    assert labels.count() > 1
    for label in labels.all():
        tick, text = box_of(label.locator("input")), box_of(label)
        assert 0 <= tick["y"] - text["y"] < 8


def test_notes_below_a_table_begin_at_its_left_edge(watch: Watch, sites: Sites) -> None:
    page = open_screen(watch, sites, "verdicts", 1280)
    edges = {round(box_of(note)["x"]) for note in page.locator(".after-table > p").all()}
    assert edges == {round(box_of(page.locator("#rows"))["x"])}


def test_the_dot_that_parts_an_asset_s_words_ends_no_line(watch: Watch, sites: Sites) -> None:
    page = open_screen(watch, sites, "assets", 390)
    words = page.locator(".list .quiet").all_inner_texts()
    assert any("·\N{NO-BREAK SPACE}" in one for one in words)
    assert not any("· " in one for one in words)


def test_the_dot_that_parts_holidays_ends_no_line_and_a_phone_has_a_line_for_each(watch: Watch, sites: Sites) -> None:
    page = open_screen(watch, sites, "calendar", 1280)
    days = page.locator(".holidays p").first.locator("> span")
    assert days.count() > 1
    assert page.locator(".holidays .dot").count() == days.locator(".dot").count() == days.count() - 1
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.locator(".holidays .dot:visible").count() == 0
    assert len({box_of(day)["y"] for day in days.all()}) == days.count()


def test_the_month_of_the_calendar_has_room_for_the_longest_name(watch: Watch, sites: Sites) -> None:
    month = open_screen(watch, sites, "calendar", 1280).locator("#filter-month")
    month.fill("2026-09")
    has = box_of(month)["width"]
    month.evaluate("(one) => { one.style.maxWidth = 'none'; }")
    assert has == box_of(month)["width"] > 130
