"""What a campaign costs, week by week, and the invoices for what has no export of its costs."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.errors import Invalid, Problem
from app.i18n import _, date, ngettext, unbroken_period
from app.planning.campaign import Campaign, get_campaign
from app.planning.invoice import Invoice, InvoiceIn, list_invoices, list_weekly_costs, record_invoice, take_back_invoice
from app.planning.lines import read_amount, read_rate
from app.planning.neighbours import get_currency
from app.planning.placement import Placement, best_known_cost
from app.planning.problem import read_as
from app.reports.invoice_words import invoice_words
from app.reports.wording import money_words
from app.web.pages.administering import Form, only
from app.web.pages.door import go_to, read_id
from app.web.pages.placement_link import PLANNERS
from app.web.pages.units import Sent
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """An invoice as the list shows it, with what each placement bears."""

    reference: str
    says: str
    shares: Sequence[tuple[str, str, str]]
    here: str


@router.get("/campaigns/{campaign_id}/costs")
def costs(request: Request, campaign_id: str) -> Response:
    """Its costs, and the form for an invoice."""
    return answer(request, lambda visit: _page(visit, campaign_id))


@router.post("/campaigns/{campaign_id}/costs")
def record(request: Request, campaign_id: str, sent: Sent) -> Response:
    """Take an invoice in, and share it out."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        campaign = get_campaign(visit.session, read_id(campaign_id))
        invoice = record_invoice(visit.session, read_invoice(visit, campaign, sent), now=visit.now)
        return go_to(visit.address(f"/campaigns/{campaign.id}/costs", kept=invoice.id))

    return change(request, do, lambda visit, problems: _page(visit, campaign_id, problems, sent))


@router.post("/campaigns/{campaign_id}/costs/{invoice_id}/back")
def take_back(request: Request, campaign_id: str, invoice_id: str) -> Response:
    """Take an invoice back, and its parts out of what is invoiced."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        take_back_invoice(visit.session, read_id(invoice_id), revision=None, now=visit.now)
        return go_to(visit.address(f"/campaigns/{read_id(campaign_id)}/costs", back="yes"))

    return change(request, do, lambda visit, problems: _page(visit, campaign_id, problems))


def read_invoice(visit: Visit, campaign: Campaign, sent: Form) -> InvoiceIn:
    """The invoice that the form says. Raises Invalid."""
    currency = get_currency(visit.session, campaign)
    given: dict[str, Any] = {name: only(sent, name) for name in ("reference", "starts_on", "ends_on")}
    problems = []
    try:
        given["amount"] = read_amount(only(sent, "amount"), currency)
    except ValueError as error:
        problems.append(Problem("amount", str(error)))
    try:
        given["vat_percent"] = read_rate(only(sent, "vat_percent")) if only(sent, "vat_percent") else None
    except ValueError as error:
        problems.append(Problem("vat_percent", str(error)))
    if problems:
        raise Invalid(problems)
    return read_as(InvoiceIn, given | {"campaign_id": campaign.id, "placement_ids": sent.get("placement", [])})


def _page(visit: Visit, campaign_id: str, problems: Sequence[str] = (), sent: Form | None = None) -> Response:
    campaign = get_campaign(visit.session, read_id(campaign_id))
    return visit.page("costs.html", costs_view(visit, campaign, problems, sent or {}), 422 if problems else 200)


def costs_view(visit: Visit, campaign: Campaign, problems: Sequence[str], sent: Form) -> dict[str, Any]:
    """All that the page shows; what was written into a form that was refused stays written."""
    order = (Placement.starts_on, Placement.name, Placement.id)
    wanted = select(Placement).where(Placement.campaign_id == campaign.id).order_by(*order)
    placed = visit.session.scalars(wanted).all()
    weeks = list_weekly_costs(visit.session, campaign)
    invoices = list_invoices(visit.session, campaign.id)
    chosen = sent.get("placement", [])
    return {
        "title": _("Costs of %(name)s", name=campaign.name),
        "finding": _finding(weeks),
        "beyond": _beyond(placed, weeks),
        "said": _said(visit, invoices) if not problems else "",
        "problems": problems,
        "may_plan": visit.member.place.role in PLANNERS,
        "currency": get_currency(visit.session, campaign),
        "given": {name: only(sent, name) for name in ("reference", "amount", "vat_percent", "starts_on", "ends_on")},
        "placements": [
            (str(one.id), one.name, unbroken_period(one.starts_on, one.ends_on), str(one.id) in chosen)
            for one in placed
        ],
        "invoices": [_line(visit, one) for one in invoices],
        "weeks": [(date(monday), money_words(minor, currency)) for monday, currency, minor in weeks],
        "action": visit.address(f"/campaigns/{campaign.id}/costs"),
        "campaign": (campaign.name, visit.address(f"/campaigns/{campaign.id}")),
        "table": visit.address(f"/campaigns/{campaign.id}/placements"),
    }  # fmt: skip


def _finding(weeks: Sequence[tuple[dt.date, str, int]]) -> str:
    if not weeks:
        return _("No cost of this campaign is known for any week yet.")
    sums: dict[str, int] = {}
    for _monday, currency, minor in weeks:
        sums[currency] = sums.get(currency, 0) + minor
    amounts = " + ".join(money_words(minor, currency) for currency, minor in sorted(sums.items()))
    n = len({monday for monday, _currency, _minor in weeks})
    return ngettext("%(amounts)s in %(n)s week, without VAT.", "%(amounts)s over %(n)s weeks, without VAT.",
                    n, amounts=amounts)  # fmt: skip


def _beyond(placed: Sequence[Placement], weeks: Sequence[tuple[dt.date, str, int]]) -> str:
    """What is known to cost something and lies in no week, since its flight has no end."""
    left: dict[str, int] = {}
    for one in placed:
        if one.currency is not None:
            left[one.currency] = left.get(one.currency, 0) + (best_known_cost(one) or 0)
    for _monday, currency, minor in weeks:
        left[currency] = left.get(currency, 0) - minor
    amounts = " + ".join(money_words(minor, currency) for currency, minor in sorted(left.items()) if minor > 0)
    return (
        _("%(amounts)s more belongs to placements without an end, so it is in no week yet.", amounts=amounts)
        if amounts
        else ""
    )


def _said(visit: Visit, invoices: Sequence[Invoice]) -> str:
    if visit.asked.get("back") == "yes":
        return _("The invoice was taken back, and its parts are out of what is invoiced.")
    kept = next((one for one in invoices if str(one.id) == visit.asked.get("kept")), None)
    return f"{invoice_words(kept)} {_('If it is wrong, take it back below.')}" if kept else ""


def _line(visit: Visit, invoice: Invoice) -> InvoiceLine:
    amount = money_words(invoice.amount_minor, invoice.currency, cents=True)
    days = unbroken_period(invoice.starts_on, invoice.ends_on)
    shares = [
        (share.placement.name, visit.address(f"/placements/{share.placement_id}"),
         money_words(share.minor, invoice.currency, cents=True))
        for share in sorted(invoice.shares, key=lambda share: (share.placement.starts_on, share.placement.name))
    ]  # fmt: skip
    here = f"/campaigns/{invoice.campaign_id}/costs/{invoice.id}"
    return InvoiceLine(invoice.reference, _("%(amount)s for %(days)s", amount=amount, days=days), shares, here)
