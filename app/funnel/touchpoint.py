"""Touchpoints: that somebody met an ad, with the code or label that was observed, matched to no placement here."""

import enum

from sqlalchemy import BigInteger, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Micros
from app.funnel.application import ReadByUnits


class TouchpointKind(enum.StrEnum):
    CLICK = "click"
    OPEN = "open"
    ATTENDANCE = "attendance"
    SELF_REPORT = "self_report"
    REFERRAL = "referral"
    ATS_SOURCE = "ats_source"


TRACKED_KINDS = frozenset({TouchpointKind.CLICK, TouchpointKind.OPEN})
"""What only exists where somebody is followed; recorded of single people in the mode *consented* alone."""


class Touchpoint(ReadByUnits, Base):
    __tablename__ = "touchpoint"
    __table_args__ = (Index("ix_touchpoint_person", "person_id"),)
    read_along = ("person_id", "person_id")

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
