"""The booking of a placement on its own page: what was agreed is said there, and from then on nobody is asked."""

from typing import Any

from app.errors import Conflict
from app.i18n import _
from app.planning.lines import read_cost
from app.planning.neighbours import get_currency
from app.planning.placement import Placement, PlacementIn, PlacementStatus, describe_placement, is_booked
from app.planning.placing import replace_placement
from app.web.pages.administering import Form, only
from app.web.pages.placement_link import PLANNERS
from app.web.pages.spending_words import exact_money
from app.web.pages.visit import Visit
from app.web.patch import merge


def booking_view(visit: Visit, placement: Placement, sent: Form) -> dict[str, Any]:
    """The form, for whoever plans, until it is booked or over; what was planned stands in it."""
    own = placement.organisation_id == visit.organisation.id
    waits = not is_booked(placement) and placement.status != PlacementStatus.ENDED
    planned = placement.planned_cost_minor
    amount = exact_money(planned, placement.currency) if planned is not None and placement.currency else ""
    return {
        "books": f"/placements/{placement.id}/booking"
        if own and waits and visit.member.place.role in PLANNERS else "",
        "booked_cost": only(sent, "booked_cost") if "booked_cost" in sent else amount,
        "currency": placement.currency or get_currency(visit.session, placement.campaign),
    }  # fmt: skip


def book(visit: Visit, placement: Placement, sent: Form) -> None:
    """Say what was agreed. Raises Invalid for what is no amount, Conflict where it is booked already."""
    if is_booked(placement):
        raise Conflict(_("Somebody has booked it meanwhile; see what it cost."))
    currency = placement.currency or get_currency(visit.session, placement.campaign)
    cost = read_cost("booked_cost", only(sent, "booked_cost"), currency)
    given = merge(PlacementIn, describe_placement(placement), {"booked_cost": cost})
    replace_placement(visit.session, placement.id, given, revision=None, now=visit.now)
