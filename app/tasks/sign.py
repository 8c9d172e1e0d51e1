"""Signs of life: which processes do tasks, and when each was last heard of."""

import datetime as dt

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base

SILENT_AFTER = dt.timedelta(minutes=3)
FORGOTTEN_AFTER = dt.timedelta(days=1)


class WorkerSign(Base):
    """One process that does tasks."""

    __tablename__ = "worker_sign"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    started_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]


def give_sign(session: Session, name: str, *, now: dt.datetime) -> None:
    """Note that this worker is alive, and forget those that have long been silent."""
    session.execute(delete(WorkerSign).where(WorkerSign.seen_at < now - FORGOTTEN_AFTER))
    sign = session.get(WorkerSign, name)
    if sign is None:
        session.add(WorkerSign(name=name, started_at=now, seen_at=now))
    else:
        sign.seen_at = now


def take_sign_away(session: Session, name: str) -> None:
    """Note that this worker has ended as it should."""
    session.execute(delete(WorkerSign).where(WorkerSign.name == name))


def list_alive(session: Session, now: dt.datetime) -> list[WorkerSign]:
    """The workers that were heard of lately, by name."""
    heard = select(WorkerSign).where(WorkerSign.seen_at > now - SILENT_AFTER).order_by(WorkerSign.name)
    return list(session.scalars(heard))
