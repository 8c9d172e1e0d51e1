"""A documented persona: a group of doctors, what moves them, what worries them, and what answers that."""

import datetime as dt
import enum
import uuid
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, OfOrganisation, new_id
from app.planning.row import PlanRow


class FactorKind(enum.StrEnum):
    """Why this group would come, or what sets the employer apart."""

    ATTRACTION = "attraction"
    DIFFERENTIATOR = "differentiator"


class Persona(PlanRow, Base):
    """One version of a persona; a change of content is a new version, placements keep theirs."""

    __tablename__ = "persona"
    __table_args__ = (UniqueConstraint("organisation_id", "slug", "version"),)

    slug: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    specialty: Mapped[str] = mapped_column(String(40))
    career_stage: Mapped[str] = mapped_column(String(40))
    name: Mapped[dict[str, str]]
    summary: Mapped[dict[str, str]]
    situation: Mapped[dict[str, str]]
    tone: Mapped[dict[str, str]]
    avoid: Mapped[dict[str, str]]
    motivations: Mapped[list[dict[str, Any]]]
    worries: Mapped[list[dict[str, Any]]]
    questions: Mapped[list[dict[str, Any]]]
    channels: Mapped[list[dict[str, Any]]]
    evidence: Mapped[list[dict[str, Any]]]
    reviewed_on: Mapped[dt.date]
    factors: Mapped[list["Factor"]] = relationship(
        back_populates="persona", cascade="all, delete-orphan", order_by="Factor.position"
    )


class Factor(OfOrganisation, Base):
    """An attraction factor or a differentiator of one persona; its slug stays over versions."""

    __tablename__ = "factor"
    __table_args__ = (UniqueConstraint("persona_id", "slug"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    persona_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persona.id"), index=True)
    position: Mapped[int]
    slug: Mapped[str] = mapped_column(String(80))
    kind: Mapped[FactorKind] = mapped_column(String(20))
    statement: Mapped[dict[str, str]]
    proof: Mapped[dict[str, str]]
    persona: Mapped[Persona] = relationship(back_populates="factors")
