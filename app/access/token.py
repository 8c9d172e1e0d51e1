"""API tokens: how another system proves who it is. Only a digest of a token is kept."""

import datetime as dt
import enum
import hashlib
import secrets
import uuid
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import cast

from sqlalchemy import JSON, String, Table, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, OfOrganisation, new_id, organisation_of
from app.errors import Denied, Invalid, Missing, Problem
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


class Scope(enum.StrEnum):
    """One thing that a machine may do."""

    PLAN_READ = "plan:read"
    PLAN_WRITE = "plan:write"
    REPORTS_READ = "reports:read"
    OBSERVATIONS_WRITE = "observations:write"
    ADMIN = "admin"


_READS = frozenset({Scope.PLAN_READ, Scope.REPORTS_READ})
SCOPES_OF: Mapping[Role, frozenset[Scope]] = MappingProxyType(
    {
        Role.VIEWER: _READS,
        Role.MARKETER: _READS | {Scope.PLAN_WRITE},
        Role.CONSULTANT: _READS | {Scope.PLAN_WRITE},
        Role.ADMINISTRATOR: frozenset(Scope),
        Role.SERVICE: _READS | {Scope.OBSERVATIONS_WRITE},
    }
)
"""What each role may do; a token may be given less of it, never more."""
USE_IS_NOTED_EVERY = dt.timedelta(minutes=1)


def sees_by_default(role: Role) -> bool:
    """Whether who has this role sees small counts when nothing is said of it: everybody but those who only read."""
    return role is not Role.VIEWER


def _refusal() -> str:
    return _("The token is unknown, expired or revoked; ask an administrator for a new one.")


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
    scopes: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    last_used_at: Mapped[dt.datetime | None]
    sees_small_counts: Mapped[bool]

    @property
    def allowed(self) -> frozenset[Scope]:
        """What it may do: all of its role, or the part of it that was chosen."""
        of_role = SCOPES_OF[Role(self.role)]
        return of_role if self.scopes is None else of_role & {Scope(scope) for scope in self.scopes}

    def is_valid(self, now: dt.datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class EndedError(Denied):
    """The token is a known one that has expired or was revoked. Whoever sends it is told no more than a stranger."""

    def __init__(self, token: ApiToken) -> None:
        self.token_id, self.organisation_id, self.system = token.id, token.organisation_id, token.system
        super().__init__(_refusal())


def create_token(
    session: Session,
    system: str,
    role: Role,
    *,
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
    scopes: Collection[Scope] | None = None,
    sees_small_counts: bool | None = None,
) -> str:
    """Make a token for a system and return it; it cannot be shown again."""
    return issue_token(
        session, system, role, now=now, expires_at=expires_at, scopes=scopes, sees_small_counts=sees_small_counts
    )[1]


def issue_token(
    session: Session,
    system: str,
    role: Role,
    *,
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
    scopes: Collection[Scope] | None = None,
    sees_small_counts: bool | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for a system: what is kept of it, and the token itself, which is not."""
    problems = [*check_system(system), *_check_scopes(role, scopes)]
    if expires_at is not None and expires_at <= now:
        problems.append(Problem("expires_at", _("Let it expire later than now.")))
    if problems:
        raise Invalid(problems)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        system=system.strip(),
        role=role,
        prefix=secret[:SHOWN_CHARACTERS],
        digest=_digest(secret),
        created_at=now,
        expires_at=expires_at,
        scopes=None if scopes is None else sorted(set(scopes)),
        sees_small_counts=sees_by_default(role) if sees_small_counts is None else sees_small_counts,
    )
    session.add(token)
    session.flush()
    return token, secret


def check_system(system: str) -> Iterator[Problem]:
    """A name that what a system sends is kept under."""
    if not system.strip() or not system.isprintable() or len(system) > LONGEST_SYSTEM:
        yield Problem("system", _("Name the system in 1 to 60 characters, for example hr-register."))


def _check_scopes(role: Role, scopes: Collection[Scope] | None) -> Iterator[Problem]:
    known = SCOPES_OF[role]
    if scopes is not None and (not scopes or not known.issuperset(scopes)):
        yield Problem("scopes", _("Choose some of %(known)s, which the role may do.", known=", ".join(sorted(known))))


def find_token(session: Session, secret: str, *, now: dt.datetime) -> ApiToken:
    """The valid token that this secret belongs to."""
    token = session.scalar(select(ApiToken).where(ApiToken.digest == _digest(secret)))
    if token is None:
        raise Denied(_refusal())
    if not token.is_valid(now):
        raise EndedError(token)
    return token


def list_tokens(session: Session) -> list[ApiToken]:
    """The organisation's tokens, the newest first."""
    return list(session.scalars(select(ApiToken).order_by(ApiToken.created_at.desc(), ApiToken.id.desc())))


def revoke_token(session: Session, token_id: uuid.UUID, *, now: dt.datetime) -> ApiToken:
    """End a token for good; one that has ended already stays as it is."""
    token = session.scalar(select(ApiToken).where(ApiToken.id == token_id))
    if token is None:
        raise Missing(_("There is no such token."))
    token.revoked_at = token.revoked_at or now
    session.flush()
    return token


def note_use(session: Session, token_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Keep that a token was used; no change of what reports are computed from, nor one to be audited."""
    tokens = cast(Table, ApiToken.__table__)
    mine = (tokens.c.id == token_id) & (tokens.c.organisation_id == organisation_of(session))
    session.connection().execute(update(tokens).where(mine).values(last_used_at=now))


def _digest(secret: str) -> str:
    # The secret has 256 random bits, so a plain hash cannot be searched backwards.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
