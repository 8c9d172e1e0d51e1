"""What roles are called, and what they may do, in the reader's language."""

from app.access.membership import PEOPLES_ROLES
from app.access.token import Role
from app.i18n import _


def role_name(role: Role) -> str:
    """The role in words."""
    return {
        Role.VIEWER: _("viewer"),
        Role.MARKETER: _("marketer"),
        Role.CONSULTANT: _("consultant"),
        Role.ADMINISTRATOR: _("administrator"),
    }[role]


def role_meaning(role: Role) -> str:
    """What somebody in the role may do."""
    return {
        Role.VIEWER: _("reads the plan and the months; Today, Funnel and Verdicts only with the right to small counts"),
        Role.MARKETER: _("reads and plans"),
        Role.CONSULTANT: _("reads and plans, for several employers"),
        Role.ADMINISTRATOR: _("reads, plans and invites people"),
    }[role]


def role_options() -> list[tuple[str, str]]:
    """The roles that people may have, as a list to choose from."""
    return [(role.value, role_name(role)) for role in PEOPLES_ROLES]
