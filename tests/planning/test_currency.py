"""In what currency an amount is that says none."""

import pytest
from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import organisation_of
from app.planning.lines import store_lines
from app.planning.money import currency_of
from app.planning.neighbours import get_currency
from tests.support.plan import NOW, a_campaign, a_channel, a_persona, an_asset


@pytest.mark.parametrize(
    ("country", "currency"),
    [("FI", "EUR"), ("SE", "SEK"), ("NO", "NOK"), ("DK", "DKK"), ("IS", "ISK"), ("GB", "GBP"), (None, "EUR")],
)
def test_a_country_pays_in_its_own_currency(country: str | None, currency: str) -> None:
    assert currency_of(country) == currency


@pytest.mark.parametrize(
    ("time_zone", "currency"), [("Europe/Stockholm", "SEK"), ("Europe/Oslo", "NOK"), ("UTC", "EUR")]
)
def test_amounts_are_in_the_currency_of_the_organisations_country(
    session: Session, time_zone: str, currency: str
) -> None:
    get_organisation(session, organisation_of(session)).time_zone = time_zone
    assert get_currency(session) == get_currency(session, a_campaign(session)) == currency


def test_a_campaigns_own_money_goes_before_the_organisations_country(session: Session) -> None:
    get_organisation(session, organisation_of(session)).time_zone = "Europe/Stockholm"
    budget = {"amount": "900.00", "currency": "NOK"}
    assert get_currency(session, a_campaign(session, budget=budget)) == "NOK"


def test_a_line_without_a_currency_is_in_that_of_the_country_and_one_with_its_own_keeps_it(session: Session) -> None:
    get_organisation(session, organisation_of(session)).time_zone = "Europe/Oslo"
    persona, asset, channel = a_persona(session), an_asset(session), a_channel(session)
    line = {"asset": asset.name, "channel": channel.name, "persona": persona.slug,
            "target_url": "https://jobs.example.org/x"}  # fmt: skip
    for cost, currency in (("1900", "NOK"), ("1900 EUR", "EUR")):
        made = store_lines(
            session, a_campaign(session), [(None, {**line, "place": cost, "planned_cost": cost})], now=NOW
        )
        assert [one.currency for one in made.placements] == [currency], made.problems
