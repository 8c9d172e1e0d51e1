"""Deleting rows of the plan: refused, naming what stands on them, while anything does."""

import uuid
from collections.abc import Iterable, Iterator

from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict, Frozen, raise_together
from app.i18n import _
from app.planning.agreeing import has_gone_out
from app.planning.asset import Asset, AssetClaim
from app.planning.asset_file import AssetFile
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.claim import Claim
from app.planning.invoice import Invoice, InvoiceShare
from app.planning.naming import NamingPreset
from app.planning.persona import Factor, Persona
from app.planning.placement import Placement, is_for
from app.planning.row import PlanRow, R, Revision, get_row_to_change, noun_of, quote_names
from app.planning.tracking import SourceAlias


def delete_persona(session: Session, persona_id: uuid.UUID, *, revision: Revision) -> None:
    """Delete one version of a persona, unless a placement is for it or a claim needs a factor only it has."""
    persona = get_row_to_change(session, Persona, persona_id, revision)
    elsewhere = select(Factor.slug).where(Factor.persona_id != persona.id)
    own = {factor.slug for factor in persona.factors}
    _delete(
        session,
        persona,
        (_("placement"), select(Placement.name).where(is_for(Persona.id == persona.id))),
        (_("claim"), select(Claim.slug).where(Claim.factor.in_(own), Claim.factor.not_in(elsewhere))),
    )


def delete_claim(session: Session, claim_id: uuid.UUID, *, revision: Revision) -> None:
    """Delete a claim that no asset makes."""
    claim = get_row_to_change(session, Claim, claim_id, revision)
    making = select(Asset.name).where(Asset.claim_links.any(AssetClaim.claim_id == claim.id))
    _delete(session, claim, (_("asset"), making))


def delete_campaign(session: Session, campaign_id: uuid.UUID, *, revision: Revision) -> None:
    """Delete a campaign without placements."""
    campaign = get_row_to_change(session, Campaign, campaign_id, revision)
    _delete(
        session,
        campaign,
        (_("placement"), select(Placement.name).where(Placement.campaign_id == campaign.id)),
    )


def delete_asset(session: Session, asset_id: uuid.UUID, *, revision: Revision) -> None:
    """Delete an asset that is placed nowhere and has no variant, and its files with it."""
    asset = get_row_to_change(session, Asset, asset_id, revision)
    session.execute(delete(AssetFile).where(AssetFile.asset_id == asset.id))
    _delete(
        session,
        asset,
        (_("placement"), select(Placement.name).where(Placement.asset_id == asset.id)),
        (_("variant"), select(Asset.name).where(Asset.variant_of_id == asset.id)),
    )


def delete_channel(session: Session, channel_id: uuid.UUID, *, revision: Revision) -> None:
    """Delete a channel without placements that no source alias means."""
    channel = get_row_to_change(session, Channel, channel_id, revision)
    _delete(
        session,
        channel,
        (_("placement"), select(Placement.name).where(Placement.channel_id == channel.id)),
        (_("name of the source"), select(SourceAlias.observed).where(SourceAlias.channel_id == channel.id)),
    )


def delete_placement(session: Session, placement_id: uuid.UUID, *, revision: Revision) -> None:
    """Delete a placement that never went out and that no source alias means."""
    placement = get_row_to_change(session, Placement, placement_id, revision)
    if has_gone_out(placement):
        raise Frozen(
            _(
                "The placement is %(status)s: people may have met its link, so it stays; end it instead.",
                status=placement.status,
            )
        )
    _delete(
        session,
        placement,
        (_("name of the source"), select(SourceAlias.observed).where(SourceAlias.placement_id == placement.id)),
        (_("invoice"), select(Invoice.reference).where(Invoice.shares.any(InvoiceShare.placement_id == placement.id))),
    )


def delete_naming_preset(session: Session, preset_id: uuid.UUID, *, revision: Revision) -> None:
    """Delete a naming preset; placements keep their names."""
    _delete(session, get_row_to_change(session, NamingPreset, preset_id, revision))


def _delete(session: Session, row: R, *users: tuple[str, Select[str]]) -> None:
    raise_together(
        one for noun, statement in users for one in _find_users(type(row), noun, session.scalars(statement.distinct()))
    )
    session.delete(row)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict(
            _("This %(noun)s is shared and a unit uses it; ask the unit to let it go first.", noun=noun_of(type(row)))
        ) from None


def _find_users(model: type[PlanRow], noun: str, names: Iterable[str]) -> Iterator[Conflict]:
    if found := sorted(names):
        yield Conflict(
            _(
                "This %(noun)s is used by %(user)s %(names)s; change or delete that first.",
                noun=noun_of(model),
                user=noun,
                names=quote_names(found),
            )
        )
