"""Every two of screen, state, language, room and theme meet: without barriers, and losing nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import Watch, barriers_in
from tests.support.pairwise import Case, list_cases
from tests.support.people import EMAIL, browser_of
from tests.web.answers_examples import key_of
from tests.web.pages.screens import (
    CLOSED,
    ENTRIES,
    FACTORS,
    FEW,
    LOADED,
    OF_NO_ENTRY,
    OF_QUESTIONS,
    OF_READERS,
    PARTIAL,
    ROOMS,
    SCREENS,
    SHOW_DAYS,
    SHOW_WORK,
    STALE,
    Sites,
    is_allowed,
    open_sites,
    show,
)

CASES = list_cases(FACTORS, is_allowed)
"""A proof looks at all of them in all ways."""


@pytest.fixture(scope="module")
def sites(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    with open_sites(_migrated_file, tmp_path_factory.mktemp("screens")) as sites:
        yield sites


@pytest.mark.parametrize("case", CASES, ids=lambda case: ", ".join(case.values()))
def test_a_screen_is_without_barriers_and_loses_nothing(watch: Watch, sites: Sites, case: Case) -> None:
    page = show(watch, sites, case)
    assert page.locator("html").get_attribute("lang") == case["language"]
    assert ROOMS[case["room"]].lost(page) == []
    assert barriers_in(page, case["theme"]) == []


@pytest.mark.parametrize(("state", "other"), [(PARTIAL, SHOW_WORK), (STALE, SHOW_DAYS)])
def test_a_screen_is_looked_at_in_each_state_that_makes_another_page_of_it(
    sites: Sites, state: str, other: set[str]
) -> None:
    may = [screen for screen in SCREENS if screen in OF_READERS or screen in OF_QUESTIONS]
    pages = {one: [content_of(read_screen(sites, screen, one)) for screen in may] for one in (LOADED, state)}
    assert {screen for screen, *two in zip(may, *pages.values(), strict=True) if two[0] != two[1]} == other


def content_of(text: str) -> str:
    """What the page says; the age of the data stands above it on every page alike."""
    (content,) = re.findall(r"<main.*?</main>", text, re.DOTALL)
    return str(content)


MENU = [(entry, screen) for entry, screens in ENTRIES.items() for screen in screens]
MENU += [("", screen) for screen in OF_NO_ENTRY]


def test_each_screen_belongs_to_one_entry_of_the_menu_or_is_said_to_belong_to_none() -> None:
    assert sorted(screen for _entry, screen in MENU) == sorted(SCREENS)


@pytest.mark.parametrize(("entry", "screen"), MENU)
def test_the_menu_marks_where_one_is(sites: Sites, entry: str, screen: str) -> None:
    text = read_screen(sites, screen, LOADED)
    assert find_marked(text) == ([entry] if entry else [])


@pytest.mark.parametrize("screen", ["placement", "why", "why of a format"])
def test_what_belongs_to_a_page_that_is_not_open_is_marked_where_its_plan_is(sites: Sites, screen: str) -> None:
    assert find_marked(read_screen(sites, screen, CLOSED)) == ["Campaigns"]


def test_a_placement_belongs_to_the_plan_until_somebody_can_have_met_it(sites: Sites) -> None:
    reader = browser_of(sites.by_state[LOADED].app)
    assert find_marked(reader.get(f"/placements/{key_of(6)}").text) == ["Campaigns"]


def test_applications_belong_to_the_page_that_they_were_opened_from(sites: Sites) -> None:
    site = sites.by_state[LOADED]
    reader = browser_of(site.app)
    for asked, entry in {
        "at=offer": "Funnel",
        "seen=monthly": "Months",
        "seen=checks": "Today",
        "seen=unknown": "Not known",
    }.items():
        assert find_marked(reader.get(f"/applications?{asked}").text) == [entry]


def read_screen(sites: Sites, screen: str, state: str) -> str:
    site, (address, _session) = sites.by_state[state], sites.find(screen, state)
    return browser_of(site.app, FEW if state == CLOSED else EMAIL).get(address.removeprefix(site.base_url)).text


def find_marked(text: str) -> list[str]:
    (menu,) = re.findall(r'<nav aria-label="Pages">(.*?)</nav>', text, re.DOTALL)
    return re.findall(r"aria-current=[^>]*>([^<]*)<", menu)
