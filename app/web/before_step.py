"""What of a campaign is not in order before it goes live or ends, in words, for all who bring it there. It keeps nobody
from the step; what the plan itself refuses does."""

import datetime as dt
import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.access.audit import actor_of
from app.access.organisation import Organisation, get_organisation
from app.access.token import Role
from app.database import organisation_of
from app.i18n import _, ngettext, period
from app.planning.asset import Asset, actor_key, list_undescribed
from app.planning.campaign import Campaign, CampaignStatus
from app.planning.placement import Placement, PlacementStatus, is_linked_late
from app.planning.schedule import list_due
from app.reports.attention import placements_unapproved, planned_without_cost
from app.reports.check_words import PLANNERS, finding_words, item_name, item_note, remedy_words, who_can
from app.reports.checks import Check, Found, Item
from app.web.approving import approvers_words
from app.web.checks import run_checks
from app.web.late import ask_still, elsewhere_words, late_words


class Lack(enum.StrEnum):
    """What a campaign may lack beside what the checks of the whole organisation look at."""

    OPEN = "open-placements"
    EMPTY = "nothing-placed"
    ELSEWHERE = "links-elsewhere"
    UNAPPROVED = "unapproved-assets"
    COST = "no-planned-cost"
    MISSED = "planned-after-booking"
    BOOKING = "late-bookings"
    LINKED = "linked-late"


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that is not in order: what it is a row of, by which key, what it is called, and a note."""

    noun: str
    key: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Warned:
    """What is not in order, the remedy, who can do it, and each thing by name."""

    kind: Lack | Check
    what: str
    remedy: str
    roles: Sequence[Role]
    things: Sequence[Thing]


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom and when it is looked at: what to do about it depends on who may do what."""

    now: dt.datetime
    administers: bool
    sees_small_counts: bool


@dataclass(frozen=True, slots=True)
class _Look:
    """A campaign with its placements, looked at on a day."""

    session: Session
    organisation: Organisation
    campaign: Campaign
    placements: Sequence[Placement]
    today: dt.date
    asker: Asker


def asks_first(status: str) -> bool:
    """Whether what is not in order is told of at this step: it shows outside, and there is none back."""
    return status in (CampaignStatus.LIVE, CampaignStatus.ENDED)


def list_warnings(session: Session, campaign: Campaign, status: CampaignStatus, asker: Asker) -> list[Warned]:
    """All that is not in order before a campaign of the organisation's own comes to a status."""
    organisation = get_organisation(session, organisation_of(session))
    placements = session.scalars(
        select(Placement)
        .where(Placement.campaign_id == campaign.id)
        .options(joinedload(Placement.asset), joinedload(Placement.channel))
        .order_by(Placement.starts_on, Placement.name)
    ).all()
    today = asker.now.astimezone(organisation.zone).date()
    look = _Look(session, organisation, campaign, placements, today, asker)
    planned = _before_live(look) if status == CampaignStatus.LIVE else _still_open(look)
    checks = _checks(look)
    if campaign.status != CampaignStatus.LIVE:  # no placement can be live before its campaign is
        checks = (one for one in checks if one.kind is not Check.LINKS)
    return [*planned, *checks]


def _checks(look: _Look) -> Iterator[Warned]:
    """What the checks of the whole organisation find in this campaign, whether or not it is put aside there."""
    ours = {("placement", str(one.id)) for one in look.placements}
    ours |= {("asset", str(one.asset_id)) for one in look.placements}
    for standing in run_checks(look.session, look.organisation, look.asker.now):
        check = standing.found.check
        items = tuple(one for one in standing.found.items if (one.noun, one.key) in ours)
        if check in (Check.RECEIVING, Check.BEFORE) and not look.asker.sees_small_counts:
            items = tuple(replace(one, n=None, first=None, last=None) for one in items)
        if items:
            things = [_thing_found(check, one) for one in items]
            yield Warned(check, finding_words(Found(check, items)), remedy_words(check), who_can(check), things)


def _thing_found(check: Check, item: Item) -> Thing:
    return Thing(item.noun, item.key, item_name(item), item_note(check, item))


def _still_open(look: _Look) -> Iterator[Warned]:
    """What the campaign cannot end before."""
    some = [one for one in look.placements if one.status != PlacementStatus.ENDED]
    if some:
        finding = ngettext("%(n)s placement has not ended", "%(n)s placements have not ended", len(some))
        remedy = ngettext("End or delete it first: a campaign ends after its placements.",
                          "End or delete them first: a campaign ends after its placements.", len(some))  # fmt: skip
        yield _warned(Lack.OPEN, finding, remedy, [_placed(one) for one in some])


def _before_live(look: _Look) -> Iterator[Warned]:
    """What is to be seen to in the plan before its placements run."""
    if not look.placements:
        remedy = _("Plan its placements: until then nobody meets it.")
        yield _warned(Lack.EMPTY, _("Nothing is placed in this campaign yet."), remedy, [])
    yield from _leading_elsewhere(look)
    yield from _unapproved(look)
    bare = planned_without_cost(look.session, look.campaign.id)
    if bare:
        finding = ngettext("%(n)s placement has no cost yet", "%(n)s placements have no cost yet", len(bare))
        remedy = _("Enter what is planned or booked, so that it can be told later what an interview cost.")
        yield _warned(Lack.COST, finding, remedy, [_placed(one) for one in bare])
    yield from _late(look)


def _leading_elsewhere(look: _Look) -> Iterator[Warned]:
    things = [_placed(one, said) for one in look.placements if (said := elsewhere_words(look.session, one))]
    if things:
        finding = ngettext("%(n)s link leads to a host that is not allowed", "%(n)s links lead to hosts that are not "
                                                                        "allowed",
                           len(things))  # fmt: skip
        yield _warned(Lack.ELSEWHERE, finding, _("Lead to a host of your own, or let an administrator name it."),
                      things)  # fmt: skip


def _unapproved(look: _Look) -> Iterator[Warned]:
    """Assets that nobody has approved, each once, and who may."""
    waiting = placements_unapproved(look.session, look.today)
    drafts: dict[Any, Asset] = {one.asset_id: one.asset for one in waiting if one.campaign_id == look.campaign.id}
    if not drafts:
        return
    me = actor_key(actor_of(look.session))
    remedy = _("Look at it, and approve it.")
    if any(one.written_by == me for one in drafts.values()):
        who = approvers_words(look.session, me, administers=look.asker.administers)
        remedy = _("You wrote it, so somebody else approves it.") + " " + who
    if bare := sum(bool(list_undescribed(one)) for one in drafts.values()):
        lacking = ngettext("%(n)s of them lacks the description that approval needs.",
                           "%(n)s of them lack the descriptions that approval needs.", bare)  # fmt: skip
        remedy = f"{lacking} {remedy}"
    finding = ngettext("%(n)s asset is not approved", "%(n)s assets are not approved", len(drafts))
    yield _warned(Lack.UNAPPROVED, finding, remedy,
                  [Thing("asset", str(one.id), one.name, "") for one in drafts.values()])  # fmt: skip


def _late(look: _Look) -> Iterator[Warned]:
    """Bookings for which it is too late, and flights that began before their link was there."""
    due = list_due(look.session, look.asker.now, look.organisation.zone, campaign=look.campaign.id)
    missed = [one.flight for one in due if one.late and one.flight.too_late]
    if missed:
        finding = ngettext("%(n)s placement was planned after the last day for booking it",
                           "%(n)s placements were planned after the last day for booking them",
                           len(missed))  # fmt: skip
        keys = {one.id for one in missed}
        yield _warned(Lack.MISSED, finding, ask_still(missed),
                      [_placed_late(look, one) for one in look.placements if one.id in keys])  # fmt: skip
    late = {one.flight.id for one in due if one.late and not one.flight.too_late}
    unbooked = [_placed_late(look, one) for one in look.placements if one.id in late]
    if unbooked:
        finding = ngettext("%(n)s placement should have been booked by now",
                           "%(n)s placements should have been booked by now", len(unbooked))  # fmt: skip
        yield _warned(Lack.BOOKING, finding, _("Book it today, or move its days."), unbooked)
    linked = [_placed_late(look, one) for one in look.placements if is_linked_late(one)]
    if linked:
        finding = ngettext("%(n)s placement began before it had a link",
                           "%(n)s placements began before they had a link", len(linked))  # fmt: skip
        remedy = _("Let it begin when its link was there, if nothing ran before.")
        yield _warned(Lack.LINKED, finding, remedy, linked)


def _warned(kind: Lack, what: str, remedy: str, things: Sequence[Thing]) -> Warned:
    return Warned(kind, what, remedy, PLANNERS, things)


def _placed(placement: Placement, note: str = "") -> Thing:
    said = note or period(placement.starts_on, placement.ends_on)
    return Thing("placement", str(placement.id), placement.name, said)


def _placed_late(look: _Look, placement: Placement) -> Thing:
    return _placed(placement, " ".join(late_words(placement, look.asker.now, look.organisation.zone)))
