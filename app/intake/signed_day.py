"""By which secret deliveries came, and how it was read: so that it is seen when an older one can be dropped, and what
a vendor's own words leave open of its signatures."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, Micros, OfOrganisation, from_micros, to_micros
from app.i18n import _, moment, ngettext
from app.intake.connectors.hook import Reading
from app.intake.hook_secrets import MOST_SECRETS, HookSecret
from app.intake.inbox import day_of

DAYS = 7


class SignedDay(OfOrganisation, Base):
    """How many deliveries of a day one secret vouched for, read in one way; those apart that came by the older of
    two. `since` is since when the secret vouches."""

    __tablename__ = "signed_day"
    counts_as_data = False

    connection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[Micros] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    reading: Mapped[str] = mapped_column(String(12), primary_key=True)
    is_older: Mapped[bool] = mapped_column(primary_key=True)
    deliveries: Mapped[int]
    last_at: Mapped[Micros] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True)
class Signed:
    """How many deliveries of the last days came by one secret, read in one way, and when the last did; and how many
    of them though a newer secret was live."""

    since: Micros
    reading: Reading
    deliveries: int
    as_older: int
    last_at: dt.datetime


def count_signed(
    session: Session, connection_id: uuid.UUID, day: int, since: Micros, reading: str, is_older: bool, count: int,
    last_at: Micros,
) -> None:  # fmt: skip
    """Add to what a day has counted; only one may do it at a time, as with `count_day`."""
    row = session.get(SignedDay, (connection_id, day, since, reading, is_older))
    if row is None:
        row = SignedDay(
            connection_id=connection_id, day=day, since=since, reading=reading, is_older=is_older, deliveries=0,
            last_at=last_at,
        )  # fmt: skip
        session.add(row)
    row.deliveries += count
    row.last_at = max(row.last_at, last_at)


def list_signed(session: Session, connection_id: uuid.UUID, now: dt.datetime) -> tuple[Signed, ...]:
    """By which secrets the deliveries of the last days came, those of the newest secret first."""
    of, deliveries = (SignedDay.since, SignedDay.reading), func.sum(SignedDay.deliveries)
    counted = (
        select(*of, deliveries, deliveries.filter(SignedDay.is_older), func.max(SignedDay.last_at))
        .where(SignedDay.connection_id == connection_id, SignedDay.day >= day_of(to_micros(now)) - DAYS + 1)
        .group_by(*of)
        .order_by(SignedDay.since.desc(), SignedDay.reading)
    )
    return tuple(
        Signed(since, Reading(reading), int(all_of_them), int(as_older or 0), from_micros(last_at))
        for since, reading, all_of_them, as_older, last_at in session.execute(counted)
    )


def change_sentence(live: Sequence[HookSecret], signed: Sequence[Signed], now: dt.datetime, zone: dt.tzinfo) -> str:
    """While two secrets are live: whether the older one can be dropped. Nothing while there is but one."""
    if len(live) < MOST_SECRETS:
        return ""
    newer = live[-1].since
    by_older = [one for one in signed if one.since == live[0].since and one.last_at >= from_micros(newer)]
    if by_older:
        return ngettext(
            "%(n)s delivery still came by the older secret, on %(when)s: keep it until the sender uses the newer one.",
            "%(n)s deliveries still came by the older secret, the last on %(when)s: keep it until the sender uses the "
            "newer one.",
            # A door may learn of the newer secret a moment after it was made.
            sum(max(one.as_older, 1) for one in by_older),
            when=moment(max(one.last_at for one in by_older), zone),
        )
    if not any(one.since == newer for one in signed):
        return _("No delivery has come by the newer secret yet: keep both.")
    if from_micros(newer) > now - dt.timedelta(days=DAYS):
        return _(
            "All deliveries since %(when)s came by the newer secret: the older one can be dropped.",
            when=moment(from_micros(newer), zone),
        )
    return _("All deliveries of the last seven days came by the newer secret: the older one can be dropped.")


def secret_word(one: Signed, live: Sequence[HookSecret]) -> str:
    """Which secret it was that deliveries came by."""
    places = [secret.since for secret in live]
    if one.since not in places:
        return _("a dropped one")
    if len(live) < MOST_SECRETS:
        return _("the live one")
    return _("the older one") if one.since == places[0] else _("the newer one")


def reading_word(reading: Reading) -> str:
    """How a secret was read, in words."""
    return {
        Reading.RAW: _("letter by letter"),
        Reading.DECODED: _("decoded from base64"),
        Reading.PAYLOAD: _("letter by letter, over the payload alone"),
    }[reading]
