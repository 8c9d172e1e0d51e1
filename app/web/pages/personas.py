"""Personas: whom we want to reach, each as a brief that one would print and hand to an agency."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Missing
from app.i18n import _, date, ngettext, number, period, pick
from app.planning.persona import FactorKind, Persona, find_newest_persona, newest_personas
from app.planning.placement import Placement, is_for, placed_for
from app.reports.answers import Effectiveness, Row
from app.reports.attention import REVIEW_AFTER
from app.reports.effectiveness import report_effectiveness
from app.reports.listing import Part, RowCell
from app.reports.names import channel_kind_name, format_name
from app.reports.scope import Scope
from app.reports.suppression import K
from app.reports.wording import Verdict
from app.web.pages.ads import claim_words, find_placed, heads_of, sort_placed
from app.web.pages.carried import way_back
from app.web.pages.counted import Counted, count_cell
from app.web.pages.files import file_links
from app.web.pages.judgement import row_verdict
from app.web.pages.placement_link import PLANNERS
from app.web.pages.sorting import Head
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Worry:
    """What they fear, what we answer, and by what that can be proved."""

    text: str
    answer: str
    proof: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What we know it from, and how far to trust it."""

    says: str
    source: str
    url: str | None
    verified: bool
    age: str


@dataclass(frozen=True, slots=True)
class Ad:
    """What ran for this persona, what it promised, and what came of it."""

    name: str
    address: str
    kind: str
    flight: str
    promises: str
    applications: Counted
    on_paper: str
    """The same as it is printed: a brief goes to agencies, so few are not told."""
    verdict: Verdict


@router.get("/personas")
def personas(request: Request) -> Response:
    """All personas."""
    return answer(request, lambda visit: visit.page("personas.html", personas_view(visit)))


@router.get("/personas/{slug}")
def persona_page(request: Request, slug: str) -> Response:
    """One persona as a brief."""

    def make(visit: Visit) -> Response:
        persona, scope = get_persona(visit.session, slug), visit.question()
        return visit.page(
            "persona.html", persona_view(visit, persona, report_effectiveness(visit.session, scope), scope)
        )

    return answer(request, make)


def get_persona(session: Session, slug: str) -> Persona:
    """The newest version of a persona."""
    persona = find_newest_persona(session, slug)
    if persona is None:
        raise Missing(_("There is no persona “%(slug)s”.", slug=slug))
    return persona


def personas_view(visit: Visit, problems: Sequence[str] = ()) -> dict[str, Any]:
    """All that the list shows."""
    newest, pair = newest_personas(visit.session), placed_for()
    counts = dict(
        visit.session.execute(
            select(Persona.slug, func.count())
            .join(pair, pair.c.persona_id == Persona.id)
            .join(Placement, Placement.id == pair.c.placement_id)
            .group_by(Persona.slug)
        ).all()
    )
    return {
        "title": _("Whom we want to reach"),
        "finding": personas_finding(len(newest)),
        "problems": problems,
        "said": _loaded_words(visit.asked.get("loaded", "")),
        "may_write": visit.member.place.role in PLANNERS,
        "personas": [
            {
                "name": pick(one.name), "summary": pick(one.summary), "address": visit.address(f"/personas/{one.slug}"),
                "ads": ngettext("%(n)s placement for them", "%(n)s placements for them", counts.get(one.slug, 0)),
                "reviewed": reviewed_words(one, visit.today),
            }
            for one in sorted(newest, key=lambda one: pick(one.name))
        ],
    }  # fmt: skip


def _loaded_words(loaded: str) -> str:
    """What loading files did that the visitor comes from."""
    counts = [int(one) for one in loaded.split("-") if one.isascii() and one.isdecimal() and len(one) < 6]
    if len(counts) != 3:
        return ""
    added, changed, unchanged = (number(one) for one in counts)
    return _("%(added)s added, %(changed)s changed, %(unchanged)s unchanged.", added=added, changed=changed,
             unchanged=unchanged)  # fmt: skip


def _kept_words(visit: Visit, persona: Persona) -> str:
    """What keeping the form did that the visitor comes from."""
    kept = visit.asked.get("kept", "")
    if kept == "same":
        return _("Nothing was to be changed.")
    return _("Kept as version %(n)s.", n=kept) if kept == str(persona.version) else ""


def personas_finding(n: int) -> str:
    """How many groups there are, in a sentence."""
    if not n:
        return _("No persona is described yet.")
    return ngettext("%(n)s group of doctors is described.", "%(n)s groups of doctors are described.", n)


def reviewed_words(persona: Persona, today: dt.date) -> str:
    """When it was reviewed, and whether that is too long ago."""
    if persona.reviewed_on < today - REVIEW_AFTER:
        return _("reviewed on %(day)s, more than a year ago", day=date(persona.reviewed_on))
    return _("reviewed on %(day)s", day=date(persona.reviewed_on))


def persona_view(visit: Visit, persona: Persona, found: Effectiveness, scope: Scope) -> dict[str, Any]:
    """All that the brief shows."""
    factors = {factor.slug: factor for factor in persona.factors}
    return {
        "title": pick(persona.name),
        "summary": pick(persona.summary),
        "reviewed": reviewed_words(persona, visit.today),
        "version": number(persona.version),
        "said": _kept_words(visit, persona),
        "may_write": visit.member.place.role in PLANNERS,
        "way_back": way_back(visit) if visit.member.place.role in PLANNERS else None,
        "here": f"/personas/{persona.slug}",
        "told": visit.address("/messages", persona=persona.slug),
        "situation": _paragraphs(persona.situation),
        "attractions": [_factor(one) for one in persona.factors if one.kind == FactorKind.ATTRACTION],
        "differentiators": [_factor(one) for one in persona.factors if one.kind == FactorKind.DIFFERENTIATOR],
        "worries": [_worry(one, factors) for one in persona.worries],
        "motivations": [pick(one["text"]) for one in persona.motivations],
        "questions": [pick(one["text"]) for one in persona.questions],
        "tone": _paragraphs(persona.tone),
        "avoid": _paragraphs(persona.avoid),
        "channels": [
            (channel_kind_name(one["kind"]), pick(one["place"]), pick(one["why"])) for one in persona.channels
        ],
        "evidence": [_evidence(one, visit.today) for one in persona.evidence],
        "ads": list_ads(visit, persona.slug, found),
        "files": file_links(visit, f"/personas/{persona.slug}/ads"),
        "address": visit.address("/verdicts", persona=persona.slug, stage=scope.stage.slug),
    }


def _paragraphs(text: Mapping[str, str]) -> list[str]:
    return [paragraph.strip() for paragraph in pick(text).split("\n\n") if paragraph.strip()]


def _factor(factor: Any) -> tuple[str, str]:
    return pick(factor.statement), pick(factor.proof)


def _worry(worry: Mapping[str, Any], factors: Mapping[str, Any]) -> Worry:
    factor = factors.get(worry.get("differentiator") or "")
    return Worry(pick(worry["text"]), pick(worry["answer"]), pick(factor.proof) if factor else "")


def _evidence(one: Mapping[str, Any], today: dt.date) -> Evidence:
    published = dt.date.fromisoformat(str(one["published"]))
    source = f"{one['title']}, {one['publisher']}" if one.get("publisher") else one["title"]
    return Evidence(
        pick(one["says"]), source, one.get("url"), one.get("status") == "verified", age_words(published, today)
    )


def age_words(published: dt.date, today: dt.date) -> str:
    """`March 2025, a year old`: how old evidence is, in whole years."""
    years = today.year - published.year - ((today.month, today.day) < (published.month, published.day))
    if years < 1:
        return _("%(day)s, less than a year old", day=date(published))
    return ngettext("%(day)s, %(n)s year old", "%(day)s, %(n)s years old", years, day=date(published))


def list_ads(visit: Visit, slug: str, found: Effectiveness) -> tuple[list[Head], list[Ad]]:
    """The placements for any version of the persona, the newest first unless the address says otherwise, with what
    came of each; before them the heads that sort them."""
    titles = {"label": _("Placement"), "claims": _("Promise"), "applications": _("Applied"), "verdict": _("Verdict")}
    rows = {row.key: row for row in found.rows if row.row == "known"}
    placed = [(one, rows.get(str(one.id))) for one in find_placed(visit, is_for(Persona.slug == slug))]
    return heads_of(visit, titles), [_ad(visit, *one) for one in sort_placed(visit, placed, titles)]


def on_paper(n: int) -> str:
    """How many applied, as others than those who may see small counts are told."""
    return number(n) if n >= K else _("under %(k)s", k=number(K))


def _applications(visit: Visit, row: Row | None) -> Counted:
    key = row.key if row else None
    return count_cell(visit, row.applications if row else 0, RowCell(Part.APPLIED, "known", key or ""))


def _ad(visit: Visit, placement: Placement, row: Any) -> Ad:
    return Ad(
        placement.name, visit.address(f"/placements/{placement.id}"), format_name(placement.asset.format),
        period(placement.starts_on, placement.ends_on),
        claim_words(placement),
        _applications(visit, row),
        on_paper(row.applications if row else 0),
        row_verdict(visit, row),
    )  # fmt: skip
