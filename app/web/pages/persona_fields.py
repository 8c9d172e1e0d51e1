"""A persona as the fields of a form, in the order of the brief; and what a form says, as a persona is given."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.errors import Problem
from app.i18n import LANGUAGES, _
from app.planning.persona_schema import CareerStage, MeetingKind, PersonaIn, Specialty, check_persona
from app.planning.problem import explain
from app.planning.tracking import slugify
from app.reports.names import channel_kind_name, specialty_name
from app.web.pages.administering import Form
from app.web.pages.rendering import language_name

Given = dict[str, Any]
LEAST = {
    "motivations": 1, "factors": 1, "differentiators": 1, "worries": 3, "questions": 1, "channels": 1, "evidence": 2,
}  # fmt: skip
"""How many of each a persona has at least."""
TRANSLATED = frozenset(
    {"name", "summary", "situation", "tone", "avoid", "statement", "proof", "text", "answer", "place", "why", "says"}
)
"""What is said in each language; all else is said once."""
_STEP = re.compile(r"([^.\[\]]+)")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to fill in: a `line`, a `text` of several, a `day`, or one of its options; in each language of the
    brief, or once."""

    name: str
    label: str
    kind: str = "line"
    translated: bool = False
    options: Sequence[tuple[str, str]] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Parts that belong together: the persona's own, or those of each of many, of which `one` is added."""

    name: str
    title: str
    parts: Sequence[Part]
    one: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A part as it stands in the form, under its name there."""

    name: str
    label: str
    kind: str
    value: str
    options: Sequence[tuple[str, str]]
    optional: bool
    language: str
    problem: str


def list_sections(given: Given) -> list[Section]:
    """All there is to say of a persona, in order; worries are answered by the differentiators that are given."""
    statement = Part("statement", _("What is said"), "text", translated=True)
    proof = Part("proof", _("What proves it"), "text", translated=True)
    words = Part("text", _("In words"), "text", translated=True)
    answers = [(one.get("slug", ""), _shown(one.get("statement", {}))) for one in given.get("differentiators", [])]
    return [
        Section("", _("Who they are"), [
            Part("name", _("What this group is called"), translated=True),
            Part("summary", _("In a sentence"), "text", translated=True),
            Part("specialty", _("Specialty"), "choice", options=[(one, specialty_name(one)) for one in Specialty]),
            Part("career_stage", _("Career stage"), "choice", options=[(one, career_name(one)) for one in CareerStage]),
            Part("situation", _("Situation"), "text", translated=True),
            Part("tone", _("How to speak"), "text", translated=True),
            Part("avoid", _("What not to say"), "text", translated=True),
            Part("reviewed_on", _("Last reviewed on"), "day"),
        ]),
        Section("factors", _("Why they would come"), [statement, proof], _("Add a reason")),
        Section("differentiators", _("What sets us apart"), [statement, proof], _("Add what sets us apart")),
        Section("worries", _("Worries, and what answers them"), [
            Part("text", _("What they fear"), "text", translated=True),
            Part("answer", _("What we answer"), "text", translated=True),
            Part("differentiator", _("What makes the answer true"), "choice", options=answers),
        ], _("Add a worry")),
        Section("motivations", _("What moves them"), [words], _("Add what moves them")),
        Section("questions", _("What they ask"), [words], _("Add a question")),
        Section("channels", _("Where to meet them"), [
            Part("kind", _("Kind"), "choice", options=[(one, channel_kind_name(one)) for one in MeetingKind]),
            Part("place", _("Where"), translated=True),
            Part("why", _("Why there"), "text", translated=True),
        ], _("Add a place")),
        Section("evidence", _("What we know this from"), [
            Part("title", _("Title")),
            Part("publisher", _("Published by")),
            Part("published", _("Published on"), "day"),
            Part("url", _("Address on the web"), optional=True),
            Part("status", _("How far to trust it"), "choice",
                 options=[("claimed", _("claimed, not yet verified")), ("verified", _("verified"))]),
            Part("says", _("What it says"), "text", translated=True),
        ], _("Add a source")),
    ]  # fmt: skip


def career_name(stage: str) -> str:
    """Where in the working life a group stands."""
    return {
        CareerStage.NEWLY_LICENSED.value: _("Newly licensed"),
        CareerStage.IN_TRAINING.value: _("In training"),
        CareerStage.EXPERIENCED.value: _("Experienced"),
        CareerStage.SENIOR.value: _("Senior"),
        CareerStage.TRAINED_ABROAD.value: _("Trained abroad"),
        CareerStage.RESEARCHER.value: _("Researcher"),
    }[stage]


def list_fields(
    section: Section, path: str, given: Given, languages: Sequence[str], problems: Mapping[str, str]
) -> list[Sequence[Field]]:
    """The fields of a section, or of one of its many, whose names in the form begin with `path`: for each part those
    of its languages."""
    return [
        [
            _field(part, ".".join(filter(None, (path, part.name))), language, given.get(part.name), problems)
            for language in (languages if part.translated else [""])
        ]
        for part in section.parts
    ]


def _field(part: Part, path: str, language: str, said: Any, problems: Mapping[str, str]) -> Field:
    name = f"{path}.{language}" if language else path
    label = f"{part.label} ({language_name(language)})" if language else part.label
    value = str(((said or {}).get(language) if language else said) or "")
    problem = problems.get(name) or ("" if value else problems.get(path, ""))
    return Field(name, label, part.kind, value, part.options, part.optional, language, problem)


def read_given(sent: Form) -> Given:
    """What a form says, every item of a list in its place, even an empty one."""
    tree: Given = {}
    for name, values in sent.items():
        steps = name.split(".")
        if steps[0] in PersonaIn.model_fields and len(steps) <= 4:
            _place(tree, steps, values[0].replace("\r\n", "\n").strip())
    return {name: _listed(value) if name in LEAST else value for name, value in tree.items()}


def _place(tree: Given, steps: Sequence[str], value: str) -> None:
    for step in steps[:-1]:
        inner = tree.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        tree = inner
    tree[steps[-1]] = value


def _listed(value: Any) -> list[Given]:
    if not isinstance(value, dict):
        return []
    rows = sorted((int(at), row) for at, row in value.items() if at.isascii() and at.isdecimal() and len(at) < 4)
    return [row for _at, row in rows if isinstance(row, dict)]


def tidy(given: Given, languages: Sequence[str]) -> Given:
    """Without what was left empty; a reason that has no slug gets one from its words, and keeps it from then on."""
    tidied: Given = {}
    for name, value in given.items():
        if name in LEAST:
            tidied[name] = [kept for row in value if (kept := _without_empty(row, languages, keep=("slug",)))]
        elif kept := _without_empty({name: value}, languages):
            tidied |= kept
    taken = {row["slug"] for name in ("factors", "differentiators") for row in tidied.get(name, []) if row.get("slug")}
    for name in ("factors", "differentiators"):
        for row in tidied.get(name, []):
            if not row.get("slug"):
                row["slug"] = _new_slug(row.get("statement", {}), taken)
    if not tidied.get("slug") and (slug := slugify(_shown(tidied.get("name", {})))):
        tidied["slug"] = slug
    return tidied


def _without_empty(row: Given, languages: Sequence[str], keep: Sequence[str] = ()) -> Given:
    kept: Given = {}
    for name, value in row.items():
        if isinstance(value, dict) != (name in TRANSLATED):
            continue  # no form of ours says it so
        said = _texts(value, languages) if isinstance(value, dict) else value
        if said:
            kept[name] = said
    return kept if kept.keys() - set(keep) else {}


def _texts(said: Mapping[str, Any], languages: Sequence[str]) -> dict[str, str]:
    return {code: text for code, text in said.items() if code in languages and text and isinstance(text, str)}


def _new_slug(statement: Mapping[str, str], taken: set[str]) -> str:
    stem = slugify(_shown(statement))[:60].strip("-") or "reason"
    slug = next(one for n in range(1, 1000) if (one := stem if n == 1 else f"{stem}-{n}") not in taken)
    taken.add(slug)
    return slug


def _shown(texts: Mapping[str, str]) -> str:
    """The English of a text, of which slugs are made, else the first there is."""
    return texts.get("en") or next(iter(texts.values()), "")


def find_problems(given: Given) -> tuple[PersonaIn | None, list[Problem]]:
    """The persona that is given, and every rule it breaks, by the field's name in the form; None where it is none."""
    try:
        persona = PersonaIn.model_validate(given)
    except ValidationError as error:
        found = [problem for _path, problem in explain(error.errors(include_url=False))]
        return None, [Problem(form_name(one.field), one.message) for one in found]
    return persona, [Problem(form_name(one.field), one.message) for one in check_persona(persona)]


def form_name(field: str) -> str:
    """`worries[0].text.fi` as the form calls it, `worries.0.text.fi`."""
    return ".".join(_STEP.findall(field))


def name_place(name: str) -> str:
    """Where in the brief a field is, in words: `What they ask 2, In words (Suomi)`."""
    steps = name.split(".")
    section = next((one for one in list_sections({}) if one.name == steps[0]), None)
    if section is None:
        section, (head, *rest), before = list_sections({})[0], steps, ""
    elif len(steps) < 3:
        return section.title if len(steps) < 2 else f"{section.title} {int(steps[1]) + 1}"
    else:
        _name, at, head, *rest = steps
        before = f"{section.title} {int(at) + 1}, "
    label = next((part.label for part in section.parts if part.name == head), head)
    language = f" ({language_name(rest[0])})" if rest and rest[0] in LANGUAGES else ""
    return f"{before}{label}{language}"
