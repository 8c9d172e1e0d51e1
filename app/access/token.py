"""API tokens: how another system proves who it is. Only a digest of a token is kept."""

import datetime as dt
import enum
import hashlib
import secrets
import uuid

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, OfOrganisation, new_id
from app.errors import Denied, Invalid, Problem
from app.i18n import _

PREFIX = "kutsu_"
SHOWN_CHARACTERS = 12
LONGEST_SYSTEM = 60


class Role(enum.StrEnum):
    """What a person or a machine may do; each role may do what those before it may, service apart."""

    VIEWER = "viewer"
    MARKETER = "marketer"
    CONSULTANT = "consultant"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


READERS = frozenset(Role)
PLANNERS = frozenset({Role.MARKETER, Role.CONSULTANT, Role.ADMINISTRATOR})
SENDERS = frozenset({Role.SERVICE, Role.ADMINISTRATOR})


class ApiToken(OfOrganisation, Base):
    """A machine's key; what it sends is known by the token's system name."""

    __tablename__ = "api_token"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    system: Mapped[str] = mapped_column(String(LONGEST_SYSTEM))
    role: Mapped[Role] = mapped_column(String(20))
    prefix: Mapped[str] = mapped_column(String(SHOWN_CHARACTERS))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]


def create_token(
    session: Session, system: str, role: Role, *, now: dt.datetime, expires_at: dt.datetime | None = None
) -> str:
    """Make a token for a system and return it; it cannot be shown again."""
    if not system.strip() or not system.isprintable() or len(system) > LONGEST_SYSTEM:
        raise Invalid([Problem("system", _("Name the system in 1 to 60 characters, for example hr-register."))])
    secret = PREFIX + secrets.token_urlsafe(32)
    session.add(
        ApiToken(
            system=system.strip(),
            role=role,
            prefix=secret[:SHOWN_CHARACTERS],
            digest=_digest(secret),
            created_at=now,
            expires_at=expires_at,
        )
    )
    return secret


def find_token(session: Session, secret: str, *, now: dt.datetime) -> ApiToken:
    """The valid token that this secret belongs to."""
    token = session.scalar(select(ApiToken).where(ApiToken.digest == _digest(secret)))
    if token is None or token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        raise Denied(_("The token is unknown, expired or revoked; ask an administrator for a new one."))
    return token


def _digest(secret: str) -> str:
    # The secret has 256 random bits, so a plain hash cannot be searched backwards.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
