"""A channel: where assets are placed, how it is paid, and how long ahead it is booked."""

import enum

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base
from app.planning.row import PlanRow


class ChannelKind(enum.StrEnum):
    OUT_OF_HOME = "out_of_home"
    SOCIAL = "social"
    SEARCH = "search"
    DISPLAY = "display"
    VIDEO = "video"
    EMAIL = "email"
    EVENT = "event"
    REFERRAL = "referral"
    JOB_BOARD = "job_board"
    RADIO = "radio"
    PRINT = "print"
    OWN_SITE = "own_site"


class CostModel(enum.StrEnum):
    """What is paid for."""

    PER_CLICK = "per_click"
    PER_THOUSAND = "per_thousand"
    PER_PERIOD = "per_period"
    FIXED = "fixed"
    FREE = "free"


class Channel(PlanRow, Base):
    __tablename__ = "channel"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[ChannelKind] = mapped_column(String(20))
    cost_model: Mapped[CostModel] = mapped_column(String(20))
    lead_time_days: Mapped[int] = mapped_column(default=0)
    contact: Mapped[str] = mapped_column(String(500), default="")
