"""Is the analytics in order? What keeps the numbers from being right or whole, each thing by name. The number of
questions to the store is fixed, whatever the number of placements; what each means is in `check_words`."""

import datetime as dt
import enum
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.database import Micros, from_micros
from app.errors import Missing
from app.funnel.application import Application
from app.funnel.columns import start_of_day
from app.funnel.daily_ad_total import AdSum, Platform, list_covered_days, sum_ads
from app.funnel.daily_click import DailyClick, Follower
from app.i18n import _
from app.planning.asset import Asset, AssetStatus
from app.planning.channel import Channel, ChannelKind, CostModel
from app.planning.placement import Placement, PlacementStatus
from app.reports.answers import Unmatched, UnmatchedSource
from app.reports.attention import placements_without_cost
from app.reports.cache import cached
from app.reports.scope import Scope
from app.reports.spending import Flight, Matching, load_matching

STILL_FOLLOWED = dt.timedelta(days=7)
"""Who takes an address home follows it days later; what comes after this is no echo."""
STILL_APPLYING = dt.timedelta(days=90)
"""Who met an ad may apply as long after it as touches are looked back for."""
LOOKED_BACK = dt.timedelta(days=30)
CONSENT_AHEAD = dt.timedelta(days=30)
FILES_BEHIND = dt.timedelta(days=7)
BY_PLATFORMS = (ChannelKind.SOCIAL, ChannelKind.SEARCH, ChannelKind.DISPLAY)
PAID_BY_COUNT = (CostModel.PER_CLICK, CostModel.PER_THOUSAND)


class Check(enum.StrEnum):
    """What is looked at, the most harmful to the numbers first."""

    WEBHOOKS = "webhooks"
    LINKS = "links-not-live"
    CODES = "unmatched-codes"
    SOURCES = "sources"
    ADS = "unmatched-ads"
    COSTS = "no-cost"
    AD_TOTALS = "no-ad-totals"
    RECEIVING = "ended-receiving"
    BEFORE = "before-its-ad"
    PERSONAS = "no-persona"
    CONSENTS = "consents"


def read_check(given: str) -> Check:
    """The check of this name. Raises Missing."""
    try:
        return Check(given)
    except ValueError:
        raise Missing(_("There is no such check.")) from None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is not in order: its name, what it is a row of, how often it was met, and on which days."""

    name: str
    noun: str = ""
    key: str = ""
    n: int | None = None
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A check, and what it found; nothing where it is in order."""

    check: Check
    items: tuple[Item, ...]


def check_all(
    session: Session, today: dt.date, zone: ZoneInfo, unmatched: Unmatched, webhooks: Sequence[Item]
) -> list[Found]:
    """Every check; what only the ways in know of, webhooks that fail, is handed in."""
    placements = session.execute(
        select(Placement, Channel.kind, Channel.cost_model)
        .join(Channel, Channel.id == Placement.channel_id)
        .order_by(Placement.starts_on.desc(), Placement.name)
    ).all()
    rows = [row for row, _kind, _model in placements]
    by_count = [row for row, kind, model in placements if kind in BY_PLATFORMS and model in PAID_BY_COUNT]
    flights = [Flight(row.id, row.tracking_code, row.starts_on, row.ends_on) for row in rows]
    matching, ads = load_matching(session, flights), sum_ads(session)
    found: Mapping[Check, Iterator[Item]] = {
        Check.WEBHOOKS: iter(webhooks),
        Check.LINKS: _not_live(rows, today),
        **{one.check: iter(one.items) for one in find_sources(unmatched)},
        Check.COSTS: iter(find_bare(session).items),
        Check.ADS: _unmatched_ads(matching, ads),
        Check.AD_TOTALS: _missing_totals(session, rows, by_count, today, matching, ads),
        Check.RECEIVING: _still_receiving(session, rows, today, zone),
        Check.BEFORE: _received_before(session, rows, zone),
        Check.PERSONAS: _placed_nowhere(session),
        Check.CONSENTS: _expiring(session, today),
    }
    return [Found(check, tuple(found[check])) for check in Check]


def checks_of_day(session: Session, scope: Scope, today: dt.date, zone: ZoneInfo, unmatched: Unmatched) -> list[Found]:
    """Every check but that of webhooks, as kept since the data or the plan last changed. Clicks alone change neither:
    a code that has come since then is told of a little later."""
    found = cached(session, scope, "checks", lambda: check_all(session, today, zone, unmatched, ()))
    return [one for one in found if one.check is not Check.WEBHOOKS]


def _placement(row: Placement) -> Item:
    return Item(row.name, "placement", str(row.id), None, row.starts_on, row.ends_on)


def _not_live(rows: Sequence[Placement], today: dt.date) -> Iterator[Item]:
    """Placements whose days have come while their link is still a plan."""
    for row in rows:
        if row.status == PlacementStatus.PLANNED and row.starts_on <= today <= (row.ends_on or today):
            yield _placement(row)


def find_sources(unmatched: Unmatched) -> list[Found]:
    """What was observed and leads nowhere: codes that no placement has, and sources without a meaning."""
    return [
        Found(check, tuple(_source(one) for one in unmatched.sources if one.kind in kinds))
        for check, kinds in ((Check.CODES, ("code",)), (Check.SOURCES, ("label", "host")))
    ]


def _source(one: UnmatchedSource) -> Item:
    return Item(one.observed, one.kind, one.observed, one.applications or one.touchpoints, one.first, one.last)


def find_bare(session: Session) -> Found:
    """What has run without a cost."""
    return Found(Check.COSTS, tuple(_placement(one) for one in placements_without_cost(session)))


def _unmatched_ads(matching: Matching, ads: Sequence[AdSum]) -> Iterator[Item]:
    """The campaigns of ad platforms of which something leads to no placement."""
    left: dict[tuple[Platform, str], list[AdSum]] = {}
    for ad in ads:
        if matching.find(ad) is None:
            left.setdefault((ad.platform, ad.campaign or ad.ad), []).append(ad)
    for (platform, name), some in left.items():
        days = min(ad.first_day for ad in some), max(ad.last_day for ad in some)
        yield Item(name, platform.value, "", None, *days)


def _missing_totals(
    session: Session, rows: Sequence[Placement], by_count: Sequence[Placement], today: dt.date, matching: Matching,
    ads: Sequence[AdSum],
) -> Iterator[Item]:  # fmt: skip
    """Accounts with days that no file covers, up to when the last of their placements runs; and placements that are
    paid by clicks or views, of which no file says anything."""
    ends = {row.id: row.ends_on or today for row in rows}
    runs_to: dict[tuple[Platform, str], dt.date] = {}
    told: set[uuid.UUID] = set()
    for ad in ads:
        placement = matching.find(ad)
        if placement is not None:
            told.add(placement)
            account = (ad.platform, ad.account)
            runs_to[account] = max(runs_to.get(account, dt.date.min), ends[placement])
    for (platform, name), days in list_covered_days(session).items():
        expected = min(runs_to.get((platform, name), days[-1]), today - FILES_BEHIND)
        missing = _gaps(days, max(days[-1], expected))
        if missing:
            yield Item(name, platform.value, "", len(missing), missing[0], missing[-1])
    for row in by_count:
        began = row.status != PlacementStatus.PLANNED and row.starts_on <= today - FILES_BEHIND
        if began and row.id not in told and row.invoiced_cost_minor is None:
            yield _placement(row)


def _gaps(days: Sequence[dt.date], until: dt.date) -> list[dt.date]:
    there = set(days)
    span = range((until - days[0]).days + 1)
    return [day for day in (days[0] + dt.timedelta(days=n) for n in span) if day not in there]


def _still_receiving(session: Session, rows: Sequence[Placement], today: dt.date, zone: ZoneInfo) -> Iterator[Item]:
    """Placements that ended and whose code still comes: an ad that runs on, or a poster that hangs."""
    since = today - LOOKED_BACK
    came: dict[str, list[tuple[dt.date, int, dt.timedelta]]] = {}
    people = DailyClick.follower == Follower.PERSON
    for code, day, n in session.execute(
        select(DailyClick.code, DailyClick.day, DailyClick.n).where(DailyClick.day >= since, people)
    ):
        came.setdefault(code, []).append((day, n, STILL_FOLLOWED))
    recent = Application.applied_at >= start_of_day(since.toordinal(), zone)
    for applied_with, at in session.execute(select(Application.code, Application.applied_at).where(recent)):
        came.setdefault(applied_with or "", []).append((from_micros(at).astimezone(zone).date(), 1, STILL_APPLYING))
    for row in rows:
        if row.ends_on is not None:
            late = [(day, n) for day, n, echo in came.get(row.tracking_code, ()) if day > row.ends_on + echo]
            if late:
                yield Item(row.name, "placement", str(row.id), sum(n for _day, n in late), min(late)[0], max(late)[0])


def _received_before(session: Session, rows: Sequence[Placement], zone: ZoneInfo) -> Iterator[Item]:
    """Placements by whose code somebody applied before their first day, or though they never went live."""
    first = func.min(Application.applied_at)
    by_code = session.execute(select(Application.code, first).group_by(Application.code))
    since = {code: at for code, at in by_code if code is not None}
    ends = {row.tracking_code: _begins(row, zone) for row in rows}
    early = [code for code, end in ends.items() if code in since and (end is None or since[code] < end)]
    if not early:
        return
    came: dict[str, list[dt.date]] = {}
    of_these = select(Application.code, Application.applied_at).where(Application.code.in_(early))
    for code, at in session.execute(of_these.order_by(Application.applied_at)):
        end = ends[code or ""]
        if end is None or at < end:
            came.setdefault(code or "", []).append(from_micros(at).astimezone(zone).date())
    for row in rows:
        if days := came.get(row.tracking_code):
            yield Item(row.name, "placement", str(row.id), len(days), days[0], days[-1])


def _begins(row: Placement, zone: ZoneInfo) -> Micros | None:
    """From when somebody may come by a placement; never while it is only planned."""
    return None if row.status == PlacementStatus.PLANNED else start_of_day(row.starts_on.toordinal(), zone)


def _placed_nowhere(session: Session) -> Iterator[Item]:
    """Approved assets that stand in no placement, so that nobody is meant by them."""
    placed = exists().where(Placement.asset_id == Asset.id)
    lone = select(Asset.id, Asset.name).where(Asset.status == AssetStatus.APPROVED, ~placed).order_by(Asset.name)
    for id, name in session.execute(lone):
        yield Item(name, "asset", str(id))


def _expiring(session: Session, today: dt.date) -> Iterator[Item]:
    """Assets in use of which the people shown have agreed for no longer than a month."""
    used = exists().where(Placement.asset_id == Asset.id, Placement.status != PlacementStatus.ENDED)
    soon = Asset.consent_expires_on <= today + CONSENT_AHEAD
    ending = select(Asset.id, Asset.name, Asset.consent_expires_on).where(Asset.shows_people, soon, used)
    for id, name, day in session.execute(ending.order_by(Asset.consent_expires_on, Asset.name)):
        yield Item(name, "asset", str(id), None, None, day)
