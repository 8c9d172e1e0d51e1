"""Writing a persona: a new one, or the next version of one. Placements keep the version that they were made for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.errors import Invalid, Stale
from app.i18n import LANGUAGES, _, number, pick
from app.planning.library import DifferenceOut, compare_versions
from app.planning.persona import Persona, create_persona, find_version, persona_as_given, replace_persona
from app.planning.persona_schema import LATEST_VERSION, PersonaIn
from app.web.pages.administering import Form, only, read_pairs
from app.web.pages.carried import still_carried
from app.web.pages.door import go_to
from app.web.pages.persona_fields import (
    LEAST,
    Field,
    Given,
    Section,
    find_problems,
    form_name,
    list_fields,
    list_sections,
    name_place,
    read_given,
    tidy,
)
from app.web.pages.personas import get_persona
from app.web.pages.placement_link import PLANNERS
from app.web.pages.rendering import language_name
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)
Sent = Annotated[Form, Depends(read_pairs)]


@dataclass(frozen=True, slots=True)
class Item:
    """One of many: what it is called, its fields, and the slug that it keeps."""

    title: str
    slug: tuple[str, str] | None
    fields: Sequence[Sequence[Field]]
    remove: str


@dataclass(frozen=True, slots=True)
class Block:
    """A section of the form as its page shows it."""

    id: str
    title: str
    fields: Sequence[Sequence[Field]]
    items: Sequence[Item]
    add: str
    add_words: str
    problem: str


@router.get("/personas/new")
def new(request: Request) -> Response:
    """The form for a persona that is not there yet."""
    return answer(request, lambda visit: _form(visit, None, {"reviewed_on": visit.today.isoformat()}, ["fi"]))


@router.post("/personas/new")
def create(request: Request, sent: Sent) -> Response:
    """Store the first version of a persona."""

    def do(visit: Visit) -> Response:
        given, _languages = _read(sent)
        persona = create_persona(visit.session, _require({**given, "version": 1}), now=visit.now)
        return _kept(visit, persona)

    return _write(request, sent, None, do)


@router.get("/personas/{slug}/edit")
def edit(request: Request, slug: str) -> Response:
    """The newest version of a persona, to be changed."""

    def make(visit: Visit) -> Response:
        persona = get_persona(visit.session, slug)
        return _form(visit, persona, persona_as_given(persona).model_dump(mode="json"), list(persona.name))

    return answer(request, make)


@router.post("/personas/{slug}/edit")
def store(request: Request, slug: str, sent: Sent) -> Response:
    """Store the next version of a persona."""

    def do(visit: Visit) -> Response:
        given, _languages = _read(sent)
        persona = get_persona(visit.session, slug)
        if only(sent, "version") != str(persona.version):
            raise Stale(
                _("Somebody else wrote version %(n)s meanwhile. Its changes are shown below, and nothing of yours "
                  "was lost. Take over what is right, and send yours again: then it is the newest.",
                  n=number(persona.version))
            )  # fmt: skip
        wanted = _require({**given, "slug": persona.slug, "version": persona.version})
        kept = replace_persona(visit.session, persona.id, wanted, revision=None, now=visit.now)
        return _kept(visit, kept, changed=kept is not persona)

    return _write(request, sent, slug, do)


def _write(request: Request, sent: Form, slug: str | None, do: Any) -> Response:
    """Do what the form's button says: keep it all, or show the form again with a row more or less."""

    def as_planner(visit: Visit) -> Response:
        visit.require(PLANNERS)
        return do(visit)  # type: ignore[no-any-return]

    def again(visit: Visit, problems: Sequence[str]) -> Response:
        persona = get_persona(visit.session, slug) if slug else None
        given, languages = _read(sent)
        return _form(visit, persona, given, languages, only(sent, "version"), problems, asked=only(sent, "do"))

    if only(sent, "do") not in ("", "keep"):
        return answer(request, lambda visit: again(visit, ()))
    return change(request, as_planner, again)


def _require(given: Given) -> PersonaIn:
    persona, problems = find_problems(given)
    if problems or persona is None:
        raise Invalid(problems)
    return persona


def _kept(visit: Visit, persona: Persona, *, changed: bool = True) -> Response:
    said = persona.version if changed else "same"
    return go_to(visit.address(f"/personas/{persona.slug}", kept=said, **still_carried(visit)))


def _read(sent: Form) -> tuple[Given, list[str]]:
    """What the form says once its button has taken a row away, and in which languages."""
    given, asked = read_given(sent), only(sent, "do")
    if asked.startswith("remove:"):
        name, _dot, at = asked.removeprefix("remove:").partition(".")
        rows = given.get(name, []) if name in LEAST else []
        if at.isascii() and at.isdecimal() and len(at) < 4 and int(at) < len(rows):
            del rows[int(at)]
    languages = [code for code in LANGUAGES if code in sent.get("languages", [])] or ["en"]
    return tidy(given, languages), languages


def _form(
    visit: Visit, persona: Persona | None, given: Given, languages: Sequence[str], made_from: str = "",
    problems: Sequence[str] = (), asked: str = "",
) -> Response:  # fmt: skip
    visit.require(PLANNERS)
    view = form_view(visit, persona, given, languages, made_from, problems, asked)
    return visit.page("persona_form.html", view, 422 if problems else 200)


def form_view(
    visit: Visit, persona: Persona | None, given: Given, languages: Sequence[str], made_from: str,
    problems: Sequence[str], asked: str,
) -> dict[str, Any]:  # fmt: skip
    """All that the form shows; what is wrong with what is given, once it was to be kept."""
    stamped = {**given, "version": persona.version if persona else 1}
    found = find_problems(stamped)[1] if problems else []
    wrong = {one.field: one.message for one in found}
    adds = asked.removeprefix("add:") if asked.startswith("add:") else ""
    return {
        "title": _("Change “%(persona)s”", persona=pick(persona.name)) if persona else _("A new persona"),
        "here": visit.address(f"/personas/{persona.slug}/edit" if persona else "/personas/new", **still_carried(visit)),
        "back": visit.address(f"/personas/{persona.slug}" if persona else "/personas"),
        "keep": _("Keep as version %(n)s", n=number(persona.version + 1)) if persona else _("Keep this persona"),
        "version": persona.version if persona else 1,
        "slug": persona.slug if persona else given.get("slug", ""),
        "problems": [] if found else problems,
        "wrong": [(f"field-{one.field}", name_place(one.field), one.message) for one in found],
        "theirs": _theirs(visit, persona, made_from) if persona else [],
        "languages": [(code, language_name(code), code in languages) for code in LANGUAGES],
        "blocks": [_block(one, given, languages, wrong, adds) for one in list_sections(given)],
    }


def _theirs(visit: Visit, persona: Persona, made_from: str) -> list[tuple[str, str, str]]:
    """What somebody else changed since the version that the form was made from."""
    before = find_version(visit.session, persona.slug, read_version(made_from))
    if before is None or before.version == persona.version:
        return []
    return list_differences(persona_as_given(before), persona_as_given(persona))


def read_version(text: str) -> int:
    """The version that an address or a form names; 0, which nothing has, where it names none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(LATEST_VERSION)) else 0


def list_differences(before: PersonaIn, after: PersonaIn) -> list[tuple[str, str, str]]:
    """In words where two versions differ, and what each says there."""
    return [difference_words(one) for one in compare_versions(before, after)]


def difference_words(one: DifferenceOut) -> tuple[str, str, str]:
    """A field as the form calls it, and what the one version and the other say in it."""
    return name_place(form_name(one.field)), _said(one.before), _said(one.after)


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _block(section: Section, given: Given, languages: Sequence[str], wrong: dict[str, str], adds: str) -> Block:
    if not section.name:
        return Block("", section.title, list_fields(section, "", given, languages, wrong), [], "", "", "")
    rows = list(given.get(section.name, []))
    rows += [{}] * max(LEAST[section.name] - len(rows), section.name == adds)
    return Block(
        section.name, section.title, [],
        [_item(section, at, row, languages, wrong) for at, row in enumerate(rows)],
        f"add:{section.name}", section.one, wrong.get(section.name, ""),
    )  # fmt: skip


def _item(section: Section, at: int, row: Given, languages: Sequence[str], wrong: dict[str, str]) -> Item:
    path = f"{section.name}.{at}"
    return Item(
        f"{section.title} {at + 1}",
        (f"{path}.slug", row["slug"]) if row.get("slug") else None,
        list_fields(section, path, row, languages, wrong),
        f"remove:{path}",
    )
