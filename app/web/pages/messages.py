"""Who is told what: which of a persona's reasons to come the ads for it speak of, and of which none does."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.i18n import _, date, ngettext, number, pick
from app.planning.campaign import Campaign
from app.planning.messages import Carrier, Message, PersonaMessages, list_messages
from app.planning.persona import FactorKind, Persona
from app.planning.placement import PlacementStatus
from app.reports.names import format_name
from app.reports.workbook import Sheet
from app.web.pages.files import file_links, sheet_file
from app.web.pages.filters import Select
from app.web.pages.judgement import read_key
from app.web.pages.personas import age_words, get_persona
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Told:
    """A persona in the list of all: how many reasons it has, of how many ads speak now or spoke, and the others."""

    name: str
    address: str
    reasons: str
    now: str
    before: str
    silent: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ad:
    """An asset that carries a reason, by which promise, and how near it is to those it speaks to."""

    name: str
    address: str
    promise: str
    step: str


@dataclass(frozen=True, slots=True)
class Line:
    """A reason with what proves it, and the ads that carry it, a cell for each format."""

    kind: str
    statement: str
    proof: str
    cells: Sequence[Sequence[Ad]]
    is_silent: bool
    has_fallen_silent: bool


@router.get("/messages")
def messages(request: Request) -> Response:
    """All personas, or what one is told."""
    return answer(request, lambda visit: visit.page("messages.html", messages_view(visit)))


@router.get("/messages.csv")
def messages_file(request: Request) -> Response:
    """What the page shows, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "messages.csv", messages_sheet(visit)))


@router.get("/messages.xlsx")
def messages_workbook(request: Request) -> Response:
    """What the page shows, as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "messages.xlsx", messages_sheet(visit)))


def messages_view(visit: Visit) -> dict[str, Any]:
    """All that the page shows."""
    found = _asked(visit)
    chosen = found[0] if visit.asked.get("persona") else None
    return {
        "title": _("Who is told what"),
        "finding": one_finding(chosen) if chosen else finding(found),
        "selects": _selects(visit, list_messages(visit.session)),
        "told": [] if chosen else [_told(visit, one) for one in found],
        "chosen": _matrix(visit, chosen) if chosen else None,
        "files": file_links(visit, "/messages"),
        "all": visit.address("/messages", campaign=visit.asked.get("campaign")),
    }


def messages_sheet(visit: Visit) -> Sheet:
    """A row for each reason and each ad that carries it, and one for each that none carries."""
    found = _asked(visit)
    return Sheet(
        title=_("Who is told what"),
        notes=[finding(found)],
        heads=[
            _("Persona"), _("Reason"), _("What it is"), _("Proof"), _("Asset"), _("Format"), _("Promise"), _("Step"),
        ],
        rows=[
            [pick(one.persona.name), pick(said.factor.statement), kind_name(said.factor.kind), pick(said.factor.proof),
             *carrier]
            for one in found
            for said in one.messages
            for carrier in (_carrier_cells(said) or [("", "", "", _("no ad speaks of it"))])
        ],
    )  # fmt: skip


def _carrier_cells(said: Message) -> list[tuple[str, str, str, str]]:
    return [
        (one.asset.name, format_name(one.asset.format), pick(one.claim.text), step_name(one.step))
        for one in said.carriers
    ]


def _asked(visit: Visit) -> list[PersonaMessages]:
    slug, campaign = visit.asked.get("persona"), visit.asked.get("campaign")
    if slug:
        get_persona(visit.session, slug)
    campaign_id = read_key(campaign, _("campaign")) if campaign else None
    return list_messages(visit.session, slug=slug, campaign_id=campaign_id)


def _selects(visit: Visit, every: Sequence[PersonaMessages]) -> list[Select]:
    campaigns = visit.session.execute(
        select(Campaign.id, Campaign.name).where(~Campaign.template).order_by(Campaign.name)
    )
    return [
        Select("persona", _("Persona"), [("", _("All")), *_by_name(every)], visit.asked.get("persona", "")),
        Select(
            "campaign", _("Campaign"), [("", _("All")), *((str(id), name) for id, name in campaigns)],
            visit.asked.get("campaign", ""),
        ),
    ]  # fmt: skip


def _by_name(every: Sequence[PersonaMessages]) -> list[tuple[str, str]]:
    return sorted(((one.persona.slug, pick(one.persona.name)) for one in every), key=lambda option: option[1])


def finding(found: Sequence[PersonaMessages]) -> str:
    """Of how many reasons no ad speaks, over all personas."""
    if not found:
        return _("No persona is described yet. A persona is the group of people that ads speak to.")
    silent, reasons = sum(len(one.silent) for one in found), sum(len(one.messages) for one in found)
    if not silent:
        return _("Every reason to come is spoken of by some ad.")
    return ngettext(
        "No ad speaks of %(n)s of %(m)s reasons to come.",
        "No ad speaks of %(n)s of %(m)s reasons to come.",
        silent, m=number(reasons),
    )  # fmt: skip


def one_finding(one: PersonaMessages) -> str:
    """What this persona is told nothing of."""
    name, silent = pick(one.persona.name), len(one.silent)
    if not silent:
        return _("“%(persona)s” is told every reason to come.", persona=name)
    return ngettext(
        "No ad for “%(persona)s” speaks of %(n)s of %(m)s reasons to come.",
        "No ad for “%(persona)s” speaks of %(n)s of %(m)s reasons to come.",
        silent, m=number(len(one.messages)), persona=name,
    )  # fmt: skip


def _told(visit: Visit, one: PersonaMessages) -> Told:
    before = sum(said.has_fallen_silent for said in one.messages)
    return Told(
        pick(one.persona.name),
        visit.same_address(persona=one.persona.slug),
        number(len(one.messages)),
        number(len(one.messages) - len(one.silent) - before),
        number(before),
        [pick(said.factor.statement) for said in one.silent],
    )


def _matrix(visit: Visit, one: PersonaMessages) -> dict[str, Any]:
    """Reasons across formats: only such formats have a column as carry anything."""
    formats = sorted({carrier.asset.format for said in one.messages for carrier in said.carriers}, key=format_name)
    return {
        "name": pick(one.persona.name),
        "address": visit.address(f"/personas/{one.persona.slug}"),
        "known_from": evidence_words(one.persona, visit.today),
        "formats": [format_name(format) for format in formats],
        "lines": [_line(visit, said, formats) for said in one.messages],
    }


def _line(visit: Visit, said: Message, formats: Sequence[str]) -> Line:
    ads: Mapping[str, list[Ad]] = {format: [] for format in formats}
    for carrier in said.carriers:
        ads[carrier.asset.format].append(_ad(visit, carrier))
    factor = said.factor
    return Line(
        kind_name(factor.kind),
        pick(factor.statement),
        pick(factor.proof),
        list(ads.values()),
        said.is_silent,
        said.has_fallen_silent,
    )


def _ad(visit: Visit, carrier: Carrier) -> Ad:
    address = visit.address(f"/assets/{carrier.asset.id}")
    return Ad(carrier.asset.name, address, pick(carrier.claim.text), step_name(carrier.step))


def evidence_words(persona: Persona, today: dt.date) -> str:
    """How much is known of this persona, how far that was verified, and how old the newest of it is."""
    days = [dt.date.fromisoformat(str(one["published"])) for one in persona.evidence]
    verified = sum(one.get("status") == "verified" for one in persona.evidence)
    sources = ngettext("Known from %(n)s source", "Known from %(n)s sources", len(days))
    return _(
        "%(sources)s, %(m)s of them verified; the newest is of %(day)s. Reviewed on %(reviewed)s.",
        sources=sources, m=number(verified), day=age_words(max(days), today), reviewed=date(persona.reviewed_on),
    ) if days else sources  # fmt: skip


def kind_name(kind: FactorKind) -> str:
    """Which side a reason is on: theirs or ours."""
    return {
        FactorKind.ATTRACTION: _("why they would come"),
        FactorKind.DIFFERENTIATOR: _("what sets us apart"),
    }[kind]


def step_name(step: PlacementStatus | None) -> str:
    """How near an ad is to those it speaks to."""
    if step is None:
        return _("not placed for them")
    return {
        PlacementStatus.LIVE: _("runs"),
        PlacementStatus.PLANNED: _("planned"),
        PlacementStatus.ENDED: _("ended"),
    }[step]
