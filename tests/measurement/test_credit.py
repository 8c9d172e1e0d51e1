"""Ways of sharing credit, exact removal effects and what one reached application cost."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.measurement import (
    CostPerReached,
    Ending,
    Paths,
    Rule,
    Why,
    arrange_paths,
    cost_per_reached,
    count_interval,
    removal_effects,
    share_credit,
)
from app.measurement.credit import Carried

ENDINGS = {"converted": Ending.CONVERTED, "null": Ending.NULL, "unresolved": Ending.UNRESOLVED}


def paths_of(*people: tuple[list[int], str, int], rows: int = 3) -> Paths:
    """Paths from groups of (rows touched, ending, how many people)."""
    each = [(touched, ENDINGS[ending]) for touched, ending, count in people for _ in range(count)]
    touches = [(who, row, order) for who, (path, _) in enumerate(each) for order, row in enumerate(path)]
    who, row, order = np.array(touches, dtype=np.int32).reshape(-1, 3).T
    ending = np.array([end for _, end in each], dtype=np.int8)
    return arrange_paths(who, row, order.astype(np.int64), ending, rows)


STORY = paths_of(
    ([0, 1, 1, 2], "converted", 2),
    ([1], "converted", 1),
    ([2, 0], "null", 3),
    ([0], "unresolved", 4),
    ([], "converted", 5),
)


@pytest.mark.parametrize(
    ("rule", "credit"),
    [
        (Rule.FIRST, [2, 1, 0]),
        (Rule.LAST, [0, 1, 2]),
        (Rule.LINEAR, [0.5, 2, 0.5]),
        (Rule.ANY, [2, 3, 2]),
        (Rule.TIME_DECAY, [0.5, 2, 0.5]),
        (Rule.POSITION, [0.8, 1.4, 0.8]),
        (Rule.SHAPLEY, [2 / 3, 5 / 3, 2 / 3]),
    ],
)
def test_each_rule_shares_the_conversions_its_own_way(rule: Rule, credit: list[float]) -> None:
    shared = share_credit(STORY, rule)
    assert shared.value.tolist() == pytest.approx(credit)
    assert (shared.untouched, shared.unresolved, STORY.converted) == (5, 4, 8)


def test_a_touch_a_week_older_gets_half_as_much() -> None:
    """Touches on days 0, 7 and 14 get one, two and four sevenths; two of one day share alike."""
    person, row = np.array([0, 0, 0, 1, 1], dtype=np.int32), np.array([0, 1, 2, 0, 2], dtype=np.int32)
    ending = np.array([1, 1], dtype=np.int8)
    paths = arrange_paths(person, row, np.arange(5), ending, 3, np.array([0, 7, 14, 3, 3]))
    assert share_credit(paths, Rule.TIME_DECAY).value.tolist() == pytest.approx([1 / 7 + 0.5, 2 / 7, 4 / 7 + 0.5])


def test_of_two_touches_both_ends_get_a_half_and_a_single_one_gets_all() -> None:
    paths = paths_of(([0, 1], "converted", 1), ([2], "converted", 1))
    assert share_credit(paths, Rule.POSITION).value.tolist() == pytest.approx([0.5, 0.5, 1])


@given(st.lists(st.tuples(st.sets(st.integers(0, 3), min_size=1), st.integers(1, 5)), max_size=8))
def test_shapley_credit_is_the_mean_of_marginal_contributions_over_all_orders(
    games: list[tuple[set[int], int]],
) -> None:
    """By definition, over the 24 orders of four rows: what the conversions of those met by no others grow by."""
    worth = {
        order: [sum(count for met, count in games if met <= set(order[:size])) for size in range(5)]
        for order in permutations(range(4))
    }
    expected = [
        sum(worths[order.index(row) + 1] - worths[order.index(row)] for order, worths in worth.items()) / 24
        for row in range(4)
    ]
    paths = paths_of(*((sorted(met), "converted", count) for met, count in games), rows=4)
    assert share_credit(paths, Rule.SHAPLEY).value.tolist() == pytest.approx(expected)


CARRIED = Carried(np.array([0, 1, 2, 2]), np.array([0, 1, 0, 1]), 2)
"""Two rows of a report; the first two steps stand for one each, and the third for both."""


@pytest.mark.parametrize(
    ("rule", "credit"),
    [
        (Rule.FIRST, [2, 1]),
        (Rule.LAST, [1, 2]),
        (Rule.LINEAR, [0.75, 2.25]),
        (Rule.ANY, [2, 3]),
        (Rule.SHAPLEY, [1, 2]),
    ],
)
def test_what_a_step_gets_is_shared_equally_among_the_rows_it_stands_for(rule: Rule, credit: list[float]) -> None:
    assert share_credit(STORY, rule, carried=CARRIED).value.tolist() == pytest.approx(credit)


def test_without_a_row_all_steps_are_lost_that_stand_for_it() -> None:
    """Of four who meet one step each three convert; without a row its own step and the common one are gone."""
    paths = paths_of(([0], "converted", 1), ([1], "converted", 1), ([2], "converted", 1), ([0], "null", 1))
    removed = removal_effects(paths, fewest_converted=1, resamples=0, carried=CARRIED)
    assert removed.effect.tolist() == pytest.approx([2 / 3, 2 / 3])
    assert removed.credit.tolist() == pytest.approx([1.5, 1.5])


def test_whole_credits_have_the_interval_of_a_count() -> None:
    shared = share_credit(STORY, Rule.LAST)
    ends = [count_interval(count) for count in (0, 1, 2)]
    assert shared.low.tolist() == pytest.approx([end.low for end in ends])
    assert shared.high.tolist() == pytest.approx([end.high for end in ends])


def test_the_interval_of_shared_credit_agrees_with_a_bootstrap_over_people() -> None:
    people = 300
    generator = np.random.default_rng(1)
    lengths = generator.integers(1, 5, people)
    who = np.repeat(np.arange(people), lengths).astype(np.int32)
    row = generator.integers(0, 3, len(who)).astype(np.int32)
    ending = (generator.random(people) < 0.3).astype(np.int8)
    paths = arrange_paths(who, row, np.arange(len(who)), ending, 3)
    part = np.zeros((people, 3))
    np.add.at(part, (who, row), (ending / lengths)[who])
    again = np.array([part[generator.integers(0, people, people)].sum(axis=0) for _ in range(2000)])
    shared = share_credit(paths, Rule.LINEAR)
    low, high = np.quantile(again, [0.05, 0.95], axis=0)
    assert shared.value == pytest.approx(part.sum(axis=0))
    assert shared.high - shared.low == pytest.approx(high - low, rel=0.2)


people_strategy = st.lists(
    st.tuples(st.lists(st.integers(0, 4), max_size=6), st.sampled_from(sorted(ENDINGS)), st.just(1)),
    max_size=30,
)


@given(people_strategy, st.sampled_from([rule for rule in Rule if rule is not Rule.ANY]))
def test_credit_and_the_untouched_add_up_to_the_conversions(
    people: list[tuple[list[int], str, int]], rule: Rule
) -> None:
    paths = paths_of(*people, rows=5)
    shared = share_credit(paths, rule)
    assert shared.value.sum() + shared.untouched == pytest.approx(paths.converted, abs=1e-9)
    assert np.all(shared.low <= shared.value + 1e-9)
    assert np.all(shared.value <= shared.high + 1e-9)


@given(people_strategy, st.permutations(range(5)), st.sampled_from(sorted(Rule)))
def test_renaming_rows_permutes_their_credit_and_a_row_never_met_gets_none(
    people: list[tuple[list[int], str, int]], names: list[int], rule: Rule
) -> None:
    renamed = [([names[row] for row in path], ending, count) for path, ending, count in people]
    before = share_credit(paths_of(*people, rows=5), rule)
    after = share_credit(paths_of(*renamed, rows=6), rule)
    assert after.value[names].tolist() == pytest.approx(before.value.tolist())
    assert after.value[5] == 0


def test_touches_may_come_in_any_order() -> None:
    order = np.array([2, 0, 1], dtype=np.int64)
    row = np.array([2, 0, 1], dtype=np.int32)
    paths = arrange_paths(np.zeros(3, dtype=np.int32), row, order, np.array([1], dtype=np.int8), 3)
    assert paths.row.tolist() == [0, 1, 2]


def test_codes_out_of_range_are_refused() -> None:
    one, order, ending = np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int8)
    for person, row, end in ((one + 1, one, ending), (one, one + 3, ending), (one, one, ending + 2)):
        with pytest.raises(ValueError, match="must lie in"):
            arrange_paths(person, row, order, end, 3)


@pytest.mark.parametrize(
    ("people", "effect", "credit"),
    [
        (
            [([0, 1, 2], "converted", 1), ([0], "null", 1), ([1, 2], "null", 1)],
            [0.5, 1.0, 1.0],
            [0.2, 0.4, 0.4],
        ),
        (
            [([0], "converted", 2), ([1], "converted", 1), ([0, 1], "converted", 1), ([0], "null", 1)],
            [0.75, 0.5],
            [2.4, 1.6],
        ),
    ],
)
def test_removal_effects_of_paths_worked_by_hand(
    people: list[tuple[list[int], str, int]], effect: list[float], credit: list[float]
) -> None:
    """C1 C2 C3 converts, C1 ends, C2 C3 end; and G twice, M once, G M once convert, G once ends."""
    removal = removal_effects(paths_of(*people, rows=len(effect)), fewest_converted=1, resamples=20)
    assert removal.effect.tolist() == pytest.approx(effect)
    assert removal.credit.tolist() == pytest.approx(credit)


def test_removal_credit_adds_up_whatever_the_loops_and_leaves_the_unresolved_out() -> None:
    story = [([0, 1, 0, 1, 2], "converted", 7), ([2, 2], "converted", 5), ([1, 0], "null", 9)]
    removal = removal_effects(paths_of(*story, rows=4), seed=1)
    assert removal.credit.sum() == pytest.approx(12, abs=1e-9)
    assert removal.credit[3] == removal.effect[3] == 0
    assert np.all(removal.low <= removal.credit)
    assert np.all(removal.credit <= removal.high)
    more = removal_effects(paths_of(*story, ([0], "unresolved", 50), rows=4), seed=1)
    assert more.effect.tolist() == pytest.approx(removal.effect.tolist())


def test_a_removal_effect_is_the_share_of_walks_that_meet_the_row() -> None:
    """Checked against the chain itself, walked 20,000 times."""
    story = [([0, 1, 0, 2], "converted", 3), ([2, 0], "converted", 4), ([1, 2], "null", 6), ([0], "null", 2)]
    counts = np.zeros((4, 5))
    for path, ending, people in story:
        for before, after in pairwise([3, *path, 3 if ending == "converted" else 4]):
            counts[before, after] += people
    chain = counts / counts.sum(axis=1, keepdims=True)
    generator = np.random.default_rng(1)
    met = []
    for _ in range(20_000):
        state, seen = 3, set()
        while (state := int(generator.choice(5, p=chain[state]))) < 3:
            seen.add(state)
        if state == 3:
            met.append([row in seen for row in range(3)])
    removal = removal_effects(paths_of(*story), fewest_converted=1, resamples=20)
    assert removal.effect == pytest.approx(np.mean(met, axis=0), abs=0.02)


def test_removal_effects_are_hidden_below_ten_conversions() -> None:
    removal = removal_effects(paths_of(([0, 1], "converted", 9), ([0], "null", 50)))
    assert (removal.why, removal.credit.size) == (Why.TOO_FEW, 0)
    assert removal_effects(paths_of(([0], "null", 3))).why is Why.TOO_FEW


def test_a_cost_is_shared_by_those_who_reached_the_stage() -> None:
    """1,900 euros for three; by chi-square tables the number lies between 1.0837 and 7.0335."""
    cost = cost_per_reached(190_000, 3)
    assert cost.estimate == 63_333
    assert cost.low == pytest.approx(190_000 / 7.0335, abs=2)
    assert cost.high == pytest.approx(190_000 / 1.0837, abs=10)


def test_with_nobody_reached_there_is_no_upper_limit_and_never_an_infinite_one() -> None:
    cost = cost_per_reached(190_000, 0)
    assert (cost.estimate, cost.high, cost.why) == (None, None, Why.TOO_FEW)
    assert cost.low is not None
    assert cost.low > 0


def test_what_cost_nothing_costs_nothing_each() -> None:
    assert cost_per_reached(0, 4) == CostPerReached(0, 0, 0)


@given(st.integers(0, 10**12), st.integers(1, 5000))
def test_the_cost_each_lies_in_its_interval_and_is_off_by_half_a_unit_at_most(cost: int, reached: int) -> None:
    each = cost_per_reached(cost, reached)
    assert each.estimate is not None
    assert each.low is not None
    assert each.high is not None
    assert each.low <= each.estimate <= each.high
    assert abs(each.estimate * reached - cost) * 2 <= reached


@pytest.mark.parametrize(("cost", "reached"), [(-1, 3), (1, -3)])
def test_negative_costs_and_numbers_are_refused(cost: int, reached: int) -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        cost_per_reached(cost, reached)
