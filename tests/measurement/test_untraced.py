"""How large a row's credit could be, were all its own that cannot be traced."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.measurement import Rule, share_credit
from app.measurement.credit import Carried
from app.measurement.untraced import Untraced, bound_credit
from tests.measurement.test_credit import paths_of

REST = np.array([False, False, True])
"""Rows 0 and 1 are ads; row 2 stands for what cannot be traced."""


def untraced(paths: int, *, kind: list[int] | None = None, possible: list[list[bool]] | None = None) -> Untraced:
    """All of one kind that may be anybody's, unless said otherwise."""
    kinds = np.zeros(paths, dtype=np.int64) if kind is None else np.array(kind)
    return Untraced(REST, kinds, np.array([[True, True, False]] if possible is None else possible))


def test_what_cannot_be_traced_may_all_be_one_rows() -> None:
    paths = paths_of(([0], "converted", 2), ([2], "converted", 3), ([1, 2], "converted", 1), ([2], "null", 5))
    assert share_credit(paths, Rule.LAST).value.tolist() == [2, 0, 4]
    assert bound_credit(paths, Rule.LAST, untraced(11)).tolist() == pytest.approx([6, 4, 4])
    assert bound_credit(paths, Rule.LINEAR, untraced(11)).tolist() == pytest.approx([5.5, 4, 3.5])
    assert bound_credit(paths, Rule.ANY, untraced(11)).tolist() == pytest.approx([6, 4, 4])


def test_of_a_known_channel_it_may_only_be_a_row_that_is_there() -> None:
    paths = paths_of(([0], "converted", 2), ([2], "converted", 2))
    known = untraced(4, kind=[0, 0, 1, 0], possible=[[True, True, False], [False, True, False]])
    assert bound_credit(paths, Rule.LAST, known).tolist() == pytest.approx([3, 2, 2])


def test_where_all_can_be_traced_nothing_could_be_more() -> None:
    paths = paths_of(([0, 1], "converted", 2), ([1], "converted", 3))
    for rule in Rule:
        assert bound_credit(paths, rule, untraced(5)) == pytest.approx(share_credit(paths, rule).value)


def test_a_row_that_several_steps_stand_for_may_have_what_is_untraced_too() -> None:
    paths = paths_of(([0], "converted", 1), ([1], "converted", 1), ([2], "converted", 1))
    carried = Carried(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 2]), 3)
    assert bound_credit(paths, Rule.LAST, untraced(3), carried).tolist() == pytest.approx([2.5, 1.5, 1])


stories = st.lists(st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=2), min_size=1, max_size=4)


@given(stories, st.sampled_from(list(Rule)))
def test_it_is_the_largest_credit_over_all_that_the_untraced_may_have_been(story: list[list[int]], rule: Rule) -> None:
    """Each untraced step was one of three ads, of which the report has two: every way that there is, tried."""
    largest = np.zeros(3)
    places = [(n, at) for n, path in enumerate(story) for at, row in enumerate(path) if row == 2]
    for choice in product([0, 1, 2], repeat=len(places)):
        told = [list(path) for path in story]
        for (n, at), row in zip(places, choice, strict=True):
            told[n][at] = row
        largest = np.maximum(largest, share_credit(paths_of(*((path, "converted", 1) for path in told)), rule).value)
    paths = paths_of(*((path, "converted", 1) for path in story))
    assert bound_credit(paths, rule, untraced(len(story)))[:2] == pytest.approx(largest[:2])
