"""Invitations: a link, good once and for a while, that lets whoever holds it into an organisation in a role."""

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.audit import audited
from app.access.membership import add_member
from app.access.secret import digest_of, new_secret
from app.access.token import Role, sees_by_default
from app.access.user import LONGEST_EMAIL, User, check_email, normalise_email
from app.database import Base, OfOrganisation, lock, new_id
from app.errors import Conflict, Invalid, Missing
from app.i18n import _

GOOD_FOR = dt.timedelta(days=7)
FIRST_GOOD_FOR = dt.timedelta(hours=1)


class Invitation(OfOrganisation, Base):
    """One invitation; the first administrator's names no address, for nobody is known yet."""

    __tablename__ = "invitation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str | None] = mapped_column(String(LONGEST_EMAIL))
    role: Mapped[Role] = mapped_column(String(20))
    sees_small_counts: Mapped[bool]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]

    def is_open(self, now: dt.datetime) -> bool:
        """Whether it can still be taken up."""
        return self.used_at is None and now < self.expires_at


audited(Invitation)


def invite(
    session: Session,
    email: str | None,
    role: Role,
    *,
    now: dt.datetime,
    by: uuid.UUID | None = None,
    good_for: dt.timedelta = GOOD_FOR,
    sees_small_counts: bool | None = None,
) -> str:
    """Invite somebody to the session's organisation and return the secret of the link; it cannot be shown again."""
    address = normalise_email(email) if email is not None else None
    if address is not None and (problems := check_email(address)):
        raise Invalid(problems)
    secret = new_secret()
    session.add(
        Invitation(
            email=address,
            role=role,
            sees_small_counts=sees_by_default(role) if sees_small_counts is None else sees_small_counts,
            digest=digest_of(secret),
            invited_by=by,
            created_at=now,
            expires_at=now + good_for,
        )
    )
    session.flush()
    return secret


def get_invitation(session: Session, secret: str, *, now: dt.datetime) -> Invitation:
    """The open invitation with this secret."""
    found = session.scalar(select(Invitation).where(Invitation.digest == digest_of(secret)))
    if found is None or not found.is_open(now):
        raise Missing(_("This invitation is unknown, used or expired; ask for a new one."))
    return found


def find_invitation_for(session: Session, email: str, *, now: dt.datetime) -> Invitation | None:
    """The newest open invitation to this address."""
    found = session.scalars(
        select(Invitation).where(Invitation.email == normalise_email(email)).order_by(Invitation.created_at.desc())
    )
    return next((one for one in found if one.is_open(now)), None)


def list_invitations(session: Session, *, now: dt.datetime) -> list[Invitation]:
    """The open invitations to the session's organisation, the newest first."""
    found = session.scalars(select(Invitation).order_by(Invitation.created_at.desc(), Invitation.id))
    return [one for one in found if one.is_open(now)]


def take_up(session: Session, invitation_id: uuid.UUID, user: User, *, now: dt.datetime) -> None:
    """Let the user in as the invitation says, and use it up; only the first of two at once gets in by it."""
    lock(session, f"invitation {invitation_id}")
    found = session.scalar(
        select(Invitation).where(Invitation.id == invitation_id).execution_options(populate_existing=True)
    )
    if found is None or not found.is_open(now):
        raise Missing(_("This invitation is unknown, used or expired; ask for a new one."))
    if found.email is not None and found.email != user.email:
        raise Conflict(_("This invitation is for %(email)s.", email=found.email))
    found.used_at = now
    add_member(session, user, Role(found.role), now=now, sees_small_counts=found.sees_small_counts)


def renew_invitation(
    session: Session, invitation_id: uuid.UUID, *, now: dt.datetime, by: uuid.UUID | None = None
) -> str:
    """Invite the same person anew in the same role and return the secret of the new link; the old one opens nothing
    any more."""
    found = session.scalar(select(Invitation).where(Invitation.id == invitation_id))
    if found is None or found.used_at is not None:
        raise Missing(_("This invitation is unknown, used or expired; ask for a new one."))
    secret = invite(session, found.email, found.role, now=now, by=by, sees_small_counts=found.sees_small_counts)
    session.delete(found)
    session.flush()
    return secret


def withdraw_invitation(session: Session, invitation_id: uuid.UUID) -> None:
    """Take an invitation back; its link opens nothing any more."""
    found = session.scalar(select(Invitation).where(Invitation.id == invitation_id))
    if found is not None:
        session.delete(found)
