"""Who belongs to which organisation, and in which role."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.audit import audited
from app.access.organisation import Organisation
from app.access.token import Role, sees_by_default
from app.access.user import User
from app.database import Base, OfOrganisation, lock, new_id, organisation_of
from app.errors import Conflict, Invalid, Missing, Problem
from app.i18n import _

PEOPLES_ROLES = (Role.VIEWER, Role.MARKETER, Role.CONSULTANT, Role.ADMINISTRATOR)
"""The roles that people may have; service is for machines."""


class Membership(OfOrganisation, Base):
    """One user in one organisation."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("organisation_id", "user_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[Role] = mapped_column(String(20))
    sees_small_counts: Mapped[bool]
    created_at: Mapped[dt.datetime]


audited(Membership)


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation that a user belongs to, the role there, and whether small counts are shown."""

    organisation_id: uuid.UUID
    organisation: str
    role: Role
    sees_small_counts: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the organisation that is looked at."""

    membership_id: uuid.UUID
    user_id: uuid.UUID
    name: str
    email: str
    role: Role
    sees_small_counts: bool
    second_step: bool
    last_seen_at: dt.datetime | None


def read_role(given: str) -> Role:
    """The role of this name, if people may have it."""
    if given not in set(PEOPLES_ROLES):
        raise Invalid([Problem("role", _("Choose one of %(known)s.", known=", ".join(PEOPLES_ROLES)))])
    return Role(given)


def list_places(session: Session, user_id: uuid.UUID) -> list[Place]:
    """Where a user belongs, by name; asked in a session that is open to all organisations."""
    found = session.execute(
        select(Organisation.id, Organisation.name, Membership.role, Membership.sees_small_counts)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.user_id == user_id)
        .order_by(Organisation.name)
    )
    return [Place(id, name, Role(role), sees) for id, name, role, sees in found]


def list_people(session: Session) -> list[Person]:
    """The members of the session's organisation, by name."""
    found = session.execute(select(Membership, User).join(User, User.id == Membership.user_id).order_by(User.name))
    return [
        Person(
            member.id, user.id, user.name, user.email, Role(member.role), member.sees_small_counts,
            user.totp_secret is not None, user.last_seen_at,
        )
        for member, user in found
    ]  # fmt: skip


def has_administrator(session: Session) -> bool:
    """Whether anybody may invite others to the session's organisation."""
    return session.scalar(select(Membership.id).where(Membership.role == Role.ADMINISTRATOR).limit(1)) is not None


def add_member(
    session: Session, user: User, role: Role, *, now: dt.datetime, sees_small_counts: bool | None = None
) -> Membership:
    """Let a user into the session's organisation; one who is in already gets the role and the right."""
    sees = sees_by_default(role) if sees_small_counts is None else sees_small_counts
    member = session.scalar(select(Membership).where(Membership.user_id == user.id))
    if member is None:
        member = Membership(user_id=user.id, role=role, sees_small_counts=sees, created_at=now)
        session.add(member)
    elif role != member.role:
        change_role(session, member.id, role, sees_small_counts=sees)
    session.flush()
    return member


def change_role(session: Session, membership_id: uuid.UUID, role: Role, *, sees_small_counts: bool) -> None:
    """Give a member another role and the right to see small counts, or take it; somebody must stay who can invite."""
    member = get_member(session, membership_id)
    if role is not Role.ADMINISTRATOR:
        _keep_an_administrator(session, member)
    member.role, member.sees_small_counts = role, sees_small_counts


def remove_member(session: Session, membership_id: uuid.UUID) -> None:
    """Take a member out of the session's organisation; what they did stays."""
    member = get_member(session, membership_id)
    _keep_an_administrator(session, member)
    session.delete(member)


def get_member(session: Session, membership_id: uuid.UUID) -> Membership:
    """A member of the session's organisation, held for a change."""
    # Two administrators who remove each other at the same moment must not both succeed.
    lock(session, f"members of {organisation_of(session)}")
    member = session.scalar(
        select(Membership).where(Membership.id == membership_id).execution_options(populate_existing=True)
    )
    if member is None:
        raise Missing(_("There is no such member."))
    return member


def _keep_an_administrator(session: Session, member: Membership) -> None:
    others = select(Membership.id).where(Membership.role == Role.ADMINISTRATOR, Membership.id != member.id)
    if member.role == Role.ADMINISTRATOR and session.scalar(others.limit(1)) is None:
        raise Conflict(_("This is the last administrator; make somebody else one first."))
