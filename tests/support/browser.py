"""Chromium under watch: what a page says on its console, throws, or asks of other machines fails the test."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """The system's Chromium, or the one that Playwright has installed."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Watch:
    """Opens pages and collects their complaints; `allow` names those that a test expects."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._allowed: list[re.Pattern[str]] = []
        self._seen: list[str] = []
        self._cookies: dict[str, str] = {}

    def carry_cookie(self, name: str, value: str) -> None:
        """Every page that is opened from now on carries this cookie."""
        self._cookies[name] = value

    def open(self, **options: Any) -> Page:
        """A page in a context of its own; `options` are Playwright's, such as `java_script_enabled`."""
        settings = {"locale": "en-GB", "timezone_id": "Europe/Helsinki", "reduced_motion": "reduce"} | options
        context = self._browser.new_context(**settings)
        self._contexts.append(context)
        context.set_default_timeout(10_000)
        for name, value in self._cookies.items():
            context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
        context.route(lambda url: urlsplit(url).hostname not in LOOPBACK, self._refuse)
        context.on("console", self._hear)
        context.on("weberror", lambda thrown: self._seen.append(f"thrown: {thrown.error}"))
        return context.new_page()

    def allow(self, pattern: str) -> None:
        """Complaints in which `pattern` is found do not fail this test."""
        self._allowed.append(re.compile(pattern))

    def complaints(self) -> list[str]:
        """What was seen and not allowed."""
        return [seen for seen in self._seen if not any(pattern.search(seen) for pattern in self._allowed)]

    def close(self) -> None:
        """Closes every page it opened."""
        for context in self._contexts:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._seen.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _refuse(self, route: Route) -> None:
        self._seen.append(f"asked another machine: {route.request.url}")
        route.abort()


def barriers(page: Page) -> list[str]:
    """What axe finds on the page against WCAG 2.2 AA and good practice: rule, help, and where."""
    results = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    return [
        f"{found['id']}: {found['help']} at {', '.join(str(node['target'][0]) for node in found['nodes'])}"
        for found in results.response["violations"]
    ]
