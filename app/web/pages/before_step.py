"""Before a campaign goes live or ends: what of it is not in order, each with its remedy, and the button that takes the
step. Nothing here keeps anybody from it but what the plan itself refuses."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.i18n import _, ngettext, period
from app.planning.asset import Asset
from app.planning.campaign import Campaign, CampaignStatus, get_campaign
from app.planning.placement import Placement, PlacementStatus, is_linked_late
from app.planning.schedule import list_due
from app.reports.attention import placements_unapproved, planned_without_cost
from app.reports.check_words import PLANNERS
from app.reports.checks import Check, Found, Item
from app.web.checks import run_checks
from app.web.pages.approving import find_approvers
from app.web.pages.campaign_steps import asks_first, find_next
from app.web.pages.checks import Line, Section, found_section, make_section
from app.web.pages.door import go_to, read_id
from app.web.pages.late import late_words
from app.web.pages.leading import elsewhere_words, hosts_address
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
    placements = _placements(visit, campaign)
    still_open = [] if goes_live else list(_still_open(visit, campaign, placements))
    planned = _before_live(visit, campaign, placements) if goes_live else iter(())
    found = [*still_open, *planned, *_checks(visit, campaign, placements)]
    return {
        "title": _("Take “%(name)s” live?", name=campaign.name) if goes_live
        else _("End “%(name)s”?", name=campaign.name),
        "name": campaign.name,
        "finding": ngettext("%(n)s thing of this campaign is not in order:",
                            "%(n)s things of this campaign are not in order:", len(found))
        if found else _("Everything is in order."),
        "found": found,
        "lasting": _lasting(goes_live=goes_live),
        "status": status,
        "take": "" if still_open else _("Go live") if goes_live else _("End the campaign"),
        "status_at": visit.address(f"/campaigns/{campaign.id}/status"),
        "back": visit.address(f"/campaigns/{campaign.id}"),
    }  # fmt: skip


def _lasting(*, goes_live: bool) -> str:
    """What the step leaves behind it."""
    if goes_live:
        return _("This step cannot be taken back. Its placements can still be corrected afterwards; each is taken live "
                 "on its own day.")  # fmt: skip
    return _("This step cannot be taken back: nothing more goes live in a campaign that has ended. Costs that come "
             "late can still be entered, and the campaign can be copied.")  # fmt: skip


def _placements(visit: Visit, campaign: Campaign) -> Sequence[Placement]:
    return visit.session.scalars(
        select(Placement)
        .where(Placement.campaign_id == campaign.id)
        .options(joinedload(Placement.asset), joinedload(Placement.channel))
        .order_by(Placement.starts_on, Placement.name)
    ).all()


def _checks(visit: Visit, campaign: Campaign, placements: Sequence[Placement]) -> Iterator[Section]:
    """What the checks of the whole organisation find in this campaign, whether or not it is put aside there."""
    ours = {("placement", str(one.id)) for one in placements} | {("asset", str(one.asset_id)) for one in placements}

    def address(item: Item) -> str:
        is_placed = item.noun == "placement"
        return row_address(visit, campaign.id, item.key) if is_placed else visit.address(f"/assets/{item.key}")

    for standing in run_checks(visit.session, visit.organisation, visit.now):
        items = [one for one in standing.found.items if (one.noun, one.key) in ours]
        if standing.found.check is Check.RECEIVING and not visit.sees_small_counts:
            items = [replace(one, n=None, first=None, last=None) for one in items]
        if items:
            yield found_section(visit, Found(standing.found.check, tuple(items)), address)


def _still_open(visit: Visit, campaign: Campaign, placements: Sequence[Placement]) -> Iterator[Section]:
    """What the campaign cannot end before."""
    some = [one for one in placements if one.status != PlacementStatus.ENDED]
    if some:
        finding = ngettext("%(n)s placement has not ended", "%(n)s placements have not ended", len(some))
        remedy = _("End or delete them first: a campaign ends after its placements.")
        yield _section(visit, campaign, "open", (finding, remedy), [_line(visit, one) for one in some])


def _before_live(visit: Visit, campaign: Campaign, placements: Sequence[Placement]) -> Iterator[Section]:
    """What is to be seen to in the plan before its placements run."""
    if not placements:
        words = _("Nothing is placed in this campaign yet."), _("Plan its placements: until then nobody meets it.")
        yield _section(visit, campaign, "empty", words, [])
    yield from _leading_elsewhere(visit, campaign, placements)
    yield from _unapproved(visit, campaign)
    bare = planned_without_cost(visit.session, campaign.id)
    if bare:
        finding = ngettext("%(n)s placement has no cost yet", "%(n)s placements have no cost yet", len(bare))
        remedy = _("Enter what is planned or booked, so that it can be told later what an interview cost.")
        yield _section(visit, campaign, "cost", (finding, remedy), [_line(visit, one) for one in bare])
    yield from _late(visit, campaign, placements)


def _leading_elsewhere(visit: Visit, campaign: Campaign, placements: Sequence[Placement]) -> Iterator[Section]:
    lines = [_line(visit, one, said) for one in placements if (said := elsewhere_words(visit, one))]
    if lines:
        finding = ngettext("%(n)s link may not go live where it leads", "%(n)s links may not go live where they lead",
                           len(lines))  # fmt: skip
        remedy = _("Lead to a host of your own, or let an administrator name it.")
        hosts = hosts_address(visit)
        verb = (hosts, _("Name the hosts that links may lead to")) if hosts else None
        yield _section(visit, campaign, "links", (finding, remedy), lines, verb)


def _unapproved(visit: Visit, campaign: Campaign) -> Iterator[Section]:
    """Assets that nobody has approved, each once, and who may."""
    waiting = placements_unapproved(visit.session, visit.today)
    drafts: dict[Any, Asset] = {one.asset_id: one.asset for one in waiting if one.campaign_id == campaign.id}
    if not drafts:
        return
    me = str(visit.member.user_id)
    remedy = _("Look at it, and approve it.")
    if any(one.written_by == me for one in drafts.values()):
        remedy = _("You wrote it, so somebody else approves it.") + " " + find_approvers(visit, me).text
    finding = ngettext("%(n)s asset is not approved", "%(n)s assets are not approved", len(drafts))
    lines = [Line(one.name, "", visit.address(f"/assets/{one.id}")) for one in drafts.values()]
    yield _section(visit, campaign, "unapproved", (finding, remedy), lines, (visit.address("/assets"), _("Assets")))


def _late(visit: Visit, campaign: Campaign, placements: Sequence[Placement]) -> Iterator[Section]:
    """Bookings whose day is over, and flights that began before their link was there."""
    due = {one.flight.id for one in list_due(visit.session, visit.today, campaign=campaign.id) if one.late}
    unbooked = [_late_line(visit, one) for one in placements if one.id in due]
    if unbooked:
        finding = ngettext("%(n)s placement should have been booked by now",
                           "%(n)s placements should have been booked by now", len(unbooked))  # fmt: skip
        yield _section(visit, campaign, "booking", (finding, _("Book it today, or move its flight.")), unbooked)
    linked = [_late_line(visit, one) for one in placements if is_linked_late(one)]
    if linked:
        finding = ngettext("%(n)s placement began before it had a link",
                           "%(n)s placements began before they had a link", len(linked))  # fmt: skip
        remedy = _("Let it begin when its link was there, if nothing ran before.")
        yield _section(visit, campaign, "linked", (finding, remedy), linked)


def _section(
    visit: Visit, campaign: Campaign, name: str, words: tuple[str, str], lines: Sequence[Line],
    verb: tuple[str, str] | None = None,
) -> Section:  # fmt: skip
    """A finding of the plan; unless another page puts it right, its table does."""
    in_table = visit.address(f"/campaigns/{campaign.id}/placements"), _("Plan its placements in a table")
    return make_section(name, words, PLANNERS, verb or in_table, lines)


def _line(visit: Visit, placement: Placement, note: str = "") -> Line:
    said = note or period(placement.starts_on, placement.ends_on)
    return Line(placement.name, said, row_address(visit, placement.campaign_id, placement.id))


def _late_line(visit: Visit, placement: Placement) -> Line:
    return _line(visit, placement, " ".join(late_words(placement, visit.today)))
