"""Usual school holidays are what the sources that the rules name have published, for any year."""

import datetime as dt

import pytest

from app.i18n import speaking
from app.planning.public_holidays import find_country, list_public_holidays
from app.planning.school_holidays import SchoolHoliday, list_school_holidays


def holidays(country: str, year: int) -> list[SchoolHoliday]:
    return list_school_holidays(country, dt.date(year, 1, 1), dt.date(year, 12, 31))


def found(country: str, year: int, name: str, where: str) -> list[tuple[str, str]]:
    return [
        (one.first.isoformat(), one.last.isoformat())
        for one in holidays(country, year)
        if one.name == name and where in one.where
    ]


@pytest.mark.parametrize(
    ("country", "year", "name", "where", "first", "last"),
    [
        ("FI", 2024, "Winter holiday", "Helsinki", "2024-02-19", "2024-02-25"),
        ("FI", 2026, "Winter holiday", "Tampere", "2026-02-23", "2026-03-01"),
        ("FI", 2026, "Winter holiday", "Kuopio", "2026-03-02", "2026-03-08"),
        ("FI", 2026, "Autumn holiday", "most", "2026-10-12", "2026-10-18"),
        ("FI", 2026, "Autumn holiday", "Kotka", "2026-10-19", "2026-10-25"),
        # The spring term ended on 30 May 2026 and 5 June 2027; school began on 6 August 2025 and 11 August 2027.
        ("FI", 2025, "Summer holiday", "", "2025-06-01", "2025-08-05"),
        ("FI", 2027, "Summer holiday", "", "2027-06-06", "2027-08-10"),
        ("SE", 2024, "Winter holiday", "Skåne", "2024-02-19", "2024-02-25"),
        ("SE", 2023, "Winter holiday", "Dalarna", "2023-02-27", "2023-03-05"),
        ("SE", 2018, "Winter holiday", "Västernorrland", "2018-03-05", "2018-03-11"),
        ("SE", 2023, "Autumn holiday", "", "2023-10-30", "2023-11-05"),
        ("SE", 2024, "Easter holiday", "after Easter", "2024-04-01", "2024-04-07"),
        ("NO", 2024, "Winter holiday", "Oslo", "2024-02-19", "2024-02-25"),
        ("NO", 2024, "Winter holiday", "Rogaland", "2024-02-26", "2024-03-03"),
        ("NO", 2020, "Autumn holiday", "Oslo", "2020-09-28", "2020-10-04"),
        ("NO", 2023, "Autumn holiday", "Møre og Romsdal", "2023-10-09", "2023-10-15"),
        ("NO", 2024, "Easter holiday", "", "2024-03-25", "2024-04-01"),
        # The last day of school was Friday 21 June 2024, the first of the school year before Monday 21 August 2023.
        ("NO", 2024, "Summer holiday", "", "2024-06-22", "2024-08-18"),
        ("NO", 2023, "Summer holiday", "", "2023-06-24", "2023-08-20"),
    ],
)  # fmt: skip
def test_a_holiday_falls_where_it_was_published(
    country: str, year: int, name: str, where: str, first: str, last: str
) -> None:
    assert found(country, year, name, where) == [(first, last)]


@pytest.mark.parametrize("country", ["FI", "SE", "NO"])
@pytest.mark.parametrize("year", range(1990, 2061, 7))
def test_every_year_has_every_holiday_in_order_and_none_is_empty(country: str, year: int) -> None:
    those = holidays(country, year)
    assert {"Winter holiday", "Summer holiday", "Autumn holiday", "Christmas holiday"} <= {one.name for one in those}
    assert all(one.first <= one.last for one in those)
    assert [one.first for one in those] == sorted(one.first for one in those)


def test_christmas_is_found_from_both_years_that_it_lies_in() -> None:
    for day in (dt.date(2026, 12, 31), dt.date(2027, 1, 1)):
        assert [one.name for one in list_school_holidays("FI", day, day)] == ["Christmas holiday"]


def test_of_a_country_without_a_rule_nothing_is_made_up() -> None:
    assert holidays("DE", 2026) == []


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Helsinki", "FI"),
        ("Europe/Stockholm", "SE"),
        ("Europe/Oslo", "NO"),
        ("Europe/Copenhagen", "DK"),
        ("UTC", None),
        ("Etc/GMT+3", None),
    ],
)
def test_the_country_is_that_of_the_time_zone(zone: str, country: str | None) -> None:
    assert find_country(zone) == country


def test_public_holidays_are_named_in_the_readers_language_and_else_in_the_countrys() -> None:
    day = dt.date(2026, 12, 6)
    names = {}
    for language in ("en", "fi", "sv", "nb"):
        with speaking(language):
            names[language] = list_public_holidays("FI", day, day)[day]
    assert names == {
        "en": "Independence Day",
        "fi": "Itsenäisyyspäivä",
        "sv": "Självständighetsdagen",
        "nb": "Itsenäisyyspäivä",
    }


def test_a_sunday_is_no_holiday_by_itself_in_any_of_the_three_countries() -> None:
    sunday = dt.date(2026, 11, 22)
    assert [list_public_holidays(country, sunday, sunday) for country in ("FI", "SE", "NO")] == [{}, {}, {}]


def test_without_a_country_or_for_an_unknown_one_no_day_is_a_holiday() -> None:
    year = (dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert list_public_holidays(None, *year) == list_public_holidays("QQ", *year) == {}
