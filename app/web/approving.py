"""Who may approve what somebody else wrote, in words."""

from sqlalchemy.orm import Session

from app.access.membership import list_people
from app.i18n import _
from app.reports.check_words import PLANNERS
from app.reports.names import name_few

MOST_NAMED = 5


def list_approvers(session: Session, author: str) -> list[str]:
    """The names of the members who may approve what this one wrote."""
    return [one.name for one in list_people(session) if one.role in PLANNERS and str(one.user_id) != author]


def approvers_words(session: Session, author: str, *, administers: bool) -> str:
    """They in a sentence; where there is nobody, how there will be."""
    may = list_approvers(session, author)
    if may:
        return _("These may approve: %(names)s.", names=name_few(may, MOST_NAMED))
    if administers:
        return _("Nobody else here may approve yet: invite somebody as a marketer or a consultant.")
    return _("Nobody else here may approve yet: ask an administrator to invite somebody as a marketer or a "
             "consultant.")  # fmt: skip
