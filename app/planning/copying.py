"""Copying a campaign or a template: what it is meant to reach and, where asked, its placements, on other days."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field, StrictBool
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid, Problem
from app.i18n import _
from app.planning.aim import keep_known
from app.planning.campaign import (
    Campaign,
    CampaignIn,
    CampaignKind,
    CampaignOut,
    CampaignStatus,
    campaign_as_given,
    create_campaign,
    describe_campaign,
    get_campaign,
    read_aim,
)
from app.planning.field import Day, Given, Name
from app.planning.neighbours import Overlap
from app.planning.placement import Placement, PlacementIn, PlacementStatus, describe_placement
from app.planning.placing import create_placement, name_by_rule
from app.planning.problem import read_as, refuse
from app.planning.row import begin_change


class CampaignCopyIn(Given):
    """What a copy is called and when it starts; all its days move with that."""

    name: Name
    starts_on: Day
    template: StrictBool = Field(default=False, description="Make a template, which has no placements.")
    with_placements: StrictBool = Field(default=True, description="Plan its placements anew, each under its own code.")


class CampaignCopyOut(CampaignOut):
    """The campaign that was made, and what came along."""

    placements: list[uuid.UUID] = Field(description="The placements planned in it, by the days they start on.")
    left_out: list[str] = Field(
        description="Placements that stayed behind, by name: all of them where the copy is a template, else those "
        "whose asset runs in the same place on the same days already."
    )


@dataclass(frozen=True, slots=True)
class CampaignCopy:
    """A new campaign with its placements, and those that stayed behind."""

    campaign: Campaign
    placements: Sequence[Placement]
    left_out: Sequence[Placement]


def copy_campaign(session: Session, campaign_id: uuid.UUID, given: CampaignCopyIn, *, now: dt.datetime) -> CampaignCopy:
    """Make a draft of the organisation's own from a campaign or template that it sees, whole or not at all but for
    what would run twice: where the same asset is in the same place on the moved days already, as with what runs without
    an end or is repeated, the placement stays behind and is named."""
    begin_change(session)
    source = get_campaign(session, campaign_id)
    copy = create_campaign(session, _move(session, source, given), now=now)
    flights = (Placement.starts_on, Placement.name, Placement.id)
    there = session.scalars(select(Placement).where(Placement.campaign_id == source.id).order_by(*flights)).all()
    wanted = there if given.with_placements else ()
    if given.template:
        return CampaignCopy(copy, (), wanted)
    made, left_out = _carry(session, wanted, copy, given.starts_on - source.starts_on, now)
    return CampaignCopy(copy, made, left_out)


def describe_copy(copy: CampaignCopy) -> CampaignCopyOut:
    """A copy as the API shows it."""
    placements = [placement.id for placement in copy.placements]
    shown = describe_campaign(copy.campaign).model_dump()
    return CampaignCopyOut(**shown, placements=placements, left_out=[one.name for one in copy.left_out])


def left_out_words(copy: Campaign, names: Sequence[str], total: int) -> str:
    """Which placements stayed behind and why, given the first of them by name; empty where none did."""
    if not total:
        return ""
    quoted = ", ".join(_("“%(name)s”", name=name) for name in names)
    quoted += f" (+{total - len(names)})" if total > len(names) else ""
    if copy.template:
        return _("Not copied, for nothing is placed in a template: %(names)s.", names=quoted)
    return _(
        "Not copied, for the same asset runs in the same place on the moved days already: %(names)s. Plan them on "
        "other days, or for another place or audience.",
        names=quoted,
    )


def _move(session: Session, source: Campaign, given: CampaignCopyIn) -> CampaignIn:
    """What the copy is to be: a continuous campaign that has ended is open again."""
    shift = given.starts_on - source.starts_on
    ends_on = source.ends_on if source.kind == CampaignKind.BURST else None
    kept = campaign_as_given(source)
    changed = {
        "name": given.name, "starts_on": given.starts_on, "ends_on": ends_on and ends_on + shift,
        "status": CampaignStatus.DRAFT, "template": given.template, "aim": keep_known(session, read_aim(source)),
    }  # fmt: skip
    return read_as(CampaignIn, kept | changed)


def _carry(
    session: Session, placements: Sequence[Placement], copy: Campaign, shift: dt.timedelta, now: dt.datetime
) -> tuple[list[Placement], list[Placement]]:
    """The placements planned anew, and those that would run twice."""
    made, left_out, problems = list[Placement](), list[Placement](), list[Problem]()
    for placement in placements:
        try:
            planned = plan_anew(placement, copy.id, shift)
            named = planned.model_copy(update={"name": name_by_rule(session, planned)})
            made.append(create_placement(session, named, now=now))
        except Invalid as invalid:
            hindered = [_explain(placement, one) for one in invalid.problems if not isinstance(one, Overlap)]
            left_out += [] if hindered else [placement]
            problems += hindered
    refuse(problems)
    return made, left_out


def plan_anew(placement: Placement, campaign_id: uuid.UUID, shift: dt.timedelta) -> PlacementIn:
    """The placement as a plan for other days: what was booked, invoiced, made and out in the world stays with
    the old."""
    kept = describe_placement(placement).model_dump(include=set(PlacementIn.model_fields))
    changed = {
        "campaign_id": campaign_id, "status": PlacementStatus.PLANNED,
        "starts_on": placement.starts_on + shift, "ends_on": placement.ends_on and placement.ends_on + shift,
        **dict.fromkeys(("booked_cost", "invoiced_cost", "production_cost", "tracking_code", "ats_source_ref")),
    }  # fmt: skip
    return read_as(PlacementIn, kept | changed)


def _explain(placement: Placement, problem: Problem) -> Problem:
    return Problem(
        "with_placements",
        _(
            "“%(name)s” cannot be copied: %(problem)s Or copy without placements.",
            name=placement.name,
            problem=problem.message,
        ),
    )
