"""Chromium under watch: what a page says on its console, throws, or asks of other machines fails the test."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--proxy-server=127.0.0.1:9",
]
"""The proxy, which loopback goes past, does not exist: no page reaches another machine."""
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
    """Opens pages and collects their complaints; `allow` names those that a test expects.

    Contexts of the same options are opened once and used again, so that Chromium need not read the same scripts anew
    for every page; `clear` takes all that a test left in them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: dict[str, BrowserContext] = {}
        self._allowed: list[re.Pattern[str]] = []
        self._seen: list[str] = []
        self._cookies: dict[str, str] = {}

    def carry_cookie(self, name: str, value: str) -> None:
        """Every page that is opened from now on carries this cookie."""
        self._cookies[name] = value

    def open(self, **options: Any) -> Page:
        """A page; `options` are Playwright's, such as `java_script_enabled`; pages of equal options share cookies."""
        key = json.dumps(options, sort_keys=True)
        if key not in self._contexts:
            self._contexts[key] = self._open_context(**options)
        context = self._contexts[key]
        for name, value in self._cookies.items():
            context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
        return context.new_page()

    def allow(self, pattern: str) -> None:
        """Complaints in which `pattern` is found do not fail this test."""
        self._allowed.append(re.compile(pattern))

    def complaints(self) -> list[str]:
        """What was seen and not allowed."""
        return [seen for seen in self._seen if not any(pattern.search(seen) for pattern in self._allowed)]

    def clear(self) -> None:
        """Closes every page, and forgets cookies and complaints."""
        for context in self._contexts.values():
            for page in context.pages:
                page.close()
            context.clear_cookies()
        self._allowed.clear()
        self._seen.clear()
        self._cookies.clear()

    def _open_context(self, **options: Any) -> BrowserContext:
        settings = {"locale": "en-GB", "timezone_id": "Europe/Helsinki", "reduced_motion": "reduce"} | options
        context = self._browser.new_context(**settings)
        context.set_default_timeout(10_000)
        context.on("request", self._look)
        context.on("console", self._hear)
        context.on("weberror", lambda thrown: self._seen.append(f"thrown: {thrown.error}"))
        return context

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._seen.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _look(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and address.hostname not in LOOPBACK:
            self._seen.append(f"asked another machine: {request.url}")


def barriers(page: Page) -> list[str]:
    """What axe finds on the page against WCAG 2.2 AA and good practice, in the light and, where colours alone
    differ, in the dark: rule, help, and where. The page is left in the dark."""
    found = barriers_in(page, "light")
    page.emulate_media(color_scheme="dark")
    return found + [f"in the dark, {one}" for one in _violations(page, ["color-contrast"])]


def barriers_in(page: Page, theme: str) -> list[str]:
    """What axe finds on the page in one colour scheme."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    return _violations(page, RULES)


def _violations(page: Page, rules: list[str]) -> list[str]:
    results = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return [
        f"{found['id']}: {found['help']} at {', '.join(str(node['target'][0]) for node in found['nodes'])}"
        for found in results.response["violations"]
    ]
