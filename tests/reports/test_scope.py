"""What cannot be asked is refused with the field named."""

from typing import Any

import pytest

from app.errors import Invalid
from tests.reports.builders import City


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ({"stage": "applied"}, ["stage"]),
        ({"from_": "2026-03-02", "to": "2026-03-01"}, ["from"]),
        ({"lookback_days": 0}, ["lookback_days"]),
        ({"lookback_days": 731}, ["lookback_days"]),
        ({"horizon_days": 6}, ["horizon_days"]),
        ({"horizon_days": 183}, ["horizon_days"]),
        ({"level": 0.49}, ["level"]),
        ({"level": float("nan")}, ["level"]),
        ({"level": 1.0, "horizon_days": 0}, ["horizon_days", "level"]),
    ],
)
def test_a_question_without_an_answer_is_refused(sqlite_city: City, asked: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        sqlite_city.scope(**asked)
    assert [problem.field for problem in refused.value.problems] == fields
