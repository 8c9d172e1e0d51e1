"""A first campaign from nothing: a pattern becomes a campaign whose channels, claim, assets and placements are planned
for one persona and one of its reasons to come. All of it can be changed; nothing of it has a cost yet."""

import datetime as dt
import enum
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import organisation_of
from app.errors import Invalid, Problem
from app.i18n import _, pick, speaking
from app.planning.asset import Asset, AssetIn, Format, create_asset
from app.planning.campaign import Campaign, CampaignIn, CampaignKind, create_campaign
from app.planning.channel import Channel, ChannelIn, ChannelKind, CostModel, create_channel
from app.planning.claim import Claim, ClaimIn, create_claim
from app.planning.field import Day, Given, Name, Slug, Url
from app.planning.persona import Factor, Persona
from app.planning.placement import Placement, PlacementIn
from app.planning.placing import create_placement, name_by_rule
from app.planning.problem import read_as
from app.planning.row import begin_change, get_row


class Pattern(enum.StrEnum):
    """What a first campaign is made of."""

    BROAD = "broad"
    EVERYDAY = "everyday"
    EVENINGS = "evenings"


@dataclass(frozen=True, slots=True)
class Piece:
    """One ad of a pattern: its format, and the channel it runs in."""

    format: Format
    kind: ChannelKind
    cost_model: CostModel
    asset: Callable[[], str]
    channel: Callable[[], str]


POSTER = Piece(Format.POSTER, ChannelKind.OUT_OF_HOME, CostModel.PER_PERIOD, lambda: _("poster"), lambda: _("Stops"))
VIDEO = Piece(Format.VIDEO, ChannelKind.VIDEO, CostModel.PER_THOUSAND, lambda: _("video"), lambda: _("Video"))
SOCIAL = Piece(Format.SOCIAL_AD, ChannelKind.SOCIAL, CostModel.PER_CLICK, lambda: _("social ad"),
               lambda: _("Social media"))  # fmt: skip
LETTER = Piece(Format.NEWSLETTER, ChannelKind.EMAIL, CostModel.FREE, lambda: _("newsletter"), lambda: _("Newsletters"))
EVENING = Piece(Format.EVENT, ChannelKind.EVENT, CostModel.FIXED, lambda: _("virtual evening"), lambda: _("Events"))
INTERVIEW = Piece(Format.INTERVIEW, ChannelKind.OWN_SITE, CostModel.FREE, lambda: _("interview"), lambda: _("Own site"))
SEARCH = Piece(Format.SEARCH_AD, ChannelKind.SEARCH, CostModel.PER_CLICK, lambda: _("search ad"), lambda: _("Search"))

PIECES = {
    Pattern.BROAD: (POSTER, VIDEO, SOCIAL, LETTER, EVENING, INTERVIEW),
    Pattern.EVERYDAY: (SOCIAL, SEARCH, LETTER, INTERVIEW),
    Pattern.EVENINGS: (EVENING, LETTER, SOCIAL),
}
"""What each pattern is made of; the one for every day has no end."""


class StartIn(Given):
    """A pattern, for whom and with which promise, from when and for how long, and where its links lead."""

    pattern: Pattern
    name: Name
    persona_id: uuid.UUID
    factor: Slug = Field(description="The slug of one of the persona's reasons to come, which the ads promise.")
    starts_on: Day
    weeks: Annotated[int, Field(ge=1, le=104)] = 8
    target_url: Url


def start_campaign(session: Session, given: StartIn, *, now: dt.datetime) -> Campaign:
    """Plan a campaign by a pattern, whole or not at all, in the organisation's language."""
    begin_change(session)
    persona = get_row(session, Persona, given.persona_id)
    factor = _factor_of(persona, given.factor)
    locale = get_organisation(session, organisation_of(session)).locale
    with speaking(locale):
        campaign = create_campaign(session, _campaign(given, persona), now=now)
        claim = _claim_of(session, factor, now)
        for piece in PIECES[given.pattern]:
            asset = _make_asset(session, campaign, piece, claim, locale, now)
            _place(session, given, campaign, asset, _channel_of(session, piece, now), now)
    return campaign


def _factor_of(persona: Persona, slug: str) -> Factor:
    found = [one for one in persona.factors if one.slug == slug]
    if not found:
        name = pick(persona.name)
        raise Invalid([Problem("factor", _("“%(persona)s” has no such reason; choose one of its own.", persona=name))])
    return found[0]


def _campaign(given: StartIn, persona: Persona) -> CampaignIn:
    everyday = given.pattern is Pattern.EVERYDAY
    return read_as(
        CampaignIn,
        {
            "name": given.name,
            "kind": CampaignKind.CONTINUOUS if everyday else CampaignKind.BURST,
            "starts_on": given.starts_on,
            "ends_on": None if everyday else given.starts_on + dt.timedelta(weeks=given.weeks, days=-1),
            "aim": {"personas": [persona.slug]},
        },
    )


def _claim_of(session: Session, factor: Factor, now: dt.datetime) -> Claim:
    """The claim that carries the factor; if there is none, one that says it in the factor's own words."""
    found = session.scalars(select(Claim).where(Claim.factor == factor.slug).order_by(Claim.slug)).first()
    return found or create_claim(
        session, read_as(ClaimIn, {"slug": factor.slug, "factor": factor.slug, "text": factor.statement}), now=now
    )


def _channel_of(session: Session, piece: Piece, now: dt.datetime) -> Channel:
    """The first channel of the kind, or a new one."""
    found = session.scalars(select(Channel).where(Channel.kind == piece.kind).order_by(Channel.name)).first()
    given = {"name": piece.channel(), "kind": piece.kind, "cost_model": piece.cost_model}
    return found or create_channel(session, read_as(ChannelIn, given), now=now)


def _make_asset(
    session: Session, campaign: Campaign, piece: Piece, claim: Claim, locale: str, now: dt.datetime
) -> Asset:
    name = _("%(campaign)s: %(asset)s", campaign=campaign.name[:150], asset=piece.asset())
    given = {"name": name, "format": piece.format, "languages": [locale], "claim_ids": [claim.id]}
    return create_asset(session, read_as(AssetIn, given), now=now)


def _place(
    session: Session, given: StartIn, campaign: Campaign, asset: Asset, channel: Channel, now: dt.datetime
) -> Placement:
    placed = read_as(
        PlacementIn,
        {
            "name": asset.name, "campaign_id": campaign.id, "asset_id": asset.id, "channel_id": channel.id,
            "persona_id": given.persona_id, "starts_on": campaign.starts_on, "ends_on": campaign.ends_on,
            "target_url": given.target_url,
        },
    )  # fmt: skip
    return create_placement(session, placed.model_copy(update={"name": name_by_rule(session, placed)}), now=now)


def pieces_of(pattern: Pattern) -> Sequence[str]:
    """What a pattern is made of, in words."""
    return [piece.asset() for piece in PIECES[pattern]]
