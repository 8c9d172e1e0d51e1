"""The calendar of two years and a thousand placements in Chromium: its longest task, in which the page stands still."""

import datetime as dt
import uuid
from typing import Any

from playwright.sync_api import Browser

from app.database import Database
from app.planning.asset import Asset
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.persona import Persona
from app.planning.placement import Placement, PlacementStatus
from app.planning.tracking import ALPHABET
from tests.bench.bench_pages import open_town
from tests.bench.bench_report import NOW, START, fill
from tests.bench.ratio import Ratio
from tests.support.browser import running_chromium
from tests.support.people import COOKIE, open_session

PLACEMENTS = 1_000
DAYS = 730
VISITS = 5
PATH = "/calendar?span=years&month=2025-01"
WATCH = """
window.longest = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.longest = Math.max(window.longest, one.duration);
}).observe({ type: "longtask", buffered: true });
"""
"""A task is long from 50 ms on; without one the page never stood still."""


def run() -> list[Ratio]:
    """Of several first visits the median: the browser shares its processor with the server and with whoever else."""
    with open_town(fill_calendar, NOW) as (app, base_url), running_chromium() as browser:
        found = sorted(_longest_task(browser, open_session(app), base_url) for _ in range(VISITS))
    name = f"calendar of 2 years and {PLACEMENTS:,} placements, longest task in Chromium, ms"
    return [Ratio(name, found[VISITS // 2], at_most=200)]


def fill_calendar(database: Database) -> uuid.UUID:
    """A thousand placements over two years in the dozen channels of the other benches, up to sixty days each."""
    organisation = fill(database)
    with database.writing(organisation) as session:
        campaign, persona = session.query(Campaign).one(), session.query(Persona).first()
        assets, channels = session.query(Asset).all(), session.query(Channel).all()
        there = session.query(Placement).count()
        assert persona is not None
        for n in range(PLACEMENTS - there):
            first = START.date() + dt.timedelta(days=n * 7919 % DAYS)
            made: dict[str, Any] = {"created_at": START, "updated_at": START}
            session.add(
                Placement(
                    name=f"Placement number {n} of the calendar", campaign_id=campaign.id, persona_id=persona.id,
                    asset_id=assets[n % len(assets)].id, channel_id=channels[n % len(channels)].id,
                    starts_on=first, ends_on=first + dt.timedelta(days=n % 60), place=f"Place {n % 40}",
                    planned_cost_minor=n * 100, currency="EUR", target_url="https://jobs.example.org/",
                    tracking_code=_code(n), status=list(PlacementStatus)[n % 3], **made,
                )
            )  # fmt: skip
    return organisation


def _code(n: int) -> str:
    base = len(ALPHABET)
    return "z9" + "".join(ALPHABET[n // base**power % base] for power in range(4))


def _longest_task(browser: Browser, session: str, base_url: str) -> float:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": COOKIE, "value": session, "url": base_url}])
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(base_url + PATH, wait_until="load")
    page.locator(".flight").nth(PLACEMENTS // 2).wait_for()
    page.mouse.wheel(0, 4000)
    page.wait_for_load_state("networkidle")
    page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
    longest: float = page.evaluate("window.longest")
    context.close()
    return longest


if __name__ == "__main__":
    from tests.bench.__main__ import table

    print(table(run()))
