"""What ad platforms' files say of each placement: its own by its code, else by the name that somebody said it has
there; the rest waits to be matched. What a platform calls results is shown and never judged by."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.funnel.daily_ad_total import AdSum, Platform, list_covered_days, sum_ads
from app.planning.placement import Placement
from app.planning.tracking import AliasKind, SourceAlias, codes_in_name, fold_ad


@dataclass(frozen=True, slots=True)
class Spending:
    """What the files say of one placement. `spend` is by currency; `gapless` says that they cover every day from its
    first day to its last, or to the last that they know."""

    platforms: tuple[Platform, ...]
    first_day: dt.date
    last_day: dt.date
    impressions: int | None
    clicks: int | None
    spend: Mapping[str, int]
    results_hundredths: int | None
    gapless: bool


@dataclass(frozen=True, slots=True)
class Flight:
    """A placement as ads are matched to it."""

    id: uuid.UUID
    code: str
    starts_on: dt.date
    ends_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Matching:
    """What leads from an ad to a placement: codes, and names that somebody said."""

    codes: Mapping[str, uuid.UUID]
    names: Mapping[str, uuid.UUID]

    def find(self, ad: AdSum) -> uuid.UUID | None:
        """The placement that an ad is."""
        return self.lead(ad.campaign, ad.ad, ad.code)

    def lead(self, campaign: str, ad: str, code: str | None) -> uuid.UUID | None:
        """Where an ad leads: by its code, by a code in its name, by its own name, by its campaign's."""
        written = [code or "", *codes_in_name(ad), *codes_in_name(campaign)]
        by_code = (self.codes[one] for one in written if one in self.codes)
        said = (self.names.get(fold_ad(campaign, one)) for one in (ad, ""))
        return next(by_code, None) or next((one for one in said if one), None)


def load_matching(session: Session, flights: Sequence[Flight]) -> Matching:
    """What the plan and what was said lead to."""
    known = {flight.id for flight in flights}
    said: dict[str, dict[str, uuid.UUID]] = {AliasKind.AD: {}, AliasKind.CODE: {}}
    asked = select(SourceAlias.kind, SourceAlias.observed, SourceAlias.placement_id)
    for kind, observed, id in session.execute(asked.where(SourceAlias.kind.in_(said))):
        if id in known:
            said[kind][observed] = id
    return Matching(said[AliasKind.CODE] | {flight.code: flight.id for flight in flights}, said[AliasKind.AD])


def load_flights(session: Session) -> list[Flight]:
    """All placements, as ads are matched to them."""
    asked = select(Placement.id, Placement.tracking_code, Placement.starts_on, Placement.ends_on)
    return [Flight(*row) for row in session.execute(asked)]


def load_spending(session: Session, flights: Sequence[Flight]) -> dict[uuid.UUID, Spending]:
    """What the files say of each placement; one of which they say nothing is not there."""
    ads = sum_ads(session)
    if not ads:
        return {}
    matching, covered = load_matching(session, flights), list_covered_days(session)
    by_placement: dict[uuid.UUID, list[AdSum]] = {}
    for ad in ads:
        if (found := matching.find(ad)) is not None:
            by_placement.setdefault(found, []).append(ad)
    return {
        flight.id: _spending(flight, by_placement[flight.id], covered)
        for flight in flights
        if flight.id in by_placement
    }


def load_unmatched(session: Session, flights: Sequence[Flight]) -> list[AdSum]:
    """The ads that lead to no placement yet, those that cost most first."""
    matching = load_matching(session, flights)
    left = [ad for ad in sum_ads(session) if matching.find(ad) is None]
    return sorted(left, key=lambda ad: (-(ad.spend_minor or 0), ad.platform, ad.campaign, ad.ad))


def _spending(
    flight: Flight, ads: Sequence[AdSum], covered: Mapping[tuple[Platform, str], Sequence[dt.date]]
) -> Spending:
    spend: dict[str, int] = {}
    for ad in ads:
        if ad.currency is not None and ad.spend_minor is not None:
            spend[ad.currency] = spend.get(ad.currency, 0) + ad.spend_minor
    accounts = {(ad.platform, ad.account) for ad in ads}
    return Spending(
        tuple(sorted({ad.platform for ad in ads})),
        min(ad.first_day for ad in ads), max(ad.last_day for ad in ads),
        _total(ad.impressions for ad in ads), _total(ad.clicks for ad in ads), spend,
        _total(ad.results_hundredths for ad in ads),
        all(_is_gapless(flight, covered.get(account, ())) for account in accounts),
    )  # fmt: skip


def _total(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _is_gapless(flight: Flight, days: Sequence[dt.date]) -> bool:
    """Whether an account's totals are here for every day of a flight, up to the last day that they know."""
    if not days or days[-1] < flight.starts_on:
        return False
    last = days[-1] if flight.ends_on is None else min(flight.ends_on, days[-1])
    return sum(flight.starts_on <= day <= last for day in days) == (last - flight.starts_on).days + 1
