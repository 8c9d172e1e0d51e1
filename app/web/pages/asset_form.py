"""The form of an asset: made, changed, approved by somebody else than who wrote it, and retired; and all assets as a
list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.i18n import LANGUAGES, _, ngettext, pick
from app.planning.asset import Asset, AssetIn, AssetStatus, Format, create_asset, describe_asset, get_asset
from app.planning.claim import Claim
from app.planning.problem import read_as
from app.planning.replacing import replace_asset
from app.planning.row import begin_change
from app.reports.names import format_name
from app.web.pages.administering import Form, only
from app.web.pages.door import go_to, read_id
from app.web.pages.form_texts import Fields, list_lines
from app.web.pages.placement_link import PLANNERS
from app.web.pages.rendering import language_name
from app.web.pages.units import Sent
from app.web.pages.visit import Visit, answer, change

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


@router.get("/assets")
def assets(request: Request) -> Response:
    """All assets, those that wait for approval first."""
    return answer(request, lambda visit: visit.page("assets.html", assets_view(visit)))


@router.get("/assets/new")
def new(request: Request) -> Response:
    """An empty form; a variant begins with what its original says."""
    return answer(request, lambda visit: _page(visit, None))


@router.post("/assets/new")
def create(request: Request, sent: Sent) -> Response:
    """Make the asset that the form says, as a draft."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        asset = create_asset(visit.session, read_asset(FIELDS.read(sent), AssetStatus.DRAFT), now=visit.now)
        return go_to(visit.address(f"/assets/{asset.id}", kept="yes"))

    return change(request, do, lambda visit, problems: _page(visit, None, problems, sent))


@router.get("/assets/{asset_id}/edit")
def edit(request: Request, asset_id: str) -> Response:
    """The form with what stands in it."""
    return answer(request, lambda visit: _page(visit, asset_id))


@router.post("/assets/{asset_id}/edit")
def keep(request: Request, asset_id: str, sent: Sent) -> Response:
    """Keep what the form changes."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        begin_change(visit.session)
        asset = get_asset(visit.session, read_id(asset_id))
        given = read_asset(FIELDS.agree(write_texts(asset), sent), AssetStatus(asset.status))
        replace_asset(visit.session, asset.id, given, revision=None, now=visit.now)
        return go_to(visit.address(f"/assets/{asset.id}", kept="yes"))

    return change(request, do, lambda visit, problems: _page(visit, asset_id, problems, sent))


@router.post("/assets/{asset_id}/status")
def step(request: Request, asset_id: str, sent: Sent) -> Response:
    """Approve it, or retire it, as it stands."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        begin_change(visit.session)
        asset = get_asset(visit.session, read_id(asset_id))
        shown = describe_asset(asset).model_dump(include=set(AssetIn.model_fields))
        given = read_as(AssetIn, shown | {"status": only(sent, "status")})
        replace_asset(visit.session, asset.id, given, revision=None, now=visit.now)
        return go_to(visit.address(f"/assets/{asset.id}", kept="yes"))

    return change(request, do, lambda visit, problems: _page(visit, asset_id, problems))


def write_texts(asset: Asset) -> dict[str, str]:
    """An asset in the texts of the form."""
    shown = describe_asset(asset)
    return {
        **{name: str(getattr(shown, name) or "") for name in SINGLE if name not in ALT},
        **{f"alt_text_{language}": shown.alt_text.get(language, "") for language in LANGUAGES},  # type: ignore[call-overload]
        **{name: "\n".join(sorted(map(str, getattr(shown, name)))) for name in SEVERAL},
        "shows_people": "yes" if shown.shows_people else "",
    }


def read_asset(texts: Mapping[str, str], status: AssetStatus) -> AssetIn:
    """The asset that the texts say. Raises Invalid."""
    given: dict[str, Any] = {name: texts[name] or None for name in SINGLE if name not in ALT}
    given |= {name: list_lines(texts[name]) for name in SEVERAL}
    described = {language: texts[f"alt_text_{language}"] for language in LANGUAGES}
    given["alt_text"] = {language: text for language, text in described.items() if text}
    given |= {"shows_people": bool(texts["shows_people"]), "status": status}
    return read_as(AssetIn, {name: value for name, value in given.items() if value is not None})


def _page(visit: Visit, asset_id: str | None, problems: Sequence[str] = (), sent: Form | None = None) -> Response:
    visit.require(PLANNERS)
    asset = get_asset(visit.session, read_id(asset_id)) if asset_id is not None else None
    return visit.page("asset_form.html", form_view(visit, asset, problems, sent or {}), 422 if problems else 200)


def form_view(visit: Visit, asset: Asset | None, problems: Sequence[str], sent: Form) -> dict[str, Any]:
    """All that the page shows; what was written into a form that was refused stays written, beside what somebody else
    has said meanwhile."""
    shown = FIELDS.show(write_texts(asset) if asset is not None else _empty(visit), sent)
    texts: Mapping[str, str] = shown["texts"]
    here = f"/assets/{asset.id}" if asset is not None else "/assets/new"
    return {
        "title": _("Change %(name)s", name=asset.name) if asset is not None else _("A new asset"),
        "problems": problems,
        **shown,
        "formats": [(one.value, format_name(one)) for one in Format],
        "originals": _originals(visit, asset),
        "languages": _chosen(texts["languages"], [(code, language_name(code)) for code in LANGUAGES]),
        "claims": _chosen(texts["claim_ids"], _claims(visit)),
        "described": [(f"alt_text_{code}", language_name(code)) for code in LANGUAGES],
        "approved": asset is not None and asset.status == AssetStatus.APPROVED,
        "action": visit.address(f"{here}/edit" if asset is not None else here),
        "back": visit.address(here if asset is not None else "/assets"),
        "files": visit.address(f"{here}/files") if asset is not None else "",
    }


def _empty(visit: Visit) -> dict[str, str]:
    """A new form: in the organisation's language; of a variant, what its original says."""
    if original := visit.asked.get("variant_of"):
        like = get_asset(visit.session, read_id(original))
        return write_texts(like) | {"name": "", "variant_of_id": str(like.variant_of_id or like.id)}
    return dict.fromkeys(FIELDS.names, "") | {"languages": visit.organisation.locale}


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
    found = sorted(visit.session.scalars(select(Asset).order_by(Asset.name)), key=lambda one: ORDER.index(one.status))
    waiting = sum(one.status == AssetStatus.DRAFT for one in found)
    return {
        "title": _("Assets"),
        "finding": _finding(len(found), waiting),
        "assets": [
            AssetLine(one.name, visit.address(f"/assets/{one.id}"), [format_name(one.format), status_name(one.status)])
            for one in found
        ],
        "new": visit.address("/assets/new") if visit.member.place.role in PLANNERS else "",
    }


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
