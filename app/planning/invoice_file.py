"""Invoices as the file of a plan has them: with what each placement bears, so that nothing is shared out anew; or
without, as they are written by hand, to be shared out."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool
from sqlalchemy.orm import Session

from app.database import organisation_of
from app.errors import Problem
from app.i18n import _
from app.planning.invoice import (
    Invoice,
    InvoiceIn,
    InvoiceShare,
    ShareOut,
    describe_invoice,
    find_invoiced,
    make_invoice,
    record_invoice,
    sum_shares,
)
from app.planning.money import Money, Percent, check_one_currency, to_hundredths, to_minor, to_money, to_percent
from app.planning.placement import Placement
from app.planning.problem import refuse
from app.planning.row import add_row


def _spell_amount(money: Money) -> Money:
    return to_money(to_minor(money), money.currency)


def _spell_rate(percent: str) -> str:
    return to_percent(to_hundredths(percent))


Amount = Annotated[Money, AfterValidator(_spell_amount)]
"""An amount as it is shown, however it was written, so that the same is known to be the same."""


class FiledShare(ShareOut):
    """What one placement bears, and whether its rate of tax was known by this invoice first."""

    amount: Amount
    sets_vat: StrictBool = False


def _in_one_order(parts: list[FiledShare]) -> list[FiledShare]:
    return sorted(parts, key=lambda part: part.placement_id)


class FiledInvoice(InvoiceIn):
    """An invoice, and its parts where they are known; they are within what its placements say is invoiced."""

    amount: Amount
    vat_percent: Annotated[Percent, AfterValidator(_spell_rate)] | None = None
    parts: Annotated[list[FiledShare], Field(max_length=500), AfterValidator(_in_one_order)] = Field(
        default_factory=list
    )


def describe_filed(invoice: Invoice) -> FiledInvoice:
    """An invoice as a file has it; its parts say which placements it is of."""
    shown = describe_invoice(invoice).model_dump(include=set(InvoiceIn.model_fields) - {"placement_ids"})
    parts = [
        FiledShare(placement_id=share.placement_id, amount=to_money(share.minor, invoice.currency),
                   sets_vat=share.sets_vat)
        for share in invoice.shares
    ]  # fmt: skip
    return FiledInvoice(**shown, parts=parts)


def key_of_filed(one: Invoice | InvoiceIn) -> str:
    """What tells invoices of a plan apart, as far as they are."""
    return f"{one.reference} · {one.campaign_id} · {one.starts_on} · {one.ends_on}"


def file_invoice(session: Session, given: FiledInvoice, *, now: dt.datetime) -> Invoice:
    """Store an invoice with the parts it has; without any it is shared out, and added to what is invoiced."""
    if not given.parts:
        return record_invoice(session, given, now=now)
    named = given.model_copy(update={"placement_ids": [part.placement_id for part in given.parts]})
    placements = {one.id: one for one in find_invoiced(session, named)}
    refuse(_check_parts(session, given, placements.values()))
    shares = [
        InvoiceShare(
            organisation_id=organisation_of(session), placement=placements[part.placement_id],
            minor=to_minor(part.amount), sets_vat=part.sets_vat,
        )
        for part in given.parts
    ]  # fmt: skip
    return add_row(session, make_invoice(given, shares), now)


def with_parts(given: FiledInvoice, there: Sequence[Invoice]) -> FiledInvoice:
    """What a row without parts means where such an invoice was stored already: that one, unless it names others. Where
    there are parts, they say which placements it is of."""
    if given.parts:
        return given.model_copy(update={"placement_ids": []})
    for one in map(describe_filed, there):
        named, of = set(given.placement_ids), {part.placement_id for part in one.parts}
        if named in (set(), of):
            return given.model_copy(update={"placement_ids": [], "parts": one.parts})
    return given


def _check_parts(session: Session, given: FiledInvoice, placements: Collection[Placement]) -> Iterator[Problem]:
    """Parts add up to the amount, each placement has one, and its invoiced cost has room for it."""
    amounts = {"amount": given.amount} | {f"parts[{n}].amount": part.amount for n, part in enumerate(given.parts)}
    if wrong := check_one_currency(amounts):
        yield from wrong
        return
    if len(placements) < len(given.parts):
        yield Problem("parts", _("A placement is named twice; take one out."))
    if sum(to_minor(part.amount) for part in given.parts) != to_minor(given.amount):
        yield Problem("parts", _("The parts do not add up to the amount; mend one, or leave them all out."))
    borne = sum_shares(session, [one.id for one in placements])
    parts = {part.placement_id: part for part in given.parts}
    for one in placements:
        part = parts[one.id]
        if borne.get(one.id, 0) + to_minor(part.amount) > (one.invoiced_cost_minor or 0):
            yield Problem(
                "parts",
                _("The invoiced cost of “%(name)s” is less than its parts of invoices. Give an invoiced "
                  "cost that includes them. Or leave the parts out, and the invoice is shared out.", name=one.name),
            )  # fmt: skip
        if part.sets_vat and given.vat_percent is None:
            yield Problem(
                "vat_percent", _("A part of this invoice sets the VAT rate of its placement, so give the VAT rate.")
            )
