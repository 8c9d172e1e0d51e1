"""Why a record was left out, in words."""

from collections.abc import Mapping

from app.i18n import _
from app.intake.connectors.page import UNREADABLE_BODY


def skipped_parts(skipped: Mapping[str, int]) -> list[str]:
    """How many records a run left out, for each reason."""
    return [_("%(n)s skipped (%(why)s)", n=count, why=skip_words(why)) for why, count in sorted(skipped.items())]


def skip_words(why: str) -> str:
    """Why a record was left out, in words; fields are called as the system calls them."""
    kind, _colon, field = why.partition(": ")
    if kind == "missing":
        return _("%(field)s is missing", field=field)
    if kind == "unreadable" and why != UNREADABLE_BODY:
        return _("%(field)s cannot be read", field=field)
    return {
        UNREADABLE_BODY: _("Its body is no JSON, or says one thing twice; whoever sent it has to send it anew."),
        "erased": _("erased here"),
        "not given": _("no longer shown by the system"),
        "offers not given": _("offers are not shown by the system"),
    }.get(why, why)
