"""Invoices for what has no export of its costs, and what a campaign costs week by week."""

import datetime as dt
import uuid

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from app.planning.campaign import get_campaign
from app.planning.invoice import (
    InvoiceIn,
    InvoiceOut,
    describe_invoice,
    get_invoice,
    list_invoices,
    list_weekly_costs,
    record_invoice,
    take_back_invoice,
)
from app.planning.money import Money, to_money
from app.web.etag import IfMatch, show, show_created
from app.web.problems import CREATES, READS, REMOVES
from app.web.session import Now, PlanSession, ReadSession

router = APIRouter(tags=["invoices"])


class Invoices(BaseModel):
    """The invoices of a campaign, the latest period first."""

    items: list[InvoiceOut]


class WeekOut(BaseModel):
    """What a campaign costs in the week from a Monday on, in one currency."""

    monday: dt.date
    cost: Money


class Weeks(BaseModel):
    """Every week that something is known to cost in."""

    weeks: list[WeekOut]


@router.get("/campaigns/{campaign_id}/invoices", summary="List a campaign's invoices", responses=READS)
def list_all(campaign_id: uuid.UUID, session: ReadSession) -> Invoices:
    """With what each placement bears of them."""
    campaign = get_campaign(session, campaign_id)
    return Invoices(items=[describe_invoice(one) for one in list_invoices(session, campaign.id)])


@router.get("/campaigns/{campaign_id}/weeks", summary="Read what a campaign costs by week", responses=READS)
def read_weeks(campaign_id: uuid.UUID, session: ReadSession) -> Weeks:
    """Without VAT and production: what is invoiced, else booked, else planned, spread over flights and periods."""
    found = list_weekly_costs(session, get_campaign(session, campaign_id))
    return Weeks(weeks=[WeekOut(monday=monday, cost=to_money(minor, currency)) for monday, currency, minor in found])


@router.post("/invoices", summary="Record an invoice", status_code=201, response_model=InvoiceOut, responses=CREATES)
def record(given: InvoiceIn, session: PlanSession, now: Now) -> Response:
    """It is shared out, to the cent, by the days that placements ran in its period, and added to what is invoiced."""
    return show_created(describe_invoice(record_invoice(session, given, now=now)), "invoices")


@router.get("/invoices/{invoice_id}", summary="Read an invoice", response_model=InvoiceOut, responses=READS)
def read(invoice_id: uuid.UUID, session: ReadSession, request: Request) -> Response:
    """One invoice, under the ETag that taking it back must name."""
    return show(describe_invoice(get_invoice(session, invoice_id)), request)


@router.delete("/invoices/{invoice_id}", summary="Take an invoice back", status_code=204, responses=REMOVES)
def take_back(invoice_id: uuid.UUID, revision: IfMatch, session: PlanSession, now: Now) -> None:
    """What its placements bore of it goes out of their invoiced costs."""
    take_back_invoice(session, invoice_id, revision=revision, now=now)
