"""Links for one account, good once and for an hour: to choose a new password, or to come in at the demo's start."""

import datetime as dt
import enum
import uuid

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.secret import digest_of, new_secret
from app.access.user import User
from app.database import Base, lock, new_id
from app.errors import Missing
from app.i18n import _

GOOD_FOR = dt.timedelta(hours=1)


class Purpose(enum.StrEnum):
    """What a link opens."""

    SIGN_IN = "sign_in"
    RESET = "reset"


class AccountLink(Base):
    """One link that has not been used yet."""

    __tablename__ = "account_link"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(String(12))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[dt.datetime]


def make_link(session: Session, user: User, purpose: Purpose, *, now: dt.datetime) -> str:
    """Make a link and return its secret; the user's earlier ones for the same purpose open nothing any more."""
    session.execute(delete(AccountLink).where(AccountLink.user_id == user.id, AccountLink.purpose == purpose))
    secret = new_secret()
    session.add(AccountLink(user_id=user.id, purpose=purpose, digest=digest_of(secret), expires_at=now + GOOD_FOR))
    session.flush()
    return secret


def get_linked_user(session: Session, secret: str, purpose: Purpose, *, now: dt.datetime) -> User:
    """Whose link this is; it stays good."""
    return session.get_one(User, _get_link(session, secret, purpose, now).user_id)


def use_link(session: Session, secret: str, purpose: Purpose, *, now: dt.datetime) -> User:
    """Whose link this is; it is used up by asking."""
    lock(session, f"link {digest_of(secret)}")
    found = _get_link(session, secret, purpose, now)
    user = session.get_one(User, found.user_id)
    session.delete(found)
    return user


def _get_link(session: Session, secret: str, purpose: Purpose, now: dt.datetime) -> AccountLink:
    found = session.scalar(
        select(AccountLink).where(AccountLink.digest == digest_of(secret), AccountLink.purpose == purpose)
    )
    if found is None or found.expires_at <= now:
        raise Missing(_("This link is unknown, used or expired; ask for a new one."))
    return found
