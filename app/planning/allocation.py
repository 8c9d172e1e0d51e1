"""Sharing an amount out without losing a cent: over placements by weights, over weeks by days."""

import datetime as dt
from collections.abc import Sequence

WEEK = dt.timedelta(days=7)


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Whole parts of a total, as the weights are to each other, that add up to it exactly: by the largest remainder,
    of equal ones the first. `total` is not negative, no weight is, and one is more than zero."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), n))
    for n in by_remainder[: total - sum(parts)]:
        parts[n] += 1
    return parts


def list_weeks(starts_on: dt.date, ends_on: dt.date) -> list[tuple[dt.date, int]]:
    """The weeks that a flight touches, by their Mondays, with how many of its days lie in each."""
    monday = starts_on - dt.timedelta(days=starts_on.weekday())
    weeks = []
    while monday <= ends_on:
        first, last = max(monday, starts_on), min(monday + WEEK - dt.timedelta(days=1), ends_on)
        weeks.append((monday, (last - first).days + 1))
        monday += WEEK
    return weeks


def spread_over_weeks(minor: int, starts_on: dt.date, ends_on: dt.date) -> list[tuple[dt.date, int]]:
    """An amount shared out over the weeks of a flight, by its days in each; both days belong to the flight."""
    weeks = list_weeks(starts_on, ends_on)
    return [(monday, part) for (monday, _days), part in
            zip(weeks, share_out(minor, [days for _monday, days in weeks]), strict=True)]  # fmt: skip
