"""Numbers and days as files write them. A mark or an order that may mean two things is settled by the file as a whole,
by what somebody said of it, or not at all: nothing is guessed."""

import datetime as dt
import enum
import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache

from app.i18n import LANGUAGES, minor_digits
from app.spreadsheets import Cell

EARLIEST = dt.date(2000, 1, 1)
LARGEST = 10**12
KEPT = 2048
"""Texts of which it is kept what they say: a file of many rows writes the same few over and over."""

_NOTHING = frozenset({"", "-", "--", "–", "—", "n/a", "null", "nan"})
_BLANKS = re.compile(r"[\s'’€$£]")
_UNIT = re.compile(r"^(?:kr\.?|[A-Z]{3})|(?:kr\.?|[A-Z]{3})$")
_SIGNS = {"€": "EUR", "£": "GBP"}
SHARED_SIGNS = {
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "BBD", "BMD", "BND", "BSD", "BZD", "CLP",
          "COP", "DOP", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD", "TTD", "UYU", "XCD"),
}  # fmt: skip
"""Signs that several currencies have in common, and which."""
_SHARED = re.compile(r"\$|(?<![^\W\d])kr(?![^\W\d])", re.IGNORECASE)
_CODE = re.compile(r"^[A-Z]{3}(?![A-Z])|(?<![A-Z])[A-Z]{3}$")
_MARKS = re.compile(r"[.,]")
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ][0-9:.Z+-]*)?")
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_NAMED = re.compile(r"(?:\w+,?\s+)?(?:(\d{1,2})\.?\s+([^\W\d]+)\.?,?|([^\W\d]+)\.?\s+(\d{1,2}),?)\s+(\d{4})")


class DayOrder(enum.StrEnum):
    """What stands first in `3/4/2026`."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class UnclearError(ValueError):
    """A value that may mean two things; nothing in the file says which."""


@lru_cache(KEPT)
def strip_number(text: str) -> str | None:
    """The figures and marks of a number, or None where a platform writes that there is none."""
    if text.strip().casefold() in _NOTHING:
        return None
    return _UNIT.sub("", _BLANKS.sub("", text.replace("\N{MINUS SIGN}", "-")))


@lru_cache(KEPT)
def read_currencies(text: str) -> frozenset[str]:
    """What an amount says of its currency by a sign or a code beside its figures; `$` and `kr` stand for themselves,
    since they are those of several."""
    bare = text.strip()
    shared = (sign.lower() for sign in _SHARED.findall(bare))
    return frozenset({*(code for sign, code in _SIGNS.items() if sign in bare), *_CODE.findall(bare), *shared})


def tell_decimal(amounts: Iterable[str], counts: Iterable[str]) -> frozenset[str]:
    """The marks that these numbers prove to stand before decimals: none where nothing is proved, two where the file
    contradicts itself. `counts` are whole, so that three figures after a mark are thousands."""
    proved = set()
    for text in amounts:
        proved |= _decimal_of(text)
    for text in counts:
        proved |= _decimal_of(text) or _grouping_of(text)
    return frozenset(proved)


def _decimal_of(text: str) -> set[str]:
    marks = _MARKS.findall(text)
    if len(set(marks)) == 2:
        return {marks[-1]}
    if len(marks) > 1:
        return {_other(marks[0])}
    if not marks:
        return set()
    whole, _mark, rest = text.lstrip("-+").partition(marks[0])
    return {marks[0]} if len(rest) != 3 or not 0 < len(whole) < 4 or whole.startswith("0") else set()


def _grouping_of(text: str) -> set[str]:
    return {_other(mark) for mark in _MARKS.findall(text)}


def _other(mark: str) -> str:
    return "," if mark == "." else "."


def read_number(cell: Cell, decimal: str | None) -> Decimal | None:
    """A number, or None where there is none. Raises ValueError, and UnclearError where the mark may mean two things."""
    if isinstance(cell, dt.date):
        raise ValueError("a day")  # noqa: TRY004 (of what is in a file)
    if not isinstance(cell, str):
        return _finite(Decimal(repr(cell)))
    return _read_figures(cell, decimal)


@lru_cache(KEPT)
def _read_figures(cell: str, decimal: str | None) -> Decimal | None:
    text = strip_number(cell)
    if text is None:
        return None
    if decimal is None and _MARKS.search(text):
        raise UnclearError(text)
    mark = decimal or "."
    if not _number_with(mark).fullmatch(text):
        raise ValueError(text)
    return _finite(Decimal(text.replace(_other(mark), "").replace(",", ".")))


@cache
def _number_with(mark: str) -> re.Pattern[str]:
    """What a number looks like that has this mark before its decimals."""
    group, mark = re.escape(_other(mark)), re.escape(mark)
    return re.compile(rf"[-+]?(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)(?:{mark}\d+)?", re.ASCII)


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite() or not 0 <= value < LARGEST:
        raise ValueError("out of bounds")
    return value


def to_whole(value: Decimal | None) -> int | None:
    """A count. Raises ValueError where it is none."""
    if value is None:
        return None
    if value != value.to_integral_value():
        raise ValueError("no whole number")
    return int(value)


def to_minor(value: Decimal | None, currency: str) -> int | None:
    """An amount in whole minor units, as money is rounded: platforms count in finer ones."""
    return None if value is None else int(value.scaleb(minor_digits(currency)).quantize(Decimal(1), ROUND_HALF_UP))


def to_hundredths(value: Decimal | None) -> int | None:
    """What a platform calls results: it shares one among several ads, in hundredths."""
    return None if value is None else int(value.scaleb(2).quantize(Decimal(1), ROUND_HALF_UP))


def tell_order(cells: Iterable[Cell]) -> frozenset[DayOrder]:
    """The orders that these days prove: none where nothing is proved, two where the file contradicts itself."""
    proved = set()
    for cell in cells:
        if isinstance(cell, str) and (found := _SLASHED.fullmatch(cell.strip())):
            first, second = int(found[1]), int(found[2])
            proved |= {DayOrder.DAY_FIRST} if first > 12 else {DayOrder.MONTH_FIRST} if second > 12 else set()
    return frozenset(proved)


class NoSuchDayError(ValueError):
    """A day as people write it that no calendar has."""


def read_day(cell: Cell, order: DayOrder | None) -> dt.date:
    """A day. Raises ValueError: UnclearError where day and month may be either, NoSuchDayError where no calendar has
    it."""
    return cell if isinstance(cell, dt.date) else _read_written_day(str(cell), order)


@lru_cache(KEPT)
def _read_written_day(cell: str, order: DayOrder | None) -> dt.date:
    text = " ".join(cell.split())
    if found := _ISO.fullmatch(text):
        return _make_day(found[1], found[3], found[4])
    if found := _DOTTED.fullmatch(text):
        return _make_day(found[3], found[2], found[1])
    if found := _SLASHED.fullmatch(text):
        if order is None and found[1] != found[2]:
            raise UnclearError(text)
        parts = (found[1], found[2]) if order is DayOrder.DAY_FIRST else (found[2], found[1])
        return _make_day(found[3], parts[1], parts[0])
    if found := _NAMED.fullmatch(text):
        month = _months().get((found[2] or found[3]).casefold())
        if month:
            return _make_day(found[5], month, found[1] or found[4])
    raise ValueError(text)


def _make_day(year: str, month: str | int, day: str) -> dt.date:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise NoSuchDayError(f"{day}.{month}.{year}") from None


@cache
def _months() -> Mapping[str, int]:
    """The names of months in our languages, written out and short."""
    from babel.dates import get_month_names

    return {
        name.casefold().rstrip("."): month
        for language in (*LANGUAGES, "en_GB")
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for month, name in get_month_names(width, context, language).items()
    }
