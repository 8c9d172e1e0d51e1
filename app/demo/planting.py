"""The city's plan made into rows, through the same functions and rules that anybody's plan goes through."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.plan import Plan, PlannedAsset, PlannedPlacement
from app.planning.alias import SourceAliasIn, create_source_alias
from app.planning.asset import AssetIn, create_asset
from app.planning.campaign import CampaignIn, create_campaign
from app.planning.channel import ChannelIn, create_channel
from app.planning.claim import ClaimIn, create_claim
from app.planning.copying import CampaignCopyIn, copy_campaign
from app.planning.invoice import InvoiceIn, record_invoice
from app.planning.job import JobIn, create_job
from app.planning.money import to_money
from app.planning.persona import Persona
from app.planning.placement import Placement, PlacementIn
from app.planning.placing import create_placement

Keys = Mapping[str, uuid.UUID]
PLANNED_AHEAD = dt.timedelta(days=14)
BASES = ("planned", "booked", "invoiced")
INVOICES = {
    "stop-sleep": "Lahden Ulkomainos 20418", "stop-patient": "Lahden Ulkomainos 20431",
    "radio-left": "Radio Lahdenranta R-1187", "journal-pencil": "Vastaanotto, issues 3 and 4",
}  # fmt: skip
"""The invoices by which it is known what some placements cost."""
REPEATED = "months"
"""The campaign that comes back every year, so that the city keeps a template of it."""


def plant(session: Session, plan: Plan, now: dt.datetime) -> None:
    """Store the plan; the personas must have been loaded."""
    claims = {one.slug: create_claim(session, ClaimIn(**_fields(one)), now=now).id for one in plan.claims}
    channels = {one.key: create_channel(session, ChannelIn(**_fields(one, "key")), now=now).id for one in plan.channels}
    for alias in plan.aliases:
        given = SourceAliasIn(kind=alias.kind, observed=alias.observed, channel_id=channels[alias.channel])
        create_source_alias(session, given, now=now)
    campaigns = {
        one.key: create_campaign(
            session,
            CampaignIn(
                **_fields(one, "key", "budget_minor", "currency"), budget=to_money(one.budget_minor, one.currency)
            ),
            now=now,
        ).id
        for one in (*plan.campaigns, plan.next_campaign)
    }
    training = next(one for one in plan.campaigns if one.key == REPEATED)
    again = CampaignCopyIn(name=f"{training.name}: every year", starts_on=training.starts_on, template=True)
    copy_campaign(session, campaigns[training.key], again, now=now)
    assets: dict[str, uuid.UUID] = {}
    for asset in sorted(plan.assets, key=lambda one: one.variant_of is not None):
        assets[asset.key] = create_asset(session, _asset(asset, claims, assets), now=now).id
    versions = session.execute(select(Persona.slug, Persona.id).order_by(Persona.version))
    personas = {slug: id for slug, id in versions}  # noqa: C416 (rows are no plain pairs)
    for placement in (*plan.placements, *plan.next_placements):
        ahead = dt.datetime.combine(placement.starts_on - PLANNED_AHEAD, dt.time(9), dt.UTC)
        placed = _placement(placement, campaigns, assets, channels, personas)
        stored = create_placement(session, placed, now=min(now, ahead))
        if placement.key in INVOICES:
            record_invoice(session, _invoice(placement, stored), now=now)
    for job in plan.jobs:
        create_job(session, JobIn(**_fields(job, "key")), now=now)


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
    parts = ("key", "campaign", "asset", "channel", "persona", "currency")
    bases = BASES[:2] if placement.key in INVOICES else BASES
    return PlacementIn(
        **_fields(placement, *parts, *(f"{basis}_cost_minor" for basis in BASES)),
        **{f"{basis}_cost": _money(placement, basis) for basis in bases},
        campaign_id=campaigns[placement.campaign],
        asset_id=assets[placement.asset],
        channel_id=channels[placement.channel],
        persona_id=personas[placement.persona],
    )


def _invoice(placement: PlannedPlacement, stored: Placement) -> InvoiceIn:
    return InvoiceIn(
        campaign_id=stored.campaign_id, placement_ids=[stored.id], reference=INVOICES[placement.key],
        amount=_money(placement, "invoiced"), vat_percent="25.5", starts_on=placement.starts_on,
        ends_on=placement.ends_on or placement.starts_on,
    )  # fmt: skip


def _money(placement: PlannedPlacement, basis: str) -> Any:
    minor = getattr(placement, f"{basis}_cost_minor")
    return None if minor is None or placement.currency is None else to_money(minor, placement.currency)
