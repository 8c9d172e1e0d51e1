"""Money where it enters and leaves: a decimal in a text, with its currency; inside, integer minor units."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.errors import Problem
from app.i18n import _, minor_digits
from app.planning.field import Given

ONE_HUNDRED_PERCENT = 10_000
FALLBACK_CURRENCY = "EUR"


@cache
def current_currencies() -> frozenset[str]:
    """The currencies that are legal tender somewhere today."""
    from babel.core import get_global

    return frozenset(
        code
        for currencies in get_global("territory_currencies").values()
        for code, _start, end, is_tender in currencies
        if end is None and is_tender
    )


def currency_of(country: str | None) -> str:
    """What is paid with in a country of two letters; the euro where no country or none of its own is known."""
    from babel.numbers import get_territory_currencies

    paid = get_territory_currencies(country, tender=True) if country else []
    return next((code for code in paid if code in current_currencies()), FALLBACK_CURRENCY)


def _check_currency(code: str) -> str:
    if code not in current_currencies():
        raise ValueError(_("No country pays in %(code)s; use a code such as EUR, SEK or NOK.", code=code))
    return code


Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_check_currency)]


Percent = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[0-9]{1,2}(\.[0-9]{1,2})?$"), Field(examples=["25.5"])
]
"""A tax rate as a text, so that no part of it is lost; inside, hundredths of a percent."""


class Money(Given):
    """An amount and its currency; the amount is a text, so that no cent is lost on the way."""

    amount: Annotated[
        str,
        StringConstraints(strict=True, pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$"),
        Field(examples=["1900.00"]),
    ]
    currency: Annotated[Currency, Field(examples=["EUR"])]

    @model_validator(mode="after")
    def _has_no_parts_of_a_minor_unit(self) -> Self:
        digits = minor_digits(self.currency)
        if len(self.amount.partition(".")[2]) > digits:
            raise ValueError(
                _(
                    "%(currency)s has %(digits)s decimals; round the amount.",
                    currency=self.currency,
                    digits=digits,
                )
            )
        return self


def to_minor(money: Money) -> int:
    """The amount in the currency's minor unit."""
    return int(Decimal(money.amount).scaleb(minor_digits(money.currency)))


def to_money(minor: int, currency: str) -> Money:
    """Minor units as an amount with all the decimals that its currency has."""
    digits = minor_digits(currency)
    return Money(amount=f"{Decimal(minor).scaleb(-digits):.{digits}f}", currency=currency)


def show_money(minor: int | None, currency: str | None) -> Money | None:
    """A stored amount, if there is one."""
    return None if minor is None or currency is None else to_money(minor, currency)


def to_hundredths(percent: str) -> int:
    """A rate in hundredths of a percent."""
    return int(Decimal(percent).scaleb(2))


def to_percent(hundredths: int) -> str:
    """Hundredths of a percent as a text without zeros that say nothing: `25.5`."""
    return f"{Decimal(hundredths).scaleb(-2).normalize():f}"


def add_tax(minor: int, hundredths: int) -> int:
    """An amount with value added tax, rounded half up as invoices are."""
    return minor + (minor * hundredths * 2 + ONE_HUNDRED_PERCENT) // (2 * ONE_HUNDRED_PERCENT)


def check_one_currency(amounts: Mapping[str, Money | None]) -> list[Problem]:
    """Amounts that are to be compared with each other are in one currency."""
    given = {field: money.currency for field, money in amounts.items() if money is not None}
    first = next(iter(given.values()), None)
    return [
        Problem(
            f"{field}.currency",
            _(
                "All amounts here are in one currency; this is %(this)s, the first is %(first)s.",
                this=this,
                first=first,
            ),
        )
        for field, this in given.items()
        if this != first
    ]
