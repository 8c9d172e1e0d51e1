"""Placements whose days have come, and that nothing in their asset keeps back, brought live together."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.planning.asset import Asset, AssetStatus
from app.planning.campaign import Campaign, CampaignStatus
from app.planning.placement import Placement, PlacementIn, PlacementStatus, describe_placement
from app.planning.placing import replace_placement


def list_due_live(session: Session, campaign: Campaign, today: dt.date) -> Sequence[Placement]:
    """Those of a live campaign that should run today with an approved asset and are only planned, the first first."""
    if campaign.status != CampaignStatus.LIVE:
        return ()
    due = (
        select(Placement)
        .join(Asset, Asset.id == Placement.asset_id)
        .where(Placement.campaign_id == campaign.id, Placement.status == PlacementStatus.PLANNED,
               Asset.status == AssetStatus.APPROVED, Placement.starts_on <= today,
               or_(Placement.ends_on.is_(None), Placement.ends_on >= today))
        .order_by(Placement.starts_on, Placement.name)
    )  # fmt: skip
    return session.scalars(due).all()


def take_due_live(session: Session, campaign: Campaign, today: dt.date, now: dt.datetime) -> int:
    """How many went live: all that are due, or none. Raises Invalid for what keeps one of them back."""
    due = list_due_live(session, campaign, today)
    for placement in due:
        shown = describe_placement(placement).model_dump(mode="json", include=set(PlacementIn.model_fields))
        live = PlacementIn.model_validate(shown | {"status": PlacementStatus.LIVE})
        replace_placement(session, placement.id, live, revision=None, now=now)
    return len(due)
