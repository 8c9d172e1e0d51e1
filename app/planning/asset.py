"""An asset: one creative, in one format, that makes claims."""

import datetime as dt
import enum
import uuid

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, OfOrganisation
from app.planning.claim import Claim
from app.planning.row import PlanRow


class Format(enum.StrEnum):
    """What kind of creative it is: the question the first users asked is which of these moved doctors."""

    POSTER = "poster"
    VIDEO = "video"
    SOCIAL_AD = "social_ad"
    DISPLAY_AD = "display_ad"
    SEARCH_AD = "search_ad"
    NEWSLETTER = "newsletter"
    EVENT = "event"
    ARTICLE = "article"
    INTERVIEW = "interview"
    LANDING_PAGE = "landing_page"
    RADIO = "radio"
    PRINT = "print"
    JOB_AD = "job_ad"


class AssetStatus(enum.StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


class AssetClaim(OfOrganisation, Base):
    """That an asset makes a claim."""

    __tablename__ = "asset_claim"

    asset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("asset.id"), primary_key=True)
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claim.id"), primary_key=True, index=True)


class Asset(PlanRow, Base):
    __tablename__ = "asset"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    name: Mapped[str] = mapped_column(String(200))
    format: Mapped[Format] = mapped_column(String(20), index=True)
    variant_of_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("asset.id"))
    theme: Mapped[str | None] = mapped_column(String(80))
    languages: Mapped[list[str]]
    url: Mapped[str | None] = mapped_column(String(2000))
    alt_text: Mapped[dict[str, str]]
    shows_people: Mapped[bool] = mapped_column(default=False)
    consent_expires_on: Mapped[dt.date | None]
    status: Mapped[AssetStatus] = mapped_column(String(12), default=AssetStatus.DRAFT)
    claim_links: Mapped[list[AssetClaim]] = relationship(cascade="all, delete-orphan")
    claims: Mapped[list[Claim]] = relationship(secondary="asset_claim", viewonly=True, order_by=Claim.slug)
