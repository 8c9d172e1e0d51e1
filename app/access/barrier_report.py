"""What somebody told of a barrier they met: in their own words, until it has been seen to. Nobody need say who they
are, and nothing is kept that says it."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.organisation import Organisation
from app.database import Base, OfOrganisation, lock, new_id
from app.errors import Conflict, Denied, Invalid, Missing, Problem
from app.i18n import _

LONGEST_TEXT = 2000
LONGEST_PAGE = 200
MOST_WAITING = 200
"""So many wait for an organisation at most: a flood of them fills nothing."""


class BarrierReport(OfOrganisation, Base):
    """One report; `page` is where it was, as its writer put it."""

    __tablename__ = "barrier_report"
    counts_as_data: ClassVar[bool] = False

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    page: Mapped[str] = mapped_column(String(LONGEST_PAGE))
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    told_at: Mapped[dt.datetime]


def tell_barrier(session: Session, text: str, page: str, *, now: dt.datetime) -> None:
    """Keep what was told. Raises Invalid for a text that is none or too long, and Conflict when too many wait."""
    text, page = text.strip(), page.strip()[:LONGEST_PAGE]
    if not 0 < len(text) <= LONGEST_TEXT or "\x00" in text + page:
        raise Invalid([Problem("text", _("Say what was in the way, in 1 to %(most)s characters.", most=LONGEST_TEXT))])
    lock(session, "barrier reports")
    if count_barriers(session) >= MOST_WAITING:
        raise Conflict(_("So many reports wait to be read that no more can be kept; tell us another way, please."))
    session.add(BarrierReport(text=text, page=page, told_at=now))


def count_barriers(session: Session) -> int:
    """How many wait to be seen to."""
    return session.scalar(select(func.count()).select_from(BarrierReport)) or 0


def list_barriers(session: Session) -> Sequence[BarrierReport]:
    """All that wait, the oldest first."""
    return session.scalars(select(BarrierReport).order_by(BarrierReport.told_at, BarrierReport.id)).all()


def settle_barrier(session: Session, id: uuid.UUID) -> None:
    """Forget a report that has been seen to."""
    report = session.scalar(select(BarrierReport).where(BarrierReport.id == id))
    if report is None:
        raise Missing(_("This report is gone: somebody has seen to it already."))
    session.delete(report)


def get_only_employer(session: Session) -> uuid.UUID:
    """The organisation that is nobody's unit. Raises Denied where there are several: nobody can say whom a stranger
    means."""
    roots = session.scalars(select(Organisation.id).where(Organisation.parent_id.is_(None)).limit(2)).all()
    if len(roots) != 1:
        raise Denied(_("Several employers share this installation: sign in first, or tell yours another way."))
    return roots[0]
