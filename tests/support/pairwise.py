"""Few cases in which every two values of different factors still meet at least once."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

Case: TypeAlias = dict[str, str]
Pair: TypeAlias = frozenset[tuple[str, str]]


def every(_case: Case) -> bool:
    """Lets every two values meet."""
    return True


def list_pairs(factors: Mapping[str, Sequence[str]], allowed: Callable[[Case], bool] = every) -> list[Pair]:
    """Every two values of different factors that may meet, those of long factors first."""
    order = sorted(factors, key=lambda name: -len(factors[name]))
    return [
        frozenset({(one, a), (other, b)})
        for one, other in combinations(order, 2)
        for a in factors[one]
        for b in factors[other]
        if allowed({one: a, other: b})
    ]


def list_cases(factors: Mapping[str, Sequence[str]], allowed: Callable[[Case], bool] = every) -> list[Case]:
    """Cases that cover all pairs, greedily few: each begins with a pair that is not covered yet and takes of every
    other factor the value that covers most. `allowed` is asked about parts of cases, and must allow what it allows
    of a whole case of each of its parts, too."""
    left, turn, cases = dict.fromkeys(list_pairs(factors, allowed)), 0, []
    while left:
        case = dict(next(iter(left)))
        for name, values in factors.items():
            if name not in case:
                # Equal ones take turns, so that no value is met by its first neighbour alone.
                turned = [*values[turn % len(values) :], *values[: turn % len(values)]]
                open_ = [value for value in turned if allowed({**case, name: value})]
                case[name] = max(open_, key=lambda value: sum(_pair(name, value, *one) in left for one in case.items()))
        turn += 1
        for one, other in combinations(case.items(), 2):
            left.pop(_pair(*one, *other), None)
        cases.append({name: case[name] for name in factors})  # in one order, so that all processes name them alike
    return cases


def _pair(name: str, value: str, other: str, its: str) -> Pair:
    return frozenset({(name, value), (other, its)})
