"""What waits for a person, wherever it is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.i18n import _
from app.web.pages.data_line import Freshness, SystemRead
from app.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person: what it is, and what to do about it."""

    what: str
    remedy: str
    address: str | None = None
    action: str = ""
    more: Sequence[tuple[str, str]] = ()
    """Further pages where it is done, each with its words."""


def system_needs(visit: Visit, systems: Sequence[SystemRead]) -> Iterator[Need]:
    """Systems of which nothing new comes in."""
    for system in systems:
        if system.state is Freshness.BROKEN:
            yield Need(
                _("“%(name)s” cannot be read any more: %(error)s", name=system.name, error=system.error),
                _("Nothing new comes from there until somebody mends it."),
                visit.address("/data"), _("See why, and mend it"),
            )  # fmt: skip
        elif system.state is Freshness.PAUSED:
            yield Need(
                _("“%(name)s” is paused: nothing is read from there.", name=system.name),
                _("Numbers stay as they were on %(moment)s until somebody lets it go on.", moment=system.through),
                visit.address("/data"), _("How the data comes in"),
            )  # fmt: skip
