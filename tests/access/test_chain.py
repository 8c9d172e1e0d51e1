"""Organisations form a chain: a unit is founded below its parent, and nobody outside the chain is any of it."""

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.access.organisation import (
    DEEPEST_CHAIN,
    Organisation,
    TrackingMode,
    change_organisation,
    choose_organisation,
    create_organisation,
    find_organisation,
    get_data_version,
    get_organisation,
    get_organisation_within,
    list_ancestors,
    list_descendants,
    list_units,
)
from app.database import Database, seeing_units, sight_of
from app.errors import Conflict, Invalid, Missing
from app.funnel.person import Tombstone

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
UNITS = 24


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def found(database: Database, name: str, parent: uuid.UUID | None = None, **ways: str) -> uuid.UUID:
    with database.writing() as session:
        above = get_organisation(session, parent) if parent else None
        return create_organisation(session, name, now=NOW, parent=above, **ways).id  # type: ignore[arg-type]


@pytest.fixture
def city(database: Database) -> uuid.UUID:
    """A city with 24 units, one of which has a ward."""
    city = found(database, "City")
    units = [found(database, f"Unit {number:02}", city) for number in range(UNITS)]
    found(database, "Ward", units[0])
    return city


def names(organisations: list[Organisation]) -> list[str]:
    return [one.name for one in organisations]


def test_a_chain_is_walked_up_and_down(database: Database, city: uuid.UUID) -> None:
    found(database, "Elsewhere")
    with database.reading() as session:
        units = list_units(session, city)
        assert names(units) == [f"Unit {number:02}" for number in range(UNITS)]
        assert names(list_descendants(session, city)) == [*names(units), "Ward"]
        (ward,) = list_units(session, units[0].id)
        assert names(list_ancestors(session, ward.id)) == ["Unit 00", "City"]
        assert list_ancestors(session, city) == []
        assert list_descendants(session, ward.id) == []


def test_a_unit_takes_over_its_parents_ways_unless_it_has_its_own(database: Database) -> None:
    city = found(database, "City", locale="sv", time_zone="Europe/Stockholm", tracking_mode=TrackingMode.AGGREGATE)
    with database.writing() as session:
        get_organisation(session, city).retention_days = 90
    unit, other = found(database, "Unit", city), found(database, "Other", city, locale="nb")
    with database.reading() as session:
        one, two = get_organisation(session, unit), get_organisation(session, other)
        assert (one.locale, one.time_zone, one.tracking_mode, one.retention_days) == (
            "sv", "Europe/Stockholm", "aggregate", 90,
        )  # fmt: skip
        assert (two.locale, two.time_zone) == ("nb", "Europe/Stockholm")


def test_a_name_is_new_beside_its_siblings_and_free_elsewhere(database: Database, city: uuid.UUID) -> None:
    with pytest.raises(Conflict, match="Unit 01"):
        found(database, " Unit 01 ", city)
    other = found(database, "Other city")
    found(database, "Unit 01", other)
    found(database, "Unit 01")
    with pytest.raises(Conflict, match="Other city"):
        found(database, "Other city")


def test_the_database_itself_refuses_two_equal_names_side_by_side(database: Database, city: uuid.UUID) -> None:
    found(database, "Elsewhere")
    for old, new in (("Unit 01", "Unit 02"), ("Elsewhere", "City")):
        with pytest.raises(IntegrityError), database.writing() as session:
            session.execute(update(Organisation).where(Organisation.name == old).values(name=new))


def test_a_name_that_a_sibling_has_is_refused_to_whoever_does_not_see_the_sibling(
    database: Database, city: uuid.UUID
) -> None:
    with database.reading(city) as session:
        first, second = list_units(session, city)[:2]
    with (
        pytest.raises(Conflict, match=f"named {second.name} is there"),
        database.writing(first.id) as session,
    ):
        change_organisation(session, get_organisation(session, first.id), {"name": second.name})


def test_a_chain_is_only_so_long(database: Database) -> None:
    last = None
    for depth in range(DEEPEST_CHAIN):
        last = found(database, f"Level {depth}", last)
    with pytest.raises(Conflict, match=f"at most {DEEPEST_CHAIN}"):
        found(database, "One more", last)


def test_whoever_is_not_below_is_as_good_as_not_there(database: Database, city: uuid.UUID) -> None:
    other = found(database, "Other city")
    with database.reading() as session:
        unit = list_units(session, city)[0]
        assert get_organisation_within(session, city, unit.id) is unit
        assert get_organisation_within(session, city, city).id == city
        for top, asked in ((city, other), (unit.id, city), (city, uuid.UUID(int=1))):
            with pytest.raises(Missing):
                get_organisation_within(session, top, asked)


def test_a_change_is_checked_as_a_founding_is(database: Database, city: uuid.UUID) -> None:
    with database.writing() as session:
        unit = list_units(session, city)[0].id
    with database.writing() as session:
        changed = change_organisation(session, get_organisation(session, unit), {"name": " Harbour ", "locale": "en"})
        assert (changed.name, changed.locale, changed.data_version) == ("Harbour", "en", 1)
    for wrong in ({"name": ""}, {"locale": "xx"}, {"time_zone": "Mars"}):
        with pytest.raises(Invalid), database.writing() as session:
            change_organisation(session, get_organisation(session, unit), wrong)
    with pytest.raises(Conflict), database.writing() as session:
        change_organisation(session, get_organisation(session, unit), {"name": "Unit 02"})


def test_the_whole_employer_need_not_be_named_and_a_unit_is_found_by_name_or_path(
    database: Database, city: uuid.UUID
) -> None:
    with database.reading() as session:
        assert choose_organisation(session, None).id == city
        assert choose_organisation(session, "Unit 07").name == "Unit 07"
        assert choose_organisation(session, "City/Unit 00/Ward").name == "Ward"
        assert find_organisation(session, "Unit 07") is None, "which is no employer of its own"
    other = found(database, "Other city")
    found(database, "Unit 07", other)
    with database.reading() as session:
        with pytest.raises(Missing, match="City/Unit 07, Other city/Unit 07"):
            choose_organisation(session, "Unit 07")
        assert choose_organisation(session, "Other city/Unit 07").parent_id == other
        with pytest.raises(Missing, match="City, Other city"):
            choose_organisation(session, None)


def test_the_data_version_moves_with_everything_that_an_organisation_can_see(
    database: Database, city: uuid.UUID
) -> None:
    with database.reading() as session:
        first, second = (unit.id for unit in list_units(session, city)[:2])

    def version(organisation: uuid.UUID) -> int:
        with database.reading(organisation) as session:
            return get_data_version(session)

    def versions() -> tuple[int, ...]:
        return tuple(map(version, (city, first, second)))

    assert versions() == (0, 0, 0)
    with database.writing(first) as session:
        session.add(Tombstone(reference=b"a" * 16))
    assert versions() == (1, 1, 0), "a sibling sees nothing of it"
    with database.writing(city) as session:
        session.add(Tombstone(reference=b"b" * 16))
    assert versions() == (2, 2, 1)


def test_units_are_seen_for_as_long_as_they_are_asked_for(database: Database, city: uuid.UUID) -> None:
    with database.reading(city) as session:
        assert sight_of(session).within == (city,)
        with seeing_units(session):
            assert len(sight_of(session).within) == 1 + UNITS + 1
        assert sight_of(session).within == (city,)
        with pytest.raises(ZeroDivisionError), seeing_units(session):
            raise ZeroDivisionError
        assert sight_of(session).within == (city,)


def test_a_session_that_begins_again_looks_around_again(database: Database, city: uuid.UUID) -> None:
    with database.reading(city) as session:
        assert sight_of(session).above == ()
        session.rollback()
        assert sight_of(session).own == (city,)
        with session.begin_nested():
            assert sight_of(session).own == (city,)
