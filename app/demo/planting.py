"""The city's plan made into rows, through the same functions and rules that anybody's plan goes through: one of its
people writes, another approves, each on the day on which it was done."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.hands import Hands, acting, invite_hands
from app.demo.plan import Plan, PlannedAsset, PlannedCampaign, PlannedPlacement
from app.planning.aim import Aim
from app.planning.alias import SourceAliasIn, create_source_alias
from app.planning.asset import AssetIn, AssetStatus, create_asset
from app.planning.campaign import (
    CampaignIn,
    CampaignStatus,
    ExpectedFunnel,
    campaign_at,
    create_campaign,
    get_campaign,
)
from app.planning.channel import ChannelIn, create_channel
from app.planning.claim import ClaimIn, create_claim
from app.planning.copying import CampaignCopyIn, copy_campaign
from app.planning.invoice import InvoiceIn, record_invoice
from app.planning.job import JobIn, create_job
from app.planning.money import to_money
from app.planning.naming import NamingPresetIn, create_naming_preset
from app.planning.persona import Persona
from app.planning.placement import Placement, PlacementIn
from app.planning.placing import create_placement
from app.planning.replacing import replace_asset, replace_campaign

Keys = Mapping[str, uuid.UUID]
PLANNED_AHEAD = dt.timedelta(days=14)
STEPS = {
    CampaignStatus.DRAFT: dt.timedelta(days=-45), CampaignStatus.APPROVED: dt.timedelta(days=-30),
    CampaignStatus.LIVE: dt.timedelta(),
}  # fmt: skip
"""How long before its first day a campaign is written and approved."""
BASES = ("planned", "booked", "invoiced")
VAT = "25.5"
INVOICES = {
    "stop-sleep": "Lahden Ulkomainos 20418", "stop-patient": "Lahden Ulkomainos 20431",
    "radio-left": "Radio Lahdenranta R-1187", "journal-pencil": "Vastaanotto, issues 3 and 4",
}  # fmt: skip
"""The invoices by which it is known what some placements cost."""
REPEATED = "months"
"""The campaign that comes back every year, so that the city keeps a template of it."""
PRESET = NamingPresetIn(name="As the agency files them", pattern="{campaign} {format} {channel} {place} {year}-{month}")


def plant(session: Session, plan: Plan, now: dt.datetime) -> None:
    """Store the plan; the personas must have been loaded."""
    hands = invite_hands(session, now)
    claims = {one.slug: create_claim(session, ClaimIn(**_fields(one)), now=now).id for one in plan.claims}
    channels = {one.key: create_channel(session, ChannelIn(**_fields(one, "key")), now=now).id for one in plan.channels}
    for alias in plan.aliases:
        given = SourceAliasIn(kind=alias.kind, observed=alias.observed, channel_id=channels[alias.channel])
        create_source_alias(session, given, now=now)
    create_naming_preset(session, PRESET, now=now)
    jobs = {one.key: create_job(session, JobIn(**_fields(one, "key")), now=now).id for one in plan.jobs}
    campaigns = {one.key: _plant_campaign(session, hands, plan, one, jobs) for one in plan.every_campaign}
    training = next(one for one in plan.campaigns if one.key == REPEATED)
    again = CampaignCopyIn(name=f"{training.name}: every year", starts_on=training.starts_on, template=True)
    copy_campaign(session, campaigns[training.key], again, now=now)
    assets: dict[str, uuid.UUID] = {}
    for asset in sorted(plan.assets, key=lambda one: one.variant_of is not None):
        assets[asset.key] = _plant_asset(session, hands, asset, _asset(asset, claims, assets), _made_on(plan, asset))
    versions = session.execute(select(Persona.slug, Persona.id).order_by(Persona.version))
    personas = {slug: id for slug, id in versions}  # noqa: C416 (rows are no plain pairs)
    for placement in plan.every_placement:
        ahead = _morning(placement.starts_on - PLANNED_AHEAD)
        placed = _placement(placement, campaigns, assets, channels, personas)
        stored = create_placement(session, placed, now=min(now, ahead))
        if placement.key in INVOICES:
            record_invoice(session, _invoice(placement, stored), now=now)
    for one in plan.every_campaign:
        if one.status is CampaignStatus.ENDED and one.ends_on is not None:
            _take(session, hands, campaigns[one.key], CampaignStatus.ENDED, _morning(one.ends_on))


def _plant_campaign(session: Session, hands: Hands, plan: Plan, one: PlannedCampaign, jobs: Keys) -> uuid.UUID:
    """Written, approved and taken live on its days; what has ended ends once its placements have."""
    given = CampaignIn(
        **_fields(one, "key", "budget_minor", "currency", "jobs", "leads_wanted", "status"),
        budget=to_money(one.budget_minor, one.currency),
        expected_funnel=ExpectedFunnel(**one.expected_funnel) if one.reckoning else None,
        aim=_aim(plan, one, jobs),
    )  # fmt: skip
    written = _morning(one.starts_on + STEPS[CampaignStatus.DRAFT])
    with acting(session, hands.writer, written):
        campaign = create_campaign(session, given, now=written)
    for status in (CampaignStatus.APPROVED, CampaignStatus.LIVE):
        if status is CampaignStatus.APPROVED or one.status is not CampaignStatus.APPROVED:
            _take(session, hands, campaign.id, status, _morning(one.starts_on + STEPS[status]))
    return campaign.id


def _aim(plan: Plan, one: PlannedCampaign, jobs: Keys) -> Aim:
    """Whom it speaks to and what it promises, as its placements and their assets say."""
    placed = [each for each in plan.every_placement if each.campaign == one.key]
    promised = {asset.key: asset.claims for asset in plan.assets}
    return Aim(
        personas=list(dict.fromkeys(slug for each in placed for slug in (each.persona, *each.also_for))),
        claims=list(dict.fromkeys(claim for each in placed for claim in promised[each.asset])),
        jobs=[jobs[key] for key in one.jobs],
        talent_pool=one.leads_wanted is not None,
        leads_wanted=one.leads_wanted,
    )


def _take(session: Session, hands: Hands, campaign_id: uuid.UUID, status: CampaignStatus, at: dt.datetime) -> None:
    with acting(session, hands.approver, at):
        given = campaign_at(get_campaign(session, campaign_id), status, at.date())
        replace_campaign(session, campaign_id, given, revision=None, now=at)


def _plant_asset(session: Session, hands: Hands, asset: PlannedAsset, given: AssetIn, made_on: dt.date) -> uuid.UUID:
    """Written by the one, and approved by the other a week later."""
    written = _morning(made_on)
    with acting(session, hands.writer, written):
        stored = create_asset(session, given.model_copy(update={"status": AssetStatus.DRAFT}), now=written)
    if asset.status is AssetStatus.APPROVED:
        approved = written + dt.timedelta(days=7)
        with acting(session, hands.approver, approved):
            replace_asset(session, stored.id, given, revision=None, now=approved)
    return stored.id


def _made_on(plan: Plan, asset: PlannedAsset) -> dt.date:
    """Some weeks before it or a variant of it is first shown."""
    family = {one.key for one in plan.assets if asset.key in (one.key, one.variant_of)}
    shown = (one.starts_on for one in plan.every_placement if one.asset in family)
    return min(shown) + STEPS[CampaignStatus.APPROVED]


def _morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(9), dt.UTC)


def _fields(planned: object, *left_out: str) -> dict[str, Any]:
    return {name: getattr(planned, name) for name in planned.__slots__ if name not in left_out}  # type: ignore[attr-defined]


def _asset(asset: PlannedAsset, claims: Keys, assets: Keys) -> AssetIn:
    return AssetIn(
        **_fields(asset, "key", "claims", "variant_of"),
        claim_ids=[claims[slug] for slug in asset.claims],
        variant_of_id=assets[asset.variant_of] if asset.variant_of else None,
    )


def _placement(
    placement: PlannedPlacement, campaigns: Keys, assets: Keys, channels: Keys, personas: Keys
) -> PlacementIn:
    parts = ("key", "campaign", "asset", "channel", "persona", "also_for", "currency", "production_cost_minor")
    bases = BASES[:2] if placement.key in INVOICES else BASES
    return PlacementIn(
        **_fields(placement, *parts, *(f"{basis}_cost_minor" for basis in BASES)),
        **{f"{basis}_cost": _money(placement, basis) for basis in bases},
        production_cost=_money(placement, "production"),
        vat_percent=VAT if placement.planned_cost_minor else None,
        campaign_id=campaigns[placement.campaign],
        asset_id=assets[placement.asset],
        channel_id=channels[placement.channel],
        persona_id=personas[placement.persona],
        also_for_ids=[personas[slug] for slug in placement.also_for],
    )


def _invoice(placement: PlannedPlacement, stored: Placement) -> InvoiceIn:
    return InvoiceIn(
        campaign_id=stored.campaign_id, placement_ids=[stored.id], reference=INVOICES[placement.key],
        amount=_money(placement, "invoiced"), vat_percent=VAT, starts_on=placement.starts_on,
        ends_on=placement.ends_on or placement.starts_on,
    )  # fmt: skip


def _money(placement: PlannedPlacement, basis: str) -> Any:
    minor = getattr(placement, f"{basis}_cost_minor")
    return None if minor is None or placement.currency is None else to_money(minor, placement.currency)
