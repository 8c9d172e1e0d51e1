"""What an organisation shares with the units below it: whole nouns, by its own choice, to be read and used there."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.access.organisation import Organisation
from app.database import seeing_units
from app.errors import Conflict
from app.i18n import _
from app.planning.asset import Asset, AssetClaim
from app.planning.channel import Channel
from app.planning.claim import Claim
from app.planning.persona import Persona
from app.planning.placement import Placement
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
                select(Placement.name).where(Placement.organisation_id != own, Placement.persona_id.in_(personas)),
            ),
            "shares_claims": (select(Asset.name).where(Asset.organisation_id != own, Asset.id.in_(claiming)),),
            "shares_channels": (
                of_channels(Placement, Placement.name),
                of_channels(SourceAlias, SourceAlias.observed),
            ),
        }
    )


def refuse_to_part(session: Session, organisation: Organisation, withdrawn: Iterable[str]) -> None:
    """What units plan with stays shared: without it their plans would lose a part."""
    begin_change(session)
    with seeing_units(session):
        for choice in withdrawn:
            users = _users_in_units(organisation)[choice]
            names = sorted({name for statement in users for name in session.scalars(statement)})
            if names:
                raise Conflict(
                    _("Units use what you share: %(names)s. End that before you stop.", names=quote_names(names))
                )
