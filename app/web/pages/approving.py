"""Who may approve what somebody else wrote, and the way to let somebody in who may."""

from dataclasses import dataclass

from app.web.approving import approvers_words, list_approvers
from app.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Approvers:
    """Who may approve, in a sentence; where nobody else may, the page that lets somebody in, for who may open it."""

    text: str
    address: str = ""


def find_approvers(visit: Visit, author: str) -> Approvers:
    """Who of the members may approve what this one wrote."""
    text = approvers_words(visit.session, author, administers=visit.administers)
    lets_in = visit.administers and not list_approvers(visit.session, author)
    return Approvers(text, visit.address("/people") if lets_in else "")
