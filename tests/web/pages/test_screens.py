"""Every two of screen, state, language, room and theme meet: without barriers, and losing nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import Watch, barriers_in
from tests.support.pairwise import Case, list_cases
from tests.web.pages.screens import FACTORS, ROOMS, Sites, is_allowed, open_sites, show

MAIN = ["today", "funnel", "verdicts", "why", "data in", "connection"]
"""The screens that people look at every day; a proof looks at all of them in all ways."""
CASES = list_cases({**FACTORS, "screen": MAIN}, is_allowed)


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
