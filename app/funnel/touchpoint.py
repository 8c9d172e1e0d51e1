"""Touchpoints: that somebody met an ad, with the code or label that was observed, matched to no placement here."""

import enum
import uuid
from collections.abc import Sequence

from sqlalchemy import BigInteger, ColumnElement, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Micros, OfOrganisation
from app.funnel.application import of_placed


class TouchpointKind(enum.StrEnum):
    CLICK = "click"
    OPEN = "open"
    ATTENDANCE = "attendance"
    SELF_REPORT = "self_report"
    REFERRAL = "referral"
    ATS_SOURCE = "ats_source"


TRACKED_KINDS = frozenset({TouchpointKind.CLICK, TouchpointKind.OPEN})
"""What only exists where somebody is followed; recorded of single people in the mode *consented* alone."""


class Touchpoint(OfOrganisation, Base):
    __tablename__ = "touchpoint"
    __table_args__ = (Index("ix_touchpoint_person", "person_id"),)

    @classmethod
    def seen_from(cls, units: Sequence[uuid.UUID], above: Sequence[uuid.UUID]) -> ColumnElement[bool]:
        return cls.organisation_id.in_(units) | cls.person_id.in_(of_placed("person_id", units))

    id: Mapped[bytes] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[bytes | None]
    kind: Mapped[str] = mapped_column(String(12))
    occurred_at: Mapped[Micros] = mapped_column(BigInteger)
    sequence: Mapped[int]
    code: Mapped[str | None] = mapped_column(String(16))
    label: Mapped[str | None] = mapped_column(String(200))
    host: Mapped[str | None] = mapped_column(String(200))
    observed_at: Mapped[Micros] = mapped_column(BigInteger)
    origin: Mapped[int] = mapped_column(SmallInteger)
