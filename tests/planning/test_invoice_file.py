"""Invoices go out with the plan and come back with every part and rate; written by hand they are shared out."""

import datetime as dt
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import Database
from app.errors import Invalid
from app.planning.invoice import (
    Invoice,
    InvoiceIn,
    describe_invoice,
    list_invoices,
    record_invoice,
    take_back_invoice,
)
from app.planning.placement import Placement, PlacementIn, describe_placement
from app.planning.placing import replace_placement
from app.planning.plan_file import export_plan, import_plan
from app.planning.plan_sheets import FORMATS, read_plan_file, write_plan
from tests.planning.conftest import organisation_named
from tests.support.plan import LATER, NOW, a_campaign, a_channel, a_persona, a_placement, an_asset

MARCH = {"starts_on": "2026-03-01", "ends_on": "2026-03-31"}
EUROS = {"amount": "100.01", "currency": "EUR"}
_numbers = count(1)

dates = st.integers(1, 31).map(lambda day: dt.date(2026, 3, day))
flights = st.tuples(dates, dates).map(sorted)
rates = st.sampled_from([None, "0", "14", "25.5", "9.99"])
cents = st.integers(1, 10**9)
placements = st.lists(st.tuples(flights, st.none() | cents, rates), min_size=1, max_size=5)
references = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=30).map(
    lambda text: f"A{text}".strip()
)
invoices = st.lists(st.tuples(references, cents, rates, flights), max_size=4)


def money(minor: int | None) -> dict[str, str] | None:
    return None if minor is None else {"amount": f"{minor // 100}.{minor % 100:02}", "currency": "EUR"}


def lay(session: Session, placed: Any, billed: Any) -> None:
    parts = {
        "campaign_id": a_campaign(session, name="Now we must", starts_on="2026-03-01", ends_on="2026-03-31").id,
        "asset_id": an_asset(session, name="Poster").id, "channel_id": a_channel(session, name="Stops").id,
        "persona_id": a_persona(session).id,
    }  # fmt: skip
    for n, ((first, last), invoiced, rate) in enumerate(placed):
        a_placement(session, name=f"P{n}", place=f"Stop {n}", starts_on=first, ends_on=last, vat_percent=rate,
                    invoiced_cost=money(invoiced), **parts)  # fmt: skip
    for reference, minor, rate, (first, last) in billed:
        said = {"campaign_id": parts["campaign_id"], "reference": reference, "amount": money(minor),
                "vat_percent": rate, "starts_on": first, "ends_on": last}  # fmt: skip
        with suppress(Invalid):  # nothing runs in these days
            record_invoice(session, InvoiceIn.model_validate(said), now=NOW)


def told(session: Session) -> tuple[Any, Any]:
    """What is invoiced for each placement with its rate, and what each bears of each invoice."""
    rows = {row.id: row for row in session.scalars(select(Placement))}
    return (
        sorted((row.name, row.invoiced_cost_minor, row.vat_hundredths) for row in rows.values()),
        sorted(
            (one.reference, one.amount_minor, one.vat_hundredths, one.starts_on, one.ends_on,
             sorted((rows[share.placement_id].name, share.minor, share.sets_vat) for share in one.shares))
            for one in session.scalars(select(Invoice))
        ),
    )  # fmt: skip


@given(placements, invoices, st.sampled_from(sorted(FORMATS)))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_invoices_are_read_into_another_organisation_with_every_part_and_rate(
    sqlite_file_url: str, placed: Any, billed: Any, format: str
) -> None:
    database = Database(sqlite_file_url)
    first, second = (organisation_named(database, f"Town {next(_numbers)}") for _n in range(2))
    with database.writing(first) as session:
        lay(session, placed, billed)
        before, tables = told(session), export_plan(session)
        for n, placement in enumerate(session.scalars(select(Placement))):
            placement.tracking_code = f"{first.hex[-10:]}{n}"  # a code is the whole installation's; this frees it
    content = write_plan(tables, format)
    with database.writing(second) as session:
        import_plan(session, read_plan_file(f"plan.{format}", content), now=LATER)
    with database.writing(second) as session:
        assert told(session) == before
        assert export_plan(session) == tables
        again = import_plan(session, read_plan_file(f"plan.{format}", content), now=LATER)
        assert (again.added, again.changed) == ({}, {})
        for placement in session.scalars(select(Placement)):
            placement.tracking_code = f"{second.hex[-10:]}{placement.name}"
    database.close()


@pytest.fixture
def billed(session: Session) -> dict[str, Any]:
    """Two placements of 7 and 14 days, and the row of a file that bills both."""
    campaign = a_campaign(session, name="Now we must")
    for name, last in (("Half", "2026-03-08"), ("Whole", "2026-03-15")):
        a_placement(session, campaign_id=campaign.id, name=name, starts_on="2026-03-02", ends_on=last)
    return {"campaign": "Now we must", "reference": "JCDecaux", "amount": EUROS, "vat_percent": "24", **MARCH}


def invoiced(session: Session) -> dict[str, int | None]:
    return dict(iter(session.execute(select(Placement.name, Placement.invoiced_cost_minor))))


def codes(session: Session) -> dict[str, str]:
    return dict(iter(session.execute(select(Placement.name, Placement.tracking_code))))


def problems(session: Session, *rows: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        import_plan(session, {"invoices": rows}, now=LATER)
    return {problem.field: problem.message for problem in error.value.problems}


def test_an_invoice_written_by_hand_is_shared_out_once(session: Session, billed: dict[str, Any]) -> None:
    assert import_plan(session, {"invoices": [billed]}, now=LATER).added == {"invoices": 1}
    assert invoiced(session) == {"Half": 3_334, "Whole": 6_667}
    assert import_plan(session, {"invoices": [billed]}, now=LATER).unchanged == {"invoices": 1}
    assert "is kept already" in problems(session, billed, billed)["invoices[1].reference"]
    assert invoiced(session) == {"Half": 3_334, "Whole": 6_667}


def test_an_invoice_written_by_hand_may_name_what_it_is_of(session: Session, billed: dict[str, Any]) -> None:
    code = codes(session)["Whole"]
    head = "campaign,reference,amount.amount,amount.currency,starts_on,ends_on,placements"
    content = f"{head}\r\nNow we must,Agency,5,EUR,2026-03-03,2026-03-04,{code}\r\n"
    for _twice in range(2):
        import_plan(session, read_plan_file("invoices.csv", content.encode()), now=LATER)
    assert invoiced(session) == {"Half": None, "Whole": 500}
    assert "invoices[0].placements" in problems(session, billed | {"placements": ["zzzzz9"]})


def test_an_invoice_that_is_there_with_other_content_is_not_rewritten(session: Session, billed: dict[str, Any]) -> None:
    import_plan(session, {"invoices": [billed]}, now=LATER)
    found = problems(session, billed | {"amount": EUROS | {"amount": "7.00"}})
    assert "JCDecaux is stored with other content; take it back under Costs" in found["invoices[0]"]


def test_parts_that_do_not_fit_are_refused_and_nothing_is_stored(session: Session, billed: dict[str, Any]) -> None:
    named = codes(session)

    def parts(**euros: str) -> list[dict[str, Any]]:
        return [{"placement": named[name], "amount": EUROS | {"amount": amount}} for name, amount in euros.items()]

    good = {"parts": parts(Half="33.34", Whole="66.67")}
    assert "is less than its parts of invoices" in problems(session, billed | good)["invoices[0].parts"]
    for placement in session.scalars(select(Placement)):
        placement.invoiced_cost_minor, placement.currency = 10_000, "EUR"
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"parts": parts(Half="33.34", Whole="66.66")}, "parts", "do not add up"),
        ({"parts": [*parts(Half="50.00"), *parts(Half="50.01")]}, "parts", "named twice"),
        ({"parts": [one | {"amount": EUROS | {"currency": "SEK"}} for one in good["parts"]]},
         "parts[0].amount.currency", "in one currency"),
        ({"parts": [{"placement": "zzzzz9", "amount": EUROS}]}, "parts[0].placement", "There is no “zzzzz9”"),
        ({"parts": "all"}, "parts", "list"),
        ({"parts": [one | {"sets_vat": True} for one in good["parts"]], "vat_percent": None},
         "vat_percent", "give the VAT rate"),
        ({"campaign": "Then"}, "campaign", "There is no “Then”"),
    ]  # fmt: skip
    for changes, field, says in cases:
        found = problems(session, billed | changes)
        assert says in found[f"invoices[0].{field}"], found
    assert session.scalars(select(Invoice)).all() == []
    assert import_plan(session, {"invoices": [billed | good]}, now=LATER).added == {"invoices": 1}
    assert invoiced(session) == {"Half": 10_000, "Whole": 10_000}, "its parts are within what is invoiced"


def test_what_a_placement_bears_of_invoices_is_not_taken_out_by_hand(session: Session, billed: dict[str, Any]) -> None:
    import_plan(session, {"invoices": [billed]}, now=LATER)
    half = session.scalars(select(Placement).where(Placement.name == "Half")).one()
    shown = describe_placement(half).model_dump(include=set(PlacementIn.model_fields))

    def changed(**cost: Any) -> Placement:
        given = PlacementIn.model_validate(shown | cost)
        return replace_placement(session, half.id, given, revision=None, now=LATER)

    for less in (None, EUROS | {"amount": "33.33"}, {"amount": "99.00", "currency": "SEK"}):
        with pytest.raises(Invalid) as error:
            changed(invoiced_cost=less)
        assert "Its parts of invoices add up to 33.34 EUR" in str(error.value)
    with pytest.raises(Invalid) as error:
        changed(campaign_id=a_campaign(session).id)
    assert [problem.field for problem in error.value.problems] == ["campaign_id"]
    assert changed(invoiced_cost=EUROS).invoiced_cost_minor == 10_001
    (invoice,) = list_invoices(session, half.campaign_id)
    assert describe_invoice(invoice).amount.amount == "100.01"
    take_back_invoice(session, invoice.id, revision=None, now=LATER)
    assert half.invoiced_cost_minor == 10_001 - 3_334


def test_an_aim_that_is_no_object_is_refused_by_name(session: Session) -> None:
    row = {"name": "Now", "kind": "burst", **MARCH, "aim": "doctors"}
    with pytest.raises(Invalid) as error:
        import_plan(session, {"campaigns": [row]}, now=LATER)
    assert [problem.field for problem in error.value.problems] == ["campaigns[0].aim"]


@pytest.mark.parametrize("name", ["Now\u00a0we must", "Now · we · must", "True", "=1+1", "_x0041_"])
def test_names_that_are_hard_to_carry_are_found_again(session: Session, name: str) -> None:
    a_campaign(session, name=name)
    job = {"title": name, "specialty": "general_practice", "opens_on": "2026-03-01"}
    tables = {**export_plan(session), "jobs": [job]}
    import_plan(session, tables, now=LATER)
    for format in FORMATS:
        read = read_plan_file(f"plan.{format}", write_plan(export_plan(session), format))
        found = import_plan(session, read, now=LATER)
        assert (found.added, found.changed) == ({}, {}), format
