"""A campaign: a concept with an objective, for a while (burst) or without an end (continuous)."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base
from app.planning.row import PlanRow


class CampaignKind(enum.StrEnum):
    BURST = "burst"
    CONTINUOUS = "continuous"


class CampaignStatus(enum.StrEnum):
    """The steps of a campaign, in their order."""

    DRAFT = "draft"
    APPROVED = "approved"
    LIVE = "live"
    ENDED = "ended"


class Campaign(PlanRow, Base):
    __tablename__ = "campaign"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[CampaignKind] = mapped_column(String(12))
    concept: Mapped[str] = mapped_column(String(2000), default="")
    objective: Mapped[str] = mapped_column(String(2000), default="")
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    budget_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    expected_funnel: Mapped[dict[str, Any] | None]
    status: Mapped[CampaignStatus] = mapped_column(String(12), default=CampaignStatus.DRAFT)
