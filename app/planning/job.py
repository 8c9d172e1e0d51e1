"""A job: a vacancy to be filled, with what is wanted for it."""

import datetime as dt
import enum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base
from app.planning.row import PlanRow


class JobStatus(enum.StrEnum):
    OPEN = "open"
    FILLED = "filled"
    CLOSED = "closed"


class Job(PlanRow, Base):
    __tablename__ = "job"

    title: Mapped[str] = mapped_column(String(200))
    specialty: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(200), default="")
    openings: Mapped[int] = mapped_column(default=1)
    opens_on: Mapped[dt.date]
    closes_on: Mapped[dt.date | None]
    status: Mapped[JobStatus] = mapped_column(String(12), default=JobStatus.OPEN)
