"""The record of applications: rows computed from facts and the stage map, never written by hand."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, SmallInteger, String, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Micros, OfOrganisation


class ReadByUnits(OfOrganisation):
    """A row that is read by a unit, too, when it is of an application that is placed there: `read_along` names its
    column, and the column of the application that it is compared with."""

    read_along: ClassVar[tuple[str, str]]

    @classmethod
    def seen_from(cls, units: Sequence[uuid.UUID], _above: Sequence[uuid.UUID], /) -> ColumnElement[bool]:
        column, of_application = cls.read_along
        # Systems of strangers may have one name, so whose rows both are is compared as well.
        placed = select(_PLACED.c.organisation_id, _PLACED.c[of_application]).where(_PLACED.c.unit_id.in_(units))
        along: ColumnElement[bool] = tuple_(cls.organisation_id, getattr(cls, column)).in_(placed)
        return cls.organisation_id.in_(units) | along


class Application(OfOrganisation, Base):
    """One person's application to one job (or to none named), with its source as it was observed. It belongs to
    who owns the connection, and is read by the unit it is placed in as well."""

    __tablename__ = "application"
    __table_args__ = (Index("ix_application_applied", "organisation_id", "applied_at"),)

    id: Mapped[bytes] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[bytes | None] = mapped_column(index=True)
    job_id: Mapped[bytes | None]
    applied_at: Mapped[Micros] = mapped_column(BigInteger)
    time_quality: Mapped[int] = mapped_column(SmallInteger)
    code: Mapped[str | None] = mapped_column(String(16))
    label: Mapped[str | None] = mapped_column(String(200))
    host: Mapped[str | None] = mapped_column(String(200))
    utm: Mapped[dict[str, Any] | None]
    specialty: Mapped[str | None] = mapped_column(String(40))
    unit: Mapped[str | None] = mapped_column(String(200))
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    furthest: Mapped[int] = mapped_column(SmallInteger)
    current: Mapped[int] = mapped_column(SmallInteger)
    outcome: Mapped[str | None] = mapped_column(String(12))
    unmapped: Mapped[int]
    observed_at: Mapped[Micros] = mapped_column(BigInteger)
    origin: Mapped[int] = mapped_column(SmallInteger)

    @classmethod
    def seen_from(cls, units: Sequence[uuid.UUID], _above: Sequence[uuid.UUID], /) -> ColumnElement[bool]:
        return cls.organisation_id.in_(units) | cls.unit_id.in_(units)


_PLACED = Application.__table__.alias("placed")
Index(
    "ix_application_unit_id",
    Application.unit_id,
    sqlite_where=Application.unit_id.is_not(None),
    postgresql_where=Application.unit_id.is_not(None),
)


class StageChange(ReadByUnits, Base):
    """That an application entered a stage, and until when that counted (`undone_at`, for an undone hire)."""

    __tablename__ = "stage_change"
    read_along = ("application_id", "id")

    id: Mapped[bytes] = mapped_column(primary_key=True)
    application_id: Mapped[bytes] = mapped_column(ForeignKey("application.id"), index=True)
    stage: Mapped[int] = mapped_column(SmallInteger)
    stage_ref: Mapped[str | None] = mapped_column(String(80))
    occurred_at: Mapped[Micros] = mapped_column(BigInteger)
    time_quality: Mapped[int] = mapped_column(SmallInteger)
    undone_at: Mapped[Micros | None] = mapped_column(BigInteger)
    observed_at: Mapped[Micros] = mapped_column(BigInteger)
    origin: Mapped[int] = mapped_column(SmallInteger)


class Outcome(ReadByUnits, Base):
    """That an application went out, and until when (`undone_at`, when it was opened again)."""

    __tablename__ = "outcome"
    read_along = ("application_id", "id")

    id: Mapped[bytes] = mapped_column(primary_key=True)
    application_id: Mapped[bytes] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(80))
    occurred_at: Mapped[Micros] = mapped_column(BigInteger)
    time_quality: Mapped[int] = mapped_column(SmallInteger)
    undone_at: Mapped[Micros | None] = mapped_column(BigInteger)
    observed_at: Mapped[Micros] = mapped_column(BigInteger)
    origin: Mapped[int] = mapped_column(SmallInteger)


class ObservedJob(ReadByUnits, Base):
    """A job as a system names it; the title is the one stated last (`titled_at`)."""

    __tablename__ = "observed_job"
    read_along = ("id", "job_id")

    id: Mapped[bytes] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    titled_at: Mapped[Micros] = mapped_column(BigInteger)


class Lead(OfOrganisation, Base):
    """Somebody of the talent pool: a person without an application to a job."""

    __tablename__ = "lead"

    id: Mapped[bytes] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[bytes | None] = mapped_column(index=True)
    occurred_at: Mapped[Micros] = mapped_column(BigInteger)
    code: Mapped[str | None] = mapped_column(String(16))
    label: Mapped[str | None] = mapped_column(String(200))
    host: Mapped[str | None] = mapped_column(String(200))
    observed_at: Mapped[Micros] = mapped_column(BigInteger)
    origin: Mapped[int] = mapped_column(SmallInteger)


class SystemProgress(ReadByUnits, Base):
    """Up to when all that a system has to say has been read: the day at which the unfinished are censored."""

    __tablename__ = "system_progress"
    read_along = ("system", "system")

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    system: Mapped[str] = mapped_column(String(80), primary_key=True)
    through: Mapped[Micros] = mapped_column(BigInteger)
