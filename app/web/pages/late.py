"""What is late with a placement, or will be: its link that came after its flight began, its booking."""

import datetime as dt

from app.i18n import _, date
from app.planning.placement import Placement, book_by, is_linked_late


def late_words(placement: Placement, today: dt.date) -> list[str]:
    """Each as a sentence; a booking is told of while nobody has booked."""
    said = []
    if is_linked_late(placement) and placement.linked_on:
        said.append(_("Linked on %(day)s: what came before has no link.", day=date(placement.linked_on)))
    if (last := book_by(placement)) is not None:
        late = last < today
        said.append(
            _("It should have been booked by %(day)s.", day=date(last)) if late
            else _("To be booked by %(day)s.", day=date(last))
        )  # fmt: skip
    return said
