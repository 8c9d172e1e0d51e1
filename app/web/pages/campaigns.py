"""All campaigns, those that run first, and the short form for what is needed this week."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import func, select

from app.access.organisation import list_link_hosts
from app.i18n import _, ngettext, pick
from app.planning.agreeing import check_target
from app.planning.asset import Format
from app.planning.campaign import Campaign, CampaignStatus
from app.planning.channel import Channel
from app.planning.lines import read_cost
from app.planning.neighbours import get_currency
from app.planning.persona import newest_personas
from app.planning.placement import Placement
from app.planning.problem import read_as, refuse
from app.planning.urgent import DAYS, UrgentIn, plan_urgent
from app.reports.names import format_name
from app.reports.wording import money_words
from app.web.pages.administering import Form, only
from app.web.pages.campaign import campaign_words
from app.web.pages.door import go_to
from app.web.pages.form_texts import complete_address
from app.web.pages.leading import hosts_address
from app.web.pages.placement_link import PLANNERS
from app.web.pages.units import Sent
from app.web.pages.visit import Visit, answer, change, mark_fields

router = APIRouter(include_in_schema=False)

ORDER = (CampaignStatus.LIVE, CampaignStatus.APPROVED, CampaignStatus.DRAFT, CampaignStatus.ENDED)
URGENT = ("name", "format", "channel_id", "persona_id", "place", "target_url", "starts_on", "ends_on", "planned_cost")


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign as the list shows it."""

    name: str
    address: str
    words: Sequence[str]
    budget: str
    placements: str
    plan: str


@router.get("/campaigns")
def campaigns(request: Request) -> Response:
    """The list."""
    return answer(request, lambda visit: visit.page("campaigns.html", campaigns_view(visit)))


@router.get("/campaigns/urgent")
def urgent(request: Request) -> Response:
    """The short form."""
    return answer(request, _urgent_page)


@router.post("/campaigns/urgent")
def plan(request: Request, sent: Sent) -> Response:
    """Plan what is needed this week, and show its placement with the link."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        given = read_urgent(visit, sent)
        if list_link_hosts(visit.session, visit.organisation.id):
            refuse(check_target(visit.session, given.target_url))
        placement = plan_urgent(visit.session, given, now=visit.now)
        return go_to(visit.address(f"/placements/{placement.id}"))

    return change(request, do, lambda visit, problems: _urgent_page(visit, problems, sent))


def campaigns_view(visit: Visit) -> dict[str, Any]:
    """All that the page shows; templates, shared ones among them, apart."""
    found = visit.session.scalars(select(Campaign).order_by(Campaign.starts_on.desc(), Campaign.name)).all()
    counted = select(Placement.campaign_id, func.count()).group_by(Placement.campaign_id)
    placed = {campaign: n for campaign, n in visit.session.execute(counted)}  # noqa: C416 (rows are no plain pairs)
    lines = [_line(visit, one, placed.get(one.id, 0)) for one in sorted(found, key=_rank) if not one.template]
    return {
        "title": _("Campaigns"),
        "finding": _finding(found, visit.today),
        "campaigns": lines,
        "templates": [_line(visit, one, 0) for one in found if one.template],
        "may_plan": visit.member.place.role in PLANNERS,
        "new": visit.address("/campaigns/new"),
        "urgent": visit.address("/campaigns/urgent"),
    }


def _rank(campaign: Campaign) -> int:
    return ORDER.index(CampaignStatus(campaign.status))


def _finding(found: Sequence[Campaign], today: dt.date) -> str:
    own = [one for one in found if not one.template]
    if not own:
        return _("No campaign is planned yet.")
    live = sum(one.status == CampaignStatus.LIVE and one.starts_on <= today for one in own)
    runs = ngettext("%(n)s of them runs now.", "%(n)s of them run now.", live) if live else _("None of them runs now.")
    return ngettext("%(n)s campaign.", "%(n)s campaigns.", len(own)) + f" {runs}"


def _line(visit: Visit, campaign: Campaign, placements: int) -> CampaignLine:
    budget = campaign.budget_minor
    return CampaignLine(
        campaign.name,
        visit.address(f"/campaigns/{campaign.id}"),
        campaign_words(campaign),
        _("budget %(amount)s", amount=money_words(budget, campaign.currency))
        if budget is not None and campaign.currency
        else _("without a budget"),
        ngettext("%(n)s placement in all", "%(n)s placements in all", placements) if placements else _("no placement"),
        visit.address(f"/campaigns/{campaign.id}/placements"),
    )


def read_urgent(visit: Visit, sent: Form) -> UrgentIn:
    """What the short form says. Raises Invalid."""
    given: dict[str, Any] = {name: only(sent, name) or None for name in URGENT}
    given["target_url"] = complete_address(only(sent, "target_url"))
    if given["planned_cost"]:
        given["planned_cost"] = read_cost("planned_cost", given["planned_cost"], get_currency(visit.session))
    return read_as(UrgentIn, {name: value for name, value in given.items() if value})


def _hosts_say(visit: Visit) -> str:
    """Where a link may lead that goes out."""
    hosts = list_link_hosts(visit.session, visit.organisation.id)
    if not hosts:
        return _("It goes live once an administrator has named the host that it leads to.")
    return _("On one of your own hosts: %(hosts)s.", hosts=", ".join(hosts))


def _urgent_page(visit: Visit, problems: Sequence[str] = (), sent: Form | None = None) -> Response:
    visit.require(PLANNERS)
    given = {name: only(sent or {}, name) for name in URGENT}
    if not sent:
        last = visit.today + dt.timedelta(days=DAYS - 1)
        given |= {"starts_on": str(visit.today), "ends_on": str(last), "format": Format.SOCIAL_AD}
    channels = visit.session.execute(select(Channel.id, Channel.name).order_by(Channel.name)).all()
    view = {
        "title": _("Needed this week"),
        "problems": problems,
        "wrong": mark_fields(problems, URGENT),
        "theirs": dict.fromkeys(URGENT, ""),
        "texts": given,
        "formats": [(one.value, format_name(one)) for one in Format],
        "channels": [(str(id), name) for id, name in channels],
        "personas": [(str(one.id), pick(one.name)) for one in newest_personas(visit.session)],
        "currency": get_currency(visit.session),
        "says_hosts": _hosts_say(visit),
        "hosts": hosts_address(visit),
        "action": visit.address("/campaigns/urgent"),
    }
    return visit.page("urgent.html", view, 422 if problems else 200)
