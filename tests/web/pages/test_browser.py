"""Pages in a real browser: quiet, reachable by keyboard, legible narrow, in the dark and without JavaScript."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Dialog, Page, ViewportSize, expect

from tests.support.browser import Watch, barriers
from tests.support.people import COOKIE, open_session
from tests.support.server import serving
from tests.web.answers_examples import key_of
from tests.web.pages.shown import address

PAGES = [  # beside those that are looked at in every state and language
    "/funnel?from=2026-06-01&to=2026-08-31&specialty=unspecialised&beside=before",
    "/forecasts",
    "/monthly",
    "/monthly?columns=all.unknown",
    "/data/sources",
    "/personas",
    "/search?q=e",
    "/views",
    "/accessibility",
    "/help",
    address("verdicts", "city"),
    address("verdicts", "long names"),
    address("verdicts", "sixty rows"),
    address("verdicts", "empty"),
    address("funnel", "city"),
    address("funnel", "empty"),
]
SIXTY_CHARACTERS = "Vaahteralahden kaupungin perusterveydenhuollon palvelualueet"
WITH_CHARTS = [address("verdicts", "city"), address("funnel", "city"), f"/placements/{key_of(2)}", "/paths"]
NARROW = ViewportSize(width=320, height=700)


@pytest.fixture(scope="module")
def site(town: FastAPI) -> Iterator[str]:
    with serving(town) as base_url:
        yield base_url


@pytest.fixture(scope="module")
def new_site(empty_town: FastAPI) -> Iterator[str]:
    with serving(empty_town) as base_url:
        yield base_url


@pytest.fixture
def watch(watch: Watch, request: pytest.FixtureRequest) -> Watch:
    """A browser that is signed in to the site that the test asks for."""
    town: FastAPI = request.getfixturevalue("empty_town" if "new_site" in request.fixturenames else "town")
    watch.carry_cookie(COOKIE, open_session(town))
    return watch


def open_page(watch: Watch, url: str, **options: Any) -> Page:
    page = watch.open(**options)
    page.goto(url)
    for plot in page.locator(".plot").all() if options.get("java_script_enabled", True) else []:
        plot.locator(".main-svg").first.wait_for()
    return page


def lost(page: Page) -> list[str]:
    """What a page 320 pixels wide does not show."""
    page.set_viewport_size(NARROW)
    clipped: list[str] = page.evaluate("""[...document.querySelectorAll("main *")].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.right > 321 && box.width > 1 && !one.closest(".scroll, .plot, .hidden");
    }).map((one) => one.outerHTML.slice(0, 120))""")
    if page.evaluate("document.documentElement.scrollWidth") > NARROW["width"]:
        clipped.append("the page as a whole")
    return clipped


# One load serves every way of looking at a page: reading it and its scripts takes longest.
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_quiet_and_without_barriers_and_loses_nothing_when_narrow(watch: Watch, site: str, path: str) -> None:
    page = open_page(watch, site + path)
    assert barriers(page) == []
    assert page.locator(".plot .modebar-btn").count() == 0
    assert lost(page) == []


@pytest.mark.parametrize("path", WITH_CHARTS[:2])
def test_a_chart_is_drawn_in_the_colours_of_its_scheme(watch: Watch, site: str, path: str) -> None:
    page = open_page(watch, site + path)
    light = page.evaluate("getComputedStyle(document.querySelector('.plot text')).fill")
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".plot text").first).not_to_have_css("fill", light)


@pytest.mark.parametrize("path", ["/", "/funnel", "/verdicts", "/personas"])
def test_an_empty_page_is_quiet_and_without_barriers(watch: Watch, new_site: str, path: str) -> None:
    assert barriers(open_page(watch, new_site + path)) == []


@pytest.mark.parametrize("look", [{}, {"locale": "fi"}, {"forced_colors": "active"}])
def test_every_component_and_state_is_without_barriers_in_every_look(watch: Watch, site: str, look: Any) -> None:
    page = open_page(watch, site + "/styleguide", **look)
    found = barriers(page)
    # Forced colours are the reader's own, and no page chooses their contrast.
    assert [one for one in found if "forced_colors" not in look or "color-contrast" not in one] == []
    assert lost(page) == []


@pytest.mark.parametrize("path", ["/styleguide", "/funnel", "/verdicts", f"/placements/{key_of(2)}"])
def test_text_twice_as_large_loses_nothing(watch: Watch, site: str, path: str) -> None:
    """A window 1280 pixels wide whose text is twice as large has the room of one of 640."""
    page = open_page(watch, site + path, viewport={"width": 1280, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    clipped = page.evaluate("""[...document.querySelectorAll("main *")].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.right > 1281 && box.width > 1 && !one.closest(".scroll, .plot, .hidden");
    }).map((one) => one.outerHTML.slice(0, 120))""")
    assert clipped == []


def test_an_error_page_is_without_barriers(watch: Watch, site: str) -> None:
    watch.allow("404")
    assert barriers(open_page(watch, site + "/nothing")) == []


@pytest.mark.parametrize("language", ["fi", "sv", "nb"])
def test_a_page_loses_nothing_in_longer_words(watch: Watch, site: str, language: str) -> None:
    for path in ("/", *WITH_CHARTS):
        page = open_page(watch, site + path, locale=language, java_script_enabled=False)
        assert page.locator("html").get_attribute("lang") == language
        assert lost(page) == [], path
        if path == "/":
            name = page.locator(".organisation > span")
            name.evaluate("(one, text) => { one.textContent = text }", SIXTY_CHARACTERS)
            for width in (1280, 390, 320):
                page.set_viewport_size({"width": width, "height": 700})
                assert name.inner_text() == SIXTY_CHARACTERS
                assert name.evaluate("one => one.scrollWidth <= one.clientWidth"), width
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        page.close()


@pytest.mark.parametrize("path", ["/", "/personas/gp-young-family", *WITH_CHARTS])
def test_without_javascript_every_number_is_there(watch: Watch, site: str, path: str) -> None:
    page = open_page(watch, site + path, java_script_enabled=False)
    assert page.locator("h1").is_visible()
    for plot in page.locator(".plot").all():
        assert not plot.is_visible()
    for table in page.locator(".scroll table").all():
        assert table.is_visible() or page.locator("details").count()
    assert page.locator("button[data-copy]:visible").count() == 0


def test_filters_work_without_javascript(watch: Watch, site: str) -> None:
    page = open_page(watch, site + "/verdicts", java_script_enabled=False)
    page.get_by_label("A row for each", exact=True).select_option("channel")
    page.get_by_label("Stage", exact=True).select_option("hired")
    page.get_by_label("Format", exact=True).select_option("poster")
    page.get_by_label("Specialty", exact=True).select_option("unspecialised")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "After ads in which channels did doctors get to a hire more often?"
    )
    page.get_by_role("link", name="Take away: Format Poster").click()
    expect(page.locator(".limits li")).to_have_text(["Specialty Not specialised ×"])
    page.get_by_role("link", name="Show everything").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "After ads in which channels did doctors get to a hire more often?"
    )
    expect(page.locator(".limits")).to_have_count(0)


def test_an_address_that_people_share_holds_no_empty_fields(watch: Watch, site: str) -> None:
    page = open_page(watch, site + "/verdicts")
    page.get_by_label("Format", exact=True).select_option("poster")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**format=poster*")
    assert page.url == f"{site}/verdicts?by=placement&stage=interview&format=poster"
    page.go_back()
    assert page.url == f"{site}/verdicts"


def test_the_keyboard_reaches_the_content_first_and_everything_after(watch: Watch, site: str) -> None:
    page = open_page(watch, site + address("verdicts", "city"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "by"
    reached = set()
    for _press in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none" or (
            page.evaluate("document.activeElement.tagName") in {"BODY", "HTML"}
        )
    assert {"rows", "SUMMARY", "A"} <= reached


def test_a_slash_asks_for_a_name_wherever_one_is_and_a_question_mark_for_help(watch: Watch, site: str) -> None:
    page = open_page(watch, site + "/personas")
    page.keyboard.press("/")
    page.keyboard.type("kallio")
    page.keyboard.press("Enter")
    page.locator("a[href^='/placements/']", has_text="Tram-stop poster, Kallio").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("no such thing/?")
    assert page.locator("#asked").input_value() == "no such thing/?"
    page.locator("#asked").blur()
    page.keyboard.press("?")
    page.wait_for_url("**/help")
    page.locator("#help").focus()
    page.keyboard.press("/")
    expect(page.locator("#anywhere")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator("#help")).to_be_focused()


def test_a_reason_opens_by_keyboard(watch: Watch, site: str) -> None:
    page = open_page(watch, site + address("verdicts", "city"))
    page.locator(".said summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Its applicants went further than comparable applicants").first).to_be_visible()


def test_the_link_is_copied_and_the_page_says_so(watch: Watch, site: str) -> None:
    page = watch.open(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{site}/placements/{key_of(2)}")
    page.get_by_role("button", name="Copy the link").click()
    said = "Copied the link of Tram-stop poster, Kallio"
    page.locator("#said", has_text=said).wait_for(state="attached")
    expect(page.get_by_role("button", name=said)).to_be_focused()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site}/k/h7k2m3"


@pytest.mark.parametrize("path", ["/campaigns/urgent", "/campaigns/new"])
def test_who_leaves_with_something_typed_is_asked_first_and_who_sends_it_or_typed_nothing_is_not(
    watch: Watch, site: str, path: str
) -> None:
    page = watch.open()
    asked: list[str] = []

    def go_on(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", go_on)
    page.goto(site + path)
    page.get_by_role("heading").first.click()
    page.goto(site + "/help")
    assert asked == []
    page.goto(site + path)
    page.locator("input[name=name]").press_sequentially("Summer")
    page.goto(site + "/help")
    assert asked == ["beforeunload"]
    page.goto(site + path)
    page.locator("input[name=name]").press_sequentially("Summer")
    page.locator("form[data-typed]").evaluate("form => { form.noValidate = true; form.method = 'get' }")
    page.locator("form[data-typed] button").last.click()
    page.wait_for_url("**name=Summer**")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("path", ["/verdicts", "/personas/gp-young-family"])
def test_a_printed_page_leaves_out_what_only_a_screen_can_use(watch: Watch, site: str, path: str) -> None:
    page = open_page(watch, site + path)
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    for gone in (".masthead nav", ".filters", "button"):
        assert page.locator(f"{gone}:visible").count() == 0


def test_a_brief_that_is_printed_for_an_agency_shows_verdicts_and_no_counts_of_few(watch: Watch, site: str) -> None:
    page = open_page(watch, f"{site}/personas/gp-young-family")
    ads = page.get_by_role("table").last
    heads = ads.get_by_role("columnheader")
    expect(heads).to_have_text(["Placement", "Promise", "Applied", "Verdict"])
    page.emulate_media(media="print")
    expect(heads).to_have_text(["Placement", "Promise", "Applied", "Verdict"])
    printed = ads.locator("td.number").all_inner_texts()
    assert printed and all(said == "under 10" or int(said) >= 10 for said in printed)
    assert ads.locator(".exact:visible, .verdict span:visible").count() == 0


def test_nothing_moves_by_itself_and_who_wants_no_motion_gets_none(watch: Watch, site: str) -> None:
    for preference, moving in (("no-preference", 1), ("reduce", 0)):
        page = open_page(watch, site + "/styleguide", reduced_motion=preference)
        assert page.evaluate("document.getAnimations().length") == 0
        page.evaluate("""() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync("@keyframes fade { to { opacity: 0 } } h1 { animation: fade 9s }");
            document.adoptedStyleSheets = [sheet];
        }""")
        assert page.evaluate("document.getAnimations().length") == moving


def test_forced_colours_keep_the_marks_visible(watch: Watch, site: str) -> None:
    page = open_page(watch, site + address("verdicts", "city"), forced_colors="active")
    fills = page.evaluate("[...document.querySelectorAll('.interval .mark')].map((one) => getComputedStyle(one).fill)")
    assert len(set(fills)) == 2


def test_in_forced_colours_a_drawing_has_the_colours_of_the_system_alone(watch: Watch, site: str) -> None:
    page = open_page(watch, site + address("verdicts", "city"), forced_colors="active")
    page.locator(".plot .main-svg").first.wait_for()
    system, drawn = page.evaluate("""() => {
        const probe = document.body.appendChild(document.createElement("span"));
        probe.style.forcedColorAdjust = "none";
        const said = (name) => (probe.style.color = name, getComputedStyle(probe).color);
        const system = ["Canvas", "CanvasText"].map(said);
        const marks = [...document.querySelectorAll(".plot .points path, .plot .ytick text")];
        return [system, marks.map((one) => getComputedStyle(one).fill)];
    }""")
    assert set(drawn) == set(system)


def test_the_chain_of_a_placement_leads_to_pages_without_barriers(watch: Watch, site: str) -> None:
    page = open_page(watch, f"{site}/placements/{key_of(2)}")
    for name in ("Now we must", "Poster", "Stops"):
        page.locator(".chain").get_by_role("link", name=name).click()
        page.get_by_role("heading", name="Its placements").wait_for()
        assert barriers(page) == []
        assert lost(page) == []
        page.get_by_role("region", name="Its placements").get_by_role("link", name="Tram-stop poster, Kallio").click()
        page.locator(".chain").wait_for()


def test_a_view_is_kept_without_javascript(watch: Watch, site: str) -> None:
    page = open_page(watch, site + "/funnel?stage=offer", java_script_enabled=False)
    page.get_by_text("Keep this view").click()
    page.get_by_label("Its name").fill("Doctors with an offer")
    page.get_by_label("for everybody in Kivikoski").check()
    page.get_by_role("button", name="Keep the view").click()
    page.get_by_role("link", name="Doctors with an offer").click()
    expect(page).to_have_url(f"{site}/funnel?stage=offer")
    page.get_by_role("link", name="Kept views").click()
    page.get_by_role("button", name="Forget: Doctors with an offer").click()
    assert "Nothing is kept yet" in page.locator(".finding").inner_text()


def test_a_drawing_is_saved_as_a_picture(watch: Watch, site: str) -> None:
    page = open_page(watch, site + address("verdicts", "city"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a picture").click()
    assert download.value.suggested_filename == "forest.png"
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    expect(page.locator("#said")).to_have_text(re.compile("Saved the picture: 4 of 8 verdicts stand"))
    expect(page.get_by_role("button", name="Save as a picture")).to_be_focused()


def test_columns_are_chosen_without_javascript(watch: Watch, site: str) -> None:
    page = open_page(watch, site + "/verdicts?sort=label", java_script_enabled=False)
    page.locator("details.columns summary").click()
    page.get_by_label("Pending", exact=True).check()
    page.get_by_label("Cost", exact=True).uncheck()
    page.get_by_role("button", name="Show these columns").click()
    heads = page.locator("thead th").all_inner_texts()
    assert "Pending" in heads
    assert "Cost" not in heads
    expect(page).to_have_url(
        f"{site}/verdicts?sort=label&columns=verdict.applied.reached.pending.expected.hired.change#columns"
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_the_filters_fold_away_behind_their_number(watch: Watch, site: str, scripts: bool) -> None:
    page = open_page(watch, site + "/funnel?format=poster&stage=offer", java_script_enabled=scripts,
                     viewport={"width": 390, "height": 800})  # fmt: skip
    fold, field = page.locator(".fold > summary"), page.get_by_label("Format", exact=True)
    expect(fold).to_have_text("Filters (1)")
    expect(field).to_be_hidden()
    fold.click()
    field.select_option("video")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**format=video*")


def test_where_there_is_room_the_filters_are_always_there(watch: Watch, site: str) -> None:
    page = open_page(watch, site + "/funnel")
    expect(page.locator(".fold > summary")).to_be_hidden()
    page.get_by_label("Format", exact=True).select_option("poster")
