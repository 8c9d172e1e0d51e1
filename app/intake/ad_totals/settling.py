"""What a file as a whole settles of its cells: whose it is, which mark stands before decimals, what dates begin with,
and its one currency; else what somebody said of it, and nothing by guessing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import ConfigDict, StringConstraints
from pydantic import Field as Default

from app.errors import Invalid, Problem
from app.funnel.daily_ad_total import Platform
from app.i18n import _
from app.intake.ad_totals.headers import Column, Field, fold, list_currencies
from app.intake.ad_totals.values import SHARED_SIGNS, DayOrder, read_currencies, strip_number, tell_decimal, tell_order
from app.planning.field import Given, Place
from app.planning.money import Currency, current_currencies
from app.spreadsheets import Cell, Row


class Hints(Given):
    """What somebody says of a file that it does not say itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    platform: Platform | None = None
    account: Place = ""
    currency: Currency | None = None
    decimal: Annotated[str, StringConstraints(pattern=r"^[.,]$")] | None = None
    dates: DayOrder | None = None
    columns: dict[Field, str] = Default(default_factory=dict)


def cell_at(cells: Sequence[Cell], column: Column | None) -> Cell:
    """What a row has in a column; nothing where it is too short or there is none."""
    return cells[column.place] if column is not None and column.place < len(cells) else ""


def _column_texts(rows: Sequence[Row], columns: Mapping[Field, Column], *wanted: Field) -> Iterator[str]:
    """The figures of these columns that are written as text."""
    for said in wanted:
        if said in columns:
            for _n, cells in rows:
                cell = cell_at(cells, columns[said])
                text = strip_number(cell) if isinstance(cell, str) else None
                if text is not None:
                    yield text


def settle_decimal(rows: Sequence[Row], columns: Mapping[Field, Column], hints: Hints) -> str | None:
    """The mark before decimals; None where nothing tells."""
    if hints.decimal:
        return hints.decimal
    amounts = _column_texts(rows, columns, Field.SPEND, Field.RESULTS)
    proved = tell_decimal(amounts, _column_texts(rows, columns, Field.IMPRESSIONS, Field.CLICKS))
    if len(proved) > 1:
        raise Invalid(
            [
                Problem(
                    "decimal", _("Some numbers have a point before their decimals and some a comma; say which it is.")
                )
            ]
        )
    return next(iter(proved), None)


def settle_order(
    rows: Sequence[Row], columns: Mapping[Field, Column], platform: Platform, hints: Hints
) -> DayOrder | None:
    """What dates with slashes begin with; None where nothing tells."""
    if hints.dates:
        return hints.dates
    proved = tell_order(cell_at(cells, columns[Field.DAY]) for _n, cells in rows)
    if len(proved) > 1:
        raise Invalid([Problem("dates", _("Some dates begin with the day and some with the month; say which it is."))])
    # LinkedIn writes the month first for who reads it in English, which is when its headers are these.
    usual = DayOrder.MONTH_FIRST if platform is Platform.LINKEDIN and _is_english(columns) else None
    return next(iter(proved), usual)


def _is_english(columns: Mapping[Field, Column]) -> bool:
    return "date" in fold(columns[Field.DAY].header)


def settle_currency(
    headers: Sequence[Cell], rows: Sequence[Row], columns: Mapping[Field, Column], hints: Hints
) -> str | None:
    """The one currency of a file: of its headers, of its column, of its amounts, or as somebody said."""
    if Field.SPEND not in columns:
        return None
    stated = list_currencies(headers, hints.columns) | _written_currencies(rows, columns[Field.SPEND])
    if Field.CURRENCY in columns:
        stated |= {str(cell_at(cells, columns[Field.CURRENCY])).strip().upper() for _n, cells in rows}
    found = sorted(code for code in stated - SHARED_SIGNS.keys() | {hints.currency} if code)
    signs = sorted(stated & SHARED_SIGNS.keys())
    _require_told_apart(found, signs)
    if not found:
        raise Invalid([Problem("currency", _("The file does not say the currency of what was spent; say it."))])
    if len(found) > 1:
        raise Invalid(
            [Problem("currency", _in_several(found))]
        )  # fmt: skip
    if found[0] not in current_currencies():
        raise Invalid([Problem("currency", _("No country pays in %(code)s; use a code such as EUR, SEK or NOK.",
                                             code=found[0][:20]))])  # fmt: skip
    return found[0]


def _require_told_apart(found: Sequence[str], signs: Sequence[str]) -> None:
    """A sign that several currencies have in common is that of the one that is named besides. Raises Invalid where none
    of them is."""
    alien = [sign for sign in signs if not set(found) & set(SHARED_SIGNS[sign])]
    if len(several := [*found, *alien]) > 1 and alien:
        raise Invalid([Problem("currency", _in_several(several))])
    for sign in alien:
        known = ", ".join(SHARED_SIGNS[sign][:4])
        remedy = _(
            "The amounts are in “%(sign)s”, which is that of several currencies, such as %(known)s; say which it is.",
            sign=sign, known=known,
        )  # fmt: skip
        raise Invalid([Problem("currency", remedy)])


def _in_several(found: Sequence[str]) -> str:
    return _("The file has amounts in %(found)s; export each account by itself.",
             found=", ".join(code[:20] for code in found[:5]))  # fmt: skip


def _written_currencies(rows: Sequence[Row], spend: Column) -> set[str]:
    """Those that stand beside the amounts themselves."""
    texts = (cell for _n, cells in rows if isinstance(cell := cell_at(cells, spend), str))
    known = current_currencies() | SHARED_SIGNS.keys()
    return {code for text in texts for code in read_currencies(text) if code in known}


def tell_platform(columns: Mapping[Field, Column], preamble: Sequence[Row]) -> Platform:
    """Whose file it probably is."""
    above = " ".join(fold(cell) for _n, cells in preamble for cell in cells)
    day = fold(columns[Field.DAY].header) if Field.DAY in columns else ""
    spend = columns.get(Field.SPEND)
    if "utc" in day or "(in utc)" in above:
        return Platform.LINKEDIN
    if spend is not None and spend.currency is not None and (Field.END in columns or Field.RESULTS in columns):
        return Platform.META
    if Field.CURRENCY in columns and not {Field.END, Field.CODE} & set(columns):
        return Platform.GOOGLE
    return Platform.OTHER
