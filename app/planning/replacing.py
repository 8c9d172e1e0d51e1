"""Changing what placements stand on: what is out in the world stays, and the rest must still agree."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.database import seeing_units
from app.errors import Conflict, Frozen, Invalid, Problem, raise_together
from app.i18n import _
from app.planning.agreeing import check_consent, check_flight, check_promises, has_gone_out
from app.planning.asset import Asset, AssetClaim, AssetIn, AssetStatus, apply_asset, check_asset, note_hands
from app.planning.campaign import Campaign, CampaignIn, CampaignStatus, apply_campaign, check_campaign, note_step
from app.planning.channel import Channel, ChannelIn, check_channel
from app.planning.claim import Claim, ClaimIn, check_claim
from app.planning.persona import Persona
from app.planning.placement import Placement, PlacementPersona, PlacementStatus, name_in_link
from app.planning.row import (
    PlanRow,
    Revision,
    check_forward,
    get_row_to_change,
    move_revision,
    quote_names,
)


def replace_claim(
    session: Session, claim_id: uuid.UUID, given: ClaimIn, *, revision: Revision, now: dt.datetime
) -> Claim:
    """Change a claim; what it is called and the factor it carries stay once an ad with it has gone out."""
    claim = get_row_to_change(session, Claim, claim_id, revision)
    check_claim(session, given, claim)
    carrying = _placements(session, Placement.asset.has(Asset.claim_links.any(AssetClaim.claim_id == claim.id)))
    if (given.slug, given.factor) != (claim.slug, claim.factor):
        broken = ((one, check_promises({given.factor}, one.personas)) for one in carrying)
        out = _find_out(carrying, _("its slug and factor"))
        raise_together([*out, *(_find_broken(broken) if given.factor != claim.factor else ())])
    for field, value in given.model_dump().items():
        setattr(claim, field, value)
    return move_revision(session, claim, now)


def replace_channel(
    session: Session, channel_id: uuid.UUID, given: ChannelIn, *, revision: Revision, now: dt.datetime
) -> Channel:
    """Change a channel; what its name and kind put into links stays once a link has gone out."""
    channel = get_row_to_change(session, Channel, channel_id, revision)
    check_channel(session, given, channel)
    placements = _placements(session, Placement.channel_id == channel.id)
    renamed = name_in_link(channel, given.name) != name_in_link(channel, channel.name)
    if renamed or given.kind != channel.kind:
        raise_together(_find_out(placements, _("its name and kind, which are in the link,")))
        _move_links(placements, channel, now)
    for field, value in given.model_dump().items():
        setattr(channel, field, value)
    return move_revision(session, channel, now)


def replace_campaign(
    session: Session, campaign_id: uuid.UUID, given: CampaignIn, *, revision: Revision, now: dt.datetime
) -> Campaign:
    """Change a campaign; its flights stay inside its dates, and it ends after its placements."""
    campaign = get_row_to_change(session, Campaign, campaign_id, revision)
    placements = _placements(session, Placement.campaign_id == campaign.id)
    forward = check_forward("status", CampaignStatus, campaign.status, given.status)
    with beside(_stands_against_campaign(campaign, given, placements)):
        check_campaign(session, given, campaign, [*forward, *_check_budget(given, placements)])
    if name_in_link(campaign, given.name) != name_in_link(campaign, campaign.name):
        _move_links(placements, campaign, now)
    note_step(session, campaign, given.status, now)
    apply_campaign(campaign, given)
    return move_revision(session, campaign, now)


def _stands_against_campaign(
    campaign: Campaign, given: CampaignIn, placements: Sequence[Placement]
) -> Iterator[Conflict]:
    """What its placements are that a change of a campaign would break."""
    if given.template and placements:
        names = quote_names(placement.name for placement in placements)
        yield Conflict(
            _("%(names)s are placed in it, and a template has no placements. Copy it as a template.", names=names)
        )
    if name_in_link(campaign, given.name) != name_in_link(campaign, campaign.name):
        yield from _find_out(placements, _("its name, which is in the link,"))
    yield from _find_broken(
        (placement, check_flight(placement.starts_on, placement.ends_on, given.starts_on, given.ends_on))
        for placement in placements
    )
    still_open = [placement.name for placement in placements if placement.status != PlacementStatus.ENDED]
    if given.status == CampaignStatus.ENDED and still_open:
        names = quote_names(still_open)
        yield Conflict(_("The campaign cannot end before %(names)s; end or delete these first.", names=names))


def replace_asset(
    session: Session, asset_id: uuid.UUID, given: AssetIn, *, revision: Revision, now: dt.datetime
) -> Asset:
    """Change an asset; its format and claims stay once it has gone out, since answers are given by them."""
    asset = get_row_to_change(session, Asset, asset_id, revision)
    with beside(_stands_against_asset(session, asset, given)):
        check_asset(session, given, asset, check_forward("status", AssetStatus, asset.status, given.status))
    note_hands(session, asset, given, now)
    apply_asset(session, asset, given)
    move_revision(session, asset, now)
    session.expire(asset, ["claims"])  # read through the links, so it does not follow them by itself
    return asset


def _stands_against_asset(session: Session, asset: Asset, given: AssetIn) -> Iterator[Conflict]:
    """What its variants and placements are that a change of an asset would break."""
    yield from _find_parted_variants(session, asset, given)
    placements = _placements(session, Placement.asset_id == asset.id)
    claims = set(given.claim_ids)
    if given.format != asset.format or claims != {link.claim_id for link in asset.claim_links}:
        yield from _find_out(placements, _("its format and claims"))
    factors = set(session.scalars(select(Claim.factor).where(Claim.id.in_(claims))))
    still_open = [placement for placement in placements if placement.status != PlacementStatus.ENDED]
    yield from _find_broken([
        *((one, check_promises(factors, one.personas)) for one in placements),
        *((one, check_consent(given.consent_expires_on, one.starts_on, one.ends_on)) for one in still_open),
    ])  # fmt: skip
    if given.status == AssetStatus.RETIRED and still_open:
        names = quote_names(placement.name for placement in still_open)
        yield Conflict(_("The asset cannot retire before %(names)s; end or delete these first.", names=names))


@contextmanager
def beside(conflicts: Iterable[Conflict]) -> Iterator[None]:
    """What breaks rules is told with all that stands against it besides; else that is raised, all of it in one."""
    try:
        yield
    except Invalid as error:
        raise Invalid([*error.problems, *(Problem("", str(one)) for one in conflicts)]) from None
    raise_together(conflicts)


def _placements(session: Session, which: ColumnElement[bool]) -> Sequence[Placement]:
    """Placements, those of units among them: they stand on what is shared with them as the organisation's own do."""
    first = joinedload(Placement.persona).selectinload(Persona.factors)
    further = selectinload(Placement.further_links).joinedload(PlacementPersona.persona).selectinload(Persona.factors)
    with seeing_units(session):
        return session.scalars(select(Placement).where(which).options(first, further).order_by(Placement.name)).all()


def _find_out(placements: Iterable[Placement], what: str) -> Iterator[Conflict]:
    out = [placement.name for placement in placements if has_gone_out(placement)]
    if out:
        yield Frozen(
            _(
                "%(names)s went out with this: %(what)s cannot change any more; make a new one instead.",
                names=quote_names(out),
                what=what,
            )
        )


def _check_budget(given: CampaignIn, placements: Iterable[Placement]) -> list[Problem]:
    """A budget is in the currency of what it pays for."""
    others = {one.currency for one in placements if one.currency} - {given.budget.currency if given.budget else None}
    if given.budget is None or not others:
        return []
    remedy = _("Its placements cost %(currency)s; give the budget in that.", currency=", ".join(sorted(others)))
    return [Problem("budget.currency", remedy)]


def _find_broken(findings: Iterable[tuple[Placement, Iterable[Problem]]]) -> Iterator[Conflict]:
    broken = [f"“{placement.name}”: {problem.message}" for placement, problems in findings for problem in problems]
    if broken:
        yield Conflict(
            _(
                "This would break what is planned; change the placements first. %(problems)s",
                problems=" ".join(broken),
            )
        )


def _find_parted_variants(session: Session, asset: Asset, given: AssetIn) -> Iterator[Conflict]:
    if given.format == asset.format:
        return
    variants = session.scalars(select(Asset.name).where(Asset.variant_of_id == asset.id)).all()
    if variants:
        yield Conflict(
            _(
                "%(names)s are variants of this and have its format; change them first.",
                names=quote_names(variants),
            )
        )


def _move_links(placements: Iterable[Placement], row: PlanRow, now: dt.datetime) -> None:
    """A placement whose link changes gets a new revision, or readers would keep the old link."""
    for placement in (one for one in placements if one.organisation_id == row.organisation_id):
        placement.revision += 1
        placement.updated_at = now
