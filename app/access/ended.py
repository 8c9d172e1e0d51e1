"""Forgetting what has ended and opens nothing any more: sessions, links, attempts to sign in and old counts of
refusals."""

import datetime as dt

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from app.access.account_link import AccountLink
from app.access.attempt import FORGOTTEN_AFTER, Attempt
from app.access.refusal import KEPT_FOR, RefusalCount
from app.access.session import LASTS_IDLE, UserSession


def forget_what_ended(session: Session, now: dt.datetime) -> int:
    """Delete the rows of all people that no door looks at any more; returns how many there were."""
    ended = (
        delete(UserSession).where(or_(UserSession.expires_at <= now, UserSession.last_seen_at <= now - LASTS_IDLE)),
        delete(AccountLink).where(AccountLink.expires_at <= now),
        delete(Attempt).where(Attempt.last_at < now - FORGOTTEN_AFTER),
        delete(RefusalCount).where(RefusalCount.hour < now - KEPT_FOR),
    )
    return sum(session.execute(one).rowcount for one in ended)  # type: ignore[attr-defined]
