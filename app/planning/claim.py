"""A claim: the promise an asset makes; it carries one factor."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base
from app.planning.row import PlanRow


class Claim(PlanRow, Base):
    """A promise in words, per language; `factor` is the slug of the factor that it carries."""

    __tablename__ = "claim"
    __table_args__ = (UniqueConstraint("organisation_id", "slug"),)

    slug: Mapped[str] = mapped_column(String(80))
    factor: Mapped[str] = mapped_column(String(80), index=True)
    text: Mapped[dict[str, str]]
