"""Amounts that rest on different things are named each, and summed where they may be."""

from app.reports.answers import Basis, Cost
from app.reports.cost_words import costs_words, sum_by_currency, total_cost
from tests.web import answers_examples as examples


def cost(amount: str, basis: Basis, currency: str = "EUR") -> Cost:
    return Cost(amount=amount, currency=currency, basis=basis)


def spaced(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_amounts_of_one_currency_are_named_each_and_summed() -> None:
    costs = [cost("1100.00", "booked"), cost("5400.00", "invoiced")]
    assert spaced(costs_words(costs)) == "6,500 € (5,400 € invoiced + 1,100 € booked)"
    (one,) = sum_by_currency(costs)
    assert spaced(one.amount) == "6,500 €"


def test_amounts_of_different_currencies_are_not_added() -> None:
    costs = [cost("1100.00", "booked"), cost("5400.00", "invoiced", "SEK"), cost("100.00", "planned", "SEK")]
    assert spaced(costs_words(costs)) == "1,100 € booked + 5,500 SEK (5,400 SEK invoiced + 100 SEK planned)"


def test_an_invoice_alone_needs_no_word_and_nothing_known_is_a_dash() -> None:
    assert (spaced(costs_words([cost("300.00", "invoiced")])), costs_words([])) == ("300 €", "–")


def test_all_rows_that_ran_have_one_cost_and_what_has_none_is_counted_beside_it() -> None:
    booked, invoiced = cost("1100.00", "booked"), cost("5400.00", "invoiced")
    rows = [
        examples.NEWSLETTER.model_copy(update={"costs": [booked, invoiced]}),
        examples.SEARCH.model_copy(update={"costs": [invoiced]}),
        examples.POSTER.model_copy(update={"costs": []}),
        examples.RADIO.model_copy(update={"costs": [cost("9.00", "planned")], "begun": False, "applications": 0}),
    ]
    found = examples.effectiveness([*rows, *examples.REST])
    (total,), said = total_cost(found)
    assert [spaced(one) for one in (total.amount, *total.parts)] == ["11,900 €", "10,800 € invoiced", "1,100 € booked"]
    assert spaced(said) == (
        "The rows cost 11,900 € (10,800 € invoiced + 1,100 € booked) together, without 1 row whose cost is not known."
    )
    assert total_cost(examples.effectiveness(examples.REST)) == ((), "")
    assert total_cost(found.model_copy(update={"scope": {"by": "claim"}})) == (
        (), "There is no cost of all: rows share ads, so their costs do not add up.",
    )  # fmt: skip
