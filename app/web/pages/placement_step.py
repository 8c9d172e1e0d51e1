"""The next step of a placement on its own page, and what keeps it from it."""

from typing import Any

from app.i18n import _
from app.planning.asset import AssetStatus
from app.planning.campaign import CampaignStatus
from app.planning.placement import Placement, PlacementIn, PlacementStatus, describe_placement
from app.planning.placing import replace_placement
from app.web.pages.administering import Form, only
from app.web.pages.placement_link import PLANNERS
from app.web.pages.visit import Visit
from app.web.patch import merge


def step_view(visit: Visit, placement: Placement) -> dict[str, Any]:
    """The button for whoever plans, and before a placement goes live where each thing that it waits for is done."""
    may = placement.organisation_id == visit.organisation.id and visit.member.place.role in PLANNERS
    step = {
        PlacementStatus.PLANNED: (PlacementStatus.LIVE, _("Take it live")),
        PlacementStatus.LIVE: (PlacementStatus.ENDED, _("End it")),
    }.get(PlacementStatus(placement.status))
    waits = _waits(visit, placement) if placement.status == PlacementStatus.PLANNED else []
    return {
        "step": step if may and not waits and not placement.campaign.template else None,
        "steps_at": f"/placements/{placement.id}/status",
        "waits": waits,
    }


def _waits(visit: Visit, placement: Placement) -> list[tuple[str, str, str]]:
    """What is to be done first, each with the page where it is and what that opens."""
    campaign, asset, waits = placement.campaign, placement.asset, []
    if asset.status == AssetStatus.DRAFT:
        said = _("Its asset is a draft: somebody other than its author approves it before it goes live.")
        waits.append((said, visit.address(f"/assets/{asset.id}"), _("Open the asset “%(name)s”", name=asset.name)))
    if campaign.status in (CampaignStatus.DRAFT, CampaignStatus.APPROVED):
        said = _("Its campaign is not live: that comes first.")
        opens = _("Open the campaign “%(name)s”", name=campaign.name)
        waits.append((said, visit.address(f"/campaigns/{campaign.id}"), opens))
    return waits


def take_step(visit: Visit, placement: Placement, sent: Form) -> None:
    """Bring it to the status that was asked for. Raises Invalid for what keeps it from that."""
    given = {"status": only(sent, "status")}
    if given["status"] == PlacementStatus.ENDED and placement.ends_on is None:
        given["ends_on"] = str(visit.today)
    merged = merge(PlacementIn, describe_placement(placement), given)
    replace_placement(visit.session, placement.id, merged, revision=None, now=visit.now)
