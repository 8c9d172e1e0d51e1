"""What a row has cost: the best known figure of each placement, exact, never mixed and never guessed."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.funnel.stage import Stage
from app.planning.asset import Format
from app.planning.placement import Placement
from app.reports.answers import Cost
from app.reports.costs import amount_of, cost_within, share_cost, sum_costs
from app.reports.plan import PlacementCost
from app.reports.scope import By
from app.reports.wording import verdict_words, verdicts_finding
from tests.reports.builders import City, row_of


@pytest.mark.parametrize(
    ("costs", "amount", "basis"),
    [
        ({"planned": 100000, "booked": 120000, "invoiced": 119999}, "1199.99", "invoiced"),
        ({"planned": 100000, "booked": 120000}, "1200.00", "booked"),
        ({"planned": 100000}, "1000.00", "planned"),
        ({"planned": 100000, "invoiced": 0}, "0.00", "invoiced"),
    ],
)
def test_invoiced_comes_before_booked_before_planned(
    city: City, costs: dict[str, Any], amount: str, basis: str
) -> None:
    city.places("Poster", currency="EUR", **costs)
    (cost,) = row_of(city.effectiveness(), "Poster").costs
    assert (cost.amount, cost.currency, cost.basis) == (amount, "EUR", basis)


def test_a_row_of_several_placements_sums_to_the_cent_and_keeps_bases_apart(city: City) -> None:
    city.places("Poster 1", currency="EUR", invoiced=10)
    city.places("Poster 2", currency="EUR", invoiced=20)
    city.places("Poster 3", currency="EUR", planned=30, runs=("2026-01-01", None))
    row = row_of(city.effectiveness(by="format"), "Poster")
    assert [(cost.amount, cost.basis) for cost in row.costs] == [("0.30", "invoiced"), ("0.30", "planned")]
    assert row.cost_per_reached.low is not None


def test_what_is_to_run_later_is_no_cost_of_those_who_came(city: City) -> None:
    city.places("Poster 1", currency="EUR", invoiced=190000)
    later = city.places("Poster 2", currency="EUR", planned=500000)
    with city.database.writing(city.id) as session:
        session.get_one(Placement, later).starts_on = dt.date(2030, 1, 7)
    city.hears("x1", "2026-03-01", via="Poster 1", interview="2026-03-20")
    row = row_of(city.effectiveness(by="format"), "Poster")
    assert ([cost.amount for cost in row.costs], row.cost_per_reached.estimate) == (["1900.00"], "1900.00")
    assert [(cost.amount, cost.basis) for cost in row.costs_to_come] == [("5000.00", "planned")]
    planned = row_of(city.effectiveness(), "Poster 2")
    assert ([cost.amount for cost in planned.costs], planned.costs_to_come) == (["5000.00"], [])
    assert (planned.cost_per_reached.low, planned.cost_per_reached.why) == (None, "too_early")


def test_what_never_went_live_is_no_cost_beside_what_did_unless_it_was_booked(city: City) -> None:
    city.places("Poster 1", currency="EUR", invoiced=190000)
    city.places("Poster 2", currency="EUR", planned=12000)
    row = row_of(city.effectiveness(by="format"), "Poster")
    assert [(cost.amount, cost.basis) for cost in row.costs] == [("1900.00", "invoiced")]
    city.places("Poster 3", currency="EUR", booked=7000)
    row = row_of(city.effectiveness(by="format"), "Poster")
    assert [(cost.amount, cost.basis) for cost in row.costs] == [("70.00", "booked"), ("1900.00", "invoiced")]


def test_a_period_costs_what_its_days_cost_whatever_the_whole_flight_did(city: City) -> None:
    """100.00 € over ten days, seven of them in March: 70.00 €, and the rest is the cost of February."""
    city.places("Poster", currency="EUR", invoiced=10000, runs=("2026-02-26", "2026-03-07"))
    city.hears("x1", "2026-03-05", via="Poster", interview="2026-03-20")
    march, february = (
        row_of(city.effectiveness(from_=first, to=last), "Poster")
        for first, last in (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28"))
    )
    assert [cost.amount for cost in (*march.costs, *february.costs)] == ["70.00", "30.00"]
    assert march.cost_per_reached.estimate == "70.00"


def test_what_did_not_run_in_the_period_has_no_cost_in_it_and_no_cost_of_each(city: City) -> None:
    city.places("Poster", currency="EUR", invoiced=480000, runs=("2025-10-01", "2025-11-30"))
    city.places("Letter", format=Format.NEWSLETTER, currency="EUR", invoiced=300, runs=("2026-05-01", None))
    city.hears("x1", "2026-05-02", via="Letter")
    asked = {"from_": "2026-05-01", "to": "2026-10-31"}
    row = row_of(city.effectiveness(**asked), "Poster")
    assert (row.costs, row.in_period, str(verdict_words(row))) == ([], False, "did not run in this period")
    for per in (row.cost_per_reached, row.cost_per_reached_because):
        assert (per.estimate, per.low, per.why) == (None, None, "did_not_run")
    assert verdicts_finding(city.effectiveness(**asked), By.PLACEMENT, Stage.INTERVIEW).count("1 placement ") == 1
    city.hears("x2", "2026-05-03", via="Poster")
    late = row_of(city.effectiveness(**asked), "Poster")
    assert (late.costs, late.cost_per_reached.why) == ([], "did_not_run")
    assert str(verdict_words(late)).startswith("cannot tell yet")


@given(st.integers(0, 10**12), st.integers(0, 400), st.integers(-300, 700))
def test_the_costs_before_and_after_a_day_add_up_to_the_whole(minor: int, length: int, cut: int) -> None:
    begins = dt.date(2026, 3, 1)
    flight, day = (begins, begins + dt.timedelta(days=length)), begins + dt.timedelta(days=cut)
    whole = PlacementCost(minor, "EUR", "invoiced")
    before = cost_within(whole, flight, None, day)
    after = cost_within(whole, flight, day + dt.timedelta(days=1), None)
    assert (before.minor + after.minor, cost_within(whole, flight, None, None)) == (minor, whole)


def test_each_that_reached_it_cost_their_part(city: City) -> None:
    """1,900 € for three: 633.33 €; Jeffreys' 90 % interval for a count of 3 is 1.08 to 7.03 (Gamma(3.5))."""
    city.places("Poster", currency="EUR", invoiced=190000)
    for number in range(3):
        city.hears(f"x{number}", "2026-03-01", via="Poster", interview="2026-03-20")
    per = row_of(city.effectiveness(), "Poster").cost_per_reached
    assert (per.estimate, per.currency, per.why) == ("633.33", "EUR", None)
    assert float(per.low or 0) == pytest.approx(1900 / 7.0336, abs=0.05)
    assert float(per.high or 0) == pytest.approx(1900 / 1.0837, abs=0.1)


def test_where_nobody_reached_it_there_is_a_least_cost_and_no_most(city: City) -> None:
    city.places("Poster", currency="EUR", invoiced=190000)
    city.hears("x1", "2026-03-01", via="Poster")
    per = row_of(city.effectiveness(), "Poster").cost_per_reached
    assert (per.estimate, per.high, per.currency, per.why) == (None, None, "EUR", "too_few")
    assert per.low is not None


def test_currencies_are_not_added_up(city: City) -> None:
    city.places("Poster 1", currency="EUR", invoiced=100)
    city.places("Poster 2", currency="SEK", invoiced=100)
    row = row_of(city.effectiveness(by="format"), "Poster")
    assert [cost.currency for cost in row.costs] == ["EUR", "SEK"]
    assert (row.cost_per_reached.estimate, row.cost_per_reached.why) == (None, "mixed_currency")


def test_one_unknown_cost_leaves_the_sum_unknown(city: City) -> None:
    city.places("Poster 1", currency="EUR", invoiced=100)
    city.places("Poster 2")
    row = row_of(city.effectiveness(by="format"), "Poster")
    assert [cost.amount for cost in row.costs] == ["1.00"]
    assert (row.cost_per_reached.estimate, row.cost_per_reached.why) == (None, "not_recorded")


@pytest.mark.parametrize(("currency", "amount"), [("EUR", "12345.67"), ("JPY", "1234567"), ("TND", "1234.567")])
def test_an_amount_has_its_currencys_decimals(currency: str, amount: str) -> None:
    assert amount_of(1234567, currency) == amount


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20), st.integers(0, 10_000))
def test_sums_are_exact_and_no_cost_is_infinite(minors: list[int], reached: int) -> None:
    costs = [PlacementCost(minor, "EUR", "booked") for minor in minors]
    total = sum(minors)
    assert sum_costs(costs) == [Cost(amount=f"{total // 100}.{total % 100:02}", currency="EUR", basis="booked")]
    per = share_cost(costs, reached, 0.9)
    ends = [float(end) for end in (per.low, per.estimate, per.high) if end is not None]
    assert ends == sorted(ends)
    assert len(ends) == (3 if reached else 1)
