"""The answers have the shape that DESIGN.md documents: the same keys, and a `why` wherever a number is missing."""

import json
from typing import Any

import pytest

from app.reports.answers import Effectiveness, Funnel
from app.reports.tally import tally
from tests.reports.builders import LATER_STAGES, City, row_of

EFFECTIVENESS: dict[str, Any] = {
    "scope": {},
    "data": {"version": 1812, "through": {}},
    "totals": {"people": 412, "applications": 431, "reached": 96, "out": 210, "pending": 125, "traced_share": 0.63},
    "overlapping": False,
    "shared": 0,
    "rows": [
        {
            "row": "known", "key": "<placement id>", "code": "h7k2mq", "label": "…",
            "costs": [{"amount": "1900.00", "currency": "EUR", "basis": "invoiced"}],
            "applications": 6, "reached": 3, "out": 1, "pending": 2,
            "touched": {"first": 1, "last": 3, "any": 4},
            "credit": {"model": "last", "value": 3.0, "low": 1.2, "high": 4.8},
            "conversion": {"horizon_days": 120, "estimate": 0.58, "low": 0.31, "high": 0.83},
            "expected_reached": {"estimate": 3.6, "low": 3, "high": 5},
            "lift": {"measure": "relative_change", "horizon_days": 120, "estimate": 0.18, "low": -0.2, "high": 0.7,
                     "probability_better": 0.81},
            "brought": {"estimate": None, "why": "not_recorded"},
            "verdict": "moved",
            "reason": {"code": "too_few", "params": {}, "text": "…one plain sentence…"},
            "needs": {"applications": 14, "weeks": 4, "capped": False},
            "cost_per_reached": {"estimate": "633.33", "low": "380.00", "high": "1000.00", "currency": "EUR"},
        }
    ],
    "next": None,
}  # fmt: skip
FUNNEL: dict[str, Any] = {
    "scope": {},
    "data": {},
    "totals": {},
    "stages": [
        {
            "stage": "interview", "reached": 96, "out": {"rejected": 3, "withdrawn": 2}, "pending": 12,
            "conversion_from_previous": {}, "conversion_from_start": {},
            "days_to_stage": {"median": 65, "low": 60, "high": 70},
            "incidence": [{"day": 30, "estimate": 0.1, "low": 0.05, "high": 0.2, "at_risk": 40}],
        }
    ],
}  # fmt: skip
NULL_WITHOUT_A_REASON_WHY = {"traced_share", "next", "key", "code", "verdict", "reason", "needs", "lift"}


@pytest.fixture
def city(city: City) -> City:
    """Placements with many, few and no applicants, and with costs in two currencies."""
    for name, n, reach in (("Newsletter", 40, 26), ("Search", 50, 9), ("Poster", 4, 1), ("Radio", 0, 0)):
        city.places(name, channel=name, currency="EUR" if name != "Poster" else "SEK", invoiced=190000, claims=("c:f",))
        for number in range(n):
            ending: dict[str, Any] = {"interview": "2026-03-20"} if number < reach else {"rejected": "2026-03-20"}
            city.hears(f"{name}{number}", "2026-03-01", via=name, **ending)
    city.hears("waits", "2026-11-20", via="Poster")
    city.hears("unknown", "2026-11-20")
    return city


def same_shape(documented: Any, found: Any, path: str = "") -> None:
    """Every documented key is there, and a number, a text, a list or an object is still one."""
    if isinstance(documented, dict):
        assert documented.keys() <= found.keys(), path
        for key, value in documented.items():
            if key not in ("params", "through", "scope") and found[key] is not None:
                same_shape(value, found[key], f"{path}.{key}")
    elif isinstance(documented, list):
        for one in found:
            same_shape(documented[0], one, path)
    elif documented is not None:
        number = (int, float) if type(documented) in (int, float) else type(documented)
        assert isinstance(found, number), path


def numbers_without_a_why(found: Any, path: str = "") -> list[str]:
    """The objects in which an estimate is missing and nothing says why."""
    missing = []
    if isinstance(found, dict):
        if any(found.get(name, 0) is None for name in ("estimate", "median", "value")) and not found.get("why"):
            missing.append(path)
        for key, value in found.items():
            missing += numbers_without_a_why(value, f"{path}.{key}")
    if isinstance(found, list):
        for number, one in enumerate(found):
            missing += numbers_without_a_why(one, f"{path}[{number}]")
    return missing


@pytest.mark.parametrize("by", ["placement", "format", "claim"])
def test_effectiveness_has_the_documented_keys_and_says_why_a_number_is_missing(city: City, by: str) -> None:
    answer = city.effectiveness(by=by)
    found = json.loads(answer.model_dump_json())
    same_shape(EFFECTIVENESS, found)
    assert numbers_without_a_why(found) == []
    assert Effectiveness.model_validate_json(answer.model_dump_json()) == answer


@pytest.mark.parametrize("view", ["cohort", "activity", "snapshot"])
def test_the_funnel_has_the_documented_keys_and_says_why_a_number_is_missing(city: City, view: str) -> None:
    answer = city.funnel(view=view)
    found = json.loads(answer.model_dump_json())
    same_shape(FUNNEL, found)
    assert [row["stage"] for row in found["stages"]] == ["applied", *LATER_STAGES]
    assert numbers_without_a_why(found) == []
    assert Funnel.model_validate_json(answer.model_dump_json()) == answer


def test_known_rows_are_judged_and_the_rest_are_not(city: City) -> None:
    for row in city.effectiveness().rows:
        known = row.row == "known"
        assert [value is not None for value in (row.key, row.code, row.verdict, row.reason)] == [known] * 4
        assert (row.lift is not None) == known
        assert row.needs is None or row.verdict == "cannot_tell"


def test_only_a_placement_has_a_code(city: City) -> None:
    assert {row.code for row in city.effectiveness(by="format").rows} == {None}


def test_the_scope_is_told_as_it_was_understood(city: City) -> None:
    scope = city.effectiveness(from_="2026-03-01", persona="young-family", stage="hired", level=0.8).scope
    assert scope | {"from": "2026-03-01"} == {
        "by": "placement", "view": "cohort", "stage": "hired", "from": "2026-03-01", "to": None, "as_of": None,
        "known_at": None,
        "include_units": True, "lookback_days": 90, "horizon_days": 120, "model": "last", "level": 0.8,
        "filters": {"persona": "young-family"},
    }  # fmt: skip


def test_effectiveness_is_by_application_date_whatever_view_is_asked_for(city: City) -> None:
    assert city.effectiveness(view="activity", from_="2026-11-01").totals.applications == 2


def test_a_reason_comes_with_the_numbers_of_its_sentence(city: City) -> None:
    reason = row_of(city.effectiveness(), "Newsletter").reason
    assert reason is not None
    assert reason.code == "better"
    assert {"applicants", "observed", "expected", "probability", "threshold"} == reason.params.keys()
    assert reason.params["applicants"] == 40


def test_what_nobody_has_met_yet_is_left_out_of_what_is_counted_in_words(city: City) -> None:
    found = city.effectiveness()
    begun = {row.label: row.begun for row in found.rows if row.row == "known"}
    assert begun == {"Newsletter": True, "Search": True, "Poster": True, "Radio": False}
    assert (tally(found).judged, row_of(found, "Radio").verdict) == (3, "cannot_tell")
    city.places("Online radio", runs=("2026-11-01", None))
    assert tally(city.effectiveness()).judged == 4
