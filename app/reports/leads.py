"""Leads: people who left their details and applied to no vacancy, as far as it is known which campaign brought them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import from_micros
from app.funnel.application import Application, Lead
from app.funnel.columns import end_of_day, start_of_day
from app.i18n import _, number
from app.planning.campaign import Campaign, read_aim
from app.planning.tracking import AliasKind
from app.reports.answers import Answer
from app.reports.plan import Plan
from app.reports.scope import Scope


class Leads(Answer):
    """The leads of one campaign beside those it was meant to bring. `came` are people whose source is one of its
    placements, of whom `applied_since` have applied to a vacancy after that; `untraced` became leads while it ran, by
    a source that is no placement: any of them may be its own."""

    wanted: int | None
    came: int
    applied_since: int
    untraced: int


@dataclass(frozen=True, slots=True)
class SeenLead:
    """One person of the talent pool: the local day of their first lead, whose it was (None where that is not known),
    and whether they have applied since."""

    day: dt.date
    campaign: uuid.UUID | None
    applied_since: bool


def read_leads(session: Session, scope: Scope, plan: Plan) -> list[SeenLead]:
    """Everybody whose first lead lies in the scope's days, in the order of these days."""
    zone = get_organisation(session, scope.organisation_id).zone
    wanted = select(Lead).order_by(Lead.occurred_at, Lead.id)
    last = min((day for day in (scope.to, scope.as_of) if day is not None), default=None)
    if last is not None:
        wanted = wanted.where(Lead.occurred_at < start_of_day(last.toordinal() + 1, zone))
    if scope.known_at is not None:
        wanted = wanted.where(Lead.observed_at <= end_of_day(scope.known_at, zone))
    first: dict[bytes, Lead] = {}
    for lead in session.scalars(wanted):
        first.setdefault(lead.person_id or lead.id, lead)
    if not first:
        return []
    latest = (
        select(Application.person_id, func.max(Application.applied_at))
        .where(Application.person_id.in_(select(Lead.person_id)))
        .group_by(Application.person_id)
    )
    applied = {row.person_id: row[1] for row in session.execute(latest)}
    found = (
        SeenLead(
            from_micros(lead.occurred_at).astimezone(zone).date(), _campaign_of(lead, plan),
            lead.occurred_at < (applied.get(lead.person_id) or 0),
        )
        for lead in first.values()
    )  # fmt: skip
    return [one for one in found if scope.from_ is None or one.day >= scope.from_]


def count_leads(leads: Sequence[SeenLead], campaign: Campaign) -> Leads | None:
    """Those of a campaign; None of one that is not for the talent pool and brought nobody to it."""
    own = [one for one in leads if one.campaign == campaign.id]
    aim = read_aim(campaign)
    if not own and not aim.talent_pool:
        return None
    last = campaign.ends_on or dt.date.max
    return Leads(
        wanted=aim.leads_wanted, came=len(own), applied_since=sum(one.applied_since for one in own),
        untraced=sum(one.campaign is None and campaign.starts_on <= one.day <= last for one in leads),
    )  # fmt: skip


def leads_sentence(leads: Leads) -> str:
    """What came of them, and what is not known."""
    came = (
        _("%(came)s left their details", came=number(leads.came))
        if leads.wanted is None
        else _("%(came)s of %(wanted)s wanted left their details", came=number(leads.came), wanted=number(leads.wanted))
    )
    parts = [came, _("%(n)s of these have applied since", n=number(leads.applied_since))] if leads.came else [came]
    text = _("%(parts)s.", parts="; ".join(parts))
    if not leads.untraced:
        return text
    rest = _(
        "While it ran %(n)s more came by a source that is no placement: any of them may have met it.",
        n=number(leads.untraced),
    )
    return f"{text} {rest}"


def _campaign_of(lead: Lead, plan: Plan) -> uuid.UUID | None:
    """The campaign whose placement a lead's source is: by its code alone where it has one, as of applications."""
    if lead.code is not None:
        place = plan.by_code.get(lead.code)
    else:
        names = ((AliasKind.LABEL, lead.label), (AliasKind.HOST, lead.host))
        known = (plan.placement_by_name.get((kind, name)) for kind, name in names if name is not None)
        place = next((one for one in known if one is not None), None)
    return None if place is None else plan.placements[place].campaign_id
