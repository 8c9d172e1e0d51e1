"""One channel as something to read: what it is, its verdict and cost, where it ran, and what nobody knows of it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _, at_words, ngettext, weekday_name
from app.planning.channel import Channel, Weekday, get_channel
from app.planning.placement import Placement
from app.reports.answers import Row, RowKind
from app.reports.effectiveness import report_effectiveness
from app.reports.listing import Part, RowCell
from app.reports.names import channel_kind_name, cost_model_name, stage_name
from app.reports.scope import By, Scope
from app.web.pages.ads import list_ads
from app.web.pages.counted import Counted, count_cell
from app.web.pages.judgement import cost_words, judge, read_key
from app.web.pages.placement_link import PLANNERS
from app.web.pages.row_pages import why_address
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)

UNKNOWN: tuple[RowKind, ...] = ("partly_traced", "unknown", "unmatched")


@dataclass(frozen=True, slots=True)
class Unknown:
    """Applications of which too little is known, and why they may matter here."""

    count: Counted
    says: str


@router.get("/channels/{channel_id}")
def channel_page(request: Request, channel_id: str) -> Response:
    """One channel."""

    def make(visit: Visit) -> Response:
        channel = get_channel(visit.session, read_key(channel_id, _("channel")))
        return visit.page("channel.html", channel_view(visit, visit.question(), channel))

    return answer(request, make)


def channel_view(visit: Visit, scope: Scope, channel: Channel) -> dict[str, Any]:
    """All that the page shows."""
    key, stage = str(channel.id), visit.asked.get("stage")
    may_change = visit.member.place.role in PLANNERS and channel.organisation_id == visit.organisation.id
    judgement, row = judge(visit, scope, By.CHANNEL, key)
    return {
        "title": channel.name,
        "kind": channel_words(channel),
        "contact": channel.contact,
        "edit": visit.address(f"/channels/{channel.id}/edit") if may_change else "",
        "judgement": judgement,
        "why": why_address(visit, By.CHANNEL, key) if row else "",
        "goal": stage_name(scope.stage),
        "counts": _counts(visit, row, key) if row else [],
        "cost": cost_words(row),
        "unknown": list_unknown(visit, scope, channel),
        "ads": list_ads(visit, scope, Placement.channel_id == channel.id, f"/channels/{channel.id}"),
        "funnel": visit.address("/funnel", channel=key, stage=stage),
        "verdicts": visit.address("/verdicts", channel=key, stage=stage),
    }


def channel_words(channel: Channel) -> Sequence[str]:
    """`Social media`, `paid by the click`, `2 days of lead time`, `booking closes 2 days ahead (Thursday at 12:00)`."""
    words = [channel_kind_name(channel.kind), cost_model_name(channel.cost_model)]
    if channel.lead_time_days:
        words.append(ngettext("%(n)s day of lead time", "%(n)s days of lead time", channel.lead_time_days))
    if (days := channel.booking_closes_days) is not None:
        closes = ngettext("booking closes %(n)s day ahead", "booking closes %(n)s days ahead", days)
        on, at = channel.booking_closes_on, channel.booking_closes_at
        weekday = weekday_name(list(Weekday).index(on)) if on else ""
        when = at_words(weekday, dt.time.fromisoformat(at)) if at else weekday
        words.append(f"{closes} ({when})" if when else closes)
    return words


def _counts(visit: Visit, row: Row, key: str) -> list[Counted]:
    """Applied, came to the stage, pending and out; each opens those it counts."""
    counts = ((row.applications, Part.APPLIED), (row.reached, Part.REACHED), (row.pending, Part.PENDING),
              (row.out, Part.OUT))  # fmt: skip
    return [count_cell(visit, n, RowCell(part, "known", key), by=By.CHANNEL) for n, part in counts]


def list_unknown(visit: Visit, scope: Scope, channel: Channel) -> list[Unknown]:
    """The applications that came by it, as far as is known, or may have; what is none is left out."""
    limited = replace(scope, by=By.PLACEMENT, filters=replace(scope.filters, channel=channel.id))
    rows = {row.row: row for row in report_effectiveness(visit.session, limited).rows}
    return [
        Unknown(
            count_cell(visit, row.applications, RowCell(Part.APPLIED, row.row), channel=channel.id, by=None),
            unknown_words(kind),
        )
        for kind in UNKNOWN
        if (row := rows.get(kind)) and row.applications
    ]


def unknown_words(kind: RowKind) -> str:
    """Why applications of this kind matter to a channel."""
    return {
        "partly_traced": _("came through this channel; which of its placements it was is not known"),
        "unknown": _("came from an unknown source: through this channel, another one, or none"),
        "unmatched": _("came with a code that no placement has: it may be a misprint of one in this channel"),
    }[kind]
