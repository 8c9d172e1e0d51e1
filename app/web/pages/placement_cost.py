"""What a placement cost: planned, booked, invoiced, and spent by the platform's file, and which of these counts."""

from dataclasses import dataclass
from typing import Any

from app.i18n import _
from app.planning.placement import Placement
from app.reports.plan import PlacementCost, best_cost
from app.reports.spending import Spending
from app.reports.wording import money_words
from app.web.pages.spending_words import exact_money, platform_sentence, spend_words


@dataclass(frozen=True, slots=True)
class CostLine:
    """One amount, and what is to be known of it."""

    name: str
    value: str
    note: str


def cost_in_chain(cost: PlacementCost | None) -> str:
    """`1,900 €`, and on what it rests where that is no invoice."""
    if cost is None:
        return _("cost not recorded")
    amount = money_words(cost.minor, cost.currency)
    return {
        "invoiced": amount,
        "spent": _("%(amount)s spent", amount=amount),
        "booked": _("%(amount)s booked", amount=amount),
        "planned": _("%(amount)s planned", amount=amount),
    }[cost.basis]


def cost_view(placement: Placement, spending: Spending | None) -> dict[str, Any]:
    """The part of a placement's page that speaks of money."""
    counted = best_cost(placement, spending)
    amounts = {
        "planned": (_("Planned"), _amount(placement.planned_cost_minor, placement.currency)),
        "booked": (_("Booked"), _amount(placement.booked_cost_minor, placement.currency)),
        "invoiced": (_("Invoiced"), _amount(placement.invoiced_cost_minor, placement.currency)),
        "spent": (
            _("Spent by the platform's file"),
            spend_words(spending.spend) if spending and spending.spend else "",
        ),
    }
    return {
        "costs": [
            CostLine(name, value, _note(basis, counted, spending)) for basis, (name, value) in amounts.items() if value
        ],
        "platform": platform_sentence(spending) if spending else "",
    }


def _amount(minor: int | None, currency: str | None) -> str:
    return exact_money(minor, currency) if minor is not None and currency else ""


def _note(basis: str, counted: PlacementCost | None, spending: Spending | None) -> str:
    if counted is not None and counted.basis == basis:
        return _("the cost that is counted")
    if basis == "spent" and spending is not None and not spending.gapless:
        return _("not counted: some of its days are missing in the files")
    return ""
