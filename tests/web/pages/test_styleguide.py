"""The style guide shows every component and every state; its colours can be told apart by all."""

import re

import pytest

from tests.support.client import TestClient
from tests.support.house import ROOT

MACROS = (ROOT / "app/web/templates/macros.html").read_text()
STYLES = (ROOT / "app/web/static/kutsu.css").read_text()
STATES = ["empty", "loading", "partial", "stale", "too few", "error", "two editors at once", "not open to you"]

COMPONENTS = {
    "table": "<table", "filter bar": '<form class="filters"', "form": '<form class="sheet"',
    "file upload": 'type="file"', "timeline": 'class="timeline', "interval bar": 'class="interval',
    "verdict": 'class="verdict', "job progress": "<progress", "its speed": "a second", "its time left": " left.",
    "dialog": "<dialog open", "empty state": "<h3>empty</h3>", "chart": 'class="chart"', "search": 'role="search"',
    "line of no difference": 'class="no-difference"', "funnel's colours": 'class="rejected"', "hatched": 'url(#hatch)',
    "columns": 'class="columns"', "limits": 'class="limits"', "notes": 'class="notes"', "problems": 'class="problems"',
}  # fmt: skip
"""What a page can be made of, each with what shows that it is there."""


def tokens(scheme: str) -> dict[str, str]:
    """The colours of a scheme by the names of their tokens, as the style sheet gives them."""
    light, dark = re.findall(r":root \{(.*?)\}", STYLES, re.DOTALL)[:2]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", light if scheme == "light" else dark))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_the_standard_does() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "raised"])
@pytest.mark.parametrize("text", ["ink", "muted", "accent", "moved", "unmoved"])
def test_every_text_stands_out_from_every_ground(scheme: str, ground: str, text: str) -> None:
    colours = tokens(scheme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_written_on_a_button_stands_out(scheme: str) -> None:
    colours = tokens(scheme)
    assert contrast(colours["accent-ink"], colours["accent"]) >= 4.5


def test_every_component_is_in_the_guide(reader: TestClient) -> None:
    guide = (ROOT / "app/web/templates/styleguide.html").read_text()
    body = guide[guide.index("{% block scripts %}") :]
    missing = [name for name in re.findall(r"{% macro (\w+)\(", MACROS) if f"{name}(" not in body]
    assert missing == []
    assert reader.get("/styleguide").status_code == 200


@pytest.mark.parametrize("component", COMPONENTS)
def test_what_pages_are_made_of_is_in_the_guide(reader: TestClient, component: str) -> None:
    text = reader.get("/styleguide").text
    assert COMPONENTS[component] in text[text.index("<main") : text.index("</main>")]


def test_every_colour_is_in_the_guide(reader: TestClient) -> None:
    text = reader.get("/styleguide").text
    colours = re.findall(r"--([a-z-]+): (?:#|rgba)", STYLES[: STYLES.index("}")])
    assert [one for one in colours if f"<code>--{one}</code>" not in text] == []


def test_every_file_is_asked_for_by_one_component() -> None:
    templates = (ROOT / "app/web/templates").glob("*.html")
    assert [one.name for one in templates if 'type="file"' in one.read_text()] == ["macros.html"]


def test_every_state_is_in_the_guide(reader: TestClient) -> None:
    text = reader.get("/styleguide").text
    assert re.findall(r"<h3>([^<]*)</h3>", text[text.index('id="states"') :]) == STATES


def test_the_help_leads_to_the_guide(reader: TestClient) -> None:
    assert 'href="/styleguide"' in reader.get("/help").text


def test_the_line_above_a_title_leads_back_and_never_repeats_the_title_or_the_menu() -> None:
    told_otherwise = {"today.html", "account.html", "shared_calendar.html", "row_form.html"}
    lines = {one.name: line for one in (ROOT / "app/web/templates").glob("*.html")
             for line in re.findall(r'<p class="kicker">.*</p>', one.read_text())}  # fmt: skip
    assert {name for name, line in lines.items() if "<a href=" not in line} <= told_otherwise
    plain_end = re.compile(r'› \{\{ _\("[^"]*"\) \}\}</p>')
    assert {name for name, line in lines.items() if plain_end.search(line)} == {"applications.html"}
