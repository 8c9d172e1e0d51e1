"""People who sign in. A user may belong to several organisations, so these rows belong to none."""

import datetime as dt
import uuid

from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.password import check_password, hash_password
from app.database import Base, lock, new_id
from app.errors import Conflict, Invalid, Missing, Problem
from app.i18n import _

LONGEST_EMAIL = 254
LONGEST_NAME = 120


class User(Base):
    """One person, known by the e-mail address; without a password they come in through a provider only."""

    __tablename__ = "user"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL), unique=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_last_step: Mapped[int | None]
    created_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime | None]


def normalise_email(given: str) -> str:
    """The one form in which an address is stored and looked up."""
    return given.strip().casefold()


def create_user(session: Session, email: str, name: str, password: str | None, *, now: dt.datetime) -> User:
    """Make a user; every rule that is broken is named at once."""
    address = normalise_email(email)
    problems = [*check_email(address), *_check_name(name)]
    if password is not None:
        problems += check_password(password, (address, name))
    if problems:
        raise Invalid(problems)
    lock(session, f"user {address}")
    if find_user(session, address) is not None:
        raise Conflict(_("%(email)s has an account already; sign in with it.", email=address))
    user = User(email=address, name=name.strip(), created_at=now)
    if password is not None:
        user.password_hash = hash_password(password)
    session.add(user)
    session.flush()
    return user


def find_user(session: Session, email: str) -> User | None:
    """The user with this address, if there is one."""
    return session.scalar(select(User).where(User.email == normalise_email(email)))


def get_user(session: Session, user_id: uuid.UUID) -> User:
    """The user with this key."""
    user = session.get(User, user_id)
    if user is None:
        raise Missing(_("There is no such account."))
    return user


def rename_user(user: User, name: str) -> None:
    """Let a user be called otherwise."""
    if problems := _check_name(name):
        raise Invalid(problems)
    user.name = name.strip()


def set_password(user: User, password: str) -> None:
    """Give a user another password; whoever calls ends the sessions that were opened with the old one."""
    if problems := check_password(password, (user.email, user.name)):
        raise Invalid(problems)
    user.password_hash = hash_password(password)


def check_email(address: str) -> list[Problem]:
    """What is wrong with an address, in the form that it would be stored in."""
    name, at, host = address.rpartition("@")
    readable = address.isprintable() and " " not in address and len(address) <= LONGEST_EMAIL
    if name and at and "." in host.strip(".") and readable:
        return []
    return [Problem("email", _("Give an e-mail address, such as name@example.org."))]


def _check_name(name: str) -> list[Problem]:
    if name.strip() and name.isprintable() and len(name) <= LONGEST_NAME:
        return []
    return [Problem("name", _("Give a name of 1 to %(n)s characters.", n=LONGEST_NAME))]
