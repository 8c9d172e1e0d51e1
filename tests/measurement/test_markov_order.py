"""Removal effects of a chain that goes on from the last two rows: worked by hand, and walked step by step."""

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.measurement import removal_effects
from app.measurement.credit import Carried
from app.measurement.removal import MOST_STATES, TooManyStates
from tests.measurement.test_credit import paths_of

CROSSING = paths_of(([0, 1], "converted", 1), ([2, 1], "null", 1))
"""A then B converts, C then B ends: of who is at B it takes a memory of two to say where they will go."""

Chain = list[tuple[list[int], bool]]


@pytest.mark.parametrize(
    ("order", "effect", "credit"), [(1, [0.5, 1, 0.5], [0.25, 0.5, 0.25]), (2, [1, 1, 0], [0.5, 0.5, 0])]
)
def test_a_chain_of_order_two_knows_what_came_before_the_last_row(
    order: int, effect: list[float], credit: list[float]
) -> None:
    """At order 1 half of those at B convert, whether from A or C; at order 2 all from A, none from C."""
    removal = removal_effects(CROSSING, order=order, fewest_converted=1, resamples=0)
    assert removal.conversion == pytest.approx(0.5)
    assert removal.effect.tolist() == pytest.approx(effect)
    assert removal.credit.tolist() == pytest.approx(credit)


def walk(paths: Chain, order: int, without: int | None) -> float:
    """The share of walks that convert and never come to a row, by going on step by step from the start."""
    moves: dict[tuple[object, ...], Counter[object]] = defaultdict(Counter)
    for rows, converts in paths:
        line: list[object] = ["start", *rows, "converted" if converts else "null"]
        states = [tuple(line[max(0, at - order + 1) : at + 1]) for at in range(len(line) - 1)]
        for state, following in zip(states, line[1:], strict=True):
            moves[state][following] += 1
    mass: dict[tuple[object, ...], float] = {("start",): 1.0}
    converted = 0.0
    for _ in range(400):
        ahead: dict[tuple[object, ...], float] = defaultdict(float)
        for state, here in mass.items():
            for following, times in moves[state].items():
                part = here * times / moves[state].total()
                if following == "converted":
                    converted += part
                elif following not in ("null", without):
                    ahead[(*state, following)[-order:]] += part
        mass = ahead
    return converted


chains = st.lists(
    st.tuples(st.lists(st.integers(0, 2), min_size=1, max_size=4), st.booleans()), min_size=1, max_size=6
).filter(lambda paths: any(converts for _rows, converts in paths))


@given(chains, st.sampled_from([1, 2]))
def test_what_is_solved_at_once_is_what_walking_the_chain_comes_to(paths: Chain, order: int) -> None:
    arranged = paths_of(*((rows, "converted" if converts else "null", 1) for rows, converts in paths))
    removal = removal_effects(arranged, order=order, fewest_converted=1, resamples=0)
    whole = walk(paths, order, None)
    assert removal.conversion == pytest.approx(whole, abs=1e-6)
    expected = [1 - walk(paths, order, row) / whole for row in range(3)]
    assert removal.effect.tolist() == pytest.approx(expected, abs=1e-6)
    assert removal.credit.sum() == pytest.approx(sum(converts for _rows, converts in paths), abs=1e-9)


def test_without_a_row_all_steps_are_lost_that_stand_for_it_at_order_two_as_well() -> None:
    """Two rows of a report: A and C stand for the first, B for the second."""
    carried = Carried(np.array([0, 2, 1]), np.array([0, 0, 1]), 2)
    removal = removal_effects(CROSSING, order=2, fewest_converted=1, resamples=0, carried=carried)
    assert removal.effect.tolist() == pytest.approx([1, 1])
    assert removal.credit.tolist() == pytest.approx([0.5, 0.5])


def test_people_are_drawn_anew_for_the_same_chain() -> None:
    paths = paths_of(([0, 1], "converted", 12), ([2, 1], "null", 9), ([2], "converted", 2))
    removal = removal_effects(paths, order=2, resamples=60)
    assert np.all(removal.low <= removal.credit + 1e-9)
    assert np.all(removal.credit <= removal.high + 1e-9)
    assert removal.high[1] > removal.low[1]


def test_a_chain_too_long_to_solve_is_refused_and_not_begun() -> None:
    rows = MOST_STATES // 2 + 2
    line = [row for pair in pairwise(range(rows)) for row in pair]
    paths = paths_of((line, "converted", 10), rows=rows)
    with pytest.raises(TooManyStates, match="pairs of rows"):
        removal_effects(paths, order=2, resamples=0)
    assert removal_effects(paths, order=1, resamples=0).why is None
