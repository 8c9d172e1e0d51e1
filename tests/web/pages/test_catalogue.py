"""Every text of the pages is there in every language that pages exist in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from app.i18n import LOCALE_DIRECTORY
from app.web.pages.visit import spoken_languages
from tests.support.house import ROOT

KEYWORDS: dict[str, Any] = {"_": None, "ngettext": (1, 2)}
PEOPLE = (
    "account_link", "invitation", "membership", "oidc", "password", "second_step", "session", "signing_in", "user",
)  # fmt: skip
SOURCES = (
    *(f"app/access/{name}.py" for name in PEOPLE),
    *(f"app/intake/{name}.py" for name in ("connection_changes", "stage_map", "trial", "vendors")),
    "app/intake/connectors/*.py",
    "app/intake/connectors/*/calls.py",
    "app/web/pages/*.py",
    "app/reports/names.py",
    "app/reports/wording.py",
    "app/reports/figures.py",
    "app/reports/scope.py",
    "app/reports/question.py",
)


def texts() -> Iterator[tuple[str, str]]:
    """Every text, its plural left out, with the file it stands in."""
    files: list[tuple[str, Path]] = [("python", path) for pattern in SOURCES for path in ROOT.glob(pattern)]
    files += [("jinja2.ext:babel_extract", path) for path in (ROOT / "app/web/templates").glob("*.html")]
    options = {"newstyle_gettext": "true", "trimmed": "true", "extensions": "jinja2.ext.i18n"}
    for method, path in files:
        for _line, message, _comments, _context in extract_from_file(method, path, KEYWORDS, options=options):
            yield (message[0] if isinstance(message, tuple) else message), path.name


@pytest.mark.parametrize("language", [one for one in spoken_languages() if one != "en"])
def test_every_text_of_a_page_is_translated(language: str) -> None:
    with (LOCALE_DIRECTORY / language / "LC_MESSAGES" / "kutsu.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    translated = {
        message.id[0] if isinstance(message.id, tuple) else message.id
        for message in catalogue
        if message.string and all(message.string if isinstance(message.string, tuple) else (message.string,))
    }
    assert sorted({text for text, _file in texts()} - translated) == []


def test_texts_are_found_where_they_are() -> None:
    found = dict(texts())
    assert found["Which ads moved doctors %(goal)s?"] == "wording.py"
    assert found["Nothing. Every code, label, cost and stage is accounted for."] == "today.html"


@pytest.mark.parametrize("language", [one for one in spoken_languages() if one != "en"])
def test_a_translation_fills_in_the_same_values(language: str) -> None:
    with (LOCALE_DIRECTORY / language / "LC_MESSAGES" / "kutsu.po").open("rb") as file:
        problems = [(message.id, errors) for message, errors in read_po(file, locale=language).check()]
    assert problems == []
