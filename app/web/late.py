"""What keeps a placement from running as planned: its link that came late or may not go live where it leads, its
booking."""

import datetime as dt
from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from app.i18n import _, date, day_words
from app.planning.agreeing import check_target, has_gone_out
from app.planning.placement import Placement, book_by, is_linked_late
from app.planning.schedule import Flight

MOST_ASKED = 3


def late_words(placement: Placement, now: dt.datetime, zone: dt.tzinfo) -> list[str]:
    """Each as a sentence; a booking is told of while nobody has booked."""
    said = []
    if is_linked_late(placement) and placement.linked_on:
        said.append(_("Linked on %(day)s: what came before has no link.", day=date(placement.linked_on)))
    if (last := book_by(placement)) is not None:
        day = day_words(last.on, last.at)
        if last.is_over(placement.created_at, zone):
            said.append(_("It was planned after the last day for booking, %(day)s: ask the channel whether it still "
                          "takes it.", day=day))  # fmt: skip
        elif last.is_over(now, zone):
            said.append(_("It should have been booked by %(day)s.", day=day))
        else:
            said.append(_("To be booked by %(day)s.", day=day))
    return said


def elsewhere_words(session: Session, placement: Placement) -> str:
    """Why its link may not go live where it leads, as long as it has not; nothing where it may."""
    if has_gone_out(placement) or not list(check_target(session, placement.target_url)):
        return ""
    host = urlsplit(placement.target_url).hostname or placement.target_url
    return _("Cannot go live: %(host)s is not one of your own hosts.", host=host)


def ask_still(missed: Sequence[Flight]) -> str:
    """What to do of placements whose booking was over when they were planned: whom to ask, channel by channel."""
    asked = {one.channel: f"{one.channel} ({one.contact})" if one.contact else one.channel for one in missed}
    more = f" (+{len(asked) - MOST_ASKED})" if len(asked) > MOST_ASKED else ""
    return _(
        "Ask whether the booking is still taken: %(channels)s. If it is, enter what was booked; if not, move the days.",
        channels=", ".join(list(asked.values())[:MOST_ASKED]) + more,
    )
