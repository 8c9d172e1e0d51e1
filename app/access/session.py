"""Sessions of people who are signed in: rows that can be seen and ended, known by a secret that only the browser
holds."""

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.membership import list_places
from app.access.secret import digest_of, new_secret
from app.access.user import User
from app.database import Base, new_id
from app.errors import Missing
from app.i18n import _

LASTS_AT_MOST = dt.timedelta(days=14)
LASTS_IDLE = dt.timedelta(hours=12)
LASTS_HALFWAY = dt.timedelta(minutes=10)
NOTED_EVERY = dt.timedelta(minutes=5)
"""A session that was seen so lately is not noted again, so that reading pages seldom writes."""
LONGEST_BROWSER = 60


class UserSession(Base):
    """One browser that somebody is signed in with; `halfway` while the second step is still to come."""

    __tablename__ = "session"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    chosen_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    halfway: Mapped[bool]
    browser: Mapped[str] = mapped_column(String(LONGEST_BROWSER))
    created_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]

    def is_open(self, now: dt.datetime) -> bool:
        """Whether it still lets its holder in."""
        return now < self.expires_at and now < self.last_seen_at + LASTS_IDLE


def start_session(session: Session, user: User, *, browser: str, now: dt.datetime, halfway: bool = False) -> str:
    """Sign somebody in, in their first organisation, and return the secret for their browser."""
    session.execute(delete(UserSession).where(UserSession.user_id == user.id, UserSession.expires_at <= now))
    places = list_places(session, user.id)
    secret = new_secret()
    session.add(
        UserSession(
            digest=digest_of(secret),
            user_id=user.id,
            chosen_id=places[0].organisation_id if places else None,
            halfway=halfway,
            browser=browser[:LONGEST_BROWSER],
            created_at=now,
            last_seen_at=now,
            expires_at=now + (LASTS_HALFWAY if halfway else LASTS_AT_MOST),
        )
    )
    if not halfway:
        user.last_seen_at = now
    session.flush()
    return secret


def find_session(session: Session, secret: str, *, now: dt.datetime) -> UserSession | None:
    """The open session with this secret."""
    found = session.scalar(select(UserSession).where(UserSession.digest == digest_of(secret)))
    return found if found is not None and found.is_open(now) else None


def note_seen(session: Session, session_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Note that the session and its user were here."""
    found = session.get(UserSession, session_id)
    if found is not None:
        found.last_seen_at = now
        session.get_one(User, found.user_id).last_seen_at = now


def list_sessions(session: Session, user_id: uuid.UUID, *, now: dt.datetime) -> list[UserSession]:
    """Where a user is signed in, the latest first."""
    found = session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.halfway.is_(False))
        .order_by(UserSession.last_seen_at.desc(), UserSession.id)
    )
    return [one for one in found if one.is_open(now)]


def choose_place(session: Session, session_id: uuid.UUID, organisation_id: uuid.UUID) -> None:
    """Look at another organisation from now on; asked in a session that is open to all of them."""
    found = session.get_one(UserSession, session_id)
    if organisation_id not in {place.organisation_id for place in list_places(session, found.user_id)}:
        raise Missing(_("There is no such organisation."))
    found.chosen_id = organisation_id


def end_session(session: Session, user_id: uuid.UUID, session_id: uuid.UUID) -> None:
    """Sign a user out of one browser; a session of somebody else is left alone."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.id == session_id))


def end_sessions(session: Session, user_id: uuid.UUID, *, but: uuid.UUID | None = None) -> None:
    """Sign a user out everywhere, or everywhere else."""
    ending = delete(UserSession).where(UserSession.user_id == user_id)
    session.execute(ending if but is None else ending.where(UserSession.id != but))
