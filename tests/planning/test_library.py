"""The persona library: all or nothing, wrong files named to the line, older files refused, no loss on the way out."""

import copy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, Missing
from app.planning.library import (
    differences_between,
    export_personas,
    load_personas,
    persona_toml,
    read_persona,
    read_personas,
)
from app.planning.persona import Persona, find_newest_persona
from app.planning.persona_schema import PersonaIn
from app.planning.toml_lines import find_lines, line_of
from tests.support.plan import NOW, persona_fields, reason, text

LIBRARY = Path(__file__).parents[2] / "personas"


def write(directory: Path, name: str, **changes: Any) -> Path:
    path = directory / name
    persona = PersonaIn.model_validate(persona_fields(**changes))
    path.write_text(persona_toml(persona), encoding="utf-8")
    return path


def problems(path: Path) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        read_personas(path.parent)
    return {problem.field: problem.message for problem in error.value.problems}


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Persona)) or 0


def test_a_folder_is_loaded_and_loading_it_again_changes_nothing(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "a.toml")
    write(tmp_path, "b.toml", slug="senior")
    first = load_personas(session, tmp_path, NOW)
    again = load_personas(session, tmp_path, NOW)
    assert (first.added, first.changed, first.unchanged) == (("gp-young-family", "senior"), (), ())
    assert (again.added, again.changed, again.unchanged) == ((), (), ("gp-young-family", "senior"))
    assert count(session) == 2


def test_a_higher_version_is_stored_beside_the_one_before(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "a.toml")
    load_personas(session, tmp_path, NOW)
    write(tmp_path, "a.toml", version=2, tone=text("Warm"))
    assert load_personas(session, tmp_path, NOW).changed == ("gp-young-family",)
    newest = find_newest_persona(session, "gp-young-family")
    assert newest is not None
    assert (newest.version, count(session)) == (2, 2)


@pytest.mark.parametrize("version", [1, 2])
def test_a_file_older_than_what_is_stored_is_refused_with_the_difference(
    session: Session, tmp_path: Path, version: int
) -> None:
    write(tmp_path, "a.toml", version=2, tone=text("Warm"))
    load_personas(session, tmp_path, NOW)
    write(tmp_path, "a.toml", version=version, tone=text("Cool"))
    write(tmp_path, "b.toml", slug="senior")
    with pytest.raises(Conflict) as error:
        load_personas(session, tmp_path, NOW)
    message = str(error.value)
    assert f"a.toml has version {version} of gp-young-family, stored is version 2" in message
    assert "give it version 3" in message
    assert "tone.en: stored “Warm”, file “Cool”" in message
    assert count(session) == 1  # the sound file beside it was not loaded either


def test_a_long_difference_shows_where_it_starts() -> None:
    before = PersonaIn.model_validate(persona_fields(tone=text("a" * 200 + "old" + "b" * 200)))
    after = PersonaIn.model_validate(
        persona_fields(tone=text("a" * 200 + "new" + "b" * 200), questions=[{"text": text("Q")}] * 2)
    )
    english, _finnish, *added = [line for line in differences_between(before, after) if "suomeksi" not in line][:4]
    shown = next(line for line in differences_between(before, after) if line.startswith("tone.en"))
    assert "“…aaaaaaaaaaaaaaaoldb" in shown
    assert "“…aaaaaaaaaaaaaaanewb" in shown
    assert len(shown) < 200
    assert any("questions[1].text.en: stored nothing, file “Q”" in line for line in [english, *added])


def test_many_differences_are_cut_short(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "a.toml")
    load_personas(session, tmp_path, NOW)
    write(tmp_path, "a.toml", questions=[{"text": text(f"Question {n}")} for n in range(12)])
    with pytest.raises(Conflict, match="…\nNothing was loaded"):
        load_personas(session, tmp_path, NOW)


def test_a_wrong_file_names_file_line_field_and_remedy_and_loads_nothing(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "a.toml")
    wrong = write(tmp_path, "b.toml", slug="senior")
    content = wrong.read_text(encoding="utf-8").replace(
        'differentiator = "list-size-cap"', 'differentiator = "nothing"', 1
    )
    wrong.write_text(content, encoding="utf-8")
    line = content.splitlines().index('differentiator = "nothing"') + 1
    with pytest.raises(Invalid) as error:
        load_personas(session, tmp_path, NOW)
    assert {problem.field: problem.message for problem in error.value.problems} == {
        f"b.toml, line {line}, field worries[0].differentiator": (
            "This persona has no differentiator nothing; it has list-size-cap."
        )
    }
    assert count(session) == 0


def test_every_problem_of_every_file_is_named_at_once(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        content = write(tmp_path, name, slug=name[0]).read_text(encoding="utf-8")
        wrong = content.replace("version = 1\n", "version = 0\nmotto = 'x'\n")
        (tmp_path / name).write_text(wrong, encoding="utf-8")
    found = problems(tmp_path / "a.toml")
    assert list(found) == [
        "a.toml, line 2, field version",
        "a.toml, line 3, field motto",
        "b.toml, line 2, field version",
        "b.toml, line 3, field motto",
    ]


def test_what_is_missing_is_named_where_it_should_stand(tmp_path: Path) -> None:
    path = write(tmp_path, "a.toml")
    lines = path.read_text(encoding="utf-8").splitlines()
    lines.remove('publisher = "A journal"')
    path.write_text("\n".join(lines), encoding="utf-8")
    header = lines.index("[[evidence]]") + 1
    assert problems(path) == {f"a.toml, line {header}, field evidence[0].publisher": "This is needed."}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'slug = "a"\nversion = \n', "a.toml, line 2"),
        (b'slug = "a"\nname = """x', "a.toml, line 2"),
        (b'slug = "a"\nslug = "b"\n', "a.toml, line 2"),
        (b'slug = "a"\n# \xff\n', "a.toml, line 2"),
    ],
)
def test_a_file_that_cannot_be_read_names_the_line(tmp_path: Path, content: bytes, place: str) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    assert list(problems(path)) == [place]


def test_two_files_do_not_share_a_slug(tmp_path: Path) -> None:
    write(tmp_path, "a.toml")
    path = write(tmp_path, "b.toml")
    assert problems(path) == {"b.toml, field slug": "a.toml has the slug gp-young-family too; rename one."}


def test_an_empty_folder_is_no_library(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Missing, match="no persona file"):
        load_personas(session, tmp_path, NOW)


def test_what_is_exported_loads_back_without_loss(session: Session, tmp_path: Path) -> None:
    load_personas(session, LIBRARY, NOW)
    written = export_personas(session, tmp_path / "out")
    assert [path.name for path in written] == [f"{path.stem}.toml" for path in sorted(LIBRARY.glob("*.toml"))]
    result = load_personas(session, tmp_path / "out", NOW)
    assert (result.added, result.changed) == ((), ())
    assert list(read_personas(tmp_path / "out").values()) == list(read_personas(LIBRARY).values())


def test_only_the_newest_versions_are_exported(session: Session, tmp_path: Path) -> None:
    for version in (1, 2):
        write(tmp_path, "a.toml", version=version, tone=text(f"Tone {version}"))
        load_personas(session, tmp_path, NOW)
    (path,) = export_personas(session, tmp_path / "out")
    assert read_persona(path.name, path.read_bytes()).version == 2


passages = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), include_characters="\n"), max_size=60)


@given(words=passages.filter(str.strip), url=st.booleans())
def test_any_words_come_back_from_a_file(words: str, url: bool) -> None:
    fields = copy.deepcopy(persona_fields(situation={"fi": words, "en": words}))
    if url:
        fields["evidence"][0]["url"] = "https://example.org/study"
    try:
        persona = PersonaIn.model_validate(fields)
    except ValueError:  # a direction override among the words
        return
    assert read_persona("a.toml", persona_toml(persona).encode()) == persona


lines = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), max_size=40)


def reworded(value: Any, draw: Callable[[st.SearchStrategy[str]], str]) -> Any:
    """The same with other words in each text of each language."""
    if isinstance(value, dict):
        if set(value) <= {"fi", "en"}:
            return {language: draw(lines.filter(str.strip)) for language in value}
        return {name: reworded(one, draw) for name, one in value.items()}
    return [reworded(one, draw) for one in value] if isinstance(value, list) else value


@given(data=st.data())
def test_a_persona_comes_back_from_its_file_whatever_it_says_anywhere(data: st.DataObject) -> None:
    persona = PersonaIn.model_validate(reworded(persona_fields(), data.draw))
    assert read_persona("a.toml", persona_toml(persona).encode()) == persona


TOML = '''\
# comment with "quotes" and [brackets]
slug = "a" # [not.a.table]
name.fi = "x"
name.en = 'it = [fine]'

summary.fi = """
[[not-a-table]]
key = "inside \\""" still"""
situation.fi = \'\'\'
x = 1
\'\'\'
tags = [
  "a", # ]
  "b]",
]
inline = { fi = "x", en = "y" }

[[worries]]
text.fi = "first"
"quoted key" = 1
[[worries]]
[worries.text]
fi = "second"
[[worries.parts]]
n = 1
[[worries.parts]]
n = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("slug",), 2),
        (("name",), 3),
        (("name", "en"), 4),
        (("summary", "fi"), 6),
        (("situation", "fi"), 9),
        (("tags", 1), 12),
        (("inline", "en"), 16),
        (("worries",), 18),
        (("worries", 0, "text", "fi"), 19),
        (("worries", 0, "quoted key"), 20),
        (("worries", 0, "answer"), 18),
        (("worries", 1), 21),
        (("worries", 1, "text"), 22),
        (("worries", 1, "text", "fi"), 23),
        (("worries", 1, "parts", 0, "n"), 25),
        (("worries", 1, "parts", 1, "n"), 27),
        (("nothing", "here"), 1),
    ],
)
def test_a_value_is_found_on_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert tomllib.loads(TOML)["worries"][1]["parts"][1]["n"] == 2
    assert line_of(path, find_lines(TOML)) == line


keys = st.sampled_from(["a", "b", "c-d", "e_1"])
values = st.recursive(
    st.text(max_size=12) | st.integers() | st.booleans() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


@given(table=st.dictionaries(keys, values, max_size=4), multiline=st.booleans())
def test_every_key_of_a_file_is_found_where_its_name_stands(table: dict[str, Any], multiline: bool) -> None:
    written = tomli_w.dumps(table, multiline_strings=multiline)
    lines = written.split("\n")
    found = find_lines(written)
    assert {key for (key, *_rest) in found} == set(table)
    for path, number in found.items():
        named = next(step for step in reversed(path) if isinstance(step, str))
        assert named in lines[number - 1]


def test_a_reason_is_compared_with_its_own_kind() -> None:
    swapped = persona_fields(factors=[reason("list-size-cap")], differentiators=[reason("no-night-duty")])
    worries = [{**worry, "differentiator": "no-night-duty"} for worry in swapped["worries"]]
    given_one = PersonaIn.model_validate(persona_fields())
    other = PersonaIn.model_validate(swapped | {"worries": worries})
    assert given_one != other
