"""What was paid, in words: amounts that rest on different things are named each, and summed where they may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.i18n import _
from app.reports.answers import Cost, Row
from app.reports.wording import amount_words

SUREST_FIRST = ("invoiced", "spent", "booked", "planned")


@dataclass(frozen=True, slots=True)
class CostSum:
    """All that was paid in one currency, and what it rests on where that is not invoices alone."""

    amount: str
    basis: str
    """What all of it rests on; empty for invoices, and where its parts say so."""
    parts: Sequence[str] = ()


def sum_by_currency(costs: Sequence[Cost]) -> list[CostSum]:
    """A sum for each currency: different currencies are never added."""
    currencies = dict.fromkeys(cost.currency for cost in costs)
    return [_sum([cost for cost in costs if cost.currency == currency]) for currency in currencies]


def _sum(costs: Sequence[Cost]) -> CostSum:
    currency = costs[0].currency
    amount = amount_words(str(sum(Decimal(cost.amount) for cost in costs)), currency)
    if len(costs) == 1:
        return CostSum(amount, _basis_words(costs[0]))
    ordered = sorted(costs, key=lambda cost: SUREST_FIRST.index(cost.basis))
    return CostSum(amount, "", [_part_words(cost) for cost in ordered])


def row_cost_words(row: Row) -> str:
    """What a row cost, or that it did not run in the period that was asked about."""
    return costs_words(row.costs) if row.in_period else _("did not run in this period")


def costs_words(costs: Sequence[Cost]) -> str:
    """`1,900 € booked`, or a sum and its parts, `6,500 € (5,400 € invoiced + 1,100 € booked)`."""
    return " + ".join(_sum_words(one) for one in sum_by_currency(costs)) or "–"


def _sum_words(one: CostSum) -> str:
    if one.parts:
        return f"{one.amount} ({' + '.join(one.parts)})"
    return f"{one.amount} {one.basis}".rstrip()


def _basis_words(cost: Cost) -> str:
    """What an amount rests on; an invoice needs no word."""
    return {"spent": _("spent"), "booked": _("booked"), "planned": _("planned")}.get(cost.basis, "")


def _part_words(cost: Cost) -> str:
    amount = amount_words(cost.amount, cost.currency)
    return {
        "invoiced": _("%(amount)s invoiced", amount=amount),
        "spent": _("%(amount)s spent", amount=amount),
        "booked": _("%(amount)s booked", amount=amount),
        "planned": _("%(amount)s planned", amount=amount),
    }[cost.basis]
