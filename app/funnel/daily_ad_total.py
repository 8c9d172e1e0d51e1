"""What ad platforms say was shown, clicked and spent, by day and ad, as their files brought it. Which placement an ad
is, only reports say: here stand the names and codes that were observed."""

import datetime as dt
import enum
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.audit import audited
from app.database import Base, OfOrganisation, new_id

LONGEST_NAME = 400


class Platform(enum.StrEnum):
    """Whose file it is."""

    GOOGLE = "google"
    META = "meta"
    LINKEDIN = "linkedin"
    OTHER = "other"


class ImportState(enum.StrEnum):
    """A file is held while somebody looks at what it would do, and kept or undone after that."""

    HELD = "held"
    KEPT = "kept"
    UNDONE = "undone"


class AdImport(OfOrganisation, Base):
    """One file: what it was, and what of it stands. `rows` waits here while it is held."""

    __tablename__ = "ad_import"
    counts_as_data = False

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    platform: Mapped[Platform] = mapped_column(String(20))
    state: Mapped[ImportState] = mapped_column(String(8))
    at: Mapped[dt.datetime]
    first_day: Mapped[dt.date] = mapped_column(Date)
    last_day: Mapped[dt.date] = mapped_column(Date)
    count: Mapped[int]
    sums_left_out: Mapped[int]
    currency: Mapped[str | None] = mapped_column(String(3))
    spend_minor: Mapped[int | None] = mapped_column(BigInteger)
    rows: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    columns_left_out: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """What the columns that were not read are called; nothing of files from before this was kept."""


audited(AdImport)


class DailyAdTotal(OfOrganisation, Base):
    """What a platform counted of one ad on one day. One that a later import took the place of says since when."""

    __tablename__ = "daily_ad_total"
    __table_args__ = (
        Index("ix_daily_ad_total_place", "organisation_id", "platform", "account", "day"),
        Index("ix_daily_ad_total_import_id", "import_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ad_import.id"))
    platform: Mapped[Platform] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(LONGEST_NAME))
    day: Mapped[dt.date] = mapped_column(Date)
    campaign: Mapped[str] = mapped_column(String(LONGEST_NAME))
    ad: Mapped[str] = mapped_column(String(LONGEST_NAME))
    code: Mapped[str | None] = mapped_column(String(16))
    impressions: Mapped[int | None] = mapped_column(BigInteger)
    clicks: Mapped[int | None] = mapped_column(BigInteger)
    spend_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    results_hundredths: Mapped[int | None] = mapped_column(BigInteger)
    replaced_at: Mapped[dt.datetime | None]

    @property
    def key(self) -> tuple[Any, ...]:
        """All that it says."""
        return (
            self.day, self.account, self.campaign, self.ad, self.code, self.impressions, self.clicks,
            self.spend_minor, self.results_hundredths, self.currency,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AdSum:
    """All that one ad was counted at, from its first day to its last."""

    platform: Platform
    account: str
    campaign: str
    ad: str
    code: str | None
    currency: str | None
    first_day: dt.date
    last_day: dt.date
    impressions: int | None
    clicks: int | None
    spend_minor: int | None
    results_hundredths: int | None


def sum_ads(session: Session) -> Sequence[AdSum]:
    """What stands of every ad, over all days."""
    of = DailyAdTotal
    named = (of.platform, of.account, of.campaign, of.ad, of.code, of.currency)
    sums = (func.sum(column) for column in (of.impressions, of.clicks, of.spend_minor, of.results_hundredths))
    asked = select(*named, func.min(of.day), func.max(of.day), *sums).where(of.replaced_at.is_(None))
    found = session.execute(asked.group_by(*named).order_by(*named[:4]))
    return [
        AdSum(Platform(row[0]), *row[1:8], *(None if total is None else int(total) for total in row[8:]))
        for row in found
    ]


def list_covered_days(session: Session) -> dict[tuple[Platform, str], list[dt.date]]:
    """The days of which each account's totals are here, in their order."""
    of = DailyAdTotal
    asked = select(of.platform, of.account, of.day).where(of.replaced_at.is_(None)).distinct().order_by(of.day)
    found: dict[tuple[Platform, str], list[dt.date]] = {}
    for platform, account, day in session.execute(asked):
        found.setdefault((Platform(platform), account), []).append(day)
    return found
