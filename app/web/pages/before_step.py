"""Before a campaign goes live or ends: what of it is not in order, each with its remedy, and the button that takes the
step. Nothing here keeps anybody from it but what the plan itself refuses."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _, ngettext
from app.planning.campaign import Campaign, CampaignStatus, get_campaign
from app.reports.check_words import PLANNERS
from app.web.before_step import Asker, Lack, Thing, Warned, asks_first, list_warnings
from app.web.pages.campaign_steps import find_next
from app.web.pages.checks import Line, Section, check_verb, make_section
from app.web.pages.door import go_to, read_id
from app.web.pages.leading import hosts_address
from app.web.pages.placement_link import row_address
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)


@router.get("/campaigns/{campaign_id}/status")
def before_step(request: Request, campaign_id: str) -> Response:
    """What is not in order, before the campaign's next step is taken."""
    return answer(request, lambda visit: _page(visit, campaign_id))


def _page(visit: Visit, campaign_id: str) -> Response:
    visit.require(PLANNERS)
    campaign = get_campaign(visit.session, read_id(campaign_id))
    step = find_next(campaign)
    if campaign.organisation_id != visit.organisation.id or step is None or not asks_first(step[0]):
        return go_to(visit.address(f"/campaigns/{campaign.id}"))
    return visit.page("before_step.html", step_view(visit, campaign, CampaignStatus(step[0])))


def step_view(visit: Visit, campaign: Campaign, status: CampaignStatus) -> dict[str, Any]:
    """All that the page shows."""
    goes_live = status == CampaignStatus.LIVE
    asker = Asker(visit.now, visit.administers, visit.sees_small_counts)
    warned = list_warnings(visit.session, campaign, status, asker)
    still_open = any(one.kind is Lack.OPEN for one in warned)
    return {
        "title": _("Take “%(name)s” live?", name=campaign.name) if goes_live
        else _("End “%(name)s”?", name=campaign.name),
        "name": campaign.name,
        "finding": ngettext("%(n)s thing of this campaign is not in order:",
                            "%(n)s things of this campaign are not in order:", len(warned))
        if warned else _("Everything is in order."),
        "found": [_section(visit, campaign, one) for one in warned],
        "lasting": _lasting(goes_live=goes_live),
        "status": status,
        "take": "" if still_open else _("Go live") if goes_live else _("End the campaign"),
        "status_at": visit.address(f"/campaigns/{campaign.id}/status"),
        "back": visit.address(f"/campaigns/{campaign.id}"),
    }  # fmt: skip


def lacks_view(visit: Visit, campaign: Campaign) -> dict[str, Any]:
    """What is not in order of a campaign that is live, for whoever plans it: going live mended nothing."""
    ours = campaign.organisation_id == visit.organisation.id and visit.member.place.role in PLANNERS
    if campaign.status != CampaignStatus.LIVE or not ours:
        return {"lacks": []}
    asker = Asker(visit.now, visit.administers, visit.sees_small_counts)
    warned = list_warnings(visit.session, campaign, CampaignStatus.LIVE, asker)
    return {
        "lacks": [_section(visit, campaign, one) for one in warned],
        "lacking": ngettext("%(n)s thing is not in order", "%(n)s things are not in order", len(warned)),
    }


def _lasting(*, goes_live: bool) -> str:
    """What the step leaves behind it."""
    if goes_live:
        return _("This step cannot be taken back. Its placements can still be corrected afterwards; each is taken live "
                 "on its own day.")  # fmt: skip
    return _("This step cannot be taken back: nothing more goes live in a campaign that has ended. Costs that come "
             "late can still be entered, and the campaign can be copied.")  # fmt: skip


def _section(visit: Visit, campaign: Campaign, warned: Warned) -> Section:
    lines = [Line(one.name, one.note, _address(visit, campaign, one)) for one in warned.things]
    verb = _verb(visit, campaign, warned.kind) if isinstance(warned.kind, Lack) else check_verb(visit, warned.kind)
    return make_section(warned.kind.value, (warned.what, warned.remedy), warned.roles, verb, lines)


def _address(visit: Visit, campaign: Campaign, thing: Thing) -> str:
    is_placed = thing.noun == "placement"
    return row_address(visit, campaign.id, thing.key) if is_placed else visit.address(f"/assets/{thing.key}")


def _verb(visit: Visit, campaign: Campaign, lack: Lack) -> tuple[str, str]:
    """The page that puts it right; unless another does, the campaign's table."""
    if lack is Lack.UNAPPROVED:
        return visit.address("/assets", status="draft"), _("Assets that wait for approval")
    if lack is Lack.ELSEWHERE and (hosts := hosts_address(visit)):
        return hosts, _("Name the hosts that links may lead to")
    return visit.address(f"/campaigns/{campaign.id}/placements"), _("Plan its placements in a table")
