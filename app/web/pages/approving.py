"""Who may approve what somebody else wrote, and the way to let somebody in who may."""

from dataclasses import dataclass

from app.access.membership import list_people
from app.i18n import _
from app.web.pages.placement_link import PLANNERS
from app.web.pages.visit import Visit

MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Approvers:
    """Who may approve, in a sentence; where nobody else may, the page that lets somebody in, for who may open it."""

    text: str
    address: str = ""


def find_approvers(visit: Visit, author: str) -> Approvers:
    """Who of the members may approve what this one wrote."""
    may = [one.name for one in list_people(visit.session) if one.role in PLANNERS and str(one.user_id) != author]
    if may:
        named = ", ".join(may[:MOST_NAMED])
        shown = named if len(may) <= MOST_NAMED else _("%(some)s and others", some=named)
        return Approvers(_("These may approve: %(names)s.", names=shown))
    if visit.administers:
        text = _("Nobody else here may approve yet: invite somebody as a marketer or a consultant.")
        return Approvers(text, visit.address("/people"))
    text = _("Nobody else here may approve yet: ask an administrator to invite somebody as a marketer or a "
             "consultant.")  # fmt: skip
    return Approvers(text)
