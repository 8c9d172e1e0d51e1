"""The versions of a persona: which there are, what one changed of another, and taking an older one up again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import func, select

from app.errors import Missing
from app.i18n import _, date, ngettext, number, pick
from app.planning.persona import Persona, find_newest_persona, find_version, persona_as_given, replace_persona
from app.planning.placement import Placement, placed_for
from app.planning.removal import delete_persona
from app.web.pages.administering import Form, only, read_form
from app.web.pages.door import go_to
from app.web.pages.persona_edit import list_differences, read_version
from app.web.pages.personas import get_persona
from app.web.pages.placement_link import PLANNERS
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version: when it was written and reviewed, and how many placements keep it."""

    n: int
    written: str
    reviewed: str
    placed: str
    is_newest: bool


@router.get("/personas/{slug}/versions")
def versions(request: Request, slug: str) -> Response:
    """All versions, and two of them compared."""
    return answer(request, lambda visit: _page(visit, slug))


@router.post("/personas/{slug}/versions")
def take_up(request: Request, slug: str, sent: Annotated[Form, Depends(read_form)]) -> Response:
    """Write what an older version says as the newest."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        newest = get_persona(visit.session, slug)
        older = _find(visit, newest, only(sent, "version"))
        given = persona_as_given(older).model_copy(update={"version": newest.version})
        kept = replace_persona(visit.session, newest.id, given, revision=None, now=visit.now)
        return go_to(visit.address(f"/personas/{slug}", kept=kept.version))

    return change(request, do, lambda visit, problems: _page(visit, slug, problems))


@router.post("/personas/{slug}/versions/delete")
def end(request: Request, slug: str, sent: Annotated[Form, Depends(read_form)]) -> Response:
    """Delete a version on which nothing stands; after the last one the persona is gone."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        version = _find(visit, get_persona(visit.session, slug), only(sent, "version"))
        delete_persona(visit.session, version.id, revision=None)
        left = find_newest_persona(visit.session, slug)
        return go_to(visit.address(f"/personas/{slug}/versions" if left else "/personas"))

    return change(request, do, lambda visit, problems: _page(visit, slug, problems))


def _page(visit: Visit, slug: str, problems: Sequence[str] = ()) -> Response:
    newest = get_persona(visit.session, slug)
    view = versions_view(visit, newest, problems)
    return visit.page("persona_versions.html", view, 422 if problems else 200)


def versions_view(visit: Visit, newest: Persona, problems: Sequence[str]) -> dict[str, Any]:
    """All that the page shows: unless others are asked for, the newest beside the one before it."""
    every = visit.session.scalars(
        select(Persona).where(Persona.slug == newest.slug).order_by(Persona.version.desc())
    ).all()
    after = _find(visit, newest, visit.asked.get("to", str(newest.version)))
    earlier = [one.version for one in every if one.version < after.version]
    asked = visit.asked.get("from") or (str(earlier[0]) if earlier else "")
    before = _find(visit, newest, asked) if asked else None
    differences = list_differences(persona_as_given(before), persona_as_given(after)) if before else []
    return {
        "title": _("Versions of “%(persona)s”", persona=pick(newest.name)),
        "finding": _finding(before, after, len(differences)),
        "problems": problems,
        "here": visit.address(f"/personas/{newest.slug}/versions"),
        "delete_at": f"/personas/{newest.slug}/versions/delete",
        "back": visit.address(f"/personas/{newest.slug}"),
        "versions": [one.version for one in every],
        "before": before.version if before else None,
        "after": after.version,
        "lines": _lines(visit, every),
        "differences": differences,
        "may_write": visit.member.place.role in PLANNERS,
    }


def _lines(visit: Visit, every: Sequence[Persona]) -> list[VersionLine]:
    pair, own = placed_for(), [one.id for one in every]
    statement = select(pair.c.persona_id, func.count()).join(Placement, Placement.id == pair.c.placement_id)
    counted = statement.where(pair.c.persona_id.in_(own)).group_by(pair.c.persona_id)
    placed: dict[Any, int] = dict(visit.session.execute(counted).all())
    return [
        VersionLine(
            one.version, date(one.created_at.astimezone(visit.organisation.zone).date()), date(one.reviewed_on),
            ngettext("%(n)s placement in all", "%(n)s placements in all", placed.get(one.id, 0)), one is every[0],
        )
        for one in every
    ]  # fmt: skip


def _find(visit: Visit, newest: Persona, asked: str) -> Persona:
    found = find_version(visit.session, newest.slug, read_version(asked))
    if found is None:
        raise Missing(_("“%(persona)s” has no version %(n)s.", persona=pick(newest.name), n=asked))
    return found


def _finding(before: Persona | None, after: Persona, differences: int) -> str:
    if before is None:
        return _("There is one version so far. The next is written by changing this one.")
    if not differences:
        return _("Versions %(n)s and %(m)s say the same.", n=number(before.version), m=number(after.version))
    return ngettext(
        "Versions %(a)s and %(b)s differ in %(n)s place.", "Versions %(a)s and %(b)s differ in %(n)s places.",
        differences, a=number(before.version), b=number(after.version),
    )  # fmt: skip
