"""Pages in a browser and behind a socket: what they cost beside a static file of the same process."""

import datetime as dt
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import quantiles

import httpx
from fastapi import FastAPI
from playwright.sync_api import Browser

from app.database import Database
from app.intake.sealing import Sealer
from app.web.application import create_app
from app.web.pages.static import static_address
from tests.bench import city
from tests.bench.bench_report import APPLICATIONS, NOW, fill
from tests.bench.ratio import Ratio
from tests.support.browser import running_chromium
from tests.support.databases import migrate, sqlite_url
from tests.support.people import COOKIE, OURS, add_person, open_session
from tests.support.server import serving

PAGES = {"Today": "/", "Funnel": "/funnel", "Verdicts": "/verdicts"}
SECRET = b"k" * 32
LOOKS = 60
USERS, EACH = 50, 3
VISITS = 3
SLOWER = 4
"""How many times slower a telephone's processor is."""
WATCH = """() => {
  window.shift = 0; window.largest = 0;
  const each = (does) => (list) => list.getEntries().forEach(does);
  new PerformanceObserver(each((one) => { if (!one.hadRecentInput) window.shift += one.value; }))
    .observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver(each((one) => { window.largest = one.startTime; }))
    .observe({ type: "largest-contentful-paint", buffered: true });
}"""
UNTIL_PAINTED = """() => new Promise((done) => {
  const look = () => (window.largest > 0 ? done() : setTimeout(look, 20));
  look();
})"""


def run() -> list[Ratio]:
    """Warm: each page has been looked at once, and nothing changes meanwhile."""
    with open_town(partial(city.fill_city_times, secret=SECRET, sealer=Sealer([SECRET])), city.NOW) as (app, base_url):
        with reading(app, base_url) as client:
            ratios = list(_beside_static(client, f"the demo city times {city.TIMES}"))
        ratios.append(_crowd(app, base_url))
        with running_chromium() as browser:
            ratios += _in_a_browser(browser, app, base_url)
    with open_town(fill, NOW) as (app, base_url), reading(app, base_url) as client:
        return [*ratios, *_beside_static(client, f"{APPLICATIONS:,} applications")]


@contextmanager
def open_town(fill: Callable[[Database], uuid.UUID], now: dt.datetime) -> Iterator[tuple[FastAPI, str]]:
    """The pages of a town that was filled so, behind a socket."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "bench.db"
        migrate(sqlite_url(path))
        database = Database(sqlite_url(path))
        add_person(database, fill(database))
        app = create_app(database, SECRET, clock=lambda: now)
        with serving(app) as base_url:
            yield app, base_url
        database.close()


@contextmanager
def reading(app: FastAPI, base_url: str) -> Iterator[httpx.Client]:
    """Somebody who is signed in, on a connection that stays open."""
    headers = {"accept": "text/html", "accept-language": "en", "cookie": f"{COOKIE}={open_session(app)}", **OURS}
    with httpx.Client(base_url=base_url, headers=headers, timeout=60) as client:
        yield client


def _beside_static(client: httpx.Client, town: str) -> Iterator[Ratio]:
    """By turns, so that what disturbs one disturbs the other."""
    static = static_address("kutsu.css")
    for name, path in PAGES.items():
        get(client, path)
        pairs = [(seconds(partial(get, client, static)), seconds(partial(get, client, path))) for _ in range(LOOKS)]
        bare, page = (slowest_twentieth(times) for times in zip(*pairs, strict=True))
        yield Ratio(f"{name}, slowest twentieth / static file ({town})", page / bare, at_most=15)


def get(client: httpx.Client, path: str) -> httpx.Response:
    answer = client.get(path)
    answer.raise_for_status()
    return answer


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def slowest_twentieth(times: tuple[float, ...]) -> float:
    """The 95th percentile."""
    return quantiles(times, n=20)[-1]


def _crowd(app: FastAPI, base_url: str) -> Ratio:
    """Many users at once, each looking at every page; how many answers were none."""
    failed: list[str] = []

    def look() -> None:
        try:
            with reading(app, base_url) as client:
                for path in list(PAGES.values()) * EACH:
                    get(client, path)
        except httpx.HTTPError as error:
            failed.append(repr(error))

    users = [threading.Thread(target=look) for _ in range(USERS)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    return Ratio(f"errors while {USERS} users look at once", len(failed), at_most=0)


def _in_a_browser(browser: Browser, app: FastAPI, base_url: str) -> list[Ratio]:
    """First visits, with nothing kept, on a processor that is slower; of several the paint of the fastest, which
    disturbance by others lengthens least."""
    visits = {path: [_visit(browser, app, base_url + path) for _ in range(VISITS)] for path in PAGES.values()}
    every = [one for of_page in visits.values() for one in of_page]
    largest = max(min(one["largest"] for one in of_page) for of_page in visits.values()) / 1000
    return [
        Ratio("first visit without the drawing library, most of the three pages, kB",
              max(one["size"] for one in every) / 1000, at_most=200),
        Ratio(f"largest paint, processor {SLOWER} times slower, slowest of the three, s", largest, at_most=1),
        Ratio("layout shift, most of the three", max(one["shift"] for one in every), at_most=0.05),
    ]  # fmt: skip


def _visit(browser: Browser, app: FastAPI, url: str) -> dict[str, float]:
    context = browser.new_context()
    context.add_cookies([{"name": COOKIE, "value": open_session(app), "url": url}])
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url, wait_until="networkidle")
    page.evaluate(WATCH)
    page.evaluate(UNTIL_PAINTED)
    measured: dict[str, float] = page.evaluate("""() => ({
        shift: window.shift, largest: window.largest,
        size: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
            .filter((one) => !one.name.includes("plotly")).reduce((sum, one) => sum + one.transferSize, 0),
    })""")
    context.close()
    return measured


if __name__ == "__main__":
    from tests.bench.__main__ import table

    print(table(run()))
