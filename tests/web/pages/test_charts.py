"""Every chart in Chromium: it says what it shows, is read without being seen, and writes numbers as its reader does."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from app.i18n import number, speaking
from app.planning.placement import Placement
from app.reports.answers import ModelCredit, PathsAnswer, Totals
from app.reports.effectiveness import report_effectiveness
from app.reports.forecasts import Forecast, Forecasts
from app.reports.paths import MODELS, Touches
from app.reports.timeline import DayCount
from app.web.pages.forecasts import forecasts_view
from app.web.pages.paths import paths_view
from app.web.pages.placement import placement_view
from app.web.pages.placement_link import link_view
from app.web.pages.visit import Visit
from tests.support.browser import Watch, barriers
from tests.support.people import COOKIE, open_session
from tests.support.server import serving
from tests.web import answers_examples as examples
from tests.web.answers_examples import NOW, key_of
from tests.web.pages.shown import address
from tests.web.pages.town import show

LANGUAGES = ("en", "fi", "sv", "nb")
LARGE = 12345
"""People enough for a number to be written in local form."""


def large_people(visit: Visit) -> Any:
    """A placement that thousands have applied through."""
    placement, scope = visit.session.get_one(Placement, uuid.UUID(key_of(2))), visit.question()
    people = [DayCount(dt.date(2026, 3, day), n, n // 10) for day, n in ((5, 10), (20, LARGE // 2), (30, LARGE))]
    view = placement_view(visit, scope, placement, report_effectiveness(visit.session, scope), people)
    return view | link_view(visit, placement, (), {})


def large_credit(visit: Visit) -> Any:
    """Thousands who came to the stage."""
    names = ("Newsletter", "Poster", "Unknown source")
    totals = Totals(people=LARGE, applications=LARGE, reached=LARGE, out=0, pending=0, traced_share=0.6)
    models = {
        model: [
            ModelCredit(row="known", key=name, label=name, credit=LARGE / (2 + place + n), low=None, high=None)
            for n, name in enumerate(names)
        ]
        for place, model in enumerate(MODELS)
    }
    found = PathsAnswer(
        scope={"by": "placement", "stage": "interview"}, data=examples.DATA, totals=totals, heading="Ways of sharing",
        unresolved=0, untouched=0, untraced=0, paths=[], models=models, removal_effects=[], hastened=[],
    )  # fmt: skip
    return paths_view(visit, visit.question(), Touches.STAGE, found)


def large_forecasts(visit: Visit) -> Any:
    """Rows of which thousands were foretold."""
    rows = [Forecast("known", key_of(n), name, LARGE, 100, LARGE - 900, LARGE + 900, LARGE - 1500 * n)
            for n, name in enumerate(("Newsletter", "Poster"))]  # fmt: skip
    return forecasts_view(visit, visit.question(), Forecasts(NOW.date(), examples.DATA, rows))


LARGE_PAGES = {"people": ("placement.html", large_people), "credit": ("paths.html", large_credit),
               "forecasts": ("forecasts.html", large_forecasts)}  # fmt: skip
CHARTS = {
    "forest": address("verdicts", "city"),
    "incidence": address("funnel", "city"),
    **{name: f"/examples/charts/{name}" for name in LARGE_PAGES},
}

SHOWN = [
    pytest.param(name, language, marks=() if number % len(LANGUAGES) == place else pytest.mark.prove)
    for number, name in enumerate(CHARTS)
    for place, language in enumerate(LANGUAGES)
]
"""Each chart in one language and all languages among them; a proof looks at every chart in every one."""


@pytest.fixture(scope="module")
def site(town: FastAPI) -> Iterator[str]:
    for name, (template, view) in LARGE_PAGES.items():
        show(town, CHARTS[name], template, partial(view))
    with serving(town) as base_url:
        yield base_url


@pytest.fixture
def watch(watch: Watch, town: FastAPI) -> Watch:
    watch.carry_cookie(COOKIE, open_session(town))
    return watch


def open_chart(watch: Watch, site: str, name: str, language: str) -> Page:
    page = watch.open(locale=language)
    page.goto(site + CHARTS[name])
    page.locator(f"[data-figure='{name}'] .main-svg").first.wait_for()
    return page


def values_by_keyboard(page: Page, name: str) -> list[str]:
    """What is said on the way through the drawing, from the first value to the last."""
    plot = page.locator(f"[data-figure='{name}']")
    plot.focus()
    said = []
    page.keyboard.press("Home")
    for _value in range(int(plot.get_attribute("aria-valuemax") or 0)):
        said.append(plot.get_attribute("aria-valuetext") or "")
        page.keyboard.press("ArrowRight")
    return said


def test_a_drawing_follows_the_width_of_the_page_and_keeps_its_height(watch: Watch, site: str) -> None:
    page = open_chart(watch, site, "incidence", "en")
    drawing = page.locator("[data-figure='incidence'] .main-svg").first
    wide = drawing.bounding_box()
    page.set_viewport_size({"width": 390, "height": 800})
    expect(drawing).to_have_attribute("width", re.compile(r"3\d\d(\.\d+)?"))
    narrow = drawing.bounding_box()
    assert wide is not None and narrow is not None
    assert (wide["width"] > 600, narrow["height"]) == (True, wide["height"])
    place = page.locator("[data-figure='incidence']")
    assert place.evaluate("(plot) => parseInt(getComputedStyle(plot).minHeight)") == wide["height"]


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("name", ["forest", "credit", "forecasts"])
def test_on_a_phone_names_stand_above_their_marks_and_the_marks_have_the_width(
    watch: Watch, site: str, name: str, width: int
) -> None:
    page = open_chart(watch, site, name, "en")
    plot = page.locator(f"[data-figure='{name}']")
    names = plot.locator(".ytick text").all_text_contents()
    page.set_viewport_size({"width": width, "height": 800})
    expect(plot.locator(".main-svg").first).to_have_attribute("width", re.compile(r"[23]\d\d(\.\d+)?"))
    expect(plot.locator(".ytick text")).to_have_count(0)
    whole, marks = plot.bounding_box(), plot.locator(".nsewdrag").bounding_box()
    assert whole is not None and marks is not None
    assert marks["width"] > 0.85 * whole["width"]
    above = plot.locator(".annotation").filter(has_text=re.compile("|".join(map(re.escape, names))))
    assert sorted(above.all_text_contents()) == sorted(names)
    boxes = [box for one in above.all() if (box := one.bounding_box())]
    points = [box for one in plot.locator(".points path").all() if (box := one.bounding_box())]
    for box in boxes:
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        assert not any(box["y"] < point["y"] + point["height"] / 2 < box["y"] + box["height"] for point in points)


@pytest.mark.parametrize(("name", "language"), SHOWN)
def test_a_chart_says_what_it_shows_is_read_without_being_seen_and_speaks_its_readers_language(
    watch: Watch, site: str, name: str, language: str
) -> None:
    page = open_chart(watch, site, name, language)
    figure, plot = page.locator("figure.chart"), page.locator(f"[data-figure='{name}']")
    assert len(figure.locator("h2").inner_text()) > 20
    assert len(plot.get_attribute("aria-label") or "") > 20
    assert figure.locator(".modebar-btn").count() == 0

    said = values_by_keyboard(page, name)
    drawn = page.evaluate(
        """(name) => JSON.parse(document.getElementById(name).textContent).data
        .flatMap((trace) => trace.text ?? []).map((text) => text.replaceAll("<br>", ", "))""",
        name,
    )
    assert sorted(said) == sorted(drawn)
    expect(plot.locator(".hovertext").first).to_be_visible()

    figure.get_by_role("link").first.click()
    table = page.locator(f"#{page.url.rpartition('#')[2]} table")
    assert table.is_visible()
    if name in LARGE_PAGES:
        assert any(in_words(LARGE // 2, language) in text or in_words(LARGE, language) in text for text in said)
        ticks = " ".join(plot.locator(".xtick text, .ytick text").all_text_contents())
        assert re.search(rf"\d{re.escape(in_words(1000, language)[1])}000\b", ticks)
        assert not re.search(r"\d[kM]\b|\d{4}", ticks)
    assert barriers(page) == []


def in_words(n: int, language: str) -> str:
    with speaking(language):
        return number(n)
