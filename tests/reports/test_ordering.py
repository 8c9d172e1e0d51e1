"""Rows in the order asked for, a page at a time, with what cannot be traced at the end of every page."""

from typing import Any

import pytest

from app.errors import Invalid
from app.reports.answers import Effectiveness
from app.reports.ordering import SORTS, order_rows
from tests.reports.builders import City

REST = ["unknown", "partly_traced", "unmatched"]
APPLICANTS = {"D": 3, "B": 3, "C": 1, "A": 0, "E": 2}


@pytest.fixture
def answer(sqlite_city: City) -> Effectiveness:
    city = sqlite_city
    for name, n in APPLICANTS.items():
        costs: dict[str, Any] = {"invoiced": 100 * n, "currency": "EUR"} if n else {}
        city.places(name, **costs)
        for number in range(n):
            city.hears(f"{name}{number}", "2026-03-01", via=name, interview="2026-03-05")
    return city.effectiveness()


def labels(answer: Effectiveness) -> str:
    assert [row.row for row in answer.rows[-3:]] == REST
    return "".join(row.label for row in answer.rows[:-3])


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("label", "ABCDE"),
        ("-label", "EDCBA"),
        ("applications", "ACEBD"),
        ("-applications", "BDECA"),
        ("cost", "CEBDA"),
        ("-cost", "BDECA"),
        ("cost_per_reached", "BCDEA"),
    ],
)
def test_equal_rows_stand_by_name_and_those_without_the_number_last(
    answer: Effectiveness, sort: str, order: str
) -> None:
    assert labels(order_rows(answer, sort=sort)) == order


@pytest.mark.parametrize("limit", [1, 2, 5, 1000])
def test_pages_hold_every_row_once_in_order(answer: Effectiveness, limit: int) -> None:
    for sort in [*SORTS, *(f"-{name}" for name in SORTS), None]:
        page = order_rows(answer, sort=sort, limit=limit)
        seen = labels(page)
        while page.next:
            page = order_rows(answer, sort=sort, limit=limit, cursor=page.next)
            assert len(labels(page)) <= limit
            seen += labels(page)
        assert seen == labels(order_rows(answer, sort=sort))
        assert sorted(seen) == sorted(APPLICANTS)


def test_without_a_limit_all_rows_come(answer: Effectiveness) -> None:
    assert order_rows(answer) == answer


def test_an_answer_is_not_changed_by_ordering_it(answer: Effectiveness) -> None:
    before = answer.model_copy(deep=True)
    order_rows(answer, sort="-label", limit=2)
    assert answer == before


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"sort": "salary"}, "sort"),
        ({"sort": "--label"}, "sort"),
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"cursor": "no cursor"}, "cursor"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "WyJ4Il0="}, "cursor"),
        ({"cursor": "\u00e4"}, "cursor"),
        ({"cursor": "8J+YgA=="}, "cursor"),
    ],
)
def test_what_cannot_be_asked_is_named(answer: Effectiveness, asked: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        order_rows(answer, **asked)  # type: ignore[arg-type]
    assert [problem.field for problem in refused.value.problems] == [field]


def test_a_cursor_of_another_order_is_refused(answer: Effectiveness) -> None:
    cursor = order_rows(answer, sort="label", limit=2).next
    with pytest.raises(Invalid):
        order_rows(answer, sort="-label", limit=2, cursor=cursor)
