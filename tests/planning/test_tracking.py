"""Tracking codes: made, read however they were written, found in what an ATS kept, carried by links."""

import secrets
import string
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.planning.channel import ChannelKind
from app.planning.placement import MEDIUM
from app.planning.tracking import (
    ALPHABET,
    ATS_PARAMETER,
    CODE_LENGTH,
    fold_label,
    is_code,
    link,
    new_code,
    observe_source,
    read_code,
    slugify,
)

codes = st.text(ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH).filter(is_code)
words = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="&=#"), min_size=1, max_size=20)
hosts = st.sampled_from(["jobs.example.org", "työpaikat.example.fi", "example.com:8443"])
queries = st.lists(st.tuples(words, words), max_size=4)
CODE = "h7k2mq"


def test_a_code_has_nothing_that_is_mistaken_when_read_aloud() -> None:
    assert not set("0o1li") & set(ALPHABET)
    for _ in range(200):
        assert is_code(new_code())


def test_a_code_dealt_as_a_word_is_dealt_again(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("searchh7k2mq")
    monkeypatch.setattr(secrets, "choice", lambda _alphabet: next(letters))
    assert new_code() == CODE


@pytest.mark.parametrize("text", ["search", "street", "234567", "h7k2m", "h7k2mqq", "H7K2MQ", "h7k2m0", "h7k2ml", ""])
def test_words_numbers_and_other_shapes_are_no_codes(text: str) -> None:
    assert not is_code(text)


@pytest.mark.parametrize("written", ["H7K2MQ", " h7k 2mq ", "h7-k2-mq", "k:h7k2mq", "K: H7K-2MQ"])
def test_a_code_is_read_however_it_is_written(written: str) -> None:
    assert read_code(written) == CODE


def test_a_word_is_read_as_no_code() -> None:
    assert read_code("Search") is None


@given(code=codes, cut=st.integers(0, CODE_LENGTH), mark=st.sampled_from(["", " ", "-", " - "]), upper=st.booleans())
def test_every_code_survives_being_written_down(code: str, cut: int, mark: str, upper: bool) -> None:
    written = code[:cut] + mark + code[cut:]
    assert read_code(written.upper() if upper else written) == code


def test_the_code_is_found_in_the_most_deliberate_place() -> None:
    url = "https://ats.example/?gh_src=x3y4zw&utm_content=h7k2mq"
    assert (observe_source(url=url).code, observe_source(url=url).found_in) == (CODE, "url:utm_content")
    explicit = observe_source(url=url, label="k:abc234", code="x3y4zw")
    assert (explicit.code, explicit.found_in) == ("x3y4zw", "tracking_code")


@pytest.mark.parametrize("name", ["utm_content", "k", "lever-source[]", "lever-source", "gh_src", "utm_source", "trid"])
def test_a_code_is_found_in_each_parameter_that_an_ats_may_keep(name: str) -> None:
    seen = observe_source(url=f"https://a.example/apply?x=1&{name.upper()}=H7K2MQ")
    assert (seen.code, seen.found_in, seen.host) == (CODE, f"url:{name}", "a.example")


@pytest.mark.parametrize("label", ["h7k2mq", "LinkedIn (k:h7k2mq)", "Poster k-h7k2mq", "Kutsu [K:H7K2MQ], tram"])
def test_a_code_is_found_in_a_label(label: str) -> None:
    seen = observe_source(label=label)
    assert (seen.code, seen.found_in) == (CODE, "label")


@pytest.mark.parametrize("label", ["Google search", "search", "Job board 234567", "book-h7k2mqx", "abc k:h7k2mqz"])
def test_words_and_longer_marks_in_a_label_are_no_codes(label: str) -> None:
    assert observe_source(label=label).code is None


def test_what_is_left_of_a_source_without_a_code() -> None:
    seen = observe_source(
        url="https://www.LinkedIn.com/jobs?utm_source=linkedin&utm_medium=social&name=Liisa", label="LinkedIn "
    )
    assert (seen.code, seen.found_in, seen.label, seen.host) == (None, None, "linkedin", "linkedin.com")
    assert seen.utm == {"utm_source": "linkedin", "utm_medium": "social"}


@pytest.mark.parametrize("url", ["http://[", "not a url", "https:///x", "https://a.example/?" + "a=1&" * 200])
def test_a_broken_address_breaks_nothing(url: str) -> None:
    assert observe_source(url=url).code is None


@given(url=st.text(max_size=80), label=st.text(max_size=80), code=st.text(max_size=20))
def test_nothing_that_an_ats_kept_can_break_the_reading(url: str, label: str, code: str) -> None:
    seen = observe_source(url=url, label=label, code=code)
    assert seen.code is None or is_code(seen.code)


def test_labels_are_compared_without_case_form_and_blanks() -> None:
    assert fold_label("  Työ­paikat  Keva\u0308t ") == fold_label("TYÖ­PAIKAT kevät")
    assert fold_label("   ") is None
    assert fold_label(None) is None
    assert len(fold_label("x" * 300) or "") == 200


@pytest.mark.parametrize("label", ["liisa@example.org", "puh. +358 40 123 4567"])
def test_somebodys_address_is_no_label(label: str) -> None:
    assert fold_label(label) is None


def a_link(target: str, code: str = CODE, vendor: str | None = None) -> str:
    return link(target, code, source="tram", medium="out-of-home", campaign="spring", vendor=vendor)


def test_a_link_keeps_what_its_target_says() -> None:
    assert a_link("https://a.example/työ?q=a%20b&empty=&flag#top") == (
        "https://a.example/työ?q=a%20b&empty=&flag"
        "&utm_source=tram&utm_medium=out-of-home&utm_campaign=spring&utm_content=h7k2mq#top"
    )


def test_what_we_add_stands_for_what_the_target_had_in_any_case() -> None:
    made = a_link("https://a.example/?utm_content=old&UTM_Source=old&x=1")
    assert "old" not in made
    assert observe_source(url=made).code == CODE


@pytest.mark.parametrize("vendor", sorted(ATS_PARAMETER))
def test_a_link_carries_the_code_where_the_connected_ats_keeps_it(vendor: str) -> None:
    made = dict(parse_qsl(urlsplit(a_link("https://a.example/", vendor=vendor)).query))
    assert made[ATS_PARAMETER[vendor]] == made["utm_content"] == CODE


@given(
    code=codes,
    host=hosts,
    query=queries,
    fragment=words,
    vendor=st.sampled_from([None, "teamtailor", *ATS_PARAMETER]),
)
def test_every_link_gives_its_code_back_and_keeps_its_target(
    code: str, host: str, query: list[tuple[str, str]], fragment: str, vendor: str | None
) -> None:
    from urllib.parse import quote, urlencode

    target = f"https://{host}/doctor?{urlencode(query)}#{quote(fragment)}"
    made = a_link(target, code, vendor)
    before, after = urlsplit(target), urlsplit(made)
    assert observe_source(url=made).code == code
    assert (after.netloc, after.path, after.fragment) == (before.netloc, before.path, before.fragment)
    ours = {"utm_source", "utm_medium", "utm_campaign", "utm_content", ATS_PARAMETER.get(vendor or "", "utm_content")}
    own = [pair for pair in parse_qsl(after.query, keep_blank_values=True) if pair[0] not in ours]
    assert own == [pair for pair in parse_qsl(before.query, keep_blank_values=True) if pair[0].lower() not in ours]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ei yöpäivystystä!", "ei-yopaivystysta"),
        ("Sørlandet & Ærø", "sorlandet-aero"),
        ("広告", ""),
        ("x" * 99, "x" * 80),
    ],
)
def test_a_name_becomes_a_link_parameters_value(name: str, slug: str) -> None:
    assert slugify(name) == slug


@given(name=st.text(max_size=100))
def test_a_slug_is_stable_and_plain(name: str) -> None:
    slug = slugify(name)
    assert slugify(slug) == slug
    assert set(slug) <= set(string.ascii_lowercase + string.digits + "-")


def test_every_kind_of_channel_has_a_medium() -> None:
    assert set(MEDIUM) == set(ChannelKind)
