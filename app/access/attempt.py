"""Attempts to sign in. Each failure makes the next one wait longer, for the same account and client only: nobody
can lock somebody else out."""

import datetime as dt
import hashlib
import hmac
import ipaddress

from sqlalchemy import delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.user import normalise_email
from app.database import Base, lock

FREE_ATTEMPTS = 5
LONGEST_WAIT = dt.timedelta(minutes=15)
FORGOTTEN_AFTER = dt.timedelta(days=1)
IPV6_HOUSEHOLD = 64
ANYWHERE = "anywhere"
"""Stands for all clients where an account's failures are counted together."""


class Attempt(Base):
    """How often somebody failed. Whose account and which client stand here only as a keyed hash of both; a row for
    `ANYWHERE` counts all clients of an account."""

    __tablename__ = "attempt"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[dt.datetime]


def key_of_attempt(account: str, client: str, key: bytes) -> bytes:
    """The pair of an account and a client; an IPv6 household is one client."""
    said = f"{normalise_email(account)}\0{_household(client)}"
    return hmac.digest(key, said.encode(errors="surrogatepass"), hashlib.sha256)[:16]


def begin_attempt(session: Session, key: bytes, *, now: dt.datetime) -> dt.timedelta | None:
    """Count an attempt before it is made, so that many at once are as slow as one after another.

    Returns how long to wait instead, if this one comes too early; such a one is not counted.
    """
    lock(session, f"attempt {key.hex()}")
    session.execute(delete(Attempt).where(Attempt.last_at < now - FORGOTTEN_AFTER))
    found = session.get(Attempt, key)
    if found is None:
        session.add(Attempt(key=key, count=1, last_at=now))
        return None
    wait = found.last_at + wait_after(found.count) - now
    if wait > dt.timedelta():
        return wait
    found.count += 1
    found.last_at = now
    return None


def count_failure(session: Session, account: bytes, *, now: dt.datetime) -> int:
    """Count a failed attempt on an account, wherever it came from; gives how many there were, a day without one
    apart from them."""
    lock(session, f"failures {account.hex()}")
    found = session.get(Attempt, account)
    if found is None:
        found = Attempt(key=account, count=0, last_at=now)
        session.add(found)
    found.count, found.last_at = found.count + 1, now
    return found.count


def is_worth_telling(failures: int) -> bool:
    """Whether so many failures are told: when waiting begins and with each doubling, so that no flood of attempts
    becomes a flood of entries."""
    times, left = divmod(failures, FREE_ATTEMPTS)
    return not left and times.bit_count() == 1


def forget_attempts(session: Session, key: bytes) -> None:
    """Begin anew after a success."""
    session.execute(delete(Attempt).where(Attempt.key == key))


def wait_after(failures: int) -> dt.timedelta:
    """How long to wait after so many failures: nothing at first, then a second, doubling up to a quarter hour."""
    over = failures - FREE_ATTEMPTS
    return min(dt.timedelta(seconds=2.0 ** min(over, 20)), LONGEST_WAIT) if over >= 0 else dt.timedelta()


def _household(client: str) -> str:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_HOUSEHOLD), strict=False))
