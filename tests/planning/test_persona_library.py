"""The rules every persona of the library keeps, read from the files alone, without the application.

A source known by month or year alone carries the first day of it as its date.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

LIBRARY = Path(__file__).parents[2] / "personas"
PERSONAS: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(LIBRARY.glob("*.toml"))
}

SPECIALTIES = {"general_practice", "resident_general_practice", "unspecialised", "other_specialty"}
CAREER_STAGES = {"newly_licensed", "in_training", "experienced", "senior", "trained_abroad", "researcher"}
CHANNEL_KINDS = {
    "poster", "video", "social", "search", "newsletter", "event",
    "article", "referral", "job_board", "radio", "print", "website",
}  # fmt: skip
SINGLE_TEXTS = ("name", "summary", "situation", "tone", "avoid")
LIST_TEXTS = {
    "motivations": ("text",),
    "factors": ("statement", "proof"),
    "differentiators": ("statement", "proof"),
    "worries": ("text", "answer"),
    "questions": ("text",),
    "channels": ("place", "why"),
    "evidence": ("says",),
}
COUNTS = {
    "motivations": (3, 5),
    "factors": (3, 5),
    "differentiators": (3, 6),
    "worries": (3, 8),
    "questions": (4, 6),
    "channels": (3, 5),
    "evidence": (2, 8),
}
# Small words that no sentence avoids for long and that the other language does not have.
ENGLISH_WORD = re.compile(r"\b(the|and|of|with|for|from|that|this|are|which|you|your|not|doctor)\b", re.IGNORECASE)
FINNISH_WORD = re.compile(r"\b(että|joka|kun|ei|eikä|sekä|mutta|lääkäri|potilas|työ|ovat|myös)\b", re.IGNORECASE)
MARKUP = re.compile(r"<[a-z/]|\*\*|__|\]\(|https?://|^#|`", re.MULTILINE)
KEBAB_CASE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

every_persona = pytest.mark.parametrize("slug", PERSONAS)


def texts_of(persona: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Every text of a persona with its place in the file."""
    for field in SINGLE_TEXTS:
        yield field, persona[field]
    for section, fields in LIST_TEXTS.items():
        for number, entry in enumerate(persona[section], start=1):
            for field in fields:
                yield f"{section} {number} {field}", entry[field]


def promises_of(persona: dict[str, Any]) -> list[dict[str, Any]]:
    """The attraction factors and the differentiators together."""
    return [*persona["factors"], *persona["differentiators"]]


def test_the_library_holds_at_least_seven_personas() -> None:
    assert len(PERSONAS) >= 7


def test_a_gp_with_a_young_family_is_promised_no_night_duty() -> None:
    assert "no-night-duty" in {factor["slug"] for factor in PERSONAS["gp-young-family"]["factors"]}


@every_persona
def test_a_persona_is_named_as_its_file_and_says_when_it_was_reviewed(slug: str) -> None:
    persona = PERSONAS[slug]
    assert persona["slug"] == slug
    assert persona["version"] >= 1
    assert type(persona["reviewed_on"]) is date


@every_persona
def test_specialty_career_stage_and_channel_kinds_are_of_the_closed_sets(slug: str) -> None:
    persona = PERSONAS[slug]
    assert persona["specialty"] in SPECIALTIES
    assert persona["career_stage"] in CAREER_STAGES
    assert {channel["kind"] for channel in persona["channels"]} <= CHANNEL_KINDS


@every_persona
def test_every_text_stands_in_finnish_and_in_english_and_differs(slug: str) -> None:
    for place, text in texts_of(PERSONAS[slug]):
        assert set(text) == {"fi", "en"}, place
        assert text["fi"].strip() and text["en"].strip(), place
        assert text["fi"] != text["en"], place


@every_persona
def test_texts_are_plain_words_without_markup_or_stray_spaces(slug: str) -> None:
    for place, text in texts_of(PERSONAS[slug]):
        for language, words in text.items():
            assert not MARKUP.search(words), (place, language)
            assert words == " ".join(words.split()), (place, language)


@every_persona
def test_no_text_is_left_in_the_other_language(slug: str) -> None:
    for place, text in texts_of(PERSONAS[slug]):
        assert not ENGLISH_WORD.search(text["fi"]), place
        assert not FINNISH_WORD.search(text["en"]), place


@every_persona
@pytest.mark.parametrize("language", ["fi", "en"])
def test_a_situation_is_told_in_eighty_to_a_hundred_and_fifty_words(slug: str, language: str) -> None:
    assert 80 <= len(PERSONAS[slug]["situation"][language].split()) <= 150


@every_persona
@pytest.mark.parametrize("section", COUNTS)
def test_a_brief_has_enough_of_everything_and_fits_two_pages(slug: str, section: str) -> None:
    least, most = COUNTS[section]
    assert least <= len(PERSONAS[slug][section]) <= most


@every_persona
def test_every_worry_is_answered_by_a_differentiator_of_the_same_persona_with_its_proof(slug: str) -> None:
    proofs = {entry["slug"]: entry["proof"] for entry in PERSONAS[slug]["differentiators"]}
    for worry in PERSONAS[slug]["worries"]:
        assert all(proofs[worry["differentiator"]][language].strip() for language in ("fi", "en"))


@every_persona
def test_slugs_are_kebab_case_and_unique_within_a_persona(slug: str) -> None:
    slugs = [promise["slug"] for promise in promises_of(PERSONAS[slug])]
    assert len(set(slugs)) == len(slugs)
    assert all(KEBAB_CASE.fullmatch(each) for each in [slug, *slugs])


@pytest.mark.parametrize("language", ["fi", "en"])
def test_no_promise_is_made_in_the_same_words_to_more_than_two_personas(language: str) -> None:
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for slug, persona in PERSONAS.items():
        for promise in promises_of(persona):
            holders[promise["statement"][language].casefold()].add(slug)
    assert {words: who for words, who in holders.items() if len(who) > 2} == {}


def test_a_slug_that_occurs_twice_is_the_same_promise() -> None:
    meanings: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for persona in PERSONAS.values():
        for promise in promises_of(persona):
            meanings[promise["slug"]].append(promise["statement"])
    assert all(statement == same[0] for same in meanings.values() for statement in same)


@every_persona
def test_evidence_is_dated_before_the_review_and_says_whether_it_was_checked(slug: str) -> None:
    persona = PERSONAS[slug]
    for source in persona["evidence"]:
        assert source["title"].strip() and source["publisher"].strip()
        assert type(source["published"]) is date and source["published"] <= persona["reviewed_on"]
        assert source["status"] in {"claimed", "verified"}
        assert source.get("url", "https://").startswith(("https://", "http://"))


def test_a_source_cited_for_several_personas_is_cited_alike() -> None:
    citations: defaultdict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for persona in PERSONAS.values():
        for source in persona["evidence"]:
            fields = ("publisher", "published", "url", "status")
            citations[source["title"]].add(tuple(source.get(field) for field in fields))
    assert {title: cited for title, cited in citations.items() if len(cited) > 1} == {}
