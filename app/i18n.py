"""Texts in the reader's language, and numbers, dates and money in local form.

Catalogues are gettext `.po` files in `app/locale`; they are compiled in memory when first used.
"""

import datetime as dt
import gettext
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "fi", "sv", "nb")
LOCALE_DIRECTORY = Path(__file__).parent / "locale"
MOMENT_PATTERNS = {"en": "d MMM HH:mm", "fi": "d.M. HH.mm", "sv": "d.M 'kl.' HH.mm", "nb": "d.M. 'kl.' HH.mm"}

KEPT = 4096
_QUOTED_TWICE = re.compile("([“”«])[“”«]([^“”«»]+)[”»]([”»])")
"""Numbers and amounts that are kept as they were written: a table writes the same few hundred many times."""

_language: ContextVar[str] = ContextVar("language", default="en")


class English(gettext.NullTranslations):
    """The source language as it is printed: an apostrophe is a curved one."""

    def gettext(self, message: str) -> str:
        return message.replace("'", "’")

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return super().ngettext(msgid1, msgid2, n).replace("'", "’")


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of one language; English is the source language, and is typeset alone."""
    path = LOCALE_DIRECTORY / language / "LC_MESSAGES" / "kutsu.po"
    if not path.exists():
        return English()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def current_language() -> str:
    """The language that texts are given in at this moment."""
    return _language.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Give texts in this language inside the block."""
    token = _language.set(language if language in LANGUAGES else "en")
    try:
        yield
    finally:
        _language.reset(token)


class Said(str):
    """A text that knows what was meant by it, so that it can be said again to readers of other languages."""

    __slots__ = ("meant",)
    meant: Mapping[str, Any]


_remembering: ContextVar[bool] = ContextVar("remembering", default=False)


@contextmanager
def remembering() -> Iterator[None]:
    """Let texts know what was meant by them inside the block: what is stored of them is read by others."""
    token = _remembering.set(True)
    try:
        yield
    finally:
        _remembering.reset(token)


def is_meant(value: object) -> bool:
    """Whether this is what stands for a text where it is stored."""
    return isinstance(value, dict) and not value.keys().isdisjoint(("said", "joined"))


def say(meant: Mapping[str, Any]) -> str:
    """A text that was meant, in the reader's language."""
    if "joined" in meant:
        parts = (say(part) if isinstance(part, dict) else part for part in meant["parts"])
        return _remember(meant["joined"].join(parts), meant)
    values = {name: say(value) if isinstance(value, dict) else value for name, value in meant["with"].items()}
    catalogue = translations(current_language())
    find, find_plural = catalogue.gettext, catalogue.ngettext
    if "many" in meant:
        text = find_plural(meant["said"], meant["many"], meant["n"])
        values = {"n": number(meant["n"]), **values}
    else:
        text = find(meant["said"])
    return _remember(_fill(text, values) if values else text, meant)


def fill(text: str, values: Mapping[str, object]) -> str:
    """A text that was given without what it names, with that filled in."""
    return say({**text.meant, "with": _plain(values)}) if isinstance(text, Said) else _fill(text, values)


def join(separator: str, texts: Iterable[str]) -> str:
    """Texts one after the other; each of them is said to readers of other languages, where that is remembered."""
    parts = list(texts)
    text = separator.join(parts)
    return _remember(text, {"joined": separator, "parts": [*map(_meant, parts)]}) if _remembering.get() else text


def _remember(text: str, meant: Mapping[str, Any]) -> str:
    said = Said(text)
    said.meant = meant
    return said


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _meant(value) for name, value in values.items()}


def _meant(value: object) -> object:
    """What stands for a value where it is stored: of an error, what was meant by its text."""
    if isinstance(value, int | float):
        return value
    text = value if isinstance(value, Said) else str(value)
    return text.meant if isinstance(text, Said) else text


def _(message: str, **parameters: object) -> str:
    """The text in the reader's language, with `%(name)s` filled in from the parameters."""
    text = translations(current_language()).gettext(message)
    text = _fill(text, parameters) if parameters else text
    return _remember(text, {"said": message, "with": _plain(parameters)}) if _remembering.get() else text


def _fill(text: str, parameters: Mapping[str, object]) -> str:
    """The text with what it names; a name that stands in quotes already gets no second pair around it."""
    filled = text % parameters
    return _QUOTED_TWICE.sub(r"\1\2\3", filled) if "”" in filled or "»" in filled else filled


def ngettext(one: str, many: str, n: int, **parameters: object) -> str:
    """The text for this number of things; `%(n)s` is the number in local form."""
    text = _fill(translations(current_language()).ngettext(one, many, n), {"n": number(n), **parameters})
    meant = {"said": one, "many": many, "n": n, "with": _plain(parameters)}
    return _remember(text, meant) if _remembering.get() else text


def pick(texts: Mapping[str, str]) -> str:
    """One of a text's languages: the reader's, else English, else whichever there is."""
    for language in (current_language(), "en", *texts):
        if texts.get(language):
            return texts[language]
    return ""


def _locale() -> str:
    return {"en": "en_GB", "fi": "fi_FI", "sv": "sv_FI", "nb": "nb_NO"}[current_language()]


def number(value: float, decimals: int = 0) -> str:
    """A number in local form with a fixed count of decimals."""
    return _number(value, decimals, _locale())


@lru_cache(KEPT)
def _number(value: float, decimals: int, locale: str) -> str:
    from babel.numbers import format_decimal

    return format_decimal(value, format="#,##0" + ("." + "0" * decimals if decimals else ""), locale=locale)


def typed_number(text: str) -> str:
    """A number with a point as people type it here: in a field, where it is read with either sign of decimals."""
    return text if current_language() == "en" else text.replace(".", ",")


def percent(share: float, decimals: int = 0) -> str:
    """A share from 0 to 1 as a percentage in local form."""
    return _percent(share, decimals, _locale())


@lru_cache(KEPT)
def _percent(share: float, decimals: int, locale: str) -> str:
    from babel.numbers import format_percent

    pattern = "#,##0" + ("." + "0" * decimals if decimals else "") + " %"
    return unbroken(format_percent(share, format=pattern, locale=locale))


def unbroken(text: str) -> str:
    """The text with each sign of per cent kept on the line of its number."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def money(minor: int, currency: str, *, cents: bool = False) -> str:
    """Integer minor units of a currency in local form, in whole units unless cents are asked for."""
    return _money(minor, currency, cents, _locale())


@lru_cache(KEPT)
def _money(minor: int, currency: str, cents: bool, locale: str) -> str:
    from decimal import Decimal

    from babel.numbers import format_currency

    exponent = minor_digits(currency)
    amount = Decimal(minor).scaleb(-exponent)
    pattern = "#,##0.00 ¤" if cents and exponent else "#,##0 ¤"
    return format_currency(amount, currency, format=pattern, locale=locale, currency_digits=False)


def minor_digits(currency: str) -> int:
    """How many decimals the currency's minor unit has (2 for EUR, 0 for JPY)."""
    from babel.numbers import get_currency_precision

    return get_currency_precision(currency)


def date(day: dt.date) -> str:
    """A date in local form, short enough for a table."""
    from babel.dates import format_date

    return format_date(day, format="d MMM y" if current_language() == "en" else "medium", locale=_locale())


def day_words(day: dt.date, at: dt.time | None) -> str:
    """A date in local form, with a time of that day where there is one."""
    return at_words(date(day), at) if at else date(day)


def at_words(day: str, at: dt.time) -> str:
    """A time of day in local form, after the day it is of where one is named: `Thursday at 12:00`, `at 12:00`."""
    clock = f"{at:%H:%M}" if current_language() == "en" else f"{at:%H.%M}"
    return _("%(day)s at %(time)s", day=day, time=clock) if day else _("at %(time)s", time=clock)


def month_name(day: dt.date) -> str:
    """The month in local form, short enough for an axis, with its year in January."""
    from babel.dates import format_date

    return format_date(day, format="LLL y" if day.month == 1 else "LLL", locale=_locale())


def month_word(day: dt.date) -> str:
    """The month in local form, short enough for an axis: `Jan`."""
    from babel.dates import format_date

    return format_date(day, format="LLL", locale=_locale())


def weekday_name(number: int) -> str:
    """A weekday by itself in local form: 0 is Monday."""
    from babel.dates import get_day_names

    return str(get_day_names("wide", "stand-alone", _locale())[number])


def whole_month(day: dt.date) -> str:
    """The month in full local form, with its year: `March 2026`."""
    from babel.dates import format_date

    return format_date(day, format="LLLL y", locale=_locale())


def period(start: dt.date, end: dt.date | None) -> str:
    """A period in local form: `3–30 March 2026`, or `from 3 March 2026` when it has no end."""
    if end is None:
        return _("from %(day)s", day=date(start))
    return _period(start, end, _locale())


@lru_cache(KEPT)
def _period(start: dt.date, end: dt.date, locale: str) -> str:
    from babel.dates import format_interval

    return format_interval(start, end, skeleton="yMMMd", locale=locale)


def unhyphenated(name: str) -> str:
    """A name for a heading: no line ends at its hyphens."""
    return name.replace("-", "\u2011")


def unbroken_period(start: dt.date, end: dt.date | None) -> str:
    """A period in local form, of which a line ends at the dash between its days alone."""
    return period(start, end).replace(" ", "\N{NO-BREAK SPACE}")


def moment(instant: dt.datetime, time_zone: dt.tzinfo) -> str:
    """An instant in local form, to the minute."""
    from babel.dates import format_datetime

    local = instant.astimezone(time_zone)
    return format_datetime(local, format=MOMENT_PATTERNS[current_language()], locale=_locale())
