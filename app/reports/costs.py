"""What rows have cost, and what each application that came so far has cost: exact, in one currency or not at all."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from app.i18n import minor_digits
from app.measurement.because import ReachedBecause
from app.measurement.cost import CostPerReached, cost_per_because, cost_per_reached
from app.reports.answers import Basis, Cost, CostPer, Why, say_why
from app.reports.plan import PlacementCost


def sum_costs(costs: Sequence[PlacementCost | None]) -> list[Cost]:
    """The known costs, one amount for each currency and basis."""
    sums: dict[tuple[str, Basis], int] = {}
    for cost in costs:
        if cost is not None:
            sums[cost.currency, cost.basis] = sums.get((cost.currency, cost.basis), 0) + cost.minor
    return [
        Cost(amount=amount_of(minor, currency), currency=currency, basis=basis)
        for (currency, basis), minor in sorted(sums.items())
    ]


def share_cost(costs: Sequence[PlacementCost | None], reached: int, level: float) -> CostPer:
    """The cost for each that reached the stage; none where a placement's cost is unknown or currencies differ."""
    return _share(costs, lambda cost: cost_per_reached(cost, reached, level))


def share_cost_because(
    costs: Sequence[PlacementCost | None], reached: ReachedBecause, *, seen: bool, level: float
) -> CostPer:
    """The cost for each that reached the stage because of the placements; `seen` says that they brought people."""
    return _share(costs, lambda cost: cost_per_because(cost, reached, seen=seen, level=level))


def _share(costs: Sequence[PlacementCost | None], share: Callable[[int], CostPerReached]) -> CostPer:
    known = [cost for cost in costs if cost is not None]
    if not known or len(known) < len(costs):
        return no_cost_per("not_recorded")
    currency = known[0].currency
    if any(cost.currency != currency for cost in known):
        return no_cost_per("mixed_currency")
    per = share(sum(cost.minor for cost in known))
    estimate, low, high = (
        None if minor is None else amount_of(minor, currency) for minor in (per.estimate, per.low, per.high)
    )
    return CostPer(estimate=estimate, low=low, high=high, currency=currency, why=say_why(per.why))


def no_cost_per(why: Why) -> CostPer:
    """That no cost for each can be told."""
    return CostPer(estimate=None, low=None, high=None, currency=None, why=why)


def amount_of(minor: int, currency: str) -> str:
    """Integer minor units as a decimal string, `1900.00`."""
    digits = minor_digits(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"
