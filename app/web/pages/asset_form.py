"""The form of an asset: made, changed, approved by somebody else than who wrote it, and retired; and all assets as a
list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import ColumnElement, select

from app.i18n import LANGUAGES, _, ngettext, pick
from app.planning.asset import (
    Asset,
    AssetIn,
    AssetStatus,
    Format,
    create_asset,
    describe_asset,
    get_asset,
    list_undescribed,
)
from app.planning.campaign import Campaign, get_campaign
from app.planning.claim import Claim
from app.planning.placement import Placement
from app.planning.problem import read_as
from app.planning.removal import delete_asset
from app.planning.replacing import replace_asset
from app.reports.names import format_name
from app.web.pages.door import read_id
from app.web.pages.form_texts import Fields, complete_address, list_lines
from app.web.pages.placement_link import PLANNERS
from app.web.pages.rendering import language_name
from app.web.pages.row_form import RowForm, Texts
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)

ALT = tuple(f"alt_text_{language}" for language in LANGUAGES)
SINGLE = ("name", "format", "variant_of_id", "theme", "url", "consent_expires_on", *ALT)
SEVERAL = ("languages", "claim_ids")
FIELDS = Fields(SINGLE, SEVERAL, ("shows_people",))
ORDER = (AssetStatus.DRAFT, AssetStatus.APPROVED, AssetStatus.RETIRED)


@dataclass(frozen=True, slots=True)
class AssetLine:
    """An asset as the list shows it."""

    name: str
    address: str
    words: Sequence[str]
    key: str = ""
    """By which the visitor may approve it, where they may."""
    says: str = ""
    """What it promises and how it is described: what is approved with it."""


@router.get("/assets")
def assets(request: Request) -> Response:
    """All assets, those that wait for approval first."""
    return answer(request, lambda visit: visit.page("assets.html", assets_view(visit)))


def write_texts(_visit: Visit, asset: Asset) -> dict[str, str]:
    """An asset in the texts of the form."""
    shown = describe_asset(asset)
    return {
        **{name: str(getattr(shown, name) or "") for name in SINGLE if name not in ALT},
        **{f"alt_text_{language}": shown.alt_text.get(language, "") for language in LANGUAGES},  # type: ignore[call-overload]
        **{name: "\n".join(sorted(map(str, getattr(shown, name)))) for name in SEVERAL},
        "shows_people": "yes" if shown.shows_people else "",
    }


def read_asset(_visit: Visit, texts: Texts, before: Asset | None) -> AssetIn:
    """The asset that the texts say, at the step that it was at; a new one is a draft. Raises Invalid."""
    given: dict[str, Any] = {name: texts[name] or None for name in SINGLE if name not in ALT}
    given["url"] = complete_address(texts["url"]) or None
    given |= {name: list_lines(texts[name]) for name in SEVERAL}
    described = {language: texts[f"alt_text_{language}"] for language in LANGUAGES}
    given["alt_text"] = {language: text for language, text in described.items() if text}
    given["shows_people"] = bool(texts["shows_people"])
    given["status"] = before.status if before is not None else AssetStatus.DRAFT
    return read_as(AssetIn, {name: value for name, value in given.items() if value is not None})


def _more(visit: Visit, asset: Asset | None, texts: Texts) -> dict[str, Any]:
    return {
        "instead": _("An asset that has run is retired instead, on its page."),
        "formats": [(one.value, format_name(one)) for one in Format],
        "originals": _originals(visit, asset),
        "languages": _chosen(texts["languages"], [(code, language_name(code)) for code in LANGUAGES]),
        "claims": _chosen(texts["claim_ids"], _claims(visit)),
        "described": [(f"alt_text_{code}", language_name(code)) for code in LANGUAGES],
        "approved": asset is not None and asset.status == AssetStatus.APPROVED,
        "files": visit.address(f"/assets/{asset.id}/files") if asset is not None else "",
        "lacks": lacking_words(asset) if asset is not None else "",
        "lacking": [f"alt_text_{code}" for code in list_undescribed(asset)] if asset is not None else [],
    }


def lacking_words(asset: Asset) -> str:
    """What a draft needs before anybody can approve it."""
    names = [language_name(code) for code in list_undescribed(asset)]
    if not names:
        return ""
    return _("Before it can be approved, describe it for people who cannot see or hear it: %(languages)s.",
             languages=", ".join(names))  # fmt: skip


def _empty(visit: Visit) -> dict[str, str]:
    """A new form: in the organisation's language; of a variant, what its original says."""
    if original := visit.asked.get("variant_of"):
        like = get_asset(visit.session, read_id(original))
        return write_texts(visit, like) | {"name": "", "variant_of_id": str(like.variant_of_id or like.id)}
    return FIELDS.empty() | {"languages": visit.organisation.locale, "name": visit.asked.get("name", "")}


def _originals(visit: Visit, asset: Asset | None) -> list[tuple[str, str]]:
    found = visit.session.execute(
        select(Asset.id, Asset.name).where(Asset.variant_of_id.is_(None)).order_by(Asset.name)
    )
    return [(str(id), name) for id, name in found if asset is None or id != asset.id]


def _claims(visit: Visit) -> list[tuple[str, str]]:
    return [(str(one.id), pick(one.text)) for one in visit.session.scalars(select(Claim).order_by(Claim.slug))]


def _chosen(text: str, options: Sequence[tuple[str, str]]) -> list[tuple[str, str, bool]]:
    chosen = list_lines(text)
    return [(value, words, value in chosen) for value, words in options]


def assets_view(visit: Visit) -> dict[str, Any]:
    """All that the list shows."""
    campaign = find_campaign(visit)
    asked = select(Asset).where(*placed_in(campaign)).order_by(Asset.name)
    found = sorted(visit.session.scalars(asked), key=lambda one: ORDER.index(one.status))
    of = {"campaign": str(campaign.id)} if campaign else {}
    waiting = sum(one.status == AssetStatus.DRAFT for one in found)
    only_waiting = visit.asked.get("status") == AssetStatus.DRAFT or visit.request.method == "POST"
    shown = [one for one in found if one.status == AssetStatus.DRAFT or not only_waiting]
    return {
        "title": _("Assets of “%(name)s”", name=campaign.name) if campaign else _("Assets"),
        "finding": _finding(len(found), waiting),
        "kept": _approved(visit.asked.get("approved", "")),
        "problems": (),
        "assets": [_line(visit, one, approves=only_waiting) for one in shown],
        "approvable": only_waiting and any(may_approve(visit, one) for one in shown),
        "here": visit.address("/assets", **of),
        "campaign": (campaign.name, visit.address(f"/campaigns/{campaign.id}")) if campaign else (),
        "describe": visit.address("/assets/describe", **of) if any(list_undescribed(one) for one in found) else "",
        "none_waits": only_waiting and not waiting,
        "shown": [
            (visit.address("/assets"), _("All of them"), not only_waiting and not campaign),
            (
                visit.address("/assets", status=AssetStatus.DRAFT),
                _("Those that wait for approval"),
                only_waiting and not campaign,
            ),
        ]
        if found
        else [],
        "new": visit.address("/assets/new") if visit.member.place.role in PLANNERS else "",
    }


def find_campaign(visit: Visit) -> Campaign | None:
    """The campaign of whose assets alone the page is to speak, if one is asked for. Raises Missing."""
    asked = visit.asked.get("campaign", "")
    return get_campaign(visit.session, read_id(asked)) if asked else None


def placed_in(campaign: Campaign | None) -> Sequence[ColumnElement[bool]]:
    """Which assets are placed in a campaign; all of them where there is none."""
    if campaign is None:
        return ()
    return (Asset.id.in_(select(Placement.asset_id).where(Placement.campaign_id == campaign.id)),)


def may_approve(visit: Visit, asset: Asset) -> bool:
    """Whether the visitor can approve a draft as it stands: another wrote it, and nothing is lacking."""
    may_plan = visit.member.place.role in PLANNERS and asset.organisation_id == visit.organisation.id
    own = asset.written_by == str(visit.member.user_id)
    return may_plan and asset.status == AssetStatus.DRAFT and not own and not list_undescribed(asset)


def _line(visit: Visit, asset: Asset, *, approves: bool) -> AssetLine:
    words, says = [format_name(asset.format), status_name(asset.status)], ""
    if list_undescribed(asset):
        words.append(_("not described"))
    elif approves and asset.written_by == str(visit.member.user_id):
        words.append(_("you wrote it"))
    approves = approves and may_approve(visit, asset)
    if approves:
        says = " ".join([_("“%(name)s”", name=pick(claim.text)) for claim in asset.claims] + [pick(asset.alt_text)])
    return AssetLine(asset.name, visit.address(f"/assets/{asset.id}"), words, str(asset.id) if approves else "", says)


def _approved(n: str) -> str:
    if not n.isdecimal() or not int(n):
        return ""
    return ngettext("%(n)s asset is approved.", "%(n)s assets are approved.", int(n))


def _finding(every: int, waiting: int) -> str:
    if not every:
        return _("No asset is there yet.")
    wait = ngettext("%(n)s of them waits for approval.", "%(n)s of them wait for approval.", waiting) if waiting else ""
    return f"{ngettext('%(n)s asset.', '%(n)s assets.', every)} {wait}".strip()


def status_name(status: str) -> str:
    """What a person calls a step of an asset."""
    return {
        AssetStatus.DRAFT: _("draft"),
        AssetStatus.APPROVED: _("approved"),
        AssetStatus.RETIRED: _("retired"),
    }[AssetStatus(status)]


FORM = RowForm(
    path="/assets",
    template="asset_form.html",
    fields=FIELDS,
    get=get_asset,
    empty=_empty,
    write=write_texts,
    read=read_asset,
    create=create_asset,
    replace=replace_asset,
    title=lambda one: _("Change %(name)s", name=one.name) if one is not None else _("A new asset"),
    more=_more,
    key="asset_id",
    delete=delete_asset,
    opens=True,
)
router.routes += FORM.router().routes
