"""What a placement must agree with beside itself: no asset is twice in one place at one time, and all that a campaign
costs is in one currency, so that it can be added up."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import organisation_of
from app.errors import Problem
from app.i18n import _, period
from app.planning.campaign import Campaign
from app.planning.money import currency_of
from app.planning.placement import COSTS, Placement, PlacementIn
from app.planning.public_holidays import find_country

SPOT = ("asset_id", "channel_id", "place", "audience")
"""What tells two placements of one time apart: of one asset, shown in one place to one audience, there is one."""
FLIGHT = ("starts_on", "ends_on")


@dataclass(frozen=True, slots=True)
class Overlap(Problem):
    """The same asset runs in the same place to the same audience on some of these days."""


def check_neighbours(
    session: Session, given: PlacementIn, campaign: Campaign | None, before: Placement | None
) -> Iterator[Problem]:
    """What is given stands beside the other placements. What a change leaves as it was is not held against it."""
    backwards = given.ends_on is not None and given.ends_on < given.starts_on
    if not backwards and (
        before is None or any(getattr(given, field) != getattr(before, field) for field in (*SPOT, *FLIGHT))
    ):
        yield from _check_overlap(session, given, before)
    if campaign is not None:
        yield from _check_currency(session, given, campaign, before)


def find_currency(session: Session, campaign: Campaign, without: uuid.UUID | None = None) -> str | None:
    """The currency that a campaign's money is in: its budget's, else that of its placements, without one of them."""
    if campaign.currency is not None:
        return campaign.currency
    placed = select(Placement.currency).where(Placement.campaign_id == campaign.id, Placement.currency.is_not(None))
    if without is not None:
        placed = placed.where(Placement.id != without)
    return session.scalar(placed.order_by(Placement.created_at, Placement.id).limit(1))


def get_currency(session: Session, campaign: Campaign | None = None) -> str:
    """The currency of an amount that says none: that of the campaign's money, else that of the organisation's
    country."""
    found = find_currency(session, campaign) if campaign is not None else None
    return found or currency_of(find_country(get_organisation(session, organisation_of(session)).time_zone))


def _check_overlap(session: Session, given: PlacementIn, before: Placement | None) -> Iterator[Problem]:
    there = select(Placement).where(
        *(getattr(Placement, field) == getattr(given, field) for field in SPOT),
        or_(Placement.ends_on.is_(None), Placement.ends_on >= given.starts_on),
    )
    if given.ends_on is not None:
        there = there.where(Placement.starts_on <= given.ends_on)
    if before is not None:
        there = there.where(Placement.id != before.id)
    other = session.scalar(there.order_by(Placement.starts_on, Placement.id).limit(1))
    if other is not None:
        yield Overlap(
            "starts_on",
            _(
                "“%(name)s” is the same asset in the same channel and place, and runs %(days)s; move its days, or "
                "say another place or audience.",
                name=other.name,
                days=period(other.starts_on, other.ends_on),
            ),
            rests_on=(*SPOT, *FLIGHT),
        )


def _check_currency(
    session: Session, given: PlacementIn, campaign: Campaign, before: Placement | None
) -> Iterator[Problem]:
    stated = ((cost, getattr(given, cost)) for cost in COSTS)
    field, money = next(((cost, money) for cost, money in stated if money is not None), ("", None))
    if money is None or (before is not None and before.currency == money.currency):
        return
    currency = find_currency(session, campaign, None if before is None else before.id)
    if currency not in (None, money.currency):
        yield Problem(
            f"{field}.currency",
            _("The campaign's money is in %(first)s, and this is in %(this)s; give it in %(first)s.",
              first=currency, this=money.currency),
            rests_on=("campaign_id",),
        )  # fmt: skip
