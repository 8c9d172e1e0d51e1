"""Invoices for what has no export of its costs: an amount for a while, shared out over placements by the days they ran
in it. It becomes part of their invoiced cost, and can be taken back."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlalchemy import BigInteger, ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app.database import Base, OfOrganisation, organisation_of
from app.errors import Conflict, Problem
from app.i18n import _
from app.planning.allocation import share_out, spread_over_weeks
from app.planning.campaign import Campaign
from app.planning.field import Day, Given, Name, Shown
from app.planning.money import Money, Percent, to_hundredths, to_minor, to_money, to_percent
from app.planning.neighbours import find_currency
from app.planning.placement import Placement, best_known_cost
from app.planning.problem import refuse
from app.planning.row import (
    PlanRow,
    Revision,
    add_row,
    begin_change,
    check_exists,
    get_row,
    get_row_to_change,
    move_revision,
)


class InvoiceShare(OfOrganisation, Base):
    """What one placement bears of an invoice; `sets_vat` says that its rate was not known before."""

    __tablename__ = "invoice_share"

    invoice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invoice.id", ondelete="CASCADE"), primary_key=True)
    placement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("placement.id"), primary_key=True, index=True)
    minor: Mapped[int] = mapped_column(BigInteger)
    sets_vat: Mapped[bool] = mapped_column(default=False)
    placement: Mapped[Placement] = relationship()


class Invoice(PlanRow, Base):
    __tablename__ = "invoice"

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    reference: Mapped[str] = mapped_column(String(200))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    vat_hundredths: Mapped[int | None]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    shares: Mapped[list[InvoiceShare]] = relationship(cascade="all, delete-orphan")


class InvoiceIn(Given):
    """An amount for a while, of all placements of a campaign that ran in it, or of those that are named."""

    campaign_id: uuid.UUID
    placement_ids: Annotated[list[uuid.UUID], Field(max_length=500)] = Field(
        default_factory=list, description="Left empty, all of the campaign that ran in the period."
    )
    reference: Name = Field(description="The supplier and what the invoice is called.")
    amount: Money = Field(description="Without VAT.")
    vat_percent: Percent | None = None
    starts_on: Day
    ends_on: Day


class ShareOut(Given):
    """What one placement bears."""

    placement_id: uuid.UUID
    amount: Money


class InvoiceOut(InvoiceIn, Shown):
    """An invoice as it is stored, with what each placement bears of it."""

    shares: list[ShareOut]


def record_invoice(session: Session, given: InvoiceIn, *, now: dt.datetime) -> Invoice:
    """Store an invoice, and add what each placement bears of it to its invoiced cost."""
    placements = find_invoiced(session, given)
    refuse(_check_new(session, given))
    days = [_days_within(given, placement) for placement in placements]
    refuse(_check_days(given, placements, days))
    ran = [(placement, n) for placement, n in zip(placements, days, strict=True) if n]
    return add_row(session, _build(session, given, ran, now), now)


@dataclass(frozen=True, slots=True)
class Effect:
    """What an invoice did to what its placements are known to cost, in minor units: what was booked for them, else
    planned, or None where nothing was; for how many nothing was; what is invoiced now; what of it for the others."""

    before: int | None
    unplanned: int
    now: int
    now_of_planned: int

    @property
    def is_far_below(self) -> bool:
        """Whether less than half of what was to be paid is invoiced: most often more will come."""
        return self.before is not None and self.now_of_planned * 2 < self.before


def weigh_invoice(invoice: Invoice) -> Effect:
    """What the placements of an invoice were to cost, and what all their invoices say now."""
    now = planned_now = unplanned = 0
    before: int | None = None
    for one in (share.placement for share in invoice.shares):
        now += one.invoiced_cost_minor or 0
        minor = one.planned_cost_minor if one.booked_cost_minor is None else one.booked_cost_minor
        if minor is None:
            unplanned += 1
        else:
            before, planned_now = (before or 0) + minor, planned_now + (one.invoiced_cost_minor or 0)
    return Effect(before, unplanned, now, planned_now)


def find_invoiced(session: Session, given: InvoiceIn) -> list[Placement]:
    """The placements that an invoice is of, by the days they start on: those that are named, or all of its campaign.
    Raises Invalid where there is no such campaign or placement, or where what is said of money or days is odd."""
    begin_change(session)
    problems: list[Problem] = []
    campaign = check_exists(session, Campaign, given.campaign_id, "campaign_id", problems)
    refuse(problems)
    assert campaign is not None  # noqa: S101 (a missing one was refused)
    refuse(_check_period(given))
    placements = _find_placements(session, given)
    refuse(_check_money(session, campaign, given, placements))
    return placements


def sum_shares(session: Session, placement_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """What each placement bears of all invoices together."""
    of_each = select(InvoiceShare.placement_id, func.sum(InvoiceShare.minor)).group_by(InvoiceShare.placement_id)
    found = session.execute(of_each.where(InvoiceShare.placement_id.in_(placement_ids)))
    return {placement: int(minor) for placement, minor in found}


def take_back_invoice(session: Session, invoice_id: uuid.UUID, *, revision: Revision, now: dt.datetime) -> None:
    """Take an invoice out, and what its placements bore of it out of their invoiced costs."""
    invoice = get_row_to_change(session, Invoice, invoice_id, revision)
    for share in invoice.shares:
        placement = share.placement
        left = (placement.invoiced_cost_minor or 0) - share.minor
        if left < 0:
            raise Conflict(
                _("The invoiced cost of “%(name)s” was later changed by hand. It is now less than its "
                  "part of this invoice; correct it first.", name=placement.name)
            )  # fmt: skip
        placement.invoiced_cost_minor = left if left or _bears_another(session, share) else None
        if share.sets_vat:
            placement.vat_hundredths = None
        move_revision(session, placement, now)
    session.delete(invoice)
    session.flush()


def get_invoice(session: Session, invoice_id: uuid.UUID) -> Invoice:
    """One invoice."""
    return get_row(session, Invoice, invoice_id)


def list_invoices(session: Session, campaign_id: uuid.UUID) -> Sequence[Invoice]:
    """The invoices of a campaign, the latest period first."""
    found = select(Invoice).where(Invoice.campaign_id == campaign_id)
    return session.scalars(found.order_by(Invoice.starts_on.desc(), Invoice.created_at.desc(), Invoice.id)).all()


def describe_invoice(invoice: Invoice) -> InvoiceOut:
    """An invoice as the API shows it."""
    plain = {name: getattr(invoice, name) for name in Shown.model_fields}
    shares = sorted(invoice.shares, key=lambda share: share.placement_id)
    return InvoiceOut(
        **plain, campaign_id=invoice.campaign_id, placement_ids=[share.placement_id for share in shares],
        reference=invoice.reference, amount=to_money(invoice.amount_minor, invoice.currency),
        vat_percent=None if invoice.vat_hundredths is None else to_percent(invoice.vat_hundredths),
        starts_on=invoice.starts_on, ends_on=invoice.ends_on,
        shares=[ShareOut(placement_id=share.placement_id, amount=to_money(share.minor, invoice.currency))
                for share in shares],
    )  # fmt: skip


def list_weekly_costs(session: Session, campaign: Campaign) -> list[tuple[dt.date, str, int]]:
    """What a campaign costs in each week, by its Monday and currency: an invoice's part over the days that it is for,
    what else a placement costs over its flight. A flight without an end is left out, for nobody knows its weeks."""
    placements = session.scalars(select(Placement).where(Placement.campaign_id == campaign.id)).all()
    weeks: dict[tuple[dt.date, str], int] = {}
    borne: dict[uuid.UUID, int] = {}

    def spread(minor: int, currency: str, starts_on: dt.date, ends_on: dt.date) -> None:
        for monday, part in spread_over_weeks(minor, starts_on, ends_on):
            weeks[monday, currency] = weeks.get((monday, currency), 0) + part

    for invoice in list_invoices(session, campaign.id):
        for share in invoice.shares:
            borne[share.placement_id] = borne.get(share.placement_id, 0) + share.minor
            flight = share.placement
            spread(share.minor, invoice.currency, max(flight.starts_on, invoice.starts_on),
                   min(flight.ends_on or invoice.ends_on, invoice.ends_on))  # fmt: skip
    for placement in placements:
        rest = (best_known_cost(placement) or 0) - borne.get(placement.id, 0)
        if rest > 0 and placement.currency and placement.ends_on:
            spread(rest, placement.currency, placement.starts_on, placement.ends_on)
    return [(monday, currency, minor) for (monday, currency), minor in sorted(weeks.items())]


def _bears_another(session: Session, share: InvoiceShare) -> bool:
    others = select(InvoiceShare.invoice_id).where(
        InvoiceShare.placement_id == share.placement_id, InvoiceShare.invoice_id != share.invoice_id
    )
    return session.scalar(others.limit(1)) is not None


def _check_new(session: Session, given: InvoiceIn) -> Iterator[Problem]:
    """No invoice is kept twice: one of the same name, amount and days is most often the same piece of paper."""
    there = select(Invoice.id).where(
        Invoice.campaign_id == given.campaign_id, Invoice.reference == given.reference,
        Invoice.amount_minor == to_minor(given.amount), Invoice.starts_on == given.starts_on,
        Invoice.ends_on == given.ends_on,
    )  # fmt: skip
    if session.scalar(there.limit(1)) is not None:
        yield Problem("reference", _(
            "“%(name)s” is kept already, with this amount and for these days. If this is another, give it its own "
            "number; if the one that is kept is wrong, take that back first.", name=given.reference))  # fmt: skip


def _check_period(given: InvoiceIn) -> list[Problem]:
    if given.ends_on < given.starts_on:
        return [Problem("ends_on", _("The period ends before it starts; move one of the dates."))]
    return []


def _find_placements(session: Session, given: InvoiceIn) -> list[Placement]:
    """Those that are named, which must be of the campaign, or all of it, by the days they start on."""
    there = select(Placement).where(Placement.campaign_id == given.campaign_id)
    found = list(session.scalars(there.order_by(Placement.starts_on, Placement.name, Placement.id)))
    if not given.placement_ids:
        return found
    foreign = sorted(set(given.placement_ids) - {placement.id for placement in found})
    names = dict(session.execute(select(Placement.id, Placement.name).where(Placement.id.in_(foreign))).all())
    refuse([Problem("placement_ids", _("“%(name)s” is no placement of this campaign.", name=names.get(id, id)))
            for id in foreign])  # fmt: skip
    return [placement for placement in found if placement.id in given.placement_ids]


def _check_money(
    session: Session, campaign: Campaign, given: InvoiceIn, placements: Sequence[Placement]
) -> list[Problem]:
    currency = find_currency(session, campaign) or given.amount.currency
    others = {currency, *(one.currency for one in placements if one.currency)} - {given.amount.currency}
    if others:
        return [Problem("amount.currency", _("What it is for costs %(currency)s; give the amount in that.",
                                             currency=", ".join(sorted(others))))]  # fmt: skip
    if not to_minor(given.amount):
        return [Problem("amount", _("An invoice of 0 changes nothing; give its amount."))]
    return []


def _days_within(given: InvoiceIn, placement: Placement) -> int:
    first, last = max(given.starts_on, placement.starts_on), min(given.ends_on, placement.ends_on or given.ends_on)
    return max(0, (last - first).days + 1)


def _check_days(given: InvoiceIn, placements: Sequence[Placement], days: Sequence[int]) -> list[Problem]:
    """Whatever is named ran in the period, and something did."""
    if given.placement_ids:
        return [
            Problem("starts_on", _("“%(name)s” does not run in this period; take it out, or move the period.",
                                   name=placement.name))
            for placement, n in zip(placements, days, strict=True) if not n
        ]  # fmt: skip
    if not any(days):
        return [Problem("starts_on", _("Nothing of this campaign runs in this period; move it."))]
    return []


def make_invoice(given: InvoiceIn, shares: list[InvoiceShare]) -> Invoice:
    """The row of an invoice, not stored yet."""
    return Invoice(
        campaign_id=given.campaign_id, reference=given.reference, amount_minor=to_minor(given.amount),
        currency=given.amount.currency, vat_hundredths=_rate(given), starts_on=given.starts_on, ends_on=given.ends_on,
        shares=shares,
    )  # fmt: skip


def _rate(given: InvoiceIn) -> int | None:
    return None if given.vat_percent is None else to_hundredths(given.vat_percent)


def _build(session: Session, given: InvoiceIn, ran: Sequence[tuple[Placement, int]], now: dt.datetime) -> Invoice:
    rate, shares = _rate(given), []
    parts = share_out(to_minor(given.amount), [days for _placement, days in ran])
    for (placement, _days), minor in zip(ran, parts, strict=True):
        sets_vat = placement.vat_hundredths is None and rate is not None
        shares.append(
            InvoiceShare(organisation_id=organisation_of(session), placement=placement, minor=minor, sets_vat=sets_vat)
        )
        placement.currency = given.amount.currency
        placement.invoiced_cost_minor = (placement.invoiced_cost_minor or 0) + minor
        placement.vat_hundredths = rate if sets_vat else placement.vat_hundredths
        move_revision(session, placement, now)
    return make_invoice(given, shares)
