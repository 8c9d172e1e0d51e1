"""An ad platform's file as daily totals: the header row found under whatever stands above it, sums left out, every
row read or refused by its number and column. Pure: bytes in, rows or named problems out."""

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from app.errors import Invalid, Problem
from app.funnel.daily_ad_total import LONGEST_NAME, Platform
from app.i18n import _, date, ngettext
from app.intake.ad_totals.headers import (
    MEASURES,
    NAMES,
    REPORT_STARTS,
    Column,
    Field,
    find_columns,
    fold,
    is_total,
    list_left_out,
)
from app.intake.ad_totals.settling import (
    Hints,
    cell_at,
    settle_currency,
    settle_decimal,
    settle_order,
    tell_platform,
)
from app.intake.ad_totals.values import (
    EARLIEST,
    KEPT,
    DayOrder,
    UnclearError,
    read_day,
    read_number,
    to_hundredths,
    to_minor,
    to_whole,
)
from app.planning.field import check_line, compose
from app.planning.tracking import observe_source, read_code
from app.spreadsheets import Cell, Row, Sheet, read_sheets, refused

DEEPEST_HEADER = 40
MOST_TOLD = 20


class AdRow(NamedTuple):
    """What an ad's platform counted on one day; None where it says nothing of that. Spend is in minor units, results
    in hundredths. A tuple, since a file has many."""

    day: dt.date
    account: str
    campaign: str
    ad: str
    code: str | None
    impressions: int | None
    clicks: int | None
    spend_minor: int | None
    results_hundredths: int | None


@dataclass(frozen=True, slots=True)
class AdFile:
    """All that a file says: one row for each day and ad, how many rows were sums of others, and the columns that
    nothing was read of."""

    platform: Platform
    currency: str | None
    rows: tuple[AdRow, ...]
    sums_left_out: int
    columns: Mapping[Field, str]
    columns_left_out: tuple[str, ...]


COUNTED = ("impressions", "clicks", "spend_minor", "results_hundredths")


def read_ad_file(data: bytes, name: str, hints: Hints, today: dt.date) -> AdFile:
    """Read a file as its platform exports it. Raises Invalid with each row that cannot be read, or why the whole
    cannot: then nothing of it is to be stored."""
    sheet, head, columns = _find_table(read_sheets(data, name), hints)
    every = list(sheet())
    _require_columns(columns, every[head][1], by_hand=Field.DAY in hints.columns)
    body = [row for row in every[head + 1 :] if row[1]]
    rows = [row for row in body if not _adds_up(row[1], columns)]
    if not rows:
        raise refused(_("There is no row of a day under the headers."))
    platform = hints.platform or tell_platform(columns, every[:head])
    reader = _Reader(columns, platform, hints, today, settle_decimal(rows, columns, hints), settle_order(
        rows, columns, platform, hints), settle_currency(every[head][1], rows, columns, hints))  # fmt: skip
    read = [reader.read(row) for row in rows]
    reader.raise_problems()
    return AdFile(
        platform,
        reader.currency if Field.SPEND in columns else None,
        _add_up([row for row in read if row is not None]),
        len(body) - len(rows),
        {said: column.header for said, column in columns.items()},
        list_left_out(every[head][1], columns),
    )


def _find_table(sheets: Sequence[Sheet], hints: Hints) -> tuple[Sheet, int, dict[Field, Column]]:
    """The row that names the most columns that we know, in whichever sheet or under whichever delimiter."""
    best: tuple[int, Sheet, int, dict[Field, Column]] | None = None
    seen: Sequence[Cell] = ()
    for sheet in sheets:
        for place, cells in enumerate(_begin(sheet)):
            found = find_columns(cells, hints.columns)
            if best is None or len(found) > best[0]:
                best = len(found), sheet, place, found
            seen = max(seen, cells, key=len)
    if best is None or best[0] < 2 or not set(MEASURES) & set(best[3]):
        raise refused(
            _("We know none of the headers. The columns are called %(seen)s: say which ones hold the day, "
              "the ad and the amount spent.", seen=_quote(seen))
        )  # fmt: skip
    return best[1:]


def _begin(sheet: Sheet) -> Iterator[Sequence[Cell]]:
    """The first rows, as far as they are rows at all: under another delimiter they may not be."""
    with suppress(Invalid):
        for _n, cells in itertools.islice(sheet(), DEEPEST_HEADER):
            yield cells


def _quote(cells: Sequence[Cell]) -> str:
    return ", ".join(f"“{str(cell)[:60]}”" for cell in cells[:20]) or "–"


def _require_columns(columns: Mapping[Field, Column], headers: Sequence[Cell], *, by_hand: bool) -> None:
    """The columns without which nothing can be kept. `by_hand` is whether somebody named that of the day."""
    problems = []
    if Field.DAY not in columns:
        problems.append(
            Problem("day", _("No column says the day. Export it by day (in the platform: segment or break down by "
                             "day), or name the column; there are %(seen)s.", seen=_quote(headers)))
        )  # fmt: skip
    elif fold(columns[Field.DAY].header) in REPORT_STARTS and Field.END not in columns and not by_hand:
        problems.append(
            Problem("day", _("“%(header)s” is when a report begins, and no column that we know says when it ends; name "
                             "the column of the day. There are %(seen)s.",
                             header=columns[Field.DAY].header, seen=_quote(headers)))
        )  # fmt: skip
    if not set(NAMES) & set(columns):
        problems.append(
            Problem("campaign", _("No column names the campaign, the ad, its address or its code; there are %(seen)s.",
                                  seen=_quote(headers)))
        )  # fmt: skip
    if problems:
        raise Invalid(problems)


def _adds_up(cells: Sequence[Cell], columns: Mapping[Field, Column]) -> bool:
    """Whether a row is no ad's: a sum, or one that names no ad where columns do, as the first row of Meta's files does,
    which of a single day has that day."""
    return is_total(cells) or not any(fold(cell_at(cells, columns[one])) for one in NAMES if one in columns)


class _Reader:
    """Reads rows under what is known of the file, and collects what cannot be read."""

    def __init__(
        self, columns: Mapping[Field, Column], platform: Platform, hints: Hints, today: dt.date, decimal: str | None,
        order: DayOrder | None, currency: str | None,
    ) -> None:  # fmt: skip
        self._columns, self._platform, self._hints = columns, platform, hints
        self._latest = today + dt.timedelta(days=1)
        self._decimal, self._order, self.currency = decimal, order, currency
        self._problems: list[Problem] = []
        self._refused = 0

    def raise_problems(self) -> None:
        """Refuse the file if a row of it was."""
        more = self._refused - len(self._problems)
        if more:
            text = ngettext("%(n)s more value cannot be read.", "%(n)s more values cannot be read.", more)
            self._problems.append(Problem("file", text))
        if self._problems:
            raise Invalid(self._problems)

    def read(self, row: Row) -> AdRow | None:
        """One row, or None where something of it was refused."""
        n, cells = row
        before = self._refused
        day = self._day(n, cells)
        names = [self._name(n, cells, said) for said in (Field.ACCOUNT, Field.CAMPAIGN, Field.GROUP, Field.AD)]
        impressions, clicks = (self._count(n, cells, said) for said in (Field.IMPRESSIONS, Field.CLICKS))
        spend, results = (self._number(n, cells, said) for said in (Field.SPEND, Field.RESULTS))
        if self._refused > before or day is None:
            return None
        account, campaign, group, ad = names
        return AdRow(
            day, account or self._hints.account, campaign or group or ad, ad or (group if campaign else ""),
            self._code(cells, (ad, group, campaign)), impressions, clicks,
            to_minor(spend, self.currency) if self.currency else None, to_hundredths(results),
        )  # fmt: skip

    def _day(self, n: int, cells: Sequence[Cell]) -> dt.date | None:
        first = self._one_day(n, cells, Field.DAY)
        last = self._one_day(n, cells, Field.END) if Field.END in self._columns else first
        if first is None or last is None:
            return None
        if fold(self._columns[Field.DAY].header) in ("day", "päivä", "dag"):
            last = first  # broken down by day, beside which the report's own first and last day stand in every row
        if first != last:
            self._refuse(n, Field.DAY, _("It covers %(first)s to %(last)s; export it by day.",
                                         first=date(first), last=date(last)))  # fmt: skip
        elif not EARLIEST <= first <= self._latest:
            self._refuse(n, Field.DAY, _("On %(day)s nothing can have been shown yet.", day=date(first)))
        return first

    def _one_day(self, n: int, cells: Sequence[Cell], said: Field) -> dt.date | None:
        cell = cell_at(cells, self._columns[said])
        try:
            return read_day(cell, self._order)
        except UnclearError:
            text = _("“%(cell)s” may begin with the day or with the month; say which it is.", cell=_short(cell))
        except (ValueError, OverflowError):
            text = _("“%(cell)s” is no day.", cell=_short(cell))
        self._refuse(n, said, text)
        return None

    def _name(self, n: int, cells: Sequence[Cell], said: Field) -> str:
        if said not in self._columns:
            return ""
        text = str(cell_at(cells, self._columns[said]))
        try:
            text = _tidy(text)
        except ValueError as error:
            self._refuse(n, said, str(error))
        if len(text) > LONGEST_NAME:
            self._refuse(n, said, _("At most %(n)s characters.", n=LONGEST_NAME))
        return text

    def _count(self, n: int, cells: Sequence[Cell], said: Field) -> int | None:
        try:
            return to_whole(self._number(n, cells, said))
        except ValueError:
            self._refuse(n, said, _("“%(cell)s” is no whole number.", cell=_short(cell_at(cells, self._columns[said]))))
            return None

    def _number(self, n: int, cells: Sequence[Cell], said: Field) -> Decimal | None:
        if said not in self._columns:
            return None
        cell = cell_at(cells, self._columns[said])
        try:
            return read_number(cell, self._decimal)
        except UnclearError:
            text = _("In “%(cell)s” the mark may stand before decimals or thousands; say which it is.",
                     cell=_short(cell))  # fmt: skip
        except ValueError:
            text = _("“%(cell)s” is no number from 0 on.", cell=_short(cell))
        self._refuse(n, said, text)
        return None

    def _code(self, cells: Sequence[Cell], names: Sequence[str]) -> str | None:
        """The tracking code that a row surely carries: in its own column, in its address, or marked in a name."""
        code, url = (str(cell_at(cells, self._columns.get(said))) for said in (Field.CODE, Field.URL))
        return _find_code(code, url, tuple(names))

    def _refuse(self, n: int, said: Field, text: str) -> None:
        self._refused += 1
        if len(self._problems) < MOST_TOLD:
            header = self._columns[said].header[:60]
            text = _("Row %(row)s, “%(header)s”: %(problem)s", row=n, header=header, problem=text)
            self._problems.append(Problem(f"rows[{n}].{said}", text))


@lru_cache(KEPT)
def _tidy(name: str) -> str:
    """A name on one line in its one Unicode form. Raises ValueError where it has characters that cannot be seen."""
    return check_line(" ".join(str(compose(name)).split()))


@lru_cache(KEPT)
def _find_code(code: str, url: str, names: tuple[str, ...]) -> str | None:
    found = read_code(code) or (observe_source(url=_as_address(url)).code if url else None)
    marked = (observe_source(label=name).code for name in names if name)
    return found or next((one for one in marked if one), None)


def _as_address(text: str) -> str:
    """An address, or the parameters of one, which some platforms keep apart from it."""
    return text if "://" in text or not text else f"//-?{text.lstrip('?&')}"


def _short(cell: Cell) -> str:
    return str(cell)[:60]


def _add_up(rows: Sequence[AdRow]) -> tuple[AdRow, ...]:
    """One row for each day and ad: a platform breaks it down by device, network or age as well."""
    found: dict[tuple[object, ...], AdRow] = {}
    for row in rows:
        key = (row.day, row.account, row.campaign, row.ad, row.code)
        before = found.get(key)
        sums: dict[str, Any] = {} if before is None else {name: _sum(before, row, name) for name in COUNTED}
        found[key] = row._replace(**sums)
    return tuple(sorted(found.values(), key=lambda row: (row.day, row.account, row.campaign, row.ad, row.code or "")))


def _sum(one: AdRow, other: AdRow, name: str) -> int | None:
    known = [value for value in (getattr(one, name), getattr(other, name)) if value is not None]
    return sum(known) if known else None
