"""Every text that a person reads is there, in whole, in every language that Kutsu speaks."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from app.i18n import LANGUAGES, LOCALE_DIRECTORY
from tests.support.house import ROOT

KEYWORDS: dict[str, Any] = {"_": None, "ngettext": (1, 2)}
TRANSLATED = [one for one in LANGUAGES if one != "en"]
ALIKE_AT_MOST = 0.05


@cache
def texts() -> Sequence[tuple[str, str]]:
    """Every text, its plural left out, with the file it stands in."""
    return list(_find_texts())


def _find_texts() -> Iterator[tuple[str, str]]:
    files: list[tuple[str, Path]] = [("python", path) for path in sorted((ROOT / "app").rglob("*.py"))]
    files += [("jinja2.ext:babel_extract", path) for path in (ROOT / "app/web/templates").glob("*.html")]
    options = {"newstyle_gettext": "true", "trimmed": "true", "extensions": "jinja2.ext.i18n"}
    for method, path in files:
        for _line, message, _comments, _context in extract_from_file(method, path, KEYWORDS, options=options):
            yield first(message), path.name


@cache
def catalogue(language: str) -> Catalog:
    with (LOCALE_DIRECTORY / language / "LC_MESSAGES" / "kutsu.po").open("rb") as file:
        return read_po(file, locale=language)


def first(text: Any) -> str:
    """The text itself, or its form for one."""
    return text if isinstance(text, str) else text[0]


def sentences(language: str) -> dict[str, str]:
    """What each text is in the language; English is the source."""
    messages = [message for message in catalogue("fi" if language == "en" else language) if message.id]
    return {first(message.id): first(message.id if language == "en" else message.string) for message in messages}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_in_each_of_its_plural_forms(language: str) -> None:
    forms = catalogue(language).num_plurals
    translated = {
        first(message.id)
        for message in catalogue(language)
        if (
            isinstance(message.string, tuple) and len(message.string) == forms and all(message.string)
            if isinstance(message.id, tuple)
            else message.string
        )
    }
    assert sorted({text for text, _file in texts()} - translated) == []


def test_texts_are_found_where_they_are() -> None:
    found = dict(texts())
    assert found["After which ads did doctors get %(goal)s more often?"] == "wording.py"
    assert found["Nothing. Every code, label, cost and stage is explained."] == "today.html"
    assert found["Why each was refused stands in %(file)s."] == "data.py"
    assert found["The placement ends before it starts; move one of the dates."] == "agreeing.py"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_follows_the_text_that_it_translates(language: str) -> None:
    """What follows none is read as the translation of the text before it."""
    file = LOCALE_DIRECTORY / language / "LC_MESSAGES" / "kutsu.po"
    entries = file.read_text(encoding="utf-8").strip().split("\n\n")
    keys = [[line.split()[0] for line in entry.splitlines() if line[0] not in '#"'] for entry in entries]
    twice = [at for at, found in enumerate(keys) if len(found) != len(set(found))]
    assert [entries[at] for at, found in enumerate(keys) if found[:1] != ["msgid"] or at in twice] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_fills_in_the_same_values(language: str) -> None:
    assert [(message.id, errors) for message, errors in catalogue(language).check()] == []


@pytest.mark.parametrize(("one", "other"), list(combinations(LANGUAGES, 2)))
def test_no_two_languages_say_the_same_sentences(one: str, other: str) -> None:
    """Near languages share words; a sentence that is the same in both was copied, not translated."""
    ones, others = sentences(one), sentences(other)
    compared = [key for key in ones.keys() & others.keys() if len(ones[key].split()) > 2]
    alike = [ones[key] for key in compared if ones[key] == others[key]]
    assert len(alike) <= ALIKE_AT_MOST * len(compared), alike
