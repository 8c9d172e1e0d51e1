"""A language that an address says holds through every form of a page, not only through its links."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from tests.support.people import browser_of
from tests.web.pages.screens import SCREENS, Sites, open_sites

FROM_OUTSIDE = {"sec-fetch-site": "cross-site"}
"""A link that somebody was sent: the browser remembers no language by it."""


@pytest.fixture(scope="module")
def sites(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    with open_sites(_migrated_file, tmp_path_factory.mktemp("sites")) as sites:
        yield sites


def test_every_form_of_every_page_keeps_the_language_of_the_address(sites: Sites) -> None:
    site = sites.by_state["loaded"]
    reader, told = browser_of(site.app, language="en"), set[str]()
    for path in SCREENS.values():
        address = path.format_map(site.keys)
        text = reader.get(f"{address}{'&' if '?' in address else '?'}lang=sv", headers=FROM_OUTSIDE).text
        for form in re.findall(r'<form [^>]*method="post"[^>]*>', text):
            found = re.search(r'action="([^"]*)"', form)
            if found is None or "lang=sv" not in unescape(found[1]):
                told.add(f"{path}: {form}")
    assert told == set()


@pytest.mark.parametrize(
    ("post", "said"),
    [
        ("/views", {"name": "Offers", "path": "/verdicts", "question": "stage=offer"}),
        ("/account/name", {"name": "Maija"}),
        ("/accessibility", {"text": "The table is too wide."}),
        ("/organisation", {"organisation": "x"}),
    ],
)
def test_what_a_form_leads_to_is_in_its_language(sites: Sites, post: str, said: dict[str, str]) -> None:
    reader = browser_of(sites.by_state["loaded"].app, language="en")
    answer = reader.post(f"{post}?lang=sv", data=said)
    if answer.status_code == 303:
        assert "lang=sv" in answer.headers["location"]
    else:
        assert answer.headers["content-language"] == "sv"
