"""A unit sees the applications that are placed in it and none of another's; a parent counts its units in, or not."""

import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.database import Database
from app.errors import Invalid
from app.funnel.application import Application, ObservedJob, Outcome, StageChange, SystemProgress
from app.funnel.fact import FactRow
from app.funnel.person import Person, PersonAlias
from app.funnel.record import replay
from app.funnel.touchpoint import Touchpoint
from app.intake.unit_rule import Department, list_departments, place_in_units
from tests.reports.builders import City, owners, stages

SYSTEM = "system:hr"


@pytest.fixture
def north(city: City) -> City:
    return City(city.database, parent=city.id)


@pytest.fixture
def south(city: City) -> City:
    return City(city.database, parent=city.id)


def place(city: City, **rule: City) -> None:
    """The city's unit rule from now on."""
    city.sees()
    with city.database.writing(city.id) as session:
        place_in_units(session, SYSTEM, {name: unit.id for name, unit in rule.items()})


def applied(city: City, **asked: object) -> int:
    return city.effectiveness(**asked).totals.applications


def three_applicants(city: City) -> None:
    """One each for a department of the north and of the south, and one for no department."""
    city.hears("x1", "2026-03-01", unit="North", interview="2026-03-05")
    city.hears("x2", "2026-03-02", unit="South", rejected="2026-03-09")
    city.hears("x3", "2026-03-03")


def test_a_unit_sees_what_is_placed_in_it_and_its_parent_sees_all_or_only_its_own(
    city: City, north: City, south: City
) -> None:
    three_applicants(city)
    place(city, North=north, South=south)
    assert [applied(one) for one in (city, north, south)] == [3, 1, 1]
    assert [applied(one, include_units=False) for one in (city, north, south)] == [1, 1, 1]
    assert stages(north.funnel())["interview"][0] == 1
    assert stages(south.funnel())["interview"][0] == 0
    assert stages(south.funnel())["applied"][1] == 1, "the rejection came along"


def test_a_department_is_known_whatever_its_capitals_and_blanks(city: City, north: City) -> None:
    city.hears("x1", "2026-03-01", unit="Outpatient  Care")
    city.hears("x2", "2026-03-02", unit="outpatient care ")
    place(city, **{" OUTPATIENT care": north})
    assert applied(north) == 2


def test_an_application_that_comes_after_the_rule_is_placed_by_it(city: City, north: City) -> None:
    place(city, North=north)
    three_applicants(city)
    city.sees()
    assert applied(north) == 1


def test_a_change_of_the_rule_places_everybody_anew_and_equals_a_replay(city: City, north: City, south: City) -> None:
    three_applicants(city)
    place(city, North=north, South=south)
    assert applied(north) == 1
    place(city, North=south)
    assert [applied(one, include_units=False) for one in (city, north, south)] == [2, 0, 1]

    def placed() -> list[tuple[bytes, uuid.UUID | None]]:
        with city.database.reading(city.id) as session:
            rows = session.execute(select(Application.id, Application.unit_id).order_by(Application.id))
            return [(id, unit) for id, unit in rows]

    before = placed()
    with city.database.writing(city.id) as session:
        assert replay(session) == 3
    assert placed() == before


def test_a_rule_leads_to_units_below_and_to_nobody_else(city: City, database: Database) -> None:
    other = City(database)
    with pytest.raises(Invalid, match="no unit below"):
        place(city, North=other)
    with pytest.raises(Invalid, match="no unit below"):
        place(city, North=city)
    with pytest.raises(Invalid, match="1 to 200"):
        place(city, **{" ": City(database, parent=city.id)})


def test_departments_are_listed_with_their_counts_and_units(city: City, north: City) -> None:
    three_applicants(city)
    place(city, North=north, West=north)
    with city.database.reading(city.id) as session:
        assert list_departments(session) == [
            Department(SYSTEM, "North", 1, north.id),
            Department(SYSTEM, "South", 1, None),
            Department(SYSTEM, "west", 0, north.id),
        ]
    with city.database.reading(north.id) as session:
        assert list_departments(session) == [], "whose systems are the city's"


def test_a_unit_sees_the_touches_of_its_applicants_and_no_others_and_no_fact_or_pseudonym(
    city: City, north: City, south: City
) -> None:
    city.touches("of x1", "2026-02-20", label="tram")
    city.touches("of x2", "2026-02-21", label="radio")
    city.touches("nobody", "2026-02-22", label="print")
    three_applicants(city)
    place(city, North=north, South=south)
    with city.database.reading(north.id) as session:
        assert session.scalars(select(Touchpoint.label)).all() == ["tram"]
        assert len(session.scalars(select(Application)).all()) == 1
        assert len(session.scalars(select(StageChange)).all()) == 1
        assert session.scalars(select(Outcome)).all() == []
        assert [row.system for row in session.scalars(select(SystemProgress))] == [SYSTEM]
        assert session.scalars(select(ObservedJob)).all() == []
        for hidden in (FactRow, Person, PersonAlias):
            assert session.scalars(select(hidden)).all() == []
    stranger = City(city.database)
    stranger.hears("x1", "2026-03-01", unit="North")
    stranger.sees()
    with city.database.reading(north.id) as session:
        assert len(session.scalars(select(SystemProgress)).all()) == 1, "though a stranger's system has that name"
    with city.database.reading(City(city.database, parent=city.id).id) as session:
        for row in (Touchpoint, Application, StageChange, SystemProgress):
            assert session.scalars(select(row)).all() == []


def test_a_units_own_plan_and_record_are_counted_with_its_parents(city: City, north: City) -> None:
    city.places("Tram")
    north.places("Poster")
    city.hears("x1", "2026-03-01", via="Tram")
    north.hears("x2", "2026-03-02", via="Poster")
    north.sees()
    assert owners(city.effectiveness()) == {"Tram": 1, "Poster": 1}
    assert owners(city.effectiveness(include_units=False)) == {"Tram": 1}
    assert owners(north.effectiveness()) == {"Poster": 1}


def test_an_answer_that_was_kept_is_computed_anew_when_a_unit_or_the_parent_changes(city: City, north: City) -> None:
    place(city, North=north)
    assert (applied(city), applied(north)) == (0, 0)
    north.hears("x1", "2026-03-01")
    north.sees()
    assert (applied(city), applied(north)) == (1, 1)
    city.hears("x2", "2026-03-01", unit="North")
    city.sees()
    assert (applied(north), applied(city)) == (2, 2)


def test_unmatched_sources_are_each_units_own(city: City, north: City) -> None:
    city.hears("x1", "2026-03-01", unit="North", source={"label": "Tram"})
    city.hears("x2", "2026-03-01", source={"label": "Radio"})
    place(city, North=north)

    def observed(one: City, **asked: object) -> set[str]:
        return {source.observed for source in one.unmatched(**asked).sources}

    assert observed(city) == {"tram", "radio"}
    assert observed(city, include_units=False) == {"radio"}
    assert observed(north) == {"tram"}


def test_what_was_known_when_is_told_by_who_owns_the_connection(city: City, north: City) -> None:
    three_applicants(city)
    place(city, North=north)
    now = city.scope().now
    assert applied(city, known_at=now) == 3
    assert applied(city, known_at=now, include_units=False) == 2
    with pytest.raises(Invalid, match="owns the connection"):
        applied(north, known_at=now)
    alone = City(city.database, parent=city.id)
    alone.hears("x1", "2026-03-01")
    assert applied(alone, known_at=now) == 1


def test_a_unit_of_a_unit_is_seen_by_both_above_it(city: City, north: City) -> None:
    ward = City(city.database, parent=north.id)
    city.hears("x1", "2026-03-01", unit="Ward")
    place(city, Ward=ward)
    assert [applied(one) for one in (city, north, ward)] == [1, 1, 1]
    assert [applied(one, include_units=False) for one in (city, north, ward)] == [0, 0, 1]


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(["North", "South", "East", None]), st.booleans()), max_size=12))
def test_own_and_units_add_up_to_the_parents_report(
    sqlite_template: City, applicants: list[tuple[str | None, bool]]
) -> None:
    database = sqlite_template.database
    city = City(database)
    units = {name: City(database, parent=city.id) for name in ("North", "South")}
    for number, (unit, invited) in enumerate(applicants):
        day = (dt.date(2026, 3, 1) + dt.timedelta(days=number)).isoformat()
        came: dict[str, Any] = {"interview": "2026-04-01"} if invited else {}
        city.hears(f"x{number}", day, unit=unit, person=f"p{number % 5}", **came)
    place(city, **units)

    def counted(one: City, **asked: object) -> tuple[int, ...]:
        totals = one.effectiveness(**asked).totals
        return totals.applications, totals.reached, totals.out, totals.pending

    parts = [counted(city, include_units=False), *(counted(unit) for unit in units.values())]
    assert counted(city) == tuple(map(sum, zip(*parts, strict=True)))
    for name, below in units.items():
        assert counted(below)[0] == sum(1 for where, _invited in applicants if where == name)


@pytest.fixture(scope="module")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, _migrated_file: object) -> City:
    from tests.support.databases import copy_sqlite

    file = tmp_path_factory.mktemp("units") / "kutsu.db"
    return City(Database(copy_sqlite(_migrated_file, file)))  # type: ignore[arg-type]
