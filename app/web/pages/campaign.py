"""One campaign as something to read: what it is for, its verdict, what was expected and what came, its placements."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.funnel.stage import STAGES
from app.i18n import _, unbroken_period
from app.intake.made_source import list_sources
from app.planning.campaign import Campaign, CampaignKind, CampaignStatus, get_campaign, read_aim
from app.planning.money import Money, show_money, to_minor
from app.planning.placement import Placement
from app.reports.against_plan import reckon_campaign
from app.reports.answers import Data, Row, StageRow
from app.reports.cost_words import costs_words
from app.reports.funnel import report_funnel
from app.reports.leads import count_leads, leads_sentence, read_leads
from app.reports.listing import PartOfStage, StageCell
from app.reports.names import stage_name
from app.reports.plan import load_plan
from app.reports.reckoning import Reckoned
from app.reports.scope import By, Scope
from app.reports.wording import money_words, needed_words, share_words
from app.web.pages.ads import list_ads
from app.web.pages.before_step import lacks_view
from app.web.pages.campaign_steps import status_name, steps_view
from app.web.pages.counted import Counted, count_cell
from app.web.pages.files import file_links
from app.web.pages.funnel_shares import is_unheard
from app.web.pages.judgement import cost_words, judge, read_key
from app.web.pages.made_sources import sources_lines
from app.web.pages.print_kit import sheet_view
from app.web.pages.reckoned import history_for, reckoned_view
from app.web.pages.row_pages import why_address
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage: how many the campaign was meant to bring there, and how many came."""

    name: str
    expected: str
    came: Counted
    share: str


@router.get("/campaigns/{campaign_id}")
def campaign_page(request: Request, campaign_id: str) -> Response:
    """One campaign."""

    return answer(request, lambda visit: show_campaign(visit, campaign_id))


def show_campaign(visit: Visit, campaign_id: str, problems: Sequence[str] = ()) -> Response:
    """Its page; where a step was refused, with the reason."""
    campaign = get_campaign(visit.session, read_key(campaign_id, _("campaign")))
    view = campaign_view(visit, visit.question(), campaign) | {"problems": problems}
    return visit.page("campaign.html", view, 422 if problems else 200)


def campaign_view(visit: Visit, scope: Scope, campaign: Campaign) -> dict[str, Any]:
    """All that the page shows."""
    judgement, row = judge(visit, scope, By.CAMPAIGN, str(campaign.id))
    reckoned = reckon_campaign(history_for(visit, scope), campaign)
    return {
        "title": campaign.name,
        "kind": campaign_words(campaign),
        "objective": campaign.objective,
        "concept": campaign.concept,
        "judgement": judgement,
        "why": why_address(visit, By.CAMPAIGN, campaign.id) if row else "",
        "cost": spent_words(campaign, row),
        "stages": _stages(visit, scope, campaign, reckoned),
        "files": file_links(visit, f"/campaigns/{campaign.id}/expected"),
        "leads": leads_words(visit, scope, campaign),
        "is_pool": is_for_pool(campaign),
        "reckoned": reckoned_view(reckoned, show_money(campaign.budget_minor, campaign.currency)),
        **steps_view(visit, campaign),
        **lacks_view(visit, campaign),
        "sources": sources_lines(visit, list_sources(visit.session, campaign_id=campaign.id), str(campaign.id)),
        "ads": list_ads(visit, scope, Placement.campaign_id == campaign.id, f"/campaigns/{campaign.id}"),
        "print": sheet_view(visit, campaign),
        "is_empty": not campaign.template and not has_placements(visit, campaign),
        "plan": "" if campaign.template else visit.address(f"/campaigns/{campaign.id}/placements"),
        "costs": visit.address(f"/campaigns/{campaign.id}/costs"),
        "funnel": visit.address("/funnel", campaign=campaign.id, stage=visit.asked.get("stage")),
        "verdicts": visit.address("/verdicts", campaign=campaign.id, stage=visit.asked.get("stage")),
    }


def has_placements(visit: Visit, campaign: Campaign) -> bool:
    """Whether there is anything of it that could run."""
    placed = select(Placement.id).where(Placement.campaign_id == campaign.id).limit(1)
    return visit.session.scalar(placed) is not None


def campaign_words(campaign: Campaign) -> Sequence[str]:
    """`burst`, `1 February – 30 June`, `ended`."""
    kind = {CampaignKind.BURST: _("a burst"), CampaignKind.CONTINUOUS: _("continuous")}[campaign.kind]
    status = status_name(CampaignStatus(campaign.status))
    days = unbroken_period(campaign.starts_on, campaign.ends_on)
    return [_("template"), kind] if campaign.template else [kind, days, status]


def spent_words(campaign: Campaign, row: Row | None) -> str:
    """What its placements cost, so far and to come, of which budget, and by how much that is over it."""
    spent = cost_words(row)
    if row and row.costs_to_come:
        spent = _("%(spent)s so far and %(coming)s to come", spent=spent, coming=costs_words(row.costs_to_come))
    if campaign.budget_minor is None or campaign.currency is None:
        return _("%(spent)s, without a budget", spent=spent)
    said = _("%(spent)s of a budget of %(budget)s", spent=spent,
             budget=money_words(campaign.budget_minor, campaign.currency))  # fmt: skip
    over = _minor_in(campaign.currency, row) - campaign.budget_minor
    return (
        _("%(said)s: %(over)s more than that", said=said, over=money_words(over, campaign.currency))
        if over > 0
        else said
    )


def _minor_in(currency: str, row: Row | None) -> int:
    """All known costs in this currency, of what has begun and of what is to come."""
    costs = [*row.costs, *row.costs_to_come] if row else []
    return sum(to_minor(Money(amount=cost.amount, currency=currency)) for cost in costs if cost.currency == currency)


def leads_words(visit: Visit, scope: Scope, campaign: Campaign) -> str:
    """What came to the talent pool, for whoever may see how many."""
    if not visit.sees_small_counts or campaign.template:
        return ""
    found = count_leads(read_leads(visit.session, scope, load_plan(visit.session)), campaign)
    return leads_sentence(found) if found else ""


def is_for_pool(campaign: Campaign) -> bool:
    """Whether leads are all that it is to bring, so that its page speaks of them first."""
    aim = read_aim(campaign)
    return aim.talent_pool and not aim.jobs


def report_stages(visit: Visit, scope: Scope, campaign: Campaign) -> tuple[Data, list[StageRow]]:
    """Stages that some system speaks of, or that something was expected of, and from which data they are."""
    found = report_funnel(visit.session, replace(scope, filters=replace(scope.filters, campaign=campaign.id)))
    expected = campaign.expected_funnel or {}
    return found.data, [
        row for row in found.stages if row.stage in expected or (visit.sees_small_counts and not is_unheard(row))
    ]


def _stages(visit: Visit, scope: Scope, campaign: Campaign, reckoned: Reckoned | None) -> list[StageLine]:
    expected = campaign.expected_funnel or {}
    _data, heard = report_stages(visit, scope, campaign)
    return [_stage(visit, campaign, row, expected.get(row.stage), reckoned) for row in heard]


def _stage(
    visit: Visit, campaign: Campaign, row: StageRow, expected: int | None, reckoned: Reckoned | None
) -> StageLine:
    stage, unheard = STAGES[row.stage], is_unheard(row)
    ends = reckoned.range_of(row.stage, expected) if reckoned else (None, None)
    came = count_cell(visit, row.reached, StageCell(stage, PartOfStage.REACHED), campaign=str(campaign.id))
    return StageLine(
        stage_name(stage), needed_words(expected, *ends),
        Counted(_("not recorded"), None) if unheard else came,
        "" if unheard or not stage or not visit.sees_small_counts else share_words(row.conversion_from_start),
    )  # fmt: skip
