"""What a row of placements may name: lists that a browser offers while one writes."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.i18n import pick
from app.planning.asset import Asset, AssetStatus
from app.planning.channel import Channel
from app.planning.persona import newest_personas


def list_choices(session: Session) -> dict[str, Sequence[tuple[str, str]]]:
    """For each column that names something, what is there: as it is written, and what else tells it apart."""
    assets = select(Asset.name).where(Asset.status != AssetStatus.RETIRED).order_by(Asset.name)
    channels = select(Channel.name).order_by(Channel.name)
    return {
        "asset": [(name, "") for name in session.scalars(assets)],
        "channel": [(name, "") for name in session.scalars(channels)],
        "persona": [(one.slug, pick(one.name)) for one in newest_personas(session)],
    }
