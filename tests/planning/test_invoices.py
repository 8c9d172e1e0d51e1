"""An invoice is shared out over the placements that ran while it is for, to the cent, and can be taken back."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid
from app.planning.campaign import Campaign
from app.planning.invoice import (
    Invoice,
    InvoiceIn,
    describe_invoice,
    list_invoices,
    list_weekly_costs,
    record_invoice,
    take_back_invoice,
    weigh_invoice,
)
from app.planning.placement import Placement, describe_placement
from app.planning.removal import delete_placement
from tests.support.plan import LATER, UNKNOWN_ID, a_campaign, a_placement


@pytest.fixture
def campaign(session: Session) -> Campaign:
    return a_campaign(session)


def placed(session: Session, campaign: Campaign, name: str, starts_on: str, ends_on: str, **more: Any) -> Placement:
    flight = {"starts_on": starts_on, "ends_on": ends_on}
    return a_placement(session, campaign_id=campaign.id, name=name, **flight, **more)


def invoiced(session: Session, campaign: Campaign, euros: str = "1000.00", **changes: Any) -> Invoice:
    fields = {
        "campaign_id": campaign.id, "reference": "JCDecaux 10234", "amount": {"amount": euros, "currency": "EUR"},
        "starts_on": "2026-03-01", "ends_on": "2026-03-31", "vat_percent": "25.5", **changes,
    }  # fmt: skip
    return record_invoice(session, InvoiceIn.model_validate(fields), now=LATER)


def refusal(error: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {problem.field: problem.message for problem in error.value.problems}


def test_an_invoice_is_shared_out_by_the_days_that_each_ran_and_becomes_the_invoiced_cost(
    session: Session, campaign: Campaign
) -> None:
    one = placed(session, campaign, "Whole", "2026-03-02", "2026-03-15")  # 14 days
    two = placed(session, campaign, "Half", "2026-03-02", "2026-03-08")  # 7 days
    other = placed(session, campaign, "Other", "2026-03-20", "2026-03-22")
    made = invoiced(session, campaign, ends_on="2026-03-15")
    # 1000.00 by 14 : 7 is 666.666… and 333.333…: the larger remainder gets the cent, though it comes second.
    assert (one.invoiced_cost_minor, two.invoiced_cost_minor, other.invoiced_cost_minor) == (66_667, 33_333, None)
    assert (one.currency, one.vat_hundredths, one.revision) == ("EUR", 2550, 2)
    assert sum(int(share.amount.amount.replace(".", "")) for share in describe_invoice(made).shares) == 100_000


def test_invoices_add_up_and_each_is_taken_back_by_itself(session: Session, campaign: Campaign) -> None:
    one = placed(session, campaign, "One", "2026-03-02", "2026-03-15")
    march, more = invoiced(session, campaign, "300"), invoiced(session, campaign, "12.34", vat_percent=None)
    assert one.invoiced_cost_minor == 31_234
    take_back_invoice(session, march.id, revision=1, now=LATER)
    assert (one.invoiced_cost_minor, one.vat_hundredths) == (1_234, None)
    take_back_invoice(session, more.id, revision=None, now=LATER)
    assert one.invoiced_cost_minor is None, "nothing is invoiced, which is not zero"
    assert list_invoices(session, campaign.id) == []


def test_the_same_invoice_is_not_kept_twice_and_one_of_another_number_or_amount_is(
    session: Session, campaign: Campaign
) -> None:
    one = placed(session, campaign, "One", "2026-03-02", "2026-03-15")
    invoiced(session, campaign, "300")
    with pytest.raises(Invalid) as error:
        invoiced(session, campaign, "300.00")
    assert "“JCDecaux 10234” is kept already" in refusal(error)["reference"]
    assert one.invoiced_cost_minor == 30_000
    for other in ({"reference": "JCDecaux 10235"}, {"ends_on": "2026-03-30"}):
        invoiced(session, campaign, "300", **other)
    invoiced(session, campaign, "301")
    assert len(list_invoices(session, campaign.id)) == 4


@pytest.mark.parametrize(
    ("costs", "euros", "weighed", "far_below"),
    [
        ({"planned_cost": "200.00"}, "10", (40_000, 1_000), True),
        ({"planned_cost": "200.00", "booked_cost": "100.00"}, "100", (20_000, 10_000), False),
        ({"planned_cost": "200.00"}, "199.99", (40_000, 19_999), True),
        ({}, "10", (None, 1_000), False),
    ],
)
def test_an_invoice_is_held_against_what_was_booked_or_else_planned_for_its_placements(
    session: Session, campaign: Campaign, costs: dict[str, str], euros: str, weighed: tuple[int | None, int],
    far_below: bool,
) -> None:  # fmt: skip
    money = {field: {"amount": amount, "currency": "EUR"} for field, amount in costs.items()}
    for name in ("One", "Two"):
        placed(session, campaign, name, "2026-03-02", "2026-03-15", place=name, **money)
    effect = weigh_invoice(invoiced(session, campaign, euros))
    assert (effect.before, effect.now) == weighed
    assert effect.is_far_below is far_below


def test_what_was_typed_by_hand_stays_beside_an_invoice(session: Session, campaign: Campaign) -> None:
    typed = {"invoiced_cost": {"amount": "50", "currency": "EUR"}, "vat_percent": "14"}
    one = placed(session, campaign, "One", "2026-03-02", "2026-03-15", **typed)
    made = invoiced(session, campaign, "300")
    assert (one.invoiced_cost_minor, one.vat_hundredths) == (35_000, 1400)
    take_back_invoice(session, made.id, revision=None, now=LATER)
    assert (one.invoiced_cost_minor, one.vat_hundredths) == (5_000, 1400)
    made = invoiced(session, campaign, "300")
    one.invoiced_cost_minor = 100
    with pytest.raises(Conflict, match="later changed by hand"):
        take_back_invoice(session, made.id, revision=None, now=LATER)


def test_what_is_named_must_have_run_in_the_period_and_be_of_the_campaign(session: Session, campaign: Campaign) -> None:
    one = placed(session, campaign, "One", "2026-03-02", "2026-03-15")
    placed(session, campaign, "Two", "2026-03-02", "2026-03-15")
    other = a_campaign(session, name="Another", starts_on="2026-03-01", ends_on="2026-03-31")
    foreign = placed(session, other, "Elsewhere", "2026-03-02", "2026-03-15", place="Elsewhere")
    invoiced(session, campaign, placement_ids=[one.id])
    assert one.invoiced_cost_minor == 100_000
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"placement_ids": [one.id], "starts_on": "2026-03-16"}, "starts_on", "“One” does not run in this period"),
        ({"starts_on": "2026-04-01", "ends_on": "2026-04-02"}, "starts_on", "Nothing of this campaign runs"),
        ({"placement_ids": [UNKNOWN_ID]}, "placement_ids", f"“{UNKNOWN_ID}” is no placement of this campaign"),
        ({"placement_ids": [foreign.id]}, "placement_ids", "“Elsewhere” is no placement of this campaign"),
        ({"ends_on": "2026-02-01"}, "ends_on", "ends before it starts"),
        ({"amount": {"amount": "0", "currency": "EUR"}}, "amount", "An invoice of 0"),
        ({"amount": {"amount": "5", "currency": "SEK"}}, "amount.currency", "costs EUR"),
        ({"campaign_id": UNKNOWN_ID}, "campaign_id", "There is no campaign"),
    ]
    for changes, field, says in cases:
        with pytest.raises(Invalid) as error:
            invoiced(session, campaign, **changes)
        assert list(refusal(error)) == [field], changes
        assert says in refusal(error)[field]
    assert one.invoiced_cost_minor == 100_000


def test_a_placement_that_bears_an_invoice_is_not_taken_out(session: Session, campaign: Campaign) -> None:
    one = placed(session, campaign, "One", "2026-03-02", "2026-03-15")
    invoiced(session, campaign)
    with pytest.raises(Conflict, match="used by invoice “JCDecaux 10234”"):
        delete_placement(session, one.id, revision=None)


def test_the_weeks_of_a_campaign_cost_what_its_placements_cost(session: Session, campaign: Campaign) -> None:
    cost = {"amount": "140", "currency": "EUR"}
    placed(session, campaign, "One", "2026-03-02", "2026-03-15", planned_cost=cost)
    placed(session, campaign, "Free", "2026-03-02", "2026-03-15")
    week = dt.timedelta(days=7)
    monday = dt.date(2026, 3, 2)
    assert list_weekly_costs(session, campaign) == [(monday, "EUR", 7_000), (monday + week, "EUR", 7_000)]
    # What is invoiced stands before what was planned; an invoice for the second week counts there alone.
    invoiced(session, campaign, "100", starts_on="2026-03-09", ends_on="2026-03-15")
    assert list_weekly_costs(session, campaign) == [(monday + week, "EUR", 10_000)]


def test_a_flight_without_an_end_costs_in_the_weeks_that_invoices_are_for(session: Session) -> None:
    always = a_campaign(session, kind="continuous", ends_on=None)
    one = a_placement(session, campaign_id=always.id, ends_on=None, planned_cost={"amount": "90", "currency": "EUR"})
    assert list_weekly_costs(session, always) == []
    invoiced(session, always, "10", starts_on="2026-03-01", ends_on="2026-03-03")
    assert list_weekly_costs(session, always) == [(dt.date(2026, 3, 2), "EUR", 1_000)]
    assert describe_placement(one).cost_with_vat is not None
