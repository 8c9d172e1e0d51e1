"""The funnel row by row: where each persona, or whatever else one splits by, stops."""

from typing import Any

import pytest

from app.funnel.stage import Stage, StageMapping
from app.reports.funnel_split import FunnelSplit, Split, SplitRow, behind, report_split
from tests.reports.builders import City


def split(city: City, by: Split, **asked: Any) -> FunnelSplit:
    scope = city.scope(**asked)
    with city.database.reading(city.id) as session:
        return report_split(session, scope, by)


def reached(row: SplitRow) -> dict[str, int]:
    return {one.stage: one.reached for one in row.stages}


def come(city: City, via: str | None, n: int, *, interviewed: int, **said: Any) -> None:
    """All are screened; some of them come to an interview and the others are rejected."""
    for number in range(n):
        ending: dict[str, Any] = {"interview": "2026-03-20"} if number < interviewed else {"rejected": "2026-03-15"}
        name = f"{via}{said.get('specialty', '')}{number}"
        city.hears(name, "2026-03-01", via=via, screened="2026-03-05", **said, **ending)


@pytest.fixture
def town(sqlite_city: City) -> City:
    """Of forty juniors a tenth come from screening to an interview; of thirty others, and of those untraced, half."""
    sqlite_city.places("Letter", persona="junior", channel="Letters", campaign="Autumn")
    sqlite_city.places("Poster", persona="young")
    come(sqlite_city, "Letter", 40, interviewed=4, specialty="gp")
    come(sqlite_city, "Poster", 30, interviewed=15, specialty="surgery")
    come(sqlite_city, None, 20, interviewed=10)
    return sqlite_city


def test_each_row_counts_its_own_and_all_together_count_everybody(town: City) -> None:
    found = split(town, Split.PERSONA)
    assert [(row.label, reached(row)["screened"], reached(row)["interview"]) for row in found.rows] == [
        ("junior", 40, 4), ("young", 30, 15), ("Not traced to an ad", 20, 10),
    ]  # fmt: skip
    assert reached(found.whole)["interview"] == 29


def test_who_came_through_an_ad_for_several_is_in_each_row_and_once_in_all(sqlite_city: City) -> None:
    sqlite_city.places("Evening", persona="junior", also_for=("senior",))
    come(sqlite_city, "Evening", 20, interviewed=4, specialty="gp")
    found = split(sqlite_city, Split.PERSONA)
    assert [(row.label, reached(row)["interview"]) for row in found.rows] == [("junior", 4), ("senior", 4)]
    assert reached(found.whole)["interview"] == 4


def test_who_waits_at_the_stage_before_is_told_of_each_row(sqlite_city: City) -> None:
    sqlite_city.places("Letter", persona="junior")
    come(sqlite_city, "Letter", 6, interviewed=2)
    sqlite_city.hears("open", "2026-03-01", via="Letter", screened="2026-03-05")
    (row,) = (row for row in split(sqlite_city, Split.PERSONA).rows if row.key)
    assert {one.stage: one.waiting for one in row.stages}["interview"] == 1
    assert (row.stages[0].waiting, row.stages[1].waiting) == (0, 0)


def test_the_row_that_surely_stops_sooner_than_all_is_named(town: City) -> None:
    row = behind(split(town, Split.PERSONA), "interview")
    assert row is not None
    assert row.label == "junior"


def test_where_all_come_equally_far_nobody_is_named(sqlite_city: City) -> None:
    for name in ("A", "B", "C"):
        sqlite_city.places(name, persona=name)
        come(sqlite_city, name, 20, interviewed=9)
    assert behind(split(sqlite_city, Split.PERSONA), "interview") is None


def test_those_who_cannot_be_traced_are_never_the_ones_who_stop(sqlite_city: City) -> None:
    sqlite_city.places("Poster")
    come(sqlite_city, "Poster", 40, interviewed=30)
    come(sqlite_city, None, 40, interviewed=1)
    assert behind(split(sqlite_city, Split.PERSONA), "interview") is None


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        (Split.SPECIALTY, ["gp", "surgery", "Specialty not known"]),
        (Split.CHANNEL, ["Letters", "Tram stops", "Not traced to an ad"]),
        (Split.CAMPAIGN, ["Autumn", "Spring", "Not traced to an ad"]),
        (Split.FORMAT, ["Poster", "Not traced to an ad"]),
    ],
)
def test_there_is_a_row_for_each_that_anybody_came_by_the_unknown_last(town: City, by: Split, rows: list[str]) -> None:
    found = split(town, by)
    assert [row.label for row in found.rows] == rows
    assert sum(reached(row)["applied"] for row in found.rows) == reached(found.whole)["applied"] == 90


def test_a_filter_leaves_the_rows_that_meet_it(town: City) -> None:
    found = split(town, Split.CHANNEL, persona="junior")
    assert [row.label for row in found.rows] == ["Letters"]
    assert reached(found.whole)["applied"] == 40


def test_a_stage_that_no_system_speaks_of_has_no_column(town: City) -> None:
    town.scope()  # what was told is taken in
    with town.database.writing(town.id) as session:
        session.add(StageMapping(system="system:hr", stage_ref="7", name="Chat", stage=int(Stage.OFFER)))
    assert list(reached(split(town, Split.PERSONA).whole)) == ["applied", "screened", "interview", "offer"]
