"""A placement: an asset in a channel for a time, at a cost; it publishes a tracking code."""

import datetime as dt
import enum
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, fields

from pydantic import Field
from sqlalchemy import BigInteger, ForeignKey, String, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from app.database import Base
from app.errors import Conflict, Frozen, Problem
from app.i18n import _
from app.planning import tracking
from app.planning.asset import Asset, AssetStatus, Format
from app.planning.campaign import Campaign, CampaignStatus
from app.planning.channel import Channel, ChannelKind
from app.planning.field import Day, Given, Name, Note, Place, Shown, Url
from app.planning.listing import Stretch, Window, read_stretch
from app.planning.money import Money, check_one_currency, show_money, to_minor
from app.planning.persona import Persona
from app.planning.placement_rules import x
from app.planning.problem import refuse
from app.planning.row import (
    PlanRow,
    Revision,
    add_row,
    begin_change,
    check_exists,
    get_row,
    get_row_to_change,
    move_revision,
)


class PlacementStatus(enum.StrEnum):
    """The steps of a placement; from live on its link is frozen."""

    PLANNED = "planned"
    LIVE = "live"
    ENDED = "ended"


class Placement(PlanRow, Base):
    __tablename__ = "placement"

    name: Mapped[str] = mapped_column(String(200))
    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    asset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("asset.id"), index=True)
    channel_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("channel.id"), index=True)
    persona_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persona.id"), index=True)
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    place: Mapped[str] = mapped_column(String(200), default="")
    audience: Mapped[str] = mapped_column(String(500), default="")
    planned_cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    booked_cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    invoiced_cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    target_url: Mapped[str] = mapped_column(String(2000))
    tracking_code: Mapped[str] = mapped_column(String(16), unique=True)
    ats_source_ref: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[PlacementStatus] = mapped_column(String(12), default=PlacementStatus.PLANNED)
    campaign: Mapped[Campaign] = relationship()
    asset: Mapped[Asset] = relationship()
    channel: Mapped[Channel] = relationship()
    persona: Mapped[Persona] = relationship()



