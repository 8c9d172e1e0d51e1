"""An urgent request: something of this week, in a few words, becomes a campaign with one asset in one placement."""

import datetime as dt
import uuid

from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import organisation_of
from app.planning.asset import AssetIn, Format, create_asset
from app.planning.campaign import CampaignIn, CampaignKind, create_campaign
from app.planning.field import Day, Given, Name, Place, Url
from app.planning.money import Money
from app.planning.placement import Placement, PlacementIn
from app.planning.placing import create_placement, name_by_rule
from app.planning.problem import read_as
from app.planning.row import begin_change

DAYS = 7


class UrgentIn(Given):
    """What is needed, where and for whom; without days it is the week from today on."""

    name: Name
    format: Format
    channel_id: uuid.UUID
    persona_id: uuid.UUID
    place: Place = ""
    target_url: Url
    starts_on: Day | None = None
    ends_on: Day | None = None
    planned_cost: Money | None = None


def plan_urgent(session: Session, given: UrgentIn, *, now: dt.datetime) -> Placement:
    """Plan it, whole or not at all: the asset is a draft in the organisation's language, to be filled in and approved
    before it goes out."""
    begin_change(session)
    organisation = get_organisation(session, organisation_of(session))
    starts_on = given.starts_on or now.astimezone(organisation.zone).date()
    ends_on = given.ends_on or starts_on + dt.timedelta(days=DAYS - 1)
    days = {"starts_on": starts_on, "ends_on": ends_on}
    campaign = create_campaign(
        session, read_as(CampaignIn, {"name": given.name, "kind": CampaignKind.BURST, **days}), now=now
    )
    languages = {"languages": [organisation.locale]}
    asset = create_asset(session, read_as(AssetIn, {"name": given.name, "format": given.format, **languages}), now=now)
    placed = read_as(
        PlacementIn,
        given.model_dump(exclude={"format", *days}) | days | {"campaign_id": campaign.id, "asset_id": asset.id},
    )
    named = placed.model_copy(update={"name": name_by_rule(session, placed)})
    return create_placement(session, named, now=now)
