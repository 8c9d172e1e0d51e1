"""What an invoice did to what is known of costs, in words."""

from app.i18n import _, ngettext
from app.planning.invoice import Invoice, weigh_invoice
from app.reports.wording import money_words


def invoice_words(invoice: Invoice) -> str:
    """Over how many placements it is shared out, what they were to cost and what they are invoiced at now; and where
    that is far less, that it stands for all of it."""
    effect = weigh_invoice(invoice)
    shared = ngettext("Kept, and added to the invoiced cost of %(n)s placement.",
                      "Kept, and shared out over the invoiced costs of %(n)s placements.",
                      len(invoice.shares))  # fmt: skip
    now = money_words(effect.now, invoice.currency, cents=True)
    if effect.before is None:
        return f"{shared} {_('Nothing was planned or booked for it before; %(now)s is its cost now.', now=now)}"
    before = money_words(effect.before, invoice.currency, cents=True)
    said = _(
        "%(before)s was booked or planned for it; now %(now)s is invoiced, and that counts instead.",
        before=before,
        now=now,
    )
    if effect.unplanned:
        without = ngettext(
            "%(n)s of its placements had neither.", "%(n)s of its placements had neither.", effect.unplanned
        )
        said = f"{said} {without}"
    if not effect.is_far_below:
        return f"{shared} {said}"
    less = _("That is far less. Until more is invoiced, every figure treats it as the whole cost.")
    return f"{shared} {said} {less}"
