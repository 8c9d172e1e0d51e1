"""What an organisation shares with the units below it: whole nouns, by its own choice, to be read and used there."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.access.link_host import find_target_host, lies_on
from app.access.organisation import (
    Organisation,
    change_organisation,
    get_organisation,
    list_ancestors,
    read_link_hosts,
)
from app.database import seeing_units
from app.errors import Conflict
from app.i18n import _
from app.planning.asset import Asset, AssetClaim
from app.planning.channel import Channel
from app.planning.claim import Claim
from app.planning.persona import Persona
from app.planning.placement import Placement, PlacementStatus, is_for
from app.planning.row import begin_change, quote_names
from app.planning.tracking import SourceAlias


def _users_in_units(organisation: Organisation) -> Mapping[str, tuple[Select[Any], ...]]:
    """By the choice that lets them: the names of what units have made with the organisation's own rows."""
    own = organisation.id

    def of_channels(model: Any, name: Any) -> Select[Any]:
        theirs = select(Channel.id).where(Channel.organisation_id == own)
        return select(name).where(model.organisation_id != own, model.channel_id.in_(theirs))

    personas = select(Persona.id).where(Persona.organisation_id == own)
    claims = select(Claim.id).where(Claim.organisation_id == own)
    claiming = select(AssetClaim.asset_id).where(AssetClaim.claim_id.in_(claims))
    return MappingProxyType(
        {
            "shares_personas": (
                select(Placement.name).where(Placement.organisation_id != own, is_for(Persona.id.in_(personas))),
            ),
            "shares_claims": (select(Asset.name).where(Asset.organisation_id != own, Asset.id.in_(claiming)),),
            "shares_channels": (
                of_channels(Placement, Placement.name),
                of_channels(SourceAlias, SourceAlias.observed),
            ),
            "shares_presets": (),  # a name that was made stays without its pattern
            "shares_templates": (),  # and a copy without what it was made from
        }
    )


def change_above_units(session: Session, organisation: Organisation, changes: Mapping[str, Any]) -> Organisation:
    """Change an organisation, unless plans of its units or links that are out would lose what they stand on."""
    refuse_to_part(session, organisation, [name for name in changes if _withdraws(name, changes[name])])
    if "link_hosts" in changes:
        refuse_to_strand(session, organisation, changes["link_hosts"])
    return change_organisation(session, organisation, changes)


def _withdraws(name: str, value: object) -> bool:
    return name.startswith("shares_") and value is False


def refuse_to_part(session: Session, organisation: Organisation, withdrawn: Iterable[str]) -> None:
    """What units plan with stays shared: without it their plans would lose a part."""
    begin_change(session)
    with seeing_units(session):
        users = _users_in_units(organisation)
        names = {name for choice in withdrawn for statement in users[choice] for name in session.scalars(statement)}
    if names:
        raise Conflict(
            _(
                "Units use what you share: %(names)s. They must stop using it before you stop sharing it.",
                names=quote_names(sorted(names)),
            )
        )


def refuse_to_strand(session: Session, organisation: Organisation, hosts: Sequence[str]) -> None:
    """Hosts that links lead to which are out in the world stay named, for the organisation and the units below it."""
    given = read_link_hosts(hosts)
    begin_change(session)
    live = select(Placement).where(Placement.status == PlacementStatus.LIVE).order_by(Placement.name)
    with seeing_units(session):
        led = [(one.name, one.organisation_id, find_target_host(one.target_url)) for one in session.scalars(live)]
    before, stranded = set(organisation.link_hosts), []
    for name, owner, host in led:
        line = (get_organisation(session, owner), *list_ancestors(session, owner))
        left = {each for one in line for each in (given if one.id == organisation.id else one.link_hosts)}
        if host is not None and lies_on(host, before) and not lies_on(host, left):
            stranded.append(name)
    if stranded:
        raise Conflict(_("%(names)s lead there and are live; end them first.", names=quote_names(stranded)))
