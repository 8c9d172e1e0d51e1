"""How often the link of a placement was followed, by day: counts, of nobody and at no time of the day."""

import datetime as dt
import enum
import functools
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import Date, ForeignKey, String, Table, Uuid, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, OfOrganisation


class Follower(enum.StrEnum):
    """Who seems to have followed a link, by what it says of itself. A scanner that passes for a browser is taken for
    a person: some that open the links of a mail before its reader does cannot be told apart."""

    PERSON = "person"
    PREFETCH = "prefetch"
    HEAD = "head"
    ROBOT = "robot"
    NAMELESS = "nameless"


class DailyClick(OfOrganisation, Base):
    """How often a code was followed on one day of the organisation's calendar."""

    __tablename__ = "daily_click"
    counts_as_data = False

    # Its type is said here too, for what commits clicks knows no table but this.
    organisation_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    follower: Mapped[Follower] = mapped_column(String(8), primary_key=True)
    n: Mapped[int]


DAILY_CLICK = cast(Table, DailyClick.__table__)


def make_click(row: tuple[uuid.UUID, str, dt.date, str, int]) -> tuple[tuple[uuid.UUID, str, dt.date, str, int], str]:
    """The row of a click, in the order of its columns, and nothing to be told of it."""
    return row, ""


_ROBOT = re.compile(
    r"bot\b|bot[/_-]|crawl|spider|slurp|preview|scanner|fetch|monitor|headless|lighthouse|facebookexternalhit|whatsapp|"
    r"skypeuri|embedly|pinterest/|safelinks|proofpoint|mimecast|barracuda|existence discovery|google-safety|curl/|wget|"
    r"python|go-http|java/|okhttp|axios|libwww|httpclient",
    re.IGNORECASE,
)
"""Names by which search engines, messengers that draw a preview, mail scanners and programs introduce themselves."""
_PREFETCH = ("sec-purpose", "purpose", "x-purpose", "x-moz")


def objects(headers: Mapping[str, str]) -> bool:
    """Whether a browser asks that its user be not followed (Do Not Track, Global Privacy Control): not even a count is
    kept then."""
    return any(headers.get(name, "").strip() == "1" for name in ("dnt", "sec-gpc"))


def tell_follower(method: str, headers: Mapping[str, str]) -> Follower:
    """Who follows a link, from the request's method and its headers, whose names are in lower case."""
    if method == "HEAD":
        return Follower.HEAD
    if any("prefetch" in headers.get(name, "") or "preview" in headers.get(name, "") for name in _PREFETCH):
        return Follower.PREFETCH
    agent = headers.get("user-agent", "").strip()
    if not agent:
        return Follower.NAMELESS
    return Follower.ROBOT if _is_robot(agent) else Follower.PERSON


@functools.lru_cache(maxsize=1_000)
def _is_robot(agent: str) -> bool:
    return _ROBOT.search(agent) is not None


def count_clicks(session: Session, codes: Sequence[str]) -> dict[str, dict[Follower, int]]:
    """How often each of these codes was followed in all, by whom; a code that never was is not there."""
    total = select(DailyClick.code, DailyClick.follower, func.sum(DailyClick.n)).where(DailyClick.code.in_(codes))
    found: dict[str, dict[Follower, int]] = {}
    for code, follower, n in session.execute(total.group_by(DailyClick.code, DailyClick.follower)):
        found.setdefault(code, {})[Follower(follower)] = n
    return found
