"""When schools are usually closed in Finland, Sweden and Norway, by rule for any year, region by region.

Nobody publishes these days for years ahead: municipalities and school owners set them. So these are the usual weeks,
and are told as such; each rule names what it was read from.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.i18n import _

MONDAY, TUESDAY, WEDNESDAY, FRIDAY, SATURDAY = 0, 1, 2, 4, 5
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class SchoolHoliday:
    """Days without school as they usually fall, first to last; `where` is empty where it is so in the whole country."""

    name: str
    where: str
    first: dt.date
    last: dt.date


def list_school_holidays(country: str, first: dt.date, last: dt.date) -> list[SchoolHoliday]:
    """The usual holidays that touch these days, in their order; none for a country whose weeks nobody wrote down.

    country  as ISO 3166-1 spells it in two letters
    """
    rule = _RULES.get(country)
    years = range(first.year - 1, last.year + 1) if rule else ()
    found = [one for year in years if rule for one in rule(year) if one.first <= last and one.last >= first]
    return sorted(found, key=lambda one: (one.first, one.last, one.where))


def _finland(year: int) -> Iterator[SchoolHoliday]:
    """The winter holiday in week 8, 9 or 10 by region, as the Finnish National Agency for Education lists it for
    2023–2024; the autumn holiday in week 42, in some towns 43, as the calendars of Paimio, Vaasa, Hollola, Kotka and
    Rauma say for 2024–2027. School ends on the last working day of week 22, by section 7 of the Basic Education
    Decree (852/1998), and begins again on the Wednesday from 6 to 12 August, as it did in Lempäälä, Espoo and Sipoo
    from 2021 to 2027. Christmas from about 21 December to Epiphany."""
    for week, where in (
        (8, _("Helsinki, Turku, Pori and around")),
        (9, _("Tampere, Lahti, Jyväskylä, Vaasa and around")),
        (10, _("Oulu, Kuopio, Joensuu, Rovaniemi and around")),
    ):
        yield _week(_("Winter holiday"), where, year, week)
    yield SchoolHoliday(
        _("Summer holiday"), "", _day_of_week(year, 22, SATURDAY) + DAY, _on_or_after(year, 8, 6, WEDNESDAY) - DAY
    )
    yield _week(_("Autumn holiday"), _("most of the country"), year, 42)
    yield _week(_("Autumn holiday"), _("Lahti, Kotka, Rauma and around"), year, 43)
    yield SchoolHoliday(_("Christmas holiday"), "", dt.date(year, 12, 21), dt.date(year + 1, 1, 6))


def _sweden(year: int) -> Iterator[SchoolHoliday]:
    """The winter holiday in weeks 7 to 10 and the autumn holiday in week 44, by county, as Skolporten compiled them
    from the municipalities for 2020–2021; counties whose municipalities differ stand with none. By the same table most
    have the week after Easter free, some the week before. By section 2 of chapter 3 of the School Ordinance (2011:185)
    the school year begins in August and ends in June; in the municipalities read (2018–2026) mostly by the second
    Friday of June, and on from the third Tuesday of August. Christmas from about 21 December to 8 January."""
    easter = _easter(year)
    for week, where in (
        (7, _("Gothenburg, Jönköping and around")),
        (8, "Skåne, Blekinge, Kronoberg, Kalmar, Södermanland, Örebro"),
        (9, "Stockholm, Gotland, Värmland, Västmanland, Dalarna"),
        (10, "Västernorrland, Jämtland, Västerbotten, Norrbotten"),
    ):
        yield _week(_("Winter holiday"), where, year, week)
    yield SchoolHoliday(_("Easter holiday"), _("some: the week before Easter"), easter - 6 * DAY, easter + DAY)
    yield SchoolHoliday(_("Easter holiday"), _("most: the week after Easter"), easter + DAY, easter + WEEK)
    yield SchoolHoliday(
        _("Summer holiday"), "", _on_or_after(year, 6, 8, FRIDAY) + DAY, _on_or_after(year, 8, 15, TUESDAY) - DAY
    )
    yield _week(_("Autumn holiday"), "", year, 44)
    yield SchoolHoliday(_("Christmas holiday"), "", dt.date(year, 12, 21), dt.date(year + 1, 1, 8))


def _norway(year: int) -> Iterator[SchoolHoliday]:
    """The winter holiday in week 8 or 9 by county, as timeanddate.no compiled it for 2024 (in the far north it moves
    between weeks 9 and 10); the autumn holiday in week 40 or 41 as the counties had it in 2021, and always in week 40
    in Oslo by that city's own word. Easter from the Monday before it to the Monday after; the summer from the Friday
    from 18 to 24 June to the Monday from 17 to 23 August, as in Sykkylven, Lærdal, Vågsbygd and Spjelkavik from 2020 to
    2026; Christmas from about 21 December to 2 January."""
    easter = _easter(year)
    south = "Oslo, Akershus, Østfold, Vestfold, Telemark, Agder, Møre og Romsdal, Trøndelag"
    west = "Innlandet, Vestfold, Telemark, Rogaland, Vestland, Møre og Romsdal, Trøndelag"
    yield _week(_("Winter holiday"), south, year, 8)
    yield _week(_("Winter holiday"), _("Innlandet, Buskerud, Rogaland, Hordaland, the north"), year, 9)
    yield SchoolHoliday(_("Easter holiday"), "", easter - 6 * DAY, easter + DAY)
    yield SchoolHoliday(
        _("Summer holiday"), "", _on_or_after(year, 6, 18, FRIDAY) + DAY, _on_or_after(year, 8, 17, MONDAY) - DAY
    )
    yield _week(_("Autumn holiday"), _("Oslo, Akershus, Østfold, Buskerud, Agder, the north"), year, 40)
    yield _week(_("Autumn holiday"), west, year, 41)
    yield SchoolHoliday(_("Christmas holiday"), "", dt.date(year, 12, 21), dt.date(year + 1, 1, 2))


_RULES: Mapping[str, Callable[[int], Iterator[SchoolHoliday]]] = MappingProxyType(
    {"FI": _finland, "SE": _sweden, "NO": _norway}
)


def _week(name: str, where: str, year: int, week: int) -> SchoolHoliday:
    """A whole week, Monday to Sunday, as ISO 8601 numbers it."""
    monday = _day_of_week(year, week, MONDAY)
    return SchoolHoliday(name, where, monday, monday + 6 * DAY)


def _day_of_week(year: int, week: int, weekday: int) -> dt.date:
    return dt.date.fromisocalendar(year, week, weekday + 1)


def _on_or_after(year: int, month: int, day: int, weekday: int) -> dt.date:
    """The first such weekday from this day on."""
    start = dt.date(year, month, day)
    return start + DAY * ((weekday - start.weekday()) % 7)


def _easter(year: int) -> dt.date:
    from dateutil.easter import easter

    found: dt.date = easter(year)
    return found
