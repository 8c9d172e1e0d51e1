"""What needs a person, found by plain questions to the plan and the record."""

import datetime as dt
import uuid

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, contains_eager

from app.funnel.stage import StageMapping
from app.planning.asset import Asset, AssetStatus
from app.planning.channel import Channel, CostModel
from app.planning.persona import Persona, newest_personas
from app.planning.placement import Placement, PlacementStatus
from app.reports.spending import load_flights, load_spending

REVIEW_AFTER = dt.timedelta(days=365)
APPROVED_AHEAD = dt.timedelta(days=7)
"""How long before it starts an ad is to be approved at the latest, where its channel needs no longer."""


def placements_without_cost(session: Session) -> list[Placement]:
    """Placements that have run, in channels that cost money, of which no amount is known at all."""
    return _without_cost(session, Placement.status != PlacementStatus.PLANNED)


def planned_without_cost(session: Session, campaign_id: uuid.UUID) -> list[Placement]:
    """The same of what a campaign has yet to run."""
    return _without_cost(session, Placement.status == PlacementStatus.PLANNED, Placement.campaign_id == campaign_id)


def _without_cost(session: Session, *which: ColumnElement[bool]) -> list[Placement]:
    costs = (Placement.invoiced_cost_minor, Placement.booked_cost_minor, Placement.planned_cost_minor)
    bare = list(
        session.scalars(
            select(Placement)
            .join(Channel, Channel.id == Placement.channel_id)
            .where(*which, Channel.cost_model != CostModel.FREE, *(cost.is_(None) for cost in costs))
            .order_by(Placement.starts_on.desc(), Placement.name)
        )
    )
    spending = load_spending(session, load_flights(session)) if bare else {}
    return [one for one in bare if one.id not in spending or not spending[one.id].spend]


def unmapped_stages(session: Session) -> list[StageMapping]:
    """Stages of connected systems of which nobody has said what they mean."""
    rows = select(StageMapping).where(StageMapping.stage.is_(None)).order_by(StageMapping.system, StageMapping.name)
    return [row for row in session.scalars(rows) if row.waits]


def personas_to_review(session: Session, today: dt.date) -> list[Persona]:
    """The newest version of each persona that was last reviewed more than a year ago, the oldest first."""
    old = [one for one in newest_personas(session) if one.reviewed_on < today - REVIEW_AFTER]
    return sorted(old, key=lambda one: one.reviewed_on)


def placements_unapproved(session: Session, today: dt.date) -> list[Placement]:
    """Planned placements that are not over and whose asset nobody has approved yet, the first to start first."""
    rows = (
        select(Placement)
        .join(Placement.asset)
        .join(Placement.channel)
        .options(contains_eager(Placement.asset), contains_eager(Placement.channel))
        .where(
            Placement.status == PlacementStatus.PLANNED,
            Asset.status == AssetStatus.DRAFT,
            or_(Placement.ends_on.is_(None), Placement.ends_on >= today),
        )
        .order_by(Placement.starts_on, Placement.name)
    )
    return list(session.scalars(rows))


def must_be_approved(placement: Placement, today: dt.date) -> bool:
    """Whether it starts within its channel's lead time, or within a week: its ad can wait no longer."""
    lead = max(dt.timedelta(days=placement.channel.lead_time_days), APPROVED_AHEAD)
    return placement.starts_on - lead <= today
