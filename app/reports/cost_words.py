"""What was paid, in words: amounts that rest on different things are named each, and summed where they may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.i18n import _, ngettext
from app.reports.answers import Basis, Cost, Effectiveness, Row
from app.reports.scope import OVERLAPPING, By
from app.reports.wording import amount_words

SHARING_ADS = {By.PERSONA, *OVERLAPPING}
"""In these splits an ad may stand in several rows, and its cost with it."""
SUREST_FIRST: tuple[Basis, ...] = ("invoiced", "spent", "booked", "planned")


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
    by_basis = {basis: sum(Decimal(cost.amount) for cost in costs if cost.basis == basis)
                for basis in SUREST_FIRST if any(cost.basis == basis for cost in costs)}  # fmt: skip
    ordered = [Cost(amount=str(minor), currency=currency, basis=basis) for basis, minor in by_basis.items()]
    if len(ordered) == 1:
        return CostSum(amount, _basis_words(ordered[0]))
    return CostSum(amount, "", [_part_words(cost) for cost in ordered])


def total_cost(found: Effectiveness) -> tuple[Sequence[CostSum], str]:
    """What the rows that ran cost together, and a sentence on what that rests on and leaves out; no sum, with the
    reason, where rows share ads and an ad's cost stands in several."""
    rows = [row for row in found.rows if row.row == "known" and not row.is_idle]
    if found.scope.get("by") in SHARING_ADS:
        return (), _("There is no cost of all: rows share ads, so their costs do not add up.")
    costs = [cost for row in rows for cost in row.costs]
    if not costs:
        return (), ""
    bare, cost = sum(row.in_period and not row.costs for row in rows), costs_words(costs)
    said = ngettext("The rows cost %(cost)s together, without %(n)s row whose cost is not known.",
                    "The rows cost %(cost)s together, without %(n)s rows whose costs are not known.",
                    bare, cost=cost)  # fmt: skip
    return sum_by_currency(costs), said if bare else _("The rows cost %(cost)s together.", cost=cost)


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
