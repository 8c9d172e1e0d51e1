"""The plan against what came: for each campaign its money, the stages it was meant to reach and those it reached, and
the sum that the expectation comes from."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.funnel.stage import Stage
from app.planning.aim import Reckoning
from app.planning.campaign import Campaign, CampaignKind, CampaignStatus
from app.planning.money import Money, show_money
from app.planning.placement import COSTS, Placement
from app.reports.answers import Answer, Cost, Data, Estimate, StageRow
from app.reports.costs import sum_costs
from app.reports.funnel import report_funnel
from app.reports.leads import Leads, SeenLead, count_leads, read_leads
from app.reports.plan import Plan, load_plan
from app.reports.reading import describe_scope
from app.reports.reckoning import NO_HISTORY, History, Reckoned, read_history, reckon
from app.reports.scope import Scope


class PlannedStage(Answer):
    """One stage: how many were expected, between which ends where that is reckoned by rates of the record, how many
    came, and those who may come yet. `came` is null where no system speaks of the stage."""

    stage: str
    expected: int | None
    expected_low: int | None
    expected_high: int | None
    came: int | None
    pending: int | None
    share: Estimate


class SpentBy(Answer):
    """What all placements cost together, by how well it is known."""

    basis: Literal["planned", "booked", "invoiced", "production"]
    amount: Money


class PlanRow(Answer):
    """One campaign, as it was meant and as it went."""

    campaign: uuid.UUID
    name: str
    kind: CampaignKind
    status: CampaignStatus
    starts_on: dt.date
    ends_on: dt.date | None
    placements: int
    budget: Money | None
    spent: list[SpentBy]
    costs: list[Cost]
    stages: list[PlannedStage]
    reckoned: Reckoned | None
    leads: Leads | None


class PlanAnswer(Answer):
    """All campaigns that are no templates, the latest first."""

    scope: dict[str, Any]
    data: Data
    campaigns: list[PlanRow]


def report_plan(session: Session, scope: Scope) -> PlanAnswer:
    """The plan against what came, of the scope's campaign or of all."""
    wanted = select(Campaign).where(Campaign.template.is_(False), Campaign.organisation_id == scope.organisation_id)
    if scope.filters.campaign is not None:
        wanted = wanted.where(Campaign.id == scope.filters.campaign)
    campaigns = session.scalars(wanted.order_by(Campaign.starts_on.desc(), Campaign.name, Campaign.id)).all()
    history = read_history(session, scope) if any(one.reckoning for one in campaigns) else NO_HISTORY
    plan = load_plan(session)
    leads = read_leads(session, scope, plan)
    return PlanAnswer(
        scope=describe_scope(scope),
        data=report_funnel(session, scope).data,
        campaigns=[_row(session, scope, campaign, history, plan, leads) for campaign in campaigns],
    )


def reckon_campaign(history: History, campaign: Campaign) -> Reckoned | None:
    """The sum behind a campaign's expectation, if it says how many hires are wanted."""
    if campaign.reckoning is None:
        return None
    return reckon(history, Reckoning.model_validate(campaign.reckoning))


def _row(
    session: Session, scope: Scope, campaign: Campaign, history: History, plan: Plan, leads: Sequence[SeenLead]
) -> PlanRow:
    found = report_funnel(session, replace(scope, filters=replace(scope.filters, campaign=campaign.id)))
    planned = [one for one in plan.placements if one.campaign_id == campaign.id]
    expected, reckoned = campaign.expected_funnel or {}, reckon_campaign(history, campaign)
    return PlanRow(
        campaign=campaign.id, name=campaign.name, kind=CampaignKind(campaign.kind),
        status=CampaignStatus(campaign.status), starts_on=campaign.starts_on, ends_on=campaign.ends_on,
        placements=len(planned), budget=show_money(campaign.budget_minor, campaign.currency),
        spent=_spent(session, campaign), costs=sum_costs([one.cost for one in planned]),
        stages=[_stage(row, expected.get(row.stage), reckoned) for row in found.stages],
        reckoned=reckoned,
        leads=count_leads(leads, campaign),
    )  # fmt: skip


def _stage(row: StageRow, expected: int | None, reckoned: Reckoned | None) -> PlannedStage:
    low, high = reckoned.range_of(row.stage, expected) if reckoned else (None, None)
    unheard = row.conversion_from_start.why == "not_recorded"
    first = row.stage == Stage.APPLIED.slug
    return PlannedStage(
        stage=row.stage, expected=expected, expected_low=low, expected_high=high,
        came=None if unheard and not first else row.reached,
        pending=None if unheard and not first else row.pending, share=row.conversion_from_start,
    )  # fmt: skip


def _spent(session: Session, campaign: Campaign) -> list[SpentBy]:
    """Each kind of cost added up, in each currency: which of them is best known is said of each placement elsewhere."""
    sums: dict[tuple[str, str], int] = {}
    for placement in session.scalars(select(Placement).where(Placement.campaign_id == campaign.id)):
        for cost in COSTS:
            if (minor := getattr(placement, f"{cost}_minor")) is not None and placement.currency:
                key = (cost.removesuffix("_cost"), placement.currency)
                sums[key] = sums.get(key, 0) + minor
    shown = ((basis, show_money(minor, currency)) for (basis, currency), minor in sums.items())
    return [SpentBy.model_validate({"basis": basis, "amount": amount}) for basis, amount in shown]
