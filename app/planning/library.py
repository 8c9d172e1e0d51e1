"""The library of personas: reading `personas/*.toml` into the store, all or nothing, and writing them out."""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, Missing, Problem
from app.i18n import _, pick
from app.planning.listing import Window
from app.planning.persona import (
    Persona,
    PersonaFilter,
    create_persona,
    find_newest_persona,
    find_version,
    list_personas,
    persona_as_given,
)
from app.planning.persona_schema import PersonaIn, check_persona
from app.planning.problem import explain, refuse
from app.planning.row import begin_change
from app.planning.toml_lines import find_lines, line_of

SHOWN_DIFFERENCES = 10
SHOWN_CHARACTERS = 60
_PLACE = re.compile(r" \(at line (\d+), column \d+\)$")


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Which personas, by slug, a load added, brought a new version of, and found as they were."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


class DifferenceOut(BaseModel):
    """A field in which two versions of a persona differ, by its path, and what each says; null where one has no such
    field."""

    field: str
    before: str | int | None
    after: str | int | None


def load_personas(session: Session, directory: Path, now: dt.datetime) -> LoadResult:
    """Store every persona of a folder, or nothing when one file is wrong or older than what is stored."""
    return load_persona_files(session, _files_of(directory), now)


def load_persona_files(session: Session, files: Mapping[str, bytes], now: dt.datetime) -> LoadResult:
    """Store the persona of every file, by name; or nothing when one is wrong or older than what is stored."""
    begin_change(session)
    personas = read_persona_files(files)
    added, changed, unchanged, refused = [], [], [], []
    for name, given in personas.items():
        newest = find_newest_persona(session, given.slug)
        if newest is None:
            added.append(given)
            continue
        stored = persona_as_given(newest)
        if given == stored:
            unchanged.append(given)
        elif given.version > stored.version:
            changed.append(given)
        else:
            refused.append(_say_older(name, given, stored))
    if refused:
        raise Conflict("\n".join([*refused, _("Nothing was loaded.")]))
    for given in (*added, *changed):
        create_persona(session, given, now=now)
    return LoadResult(*(tuple(given.slug for given in group) for group in (added, changed, unchanged)))


def export_personas(session: Session, directory: Path) -> list[Path]:
    """Write the newest version of every persona as a file that `load_personas` reads back as it was."""
    directory.mkdir(parents=True, exist_ok=True)
    window: Window | None = Window(sort="slug")
    written = []
    while window is not None:
        stretch = list_personas(session, PersonaFilter(), window)
        for persona in stretch.rows:
            path = directory / f"{persona.slug}.toml"
            path.write_text(persona_toml(persona_as_given(persona)), encoding="utf-8", newline="\n")
            written.append(path)
        window = Window(sort="slug", after=stretch.next) if stretch.next else None
    return written


def persona_toml(persona: PersonaIn) -> str:
    """A persona as the text of its file."""
    return tomli_w.dumps(persona.model_dump(exclude_none=True), multiline_strings=True)


def read_personas(directory: Path) -> dict[str, PersonaIn]:
    """The personas of a folder by file name; every problem of every file is named at once."""
    return read_persona_files(_files_of(directory))


def _files_of(directory: Path) -> dict[str, bytes]:
    files = {file.name: file.read_bytes() for file in sorted(directory.glob("*.toml"))}
    if not files:
        raise Missing(_("There is no persona file (*.toml) in %(directory)s.", directory=directory))
    return files


def read_persona_files(files: Mapping[str, bytes]) -> dict[str, PersonaIn]:
    """The personas of files by the files' names; every problem of every file is named at once."""
    personas: dict[str, PersonaIn] = {}
    problems: list[Problem] = []
    owners: dict[str, str] = {}
    for name, content in files.items():
        try:
            given = read_persona(name, content)
        except Invalid as error:
            problems += error.problems
            continue
        if owner := owners.get(given.slug):
            problems.append(
                Problem(
                    _("%(file)s, field slug", file=name),
                    _("%(other)s has the slug %(slug)s too; rename one.", other=owner, slug=given.slug),
                )
            )
        owners[given.slug] = name
        personas[name] = given
    refuse(problems)
    return personas


def read_persona(name: str, content: bytes) -> PersonaIn:
    """One persona from the content of its file; problems name the file, the line and the field."""
    text = _decode(name, content)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid([_explain_syntax(name, str(error), text)]) from None
    lines = find_lines(text)
    try:
        given = PersonaIn.model_validate(table)
    except ValidationError as error:
        found = [(path, problem) for path, problem in explain(error.errors(include_url=False))]
    else:
        found = [(_path_of(problem.field), problem) for problem in check_persona(given)]
        if not found:
            return given
    raise Invalid(
        [Problem(_place(name, line_of(path, lines), problem.field), problem.message) for path, problem in found]
    )


def _decode(name: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = Problem(_place(name, line), _("This is not UTF-8; save the file in that encoding."))
        raise Invalid([problem]) from None


def _explain_syntax(name: str, message: str, text: str) -> Problem:
    place = _PLACE.search(message)
    line = int(place[1]) if place else len(text.splitlines())
    return Problem(_place(name, line), _("This is not TOML: %(why)s.", why=_PLACE.sub("", message)))


def _place(name: str, line: int, field: str = "") -> str:
    if field:
        return _("%(file)s, line %(line)s, field %(field)s", file=name, line=line, field=field)
    return _("%(file)s, line %(line)s", file=name, line=line)


def _path_of(field: str) -> tuple[str | int, ...]:
    steps = re.findall(r"[^.\[\]]+", field)
    return tuple(int(step) if step.isdigit() else step for step in steps)


def _say_older(name: str, given: PersonaIn, stored: PersonaIn) -> str:
    differences = list(differences_between(stored, given))
    shown = [*differences[:SHOWN_DIFFERENCES], *(["…"] if len(differences) > SHOWN_DIFFERENCES else [])]
    return "\n  ".join(
        [
            _(
                "%(file)s has version %(given)s of %(slug)s, stored is version %(stored)s with other content. "
                "To load the file, bring it up to date and give it version %(next)s. They differ in:",
                file=name,
                given=given.version,
                slug=given.slug,
                stored=stored.version,
                next=stored.version + 1,
            ),
            *shown,
        ]
    )


def differences_between(stored: PersonaIn, given: PersonaIn) -> Iterator[str]:
    """Each field in which two versions differ, with what both say."""
    for field, old, new in find_differences(stored, given):
        yield _("%(field)s: stored %(old)s, file %(new)s", field=field, old=_brief(old, new), new=_brief(new, old))


def find_differences(before: PersonaIn, after: PersonaIn) -> Iterator[tuple[str, Any, Any]]:
    """Each field in which two versions differ, by its path (`worries[0].text.fi`), with what both say; None where one
    has no such field."""
    old, new = _flatten(before.model_dump(mode="json")), _flatten(after.model_dump(mode="json"))
    for field in dict.fromkeys([*old, *new]):
        if old.get(field) != new.get(field):
            yield field, old.get(field), new.get(field)


def compare_versions(before: PersonaIn, after: PersonaIn) -> list[DifferenceOut]:
    """Where two versions differ in what they say."""
    found = find_differences(before, after)
    return [DifferenceOut(field=field, before=old, after=new) for field, old, new in found if field != "version"]


def compare_with(session: Session, after: Persona, before: int | None) -> tuple[Persona | None, list[DifferenceOut]]:
    """Another version of a persona, unless one is named the one before it, and where the two differ; None and nothing
    of a first one. Raises Missing where the one that is named is not there."""
    if before is None:
        earlier = select(Persona).where(Persona.slug == after.slug, Persona.version < after.version)
        found = session.scalars(earlier.order_by(Persona.version.desc()).limit(1)).first()
    else:
        found = find_version(session, after.slug, before)
    if found is None and before is not None:
        raise Missing(_("“%(persona)s” has no version %(n)s.", persona=pick(after.name), n=before))
    return found, compare_versions(persona_as_given(found), persona_as_given(after)) if found else []


def _flatten(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, Mapping):
        children = [(f"{path}.{key}" if path else str(key), item) for key, item in value.items()]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        children = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    else:
        return {path: value}
    return {field: leaf for child, item in children for field, leaf in _flatten(item, child).items()}


def _brief(value: Any, other: Any) -> str:
    """A value, and of a long text the part from where it differs from the other."""
    if value is None:
        return _("nothing")
    text, against = str(value), str(other)
    same = next((at for at, pair in enumerate(zip(text, against, strict=False)) if pair[0] != pair[1]), 0)
    start = max(0, same - 15)
    part = text[start : start + SHOWN_CHARACTERS]
    return f"“{'…' if start else ''}{part}{'…' if start + SHOWN_CHARACTERS < len(text) else ''}”"
