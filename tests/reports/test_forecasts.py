"""What was foretold half a year ago, beside what has come since."""

import csv
import datetime as dt
import io
import re
from typing import Any

import pytest
from rich.console import Console

from app.reports.export import forecasts_csv
from app.reports.figures import expected_against_realised
from app.reports.forecasts import Forecast, Forecasts, check_forecasts, forecasts_finding, report_forecasts
from app.reports.tables import forecasts_table
from tests.reports.builders import City

MADE_ON = dt.date(2026, 6, 2)
"""Twenty-six weeks before the first of December."""


def check(city: City, **asked: Any) -> Forecasts:
    scope = city.scope(**asked)
    with city.database.reading(city.id) as session:
        return check_forecasts(session, scope)


@pytest.fixture
def city(sqlite_city: City) -> City:
    """Forty applied in January, of whom ten came within 60 days; twenty in May, of whom two had come and three more
    did; one in November."""
    sqlite_city.places("Tram")
    sqlite_city.places("Old", channel="Old")
    for n in range(40):
        ending: dict[str, Any] = {"interview": "2026-03-10"} if n < 10 else {"rejected": "2026-02-20"}
        sqlite_city.hears(f"old{n}", "2026-01-10", via="Old", **ending)
    for n in range(20):
        entered: dict[str, Any] = {}
        if n < 5:
            entered = {"interview": "2026-05-25" if n < 2 else "2026-07-01"}
        sqlite_city.hears(f"new{n}", "2026-05-01", via="Tram", **entered)
    sqlite_city.hears("later", "2026-11-01", via="Tram", interview="2026-11-05")
    return sqlite_city


def test_a_forecast_is_of_what_was_open_then_and_is_held_against_what_came(city: City) -> None:
    found = check(city)
    assert found.made_on == MADE_ON
    (row,) = found.rows
    assert (row.label, row.applications, row.so_far, row.came) == ("Tram", 20, 2, 5)
    assert 2 <= row.low <= row.high <= 20
    assert row.held is (row.low <= 5 <= row.high)
    assert found.held == int(row.held)


def test_machines_and_the_command_line_are_told_what_the_page_shows(city: City) -> None:
    with city.database.reading(city.id) as session:
        answer = report_forecasts(session, city.scope())
    (row,) = check(city).rows
    (told,) = answer.rows
    assert (told.label, told.applications, told.so_far, told.low, told.high, told.came, told.held) == (
        "Tram", 20, 2, row.low, row.high, 5, row.held
    )  # fmt: skip
    assert (answer.made_on, answer.held) == (MADE_ON, int(row.held))
    assert answer.finding == forecasts_finding(check(city))
    (line,) = csv.DictReader(io.StringIO(forecasts_csv(answer)))
    assert (line["label"], line["so_far"], line["came"]) == ("Tram", "2", "5")
    shown = io.StringIO()
    Console(file=shown, width=120).print(forecasts_table(answer))
    assert re.search(rf"Tram +20 +2 +{row.low}–{row.high} +5 ", shown.getvalue())


def test_a_period_changes_nothing_and_another_stage_does(city: City) -> None:
    assert check(city, from_="2026-11-01", as_of="2026-11-20").rows == check(city).rows
    assert {row.label: row.came for row in check(city, stage="hired").rows} == {"Old": 0, "Tram": 0}


def test_before_half_a_year_nothing_is_checked_and_it_is_said(sqlite_city: City) -> None:
    sqlite_city.places("Tram")
    sqlite_city.hears("a", "2026-11-01", via="Tram")
    found = check(sqlite_city)
    assert found.rows == []
    assert forecasts_finding(found).startswith("On 2 Jun 2026, half a year ago, no application was open")
    assert expected_against_realised([], "title") is None


def test_the_finding_counts_those_that_held_and_the_figure_shows_both(city: City) -> None:
    foretold = {"A": (20, 2, 3, 7, 5), "B": (20, 2, 3, 7, 9), "C": (4, 1, 1, 1, 1)}
    rows = [Forecast("known", label, label, *numbers) for label, numbers in foretold.items()]
    found = Forecasts(MADE_ON, check(city).data, rows)
    title = forecasts_finding(found)
    assert title == "2 of 3 forecasts made on 2 Jun 2026 hold what has come since."
    figure = expected_against_realised([(row.label, row.low, row.high, row.came, row.held) for row in rows], title)
    assert figure is not None
    *bars, marks = figure["data"]
    assert (marks["x"], marks["marker"]["symbol"]) == ([1, 5, 9], ["circle", "circle", "square"])
    assert [bar["x"] for bar in bars] == [[1, 1], [3, 7], [3, 7]]
    assert figure["layout"]["yaxis"]["ticktext"] == ["C", "A", "B"]
    assert figure["layout"]["title"]["text"] == title
