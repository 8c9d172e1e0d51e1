"""The few cases of pairwise tests cover what they promise."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.pairwise import Case, list_cases, list_pairs

FACTORS = st.dictionaries(
    st.sampled_from("abcde"), st.lists(st.sampled_from("12345"), min_size=1, max_size=5, unique=True), min_size=2
)


@given(FACTORS)
def test_every_two_values_meet(factors: dict[str, list[str]]) -> None:
    cases = list_cases(factors)
    met = {frozenset(pair) for case in cases for pair in combinations(case.items(), 2)}
    assert met >= set(list_pairs(factors))
    assert all(list(case) == list(factors) for case in cases)
    assert len(cases) <= len(list_pairs(factors))


def test_values_that_may_not_meet_never_do() -> None:
    def allowed(case: Case) -> bool:
        return not (case.get("screen") == "people" and case.get("state") == "empty")

    factors = {"language": ["fi", "sv"], "screen": ["today", "people"], "state": ["empty", "loaded"]}
    cases = list_cases(factors, allowed)
    assert all(map(allowed, cases))
    assert any(case["screen"] == "people" and case["state"] == "loaded" for case in cases)


def test_pairs_need_far_fewer_cases_than_all_there_are() -> None:
    factors = {name: [str(n) for n in range(4)] for name in "abcdef"}
    assert len(list_cases(factors)) <= 40 < 4**6
