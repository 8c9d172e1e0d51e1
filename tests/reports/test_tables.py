"""Reports as a terminal shows them and as a spreadsheet opens them."""

import csv
import io
from typing import Any

import pytest
from rich.console import Console

from app.i18n import speaking
from app.reports.answers import Lift
from app.reports.export import effectiveness_csv, funnel_csv, unmatched_csv
from app.reports.tables import WIDE, draw_bar, effectiveness_table, funnel_table, unmatched_table
from tests.reports.builders import City


@pytest.fixture
def city(sqlite_city: City) -> City:
    city = sqlite_city
    city.places("=Newsletter", channel="E-mail", currency="EUR", invoiced=30000)
    city.places("Search [b]ad", channel="Search", currency="EUR", planned=420000)
    for via, n, reach in (("=Newsletter", 40, 26), ("Search [b]ad", 60, 9)):
        for number in range(n):
            ending: dict[str, Any] = {"interview": "2026-03-20"} if number < reach else {"rejected": "2026-03-20"}
            city.hears(f"{via}{number}", "2026-03-01", via=via, **ending)
    city.hears("x1", "2026-03-01", source={"label": "Fair"})
    city.hears("x2", "2026-03-01", source={"tracking_code": "zzz999"})
    return city


def shown(table: Any, width: int = 140) -> list[str]:
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(table)
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_the_table_begins_with_the_finding_and_has_a_line_a_row(city: City) -> None:
    lines = shown(effectiveness_table(city.effectiveness()))
    assert lines[0].startswith("After 1 of 2 placements doctors got to interview more often")
    assert lines[1] == "2 of 102 applications (2\N{NO-BREAK SPACE}%) cannot be traced to an ad."
    (newsletter,) = (line for line in lines if line.startswith("=Newsletter"))
    assert newsletter.split()[1:4] == ["300", "€", "40"]
    assert newsletter.endswith("moved")
    assert "●" in newsletter
    assert any(line.startswith("Search [b]ad") for line in lines)
    assert lines[-1].endswith("not judged")


def test_a_narrow_terminal_gets_the_verdicts_alone_and_is_told_where_the_rest_stands(city: City) -> None:
    city.places("Fair")
    city.hears("y1", "2026-03-01", via="Fair")
    wide, narrow = (shown(effectiveness_table(city.effectiveness()), width) for width in (140, 80))
    (said,) = (line for line in wide if line.startswith("Fair"))
    assert "cannot tell" in said
    assert "more" in said
    assert "cannot tell" in " ".join(" ".join(narrow).split())
    assert not any("more applicants" in line for line in narrow[:-1])
    assert narrow[-1].startswith("A terminal of 100 columns or more")
    assert "terminal" not in wide[-1]


@pytest.mark.parametrize("width", [72, 76, 80, 84, 88])
def test_no_letter_is_lost_however_narrow_the_terminal(city: City, width: int) -> None:
    city.places("Tram-stop poster of the whole autumn", currency="EUR", planned=123_456_00)
    answer = city.effectiveness()
    rows = [row.model_copy(update={"verdict": "did_not_move", "reason": None}) for row in answer.rows]
    table = effectiveness_table(answer.model_copy(update={"rows": rows}))
    narrow, roomy = (sorted("".join("".join(shown(table, room)).split())) for room in (width, WIDE - 1))
    assert narrow == roomy


def test_a_city_without_applications_has_a_table_too(sqlite_city: City) -> None:
    sqlite_city.places("Poster")
    lines = shown(effectiveness_table(sqlite_city.effectiveness()))
    assert lines[0] == "Nobody has applied yet, so there is nothing to judge."
    assert "has not run" in " ".join(" ".join(lines).split())
    assert shown(funnel_table(sqlite_city.funnel()))[0] == "Nobody has applied yet."
    assert shown(unmatched_table(sqlite_city.unmatched())) == [
        "Everything that was observed leads to a placement or a channel."
    ]


def test_the_funnel_has_a_line_a_stage(city: City) -> None:
    lines = shown(funnel_table(city.funnel()))
    assert [line.split()[0] for line in lines[-6:]] == ["Applied", "Screened", "Interview", "Offer", "Hired", "Started"]
    assert lines[-4].split()[1:5] == ["35", "35", "0", "0"]


def test_what_leads_nowhere_has_a_line_each(city: City) -> None:
    lines = shown(unmatched_table(city.unmatched()))
    assert [line.split()[:3] for line in lines[1:]] == [["Code", "zzz999", "1"], ["Label", "fair", "1"]]


@pytest.mark.parametrize(
    ("low", "estimate", "high", "bar"),
    [
        (-0.5, 0.0, 1.0, "   ───●───   "),
        (0.41, 1.0, 3.0, "      ┃──●───"),
        (-0.9, -0.5, -0.18, "───●──┃      "),
        (0.0, 5.0, 90.0, "      ┃─────●"),
    ],
)
def test_a_bar_has_as_much_room_for_half_as_for_twice(low: float, estimate: float, high: float, bar: str) -> None:
    lift = Lift(horizon_days=120, low=low, estimate=estimate, high=high, probability_better=0.5)
    assert draw_bar(lift) == bar


def test_without_a_lift_there_is_no_bar() -> None:
    lift = Lift(horizon_days=120, low=None, estimate=None, high=None, probability_better=None, why="too_few")
    assert draw_bar(lift) == ""


def test_no_cell_of_a_file_is_a_formula(city: City) -> None:
    rows = list(csv.DictReader(io.StringIO(effectiveness_csv(city.effectiveness()))))
    assert [row["label"] for row in rows[:2]] == ["'=Newsletter", "Search [b]ad"]
    assert (rows[0]["cost"], rows[0]["currency"], rows[0]["applications"], rows[0]["reached"]) == (
        "300.00", "EUR", "40", "26",
    )  # fmt: skip
    assert rows[-1]["lift"] == rows[-1]["cost_per_reached"] == ""


def test_files_of_the_funnel_and_of_what_leads_nowhere_have_a_line_each(city: City) -> None:
    assert len(list(csv.DictReader(io.StringIO(funnel_csv(city.funnel()))))) == 6
    unmatched = list(csv.DictReader(io.StringIO(unmatched_csv(city.unmatched()))))
    assert unmatched[0] == {
        "kind": "code", "observed": "zzz999", "applications": "1", "touchpoints": "0", "first": "2026-03-01",
        "last": "2026-03-01",
    }  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fi", "sv", "nb"])
def test_tables_speak_every_language(city: City, language: str) -> None:
    with speaking(language):
        assert shown(effectiveness_table(city.effectiveness(by="format")))
        assert shown(funnel_table(city.funnel()))
