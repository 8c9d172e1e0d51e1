"""The public holidays of an organisation's country, which is the one that its time zone lies in."""

import datetime as dt
from collections.abc import Mapping
from functools import cache

from app.i18n import current_language

OWN_LANGUAGES = {"nb": ("no",), "sv": ("sv", "sv_FI"), "fi": ("fi",), "en": ("en_US",)}
"""How the library of holidays spells our languages."""


def find_country(time_zone: str) -> str | None:
    """The country of a time zone in two letters; none for one that is no country's, such as UTC."""
    from babel.core import get_global

    country: str | None = get_global("zone_territories").get(time_zone)
    return country if country and len(country) == 2 and country.isalpha() and country != "ZZ" else None


def list_public_holidays(country: str | None, first: dt.date, last: dt.date) -> dict[dt.date, str]:
    """The days on which nobody works, from first to last, with their names in the reader's language where they are
    known in it, else in the country's own."""
    if country is None:
        return {}
    found = _holidays(country, first.year, last.year, current_language())
    return {day: found[day] for day in sorted(found) if first <= day <= last}


@cache
def _holidays(country: str, first_year: int, last_year: int, language: str) -> Mapping[dt.date, str]:
    import holidays

    if country not in holidays.list_supported_countries():
        return {}
    years = range(first_year, last_year + 1)
    known = holidays.country_holidays(country)
    # Without a word the library would speak as the machine does.
    spelt = next((one for one in OWN_LANGUAGES[language] if one in known.supported_languages), known.default_language)
    return dict(holidays.country_holidays(country, years=years, language=spelt).items())
