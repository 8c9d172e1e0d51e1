"""A link by which people without an account read the calendar: of a while, for some of the plan, to be revoked."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.audit import audited
from app.access.secret import digest_of, new_secret
from app.database import Base, OfOrganisation, new_id
from app.errors import Missing, Problem
from app.i18n import _
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.field import COMPOSED, ONE_LINE, Given
from app.planning.problem import refuse
from app.planning.row import check_exists

DEFAULT_DAYS = 90
MOST_DAYS = 730
LONGEST_NAME = 120


class CalendarShare(OfOrganisation, Base):
    """Who has the secret reads what is planned, limited to a campaign or channel where one is named. Of the secret a
    digest is kept."""

    __tablename__ = "calendar_share"
    counts_as_data: ClassVar[bool] = False

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    campaign_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    channel_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"))
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]

    def opens(self, now: dt.datetime) -> bool:
        """Whether the link still leads to the calendar."""
        return self.revoked_at is None and now < self.expires_at


audited(CalendarShare)


class CalendarShareIn(Given):
    """A link to be made: for whom, for how long, and for which part of the plan."""

    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME), COMPOSED, ONE_LINE
    ] = Field(description="For whom it is, to know it again.", examples=["Agency"])
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = DEFAULT_DAYS
    campaign_id: uuid.UUID | None = None
    channel_id: uuid.UUID | None = None


def share_calendar(session: Session, given: CalendarShareIn, *, now: dt.datetime) -> tuple[CalendarShare, str]:
    """Make a link; its secret is handed out here and never again. Raises Invalid."""
    problems: list[Problem] = []
    for model, field in ((Campaign, "campaign_id"), (Channel, "channel_id")):
        if (key := getattr(given, field)) is not None:
            check_exists(session, model, key, field, problems)
    refuse(problems)
    secret = new_secret()
    share = CalendarShare(
        name=given.name, secret_digest=digest_of(secret), campaign_id=given.campaign_id, channel_id=given.channel_id,
        created_at=now, expires_at=now + dt.timedelta(days=given.days),
    )  # fmt: skip
    session.add(share)
    session.flush()
    return share, secret


def list_shares(session: Session, now: dt.datetime) -> Sequence[CalendarShare]:
    """The links that lead to the calendar now, the latest first."""
    alive = (CalendarShare.revoked_at.is_(None), CalendarShare.expires_at > now)
    return session.scalars(
        select(CalendarShare).where(*alive).order_by(CalendarShare.created_at.desc(), CalendarShare.id)
    ).all()


def revoke_share(session: Session, share_id: uuid.UUID, *, now: dt.datetime) -> None:
    """End a link at once and for good; ended twice, it keeps when it ended first. Raises Missing."""
    share = session.scalar(select(CalendarShare).where(CalendarShare.id == share_id))
    if share is None:
        raise Missing(_("There is no such link."))
    share.revoked_at = share.revoked_at or now


def find_share(session: Session, secret: str, now: dt.datetime) -> CalendarShare | None:
    """The link that this secret opens now. A session of nobody finds it whosever it is."""
    share = session.scalar(select(CalendarShare).where(CalendarShare.secret_digest == digest_of(secret)))
    return share if share is not None and share.opens(now) else None
