"""Where the tracking codes of the applications seen were found, in words."""

from collections.abc import Mapping

from app.i18n import _, join, number

NO_CODE = "none"


def codes_words(codes: Mapping[str, int]) -> str:
    """How many codes were found in each field: `7 in the link's utm_content`; nothing where there were none."""
    found = sorted((where, count) for where, count in codes.items() if where != NO_CODE)
    return join(", ", [_("%(n)s %(where)s", n=number(count), where=field_word(where)) for where, count in found])


def field_word(where: str) -> str:
    """What a field is called that a code was found in."""
    if where.startswith("url:"):
        return _("in the link's %(parameter)s", parameter=where.removeprefix("url:"))
    return {"label": _("in the source's label"), "tracking_code": _("in the tracking link")}.get(where, where)
