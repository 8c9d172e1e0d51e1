"""What ad platforms export of the city's paid digital placements: files as theirs are, with a total for each day."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from app.demo.plan import CURRENCY, Plan, PlannedPlacement
from app.funnel.daily_ad_total import Platform
from app.planning.allocation import share_out

TOLD_UNTIL = 3
"""The files were exported so many days ago."""
BRAND_DAYS, BRAND_CENTS = (262, 90), 1_000
"""An ad of the city's, not of the health services', runs in the same account: nobody has said what it is."""


@dataclass(frozen=True, slots=True)
class Advertised:
    """How a placement is called at its platform; what a thousand showings cost in cents, and one click."""

    platform: Platform
    campaign: str
    ad: str
    per_thousand: int
    per_click: int


ADVERTISED = {
    "search-pay": Advertised(Platform.GOOGLE, "Haku | palkka", "", 2_600, 190),
    "search-days": Advertised(Platform.GOOGLE, "Haku | osa-aika", "", 2_300, 170),
    "tube-five": Advertised(Platform.GOOGLE, "YouTube | Kello on viisi", "", 900, 320),
    "tube-route": Advertised(Platform.GOOGLE, "YouTube | Näin minusta tuli kollega", "", 850, 300),
    "meta-alone": Advertised(Platform.META, "Lääkärit | Et ole yksin", "Kuvasarja", 640, 85),
    "meta-steps": Advertised(Platform.META, "Lääkärit | Kolme porrasta", "Film 15 s", 700, 95),
    "linkedin-chain": Advertised(Platform.LINKEDIN, "Takaisin omien potilaiden luo", "", 3_100, 540),
    "linkedin-certificate": Advertised(Platform.LINKEDIN, "Todistus kahdessa viikossa", "", 2_900, 510),
}
BRAND = Advertised(Platform.META, "Vaahteralahti tutuksi", "Kaupunkikuva", 520, 70)


@dataclass(frozen=True, slots=True)
class DayTotal:
    """What a platform counted of one ad on one day."""

    day: dt.date
    campaign: str
    ad: str
    cents: int
    impressions: int
    clicks: int


def export_files(rng: np.random.Generator, plan: Plan, today: dt.date) -> dict[str, bytes]:
    """The file of each platform by its name, as it is exported with a total for each day."""
    totals: dict[Platform, list[DayTotal]] = {platform: [] for platform in Platform}
    until = today - dt.timedelta(days=TOLD_UNTIL)
    for key, told in ADVERTISED.items():
        placement = plan.placement(key)
        totals[told.platform] += _draw(rng, told, placement.tracking_code, *_told(placement, until))
    first, last = (today - dt.timedelta(days=days) for days in BRAND_DAYS)
    totals[BRAND.platform] += _draw(rng, BRAND, "", first, last, BRAND_CENTS * (BRAND_DAYS[0] - BRAND_DAYS[1]))
    return {
        "google-ads.csv": _google(sorted(totals[Platform.GOOGLE], key=_order)),
        "meta-mainosraportti.csv": _meta(sorted(totals[Platform.META], key=_order)),
        "linkedin-campaign-performance.csv": _linkedin(sorted(totals[Platform.LINKEDIN], key=_order)),
    }


def _order(total: DayTotal) -> tuple[dt.date, str]:
    return total.day, total.campaign


def _told(placement: PlannedPlacement, until: dt.date) -> tuple[dt.date, dt.date, int]:
    """From when to when a placement ran, as far as it is told, and what was spent on it."""
    return placement.starts_on, min(placement.ends_on or until, until), placement.invoiced_cost_minor or 0


def _draw(
    rng: np.random.Generator, told: Advertised, code: str, first: dt.date, last: dt.date, cents: int
) -> list[DayTotal]:  # fmt: skip
    """A total for each day: less at weekends, and never quite what it was the day before."""
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    weekdays = np.array([1.0 if day.weekday() < 5 else 0.65 for day in days])
    weights = np.rint(1_000 * weekdays * rng.lognormal(0, 0.25, len(days))).astype(int)
    ad = f"{told.ad} k-{code}" if told.ad and code else told.ad
    campaign = told.campaign if told.ad or not code else f"{told.campaign} k-{code}"
    return [
        DayTotal(day, campaign, ad, spent, spent * 1000 // told.per_thousand, spent // told.per_click)
        for day, spent in zip(days, share_out(cents, [int(weight) for weight in weights]), strict=True)
    ]


def _google(totals: Sequence[DayTotal]) -> bytes:
    head = [["Campaign report"], [f"{totals[0].day:%d %B %Y} - {totals[-1].day:%d %B %Y}"],
            ["Day", "Campaign", "Currency code", "Cost", "Impr.", "Clicks"]]  # fmt: skip
    rows = [[one.day, one.campaign, CURRENCY, _euros(one.cents), one.impressions, one.clicks] for one in totals]
    every = ["Total: Account", "", CURRENCY, _euros(sum(one.cents for one in totals)),
             sum(one.impressions for one in totals), sum(one.clicks for one in totals)]  # fmt: skip
    return _table([*head, *rows, every], ",").encode()


def _meta(totals: Sequence[DayTotal]) -> bytes:
    head = ["Raportoinnin alku", "Raportoinnin loppu", "Kampanjan nimi", "Mainoksen nimi",
            f"Käytetty summa ({CURRENCY})", "Näyttökerrat", "Linkin klikkaukset"]  # fmt: skip
    rows = [
        [one.day, one.day, one.campaign, one.ad, _euros(one.cents).replace(".", ","), one.impressions, one.clicks]
        for one in totals
    ]
    return _table([head, *rows], ";").encode("utf-8-sig")


def _linkedin(totals: Sequence[DayTotal]) -> bytes:
    head = [["Campaign Performance Report (in UTC)"], [],
            ["Start Date (in UTC)", "Account Name", "Campaign Name", "Currency", "Total Spent", "Impressions",
             "Clicks"]]  # fmt: skip
    rows = [
        [f"{one.day.month}/{one.day.day}/{one.day.year}", "Vaahteralahden kaupunki", one.campaign, CURRENCY,
         _euros(one.cents), one.impressions, one.clicks]
        for one in totals
    ]  # fmt: skip
    return _table([*head, *rows], "\t").encode("utf-16")


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _table(rows: Iterable[Sequence[object]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
