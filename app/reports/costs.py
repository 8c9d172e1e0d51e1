"""What rows have cost, and what each application that came so far has cost: exact, in one currency or not at all."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from app.i18n import minor_digits
from app.measurement.because import ReachedBecause
from app.measurement.cost import CostPerReached, cost_per_because, cost_per_reached
from app.planning.allocation import share_out
from app.reports.answers import Basis, Cost, CostPer, Why, say_why
from app.reports.plan import PlacementCost, PlannedPlacement


def find_cost_within(
    placement: PlannedPlacement, first: dt.date | None, last: dt.date | None, today: dt.date
) -> PlacementCost | None:
    """What a placement costs in a period, where its cost is known. A flight without an end is taken to have cost what
    it did up to today."""
    if placement.cost is None:
        return None
    ends = placement.ends_on or max(placement.starts_on, today)
    return cost_within(placement.cost, (placement.starts_on, ends), first, last)


def runs_within(placement: PlannedPlacement, first: dt.date | None, last: dt.date | None) -> bool:
    """Whether a placement runs on any day of a period; without an end it runs on."""
    begins_in_time = last is None or placement.starts_on <= last
    return begins_in_time and (first is None or placement.ends_on is None or placement.ends_on >= first)


def cost_within(
    cost: PlacementCost, flight: tuple[dt.date, dt.date], first: dt.date | None, last: dt.date | None
) -> PlacementCost:
    """What of a cost belongs to a period: as many days of its flight as lie in it, to the cent."""
    begins, ends = flight
    days = (ends - begins).days + 1
    before = 0 if first is None else min(max((first - begins).days, 0), days)
    after = 0 if last is None else min(max((ends - last).days, 0), days - before)
    return replace(cost, minor=share_out(cost.minor, [before, days - before - after, after])[1])


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
