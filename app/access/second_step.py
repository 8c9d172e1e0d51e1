"""The second step of signing in: a code from an authenticator (TOTP, RFC 6238), or one of ten recovery codes."""

import base64
import datetime as dt
import hmac
import secrets
import uuid
from typing import Protocol

import pyotp
from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.secret import digest_of
from app.access.user import User
from app.database import Base, new_id
from app.errors import Invalid, Problem
from app.i18n import _

STEP_SECONDS = 30
STEPS_OFF = 1
"""Clocks may differ by this many steps."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 10


class Seal(Protocol):
    """What the secret is sealed with, so that a copied database gives no codes."""

    def seal(self, text: str) -> bytes: ...

    def open(self, sealed: bytes) -> str: ...


class RecoveryCode(Base):
    """One code that opens the second step once, for who has lost the authenticator."""

    __tablename__ = "recovery_code"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)


def new_totp_secret() -> str:
    """A fresh secret for an authenticator."""
    return pyotp.random_base32()


def address_for_authenticator(secret: str, email: str) -> str:
    """What the QR code says."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Kutsu")


def turn_on(session: Session, user: User, secret: str, code: str, seal: Seal, *, now: dt.datetime) -> list[str]:
    """Ask for codes from now on, once one has shown that the authenticator works; returns the recovery codes."""
    step = _matching_step(secret, code, now)
    if step is None:
        raise Invalid([Problem("code", _("The code does not fit; look whether the clock of your device is right."))])
    user.totp_secret = seal.seal(secret)
    user.totp_last_step = step
    return _make_recovery_codes(session, user)


def turn_off(session: Session, user: User) -> None:
    """Ask for no codes any more."""
    user.totp_secret = user.totp_last_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def is_second_step(session: Session, user: User, code: str, seal: Seal, *, now: dt.datetime) -> bool:
    """Whether this code opens the second step; no code opens it twice."""
    if user.totp_secret is None:
        return False
    given = "".join(code.split()).replace("-", "").lower()
    step = _matching_step(seal.open(user.totp_secret), given, now)
    if step is not None and step > (user.totp_last_step or 0):
        user.totp_last_step = step
        return True
    known = session.scalar(
        select(RecoveryCode).where(RecoveryCode.user_id == user.id, RecoveryCode.digest == digest_of(given))
    )
    if known is None:
        return False
    session.delete(known)
    return True


def count_recovery_codes(session: Session, user: User) -> int:
    """How many are left."""
    return session.scalar(select(func.count()).where(RecoveryCode.user_id == user.id)) or 0


def _matching_step(secret: str, code: str, now: dt.datetime) -> int | None:
    given = "".join(code.split()).encode(errors="surrogatepass")
    at = int(now.timestamp()) // STEP_SECONDS
    totp, found = pyotp.TOTP(secret), None
    for step in range(at - STEPS_OFF, at + STEPS_OFF + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), given):
            found = step
    return found


def _make_recovery_codes(session: Session, user: User) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _n in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user.id, digest=digest_of(code)) for code in codes)
    return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]
