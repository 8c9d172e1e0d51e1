"""What approval asks of many assets at once: the descriptions that drafts lack, all on one page, and the approval of
several that somebody else wrote."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.database import organisation_of
from app.errors import Invalid, Problem
from app.i18n import _, ngettext, pick
from app.planning.asset import Asset, AssetIn, AssetStatus, describe_asset, list_undescribed
from app.planning.campaign import Campaign
from app.planning.problem import read_as
from app.planning.replacing import replace_asset
from app.planning.row import begin_change
from app.reports.names import format_name
from app.web.pages.administering import Form
from app.web.pages.asset_form import assets_view, find_campaign, may_approve, placed_in
from app.web.pages.door import go_to, read_id
from app.web.pages.meanwhile import merge_rows, require_agreed, require_whole
from app.web.pages.placement_link import PLANNERS
from app.web.pages.rendering import language_name
from app.web.pages.row_form import Sent
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)

MOST_SHOWN = 50
"""How many descriptions one page asks for; the next ones come once these are kept."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A description that an asset lacks in one language: its key in the form, the asset and what is typed."""

    key: str
    name: str
    address: str
    words: str
    language: str
    text: str


@router.get("/assets/describe")
def describe(request: Request) -> Response:
    """What drafts still need."""
    return answer(request, _page)


@router.post("/assets/describe")
def keep(request: Request, sent: Sent) -> Response:
    """Keep those descriptions that were written; what is empty waits."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        begin_change(visit.session)
        drafts = {str(one.id): one for one in list_drafts(visit.session)}
        require_whole(sent, "asset", "text")
        said = require_agreed(merge_rows(_now(drafts.values()), sent, "asset", "text"))
        written: dict[str, dict[str, str]] = {}
        for key, text in said.items():
            id, _space, language = key.partition(" ")
            written.setdefault(id, {})[language] = text.strip().replace("\r\n", "\n")
        for id, texts in written.items():
            _change(visit, drafts[id], {"alt_text": {**drafts[id].alt_text, **texts}})
        return go_to(visit.address("/assets/describe", kept=len(written), campaign=visit.asked.get("campaign")))

    return change(request, do, lambda visit, problems: _page(visit, problems, sent))


@router.post("/assets")
def approve(request: Request, sent: Sent) -> Response:
    """Approve those that were chosen, all or none."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        begin_change(visit.session)
        chosen = {read_id(id) for id in sent.get("asset", [])}
        found = [one for one in list_drafts(visit.session) if one.id in chosen]
        if not found:
            raise Invalid([Problem("asset", _("Choose at least one asset."))])
        for one in found:
            _change(visit, one, {"status": AssetStatus.APPROVED})
        return go_to(visit.address("/assets", status=AssetStatus.DRAFT, approved=len(found),
                                   campaign=visit.asked.get("campaign")))  # fmt: skip

    def again(visit: Visit, problems: Sequence[str]) -> Response:
        return visit.page("assets.html", assets_view(visit) | {"problems": problems}, 422)

    return change(request, do, again)


def list_drafts(session: Session, campaign: Campaign | None = None) -> list[Asset]:
    """The organisation's own drafts by name, or those of them that are placed in one campaign."""
    own = (*placed_in(campaign), Asset.organisation_id == organisation_of(session), Asset.status == AssetStatus.DRAFT)
    loaded = (selectinload(Asset.claim_links), selectinload(Asset.claims))
    return list(session.scalars(select(Asset).where(*own).options(*loaded).order_by(Asset.name)))


def _change(visit: Visit, asset: Asset, changes: dict[str, Any]) -> None:
    shown = describe_asset(asset).model_dump(include=set(AssetIn.model_fields))
    replace_asset(visit.session, asset.id, read_as(AssetIn, shown | changes), revision=None, now=visit.now)


def _now(drafts: Any) -> dict[str, str]:
    return {f"{one.id} {code}": one.alt_text.get(code, "") for one in drafts for code in one.languages}


def _page(visit: Visit, problems: Sequence[str] = (), sent: Form | None = None) -> Response:
    visit.require(PLANNERS)
    return visit.page("asset_describing.html", describing_view(visit, problems, sent or {}), 422 if problems else 200)


def describing_view(visit: Visit, problems: Sequence[str], sent: Form) -> dict[str, Any]:
    """All that the page shows; what was typed into a form that was refused is kept."""
    campaign = find_campaign(visit)
    of = {"campaign": str(campaign.id)} if campaign else {}
    drafts = list_drafts(visit.session, campaign)
    typed = dict(zip(sent.get("asset", []), sent.get("text", []), strict=False))
    asked = list(_ask(visit, drafts, typed))
    ready = [one for one in drafts if not list_undescribed(one)]
    kept = visit.asked.get("kept", "")
    return {
        "title": _("Describe the assets"),
        "finding": ngettext("%(n)s description is missing.", "%(n)s descriptions are missing.", len(asked))
        if asked
        else _("Every draft is described.")
        if drafts
        else _("There is no draft to describe."),
        "kept": _("Kept.") if kept.isdecimal() and int(kept) and not problems else "",
        "problems": problems,
        "here": visit.address("/assets/describe", **of),
        "asked": asked[:MOST_SHOWN],
        "more": len(asked) > MOST_SHOWN,
        "waiting": visit.address("/assets", status=AssetStatus.DRAFT, **of) if ready else "",
        "mine": any(may_approve(visit, one) for one in ready),
    }


def _ask(visit: Visit, drafts: Sequence[Asset], typed: dict[str, str]) -> Iterator[Asked]:
    for one in drafts:
        promises = [_("“%(name)s”", name=pick(claim.text)) for claim in one.claims]
        for code in list_undescribed(one):
            key = f"{one.id} {code}"
            yield Asked(key, one.name, visit.address(f"/assets/{one.id}"),
                        " · ".join([format_name(one.format), *promises]), language_name(code),
                        typed.get(key, ""))  # fmt: skip
