"""The link of a placement: what to print and publish, where it leads and led, and how often it was followed."""

import uuid
from collections.abc import Sequence
from typing import Any

from app.access.organisation import TrackingMode
from app.access.token import Role
from app.i18n import _, date, ngettext
from app.intake.connection import find_vendor
from app.planning.agreeing import has_gone_out
from app.planning.past_target import list_past_targets
from app.planning.placement import Placement, placement_link
from app.planning.tracking import short_address
from app.reports.followed import read_followed
from app.web.late import elsewhere_words
from app.web.pages.administering import Form, only
from app.web.pages.leading import hosts_address
from app.web.pages.meanwhile import merge_field
from app.web.pages.visit import Visit
from app.web.public import public_url

PLANNERS = (Role.MARKETER, Role.CONSULTANT, Role.ADMINISTRATOR)


def link_view(visit: Visit, placement: Placement, problems: Sequence[str], sent: Form) -> dict[str, Any]:
    """The part of a placement's page that speaks of its link; `sent` is the form that was refused."""
    zone = visit.organisation.zone
    may_plan = visit.member.place.role in PLANNERS
    now = placement.target_url
    return {
        "problems": problems,
        "kept": "" if problems else kept_words(visit),
        "code": placement.tracking_code,
        "link": short_address(public_url(visit.request), placement.tracking_code),
        "target": placement_link(placement, find_vendor(visit.session)),
        "frozen": has_gone_out(placement),
        "elsewhere": elsewhere_words(visit.session, placement),
        "hosts": hosts_address(visit),
        "followed": followed_words(visit, placement),
        "corrects": has_gone_out(placement) and may_plan,
        "corrected_at": f"/placements/{placement.id}/target",
        "target_now": now,
        "target_given": only(sent, "target_url") if problems else now,
        "theirs": now if merge_field(now, sent, "target_url").clashes else "",
        "repeats": f"/placements/{placement.id}/repeat" if placement.ends_on and may_plan else "",
        "endless": placement.ends_on is None and may_plan,
        "campaign": placement.campaign.name,
        "campaign_at": visit.address(f"/campaigns/{placement.campaign_id}"),
        "repeat": {name: only(sent, name) for name in ("every_weeks", "times")},
        "past": [
            (one.target_url, date(one.until.astimezone(zone).date()))
            for one in list_past_targets(visit.session, placement.id)
        ],
    }


def kept_words(visit: Visit) -> str:
    """What was done on the page before this one."""
    return {
        "target": _("From now on the link leads there. What is printed stays as it is."),
        "booking": _("Booked. What it cost is below."),
        "status": _("Kept."),
    }.get(visit.asked.get("kept", ""), "")


def row_address(visit: Visit, campaign_id: uuid.UUID, placement_id: uuid.UUID | str) -> str:
    """Where a placement can be changed, booked and taken live: its row in its campaign's table."""
    return f"{visit.address(f'/campaigns/{campaign_id}/placements')}#row-{placement_id}"


def followed_words(visit: Visit, placement: Placement) -> str:
    """How often the link was followed, by people and by programs, as far as they can be told apart."""
    found = read_followed(visit.session, placement.tracking_code)
    people, programs = found.people, found.programs
    if not people + programs:
        if found.mode is TrackingMode.OFF:
            return _(
                "We do not count how often it is followed: here nothing may be recorded about people who meet an ad."
            )
        return _("Nobody has followed this address yet.")
    said = [ngettext("Followed %(n)s time by people.", "Followed %(n)s times by people.", people)]
    if programs:
        said.append(
            ngettext(
                "Another %(n)s time by programs that open links before people do.",
                "Another %(n)s times by programs that open links before people do.",
                programs,
            )
        )
    return " ".join(said)
