"""One asset as something to read: what it says and how, its verdict, where it ran, and how its variants did."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import or_, select

from app.i18n import _, date, pick
from app.planning.asset import Asset, AssetIn, AssetStatus, describe_asset, get_asset, list_undescribed
from app.planning.placement import Placement
from app.planning.problem import read_as
from app.reports.effectiveness import report_effectiveness
from app.reports.names import format_name
from app.reports.scope import By, Scope
from app.reports.wording import Verdict
from app.web.pages.administering import only
from app.web.pages.ads import list_ads
from app.web.pages.approving import find_approvers
from app.web.pages.asset_form import FORM, lacking_words, may_approve, status_name
from app.web.pages.campaign_steps import hand_name
from app.web.pages.carried import way_back
from app.web.pages.judgement import find_row, judge, read_key, row_verdict
from app.web.pages.placement_link import PLANNERS
from app.web.pages.rendering import language_name
from app.web.pages.row_form import Sent
from app.web.pages.row_pages import why_address
from app.web.pages.shown_files import show_files
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the plan says of the asset."""

    name: str
    text: str
    address: str | None = None


@router.get("/assets/{asset_id}")
def asset_page(request: Request, asset_id: str) -> Response:
    """One asset."""

    return answer(request, lambda visit: _page(visit, asset_id))


@router.post("/assets/{asset_id}/status")
def step(request: Request, sent: Sent) -> Response:
    """Approve it, or retire it, as it stands."""

    def read(_visit: Visit, asset: Asset) -> AssetIn:
        shown = describe_asset(asset).model_dump(include=set(AssetIn.model_fields))
        return read_as(AssetIn, shown | {"status": only(sent, "status")})

    return FORM.change_row(request, read, shows=_page)


def _page(visit: Visit, asset_id: str, problems: Sequence[str] = ()) -> Response:
    asset = get_asset(visit.session, read_key(asset_id, _("asset")))
    view = asset_view(visit, visit.question(), asset, problems)
    return visit.page("asset.html", view, 422 if problems else 200)


def asset_view(visit: Visit, scope: Scope, asset: Asset, problems: Sequence[str] = ()) -> dict[str, Any]:
    """All that the page shows."""
    judgement, row = judge(visit, scope, By.ASSET, str(asset.id))
    return {
        "title": asset.name,
        "problems": problems,
        "claims": [_("“%(name)s”", name=pick(claim.text)) for claim in asset.claims],
        "format": format_name(asset.format),
        "judgement": judgement,
        "why": why_address(visit, By.ASSET, asset.id) if row else "",
        "facts": list_facts(visit, asset),
        **hands_view(visit, asset),
        "files": show_files(visit, asset),
        "variants": list_variants(visit, scope, asset),
        "ads": list_ads(visit, scope, Placement.asset_id == asset.id, f"/assets/{asset.id}"),
    }


def list_facts(visit: Visit, asset: Asset) -> list[Fact]:
    """What the plan says of it, as far as it says anything."""
    facts = [
        Fact(_("Approval"), approval_words(visit, asset)),
        Fact(_("Languages"), ", ".join(language_name(code) for code in asset.languages)),
        Fact(_("Theme"), asset.theme or ""),
        Fact(_("Described as"), pick(asset.alt_text)),
        Fact(_("Its address on the web"), asset.url or "", asset.url),
        Fact(_("People shown"), _consent(visit, asset)),
    ]
    return [fact for fact in facts if fact.text]


def hands_view(visit: Visit, asset: Asset) -> dict[str, Any]:
    """What whoever plans may do with it: approve what somebody else wrote, change it, make a variant, retire it."""
    may_plan = visit.member.place.role in PLANNERS
    own = asset.written_by == str(visit.member.user_id)
    may_describe = _("Whoever plans may describe it, and still approve it unless they wrote it.")
    here = f"/assets/{asset.id}"
    draft = asset.status == AssetStatus.DRAFT
    undescribed = list_undescribed(asset) if may_plan else []
    return {
        "kept": _("Kept.") if visit.asked.get("kept") == "yes" else "",
        "way_back": way_back(visit) if may_plan else None,
        "edit": visit.address(f"{here}/edit") if may_plan else "",
        "lacks": f"{lacking_words(asset)} {may_describe}" if undescribed else "",
        "describe_at": f"{visit.address(f'{here}/edit')}#alt_text_{undescribed[0]}" if undescribed else "",
        "files_at": visit.address(f"{here}/files") if may_plan and asset.status != AssetStatus.APPROVED else "",
        "variant": visit.address("/assets/new", variant_of=asset.id) if may_plan else "",
        "status_at": visit.address(f"{here}/status"),
        "approves": may_approve(visit, asset),
        "waits": find_approvers(visit, str(visit.member.user_id)) if may_plan and draft and own else None,
        "retires": may_plan and asset.status != AssetStatus.RETIRED,
    }


def approval_words(visit: Visit, asset: Asset) -> str:
    """`approved by Anna Aalto on 3 March`, `draft, written by Bo Berg`."""
    status = status_name(asset.status)
    if asset.approved_at is not None and asset.approved_by is not None:
        by = _("approved by %(who)s, %(moment)s", who=hand_name(visit, asset.approved_by),
               moment=date(asset.approved_at.astimezone(visit.organisation.zone).date()))  # fmt: skip
        return by if asset.status == AssetStatus.APPROVED else f"{status}; {by}"
    if asset.written_by is not None:
        return _("%(status)s, written by %(who)s", status=status, who=hand_name(visit, asset.written_by))
    return status


def _consent(visit: Visit, asset: Asset) -> str:
    if not asset.shows_people:
        return _("none")
    if asset.consent_expires_on is None:
        return _("some, and their consent has no end date")
    day = date(asset.consent_expires_on)
    if asset.consent_expires_on < visit.today:
        return _("some, and their consent ended on %(day)s: take it down", day=day)
    return _("some, with their consent until %(day)s", day=day)


def list_variants(visit: Visit, scope: Scope, asset: Asset) -> Sequence[tuple[str, str, Verdict]]:
    """The others that were made from the same original: their names, addresses and verdicts."""
    original = asset.variant_of_id or asset.id
    others = visit.session.execute(
        select(Asset.id, Asset.name)
        .where(or_(Asset.id == original, Asset.variant_of_id == original), Asset.id != asset.id)
        .order_by(Asset.name)
    ).all()
    if not others:
        return []
    found = report_effectiveness(visit.session, replace(scope, by=By.ASSET))
    stage = visit.asked.get("stage")
    return [
        (name, visit.address(f"/assets/{id}", stage=stage), row_verdict(visit, find_row(found, str(id))))
        for id, name in others
    ]
