"""What is printed of a placement and of a campaign: the code with its caption, as files, and what to know before."""

from typing import Any, cast, get_args

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.errors import Invalid, Problem
from app.i18n import LANGUAGES, _, ngettext
from app.planning.campaign import Campaign, get_campaign
from app.planning.placement import Placement, get_placement
from app.planning.print_kit import FileKind, address_notes, caption_languages, kit_notes, list_posters, make_kit
from app.planning.tracking import slugify
from app.planning.typesetting import SheetLayout, printing_facts, set_kit, set_sheet
from app.web.pages.administering import tell_export
from app.web.pages.filters import Select
from app.web.pages.judgement import read_key
from app.web.pages.rendering import language_name
from app.web.pages.visit import Visit, answer
from app.web.public import public_url

router = APIRouter(include_in_schema=False)


@router.get("/placements/{placement_id}/print-kit")
def take_kit(request: Request, placement_id: str) -> Response:
    """One placement's code as a file."""

    def make(visit: Visit) -> Response:
        placement = get_placement(visit.session, read_key(placement_id, _("placement")))
        kind = _choose(visit, "kind", tuple(FileKind))
        made = set_kit(placement, public_url(request), FileKind(kind), visit.asked.get("language"))
        return _hand_out(visit, made, f"kutsu-{placement.tracking_code}", FileKind(kind))

    return answer(request, make)


@router.get("/campaigns/{campaign_id}/print-kit")
def take_sheet(request: Request, campaign_id: str) -> Response:
    """All that is printed of a campaign, as one PDF."""

    def make(visit: Visit) -> Response:
        campaign = get_campaign(visit.session, read_key(campaign_id, _("campaign")))
        layout = cast(SheetLayout, _choose(visit, "layout", get_args(SheetLayout)))
        made = set_sheet(visit.session, campaign, public_url(request), layout, visit.asked.get("language"))
        return _hand_out(visit, made, f"kutsu-{slugify(campaign.name) or campaign.id}", FileKind.PDF)

    return answer(request, make)


def _choose(visit: Visit, field: str, known: tuple[str, ...]) -> str:
    """What the address asks for, else the first. Raises Invalid."""
    chosen = visit.asked.get(field, known[0])
    if chosen not in known:
        raise Invalid([Problem(field, _("Choose one of %(known)s.", known=", ".join(known)))])
    return chosen


def _hand_out(visit: Visit, made: bytes, name: str, kind: FileKind) -> Response:
    tell_export(visit, f"{name}.{kind}")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "no-store"}
    return Response(made, media_type=kind.media_type, headers=headers)


def kit_view(visit: Visit, placement: Placement) -> dict[str, Any]:
    """The part of a placement's page that speaks of what is printed; `first` is what stands before its address."""
    here = public_url(visit.request)
    first = address_notes(here)
    notes = [one for one in kit_notes(visit.session, placement, here) if one not in first]
    view = {"first": first, "notes": notes, "kit": None, "lacking": ""}
    try:
        kit = make_kit(placement, here)
    except Invalid as error:
        return view | {"lacking": error.problems[0].message}
    return view | {
        "kit": kit,
        "facts": printing_facts(kit),
        "action": f"/placements/{placement.id}/print-kit",
        "language": language_select(caption_languages(placement), kit.language),
    }


def sheet_view(visit: Visit, campaign: Campaign) -> dict[str, Any]:
    """The part of a campaign's page that speaks of what is printed."""
    posters = list_posters(visit.session, campaign.id)
    shared = [code for code in LANGUAGES if all(code in caption_languages(one) for one in posters)]
    return {
        "action": f"/campaigns/{campaign.id}/print-kit",
        "count": ngettext(
            "%(n)s poster or print advertisement", "%(n)s posters and print advertisements", len(posters)
        ),
        "any": bool(posters),
        "notes": address_notes(public_url(visit.request)),
        "language": language_select(shared, ""),
        "layout": Select("layout", _("Layout"), [("several", _("several on a page")), ("one", _("a page for each"))],
                         "several"),
    }  # fmt: skip


def language_select(languages: list[str], chosen: str) -> Select:
    """In which language the kit speaks."""
    own = [] if chosen else [("", _("as each is worded"))]
    return Select("language", _("Language"), own + [(code, language_name(code)) for code in languages], chosen)
