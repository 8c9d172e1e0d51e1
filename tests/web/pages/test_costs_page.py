"""An invoice is typed into five fields of a campaign's costs, and taken back from the list."""

from collections.abc import Iterator
from html import unescape

import pytest
from sqlalchemy import select

from app.database import Database
from app.planning.placement import Placement
from tests.support.forms import read_form
from tests.support.plan import a_campaign, a_placement
from tests.web.pages.planning_office import PlanningOffice, send


@pytest.fixture
def office(sqlite_file_url: str) -> Iterator[PlanningOffice]:
    database = Database(sqlite_file_url)
    office = PlanningOffice(database)
    with database.writing(office.city) as session:
        for place, ends_on in (("Kallio", "2026-12-14"), ("Vallila", "2026-12-07")):
            flight = {"starts_on": "2026-12-01", "ends_on": ends_on}
            a_placement(session, campaign_id=office.campaign, place=place, name=f"Poster, {place}", **flight)
    yield office
    database.close()


INVOICE = {"reference": ["JCDecaux 10234"], "amount": ["1 000,00 €"], "vat_percent": ["25,5"],
           "starts_on": ["2026-12-01"], "ends_on": ["2026-12-14"]}  # fmt: skip


def test_an_invoice_is_kept_shared_out_shown_by_week_and_taken_back(office: PlanningOffice) -> None:
    costs = f"/campaigns/{office.campaign}/costs"
    empty = office.first.get(costs).text
    assert "No cost of this campaign is known for any week yet." in empty
    shown = send(office.first, costs, {**read_form(empty, costs), **INVOICE})
    text = unescape(shown.text).replace("\u00a0", " ")
    assert "Kept, and shared out over the invoiced costs of 2 placements." in text
    assert "1,000 € over 3 weeks, without VAT." in text
    assert "JCDecaux 10234" in text
    kept = {place: one.invoiced_cost_minor for place, one in office.placements().items()}
    assert kept == {"Kallio": 66_667, "Vallila": 33_333}
    (back,) = {part.split('"')[0] for part in shown.text.split('action="') if part.split('"')[0].endswith("/back")}
    assert "The invoice was taken back" in send(office.second, back, {}).text
    assert {one.invoiced_cost_minor for one in office.placements().values()} == {None}


def test_placements_of_an_invoice_of_which_nothing_was_planned_are_counted_and_compared_with_nothing(
    office: PlanningOffice,
) -> None:
    """600 € over two placements; for the one 1,000 € was planned, and it bears 400 € at most."""
    costs = f"/campaigns/{office.campaign}/costs"
    with office.database.writing(office.city) as session:
        first = session.scalars(select(Placement).where(Placement.campaign_id == office.campaign)).first()
        assert first is not None
        first.planned_cost_minor, first.currency = 100_000, "EUR"
    text = unescape(send(office.first, costs, {**INVOICE, "amount": ["600"]}).text).replace("\u00a0", " ")
    assert "1,000.00 € was booked or planned for it; now 600.00 € is invoiced" in text
    assert "That is far less" in text
    assert "1 of its placements had neither." in text


def test_what_an_invoice_did_to_the_costs_is_said_in_cents_and_that_it_stands_for_all_of_them(
    office: PlanningOffice,
) -> None:
    costs = f"/campaigns/{office.campaign}/costs"
    with office.database.writing(office.city) as session:
        for one in session.scalars(select(Placement).where(Placement.campaign_id == office.campaign)):
            one.planned_cost_minor, one.currency = 261_000, "EUR"
    text = unescape(send(office.first, costs, {**INVOICE, "amount": ["10,50"]}).text).replace("\u00a0", " ")
    assert "5,220.00 € was booked or planned for it; now 10.50 € is invoiced, and that counts instead." in text
    assert "That is far less. Until more is invoiced, every figure treats it as the whole cost." in text
    assert "If it is wrong, take it back below." in text
    assert "10.50 € for" in text
    again = office.second.post(costs, data={**INVOICE, "amount": ["10,50"]})
    assert (again.status_code, "is kept already" in unescape(again.text)) == (422, True)


def test_a_rate_of_tax_that_is_too_large_is_called_that(office: PlanningOffice) -> None:
    answer = office.first.post(f"/campaigns/{office.campaign}/costs", data={**INVOICE, "vat_percent": ["255"]})
    assert "A rate is below 100 %; 255 is too large." in unescape(answer.text).replace("\u00a0", " ")


def test_an_invoice_that_is_wrong_is_shown_as_it_was_typed(office: PlanningOffice) -> None:
    costs = f"/campaigns/{office.campaign}/costs"
    chosen = {"placement": [str(office.placements()["Vallila"].id)]}
    wrong = {**INVOICE, **chosen, "starts_on": ["2026-12-08"]}
    answer = office.first.post(costs, data=wrong)
    assert answer.status_code == 422
    assert "“Poster, Vallila” does not run in this period" in unescape(answer.text)
    assert read_form(answer.text, costs) == wrong
    for field, text in (("amount", "much"), ("vat_percent", "lots"), ("ends_on", "soon"), ("reference", "")):
        assert office.first.post(costs, data={**INVOICE, field: [text]}).status_code == 422
    assert {one.invoiced_cost_minor for one in office.placements().values()} == {None}


def test_what_a_flight_without_an_end_costs_is_said_beside_the_weeks(office: PlanningOffice) -> None:
    with office.database.writing(office.city) as session:
        always = a_campaign(session, name="Always", kind="continuous", starts_on="2026-12-01", ends_on=None).id
        cost = {"planned_cost": {"amount": "700", "currency": "EUR"}}
        a_placement(session, campaign_id=always, starts_on="2026-12-01", ends_on=None, **cost)
    text = unescape(office.viewer.get(f"/campaigns/{always}/costs").text).replace("\u00a0", " ")
    assert "700 € more belongs to placements without an end, so it is in no week yet." in text


def test_who_only_reads_sees_costs_and_keeps_no_invoice(office: PlanningOffice) -> None:
    costs = f"/campaigns/{office.campaign}/costs"
    send(office.first, costs, INVOICE)
    shown = office.viewer.get(costs).text
    assert "JCDecaux 10234" in shown
    assert "Take back" not in shown
    assert office.viewer.post(costs, data=INVOICE).status_code == 403
